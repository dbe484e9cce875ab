"""Follows Pi from a prompt to the end of its work, within limits that Pi itself does not have."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from spacefactory_pi_agent.events import Told, event, is_answer, said
from spacefactory_pi_agent.options import PiOptions
from spacefactory_pi_agent.rpc import PiEndedError, Record, Rpc

ABORT_S = 10.0
LOOK_S = 1.0
End = Literal["stop", "length", "error", "aborted", "turns", "idle", "tool", "wall", "refused", "ended"]
Tell = Callable[[Told], None]


@dataclass(frozen=True)
class Settled:
    """How Pi's work on one prompt ended.

    Args:
        end: why it stopped, a limit of ours included; "ended" when Pi's process did.
        text: the last words of the model.
        error: what Pi says went wrong.
        turns: answers of the model.
    """

    end: End
    text: str = ""
    error: str = ""
    turns: int = 0


@dataclass
class _Watch:
    """What has been seen of one prompt."""

    options: PiOptions
    begun: float
    seen: float
    tool: float | None = None
    turns: int = 0
    text: str = ""
    stop: str = ""
    error: str = ""
    limit: End | None = None
    stop_by: float = 0.0

    def note(self, record: Record) -> None:
        """Take a record in."""
        self.seen = time.monotonic()
        if record["type"] == "tool_execution_start":
            self.tool = self.seen
        elif record["type"] == "tool_execution_end":
            self.tool = None
        elif is_answer(record):
            self.turns += 1
            self.text = said(record)
            self.stop = str(record["message"].get("stopReason") or "")
            self.error = str(record["message"].get("errorMessage") or "")

    def passed(self) -> End | None:
        """The limit that has been passed."""
        now, limits = time.monotonic(), self.options
        if now - self.begun > limits.wall_s:
            return "wall"
        if self.tool is not None:
            return "tool" if now - self.tool > limits.tool_s else None
        if now - self.seen > limits.idle_s:
            return "idle"
        return "turns" if self.turns >= limits.turns and self.stop == "toolUse" else None

    def settled(self, end: End | None = None) -> Settled:
        """How it ended."""
        last: dict[str, End] = {"stop": "stop", "length": "length", "error": "error", "aborted": "aborted"}
        return Settled(end or self.limit or last.get(self.stop, "stop"), self.text, self.error, self.turns)


def ready(rpc: Rpc, seconds: float) -> bool:
    """Whether Pi came up.

    Raises:
        PiEndedError: it ended first.
    """
    answer = rpc.call("get_state", seconds)
    return answer is not None and bool(answer.get("success"))


def follow(rpc: Rpc, prompt: str, options: PiOptions, tell: Tell) -> Settled:
    """Send a prompt and wait until Pi has settled, was stopped by a limit, or is gone."""
    now = time.monotonic()
    watch = _Watch(options, begun=now, seen=now)
    try:
        answer = rpc.call("prompt", options.ready_s, message=prompt)
        if answer is None or not answer.get("success"):
            return Settled("refused", error=str((answer or {}).get("error") or "Pi did not take the prompt"))
        return _until_settled(rpc, watch, tell)
    except PiEndedError:
        return watch.settled("ended")


def _until_settled(rpc: Rpc, watch: _Watch, tell: Tell) -> Settled:
    while True:
        if watch.limit is None and (limit := watch.passed()):
            watch.limit, watch.stop_by = limit, time.monotonic() + ABORT_S
            rpc.send("clear_queue")
            rpc.send("abort")
        if watch.limit is not None and time.monotonic() > watch.stop_by:
            return watch.settled()
        record = rpc.next(LOOK_S)
        if record is None:
            continue
        watch.note(record)
        if told := event(record):
            tell(told)
        if record["type"] == "agent_settled":
            return watch.settled()
