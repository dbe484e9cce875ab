"""Whether the app says that it holds the model that it should hold."""

from __future__ import annotations

import json
from pathlib import Path

from spacefactory.probe.evidence import Evidence
from spacefactory.schema.profile import ModelProfile
from spacefactory.schema.status import Level
from spacefactory.schema.verdict import Check

RATIO = (0.7, 1.5)
"""Loaded parameters over those in the card's weights. Unused heads and buffers leave 0.85 to 1.05; a distilled model
has 0.6 to 0.66 of those of its teacher."""
PARTS_RATIO = (0.4, 2.5)
"""The same where a repository holds several parts and perhaps some of them twice, as diffusion pipelines do."""
STAND_INS = frozenset({"app-no-placeholder", "app-model-id"})
"""Rules of lint about what the answers come from."""
UNKNOWN = "no model is named for this app and its code was not read, so which model answers, if any, is not known"
EXACT = 0.1
"""Up to here the counts agree."""
FROM_FILES = ("weights", "files")
"""Readers of a profile that count, where others repeat what somebody wrote."""
PACKED = (
    "gguf",
    "gptq",
    "awq",
    "bitsandbytes",
    "bnb",
    "mlx",
    "exl2",
    "int4",
    "int8",
    "4bit",
    "8bit",
    "fp8",
    "q4",
    "q8",
)
"""Weights that are packed: numbers in the file are not parameters of the model."""


def identity_checks(evidence: Evidence) -> list[Check]:
    """What /health says about the model, against the profile; a failed check contradicts the whole verdict."""
    profile, health = evidence.profile, evidence.health
    code = [evidence.code] if evidence.code else []
    if profile is None:
        return [_open("model.named", UNKNOWN)]
    if health is None:
        return [*code, _open("model.named", "the app does not say which model it holds")]
    return [*code, _named(profile, health.get("model")), _counted(profile, health.get("parameters"))]


def code_check(folder: Path, profile: ModelProfile) -> Check | None:
    """What lint found in the code of an app that was built here; None for an app whose code was not read."""
    try:
        findings = json.loads((folder / "tests" / "lint.json").read_bytes())
    except (OSError, ValueError):
        return None
    doubts = [one for one in findings if one.get("rule") in STAND_INS]
    if doubts:
        return _open("model.code", f"lint could not tell what the answers come from: {doubts[0].get('message', '')}")
    detail = f"in the app's code, what is loaded from {profile.model} has a part in every answer"
    return Check(name="model.code", passed=True, detail=detail)


def _open(name: str, detail: str) -> Check:
    return Check(name=name, passed=None, detail=detail)


def _named(profile: ModelProfile, said: object) -> Check:
    if not isinstance(said, str) or not said.strip():
        return _open("model.named", "/health names no model")
    if _plain(said) == _plain(profile.model):
        return Check(name="model.named", passed=True, detail=f"/health names {said[:100]}")
    if profile.base_model and _plain(said) == _plain(profile.base_model):
        return _open("model.named", f"/health names the base model {said[:100]}, not {profile.model}")
    return Check(
        name="model.named",
        passed=False,
        detail=f"/health names {said[:100]!r}, and the model is {profile.model!r}",
        level=Level.RESPONSIVE,
    )


def _plain(model: str) -> str:
    """A model's name without its owner: folders have none."""
    return model.strip().rstrip("/").rpartition("/")[2].casefold()


def _counted(profile: ModelProfile, said: object) -> Check:
    name = "model.parameters"
    known = profile.parameters
    if not known or not isinstance(said, int | float) or isinstance(said, bool) or said <= 0:
        return _open(name, "the app or the card does not say how many parameters the model has")
    ratio = float(said) / known
    words = f"/health counts {said:,.0f} parameters, the card's weights hold {known:,}"
    if abs(ratio - 1) <= EXACT:
        return Check(name=name, passed=True, detail=words, measured=round(ratio, 4), threshold=1 - EXACT)
    low, high = PARTS_RATIO if profile.library == "diffusers" else RATIO
    if low <= ratio <= high or _uncertain(profile):
        return Check(name=name, passed=None, detail=words, measured=round(ratio, 4), threshold=low)
    threshold = low if ratio < low else high
    return Check(
        name=name, passed=False, detail=words, level=Level.RESPONSIVE, measured=round(ratio, 4), threshold=threshold
    )


def _uncertain(profile: ModelProfile) -> bool:
    """Whether the profile's count is only what somebody wrote, or counts packed numbers."""
    readers = {claim.reader for claim in profile.evidence if claim.field == "parameters"}
    words = f"{profile.library or ''} {profile.dtype or ''} {profile.model}".lower()
    return (bool(readers) and not readers & set(FROM_FILES)) or any(one in words for one in PACKED)
