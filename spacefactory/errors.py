"""Failures that a user can meet: one sentence, the next step, an exit code."""

from __future__ import annotations

from typing import ClassVar


class SpacefactoryError(Exception):
    """Something went wrong that the user should hear about in one sentence.

    Args:
        message: what happened.
        next_step: what to do about it; empty when the message says it already.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, next_step: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.message}; {self.next_step}" if self.next_step else self.message


class UsageError(SpacefactoryError):
    """The command, an option or a reference is not usable as given."""

    exit_code = 2


class PluginError(UsageError):
    """A plugin is missing, broken, or two claim one name."""


class SettingsError(UsageError):
    """A setting has a value that cannot be used."""


class NotFoundError(UsageError):
    """A run, Space or file that was named does not exist."""


class PlatformError(SpacefactoryError):
    """This machine or the platform failed: disk, network, a service."""


class BlockedError(SpacefactoryError):
    """The model cannot be built or proven, for a reason that a `BlockerReason` names."""

    exit_code = 5

    def __init__(self, reason: str, message: str, next_step: str = "") -> None:
        super().__init__(message, next_step)
        self.reason = reason


class NameTakenError(BlockedError):
    """A Space of that name exists and belongs to another run."""

    def __init__(self, name: str) -> None:
        super().__init__(
            "name_taken",
            f"a Space named {name!r} exists already and does not belong to this run",
            "choose another --space-name, or delete that Space with: spacefactory spaces delete " + name,
        )


class SpaceCrashedError(SpacefactoryError):
    """The app of a Space ended or never came up; `log` holds the end of its log."""

    def __init__(self, message: str, log: str = "", stage: str = "RUNTIME_ERROR") -> None:
        super().__init__(message)
        self.log = log
        self.stage = stage
