"""A chat completion request as it may leave: one model, known fields, bounded."""

from __future__ import annotations

import json
from typing import Any

LARGEST_BODY = 4 << 20
MOST_TOKENS = 32_768
KNOWN = frozenset(
    {
        *("messages", "tools", "tool_choice", "parallel_tool_calls", "stream", "response_format", "stop", "seed"),
        *("temperature", "top_p", "top_k", "presence_penalty", "frequency_penalty", "reasoning_effort"),
    }
)
"""Fields of the OpenAI chat protocol that pass as they are; the others are dropped or set here."""


class NotAcceptableError(ValueError):
    """The request cannot be passed on; the message says why."""


def request_body(body: bytes, model: str) -> tuple[bytes, bool]:
    """The request for the upstream endpoint, and whether its answer is streamed.

    Raises:
        NotAcceptableError: it is too large or no chat completion request.
    """
    if len(body) > LARGEST_BODY:
        raise NotAcceptableError(f"the request is larger than {LARGEST_BODY >> 20} MiB")
    try:
        asked: Any = json.loads(body)
    except (ValueError, RecursionError):
        raise NotAcceptableError("the request is no JSON") from None
    if not isinstance(asked, dict) or not isinstance(asked.get("messages"), list):
        raise NotAcceptableError("the request has no list of messages")
    kept = {key: value for key, value in asked.items() if key in KNOWN}
    kept |= {"model": model, "max_tokens": _tokens(asked)}
    streamed = kept.get("stream") is True
    if streamed:
        kept["stream_options"] = {"include_usage": True}
    return json.dumps(kept).encode(), streamed


def _tokens(asked: dict[str, Any]) -> int:
    wanted = asked.get("max_completion_tokens", asked.get("max_tokens"))
    return min(wanted, MOST_TOKENS) if isinstance(wanted, int) and wanted > 0 else MOST_TOKENS


def error_body(message: str, code: str) -> dict[str, Any]:
    """An error as clients of the OpenAI protocol read it."""
    return {"error": {"message": message, "type": code, "code": code}}
