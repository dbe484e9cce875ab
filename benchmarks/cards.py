"""Scores the card analysis on labelled cards, beside a reader that only copies the front matter.

    python -m benchmarks.cards [FOLDER] [--errors] [--half a|b] [--nameless] [--json]

FOLDER holds `labels.jsonl` and `dev/<id>.md`; the default is ../shared/cards beside the repository. Cards of many
libraries in our own words are in tests/plugins/model_card_styles.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spacefactory_model_card.analyzer import ModelCardAnalyzer
from spacefactory_model_card.hardware import OVERHEAD, bytes_per_parameter

from benchmarks.card_files import Files, count_of, files_of
from spacefactory.repository import read_card
from spacefactory.schema.card import ModelCard, ModelLocation, RepoFile
from spacefactory.schema.profile import ModelProfile

DEFAULT = Path(__file__).resolve().parents[2] / "shared" / "cards"
FIELDS = ("task", "input_types", "output_type", "library", "gated", "blockers")
CONFIDENT = 0.8
FACTOR = 1.5
"""How far an estimate of memory may be off."""
AIMS = {"output_type": 0.97, "input_types": 0.93, "task": 0.93, "library": 0.95}


Rows = Sequence[tuple[str, ModelProfile, dict[str, Any]]]
"""Id, what was found, label."""


@dataclass
class Score:
    """Counts of one field."""

    right: int = 0
    wrong: int = 0
    unknown: int = 0
    confident: int = 0
    """wrong with a confidence of at least 0.8"""
    errors: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.right + self.wrong + self.unknown


def card_of(path: Path, model: str | None = None, beside: Files | None = None) -> ModelCard:
    """A card as a folder of that name gives it: alone, or with the files that lie beside it."""
    data = path.read_bytes()
    held = {"README.md": (data, len(data)), **(beside or {})}

    def read(name: str, offset: int, length: int) -> bytes:
        if name not in held:
            raise FileNotFoundError(name)
        head, size = held[name]
        return head[offset : offset + length].ljust(max(min(length, size - offset), 0), b"\0")

    location = ModelLocation(model=model or path.stem, revision=hashlib.sha256(data).hexdigest())
    return read_card(location, "folder", [RepoFile(path=name, size=size) for name, (_, size) in held.items()], read)


def analyzed(card: ModelCard) -> ModelProfile:
    return ModelCardAnalyzer().analyze(card, ModelProfile(location=card.location, gated=card.gated))


def naive(card: ModelCard) -> ModelProfile:
    """The front matter as it stands."""
    tag, library = card.front_matter.get("pipeline_tag"), card.front_matter.get("library_name")
    task = tag if isinstance(tag, str) else None
    return ModelProfile(location=card.location, task=task, library=library if isinstance(library, str) else None)


def judge(name: str, profile: ModelProfile, gold: dict[str, Any]) -> bool | None:
    """Whether a field is right; None when it is left open."""
    if name == "task":
        return None if profile.task is None else profile.task in {gold["task"], *gold["task_alternates"]}
    if name == "output_type":
        allowed = {gold["output_type"], *gold["output_alternates"]}
        return None if profile.output_type is None else profile.output_type in allowed
    if name == "input_types":
        return None if not profile.input_types else set(profile.input_types) == set(gold["input_types"])
    if name == "library":
        allowed = {gold["library"], *gold.get("library_alternates", [])}
        return None if profile.library is None else profile.library in allowed
    if name == "gated":
        if gold["gated"] == "unknown":
            return profile.gated is None
        return None if profile.gated is None else profile.gated == gold["gated"]
    return found_blockers(profile) == gold_blockers(gold)


def found_blockers(profile: ModelProfile) -> set[str]:
    return {str(blocker.reason) for blocker in profile.blockers}


def gold_blockers(gold: dict[str, Any]) -> set[str]:
    return set(gold["blockers"]) - {"none"}


def evidence(profile: ModelProfile, name: str) -> str:
    key = "task" if name in ("output_type", "input_types") else name
    claims = sorted((one for one in profile.evidence if one.field == key), key=lambda one: -one.weight)
    return "; ".join(f"{one.value}@{one.weight} {one.reader}:{one.line} {one.quote[:70]!r}" for one in claims[:9])


def score(rows: Rows) -> dict[str, Score]:
    found = {name: Score() for name in FIELDS}
    for identity, profile, gold in rows:
        for name in FIELDS:
            count(found[name], identity, name, profile, gold)
    return found


def count(one: Score, identity: str, name: str, profile: ModelProfile, gold: dict[str, Any]) -> None:
    verdict = judge(name, profile, gold)
    confidence = profile.confidence.get(name, 0.0)
    one.right += verdict is True
    one.unknown += verdict is None
    one.wrong += verdict is False
    one.confident += verdict is False and confidence >= CONFIDENT
    if verdict is not True:
        value = sorted(found_blockers(profile)) if name == "blockers" else getattr(profile, name)
        one.errors.append(
            f"{identity}: {value!r} ({confidence:.2f}), label {gold[name]!r}\n      {evidence(profile, name)}"
        )


def lost(alone: Rows, fuller: Rows) -> list[str]:
    """Fields that are right for the card alone and not with more evidence."""
    found = []
    for (identity, one, gold), (_, other, _) in zip(alone, fuller, strict=True):
        for name in FIELDS:
            if judge(name, one, gold) is True and judge(name, other, gold) is not True:
                value = sorted(found_blockers(other)) if name == "blockers" else getattr(other, name)
                found.append(f"  - {identity}: {name} {value!r}\n      {evidence(other, name)}")
    return found


def memory(rows: Rows) -> tuple[int, list[str]]:
    """Cards that state their size, and those of them whose estimate is off by more than 1.5.

    Compared with count x bytes x overhead, as spacefactory_model_card.hardware documents it; the type of the numbers is
    not labelled and is taken as 4 bits for quantised models and as found for the others.
    """
    stated, off = 0, []
    for identity, profile, gold in rows:
        if (count := count_of(gold)) is None or gold["library"] == "peft":  # of the adapter, which needs its base
            continue
        stated += 1
        bits = gold.get("bits") or (4 if gold.get("base_relation") == "quantized" else None)
        each = bytes_per_parameter(count, profile.dtype, bits, gold["task"])
        due = count * each / 2**30 * OVERHEAD
        if profile.memory_gib is None or not due / FACTOR <= profile.memory_gib <= due * FACTOR:
            found = "unknown" if profile.memory_gib is None else f"{profile.memory_gib:.2f} GiB"
            off.append(f"  - {identity}: {found}, due {due:.2f} GiB = {count / 1e9:g} billion x {each:g} x {OVERHEAD}")
    return stated, off


def f1(rows: Rows) -> float:
    """Micro F1 over all blockers."""
    hit = sum(len(found_blockers(profile) & gold_blockers(gold)) for _, profile, gold in rows)
    told = sum(len(found_blockers(profile)) + len(gold_blockers(gold)) for _, profile, gold in rows)
    return 2 * hit / told if told else 1.0


def half_of(identity: str) -> str:
    """A or b, by the digest of the id: a split that nobody chose."""
    return "ab"[hashlib.sha256(identity.encode()).digest()[0] % 2]


def run(
    labels: Iterable[dict[str, Any]],
    folder: Path,
    reader: Callable[[ModelCard], ModelProfile],
    model: str | None = None,
    files: Callable[[dict[str, Any]], Files] | None = None,
) -> tuple[list[tuple[str, ModelProfile, dict[str, Any]]], list[float]]:
    rows, times = [], []
    for label in labels:
        begun = time.process_time()
        beside = files(label["gold"]) if files else None
        profile = reader(card_of(folder / f"{label['id']}.md", model, beside))
        times.append(time.process_time() - begun)
        rows.append((label["id"], profile, label["gold"]))
    return rows, times


def table(title: str, rows: Rows) -> dict[str, Any]:
    found = score(rows)
    print(f"\n{title} ({len(rows)} cards)")
    print(f"  {'field':<12} {'right':>7} {'wrong':>6} {'unknown':>8} {'confident and wrong':>20} {'aim':>6}")
    for name, one in found.items():
        aim = f"{AIMS[name]:.0%}" if name in AIMS else ""
        share = one.right / max(one.total, 1)
        print(f"  {name:<12} {share:>7.1%} {one.wrong:>6} {one.unknown:>8} {one.confident:>20} {aim:>6}")
    confident = sum(one.confident for one in found.values()) / max(sum(one.total for one in found.values()), 1)
    print(f"  blockers F1 {f1(rows):.3f} (aim 0.90); confident and wrong: {confident:.1%} of all fields (aim 1%)")
    return {name: one.right / max(one.total, 1) for name, one in found.items()} | {"blockers_f1": f1(rows)}


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("folder", type=Path, nargs="?", default=DEFAULT)
    parser.add_argument("--errors", action="store_true", help="list what is wrong, with the evidence")
    parser.add_argument("--half", choices="ab", help="only one half of the cards")
    parser.add_argument("--nameless", action="store_true", help="in folders whose name says nothing")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)
    if not (args.folder / "labels.jsonl").is_file():
        print(f"no labelled cards at {args.folder}: give a folder with labels.jsonl and dev/", file=sys.stderr)
        return 2
    labels = [json.loads(line) for line in (args.folder / "labels.jsonl").read_text(encoding="utf-8").splitlines()]
    labels = [label for label in labels if args.half in (None, half_of(label["id"]))]
    rows, times = run(labels, args.folder / "dev", analyzed, "model" if args.nameless else None)
    report = {"all": table("card analysis", rows)}
    for half in "ab" if args.half is None else "":
        report[half] = table(f"half {half}", [row for row in rows if half_of(row[0]) == half])
    stated, off = memory(rows)
    print(f"\nmemory: within a factor {FACTOR} for {stated - len(off)} of {stated} cards that state their size")
    print("\n".join(off))
    fuller, _ = run(labels, args.folder / "dev", analyzed, "model" if args.nameless else None, files_of)
    report["files"] = table("card and the files of its repository", fuller)
    worse = lost(rows, fuller)
    print("\n".join([f"  right alone, not so with files: {len(worse)} of all fields", *worse]))
    report["naive"] = table("front matter alone", run(labels, args.folder / "dev", naive)[0])
    print(f"\nprocessor time per card: median {statistics.median(times) * 1e3:.0f} ms, most {max(times) * 1e3:.0f} ms")
    if args.errors:
        for name, one in score(rows).items():
            print(f"\n{name}")
            print("\n".join(f"  - {error}" for error in one.errors))
    if args.json:
        print(json.dumps(report))
    return 0


if __name__ == "__main__":
    sys.exit(main())
