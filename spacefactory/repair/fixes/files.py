"""The files of an app while they are being mended."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from spacefactory import workspaces

APP, REQUIREMENTS, PACKAGES = "app.py", "requirements.txt", "packages.txt"


@dataclass
class AppFiles:
    """A workspace and what was read of it; nothing is written before `save`."""

    folder: Path
    text: str = ""
    """the words of the failure"""
    changed: dict[str, str | None] = field(default_factory=dict)

    def read(self, name: str) -> str:
        """A file as it is by now; empty when there is none."""
        if name in self.changed:
            return self.changed[name] or ""
        return workspaces.read(self.folder, name) or ""

    def write(self, name: str, text: str) -> bool:
        """Give a file another text; says whether that is a change."""
        if text == self.read(name):
            return False
        self.changed[name] = text
        return True

    def remove(self, name: str) -> bool:
        """Leave a file out; says whether it was there."""
        there = (self.folder / name).is_symlink() or (self.folder / name).exists()
        if there:
            self.changed[name] = None
        return there

    def lines(self, name: str) -> list[str]:
        """Lines of a file."""
        return self.read(name).splitlines()

    def write_lines(self, name: str, lines: list[str]) -> bool:
        """Give a file other lines."""
        return self.write(name, "".join(f"{line}\n" for line in lines))

    def save(self) -> None:
        """Put every change into the workspace."""
        for name, text in self.changed.items():
            if text is None:
                workspaces.remove(self.folder, name)
            else:
                workspaces.write(self.folder, name, text)
