"""Rules for README.md: what the Hub needs to know to run a Space."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spacefactory.lint.rule import Fault, Rule
from spacefactory.lint.view import View
from spacefactory.lint.vocabulary import ALLOWED_KEYS, COLORS, HARMLESS_KEYS

_VERSION = re.compile(r"\d+\.\d+\.\d+\Z")
_LARGE_GIB = 10_000_000_000 / 2**30
_PYTHONS = ("3.10", "3.12")


def front_matter(view: View) -> Iterator[Fault]:
    """The block is there and names allowed keys only."""
    if view.front is None:
        yield Fault(f"{view.front_problem}; write one with title, sdk, sdk_version and app_file", 1)
    for key in view.front or {}:
        if key in HARMLESS_KEYS:
            yield Fault(f"the key {key} is not needed in a generated Space", _line(view, key), level="warning")
        elif key not in ALLOWED_KEYS:
            yield Fault(f"the key {key[:60]} does not belong in a generated Space; remove it", _line(view, key))


def sdk(view: View) -> Iterator[Fault]:
    """Gradio, in an exact version, with a file that exists."""
    if view.front is None:
        return
    if view.front.get("sdk") != "gradio":
        yield Fault("sdk must be gradio", _line(view, "sdk"))
    if not _VERSION.match(str(view.front.get("sdk_version", ""))):
        yield Fault("sdk_version must be an exact version such as 6.31.0", _line(view, "sdk_version"))
    file = view.front.get("app_file")
    if not (isinstance(file, str) and file in view.tree.files):
        yield Fault(f"app_file names {str(file)[:60]!r}, which is not in the tree", _line(view, "app_file"))


def python_version(view: View) -> Iterator[Fault]:
    """A Python that ZeroGPU has; a number without quotes would lose its zero."""
    if view.front is None:
        return
    found = view.front.get("python_version")
    if not (isinstance(found, str) and found in _PYTHONS):
        yield Fault('python_version must be "3.12" or "3.10", in quotes', _line(view, "python_version"))


def short_description(view: View) -> Iterator[Fault]:
    """The Hub refuses a longer one."""
    found = (view.front or {}).get("short_description", "")
    if not isinstance(found, str) or len(found) > 60:
        yield Fault("short_description must be text of at most 60 characters", _line(view, "short_description"))


def colors(view: View) -> Iterator[Fault]:
    """The Hub knows eight."""
    for key in ("colorFrom", "colorTo"):
        if view.front and key in view.front and view.front[key] not in COLORS:
            yield Fault(f"{key} must be one of {', '.join(sorted(COLORS))}", _line(view, key))


def startup_timeout(view: View) -> Iterator[Fault]:
    """Large weights need more than the 30 minutes that the Hub waits."""
    if (view.tree.weight_gib or 0) > _LARGE_GIB and "startup_duration_timeout" not in (view.front or {}):
        yield Fault(f"weights of {view.tree.weight_gib:.1f} GiB need startup_duration_timeout: 1h", 1)


def _line(view: View, key: str) -> int | None:
    """Where a key stands, None when it is missing."""
    lines = enumerate((view.readme or "").splitlines(), 1)
    return next((number for number, line in lines if line.startswith(f"{key}:")), None)


RULES = (
    Rule(
        "readme-front-matter",
        front_matter,
        file="README.md",
        why="without the block the Hub does not run the Space, and some keys give it more rights than it needs",
        mend="begin README.md with title, sdk, sdk_version, python_version and app_file between two lines ---",
    ),
    Rule(
        "readme-sdk",
        sdk,
        file="README.md",
        why="ZeroGPU runs Gradio only, and another version of it breaks the app one day",
        mend="write sdk: gradio, an exact sdk_version and the name of a file that is there",
    ),
    Rule(
        "readme-python",
        python_version,
        level="zerogpu",
        file="README.md",
        why="ZeroGPU has Python 3.10 and 3.12 only",
        mend='write python_version: "3.12", in quotes',
    ),
    Rule(
        "readme-short-description",
        short_description,
        file="README.md",
        why="the Hub refuses a README with a longer one",
        mend="shorten it to 60 characters",
    ),
    Rule(
        "readme-colors",
        colors,
        file="README.md",
        why="the Hub refuses a README with another colour",
        mend="choose one of the eight",
    ),
    Rule(
        "readme-startup-timeout",
        startup_timeout,
        level="warning",
        file="README.md",
        why="the Hub stops a Space that has not started after 30 minutes",
        mend="write startup_duration_timeout: 1h",
    ),
)
