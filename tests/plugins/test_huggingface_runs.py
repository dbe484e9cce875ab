"""Whole runs on the emulated Hub with the command line: builds and validations in jobs, killed and taken up again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from spacefactory.schema.event import EventType
from spacefactory.testing.hub import EmulatedHub, Fault, Refuse
from spacefactory.testing.hub.seed import Tokens, people
from tests.plugins.huggingface_runs import (
    DIGITS,
    STEPS,
    Machine,
    assert_whole,
    done,
    hub_with_packages,
    log_of,
    record,
)

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("huggingface_runs")]

ECHO = """import gradio as gr


def paint(text: str) -> str:
    return text[::-1] + " " + str(len(text)) + " letters"


with gr.Blocks() as demo:
    words, told = gr.Textbox(label="Words"), gr.Textbox(label="Told")
    gr.Button("Go").click(paint, words, told, api_name="custom_paint")
demo.launch()
"""
ECHO_SPACE = {
    "README.md": "---\ntitle: Echo\nsdk: gradio\nsdk_version: 6.31.0\napp_file: app.py\n---\n",
    "app.py": ECHO,
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[EmulatedHub, Tokens]]:
    """A Hub with Ada's model, Eve's Space and Ada's own."""
    with hub_with_packages(tmp_path_factory) as hub:
        tokens = people(hub)
        hub.add_model("ada/digits", DIGITS)
        hub.add_space("eve/echo", ECHO_SPACE)
        hub.add_space("ada/echo", ECHO_SPACE, private=True)
        yield hub, tokens


def test_a_build_works_in_a_job_that_is_killed_and_ends_as_if_it_had_not_been(
    world: tuple[EmulatedHub, Tokens], tmp_path: Path
) -> None:
    hub, tokens = world
    ada = Machine(hub, tokens.ada, tmp_path)
    hub.log.clear()
    hub.world.job_environment["SPACEFACTORY_CRASH_AT"] = "after-done:generate"
    hub.fail(Fault(Refuse(503, headers={"Retry-After": "0"}), r"^/api/models/ada/digits"))
    killed = ada("build", "ada/digits", "--agent", "template", "--json")
    assert killed.code == 1, killed.stderr
    said = killed.json()["error"]
    assert "ended before the run did" in said["message"]
    run_id = said["next_step"].rpartition(" ")[2]
    del hub.world.job_environment["SPACEFACTORY_CRASH_AT"]
    last = Machine(hub, tokens.ada, tmp_path / "another machine")("runs", "resume", run_id, "--json")
    assert last.code == 0, last.stderr

    result = last.json()
    assert (result["status"], result["level"]) == ("full_inference_success", "reference")
    assert result["space"]["id"].startswith("ada/sf-digits-")
    space = hub.space(result["space"]["id"])
    assert (space.current, space.repo.private, space.stage) == ("zero-a10g", True, "RUNNING")
    ours = [one for one in space.repo.commits if one.title == "Publish the generated app"]
    assert len(ours) == 1
    assert [name for name in hub.world.spaces if name.startswith("ada/sf-")] == [space.id]
    jobs = hub.jobs(run=run_id)
    hub.wait(lambda: all(job.ended for job in jobs), "the last job to end")
    assert [job.stage for job in jobs] == ["ERROR", "COMPLETED"]

    files = record(hub, run_id)
    assert_whole(files, tokens.ada)
    assert {step: done(log_of(files), step) for step in STEPS} == dict.fromkeys(STEPS, 1)
    (retry,) = [event for event in log_of(files) if event.type == EventType.RETRY]
    assert retry.facts == {
        "call": "reading ada/digits",
        "status": 503,
        "error": "HfHubHTTPError",
        "attempt": 1,
        "wait_s": 0.0,
    }
    assert files["generated/app.py"] == hub.repo_files("space", space.id)["app.py"]
    assert not [path for path in files if path.startswith("workspace/")]
    for sighting in hub.log.misplaced(tokens.ada):
        entry = sighting.entry
        if entry.host == "space":
            assert (entry.space, sighting.place) == (space.id, "header:authorization")
        else:
            assert (entry.path, sighting.place) == ("/api/jobs/ada", "body")
            assert json.loads(entry.body)["secrets"] == {"HF_TOKEN": tokens.ada}
    logs = "".join(job.log.text() for job in jobs) + space.build_log.text() + space.run_log.text()
    for text in (killed, last):
        logs += text.stdout + text.stderr
    assert tokens.ada not in logs


@pytest.mark.parametrize("space", ["eve/echo", "ada/echo"], ids=["another's, public", "own, private"])
def test_a_space_of_any_author_is_validated_through_a_job(
    world: tuple[EmulatedHub, Tokens], tmp_path: Path, space: str
) -> None:
    hub, tokens = world
    hub.wait_for_stage(space, "RUNNING", timeout_s=120)
    hub.log.clear()
    before = hub.space(space).history[:]
    ran = Machine(hub, tokens.ada, tmp_path)(
        "validate", space, "--endpoint", "/custom_paint", "--expect", "text", "--json"
    )
    assert ran.code == 0, ran.stdout + ran.stderr
    result = ran.json()
    hub.wait(lambda: all(job.ended for job in hub.jobs(run=result["run_id"])), "the job to end")
    assert (result["status"], result["endpoint"]) == ("full_inference_success", "/custom_paint")
    assert result["space"]["id"] == space
    assert [job.stage for job in hub.jobs(run=result["run_id"], kind="validate")] == ["COMPLETED"]
    assert hub.space(space).history == before
    assert_whole(record(hub, result["run_id"]), tokens.ada)
    signed = {one.entry.space for one in hub.log.sightings(tokens.ada) if one.entry.host == "space"}
    assert signed == ({space} if space == "ada/echo" else set())


POINTS = (
    *(f"after-done:{step}" for step in STEPS[:5]),
    "after-intent:publish",
    "after-effect:publish",
    "after-done:publish",
    "after-effect:boot",
    "after-done:health",
    "after-effect:validate",
    "before-conclude",
    "after-conclude",
)


def test_a_run_that_is_killed_at_every_step_makes_one_space_and_one_whole_record(
    world: tuple[EmulatedHub, Tokens], tmp_path: Path
) -> None:
    """In the caller's process, one kill after the other: each resumption goes on to the next point."""
    hub, tokens = world
    before = set(hub.world.spaces)
    ada = Machine(hub, tokens.ada, tmp_path)
    here = {"SPACEFACTORY_PLATFORMS__huggingface__RUNS_IN": "caller", "SPACEFACTORY_AGENT": "template"}
    words: tuple[str, ...] = ("build", "ada/digits")
    run_id = ""
    for point in POINTS:
        killed = ada(*words, "--json", **here, SPACEFACTORY_CRASH_AT=point)
        assert killed.code == 137, (point, killed.stdout, killed.stderr)
        (folder,) = [path for path in (ada.home / "records").glob("*/runs/*") if path.is_dir()]
        run_id = folder.name
        words = ("runs", "resume", run_id)
    last = ada(*words, "--json", **here)
    assert last.code == 0, last.stderr
    result = last.json()
    assert result["status"] == "full_inference_success"
    assert set(hub.world.spaces) - before == {result["space"]["id"]}
    assert hub.jobs(run=run_id) == ()
    files = record(hub, run_id)
    assert_whole(files, tokens.ada)
    assert {step: done(log_of(files), step) for step in STEPS} == dict.fromkeys(STEPS, 1)
    hub.stop_space(result["space"]["id"])
