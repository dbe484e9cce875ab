"""The orchestrator as an MCP server, driven by a real MCP client."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from spacefactory.sample import digits
from spacefactory.settings import load
from spacefactory.testing.require import absent, needs
from tests import ui_records
from tests.ui_site import served


def test_tools_are_listed_and_called(tmp_path: Path) -> None:
    needs("mcp")
    from spacefactory.ui.serve import speaks_mcp

    if not speaks_mcp():
        absent("the module mcp is installed in a version that Gradio does not know")
    run_id, journal = ui_records.begun(load({"home": tmp_path}).settings)
    with journal, served(tmp_path) as site:
        ui_records.step(journal, "resolve", "the card was read")
        asked = [("plan", {"model": str(digits())}), ("run_status", {"run_id": run_id}), ("cancel", {"run_id": run_id})]
        tools, answers = asyncio.run(_calls(f"{site.url}/gradio_api/mcp/", [*asked, ("run_report", {"run_id": "x"})]))
        assert len(list((journal.path.parent / "control").iterdir())) == 1
    assert {"plan", "build", "validate", "run_status", "run_report", "cancel"} == set(tools)
    assert all(tools.values()), "each says what it does"
    assert json.loads(answers[0])["task"] == "image-classification"
    assert json.loads(answers[1])["steps"][0]["summary"] == "the card was read"
    assert json.loads(answers[2])["asked"] is True
    assert "there is no such run" in answers[3]


async def _calls(url: str, asked: list[tuple[str, dict[str, Any]]]) -> tuple[dict[str, str], list[str]]:
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    async with streamable_http_client(url) as (read, write, _), ClientSession(read, write) as session:
        await session.initialize()
        tools = {tool.name: tool.description or "" for tool in (await session.list_tools()).tools}
        answers = [await session.call_tool(name, given) for name, given in asked]
    return tools, ["".join(getattr(part, "text", "") for part in answer.content) for answer in answers]
