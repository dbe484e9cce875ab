"""Whole builds with the real Pi and a scripted model: proven apps, repairs by rule and by agent, stand-ins, budgets."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from spacefactory.testing.fixtures import Ran, call, share_environments, stop_spaces
from spacefactory.testing.model_failures import FAILURES
from spacefactory.testing.scripted_model import ScriptedModel, script
from tests.plugins.pi_bench import KEY, bash, cli

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("pi-builds")]
ROOT = Path(__file__).parents[2]
DIGITS = ROOT / "examples" / "digits"
DRAFT = "cp -r .cache/draft/. ."
DONE = {"say": ["Done."]}
LOOK = "env; cat /proc/*/environ /proc/*/cmdline 2>/dev/null; find / -name token -readable 2>/dev/null | head -50"
CONSTANT = "return {'seven': 0.9, 'three': 0.1}"
SCRIPTS = {
    "good": script([bash(DRAFT), bash(f"{LOOK} > .cache/seen.txt; tail -c 900 .cache/seen.txt"), DONE]),
    "rule": script(
        [bash(f"{DRAFT} && : > requirements.txt && sed -i 's/show_error=True/server_port=7860/' app.py"), DONE]
    ),
    "agent": script(
        [
            bash(f"{DRAFT} && sed -i 's/^MODEL_FILE = .*/MODEL_FILE = \"weights.onnx\"/' app.py"),
            DONE,
            bash("sed -i 's/weights.onnx/model.onnx/' app.py"),
            {"say": ["Mended."]},
        ]
    ),
    "stand_in": script([bash(f"{DRAFT} && sed -i \"s/^    return {{LABELS.get.*/    {CONSTANT}/\" app.py"), DONE]),
    "stubborn": script([bash(f"{DRAFT} && sed -i \"s/^    return {{LABELS.get.*/    {CONSTANT}/\" app.py"), DONE,
                        bash("echo '# better' >> app.py"), DONE, bash("echo '# best' >> app.py"), DONE]),
    "worse": script(
        [
            bash(f"{DRAFT} && sed -i 's/^MODEL_FILE = .*/MODEL_FILE = \"weights.onnx\"/' app.py"),
            DONE,
            bash("echo 'def (' >> app.py"),
            DONE,
        ]
    ),
    **FAILURES,
}  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One data folder, so that the app's environment is made once."""
    folder = share_environments(tmp_path_factory.mktemp("pi-builds"), tmp_path_factory)
    yield folder
    stop_spaces(folder)


@pytest.fixture(scope="module")
def model() -> Iterator[ScriptedModel]:
    """All scripts on one port."""
    with ScriptedModel(SCRIPTS) as found:
        yield found


@pytest.fixture
def pi(request: pytest.FixtureRequest, home: Path) -> Iterator[dict[str, str]]:
    """The environment of a command that uses Pi; no app of a test is left running beside the next one."""
    yield {"SPACEFACTORY_HOME": str(home), "SPACEFACTORY_PLUGIN__PI_AGENT__CLI": str(cli(request.config))}
    stop_spaces(home)


def build(pi: dict[str, str], model: ScriptedModel, name: str, *words: str, **env: str) -> Ran:
    return call(
        "build", DIGITS, "--agent", "pi", "--base-url", model.base_url(name), "--json", *words, env={**pi, **env}
    )


def record(done: Ran) -> Path:
    return Path(done.json()["report"]).parent


def test_a_proven_app_and_the_key_nowhere(pi: dict[str, str], model: ScriptedModel) -> None:
    seen, ended = set[bytes](), threading.Event()
    watcher = threading.Thread(target=_watch, args=(seen, ended))
    watcher.start()
    asked = len(model.requests)
    done = build(pi, model, "good", HF_TOKEN=KEY)
    ended.set()
    watcher.join()
    result = done.json()
    assert (done.code, result["status"], result["agent"]) == (0, "full_inference_success", "pi"), done.stderr
    requests = model.requests[asked:]
    assert result["cost_usd"] == pytest.approx(len(requests) * (1000 * 0.2 + 50 * 1.5) / 1e6)
    assert all(request.headers["authorization"] == f"Bearer {KEY}" for request in requests)
    assert KEY not in json.dumps([request.body for request in requests])
    assert seen
    assert not [line for line in seen if KEY.encode() in line]
    for path in (path for path in record(done).rglob("*") if path.is_file()):
        assert KEY.encode() not in path.read_bytes(), path
    assert KEY not in done.stdout + done.stderr
    assert (record(done) / "traces" / "pi-session-0.jsonl").is_file()


def _watch(seen: set[bytes], ended: threading.Event) -> None:
    """Words of every process's command line, and the environment of those that are confined."""
    while not ended.wait(0.1):
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                seen.add((folder / "cmdline").read_bytes())
                environment = (folder / "environ").read_bytes()
            except OSError:
                continue
            if b"SPACEFACTORY_CONFINED=" in environment:
                seen.add(environment)


def test_a_rule_mends_before_the_agent_is_asked(pi: dict[str, str], model: ScriptedModel) -> None:
    asked = len(model.requests)
    done = build(pi, model, "rule")
    assert (done.code, done.json()["status"]) == (0, "full_inference_success"), done.stderr
    assert len(model.requests) - asked == 2  # the first writing alone
    diff = (record(done) / "tests" / "rounds" / "1.diff").read_text()
    assert "+onnxruntime" in diff
    assert "-    demo.queue(max_size=20).launch(server_port=7860)" in diff


def test_the_agent_mends_what_no_rule_knows(pi: dict[str, str], model: ScriptedModel) -> None:
    asked = len(model.requests)
    done = build(pi, model, "agent")
    assert (done.code, done.json()["status"]) == (0, "full_inference_success"), done.stderr
    assert len(model.requests) - asked == 4
    assert "weights.onnx" in json.dumps(model.requests[-1].body)
    assert done.json()["cost_usd"] == pytest.approx(4 * (1000 * 0.2 + 50 * 1.5) / 1e6)
    assert '+MODEL_FILE = "model.onnx"' in (record(done) / "tests" / "rounds" / "1.diff").read_text()


def test_a_stand_in_is_found_out(pi: dict[str, str], model: ScriptedModel) -> None:
    done = build(pi, model, "stand_in")
    assert (done.code, done.json()["status"]) == (5, "technical_blocker"), done.stderr
    assert done.json()["blocker"]["reason"] == "placeholder"


def test_the_best_attempt_is_the_content_in_the_end(pi: dict[str, str], model: ScriptedModel) -> None:
    done = build(pi, model, "worse", "--repair-rounds", "1")
    result = done.json()
    assert (done.code, result["level"]) == (5, "generated"), done.stderr
    assert any("round 0 was the best attempt" in note for note in result["notes"])
    assert "def (" not in (record(done) / "generated" / "app.py").read_text()
    assert "+def (" in (record(done) / "tests" / "rounds" / "1.diff").read_text()


def test_the_same_failure_twice_stops(pi: dict[str, str], model: ScriptedModel) -> None:
    asked = len(model.requests)
    done = build(pi, model, "stubborn")
    assert (done.code, done.json()["blocker"]["reason"]) == (5, "placeholder"), done.stderr
    assert len(model.requests) - asked == 4  # the first writing and one repair
    assert sorted(path.name for path in (record(done) / "tests" / "rounds").glob("*.diff")) == ["1.diff"]


def test_a_run_that_was_killed_goes_on_in_the_same_session(
    pi: dict[str, str], model: ScriptedModel, home: Path
) -> None:
    before, asked = {path.name for path in (home / "runs").glob("*")}, len(model.requests)
    assert build(pi, model, "stand_in", SPACEFACTORY_CRASH_AT="after-effect:generate").code == 137
    (run_id,) = {path.name for path in (home / "runs").glob("*")} - before
    done = call("runs", "resume", run_id, "--json", env=pi)
    assert (done.code, done.json()["blocker"]["reason"]) == (5, "placeholder"), done.stderr
    roles = [one["role"] for one in model.requests[asked + 2].body["messages"]]
    assert roles[-4:] == ["assistant", "tool", "assistant", "user"]  # it knows what it did before
    spent = (len(model.requests) - asked) * (1000 * 0.2 + 50 * 1.5) / 1e6
    assert done.json()["cost_usd"] == pytest.approx(spent)


@pytest.mark.parametrize(
    ("name", "code", "reason"), [("no_credits", 5, "quota_exhausted"), ("forever", 5, "budget_exhausted")]
)
def test_an_end_without_an_app(pi: dict[str, str], model: ScriptedModel, name: str, code: int, reason: str) -> None:
    asked = len(model.requests)
    done = build(pi, model, name, "--budget-usd", "0.05")
    assert (done.code, done.json()["blocker"]["reason"]) == (code, reason), done.stderr
    assert len(model.requests) - asked <= 2
    assert done.json()["blocker"]["next_action"]
    if name == "forever":
        assert done.json()["cost_usd"] == pytest.approx(2 * (100_000 * 0.2 + 5000 * 1.5) / 1e6)


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({"HF_TOKEN": ""}, ()),
        ({"HF_TOKEN": KEY}, ("--base-url", "https://models.example.org/v1")),
        ({"SPACEFACTORY_CODING_MODEL__API_KEY_ENV": "MY_KEY"}, ("--base-url", "https://models.example.org/v1")),
    ],
)
def test_without_a_key_nothing_begins(
    pi: dict[str, str], tmp_path: Path, env: dict[str, str], words: tuple[str, ...]
) -> None:
    unset = {"HF_TOKEN": "", "HF_HOME": str(tmp_path)}
    done = call("build", DIGITS, "--agent", "pi", "--json", *words, env={**pi, **unset, **env})
    blocker = done.json()["blocker"]
    assert (done.code, blocker["reason"]) == (5, "not_signed_in"), done.stderr
    assert env.get("SPACEFACTORY_CODING_MODEL__API_KEY_ENV", "HF_TOKEN") in blocker["detail"]
    assert blocker["next_action"]
