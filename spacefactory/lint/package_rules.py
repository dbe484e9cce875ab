"""Rules for packages.txt, whose words go to apt as they are."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spacefactory.lint.rule import Fault, Rule
from spacefactory.lint.view import View

_NAME = re.compile(r"[a-z0-9][a-z0-9+.-]+(?::[a-z0-9]+)?\Z")
DEAD = {
    "libgl1-mesa-glx": "libgl1",
    "libegl1-mesa": "libegl1",
    "libgles2-mesa": "libgles2",
    "libssl1.0.0": "libssl3",
    "libssl1.1": "libssl3",
    "libffi6": "libffi8",
    "libffi7": "libffi8",
    "libwebp6": "libwebp7",
    "libtiff5": "libtiff6",
    "libpng12-0": "libpng16-16",
    "libpng12-dev": "libpng-dev",
    "libjasper1": "",
    "libjasper-dev": "",
    "libavresample-dev": "libswresample-dev",
    "python": "python3",
    "python2": "python3",
    "python-dev": "python3-dev",
    "python-pip": "",
    "python-opencv": "",
    "python3-distutils": "",
    "nvidia-cuda-toolkit": "",
}
"""Names that the image's distribution does not have, with what took their place; empty for none."""


def names(view: View) -> Iterator[Fault]:
    """Words are names of Debian packages that exist."""
    for number, line in enumerate((view.packages or "").splitlines(), 1):
        for word in line.split():
            if word.startswith("#"):
                yield Fault("packages.txt cannot hold comments; remove this one", number)
                break
            if not _NAME.match(word):
                yield Fault(f"{word[:60]!r} is not the name of a Debian package; write names only", number)
            elif word in DEAD:
                mend = f"write {DEAD[word]}" if DEAD[word] else "remove it"
                yield Fault(f"apt has no package {word} any more; {mend}", number)


RULES = (
    Rule(
        "pkg-names",
        names,
        file="packages.txt",
        why="one name that apt does not know ends the build",
        mend="write current Debian names, one per line",
    ),
)
