"""One app, proven: discovered, called, looked at, judged, recorded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import JsonValue

from spacefactory.errors import PlatformError
from spacefactory.probe import record
from spacefactory.probe.alive import health
from spacefactory.probe.app import describe
from spacefactory.probe.calling import Line, make_calls
from spacefactory.probe.case_file import read_cases
from spacefactory.probe.cases import LEAST, plan
from spacefactory.probe.discover import choose, endpoints, expected_type, judged_as
from spacefactory.probe.evidence import (
    Evidence,
    as_expected,
    batch,
    by_question,
    is_path,
    settled_type,
    with_inspections,
)
from spacefactory.probe.expectation import of
from spacefactory.probe.files import require_judge
from spacefactory.probe.inspect import Place, inspect
from spacefactory.probe.judge import judge
from spacefactory.probe.request import ProbeRequest, ProbeResult
from spacefactory.probe.shipped import shipped_files
from spacefactory.probe.timing import duration
from spacefactory.providers import OutputValidator
from spacefactory.schema.verdict import Call, Case, Endpoint

DOCUMENT_S = 60.0
"""Seconds that the app may take to describe itself."""
MORE = 2
"""Calls that are added when the first ones all gave the same answer: the inputs may have been too much alike."""
Tell = Callable[[str], None]


def probe(request: ProbeRequest, validators: Sequence[OutputValidator], tell: Tell) -> ProbeResult:
    """Call a running app as its users would, and judge what comes back.

    Evidence is written as it comes: what is called, with what, what came back, what was found.

    Raises:
        BlockedError: the app has no endpoint that can be called (no_endpoint), or this machine cannot confine the
            decoders (sandbox_unavailable).
        UsageError: an endpoint's input or type that the user named does not exist.
        PlatformError: the record cannot be written.
    """
    if request.expect:
        require_judge(judged_as(request.expect), validators)
    app = describe(request.connection, min(DOCUMENT_S, request.timeout_s))
    found = endpoints(app.info)
    endpoint = choose(found, request.endpoint, request.profile, request.expect)
    record.write_endpoint(request.folder, endpoint, found)
    line = Line(app, endpoint, request.folder, request.timeout_s, tell, _suffixes(validators))
    calls = _called(request, line)
    record.write_calls(request.folder, calls)
    evidence = _looked_at(request, endpoint, calls, validators)
    judgement = judge(evidence)
    record.write_calls(request.folder, evidence.calls)
    record.write_checks(request.folder, judgement, evidence)
    seconds, arithmetic = duration(evidence.calls, evidence.health)
    return ProbeResult(judgement, evidence.calls, seconds, arithmetic)


def _suffixes(validators: Sequence[OutputValidator]) -> dict[str, str]:
    return {suffix: one.output_types[0] for one in validators for suffix in one.suffixes if one.output_types}


def _called(request: ProbeRequest, line: Line) -> list[Call]:
    """The calls, and more of them when those leave a doubt that other inputs may clear."""

    def planned(_calls: list[Call]) -> list[Case]:
        return _cases(request, line.endpoint, request.calls)

    def more(calls: list[Call]) -> list[Case]:
        if request.calls is not None or not _alike(calls):
            return []
        done = {call.case.id for call in calls}
        return [case for case in _cases(request, line.endpoint, LEAST + MORE) if case.id not in done]

    return make_calls(line, (planned, more))


def _cases(request: ProbeRequest, endpoint: Endpoint, wanted: int | None) -> list[Case]:
    """The user's cases, then planned ones up to the number that is wanted."""
    try:
        own = read_cases(request.cases, endpoint, request.profile, request.inputs) if request.cases else ()
        made = plan(endpoint, request.profile, request.inputs, wanted)
    except OSError as error:
        raise PlatformError(f"the inputs of a call cannot be made: {error.strerror}", "free some space") from None
    cases = [*own, *made[: max(0, (wanted or LEAST) - len(own))]]
    record.write_cases(request.folder, cases)
    return cases


def _alike(calls: list[Call]) -> bool:
    """Whether there are answers, and all of them are the same."""
    answers = [[(one.path, one.value) for one in call.outputs] for call in calls if not call.error]
    return bool(answers) and all(one == answers[0] for one in answers)


def _looked_at(
    request: ProbeRequest, endpoint: Endpoint, calls: list[Call], validators: Sequence[OutputValidator]
) -> Evidence:
    wanted = expected_type(endpoint, request.profile, request.expect)
    expected = settled_type(calls, wanted, firm=request.expect is not None)
    calls = as_expected(calls, expected)
    asked, questions = batch(calls, expected, _references(request, calls, expected))
    findings = inspect(asked, validators, Place(request.confined, tuple(request.disabled_plugins)))
    return Evidence(
        endpoint=endpoint,
        calls=with_inspections(calls, findings),
        expected=expected,
        differences=by_question(questions, findings.differences),
        health=health(request.connection, min(DOCUMENT_S, request.timeout_s)),
        profile=request.profile,
        shipped=shipped_files(request.folder / "generated") if request.profile else {},
    )


def _references(request: ProbeRequest, calls: list[Call], expected: str | None) -> dict[str, Path]:
    """Case -> file that should come out: the user's, or one of the model's folder."""
    found = {}
    for call in calls:
        wanted = of(call)
        if wanted is not None:
            path = Path(wanted.similar) if wanted.similar else None
        else:
            path = None if expected in ("text", "json") else _of_model(request, call.case.expected)
        if path is not None:
            found[call.case.id] = path
    return found


def _of_model(request: ProbeRequest, named: JsonValue) -> Path | None:
    """A file of the model's folder that the card names; never one outside of it."""
    root = request.profile.location.path if request.profile else None
    if root is None or not isinstance(named, str) or not named or not is_path(str(root / named)):
        return None
    inside = (root / named).resolve()
    return inside if inside.is_relative_to(root.resolve()) else None
