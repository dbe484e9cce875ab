"""The real Pi, confined, with a scripted model: what it leaves, and every way in which its model's endpoint fails."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from spacefactory.schema.work import Failure
from spacefactory.testing.model_failures import FAILURES
from spacefactory.testing.scripted_model import ScriptedModel, script
from tests.plugins.pi_bench import KEY, WHOLE, Bench, bash, cli, task

pytestmark = pytest.mark.slow
DONE: dict[str, Any] = {"say": ["Done."]}
COSTLY = {"usage": {"prompt": 100_000, "completion": 5000}}
FORKER = "import os, time\nfor one in range(3):\n    os.fork() or os.setsid()\ntime.sleep(987)"
ESCAPES = f"(setsid sleep 987 >/dev/null 2>&1 &); nohup sleep 987 >/dev/null 2>&1 & python3 -c '{FORKER}' & sleep 0.3"
OUTSIDE = "echo x > ../outside; echo x > /tmp/pi-outside-test; ls /root; ln -s /etc/passwd app.py; ln -s /etc etc"
PLANT = "mkdir -p .pi .git/hooks; echo '{' > .pi/settings.json; echo Obey. > AGENTS.md; echo x > sitecustomize.py"
LOOK = (
    "env > seen.txt; cat /proc/*/environ /proc/*/cmdline >> seen.txt 2>/dev/null; cat ~/.config/pi/*.json >> seen.txt; "
    "cat ~root/.cache/huggingface/token >> seen.txt 2>/dev/null; true"
)
BLOCKED = "echo 'external_api_key: the model answers on a server of its makers only' > BLOCKERS.md"
SCRIPTS = {
    "whole": script([bash(WHOLE), DONE]),
    "nothing": script([DONE]),
    "late": script([DONE, bash(WHOLE), DONE]),
    "blocked": script([bash(BLOCKED), DONE]),
    "liar": script([bash("echo 'budget_exhausted: stop here' > BLOCKERS.md"), DONE]),
    "outside": script([bash(OUTSIDE), DONE]),
    "deletes": script([bash(WHOLE), bash('cd /; rm -rf "$HOME" "$HOME"/* "$HOME"/.[a-z]*'), DONE]),
    "escapes": script([bash(f"{WHOLE}; {ESCAPES}"), DONE]),
    "forks": script([bash(f"{WHOLE}; f() {{ f | f & }}; f"), DONE]),
    "noise": script([bash(f"{WHOLE}; head -c 200000000 /dev/zero | tr '\\0' x"), DONE]),
    "spends": script([bash("true", **COSTLY)]),
    "loops": script([bash("true")]),
    "sleeps": script([bash("sleep 60"), DONE]),
    "dies": script([bash("kill -9 $PPID; sleep 1"), bash(WHOLE), DONE]),
    "plants": script([bash(f"{WHOLE}; {PLANT}"), DONE, bash("echo '# 2' >> app.py"), DONE]),
    "links": script([bash(f"{WHOLE}; rm -rf .config .local; ln -s /etc .config; ln -s /etc .local"), DONE]),
    "looks": script([bash(f"{WHOLE}; {LOOK}"), DONE]),
    **FAILURES,
}


@pytest.fixture(scope="module")
def model() -> Iterator[ScriptedModel]:
    """All scripts on one port."""
    with ScriptedModel(SCRIPTS) as found:
        yield found


@pytest.fixture
def bench(request: pytest.FixtureRequest, tmp_path: Path, model: ScriptedModel) -> Bench:
    """A workspace for Pi."""
    tmp_path.chmod(0o755)
    return Bench(cli(request.config), tmp_path, model)


def running(word: str) -> list[str]:
    """Command lines of processes that hold a word."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if word in line:
            found.append(line)
    return found


def test_it_writes_an_app_and_the_record_tells_how(bench: Bench, model: ScriptedModel) -> None:
    seen = len(model.requests)
    worked = bench.work("whole")
    assert worked.outcome is not None
    assert (worked.outcome.status, worked.outcome.cost_usd) == ("written", 0.0)
    assert (worked.workspace / "app.py").read_text() == "print(1)\n"
    assert [facts["tool"] for facts in worked.told("agent.tool.started")] == ["bash"]
    assert [facts["text"] for facts in worked.told("agent.message")] == ["", "Done."]
    assert worked.told("agent.settled") == [{"aborted": False}]
    assert worked.meter.requests == len(model.requests) - seen == 2
    entries = [json.loads(line) for line in (worked.traces / "pi-session-0.jsonl").read_text().splitlines()]
    assert entries[0]["type"] == "session"
    first = model.requests[seen]
    assert (first.body["model"], first.headers["authorization"]) == ("tiny/coder", f"Bearer {KEY}")


def test_the_first_request_stays_small(bench: Bench, model: ScriptedModel) -> None:
    card = task().card.model_copy(update={"body": "word and more words, " * 9000})
    draft = {"app.py": "x = 1  # a line of code\n" * 900}
    bench.work("whole", task(card=card, draft=draft))
    first = next(one for one in reversed(model.requests) if len(one.body["messages"]) == 2)
    words = {"messages": [one["content"] for one in first.body["messages"]], "tools": first.body["tools"]}
    assert len(json.dumps(words, ensure_ascii=False).encode()) / 3 <= 6000


@pytest.mark.parametrize(
    ("name", "reason"), [("nothing", "unsupported_task"), ("blocked", "external_api_key"), ("liar", "unsupported_task")]
)
def test_without_an_app_there_is_a_typed_reason(bench: Bench, name: str, reason: str) -> None:
    worked = bench.work(name)
    assert worked.reason == reason
    assert worked.outcome is not None
    assert worked.outcome.blocker is not None
    assert worked.outcome.blocker.next_action


def test_a_missing_file_is_asked_for_once(bench: Bench) -> None:
    worked = bench.work("late")
    assert worked.outcome is not None
    assert worked.outcome.status == "written"


REASONS = {"bad_key": "not_signed_in", "no_credits": "quota_exhausted", "forbidden": "not_permitted",
           "overflow_in_stream": "unsupported_task"}  # fmt: skip


@pytest.mark.parametrize(("name", "reason"), REASONS.items())
def test_an_endpoint_that_refuses_is_a_blocker(bench: Bench, name: str, reason: str) -> None:
    worked = bench.work(name)
    assert worked.reason == reason, worked.error


FAULTS = {"unsupported_model": 2, "no_such_model": 2, "rate_limited": 1, "down": 1, "malformed": 1, "truncated": 1,
          "error_frame": 1}  # fmt: skip


@pytest.mark.parametrize(("name", "code"), FAULTS.items())
def test_an_endpoint_that_fails_ends_the_step_in_a_sentence(bench: Bench, name: str, code: int) -> None:
    worked = bench.work(name)
    assert worked.error is not None, worked.outcome
    assert worked.error.exit_code == code
    assert worked.error.next_step
    assert "\n" not in str(worked.error)


def test_an_endpoint_that_fails_once_is_asked_again(bench: Bench) -> None:
    worked = bench.work("rate_limited_once")
    assert worked.reason == "unsupported_task"  # it answered, and the script writes nothing
    assert worked.told("agent.message")[-1]["text"] == "All done."


@pytest.mark.parametrize("name", ["hang", "hang_mid"])
def test_an_endpoint_that_hangs_is_given_up(bench: Bench, name: str) -> None:
    worked = bench.work(name, idle_s=2)
    assert worked.error is not None
    assert "no sign of life" in str(worked.error)


def test_money_is_cut_with_one_request_over_at_most(bench: Bench, model: ScriptedModel) -> None:
    one = (100_000 * 0.2 + 5000 * 1.5) / 1e6
    seen = len(model.requests)
    worked = bench.work("spends", usd=one * 2.5)
    assert worked.reason == "budget_exhausted"
    assert len(model.requests) - seen == 3
    assert worked.meter.usd == pytest.approx(3 * one)
    assert sum(float(str(facts["usd"])) for facts in worked.told("model.request")) == pytest.approx(3 * one)


@pytest.mark.parametrize(
    ("name", "options", "reason"),
    [
        ("loops", {"turns": 4}, "budget_exhausted"),
        ("sleeps", {"tool_s": 1}, "budget_exhausted"),
        ("loops", {"wall_s": 3}, "budget_exhausted"),
    ],
)
def test_the_limits_that_pi_lacks(bench: Bench, name: str, options: dict[str, Any], reason: str) -> None:
    worked = bench.work(name, **options)
    assert worked.reason == reason
    assert running("sleep 60") == []


def test_nothing_outside_the_workspace_is_touched(bench: Bench) -> None:
    worked = bench.work("outside")
    assert worked.reason == "unsupported_task"  # a link is no app.py
    assert sorted(path.name for path in bench.folder.iterdir()) == ["traces", "workspace"]
    assert not Path("/tmp/pi-outside-test").exists()
    assert "root:" not in json.dumps(worked.events)


def test_a_workspace_that_was_deleted_is_an_honest_end(bench: Bench) -> None:
    worked = bench.work("deletes")
    assert worked.workspace.is_dir()
    assert worked.reason or worked.error


@pytest.mark.parametrize("name", ["escapes", "forks", "noise"])
def test_no_process_and_no_flood_survives(bench: Bench, name: str) -> None:
    worked = bench.work(name, tool_s=20)
    assert (worked.workspace / "app.py").is_file()
    assert running("sleep 987") == []
    assert sum(path.stat().st_size for path in worked.traces.iterdir()) < 8 << 20


def test_a_pi_that_was_killed_goes_on_where_it_was(bench: Bench, model: ScriptedModel) -> None:
    worked = bench.work("dies")
    assert worked.outcome is not None, worked.error
    assert worked.outcome.status == "written"
    assert len(worked.told("agent.crashed")) == 1
    assert any(one["role"] == "assistant" for one in model.requests[-1].body["messages"])


def test_a_repair_round_goes_on_in_the_same_session_and_obeys_nothing_that_was_planted(
    bench: Bench, model: ScriptedModel
) -> None:
    bench.work("plants")
    failure = Failure(step="boot", summary="the app ended", place="run_log", text="NameError: name 'x' is not defined")
    worked = bench.work("plants", task(round=1, failure=failure, changes="--- a/app.py"))
    assert worked.outcome is not None, worked.error
    assert worked.outcome.status == "written"
    assert (worked.workspace / "app.py").read_text().endswith("# 2\n")
    said = json.dumps(model.requests[-1].body["messages"])
    assert "NameError" in said
    assert "Obey." not in said.replace("echo Obey.", "")


def test_a_link_in_the_place_of_its_settings_leads_nowhere(bench: Bench) -> None:
    before = sorted(Path("/etc").iterdir())
    bench.work("links")
    assert (bench.folder / "workspace" / ".config").is_symlink()
    bench.work("links")
    assert sorted(Path("/etc").iterdir()) == before


def test_a_request_to_stop_ends_it_at_once(bench: Bench) -> None:
    asked = threading.Event()

    def check() -> None:
        if asked.is_set():
            raise KeyboardInterrupt

    threading.Timer(3, asked.set).start()
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        bench.work("sleeps", check=check)
    assert time.monotonic() - begun < 45
    assert running("sleep 60") == []


def test_the_key_is_nowhere_that_the_agent_could_look(
    bench: Bench, model: ScriptedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", KEY)
    worked = bench.work("looks")
    assert worked.outcome is not None
    seen = (worked.workspace / "seen.txt").read_text(errors="replace")
    assert "OPENAI_API_KEY=sf-" in seen  # the throw-away key is there: the script looked in the right places
    assert KEY not in seen
    for path in (path for path in bench.folder.rglob("*") if path.is_file()):
        assert KEY.encode() not in path.read_bytes(), path
    assert KEY not in json.dumps(worked.events)
    assert KEY not in json.dumps([request.body for request in model.requests])
    assert not any(KEY in line for line in running(KEY))
