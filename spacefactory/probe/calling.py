"""The live calls: each answer is taken apart and its files are fetched before the next call is made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from spacefactory.errors import PlatformError
from spacefactory.probe.app import App
from spacefactory.probe.artifacts import ALL_FILES, Artifacts
from spacefactory.probe.bad_input import LIMIT_S, is_bad
from spacefactory.probe.client import DEAD, Answer, Caller
from spacefactory.probe.outputs import collect
from spacefactory.probe.web import WebError
from spacefactory.schema.verdict import Call, Case, Endpoint

USUAL_CALLS = 17
"""As many as are made of an app that answers with files; more only when the user brings cases."""


@dataclass(frozen=True)
class Line:
    """Where calls go and what they may cost."""

    app: App
    caller: Caller
    endpoint: Endpoint
    folder: Path
    timeout_s: float
    tell: Callable[[str], None]
    suffixes: dict[str, str]
    """file suffix -> output type, of the validators at hand"""


def make_calls(line: Line, batches: Iterable[Callable[[list[Call]], list[Case]]]) -> list[Call]:
    """Call with batch after batch of cases; each batch is made from the calls before it.

    Raises:
        PlatformError: the record cannot be written.
    """
    calls: list[Call] = []
    artifacts = Artifacts(line.app, line.folder, line.timeout_s)
    for cases_after in batches:
        cases = cases_after(calls)
        if not calls:  # the same for every call, so that answers can be compared
            artifacts.per_call = max(1, ALL_FILES // max(USUAL_CALLS, len(cases)))
        for call in _calls(line, cases, artifacts, first=not calls):
            calls.append(call)
            if call.error.startswith(DEAD):
                return calls
    return calls


def _calls(line: Line, cases: list[Case], artifacts: Artifacts, *, first: bool) -> Iterator[Call]:
    for at, case in enumerate(cases, 1):
        line.tell(f"calling {line.endpoint.name}, {case.id} ({at} of {len(cases)})")
        answer = line.caller.call(line.app, line.endpoint.name, case, LIMIT_S if is_bad(case) else None)
        yield _call(line, case, answer, artifacts, cold=first and at == 1)


def _call(line: Line, case: Case, answer: Answer, artifacts: Artifacts, *, cold: bool) -> Call:
    known = Call(
        case=case, endpoint=line.endpoint.name, seconds=round(answer.seconds, 4), cold=cold, error=answer.error
    )
    if answer.error:
        return known
    artifacts.next_call()
    try:
        found = collect(answer.value, line.endpoint, artifacts.keep, line.suffixes)
    except WebError as error:
        return known.model_copy(update={"error": f"spacefactory.WebError |  | a file of the answer: {error}"})
    except OSError as error:
        raise PlatformError(f"a file of the answer cannot be kept: {error.strerror}", "free some space") from None
    return known.model_copy(update={"value": found.value, "outputs": found.outputs})
