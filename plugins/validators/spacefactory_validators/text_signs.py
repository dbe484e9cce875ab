"""Signs that a text is no answer: error messages, stand-ins, one token without end.

Every sign is anchored to the start or to the whole of a text, because an honest answer may talk about errors.
"""

from __future__ import annotations

import re

TERMINAL = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
"""escape sequences of terminals: colours, cursor, titles and links (ECMA-48, section 5)"""
CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
"""control characters that have no place in a text; tab, line feed, form feed and carriage return have"""
INVISIBLE = " \t\r\n\f\u00a0\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202f\u205f\u2060\u3000\ufe0f\ufeff"
"""white space of all kinds and characters without width"""

SHORT = 400
"""characters of the longest apology that services send; a real answer of that length says more than an apology"""
PAGE_HEAD = 2000
"""characters of an HTML page in which an error page says what it is"""
REPEATED_WORDS = 10
"""the same word so often is a loop, not emphasis"""
REPEATED_CHARACTERS = 24
"""the same one or two characters so often: `!!!!` is what half-precision numbers that are not finite decode to"""
CODE_CHARACTERS = 8
"""signs that an answer without letters has; `...`, `?!` and `-----` have fewer, or are one sign in turn"""
LONGEST_TURN = range(1, 5)
"""signs after which a ruler such as `-=-=-=` begins anew"""

_START = re.compile(
    r"""
    (?P<traceback> Traceback\ \(most\ recent\ call\ last\):)
    | (?P<exception> (?-i: (?:[a-z_]+\.)*[A-Z][A-Za-z]*(?:Error|Exception|Warning):\s))
    | (?P<message> (?:an?\ )?\[?(?:fatal\ |internal\ |runtime\ |unexpected\ |server\ |api\ )?error\]?
        (?: \ (?:occurred|while|during|loading|generating|processing)\b
          | \ (?:in|at|code)\b[^.\n]{0,80}:
          | \s*[:!\[(]
          | \s+-\s
          | \s+\d{3}\b
          | \s*$))
    | (?P<emoji> [\u274c\u26a0\U0001f6d1]\ufe0f?\s*(?:error|failed|exception)\b)
    | (?P<status> (?:http(?:/\d(?:\.\d)?)?\s+)?[45]\d\d\s+(?:bad\ request|unauthorized|forbidden|not\ found
        |client\ error|too\ many\ requests|internal\ server\ error|bad\ gateway|service\ unavailable
        |gateway\ time-?out|server\ error))
    | (?P<oom> (?:CUDA|HIP|MPS|NPU)\ (?:error:|out\ of\ memory))
    """,
    re.VERBOSE | re.IGNORECASE,
)
_PAGE = re.compile(r"(?:<\?xml[^>]*>\s*)?(?:<!doctype\s+html|<html|<head)\b", re.IGNORECASE)
_PAGE_ERROR = re.compile(
    r"<(?:title|h1|h2)[^>]*>[^<]*(?:\b[45]\d\d\b|\berror\b|not found|unavailable|bad gateway|forbidden|unauthorized|"
    r"time-?out|too many requests)",
    re.IGNORECASE,
)
_WHOLE = re.compile(
    r"None|null|nil|NaN|nan|undefined|N/A|n/a|\[object Object\]|\{\}|\[\]|\(\)|NoneType|"
    r"<(?:generator|function|coroutine|bound method|class|module|object)\b.*>|"
    r"<?[\w.]+ object at 0x[0-9a-f]+>?|(?:internal server error|service unavailable|bad gateway|gateway time-?out|"
    r"too many requests|unauthorized|forbidden|not found|connection (?:refused|errored out|timed out))\.?",
    re.DOTALL,
)
_SERVICE = re.compile(
    r"rate limit (?:exceeded|reached)|quota (?:exceeded|exhausted)|exceeded your (?:\w+ )*quota|too many requests|"
    r"(?:invalid|missing|incorrect) (?:api[ _-]?key|access token|credentials)|"
    r"api[ _-]?key (?:is )?(?:not (?:set|found|provided)|missing|invalid|required)|"
    r"model (?:\S+ )?is (?:currently |still |being )?(?:loading|loaded|overloaded|unavailable|starting)|"
    r"model (?:is )?(?:too busy|overloaded|not loaded)|loading (?:the )?model\b|estimated (?:waiting |loading )?time\b|"
    r"(?:service|server) (?:is )?(?:temporarily )?(?:unavailable|overloaded)|insufficient credits?|CUDA out of memory|"
    r"(?:unable|failed|not able) to (?:process|complete|handle|fulfil+) (?:your|the|this) request",
    re.IGNORECASE,
)
"""what services say and prose hardly ever does"""
_REGRET = re.compile(
    r"(?:(?:oops|sorry|oh no|unfortunately|apologies|we(?: a|')re sorry|i(?: a|')m sorry)[,.!:]*\s+)*"
    r"(?:but\s+)?(?:we\s+|i\s+)?"
    r"(?:something went wrong|an? (?:\w+ )?error (?:has )?occurred|out of memory|please try again|"
    r"(?:failed to|could not|couldn't|cannot|unable to) (?:load|connect|fetch|"
    r"generate (?:a |an |the |any )?(?:response|output|answer|image|audio|video|text|result)))",
    re.IGNORECASE,
)
"""how an apology begins; in the middle of a text the same words may be a story"""
_TRACEBACK = re.compile(r'^Traceback \(most recent call last\):\n\s+File "', re.MULTILINE)
_FENCED = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_PLACEHOLDER = re.compile(r"\blorem ipsum dolor\b", re.IGNORECASE)
_LOREM = frozenset(
    """
    lorem ipsum dolor sit amet consectetur adipiscing adipisicing elit sed eiusmod tempor incididunt labore dolore magna
    aliqua enim minim veniam quis nostrud exercitation ullamco laboris nisi aliquip commodo consequat duis aute irure
    reprehenderit voluptate velit esse cillum fugiat nulla pariatur excepteur sint occaecat cupidatat proident sunt
    culpa qui officia deserunt mollit anim laborum
    """.split()  # noqa: SIM905 - as it is known
)
"""words of the printers' dummy text"""
LOREM_WORDS, LOREM_SHARE = 4, 0.5
"""so many different ones of them, and such a share of all words, are no Latin by chance"""
_STAND_IN = re.compile(
    r"(?:this is (?:a |an |the |just a )?)?(?:(?:placeholder|dummy|mock|stub)(?: (?:text|output|response|result|answer|"
    r"data|value))?|(?:sample|example|test) (?:text|output|response|result|answer|data|value))|"
    r"(?:your|the|generated|model|some) (?:text|output|response|result|answer)(?: (?:goes|will (?:appear|be)) here)?|"
    r"todo|tbd|coming soon|not (?:yet )?implemented(?: yet)?|foo(?: ?bar)?|loading|processing|"
    r"(?:please )?(?:wait|enter (?:a |some |your )?(?:text|prompt|input))",
    re.IGNORECASE,
)


def error_in(text: str) -> str | None:
    """The words that make a text an error message or an error page, None when it is none."""
    start = text.lstrip("\"'`>#* \t\r\n").lstrip()
    if found := _START.match(start):
        return _quoted(start, found.end())
    if _WHOLE.fullmatch(text.strip()) or _WHOLE.fullmatch(start.lower()):
        return _quoted(text, len(text))
    if found := _TRACEBACK.search(_FENCED.sub("", text)):
        return _quoted(text[text.find("Traceback") :], 60)
    if _PAGE.match(start) and (found := _PAGE_ERROR.search(start[:PAGE_HEAD])):
        return _quoted(found.group(), found.end() - found.start())
    if len(text) <= SHORT and (found := _SERVICE.search(text) or _REGRET.match(start)):
        return _quoted(found.group(), found.end() - found.start())
    return None


def placeholder_in(text: str) -> str | None:
    """The words that make a text a known stand-in for an answer, None when it is none."""
    if found := _PLACEHOLDER.search(text):
        return _quoted(text[found.start() :], 30)
    words = re.findall(r"[a-z]+", text[:PAGE_HEAD].lower())
    dummy = [word for word in words if word in _LOREM]
    if len(set(dummy)) >= LOREM_WORDS and len(dummy) >= LOREM_SHARE * len(words):
        return _quoted(text, 60)
    bare = text.strip("\"'`<>[](){}*_#.!\u2026 \t\r\n")
    return _quoted(text, len(text)) if _STAND_IN.fullmatch(bare) else None


def repetition(text: str) -> tuple[str, bool] | None:
    """The piece that a text repeats without end, and whether it has a letter or digit; None when it says more."""
    words = text.split()
    piece = None
    if len(words) >= REPEATED_WORDS and len({word.casefold() for word in words}) == 1:
        piece = words[0]
    dense = "".join(words)
    for period in (1, 2):
        if len(dense) >= REPEATED_CHARACTERS and dense == (dense[:period] * len(dense))[: len(dense)]:
            piece = piece or dense[:period]
    return (_quoted(piece, 40), any(one.isalnum() for one in piece)) if piece else None


def written_in_signs(text: str) -> bool:
    """Whether punctuation alone can be an answer, as Morse code is: several signs in no simple turn."""
    dense = "".join(text.split())
    turns = (dense == (dense[:period] * len(dense))[: len(dense)] for period in LONGEST_TURN)
    return len(dense) >= CODE_CHARACTERS and not any(turns)


def _quoted(text: str, length: int) -> str:
    return repr(" ".join(text[: min(length + 40, 100)].split()))
