"""What a visitor may expect of a build, from the visitor's own runs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import islice

from spacefactory.errors import SpacefactoryError
from spacefactory.schema.status import Status
from spacefactory.schema.summary import RunSummary
from spacefactory.ui import words
from spacefactory.ui.desk import Desk

LOOKED_AT, RECENT = 200, 10
"""Runs that are looked at, and builds of them that count."""
CAME_TO_AN_APP = (Status.FULL_INFERENCE_SUCCESS, Status.CANDIDATE)


def usual(found: Desk) -> str:
    """How long the last builds took; empty where there was none, or where the runs cannot be read now."""
    try:
        return told(found.runs())
    except SpacefactoryError:
        return ""


def told(runs: Iterable[RunSummary]) -> str:
    """How long the newest builds took that came to an app, in a sentence."""
    ended = (one for one in islice(runs, LOOKED_AT) if one.kind == "build" and one.status in CAME_TO_AN_APP)
    took = [_seconds(one) for one in islice(ended, RECENT)]
    if len(took) < 2:
        return f"Your last build took {words.seconds(took[0])}." if took else ""
    return f"Your last {len(took)} builds took {words.seconds(min(took))} to {words.seconds(max(took))}."


def _seconds(run: RunSummary) -> float:
    return (datetime.fromisoformat(run.updated) - datetime.fromisoformat(run.created)).total_seconds()
