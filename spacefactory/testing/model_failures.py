"""Scripts for every way in which a model endpoint is known to fail, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spacefactory.testing.scripted_model import Script, script

CREDITS = (
    "You have depleted your monthly included credits. Purchase pre-paid credits to continue using Inference Providers."
)
FORBIDDEN = "This authentication method does not have sufficient permissions to call Inference Providers"
UNSUPPORTED = "The requested model 'x/y' is not supported by any provider you have enabled."
TOO_LONG = (
    "This model's maximum context length is 32768 tokens. However, you requested 40000 tokens "
    "(38000 in the messages, 2000 in the completion). Please reduce the length of the messages or completion."
)
_OVERFLOW = {"message": TOO_LONG, "code": "context_length_exceeded"}
_LIMITED: Mapping[str, Any] = {
    "refuse": 429,
    "error": {"message": "Too Many Requests"},
    "headers": {"Retry-After": "1"},
}
_DOWN: Mapping[str, Any] = {"refuse": 503, "error": {"message": "Service Unavailable"}}
_DONE: Mapping[str, Any] = {"say": ["All ", "done."]}

FAILURES: Mapping[str, Script] = {
    "unsupported_model": script([{"refuse": 400, "error": {"message": UNSUPPORTED, "code": "model_not_supported"}}]),
    "bad_key": script([{"refuse": 401, "error": {"message": "Invalid username or password."}}]),
    "no_credits": script([{"refuse": 402, "error": CREDITS}]),
    "forbidden": script([{"refuse": 403, "error": FORBIDDEN}]),
    "no_such_model": script(
        [{"refuse": 404, "error": {"message": "The model does not exist", "code": "model_not_found"}}]
    ),
    "rate_limited": script([_LIMITED]),
    "rate_limited_once": script([_LIMITED, _DONE], "requests"),
    "down": script([{"refuse": 500, "error": {"message": "Internal Server Error"}}]),
    "down_once": script([_DOWN, _DONE], "requests"),
    "overflow": script([{"refuse": 400, "error": _OVERFLOW}]),
    "overflow_in_stream": script([{"fault": "error_frame", "error": _OVERFLOW}]),
    "hang": script([{"fault": "hang"}]),
    "hang_mid": script([{"say": ["partial..."], "fault": "hang_mid"}]),
    "malformed": script([{"fault": "malformed"}]),
    "truncated": script([{"say": ["partial answer, then the connection closes"], "fault": "truncated"}]),
    "error_frame": script([{"say": ["part"], "fault": "error_frame"}]),
    "length": script([{"say": ["cut off tex"], "finish": "length", "usage": {"completion": 16384}}]),
    "bad_arguments": script([{"tools": [["write", '{"path": "x.txt", "cont']]}, _DONE]),
    "unknown_tool": script([{"tools": [["no_such_tool", {"a": 1}]]}, _DONE]),
    "forever": script([{"tools": [["bash", {"command": "true"}]], "usage": {"prompt": 100000, "completion": 5000}}]),
}
"""By name; `forever` never stops calling tools and is expensive."""
