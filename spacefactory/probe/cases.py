"""Which calls to make: the card's own examples where it has some, else made inputs; and what differs between them."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from spacefactory.probe import kinds
from spacefactory.probe.fill import Filled, main_inputs, required, sample, small, takes, wrapped
from spacefactory.probe.samples import DISTINCT
from spacefactory.schema.profile import Example, ModelProfile
from spacefactory.schema.verdict import Case, Endpoint, Parameter

INPUTS = 3
"""Different inputs: two answers can differ by chance, three less so."""
MORE_INPUTS, MORE_FILES = 5, 3
"""Further inputs where answers are such that no two inputs share one; the second one where files go in. With the first
three, two of eight canned answers are the same 998 times of 1,000, two of twenty 4 times of 5."""
LARGEST_FILE = 64 << 20
FIXED_SEED, OTHER_SEED = 0, 1234
LIST_NAMES = {"classes": ("candidate_labels", "labels"), "labels": ("candidate_labels",), "others": ("sentences",)}
"""Names of parameters that usually hold a list of an example, and the example's own names for it."""


@dataclass(frozen=True)
class InputSet:
    """Values of one call that matter, and the answer that the card expects to them."""

    filled: Filled
    expected: JsonValue = None


def plan(endpoint: Endpoint, profile: ModelProfile | None, folder: Path, calls: int | None = None) -> tuple[Case, ...]:
    """The calls to make, the typical one first, the most telling ones before the others.

    Three inputs go in, the first one three times and the second one twice, and never twice in a row: an app that does
    not look at its input, or whose answers drift with time, cannot be in step with that but by chance. One more call
    differs in the seed only, where there is one; where nothing else goes in, seeds are the inputs.

    Args:
        endpoint: what is called.
        profile: the model's profile, when one is known.
        folder: made files and copies of the card's files go here.
        calls: how many calls; all of the above when left out.

    Raises:
        OSError: the folder cannot be written.
    """
    seed = _seed(endpoint)
    main = main_inputs(endpoint, profile)
    sets = _distinct(endpoint, profile, folder, main, max(INPUTS, calls or 0))
    base = _base(endpoint, profile, folder)
    cases = [
        _case(_name(at), one.filled.over(base), one.expected, "input" if at else "") for at, one in enumerate(sets)
    ]
    seeds = _other_seeds(seed, sets[0].filled.over(base), 1 if main else max(INPUTS, calls or 0) - 1)
    if not main:
        cases, seeds = [*cases, *seeds], []
    ordered = _ordered(cases, seeds)
    return tuple(ordered[: calls or len(ordered)])


def _ordered(cases: list[Case], seeds: list[Case]) -> list[Case]:
    """Different inputs with repetitions between them."""
    typical, other, third = [cases[at : at + 1] for at in range(INPUTS)]
    once, twice = [again(one) for one in typical], [again(one, 2) for one in typical]
    return [*typical, *other, *once, *seeds, *third, *(again(one) for one in other), *twice, *cases[INPUTS:]]


def again(case: Case, number: int = 1) -> Case:
    """The same call once more; nothing is expected of it but that it is like the first one."""
    name = "again" if case.id == TYPICAL else f"{case.id}-again"
    return case.model_copy(
        update={"id": f"{name}{_number(number - 1)}", "expected": None, "purpose": "the same again", "varies": ""}
    )


def further_inputs(endpoint: Endpoint, profile: ModelProfile | None, folder: Path, known: Sequence[Case]) -> list[Case]:
    """Further calls, each with main inputs that no call had so far.

    Args:
        endpoint: what is called.
        profile: the model's profile, when one is known.
        folder: made files go here.
        known: the calls so far.

    Raises:
        OSError: the folder cannot be written.
    """
    main = main_inputs(endpoint, profile)
    if not main:
        return []
    base = _base(endpoint, profile, folder)
    seen = [_key_of(case.inputs, main) for case in known]
    numbers = (at for at in range(INPUTS, len(known) + DISTINCT) if _name(at) not in {case.id for case in known})
    found: list[Case] = []
    for which in range(DISTINCT):
        filled = sample(endpoint, profile, folder, which)
        if len(found) == (MORE_FILES if filled.files else MORE_INPUTS):
            break
        if (key := _key_of(filled.inputs, main)) not in seen:
            seen.append(key)
            found.append(_case(_name(next(numbers)), filled.over(base), None, "input"))
    return found


def _key_of(inputs: Mapping[str, JsonValue], main: tuple[Parameter, ...]) -> list[JsonValue]:
    return [inputs.get(parameter.name) for parameter in main]


def _other_seeds(seed: Parameter | None, same: Filled, count: int) -> list[Case]:
    if seed is None:
        return []
    found = [_seeded(seed, at).over(same) for at in range(count)]
    return [_case(f"other-seed{_number(at)}", one, None, "seed") for at, one in enumerate(found)]


TYPICAL = "typical"


def _number(at: int) -> str:
    return f"-{at + 1}" if at else ""


def _name(at: int) -> str:
    return (TYPICAL, "other-input")[at] if at < 2 else f"input-{at + 1}"


def _case(name: str, filled: Filled, expected: JsonValue, varies: str) -> Case:
    purposes = {"": "typical" if name == TYPICAL else "the same again", "input": "other input", "seed": "other seed"}
    return Case(
        id=name,
        inputs=filled.inputs,
        files=tuple(sorted(filled.files)),
        expected=expected,
        purpose="reference" if expected is not None else purposes[varies],
        varies=varies,
    )


def _distinct(
    endpoint: Endpoint, profile: ModelProfile | None, folder: Path, main: tuple[Parameter, ...], wanted: int
) -> list[InputSet]:
    """As many sets as calls are wanted, each with other main inputs; one empty set when nothing can be put in."""
    if not main:
        return [InputSet(Filled())]
    examples = [_from_example(one, endpoint, profile, folder, main) for one in (profile.examples if profile else ())]
    made = (InputSet(sample(endpoint, profile, folder, which)) for which in range(DISTINCT))
    found: list[InputSet] = []
    seen: list[list[JsonValue]] = []
    for one in [*(one for one in examples if one), *made]:
        key = _key_of(one.filled.inputs, main)
        if key not in seen and len(found) < wanted:
            seen.append(key)
            found.append(one)
    return found


def _seed(endpoint: Endpoint) -> Parameter | None:
    return next((one for one in endpoint.parameters if kinds.is_seed(one)), None)


def _base(endpoint: Endpoint, profile: ModelProfile | None, folder: Path) -> Filled:
    """What every call has: a fixed seed, small settings, and something for each input that must be there."""
    settings = _fixed(endpoint, _seed(endpoint)).over(small(endpoint, profile))
    return settings.over(required(endpoint, profile, folder))


def _fixed(endpoint: Endpoint, seed: Parameter | None) -> Filled:
    """A seed that stays the same from call to call, also where the app would draw one by itself."""
    fixed: dict[str, JsonValue] = {
        one.name: False
        for one in endpoint.parameters
        if kinds.input_kind(one) == "bool" and "random" in one.name.lower()
    }
    if seed is not None and not (isinstance(seed.default, int | float) and seed.default >= 0):
        fixed[seed.name] = FIXED_SEED
    return Filled(fixed)


def _seeded(seed: Parameter, at: int) -> Filled:
    low, high = kinds.limits(seed) or (0, 2**31 - 1)
    number = int(min(max(OTHER_SEED + at, low), high))
    return Filled({seed.name: number if number != seed.default else int(max(low, number - 1))})


def _from_example(
    example: Example, endpoint: Endpoint, profile: ModelProfile | None, folder: Path, main: tuple[Parameter, ...]
) -> InputSet | None:
    """The example as values of parameters; None when a required main input finds no place in it."""
    filled = _settings(example, endpoint)
    used: set[str] = set()
    for parameter in [*main, *(one for one in endpoint.parameters if one not in main)]:
        key = _key(example, parameter, profile, used, loose=parameter in main)
        if key is None:
            continue
        content = _content(example.inputs[key], parameter, profile, folder)
        if content is not None:
            used.add(key)
            filled = content.over(filled)
    complete = used and all(one.name in filled.inputs for one in main if one.required)
    return InputSet(filled, example.expected) if complete else None


def _settings(example: Example, endpoint: Endpoint) -> Filled:
    given = example.inputs.get("parameters")
    names = {one.name for one in endpoint.parameters}
    return Filled({key: value for key, value in given.items() if key in names}) if isinstance(given, dict) else Filled()


def _key(
    example: Example, parameter: Parameter, profile: ModelProfile | None, used: set[str], *, loose: bool
) -> str | None:
    """The example's key for a parameter: its own name, a usual other name, else (for main inputs) what it takes."""
    free = [key for key in example.inputs if key not in used and key != "parameters"]
    named = (parameter.name, *LIST_NAMES.get(parameter.name, ()))
    exact = next((key for key in named if key in free), None)
    if exact or not loose:
        return exact
    kind = takes(parameter, profile)
    if kind in free or (kind == "image" and "img" in free):
        return kind if kind in free else "img"
    known = {"image", "img", "audio", "video", "3d", "tabular", "timeseries"}
    return next((key for key in free if key not in known), None) if kind == "text" else None


def _content(value: JsonValue, parameter: Parameter, profile: ModelProfile | None, folder: Path) -> Filled | None:
    kind = takes(parameter, profile)
    if isinstance(value, list) and kind == "text":
        value = (", " if parameter.name in ("classes", "labels", "candidate_labels") else "\n").join(
            one for one in value if isinstance(one, str)
        )
    if kind == "text":
        return _text_content(value, parameter, folder) if isinstance(value, str) and value.strip() else None
    if kind not in ("image", "audio", "video", "3d", "tabular") or not isinstance(value, str):
        return None
    path = _copied(value, profile, folder)
    return Filled({parameter.name: wrapped(parameter, str(path))}, frozenset([parameter.name])) if path else None


def _text_content(value: str, parameter: Parameter, folder: Path) -> Filled:
    """A text as the parameter takes it; where that is a file, as a file of text."""
    if kinds.input_kind(parameter) != "file":
        return Filled({parameter.name: wrapped(parameter, value)})
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"text-{hashlib.sha256(value.encode()).hexdigest()[:16]}.txt"
    path.write_text(value, encoding="utf-8")
    return Filled({parameter.name: wrapped(parameter, str(path))}, frozenset([parameter.name]))


def _copied(name: str, profile: ModelProfile | None, folder: Path) -> Path | None:
    """A copy in the record of a file of the model's folder; None when there is none that may be used."""
    root = profile.location.path if profile else None
    if root is None or "\0" in name:
        return None
    source = (root / name).resolve()
    if not source.is_relative_to(root.resolve()) or not source.is_file() or source.stat().st_size > LARGEST_FILE:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / source.relative_to(root.resolve()).as_posix().replace("/", "-")
    shutil.copyfile(source, target)
    return target
