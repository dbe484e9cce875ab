"""Runs: made, executed in this process, taken up again, cancelled."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import JsonValue, ValidationError
from ulid import ULID

from spacefactory import __version__
from spacefactory.attend import attend, concluded_in
from spacefactory.credentials import Credentials, context_of, from_machine
from spacefactory.errors import BlockedError, NotFoundError, UsageError
from spacefactory.interrupts import Terminated, undisturbed, watched
from spacefactory.plugins import Plugins
from spacefactory.record.files import write_json
from spacefactory.record.fold import fold
from spacefactory.record.journal import LOG, Journal, read_events
from spacefactory.record.redaction import redactor
from spacefactory.run import Listener, Run
from spacefactory.schema.event import EventType
from spacefactory.schema.run import RunResult, RunSpec
from spacefactory.schema.status import Blocker, BlockerReason, Status
from spacefactory.settings import Settings
from spacefactory.workflows.build import build
from spacefactory.workflows.conclude import Ending, conclude, concluded
from spacefactory.workflows.validate import validate

WORKFLOWS = {"build": build, "validate": validate}


def plugins_of(settings: Settings, credentials: Credentials | None = None) -> Plugins:
    """The plugins of a command that works outside a run."""
    return Plugins(context_of(settings, credentials or from_machine(settings)), settings.plugins.disabled)


def create(
    kind: Literal["build", "validate"],
    reference: str,
    settings: Settings,
    options: Mapping[str, Any],
    credentials: Credentials | None = None,
) -> tuple[RunSpec, Path]:
    """A new run with its spec in the record; nothing is done yet.

    `credentials` here and below: whose work it is; this machine's user when left out.

    Raises:
        PluginError: a provider that the configuration names is not installed.
        UsageError: an option cannot be used.
    """
    held = credentials or from_machine(settings)
    plugins = plugins_of(settings, held)
    spec = _spec(kind, reference, settings, plugins, options)
    _check_providers(plugins, spec)
    store = plugins.store(spec.providers.store)
    folder = store.create(spec.run_id)
    with Journal(folder / LOG, spec.run_id, redactor(held.secrets())) as journal:
        journal.append(EventType.RUN_CREATED, spec=spec.as_json())
        if (state := fold(journal.events)) is not None:  # so that lists know a run whose job waits in a queue
            write_json(folder / "state.json", state.as_json())
    store.flush(spec.run_id)
    return spec, folder


def execute(
    spec: RunSpec,
    settings: Settings,
    folder: Path,
    listener: Listener | None = None,
    credentials: Credentials | None = None,
) -> RunResult:
    """Work on a run until it concludes, here and now.

    Raises:
        UsageError: other plugins are installed than the run was made with, or somebody else works on it.
        Terminated: the process was told to end; the run can be resumed.
    """
    run = Run(spec, settings, folder, credentials or from_machine(settings), listener)
    try:
        _same_plugins(run)
        run.connect_observers()
        if (there := concluded(run)) is not None and there.status.terminal:
            run.save()  # whoever concluded it may have been killed before it could
            return there
        with run.store.hold(spec.run_id):
            if len(run.journal.events) > 1:
                run.journal.append(EventType.RUN_RESUMED)
            with watched(run):
                return _guarded(run)
    finally:
        run.close()


def work(
    spec: RunSpec,
    settings: Settings,
    folder: Path,
    listener: Listener | None = None,
    credentials: Credentials | None = None,
) -> RunResult:
    """Work on a run where its platform has runs worked on: in this process, or in a job that is watched from here.

    Raises:
        UsageError: other plugins are installed than the run was made with, or somebody else works on it.
        PlatformError: the job ended before the run did.
        Terminated: the process was told to end; the run can be resumed.
    """
    if spec.providers.runs_in == "caller":
        return execute(spec, settings, folder, listener, credentials)
    plugins = plugins_of(settings, credentials)
    store, runner = plugins.store(spec.providers.store), plugins.runner(spec.providers.runner)
    known = read_events(folder / LOG)
    if (there := concluded_in(known)) is not None and there.status.terminal:
        store.flush(spec.run_id)
        return there
    try:
        job = runner.submit(spec, folder)
    except (BlockedError, UsageError) as error:
        return _refused(spec, settings, folder, credentials, error)
    return attend(spec.run_id, store, runner, job, listener, known=len(known))


def _refused(
    spec: RunSpec,
    settings: Settings,
    folder: Path,
    credentials: Credentials | None,
    error: BlockedError | UsageError,
) -> RunResult:
    """Conclude a run that cannot have a job, here.

    Raises:
        UsageError: what was asked for cannot be used.
    """
    run = Run(spec, settings, folder, credentials or from_machine(settings))
    try:
        with run.store.hold(spec.run_id):
            _replay(run)
            result = conclude(run, _ending(error))
    finally:
        run.close()
    if isinstance(error, UsageError):
        raise error
    return result


def _ending(error: BlockedError | UsageError) -> Ending:
    if isinstance(error, UsageError):
        return Ending(Status.FAILED, note=str(error))
    blocker = Blocker(reason=BlockerReason(error.reason), detail=error.message, next_action=error.next_step)
    return Ending(Status.TECHNICAL_BLOCKER, blocker=blocker)


def _guarded(run: Run) -> RunResult:
    try:
        return WORKFLOWS[run.spec.kind](run)
    except KeyboardInterrupt:
        with undisturbed():
            return conclude(run, Ending(Status.CANCELLED))
    except Terminated:
        run.journal.append(EventType.RUN_INTERRUPTED)
        run.save()
        raise


def open_run(run_id: str, settings: Settings, credentials: Credentials | None = None) -> tuple[RunSpec, Path]:
    """The spec and folder of an existing run.

    Raises:
        NotFoundError: there is no such run in this store.
    """
    store = plugins_of(settings, credentials).store(settings.providers().store)
    folder = store.find(run_id)
    if folder is None or not (folder / LOG).is_file():
        raise NotFoundError(f"there is no run {run_id!r}", "see: spacefactory runs list")
    events = read_events(folder / LOG)
    if not events or events[0].type != EventType.RUN_CREATED:
        raise NotFoundError(f"run {run_id!r} was never begun", f"remove it with: spacefactory runs delete {run_id}")
    return RunSpec.model_validate(events[0].facts["spec"]), folder


def resume(
    run_id: str, settings: Settings, listener: Listener | None = None, credentials: Credentials | None = None
) -> RunResult:
    """Take a run up where it was left; a run that has ended gives its result again.

    Raises:
        NotFoundError: there is no such run.
        UsageError: somebody works on it, or the plugins differ from those of the run.
    """
    spec, folder = open_run(run_id, settings, credentials)
    return work(spec, settings_of(spec, settings), folder, listener, credentials)


def cancel(run_id: str, settings: Settings, credentials: Credentials | None = None) -> RunResult | None:
    """Ask whoever works on a run to stop; when nobody does, conclude it here.

    Returns:
        The result when the run was concluded here or had ended before; None when its process was asked to stop.
    """
    spec, folder = open_run(run_id, settings, credentials)
    plugins_of(settings, credentials).store(spec.providers.store).ask(run_id, "cancel")
    try:
        run = Run(spec, settings_of(spec, settings), folder, credentials or from_machine(settings))
    except UsageError:
        return None
    try:
        if (there := concluded(run)) is not None and there.status.terminal:
            return there
        with run.store.hold(run_id):
            _replay(run)
            return conclude(run, Ending(Status.CANCELLED))
    except UsageError:
        return None
    finally:
        run.close()


def _replay(run: Run) -> None:
    """Know again what the steps of an unfinished run left, so that its Space can be stopped."""
    from spacefactory.workflows.build import HEAD, TRY, WRITE
    from spacefactory.workflows.validate import STEPS

    known = {step.name: step.result for step in (*HEAD, *WRITE, *TRY, *STEPS)}
    for event in run.journal.events:
        name = str(event.facts.get("step"))
        if event.type == EventType.STEP_DONE and name in known:
            run.results[name] = known[name].model_validate(event.facts["result"])


def _spec(
    kind: Literal["build", "validate"],
    reference: str,
    settings: Settings,
    plugins: Plugins,
    options: Mapping[str, Any],
) -> RunSpec:
    kept: dict[str, JsonValue] = json.loads(settings.model_dump_json(exclude={"home"}))
    try:
        return RunSpec(
            run_id=str(ULID()),
            kind=kind,
            reference=reference,
            platform=settings.platform,
            providers=settings.providers(),
            plugins=plugins.facts(),
            budget=settings.budget,
            version=__version__,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            settings=kept,
            **options,
        )
    except ValidationError as error:
        first = error.errors()[0]
        where = "--" + str(first["loc"][0]).replace("_", "-")
        raise UsageError(f"{where} cannot be used: {first['msg'].lower()}") from None


def _check_providers(plugins: Plugins, spec: RunSpec) -> None:
    """Every provider that the run will need, found before anything is created."""
    wanted = spec.providers
    plugins.store(wanted.store)
    host = plugins.host(wanted.host)
    if spec.kind == "validate":
        return
    for name in wanted.sources:
        plugins.source(name)
    for name in wanted.analyzers:
        plugins.analyzer(name)
    plugins.agent(wanted.agent)
    for name in wanted.hardware if host.account().assigns_hardware else ():
        plugins.hardware(name)


def _same_plugins(run: Run) -> None:
    wanted, there = set(run.spec.plugins), set(run.plugins.facts())
    if differing := sorted({fact.name for fact in wanted ^ there}):
        raise UsageError(
            f"the plugins of run {run.spec.run_id} are not the ones installed now: {', '.join(differing)} differ",
            "install the versions that the run was made with, or start it again",
        )


def settings_of(spec: RunSpec, settings: Settings) -> Settings:
    """The settings that a run was made with, in the data folder of this command."""
    return Settings.model_validate({**spec.settings, "home": settings.home})
