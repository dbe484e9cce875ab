"""The main job on one machine, as a newcomer runs it: the sample model becomes a running, proven app."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from spacefactory.testing.fixtures import Ran, call, share_environments, stop_spaces

ROOT = Path(__file__).parent.parent
DIGITS = ROOT / "examples" / "digits"
BUILD_KEYS = {
    "run_id",
    "status",
    "level",
    "checks",
    "space",
    "blocker",
    "latency",
    "recommended_duration_s",
    "cost_usd",
}
PLAN_KEYS = {
    *("model", "task", "input_types", "output_type", "library", "loader", "parameters", "memory_gib", "hardware"),
    *("gated", "blockers", "base_model", "examples", "evidence"),
}

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("sample")]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data folder that these tests share, so that the app's environment is made once."""
    folder = share_environments(tmp_path_factory.mktemp("sample"), tmp_path_factory)
    yield folder
    stop_spaces(folder)


@pytest.fixture(scope="module")
def built(home: Path) -> Ran:
    """The sample, built once."""
    return command(home, "build", DIGITS, "--json")


def command(home: Path, *words: str | Path, **env: str) -> Ran:
    return call(*words, env={"SPACEFACTORY_HOME": str(home), **env})


def test_the_sample_is_proven_to_level_reference(built: Ran) -> None:
    assert built.code == 0, built.stderr
    result = built.json()
    assert set(result) >= BUILD_KEYS | {"report"}
    assert (result["status"], result["level"], result["blocker"]) == ("full_inference_success", "reference", None)
    assert all(set(check) >= {"name", "passed", "detail"} for check in result["checks"])
    assert not [check for check in result["checks"] if check["passed"] is False]
    assert result["latency"]["cold_s"] > 0
    assert result["latency"]["warm_s"] > 0
    assert result["cost_usd"] == 0
    expected = [answer for answer in result["answers"] if answer["expected"] is not None]
    assert expected
    assert all(answer["output"] == answer["expected"] for answer in expected)


def test_the_record_is_whole_and_the_app_goes_on_running(built: Ran) -> None:
    result = built.json()
    folder = Path(result["report"]).parent
    names = {path.name for path in folder.iterdir()}
    assert names >= {"state.json", "events.jsonl", "report.md", "report.json"}
    assert names >= {"generated", "tests", "artifacts", "traces"}
    assert json.loads((folder / "report.json").read_text()) == result
    assert "full_inference_success" in (folder / "report.md").read_text()
    assert httpx.get(result["space"]["url"], trust_env=False, timeout=30).status_code == 200


def test_a_second_build_uses_the_same_environment_and_makes_a_space_of_its_own(home: Path, built: Ran) -> None:
    again = command(home, "build", DIGITS, "--json")
    assert again.code == 0, again.stderr
    space = again.json()["space"]["id"]
    assert "already there, reused" in (home / "spaces" / space / "build.log").read_text()
    assert space != built.json()["space"]["id"]


def test_the_running_app_is_validated_by_name_by_address_and_from_its_folder(home: Path, built: Ran) -> None:
    space = built.json()["space"]
    folder = Path(built.json()["report"]).parent / "generated"
    for reference in (space["id"], space["url"]):
        done = command(home, "validate", reference, "--json")
        assert done.code == 0, done.stderr
        assert done.json()["level"] in ("responsive", "reference")
    assert httpx.get(space["url"], trust_env=False, timeout=30).status_code == 200
    spaces = set((home / "spaces").iterdir())
    from_folder = command(home, "validate", folder, "--json")
    assert from_folder.code in (0, 5), from_folder.stderr
    assert set((home / "spaces").iterdir()) == spaces


def test_plan_says_what_will_be_built_and_spends_nothing(home: Path) -> None:
    done = command(home, "plan", DIGITS, "--json")
    assert done.code == 0, done.stderr
    plan = done.json()
    assert set(plan) >= PLAN_KEYS
    assert (plan["task"], plan["library"], plan["output_type"]) == ("image-classification", "onnx", "label")
    assert (plan["input_types"], plan["parameters"], plan["ready"]) == (["image"], 2410, True)
    assert len(plan["examples"]) >= 3


def test_the_same_space_name_twice_is_refused_and_nothing_is_overwritten(home: Path, built: Ran) -> None:
    name = built.json()["space"]["id"]
    done = command(home, "build", DIGITS, "--space-name", name, "--json")
    assert done.code == 5
    result = done.json()
    assert result["blocker"]["reason"] == "name_taken"
    assert name in result["blocker"]["detail"]
    assert httpx.get(built.json()["space"]["url"], trust_env=False, timeout=30).status_code == 200


CARD = "---\npipeline_tag: {task}\nlibrary_name: {library}\n---\n# A model\n"


@pytest.mark.parametrize(
    ("files", "code", "reason"),
    [
        ({}, 2, None),
        ({"README.md": ""}, 5, "unreadable_card"),
        ({"README.md": "---\na: [\n---\n"}, 5, None),
        ({"README.md": "---\na: &x [1]\nb: [*x, *x]\n---\n# x\n"}, 5, None),
        ({"README.md": "# Something\n\n" + "words " * 2_000_000}, 5, None),
        ({"README.md": CARD.format(task="telepathy", library="transformers")}, 5, None),
        ({"README.md": CARD.format(task="image-classification", library="onnx")}, 5, "no_weights"),
        (
            {"README.md": CARD.format(task="image-classification", library="onnx"), "model.onnx": "not a graph"},
            5,
            "corrupt_weights",
        ),
    ],
    ids=["no-card", "empty", "broken-yaml", "aliases", "12-MB", "unknown-task", "no-weights", "corrupt"],
)
def test_a_bad_model_folder_is_one_sentence_with_the_right_exit_code(
    home: Path, tmp_path: Path, files: dict[str, str], code: int, reason: str | None
) -> None:
    model = tmp_path / "model"
    model.mkdir()
    for name, text in files.items():
        (model / name).write_text(text)
    done = command(home, "build", model, "--json")
    assert done.code == code, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    document = done.json()
    if code == 5:
        assert document["status"] == "technical_blocker"
        assert document["blocker"]["detail"]
        assert document["blocker"]["next_action"]
    if reason:
        assert document["blocker"]["reason"] == reason


def test_two_homes_never_touch_each_other(home: Path, tmp_path: Path, built: Ran) -> None:
    other = command(tmp_path / "other", "runs", "list", "--json")
    assert other.json()["runs"] == []
    run_id = built.json()["run_id"]
    assert command(tmp_path / "other", "runs", "show", run_id).code == 2
    assert command(home, "runs", "show", run_id).code == 0


def test_no_orphan_is_left_after_stop(home: Path, built: Ran) -> None:
    space = built.json()["space"]
    assert command(home, "spaces", "stop", space["id"]).code == 0
    with pytest.raises(httpx.HTTPError):
        httpx.get(space["url"], trust_env=False, timeout=5)
    mine = [
        process
        for process in Path("/proc").glob("[0-9]*/cmdline")
        if (text := _cmdline(process)) and space["id"] in text and str(home) in text
    ]
    assert mine == []


def _cmdline(path: Path) -> str:
    try:
        return path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""
