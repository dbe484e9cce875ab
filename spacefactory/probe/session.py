"""One app, proven: discovered, called, looked at, judged, recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from pydantic import JsonValue

from spacefactory.errors import PlatformError
from spacefactory.probe import record
from spacefactory.probe.again import changing, more
from spacefactory.probe.alive import health
from spacefactory.probe.apart import shared_at_first, to_call_next
from spacefactory.probe.app import describe
from spacefactory.probe.bad_input import bad_input, bad_input_check, is_bad
from spacefactory.probe.calling import Line, make_calls
from spacefactory.probe.case_file import read_cases
from spacefactory.probe.cases import INPUTS, again, further_inputs, plan
from spacefactory.probe.client import Caller
from spacefactory.probe.decoders import Decoders, Place
from spacefactory.probe.discover import choose, endpoints, expected_type, judged_as
from spacefactory.probe.doubt import further
from spacefactory.probe.evidence import (
    Evidence,
    as_expected,
    batch,
    by_question,
    is_path,
    settled_type,
    with_inspections,
)
from spacefactory.probe.expectation import must_fail, of
from spacefactory.probe.files import require_judge
from spacefactory.probe.identity import code_check
from spacefactory.probe.inspect import inspect
from spacefactory.probe.judge import judge
from spacefactory.probe.request import ProbeRequest, ProbeResult
from spacefactory.probe.shipped import shipped_files
from spacefactory.probe.timing import duration
from spacefactory.probe.touched import is_touched, touched_cases
from spacefactory.providers import OutputValidator
from spacefactory.schema.verdict import Call, Case, Endpoint, Judgement

DOCUMENT_S = 60.0
"""Seconds that the app may take to describe itself."""
FIRST = 4
"""Calls that are made of every app that answers: two inputs, the first one again, another seed or a third input."""
SLOW_S = 120.0
"""Seconds that calls may take together before no further ones are added to those."""
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
    with Decoders(validators, Place(request.confined, tuple(request.disabled_plugins))) as decoders:
        with Caller(request.timeout_s) as caller:
            app = describe(request.connection, min(DOCUMENT_S, request.timeout_s))
            found = endpoints(app.info)
            endpoint = choose(found, request.endpoint, request.profile, request.expect)
            record.write_endpoint(request.folder, endpoint, found)
            cases = planned(request, endpoint)
            _come_up(decoders, request, endpoint)
            line = Line(app, caller, endpoint, request.folder, request.timeout_s, tell, _suffixes(validators))
            calls = called(request, line, cases)
        record.write_calls(request.folder, calls)
        evidence, judgement = judged(request, endpoint, calls, decoders)
    record.write_calls(
        request.folder, [*evidence.calls, *evidence.touched, *(call for call in calls if is_bad(call.case))]
    )
    record.write_checks(request.folder, judgement, evidence)
    seconds, arithmetic = duration(evidence.calls, evidence.health)
    return ProbeResult(judgement, evidence.calls, seconds, arithmetic)


def judged(
    request: ProbeRequest, endpoint: Endpoint, calls: Sequence[Call], decoders: Decoders
) -> tuple[Evidence, Judgement]:
    """What the calls prove, and what that rests on; the bad input is told apart, and has no part in the level.

    Raises:
        BlockedError: this machine cannot confine the decoders (sandbox_unavailable).
        PlatformError: the decoders cannot be started.
    """
    bad = [bad_input_check(call) for call in calls if is_bad(call.case)]
    evidence = _looked_at(request, endpoint, [call for call in calls if not is_bad(call.case)], decoders)
    judgement = judge(evidence)
    return evidence, judgement.model_copy(update={"checks": (*judgement.checks, *bad)})


def _suffixes(validators: Sequence[OutputValidator]) -> dict[str, str]:
    return {suffix: one.output_types[0] for one in validators for suffix in one.suffixes if one.output_types}


def planned(request: ProbeRequest, endpoint: Endpoint) -> list[Case]:
    """The planned calls; of a user's cases all, made ones up to three, and the first one that answers again.

    Raises:
        UsageError: the user's cases cannot be read.
        PlatformError: the record cannot be written.
    """
    with _inputs_made():
        own = read_cases(request.cases, endpoint, request.profile, request.inputs) if request.cases else ()
        made = plan(endpoint, request.profile, request.inputs, request.calls)
    added = made[: max(0, (request.calls or INPUTS) - len(own))] if own else made
    repeated = [again(one) for one in own if not must_fail(one)][:1] if request.calls is None else []
    cases = [*own, *added, *repeated]
    record.write_cases(request.folder, cases)
    return cases


def called(request: ProbeRequest, line: Line, cases: list[Case]) -> list[Call]:
    """Make the calls: first ones, others unless those took long, more against chance, touched ones, a bad one.

    Raises:
        PlatformError: the record cannot be written.
    """
    first = FIRST if request.calls is None and request.cases is None else len(cases)

    def begun(_calls: list[Call]) -> list[Case]:
        return cases[:first]

    def others(calls: list[Call]) -> list[Case]:
        return cases[first:] if _go_on(calls) else []

    def repeated(calls: list[Call]) -> list[Case]:
        added = _more(request, line.endpoint, calls) if request.calls is None and _go_on(calls) else []
        if added:
            line.tell("a few more calls tell whether the answers could come about by chance")
        return added

    def doubted(calls: list[Call]) -> list[Case]:
        added = _doubted(request, line.endpoint, calls) if request.calls is None and _go_on(calls) else []
        if added:
            line.tell("answers seem to follow the inputs; more calls rule out that this is chance")
        return added

    def touched(calls: list[Call]) -> list[Case]:
        return _touched(request, line.endpoint, calls) if _left_to_us(request, calls) else []

    def refused(calls: list[Call]) -> list[Case]:
        return _bad(request, line.endpoint, calls) if _left_to_us(request, calls) else []

    calls = make_calls(line, (begun, others, repeated, doubted, touched, refused))
    record.write_cases(request.folder, [call.case for call in calls] or cases)
    return calls


def _more(request: ProbeRequest, endpoint: Endpoint, calls: list[Call]) -> list[Case]:
    """Further inputs where those tell more, else the same ones again; of a user's cases, where answers change."""
    known = endpoint, request.profile
    if request.cases is not None:
        return more(calls, *known) if changing(calls, *known) else []
    following = to_call_next(_so_far(request, endpoint, calls))
    if following == "other inputs":
        with _inputs_made():
            return further_inputs(*known, request.inputs, [call.case for call in calls])
    return more(calls, *known) if following == "the same inputs" else []


def _doubted(request: ProbeRequest, endpoint: Endpoint, calls: list[Call]) -> list[Case]:
    """The same inputs again: where only further ones had another answer, or changing answers may follow the input."""
    so_far = _so_far(request, endpoint, calls)
    if request.cases is None and shared_at_first(so_far):
        return more(calls, endpoint, request.profile)
    return further(so_far)


def _touched(request: ProbeRequest, endpoint: Endpoint, calls: list[Call]) -> list[Case]:
    with _inputs_made():
        return touched_cases(_so_far(request, endpoint, calls), request.inputs)


def _bad(request: ProbeRequest, endpoint: Endpoint, calls: list[Call]) -> list[Case]:
    with _inputs_made():
        return bad_input(calls, endpoint, request.profile, request.inputs)


def _left_to_us(request: ProbeRequest, calls: list[Call]) -> bool:
    """Whether the user named neither calls nor their number, and further ones could tell more."""
    return request.calls is None and request.cases is None and _go_on(calls)


def _come_up(decoders: Decoders, request: ProbeRequest, endpoint: Endpoint) -> None:
    """Have the decoders get ready while the app is called."""
    expected = expected_type(endpoint, request.profile, request.expect)
    with _inputs_made():
        decoders.come_up(expected or "", (request.folder / "artifacts", request.inputs))


@contextmanager
def _inputs_made() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise PlatformError(f"the inputs of a call cannot be made: {error.strerror}", "free some space") from None


def _so_far(request: ProbeRequest, endpoint: Endpoint, calls: list[Call]) -> Evidence:
    """What is known before anything has been looked at."""
    wanted = expected_type(endpoint, request.profile, request.expect)
    expected = settled_type(calls, wanted, firm=request.expect is not None)
    given = tuple(as_expected(calls, expected))
    code = code_check(request.folder, request.profile) if request.profile else None
    return Evidence(endpoint=endpoint, calls=given, expected=expected, profile=request.profile, code=code)


def _go_on(calls: list[Call]) -> bool:
    """Whether further calls could tell more and do not cost too much."""
    return any(not call.error for call in calls) and sum(call.seconds for call in calls) < SLOW_S


def _looked_at(request: ProbeRequest, endpoint: Endpoint, calls: list[Call], decoders: Decoders) -> Evidence:
    known = _so_far(request, endpoint, [call for call in calls if not is_touched(call.case)])
    touched = as_expected([call for call in calls if is_touched(call.case)], known.expected)
    asked, questions = batch(known.calls, known.expected, _references(request, known), touched)
    findings = inspect(asked, decoders)
    looked_at = with_inspections([*known.calls, *touched], findings)
    return replace(
        known,
        calls=looked_at[: len(known.calls)],
        touched=looked_at[len(known.calls) :],
        differences=by_question(questions, findings.differences),
        health=health(request.connection, min(DOCUMENT_S, request.timeout_s)),
        shipped=shipped_files(request.folder / "generated") if request.profile else {},
    )


def _references(request: ProbeRequest, known: Evidence) -> dict[str, Path]:
    """Case -> file that should come out: the user's, or one of the model's folder."""
    found = {}
    for call in known.calls:
        wanted = of(call)
        if wanted is not None:
            path = Path(wanted.similar) if wanted.similar else None
        else:
            path = None if known.expected in ("text", "json") else _of_model(request, call.case.expected)
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
