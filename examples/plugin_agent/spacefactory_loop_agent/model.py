"""One call of a chat model, with the standard library."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

from spacefactory.errors import PlatformError
from spacefactory.schema.work import ModelEndpoint

TIMEOUT_S = 300


class BudgetUsedUpError(Exception):
    """The endpoint says that the run may spend no more."""


def ask(endpoint: ModelEndpoint, messages: list[dict[str, Any]], tools: list[dict[str, Any]]) -> dict[str, Any]:
    """The model's next message.

    Raises:
        BudgetUsedUpError: the run's budget is used up.
        PlatformError: the endpoint refused or failed.
    """
    body = json.dumps({"model": endpoint.model, "messages": messages, "tools": tools}).encode()
    headers = {"Authorization": f"Bearer {endpoint.key}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{endpoint.base_url}/chat/completions", body, headers)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # the address is a loopback one
    try:
        with opener.open(request, timeout=TIMEOUT_S) as answer:
            message: dict[str, Any] = json.load(answer)["choices"][0]["message"]
            return message
    except urllib.error.HTTPError as error:
        said = " ".join(error.read(2000).decode(errors="replace").split())
        if error.code == 402:
            raise BudgetUsedUpError(f"the coding model is not asked any more: {said[:300]}") from None
        raise PlatformError(f"the coding model's endpoint answered {error.code}: {said[:300]}") from None
    except (OSError, ValueError, LookupError) as error:
        raise PlatformError(f"the coding model's endpoint failed: {type(error).__name__}", "try again later") from None
