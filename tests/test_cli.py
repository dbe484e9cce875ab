"""Commands in this process: documents, help, and how strangers' words are shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacefactory.cli import inert, main
from spacefactory.cli.app import TREE
from spacefactory.cli.batch import read
from spacefactory.cli.space_commands import news
from spacefactory.cli.summary import brief, show
from spacefactory.cli.tree import Branch
from spacefactory.errors import SpacefactoryError
from spacefactory.schema.run import Answer, RunResult, SpaceLink
from spacefactory.schema.status import Blocker, BlockerReason, Level, Status
from spacefactory.schema.verdict import Check
from tests.cli_places import DIGITS, one_document

HOSTILE = "\x1b]0;owned\x07\x1b[2J[bold red]fake[/] :smile: \u202egnp.exe\u202c \x9b31m\r\nspacefactory: fine"
RUN = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
LEAVES = [
    (*(() if node is branch else (branch.name,)), node.name)
    for branch in TREE
    for node in (branch.leaves if isinstance(branch, Branch) else (branch,))
]


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home, a configuration and a working folder of this test's own."""
    import os

    for name in [name for name in os.environ if name.startswith("SPACEFACTORY_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SPACEFACTORY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def document(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> dict[str, Any]:
    assert main([*words, "--json"]) == code
    return one_document(capsys.readouterr().out)


@pytest.mark.parametrize("words", LEAVES, ids=" ".join)
def test_help_of_every_command_shows_an_example_of_itself(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert f"Example: spacefactory {' '.join(words)}" in text
    assert "Usage: spacefactory" in text


@pytest.mark.parametrize("words", [(), ("runs",), ("spaces",), ("plugins",), ("config",)])
def test_a_bare_group_shows_its_help(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(list(words)) == 2
    told = capsys.readouterr()
    assert told.out.startswith("Usage:")
    assert "Example: " in told.out
    assert told.err == ""


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    from spacefactory import __version__

    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"spacefactory {__version__}\n"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("build",), "MODEL"),
        (("build", "--nonsense", "x"), "--nonsense"),
        (("bulid", "x"), "build"),
        (("build", str(DIGITS), "--agent", "nobody"), "nobody"),
        (("build", str(DIGITS), "--platform", "moon"), "moon"),
        (("build", str(DIGITS), "--repair-rounds", "-1"), "repair-rounds"),
        (("build", str(DIGITS), "--budget-usd", "much"), "budget-usd"),
        (("build", "no/such/folder"), "no/such/folder"),
        (("plan", "no/such/folder"), "no/such/folder"),
        (("validate", "http://127.0.0.1:9"), "127.0.0.1:9"),
        (("validate", "x", "--expect", "smell"), "smell"),
        (("validate", "x", "--cases", "gone.yaml"), "gone.yaml"),
        (("judge", "gone.png", "--expect", "image"), "gone.png"),
        (("lint", "gone"), "gone"),
        (("batch", "gone.txt"), "gone.txt"),
        (("bench", "--only", "nothing"), "nothing"),
        (("runs", "show", "01ZZ"), "01ZZ"),
        (("runs", "cancel", "01ZZZZZZZZZZZZZZZZZZZZZZZZ"), "01ZZZZZZZZZZZZZZZZZZZZZZZZ"),
        (("runs", "list", "--status", "happy"), "happy"),
        (("spaces", "logs", "nobody"), "nobody"),
        (("spaces", "stop"), "Space"),
        (("plugins", "check", "nobody"), "nobody"),
        (("plugins", "new", "x", "--kind", "nothing"), "nothing"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_2(
    words: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(list(words)) == 2
    told = capsys.readouterr()
    assert told.out == ""
    last = told.err.splitlines()[-1]
    assert last.startswith("spacefactory: ")
    assert says in last
    assert "; " in last  # and what to do next
    assert "Traceback" not in told.err


@pytest.mark.parametrize(
    "words",
    [
        ("build", "--json"),
        ("plan", "no/such/folder", "--json"),
        ("validate", "http://127.0.0.1:9", "--json"),
        ("judge", "gone.png", "--expect", "image", "--json"),
        ("runs", "show", "01ZZ", "--json"),
        ("runs", "delete", "01ZZ", "--json"),
    ],
)
def test_a_mistake_with_json_is_one_document(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    code = main(list(words))
    error = one_document(capsys.readouterr().out)["error"]
    assert code == error["exit_code"] == 2
    assert error["message"]
    assert {"type", "message", "next_step", "exit_code"} <= error.keys()


def test_plan_of_one_and_of_several(capsys: pytest.CaptureFixture[str]) -> None:
    one = document(capsys, "plan", str(DIGITS))
    assert {
        "model",
        "task",
        "input_types",
        "output_type",
        "library",
        "loader",
        "parameters",
        "memory_gib",
    } <= one.keys()
    assert {"hardware", "gated", "blockers", "base_model", "examples", "evidence", "ready"} <= one.keys()
    assert one["task"] == "image-classification"
    two = document(capsys, "plan", str(DIGITS), str(DIGITS))
    assert [plan["task"] for plan in two["plans"]] == ["image-classification"] * 2
    assert len(two["seconds"]) == 2
    assert all(0 < seconds < 60 for seconds in two["seconds"])


def test_one_model_that_cannot_be_read_does_not_end_the_plan_of_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    many = ["plan", str(DIGITS), "no/where", str(DIGITS)]
    assert main([*many, "--json"]) == 2
    first, missing, last = json.loads(capsys.readouterr().out)["plans"]
    assert first["ready"] and last["ready"]
    assert (missing["model"], missing["ready"], missing["error"]["exit_code"]) == ("no/where", False, 2)
    assert main(many) == 2
    shown = capsys.readouterr()
    assert len(shown.out.splitlines()) == 4
    assert "no/where: 'no/where' names no model that this platform can read" in shown.err


def test_a_table_of_several_plans_says_what_each_took(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", str(DIGITS), str(DIGITS)]) == 0
    shown = capsys.readouterr()
    head, *rows = shown.out.splitlines()
    assert "TIME" in head
    assert len(rows) == 2
    assert all(" ms" in row for row in rows)
    assert shown.err.startswith("2 cards: ")
    assert "ms per card (median)" in shown.err


def test_plan_as_a_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", str(DIGITS)]) == 0
    page = capsys.readouterr().out
    assert "ready to build" in page
    assert 'pipeline_tag: image-classification"' in page
    assert "preflight.disk" in page


def test_a_hostile_card_is_inert_on_a_page(alone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = alone / "model"
    model.mkdir()
    (model / "README.md").write_text(f"---\npipeline_tag: text-generation\n---\n# x\n{HOSTILE}\n", encoding="utf-8")
    assert main(["plan", str(model)]) == 0
    assert harmless(capsys.readouterr().out)


def harmless(text: str) -> bool:
    return not any(char in text for char in "\x1b\x07\x9b\r\u202e\u202c")


def test_a_hostile_result_is_inert_in_a_summary(capsys: pytest.CaptureFixture[str]) -> None:
    show(
        RunResult(
            run_id=RUN,
            kind="build",
            reference=HOSTILE,
            status=Status.TECHNICAL_BLOCKER,
            level=Level.RUNNING,
            checks=(Check(name=HOSTILE, passed=False, detail=HOSTILE),),
            answers=(Answer(case=HOSTILE, input=HOSTILE, output={HOSTILE: HOSTILE}, expected=[HOSTILE]),),
            space=SpaceLink(id=HOSTILE, url=HOSTILE, settings_url=HOSTILE),
            blocker=Blocker(reason=BlockerReason.GATED, detail=HOSTILE, next_action=HOSTILE),
            notes=(HOSTILE,),
            report=HOSTILE,
        )
    )
    shown = capsys.readouterr().out
    assert harmless(shown)
    assert "[bold red]fake[/] :smile:" in shown  # said as it stands, not obeyed
    assert not any(line.startswith("spacefactory: ") for line in shown.splitlines())


@given(st.text())
def test_an_inert_line_is_one_line_without_controls(text: str) -> None:
    line = inert.line(text)
    assert len(line) <= 300
    assert len(line.splitlines()) <= 1
    assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in line)


@given(st.text())
def test_an_inert_block_keeps_lines_and_tabs_only(text: str) -> None:
    kept = inert.block(text)
    assert not any((ord(char) < 32 and char not in "\n\t") or 127 <= ord(char) < 160 for char in kept)
    assert inert.block(kept) == kept


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists, max_leaves=8))
def test_any_value_is_brief(value: Any) -> None:
    for one in (value, {"label": value}, {"a": value, "b": value}):
        assert len(brief(one)) <= 140
        assert "\n" not in brief(one)


@given(st.text(min_size=1), st.text(), st.integers(0, 20))
def test_news_of_a_growing_log(before: str, added: str, cut: int) -> None:
    now = before + added
    assert news(before, now) == added
    told = news(before, now[cut:])
    assert now.endswith(told)
    assert len(told) <= max(len(added), len(now) - cut)


def test_lint(alone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    space = alone / "space"
    space.mkdir()
    (space / "app.py").write_text("import gradio as gr\ngr.Interface(\n", encoding="utf-8")
    found = document(capsys, "lint", str(space), code=1)
    assert found["errors"] == sum(one["level"] == "error" for one in found["findings"]) > 0
    assert {"rule", "level", "file", "line", "message"} <= found["findings"][0].keys()


@pytest.mark.parametrize(
    ("picture", "code", "level"), [("real", 0, "alive"), ("blank", 5, "typed"), ("cut", 5, "none")]
)
def test_judge(picture: str, code: int, level: str, alone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from PIL import Image

    path = alone / f"{picture}.png"
    blank, set_of_mandelbrot = (
        Image.new("L", (64, 64), 255),
        Image.effect_mandelbrot((128, 128), (-2, -1.5, 1, 1.5), 60),
    )
    source = blank if picture == "blank" else set_of_mandelbrot
    source.save(path)
    if picture == "cut":
        path.write_bytes(path.read_bytes()[:200])
    (file,) = document(capsys, "judge", str(path), "--expect", "image", code=code)["files"]
    assert (file["level"], file["output_type"]) == (level, "image")
    assert file["path"] == str(path)
    assert file["checks"]


def test_config_names_the_layer_and_hides_secrets(
    alone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = "hf_" + "x" * 30
    monkeypatch.setenv("HF_TOKEN", secret)
    monkeypatch.setenv("SPACEFACTORY_BUDGET__USD", "3")
    (alone / "spacefactory.toml").write_text(
        f'agent = "mine"\n[plugin.pi]\napi_key = "short"\nnote = "{secret}"\nurl = "https://me:pass@host/x"\n'
    )
    shown = document(capsys, "config", "show")["settings"]
    assert shown["budget.usd"] == {"value": 3.0, "origin": "environment"}
    assert shown["agent"] == {"value": "mine", "origin": "project file spacefactory.toml"}
    assert shown["platform"] == {"value": "local", "origin": "default"}
    assert shown["plugin.pi.api_key"]["value"] == shown["plugin.pi.note"]["value"] == "[redacted]"
    assert main(["config", "show"]) == 0
    told = capsys.readouterr()
    assert not any(word in json.dumps(shown) + told.out + told.err for word in (secret, "short", "me:pass"))


def test_doctor(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["doctor", "--json"])
    found = one_document(capsys.readouterr().out)
    broken = [check for check in found["checks"] if check["state"] == "fail" and check["needed"]]
    assert found["ok"] is not bool(broken)
    assert code == int(bool(broken))
    assert {"python", "uv", "disk", "memory", "gpu", "plugins"} <= {check["name"] for check in found["checks"]}
    assert all(check["fix"] for check in broken)


def test_doctor_says_what_is_wrong_with_the_settings(alone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (alone / "spacefactory.toml").write_text("[budget]\nusd = -1\n")
    found = document(capsys, "doctor", code=1)
    (check,) = found["checks"]
    assert (check["name"], check["state"]) == ("settings", "fail")
    assert "budget.usd" in check["detail"]


def test_deleting_asks_and_without_anybody_refuses(alone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = alone / "home" / "runs" / RUN
    record.mkdir(parents=True)
    document(capsys, "runs", "delete", RUN, code=2)
    assert record.is_dir()
    assert document(capsys, "runs", "delete", RUN[:12].lower(), "--yes")["deleted"] == [RUN]
    assert not record.exists()


def test_a_run_that_is_worked_on_is_not_deleted(alone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from spacefactory.record.journal import LOG, Journal

    record = alone / "home" / "runs" / RUN
    record.mkdir(parents=True)
    with Journal(record / LOG, RUN):
        error = document(capsys, "runs", "delete", RUN, "--yes", code=2)["error"]
    assert "being worked on" in error["message"]
    assert record.is_dir()


def test_a_prefix_that_two_runs_share_is_refused(alone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for last in "VW":
        (alone / "home" / "runs" / f"{RUN[:-1]}{last}").mkdir(parents=True)
    error = document(capsys, "runs", "show", RUN[:10], code=2)["error"]
    assert "2 runs" in error["message"]


def test_the_models_of_a_batch(alone: Path) -> None:
    file = alone / "models.txt"
    file.write_text("\ufeff# mine\n\nowner/a  # first\n  b c \nowner/a\n", encoding="utf-8")
    assert read(file) == ["owner/a", "b c"]
    file.write_text("# none\n")
    with pytest.raises(SpacefactoryError, match="names no model"):
        read(file)
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SpacefactoryError, match="cannot be read"):
        read(file)


def test_spaces_of_an_empty_home(capsys: pytest.CaptureFixture[str]) -> None:
    assert document(capsys, "spaces", "list")["spaces"] == []
    assert document(capsys, "spaces", "stop", "--all")["stopped"] == []


def test_runs_of_an_empty_home(capsys: pytest.CaptureFixture[str]) -> None:
    assert document(capsys, "runs", "list")["runs"] == []
    assert document(capsys, "runs", "list", "--status", "interrupted")["runs"] == []


def test_a_plan_tells_trigger_words_settings_and_the_arithmetic_of_the_memory(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    front = "---\npipeline_tag: text-to-image\nlibrary_name: diffusers\ninstance_prompt: OILP painting\n---\n"
    code = "from diffusers import FluxPipeline\npipe = FluxPipeline.from_pretrained('a/b')\n"
    call = "pipe('a house in OILP style', num_inference_steps=28)\n"
    (tmp_path / "README.md").write_text(f"{front}# A model of 2B parameters\n```python\n{code}{call}```\n")
    found = document(capsys, "plan", str(tmp_path))
    assert found["facts"]["trigger_words"] == ["OILP painting"]
    assert found["settings"] == {"num_inference_steps": 28}
    assert main(["plan", str(tmp_path)]) == 0
    page = capsys.readouterr().out
    assert "trigger words: OILP painting" in page
    assert "num_inference_steps=28" in page
    assert "2 billion parameters x 2 bytes" in " ".join(page.split())
