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
REPEATED_WORDS = 10
"""the same word so often is a loop, not emphasis"""
REPEATED_CHARACTERS = 24
"""the same one or two characters so often: `!!!!` is what half-precision numbers that are not finite decode to"""

_START = re.compile(
    r"""
    (?P<traceback> Traceback\ \(most\ recent\ call\ last\):)
    | (?P<page> (?:<!doctype\s+html|<html|<head>|<\?xml[^>]*>\s*<!doctype\s+html)\b)
    | (?P<exception> (?:[a-z_]+\.)*[A-Z][A-Za-z]*(?:Error|Exception|Warning):\s)
    | (?P<message> (?:an?\ )?(?:\[?(?:fatal\ |internal\ |runtime\ |unexpected\ |server\ |api\ )?error\]?
        (?:\ (?:occurred|while|during|loading|generating|processing|in|code)\b|\s*[:!\[(-]|\s+\d{3}\b|\s*$)))
    | (?P<emoji> [\u274c\u26a0\U0001f6d1]\ufe0f?\s*(?:error|failed|exception)\b)
    | (?P<status> (?:http(?:/\d(?:\.\d)?)?\s+)?[45]\d\d\s+(?:bad\ request|unauthorized|forbidden|not\ found|client\ error|
        too\ many\ requests|internal\ server\ error|bad\ gateway|service\ unavailable|gateway\ time-?out|server\ error))
    | (?P<oom> (?:CUDA|HIP|MPS|NPU)\ (?:error|out\ of\ memory))
    """,
    re.VERBOSE | re.IGNORECASE,
)
_WHOLE = re.compile(
    r"None|null|nil|NaN|nan|undefined|N/A|n/a|\[object Object\]|\{\}|\[\]|\(\)|NoneType|"
    r"<(?:generator|function|coroutine|bound method|class|module|object)\b.*>|"
    r"<?[\w.]+ object at 0x[0-9a-f]+>?|(?:internal server error|service unavailable|bad gateway|gateway time-?out|"
    r"too many requests|unauthorized|forbidden|not found|connection (?:refused|errored out|timed out))\.?",
    re.DOTALL,
)
_APOLOGY = re.compile(
    r"rate limit|quota (?:exceeded|exhausted)|exceeded your (?:\w+ )*quota|too many requests|try again (?:later|in \d)|"
    r"(?:invalid|missing|incorrect|no) (?:api[ _-]?key|access token|credentials)|api[ _-]?key (?:is )?(?:not|missing|"
    r"invalid|required)|is currently loading|model (?:is )?(?:overloaded|not loaded|loading)|failed to (?:load|generate|"
    r"connect|fetch)|(?:service|server|model) (?:is )?(?:temporarily )?(?:unavailable|overloaded)|"
    r"could not (?:load|connect|generate)|something went wrong|out of memory|insufficient credits?",
    re.IGNORECASE,
)
_TRACEBACK = re.compile(r'^Traceback \(most recent call last\):\n\s+File "', re.MULTILINE)
_FENCED = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_PLACEHOLDER = re.compile(r"\blorem ipsum dolor\b", re.IGNORECASE)
_STAND_IN = re.compile(
    r"(?:this is (?:a |an |the |just a )?)?(?:placeholder|dummy|mock|sample|example|stub)(?: (?:text|output|response|result|"
    r"answer|data|value))?|(?:your|the|generated|model|some) (?:text|output|response|result|answer)(?: (?:goes|will (?:appear|"
    r"be)) here)?|todo|tbd|coming soon|not (?:yet )?implemented(?: yet)?|foo(?: ?bar)?|test(?: output)?|loading|processing|"
    r"(?:please )?(?:wait|enter (?:a |some |your )?(?:text|prompt|input))|hello,? world",
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
    if len(text) <= SHORT and (found := _APOLOGY.search(text)):
        return _quoted(text[found.start() :], found.end() - found.start())
    return None


def placeholder_in(text: str) -> str | None:
    """The words that make a text a known stand-in for an answer, None when it is none."""
    if found := _PLACEHOLDER.search(text):
        return _quoted(text[found.start() :], 30)
    bare = text.strip("\"'`<>[](){}*_#.!\u2026 \t\r\n")
    return _quoted(text, len(text)) if _STAND_IN.fullmatch(bare) else None


def repetition(text: str) -> str | None:
    """The piece that a text repeats without end, None when it says more than that."""
    words = text.split()
    if len(words) >= REPEATED_WORDS and len({word.casefold() for word in words}) == 1:
        return _quoted(words[0], 40)
    dense = "".join(words)
    for period in (1, 2):
        if len(dense) >= REPEATED_CHARACTERS and dense == (dense[:period] * len(dense))[: len(dense)]:
            return _quoted(dense, period)
    return None


def _quoted(text: str, length: int) -> str:
    return repr(" ".join(text[: min(length + 40, 100)].split()))
