"""What tests of the Hugging Face plugin share: access in a name, spec of a run, a record to ship."""

from __future__ import annotations

from pathlib import Path

from spacefactory_huggingface.client import Hub

from spacefactory.hookspecs import PluginContext
from spacefactory.record.files import write_json
from spacefactory.record.journal import LOG, Journal
from spacefactory.schema.event import EventType
from spacefactory.schema.run import RunSpec
from spacefactory.settings import Settings
from spacefactory.testing.hub import EmulatedHub

RUN = "01JZZZZZZZZZZZZZZZZZZZZZZZ"
OTHER_RUN = "01JYYYYYYYYYYYYYYYYYYYYYYY"


def hub_for(emulated: EmulatedHub, home: Path, token: str | None, **options: str) -> Hub:
    """Access to the emulated Hub with a token, with a data folder of its own."""
    table = {"endpoint": emulated.endpoint, **options}
    return Hub(PluginContext(home=home, table=table, plugin="huggingface", hub_token=lambda: token))


def spec_of(home: Path, **changes: object) -> RunSpec:
    """A run of the platform as the command line makes it."""
    from spacefactory.runs import plugins_of

    settings = Settings(home=home, platform="huggingface", agent="template")
    kept = settings.model_dump(mode="json", exclude={"home"})
    facts: dict[str, object] = {
        "run_id": RUN,
        "kind": "build",
        "reference": "ada/digits",
        "platform": "huggingface",
        "providers": settings.providers(),
        "plugins": plugins_of(settings).facts(),
        "budget": settings.budget,
        "version": "0",
        "created": "2026-01-01T00:00:00+00:00",
        "settings": kept,
    }
    return RunSpec.model_validate(facts | changes)


def begin(folder: Path, spec: RunSpec) -> None:
    """The first event of a run."""
    with Journal(folder / LOG, spec.run_id, lambda value: value) as journal:
        journal.append(EventType.RUN_CREATED, spec=spec.as_json())


def tell(folder: Path, run_id: str, *lines: str) -> None:
    """More events."""
    with Journal(folder / LOG, run_id, lambda value: value) as journal:
        for line in lines:
            journal.append(EventType.STEP_PROGRESS, line=line)


def keep_state(folder: Path, run_id: str, status: str = "running") -> None:
    """A state.json as a run leaves it."""
    write_json(
        folder / "state.json",
        {
            "run_id": run_id,
            "kind": "build",
            "reference": "ada/digits",
            "status": status,
            "created": "2026-01-01T00:00:00+00:00",
            "updated": "2026-01-01T00:00:00+00:00",
            "events": 1,
        },
    )
