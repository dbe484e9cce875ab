"""Proving a running app: which endpoint, which inputs, what came back, what that proves."""

from __future__ import annotations

from spacefactory.probe.alive import config_answers, health
from spacefactory.probe.answers import answers
from spacefactory.probe.files import judge_files
from spacefactory.probe.request import ProbeRequest, ProbeResult
from spacefactory.probe.session import probe

__all__ = ["ProbeRequest", "ProbeResult", "answers", "config_answers", "health", "judge_files", "probe"]
