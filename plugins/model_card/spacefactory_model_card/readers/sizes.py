"""How many parameters: the weights' headers, the words of the card, the model's name; and how they are quantised."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spacefactory.schema.profile import Claim
from spacefactory_model_card.material import Material, claim

READER = "sizes"
UNITS = {"k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12, "thousand": 1e3, "million": 1e6, "mn": 1e6, "mio": 1e6}
UNITS |= {"billion": 1e9, "bn": 1e9, "trillion": 1e12, "亿": 1e8, "万": 1e4}
_NUMBER = r"(?<![\w.,+])(\d{1,4}(?:[.,]\d{1,3})?)\s{0,2}-?"
_UNIT = r"(thousand|million|billion|trillion|mio|bn|mn|亿|万|[kmbt])(?![a-z0-9])"
_BEFORE = re.compile(
    _NUMBER + _UNIT + r"[- ]{0,2}(?:(?:total|trainable|model|learnable)[- ])?(?:parameter|param\b|params\b|参数)", re.I
)
_AFTER = re.compile(r"(?:parameters?|params|参数(?:量)?|model size)\b[^\d\n]{0,25}?" + _NUMBER + _UNIT, re.I)
_HEADED = re.compile(r"(?:parameters|params) \((m|b)\)\W{1,6}(\d{1,4}(?:\.\d{1,3})?)", re.I)
"""As cards of timm write them."""
_PLAIN = re.compile(r"(?:parameters?|params|param_total)\W{1,6}(\d[\d,._]{5,18})(?![\w.])", re.I)
_OF_ALL = re.compile(r"\d[\d,._]{3,18} (?:of|out of|/) (\d[\d,._]{5,18})(?![\w.])")
"""Trained parameters and all of them, as the scripts of PEFT count."""
_TOTAL = re.compile(_NUMBER + r"(b|billion|t|trillion) (?:in )?total\b", re.I)
"""Of models with experts, of which only some are active at a time."""
_CELL = re.compile(_NUMBER + _UNIT, re.I)
_NAMED = re.compile(r"(?<![\w.])(?:(\d{1,2})x)?(\d{1,4}(?:\.\d{1,2})?)(b|m)(?![a-z0-9])", re.I)
_PARTIAL = re.compile(r"activ|per token|каждый|активн|trainable|compar|smaller than|larger than|instead of")
_ADDED = re.compile(r"lora|adapter")
"""What an adapter adds is not what must be in memory."""
LARGEST = 5e13
SAME_NAME = 0.7
"""Share of the words of a table's row that must stand in the model's name or title."""
QUANTIZED = (
    (
        re.compile(
            r"\b(?:gptq|awq|int4|4-?bit|w4a16|nf4|bnb-4bit|i?q[2-5]-[\dk]\w{0,2}|mxfp4|nvfp4|[2-5](?:\.\d+)?-?bpw)"
            r"(?:quant\w*)?\b"
        ),
        4,
    ),
    (re.compile(r"\b(?:int8|8-?bit|w8a8|fp8|q[68]-[\dk]|[6-8](?:\.\d+)?-?bpw)(?:quant\w*)?\b"), 8),
    (re.compile(r"\b(?:gguf|ggml|exl[23])\b"), 4),
)
"""Names of quantisation methods, with their usual bits per weight, as they stand in the names of models.

Repositories of GGUF and EXL2 files hold several sizes; that of 4 bits is the one which their authors recommend.
"""


def read(material: Material) -> Iterator[Claim]:
    """Claims on `parameters` and `bits`."""
    yield from _weights(material)
    yield from _prose(material)
    yield from _totals(material)
    yield from _tables(material)
    yield from _names(material)
    yield from _bits(material)


def _weights(material: Material) -> Iterator[Claim]:
    weights = material.card.weights
    if weights is None or weights.parameters <= 0:
        return
    packed = sum(count for dtype, count in weights.by_dtype.items() if dtype in ("I32", "U8", "U32", "I8"))
    quote = f"{', '.join(weights.files[:3])}: {weights.parameters} parameters"
    yield claim("parameters", weights.parameters, "weights", 0.4 if packed > weights.parameters // 4 else 0.97, quote)


def _prose(material: Material) -> Iterator[Claim]:
    seen = 0
    places = [(heading.text, heading.line) for heading in material.document.headings[:1]]
    places += [(one.text, one.line) for one in material.document.prose[:800]]
    places += [
        (line, block.line + at)
        for block in material.document.blocks
        for at, line in enumerate(block.text.split("\n")[:60])
        if block.language == "json"
    ]
    for at, (text, line) in enumerate(places):
        for pattern in (_OF_ALL, _HEADED, _BEFORE, _AFTER, _PLAIN):
            for found in pattern.finditer(text):
                around = text[max(0, found.start() - 25) : found.end() + 10].lower()
                number = _count(found)
                if number is None or seen >= 6:
                    continue
                seen += 1
                weight = (0.75 if at < 15 else 0.55) - 0.08 * seen
                weight -= (
                    0
                    if pattern is _OF_ALL
                    else 0.55
                    if _ADDED.search(around)
                    else 0.35
                    if _PARTIAL.search(around)
                    else 0
                )
                yield claim(
                    "parameters", number, f"prose-{seen}", max(weight, 0.1), text[max(0, found.start() - 60) :], line
                )


def _totals(material: Material) -> Iterator[Claim]:
    """`52B total`, which belongs to this model when the last word of its name stands before."""
    last = _words(f"{material.document.title} {material.card.model.rsplit('/', 1)[-1].rsplit('-', 1)[-1]}")
    for one in material.document.prose[:200]:
        for found in _TOTAL.finditer(one.text) if "total" in one.lower else ():
            named = last & _words(one.lower[max(0, found.start() - 60) : found.start()].rpartition(")")[2])
            if (number := _count(found)) is not None:
                yield claim("parameters", number, "total", 0.75 if named else 0.45, one.text, one.line)
                return


def _count(found: re.Match[str]) -> int | None:
    if found.re is _HEADED:
        number = float(found.group(2)) * UNITS[found.group(1).lower()]
    elif found.re in (_PLAIN, _OF_ALL):
        digits = re.sub(r"\D", "", found.group(1))
        number = float(digits)
    else:
        digits = found.group(1)
        if re.fullmatch(r"\d{1,3},\d{3}", digits):
            digits = digits.replace(",", "")
        number = float(digits.replace(",", ".")) * UNITS[found.group(2).lower()]
    return round(number) if 1e3 <= number <= LARGEST else None


def _tables(material: Material) -> Iterator[Claim]:
    """A column of a table that is headed with parameters, in the row that names this model."""
    name = f"{material.card.model} {material.document.title}".lower()
    column = None
    for one in material.document.prose[:800]:
        cells = [cell.strip() for cell in one.lower.strip("| ").split("|")] if one.table else []
        heads = [at for at, cell in enumerate(cells) if "param" in cell]
        if not cells:
            column = None
        elif heads and column is None:
            column = heads[0]
        elif column and column < len(cells) and (found := _CELL.match(cells[column])):
            row, number = _words(cells[0]), _count(found)
            if number is not None and row and len(row & _words(name)) >= SAME_NAME * len(row):
                yield claim("parameters", number, "table", 0.75, one.text, one.line)


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z0-9.]+", text.lower()))


def _names(material: Material) -> Iterator[Claim]:
    """Sizes in names, such as -7b or 8x7B."""
    title = material.document.headings[0] if material.document.headings else None
    base = material.front.get("base_model")
    names: list[tuple[str, str, int | None, float]] = [("model_name", material.card.model, None, 0.7)]
    names += [("title", title.text, title.line, 0.6)] if title else []
    names += [("base_name", str(base if not isinstance(base, list) else (base or [""])[0]), None, 0.45)]
    names += [("tag", tag, material.front_line("tags"), 0.4) for tag in material.tags[:40] if _NAMED.fullmatch(tag)]
    for reader, name, line, weight in names:
        if found := _NAMED.search(re.sub(r"laion[- ]?\d+b|[_/-]+", " ", name[:200].lower())):
            experts = int(found.group(1) or 1)
            number = float(found.group(2)) * (1e9 if found.group(3).lower() == "b" else 1e6)
            if 1e6 <= number <= LARGEST and (found.group(3).lower() == "b" or number >= 1e7):
                yield claim("parameters", round(number * experts), reader, weight, name, line)


def _bits(material: Material) -> Iterator[Claim]:
    title = material.document.title.lower()
    for name, weight in ((material.card.model.lower(), 0.85), (title, 0.75), (" ".join(material.tags), 0.6)):
        words = re.sub(r"[_/]+", "-", name[:2000])
        for pattern, bits in QUANTIZED:
            if found := pattern.search(words):
                yield claim("bits", bits, READER, weight, found.group(0))
                break
