"""runs list, show, events, report, resume, cancel, delete."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spacefactory.cli import inert, options, output

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from spacefactory.schema.event import Event
    from spacefactory.schema.run import RunState
    from spacefactory.schema.summary import RunSummary

LIMIT = 20


def list_runs(
    status: Annotated[
        str | None, typer.Option("--status", metavar="STATUS", help="Only runs with this status, such as candidate.")
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option("--limit", metavar="N", min=0, help=f"Newest N runs, {LIMIT} if left out; 0 shows all."),
    ] = None,
    platform: options.Platform = None,
    as_json: options.Json = False,
) -> None:
    """List runs, newest first."""
    from spacefactory.cli import records

    limit = LIMIT if limit is None else limit
    runs = records.store(platform).list()
    wanted = runs if status is None else _with(status, runs)
    found = list(islice(wanted, limit + 1) if limit else wanted)
    shown = found[:limit] if limit else found
    if as_json:
        output.document({"schema_version": 1, "runs": [run.as_json() for run in shown]})
        return
    _table(shown)
    if len(found) > len(shown):
        output.note("there are more: --limit 0 shows all")


def _with(status: str, runs: Iterable[RunSummary]) -> Iterator[RunSummary]:
    """Runs with a status; a store may know more of them than runs end with, such as interrupted."""
    from spacefactory.errors import UsageError
    from spacefactory.schema.outcome import Status

    known = {one.value for one in Status} | {"interrupted", "damaged"}
    for run in runs:
        known.add(run.status)
        if run.status == status:
            yield run
    if status not in known:
        raise UsageError(f"no run has the status {status!r}", f"choose one of: {', '.join(sorted(known))}")


def _table(runs: list[RunSummary]) -> None:
    if not runs:
        output.note("no runs; begin with: spacefactory demo")
        return
    rows = [
        (run.run_id, run.kind, run.status, run.level, run.created[:19].replace("T", " "), inert.line(run.reference, 80))
        for run in runs
    ]
    output.columns(("RUN", "KIND", "STATUS", "LEVEL", "CREATED (UTC)", "MODEL OR SPACE"), rows)


def show(run: options.RunId, platform: options.Platform = None, as_json: options.Json = False) -> None:
    """Show where a run stands: its steps, and how it ended."""
    from spacefactory import watch
    from spacefactory.cli import records
    from spacefactory.record.fold import fold

    run_id, folder = watch.find(run, records.store(platform))
    events = watch.events(folder)
    state = fold(events)
    if state is None:
        raise _never_begun(run_id)
    if as_json:
        output.document(state.as_json() | {"folder": str(folder), "result": _result(events)})
    else:
        _show(state, events, folder)


def _result(events: list[Event]) -> Any:
    """The result document of the last conclusion, None while there is none."""
    from spacefactory.schema.event import EventType

    return next((e.facts["result"] for e in reversed(events) if e.type == EventType.RUN_CONCLUDED), None)


def _show(state: RunState, events: list[Event], folder: Path) -> None:
    from spacefactory.cli import progress, summary
    from spacefactory.schema.run import RunResult
    from spacefactory.schema.status import Status

    output.say(f"run {state.run_id}: {state.kind} {inert.line(state.reference)}")
    for step in state.steps:
        took = f"{step.seconds:.1f} s" if step.seconds is not None else ""
        output.say(f"  {step.state:8}{progress.label(step):22}{took:>9}  {inert.line(step.summary, 140)}")
    output.say()
    if state.status != Status.RUNNING and (result := _result(events)) is not None:
        summary.show(RunResult.model_validate(result))
    else:
        output.say(_where(state, events[-1]))
        output.say(f"record: {inert.line(folder, 4096)}")


def _where(state: RunState, last: Event) -> str:
    from spacefactory.watch import writer_lives

    if state.interrupted or writer_lives(last) is False:
        return f"nobody works on it; go on with: spacefactory runs resume {state.run_id}"
    return f"it is being worked on; watch it with: spacefactory runs events {state.run_id} --follow"


def events(
    run: options.RunId,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until the run ends.")] = False,
    platform: options.Platform = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON document; with --follow one JSON document per line and event.")
    ] = False,
) -> None:
    """Print a run's events, the truth of its record."""
    from spacefactory import watch
    from spacefactory.cli import records

    run_id, folder = watch.find(run, records.store(platform))
    if as_json and not follow:
        listed = [event.as_json() for event in watch.events(folder)]
        output.document({"schema_version": 1, "run_id": run_id, "events": listed})
        return
    for event in watch.follow(folder) if follow else watch.events(folder):
        if as_json:
            output.json_line(event.as_json())
        else:
            output.say(_event(event))
            output.channel().stream.flush()


def _event(event: Event) -> str:
    facts = {key: value for key, value in event.facts.items() if key not in ("result", "spec", "round")}
    text = ", ".join(f"{key} {inert.line(value, 160)}" for key, value in facts.items() if value not in (None, "", []))
    return f"{event.seq:4}  {event.at[11:23]}  {inert.line(event.type, 40):16}  {text}".rstrip()


def report(run: options.RunId, platform: options.Platform = None, as_json: options.Json = False) -> None:
    """Print a run's report: what was called, what came back, and every check."""
    from spacefactory import watch
    from spacefactory.cli import records
    from spacefactory.errors import UsageError

    run_id, folder = watch.find(run, records.store(platform))
    try:
        text = (folder / "report.md").read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UsageError(f"run {run_id} has no report yet", f"see: spacefactory runs show {run_id}") from None
    if as_json:
        output.document({"schema_version": 1, "run_id": run_id, "path": str(folder / "report.md"), "markdown": text})
    else:
        output.say(inert.block(text).rstrip("\n"))


def resume(
    run: options.RunId,
    platform: options.Platform = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Take a run up where it was left.

    A run that waits for hardware goes on; one that has ended gives its result again. Exit status as for build.
    """
    from spacefactory import runs, watch
    from spacefactory.cli import records, work

    settings = options.light(platform)
    run_id, _ = watch.find(run, records.of(settings))
    spec, folder = runs.open_run(run_id, settings)
    how = work.How(as_json=as_json, quiet=quiet)
    work.finish(work.carry_on(spec, runs.settings_of(spec, settings), folder, how), how)


def cancel(run: options.RunId, platform: options.Platform = None, as_json: options.Json = False) -> None:
    """Stop a run: its process is asked to end, and its Space is stopped.

    Exit status 0 when the run is cancelled or was asked to stop, whatever its own status is.
    """
    from spacefactory import runs, watch
    from spacefactory.cli import records

    settings = options.light(platform)
    run_id, _ = watch.find(run, records.of(settings))
    result = runs.cancel(run_id, settings)
    status = result.status.value if result else "running"
    if as_json:
        output.document(
            {"schema_version": 1, "run_id": run_id, "status": status, "result": result.as_json() if result else None}
        )
    elif result is None:
        output.say(f"run {run_id} was asked to stop; watch it with: spacefactory runs events {run_id} --follow")
    else:
        output.say(f"run {run_id}: {status}")


def delete(
    runs: options.RunIds,
    yes: options.Yes = False,
    platform: options.Platform = None,
    as_json: options.Json = False,
) -> None:
    """Remove the records of runs; their Spaces stay. A run that is being worked on is refused."""
    from spacefactory import watch
    from spacefactory.cli import records

    store = records.store(platform)
    found = dict(watch.find(run, store) for run in runs)
    options.confirm(f"Delete the record of {', '.join(found)}?", yes=yes, as_json=as_json)
    for run_id, folder in found.items():
        watch.delete(run_id, folder, store)
        if not as_json:
            output.say(f"deleted run {run_id}")
    if as_json:
        output.document({"schema_version": 1, "deleted": list(found)})


def _never_begun(run_id: str) -> Exception:
    from spacefactory.errors import NotFoundError

    return NotFoundError(f"run {run_id} was never begun", f"remove it with: spacefactory runs delete {run_id}")
