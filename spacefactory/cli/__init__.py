"""The command line. Everything heavy is imported by the command that needs it, so that help appears at once."""

from __future__ import annotations

from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit status and never raises.

    Args:
        argv: the words after the program's name; those of this process when left out.
    """
    try:
        from spacefactory.cli.guard import run

        return run(argv)
    except KeyboardInterrupt:  # while modules were still being imported, or a second one while the first was handled
        return 130
