"""The evidence of a run, written where anybody can check it: `tests/*.json`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import JsonValue

from spacefactory.probe.evidence import Evidence
from spacefactory.probe.likeness import ONLY_COMPARED
from spacefactory.record.files import write_json
from spacefactory.schema.base import SCHEMA_VERSION
from spacefactory.schema.verdict import Call, Case, Endpoint, Judgement

LARGEST_TEXT = 65_536
"""Characters of one text that the record keeps; the whole is among the artifacts when it is a file."""
LONGEST_LIST = 20_000
"""Values of one list that the record keeps."""


def write_endpoint(folder: Path, endpoint: Endpoint, found: Sequence[Endpoint]) -> None:
    """endpoint.json: what is called, and what else the app offers."""
    others = [one.name for one in found if one.name != endpoint.name]
    _write(folder, "endpoint.json", {"endpoint": endpoint.as_json(), "others": others})


def write_cases(folder: Path, cases: Sequence[Case]) -> None:
    """cases.json: what goes in, and what should come out."""
    _write(folder, "cases.json", {"cases": [one.as_json() for one in cases]})


def write_calls(folder: Path, calls: Sequence[Call]) -> None:
    """calls.json: every call with its inputs, answer, outputs, findings and seconds."""
    _write(folder, "calls.json", {"calls": [_readable(one) for one in calls]})


def _readable(call: Call) -> dict[str, Any]:
    """A call without the measures that only serve comparisons: thousands of lines, and a tenth of a second to write."""
    document = call.as_json()
    for one in document["inspections"]:
        one["measures"] = {name: figure for name, figure in one["measures"].items() if name not in ONLY_COMPARED}
    return document


def write_checks(folder: Path, judgement: Judgement, evidence: Evidence) -> None:
    """checks.json: the judgement, and every comparison that it rests on."""
    compared = [
        {
            "what": name.what,
            "case": evidence.calls[name.call].case.id,
            "output": name.position,
            "check": check.as_json(),
        }
        for name, checks in evidence.differences.items()
        for check in checks
    ]
    health = dict(evidence.health) if evidence.health is not None else None
    facts = {"expected_type": evidence.expected, "health": health, "comparisons": compared}
    _write(folder, "checks.json", {"judgement": judgement.as_json(), **facts})


def _write(folder: Path, name: str, facts: dict[str, Any]) -> None:
    document = kept({"schema_version": SCHEMA_VERSION, **facts}, f"{folder}/")
    write_json(folder / "tests" / name, document)


def kept(value: Any, prefix: str) -> JsonValue:
    """A value as the record keeps it: paths inside the run's folder are relative to it, endless values are cut."""
    if isinstance(value, dict):
        return {key: kept(one, prefix) for key, one in value.items()}
    if isinstance(value, list | tuple):
        rest = [f"... and {len(value) - LONGEST_LIST} more"] if len(value) > LONGEST_LIST else []
        return [*(kept(one, prefix) for one in value[:LONGEST_LIST]), *rest]
    if isinstance(value, str):
        short = value.removeprefix(prefix)
        return short if len(short) <= LARGEST_TEXT else f"{short[:LARGEST_TEXT]}... ({len(short)} characters)"
    plain: JsonValue = value
    return plain
