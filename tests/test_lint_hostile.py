"""Whatever the files of a Space hold, lint ends soon and with findings, never with an error of its own."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from spacefactory.schema.work import Finding
from tests.lint_apps import apps, check
from tests.lint_cases import APP

SOURCES = [APP, *apps("honest").values(), *apps("fake").values()]
FILES = ("app.py", "README.md", "requirements.txt", "packages.txt", "helper.py")
CALLS = "".join(f"def f{n}(x):\n    return f{n + 1}(x) + f{n + 1}(x) + f{n + 1}(x)\n" for n in range(60))
HOSTILE = {
    "parentheses": "(" * 20_000,
    "brackets": "x = " + "[" * 3_000 + "]" * 3_000,
    "signs": "x = " + "-" * 100_000 + "1",
    "nots": "x = " + "not " * 50_000 + "1",
    "attributes": "x = a" + ".b" * 100_000,
    "calls": "x = a" + "()" * 50_000,
    "subscripts": "x = a" + "[0]" * 50_000,
    "sum": "x = 1" + "+1" * 100_000,
    "strings": "x = 'a'" + " 'a'" * 60_000,
    "conditions": "x = " + "1 if a else " * 20_000 + "1",
    "lambdas": "x = " + "lambda: " * 20_000 + "1",
    "elifs": "if a:\n    pass\n" + "elif a:\n    pass\n" * 10_000,
    "blocks": "".join(" " * n + "if a:\n" for n in range(150)) + " " * 150 + "pass",
    "one long line": "x = '" + "a" * 512 * 1024 + "'",
    "one long list": "x = [" + "1," * 100_000 + "]",
    "many statements": "x = 1\n" * 40_000,
    "many functions": "def f(): return f()\n" * 10_000,
    "nested comprehension": "x = " + "[y for y in " * 150 + "a" + "]" * 150,
    "branching calls": CALLS + "def f60(x):\n    return f0(x)\n",
    "f-strings": "x = f'{" * 1 + "{".join("a" * 100) + "}'",
    "decorators": "@a\n" * 20_000 + "def f(): pass",
    "loops": "".join("    " * n + "for a in b:\n" for n in range(19)) + "    " * 19 + "c(a)\n",
    "assigned": "x" + " = x" * 50_000 + " = 1",
    "globals": "\n".join(f"a{n} = a{n - 1}" for n in range(1, 20_000)),
    "null": "x = 1\0",
    "surrogates": "x = '\\ud800'\nMODEL_ID = '\\udfff'\n",
    "other encoding": "# coding: utf-7\nx = 1\n",
    "wrong encoding": "# coding: no-such-thing\nx = 1\n",
    "class tower": "\n".join(f"class C{n}(C{n - 1}):\n    pass" for n in range(1, 3_000)),
    "names itself": "a = b\nb = a\nx = a\nfrom app import *\nimport app\n",
}


def _errors_of_rules(found: tuple[Finding, ...]) -> list[str]:
    return [one.message for one in found if "this rule failed" in one.message]


def test_hostile_sources_end_soon(tmp_path: Path) -> None:
    """In a process of its own: a crash of the interpreter, or no end, would otherwise be that of the tests."""
    handlers = (
        "\nimport gradio as gr\nwith gr.Blocks() as demo:\n    gr.Button().click(f0, [], [], api_name='generate')\n"
    )
    for name, text in HOSTILE.items():
        for folder, source in ((tmp_path / name, text + "\n"), (tmp_path / f"{name} in an app", text + handlers)):
            folder.mkdir()
            (folder / "app.py").write_text(source, encoding="utf-8")
    code = (
        "import sys; from pathlib import Path; from tests.lint_apps import check\n"
        "for folder in sorted(Path(sys.argv[1]).iterdir()):\n"
        "    print(folder.name, flush=True)\n"
        "    found = check(folder)\n"
        "    assert found and not [one for one in found if 'this rule failed' in one.message], found\n"
    )
    root = Path(__file__).resolve().parent.parent
    command = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"{done.stdout[-200:]} {done.stderr[-2000:]}"
    assert len(done.stdout.splitlines()) == 2 * len(HOSTILE)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(FILES), st.binary(max_size=400), min_size=1))
def test_any_bytes(files: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, data in files.items():
            Path(folder, name).write_bytes(data)
        assert _errors_of_rules(check(Path(folder))) == []


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_any_change_of_an_app(data: st.DataObject) -> None:
    """Real code with pieces cut out, doubled and swapped still reaches the inner parts of every rule."""
    lines = data.draw(st.sampled_from(SOURCES)).splitlines(keepends=True)
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(lines)))
        end = min(len(lines), start + data.draw(st.integers(0, 4)))
        piece = data.draw(
            st.sampled_from(["", "pass\n", "    pass\n", "x = x\n", "global pipe\n", "    return\n", *lines])
        )
        lines[start:end] = [piece]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "app.py").write_text("".join(lines), encoding="utf-8")
        assert (
            _errors_of_rules(check(Path(folder), model=data.draw(st.sampled_from(["owner/model", None, "digits"]))))
            == []
        )


_WORDS = st.sampled_from(
    [
        "generate",
        "pipe",
        "gr",
        "spaces",
        "MODEL_ID",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ":",
        ",",
        ".",
        "=",
        "==",
        "+",
        "/",
        '"',
        "'",
        "f'",
        "if",
        "else",
        "for",
        "in",
        "def",
        "return",
        "lambda",
        ":",
        "\n",
        "\n",
        "",
        "",
        "",
        "\n",
        "None",
        "True",
        "import",
        "from",
        "as",
        "with",
        "try:",
        "except:",
        "api_name=",
        "inputs=",
        "outputs=",
        ".launch(",
        ".click(",
        "torch",
        ".to(",
        "@",
        "*",
        "**",
        "self",
        "yield",
        "await",
        "async",
        "class",
        "open(",
        "**",
        "global",
        "del",
    ]
)


@settings(max_examples=80, deadline=None)
@given(st.lists(_WORDS, max_size=60))
def test_words_of_an_app_in_any_order(found: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "app.py").write_text(" ".join(found), encoding="utf-8")
        Path(folder, "requirements.txt").write_text("\n".join(found), encoding="utf-8")
        Path(folder, "README.md").write_text("---\n" + "\n".join(found) + "\n---\n", encoding="utf-8")
        assert _errors_of_rules(check(Path(folder))) == []
