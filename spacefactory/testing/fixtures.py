"""Fixtures for pytest, loaded through the entry point `pytest11`."""

from __future__ import annotations
