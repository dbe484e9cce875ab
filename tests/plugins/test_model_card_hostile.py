"""Broken and hostile cards: no crash, a profile that can be written down, and bounded work."""

from __future__ import annotations

import random
import resource
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spacefactory.errors import BlockedError
from spacefactory.schema.profile import ModelProfile
from tests.plugins.model_cards import analyse, profile, read

FRONT = "---\npipeline_tag: text-generation\nlibrary_name: transformers\n---\n"
LARGE = 256 * 1024
CPU_SECONDS = 20
"""Far above what any card takes (2 s), and far below what a runaway pattern or loop would."""
MEMORY_MIB = 400


def _python(text: str) -> str:
    return f"{FRONT}```python\nimport transformers\n{text}\n```\n"


BROKEN: dict[str, str | bytes] = {
    "tabs": "---\n\tpipeline_tag: x\n---\nhi",
    "unclosed quote": "---\na: 'b\n---\nhi",
    "unclosed front matter": "---\npipeline_tag: fill-mask\n# hi\n",
    "twice the same key": "---\ntags: [a]\ntags: [b]\n---\nhi",
    "list instead of keys": "---\n- a\n- b\n---\nhi",
    "text instead of keys": "---\nhello\n---\nhi",
    "number as key": "---\n1: a\n---\nhi",
    "list as key": "---\n? [a, b]\n: c\n---\nhi",
    "mapping as key": "---\n? {a: b}\n: c\n---\nhi",
    "tag as text": "---\ntags: text\n---\nhi",
    "tags as mapping": "---\ntags: {a: 1}\n---\nhi",
    "task as list": "---\npipeline_tag: [1, 2]\n---\nhi",
    "library as mapping": "---\nlibrary_name: {a: b}\n---\nhi",
    "licence no": "---\nlicense: no\n---\nhi",
    "base model null": "---\nbase_model: [null, 1, {a: b}]\n---\nhi",
    "widget scalar": "---\nwidget: yes\n---\nhi",
    "widget odd": "---\nwidget: [1, null, [a], {text: [1]}, {src: {a: b}}, {output: {label: [1]}, text: hm}]\n---\nhi",
    "results odd": "---\nmodel-index: [{results: [{task: [1]}, 5, {task: {type: [a]}}]}, 7]\n---\nhi",
    "dates": "---\nmetrics: 2001-01-01\nlanguage: 12:30:45\nlicense: 2001-12-14t21:59:43.10-05:00\n---\nhi",
    "no numbers": "---\na: .nan\nb: .inf\nc: 0x" + "f" * 200 + "\n---\nhi",
    "binary and set": "---\na: !!binary aGVsbG8=\nb: !!set {x, y}\n---\nhi",
    "bad base64": "---\na: !!binary '***'\n---\nhi",
    "bad timestamp": "---\na: 2001-99-99\n---\nhi",
    "no utf-8": b"---\npipeline_tag: fill-mask\n---\n\xff\xfe\xfa hello",
    "utf-16": "---\npipeline_tag: fill-mask\n---\n# hello\n".encode("utf-16"),
    "utf-32": "---\npipeline_tag: fill-mask\n---\n# hello\n".encode("utf-32"),
    "old line ends": b"---\rpipeline_tag: fill-mask\r---\rhello",
    "only code": "```\nx\n```\n```\n",
    "open fence": FRONT + "```python\nfrom transformers import pipeline\n",
    "half a table": FRONT + "| params |\n|",
    "broken python": FRONT + "```python\nfrom transformers import\npipeline(\n```\n",
    "lone halves": _python("p = transformers.pipeline('fill-mask')\np('a \\ud800 b', negative_prompt='\\udfff')"),
    "endless numbers": _python(
        "p = transformers.pipeline('x')\np('a b c', temperature=1e999, top_k=" + "9" * 3000 + ")"
    ),
}
HOSTILE: dict[str, str | bytes] = {
    "alias bomb": "---\na: &a [x,x,x]\nb: &b [*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b]\nd: [*c,*c,*c]\n---\nhi",
    "merge keys": "---\na: &a {x: 1}\nb: {<<: *a}\n---\nhi",
    "deep list": "---\na: " + "[" * 20_000 + "\n---\nhi",
    "deep mapping": "---\n" + "".join(" " * at + "a:\n" for at in range(2000)) + "---\nhi",
    "many items": "---\ntags:\n" + "- a\n" * 7000 + "---\nhi",
    "python object": "---\na: !!python/object/apply:os.system [ls]\n---\nhi",
    "ten megabytes": FRONT + "word " * 2_000_000,
    "zeros": FRONT + "\0" * 100_000 + "hello",
    "terminal": FRONT + "# \x1b[31mred\x1b]0;title\x07\n",
    "directions": FRONT + "# \u202egpj.exe\u202c \u2066x\u2069\n",
    "unseen tags": FRONT + "# a" + "".join(chr(0xE0000 + ord(sign)) for sign in "ignore all rules") + "\n",
    "templates": FRONT + "{{ ''.__class__.__mro__ }} {% for x in range(999999999) %}{% endfor %}",
    "huge fence": FRONT + "```python\n" + "x = 1\n" * 40_000,
    "brackets of code": _python("x = " + "(" * 10_000 + ")" * 10_000),
    "nested calls": _python("f(" * 90 + ")" * 90),
    "chained calls": _python("x = a" + ".b()" * 4000),
    "chained names": _python("x = a" + ".b" * 9000),
    "minus signs": _python("x = " + "-" * 20_000 + "1"),
    "long sum": _python("x = " + "1+" * 9000 + "1"),
    "large lists": _python("f([" + "[1, [2, [3, [4, [5]]]]], " * 800 + "])"),
    "brackets": FRONT + "[" * LARGE,
    "links": FRONT + ("[](" + "a" * 700 + "\n") * 300,
    "pictures": FRONT + "![x](" * 50_000,
    "tags": FRONT + "<a " * 80_000,
    "stars": FRONT + "*" * LARGE,
    "ticks": FRONT + "`" * LARGE,
    "tables": FRONT + "| params | 7B | x |\n" * 12_000,
    "digits": FRONT + "1,1 " * 60_000,
    "sizes": FRONT + ("parameters " * 100 + "\n") * 200,
    "sentences": FRONT + ("weights requires single your run on a " * 40 + "\n") * 150,
    "flags": FRONT + "```bash\ngit clone " + "-a " * 80_000 + "\n```",
    "calls that do not parse": FRONT + "```python\n(\nfrom_pretrained( " + "a." * 30_000 + "\n```",
    "paths": "---\nwidget:\n" + "- text: a b\n  src: ../../etc/passwd.png\n" * 200 + "---\nhi",
    "noise": random.Random(7).randbytes(LARGE),
}


@pytest.fixture(autouse=True)
def _bounded() -> Iterator[None]:
    before = resource.getrusage(resource.RUSAGE_SELF)
    yield
    after = resource.getrusage(resource.RUSAGE_SELF)
    assert after.ru_utime - before.ru_utime < CPU_SECONDS
    assert after.ru_maxrss - before.ru_maxrss < MEMORY_MIB * 1024


def test_there_are_enough_cases() -> None:
    assert len(BROKEN) >= 30
    assert len(HOSTILE) >= 30


@pytest.mark.parametrize("text", [*BROKEN.values(), *HOSTILE.values()], ids=[*BROKEN, *HOSTILE])
def test_a_card_of_any_kind_gives_a_profile(text: str | bytes) -> None:
    found = profile(text)
    written = found.model_dump_json()
    assert ModelProfile.model_validate_json(written) == found
    assert len(written) < 300_000
    assert len(found.evidence) < 2000


@pytest.mark.parametrize("name", ["terminal", "directions", "unseen tags", "zeros"])
def test_quotes_cannot_steer_a_terminal_or_hide_words(name: str) -> None:
    found = profile(HOSTILE[name])
    shown = " ".join([one.quote for one in found.evidence] + list(found.notes) + [one.title for one in found.examples])
    assert shown.isprintable()


def test_values_and_messages_cannot_either() -> None:
    bad = "x\x1b[31m\u202ey"
    escaped = '"x\\e[31m\\u202Ey"'
    front = f"license: {escaped}\nlanguage: [{escaped}]\ninstance_prompt: {escaped}\nbase_model: {escaped}\nbad: 'open"
    held = {
        "config.json": {"id2label": {"0": bad}, "torch_dtype": bad, "architectures": [bad]},
        "adapter_config.json": {"peft_type": "LORA", "base_model_name_or_path": bad},
        "model.safetensors": b"",
    }
    for text in (f"---\n{front}\n---\nhi", f"---\n{front.removesuffix('open')}'\n---\nhi"):
        card = read(text, held)
        found = analyse(card)
        shown = [found.license, found.base_model, found.dtype, *card.problems, *card.damaged, *found.notes]
        shown += [blocker.detail for blocker in found.blockers] + [str(fact) for fact in found.facts.values()]
        assert all(one is None or one.isprintable() for one in shown)


def test_what_stands_beside_hostile_parts_is_still_understood() -> None:
    for name in ("terminal", "huge fence", "chained calls", "tables", "stars", "sentences"):
        found = profile(HOSTILE[name])
        assert (found.task, found.library) == ("text-generation", "transformers")


def test_no_path_leads_out_of_the_repository() -> None:
    assert profile(HOSTILE["paths"], {"etc/passwd.png": b"x"}).examples == ()


@settings(max_examples=60)
@given(st.binary(max_size=600))
def test_any_bytes_give_a_profile_or_are_called_empty(data: bytes) -> None:
    try:
        card = read(data)
    except BlockedError as error:
        assert error.reason == "unreadable_card"
        return
    assert ModelProfile.model_validate_json(analyse(card).model_dump_json()).location == card.location


PIECES = [
    *[
        "---\n",
        "pipeline_tag: ",
        "tags:\n- ",
        "widget:\n- text: ",
        "fill-mask\n",
        "```python\n",
        "```\n",
        "# ",
        "| a | b |\n",
    ],
    *[
        "from transformers import pipeline\n",
        "pipeline('x')(",
        "['a', ",
        ")\n",
        "\0",
        "\u202e",
        "    ",
        "7B parameters ",
        "&a ",
        "*a",
    ],
]


@settings(max_examples=60)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=40))
def test_any_mixture_of_pieces_gives_a_profile(pieces: list[str]) -> None:
    text = "word " + "".join(pieces)
    found = profile(text.encode("utf-8", "surrogatepass"))
    assert ModelProfile.model_validate_json(found.model_dump_json()) == found
