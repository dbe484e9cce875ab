"""Stages of a job, by the words of the Hub."""

from __future__ import annotations

LIVE = ("SCHEDULING", "RUNNING")
ENDED = frozenset({"COMPLETED", "ERROR", "CANCELED", "DELETED"})
