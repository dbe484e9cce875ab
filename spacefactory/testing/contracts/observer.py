"""Promises of an Observer."""

# ruff: noqa: S101 - contracts assert

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from spacefactory.providers import Observer
from spacefactory.schema.event import Event, EventType
from spacefactory.testing.contracts.named import NamedContract

RUN_ID = "01JDX0000000000000000000RN"
KINDS = (*(kind.value for kind in EventType), "agent.said", "plugin.told", "some.future.kind")


def event(kind: str, seq: int = 0, **facts: Any) -> Event:
    """One event of a run."""
    return Event(
        seq=seq,
        run_id=RUN_ID,
        type=kind,
        at="2026-01-01T00:00:00+00:00",
        mono=float(seq),
        boot_id="boot",
        writer="host:1",
        facts=facts,
    )


class ObserverContract(NamedContract):
    """Override `provider`."""

    protocol: ClassVar[type[Any]] = Observer

    @pytest.mark.parametrize("kind", KINDS)
    def test_hears_every_kind(self, provider: Observer, kind: str) -> None:
        """Known or not, with and without facts."""
        provider.on_event(event(kind))
        provider.on_event(event(kind, 1, step="boot", nested={"list": [None, 1, "x"]}))

    def test_cannot_change_what_it_hears(self, provider: Observer) -> None:
        """The event is the same afterwards: others hear it too."""
        heard = event(EventType.STEP_DONE, step="boot", result={"url": "x"})
        before = heard.model_dump_json()
        provider.on_event(heard)
        assert heard.model_dump_json() == before

    def test_hears_the_same_event_again(self, provider: Observer) -> None:
        """A resumed run may tell an event twice."""
        for _ in range(2):
            provider.on_event(event(EventType.RUN_RESUMED, 3))
