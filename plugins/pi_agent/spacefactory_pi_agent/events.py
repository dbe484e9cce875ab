"""Pi's records as events of the run: flat, small, without what repeats."""

from __future__ import annotations

import json
from typing import Any

from pydantic import JsonValue

from spacefactory_pi_agent.rpc import Record

TEXT, ARGS, OUTPUT = 2000, 500, 1000
Told = tuple[str, dict[str, JsonValue]]


def event(record: Record) -> Told | None:
    """Kind and facts of the event for a record; None for what is not told."""
    match record["type"]:
        case "agent_start":
            return "started", {}
        case "message_end":
            return _message(record)
        case "tool_execution_start":
            facts = {"id": _text(record.get("toolCallId"), 100), "tool": _text(record.get("toolName"), 100)}
            return "tool.started", {**facts, "args": json.dumps(record.get("args"), default=str)[:ARGS]}
        case "tool_execution_end":
            return "tool.finished", _finished(record)
        case "auto_retry_start" | "auto_retry_end":
            told = {key: record[key] for key in ("attempt", "delayMs", "success", "finalError") if key in record}
            return "retry", {key: _plain(value) for key, value in told.items()}
        case "compaction_end":
            return "compaction", {"reason": _text(record.get("reason"), 100)}
        case "agent_settled":
            return "settled", {"aborted": bool(record.get("aborted"))}
    return None


def said(record: Record) -> str:
    """The text of an assistant's message."""
    content = _dict(record.get("message")).get("content")
    parts = content if isinstance(content, list) else []
    return "".join(str(_dict(part).get("text", "")) for part in parts if _dict(part).get("type") == "text")


def is_answer(record: Record) -> bool:
    """Whether a record is the end of an assistant's message."""
    return record["type"] == "message_end" and _dict(record.get("message")).get("role") == "assistant"


def _message(record: Record) -> Told | None:
    if not is_answer(record):
        return None
    message = _dict(record["message"])
    usage = _dict(message.get("usage"))
    return "message", {
        "text": said(record)[:TEXT],
        "stop_reason": _text(message.get("stopReason"), 40),
        "error": _text(message.get("errorMessage"), 500),
        "tokens_in": _plain(usage.get("input")),
        "tokens_out": _plain(usage.get("output")),
        "tokens_cache": _plain(usage.get("cacheRead")),
        "duration_ms": _plain(message.get("durationMs")),
    }


def _finished(record: Record) -> dict[str, JsonValue]:
    content = _dict(record.get("result")).get("content")
    parts = content if isinstance(content, list) else []
    output = "".join(str(_dict(part).get("text", "")) for part in parts)
    return {
        "id": _text(record.get("toolCallId"), 100),
        "is_error": bool(record.get("isError")),
        "duration_ms": _plain(record.get("durationMs")),
        "output": output[-OUTPUT:],
    }


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any, limit: int) -> str:
    return str(value)[:limit] if value is not None else ""


def _plain(value: Any) -> JsonValue:
    return value if isinstance(value, int | float | bool) or value is None else str(value)[:500]
