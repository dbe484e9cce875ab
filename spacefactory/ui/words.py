"""Figures, values and statuses as a person would say them, without anything that hides or turns text."""

from __future__ import annotations

import unicodedata
from pathlib import PurePath
from typing import Any

from spacefactory.schema.run import RunResult, RunState
from spacefactory.schema.status import Status

HARMFUL = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
TITLES = {
    Status.RUNNING: "Working",
    Status.FULL_INFERENCE_SUCCESS: "Proven",
    Status.CANDIDATE: "Candidate",
    Status.MANUAL_HARDWARE_REQUIRED: "Waits for hardware",
    Status.TECHNICAL_BLOCKER: "Blocked",
    Status.FAILED: "Failed",
    Status.CANCELLED: "Stopped",
}
INTERRUPTED = "interrupted"
TONES = {
    Status.RUNNING: "work",
    Status.FULL_INFERENCE_SUCCESS: "good",
    Status.CANDIDATE: "warn",
    Status.MANUAL_HARDWARE_REQUIRED: "warn",
    Status.TECHNICAL_BLOCKER: "bad",
    Status.FAILED: "bad",
    Status.CANCELLED: "still",
}
STEPS = {
    "resolve": "Read the card",
    "find": "Find the Space",
    "analyze": "Understand the model",
    "preflight": "Check account and machine",
    "generate": "Write the app",
    "lint": "Check the files",
    "publish": "Publish the Space",
    "boot": "Start it",
    "health": "Ask if it is well",
    "validate": "Call it and judge",
    "repair": "Repair",
}
WAYS = {
    "build": ("resolve", "analyze", "preflight", "generate", "lint", "publish", "boot", "health", "validate"),
    "validate": ("find", "boot", "health", "validate"),
}
"""Steps in the order in which a run of a kind goes through them, as far as nothing has to be repaired."""


def line(text: object, limit: int = 300) -> str:
    """One line without controls and direction marks, cut at `limit` characters."""
    spaced = "".join(" " if char in "\t\n\r\x0b\x0c\u2028\u2029" else char for char in str(text)[: limit * 4])
    kept = " ".join("".join(char for char in spaced if unicodedata.category(char) not in HARMFUL).split())
    return kept if len(kept) <= limit else kept[: limit - 1] + "…"


def block(text: str, limit: int = 200_000) -> str:
    """Many lines; line ends and tabs stay, everything else that steers or hides text goes."""
    cut = text[:limit].replace("\r\n", "\n")
    kept = "".join(char for char in cut if char in "\n\t" or unicodedata.category(char) not in HARMFUL)
    return kept if len(text) <= limit else f"{kept}\n… cut after {limit} characters"


def brief(value: Any, limit: int = 160) -> str:
    """An input or output of a call on one line."""
    if isinstance(value, str):
        return line(PurePath(value).name if value.startswith("/") and PurePath(value).suffix else value, limit)
    if isinstance(value, dict):
        if isinstance(value.get("label"), str):
            return line(value["label"], limit)
        if isinstance(value.get("path"), str):
            return line(PurePath(value["path"]).name, limit)
        parts = [f"{key} {brief(one, 60)}" if len(value) > 1 else brief(one, limit) for key, one in value.items()]
        return line(", ".join(parts), limit)
    if isinstance(value, list | tuple):
        return line(", ".join(brief(one, 60) for one in value[:5]) + (", …" if len(value) > 5 else ""), limit)
    if isinstance(value, float):
        return f"{value:.4g}"
    return "-" if value is None else line(value, limit)


def name(reference: str) -> str:
    """What a model or Space is called: a folder by its last part, anything else as it was given."""
    is_path = reference.startswith(("/", "~", "."))
    return line((PurePath(reference).name if is_path else "") or reference, 120)


def count(number: int | None) -> str:
    """A large number in words."""
    if number is None:
        return "unknown"
    sizes = ((1e9, "billion"), (1e6, "million"), (1e3, "thousand"))
    return next((f"{number / size:.3g} {unit}" for size, unit in sizes if number >= size), str(number))


def seconds(value: float | None) -> str:
    """A duration: 0.4 s, 12 s, 3 min 05 s, 1 h 02 min."""
    if value is None:
        return ""
    if value < 10:
        return f"{value:.1f} s"
    whole = round(value)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest:02d} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def money(usd: float) -> str:
    """US dollars."""
    return f"${usd:.2f}" if usd >= 0.01 or usd == 0 else f"${usd:.4f}"


def title(status: str) -> str:
    """A status in one or two words."""
    return TITLES[Status(status)] if status in {one.value for one in Status} else line(status, 30).capitalize()


def tone(status: str) -> str:
    """What a status looks like: work, good, warn, bad or still."""
    return TONES[Status(status)] if status in {one.value for one in Status} else "still"


def next_action(state: RunState, result: RunResult | None, *, interrupted: bool) -> str:
    """What the visitor can do now, in one sentence; empty while there is nothing to do."""
    if interrupted:
        return "Nobody works on this run any more. Resume it: it goes on where it was left."
    if state.status is Status.RUNNING or result is None:
        return "Nothing to do: this page follows the run. You can close it and come back."
    if state.status is Status.MANUAL_HARDWARE_REQUIRED:
        return "Set the hardware in the settings of the Space, then resume the run."
    if result.blocker and result.blocker.next_action:
        return line(result.blocker.next_action, 400)
    return _ENDED[state.status]


_ENDED = {
    Status.FULL_INFERENCE_SUCCESS: "Open the Space and try it; validate again whenever you want to be sure.",
    Status.CANDIDATE: "Open the Space and look at its answers yourself; the checks below say what is missing.",
    Status.TECHNICAL_BLOCKER: "Read the reason, then build again with other options.",
    Status.FAILED: "Once the cause is gone, build again.",
    Status.CANCELLED: "Build again whenever you like.",
}
