"""The orchestrator as an MCP server, driven by a real MCP client."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from gradio_client import Client  # type: ignore[import-untyped]

from spacefactory.runs import plugins_of
from spacefactory.sample import digits
from spacefactory.settings import load
from spacefactory.testing.fixtures import share_environments
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


@pytest.mark.slow
def test_programs_build_a_model_and_validate_its_space_to_the_end(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """By a real MCP client and by gradio_client: each builds the sample model and validates what was built."""
    needs("mcp", "onnxruntime")
    with served(share_environments(tmp_path, tmp_path_factory)) as site:
        client = Client(site.url, verbose=False)

        def by_mcp(tool: str, **given: Any) -> Any:
            return json.loads(asyncio.run(_calls(f"{site.url}/gradio_api/mcp/", [(tool, given)]))[1][0])

        def by_client(endpoint: str, **given: Any) -> Any:
            return client.predict(**given, api_name=f"/{endpoint}")

        try:
            for ask in (by_mcp, by_client):
                built = _ended(ask, ask("build", model=str(digits()), agent="template")["run_id"])
                assert (built["status"], built["level"]) == ("full_inference_success", "reference")
                again = _ended(ask, ask("validate", space=built["space"]["id"], calls=6)["run_id"])
                assert (again["kind"], again["status"]) == ("validate", "full_inference_success")
                assert again["run_id"] != built["run_id"] and again["space"]["id"] == built["space"]["id"]
        finally:
            host = plugins_of(load({"home": tmp_path}).settings).host("local")
            for space in host.list():
                host.stop(space.id)


def _ended(ask: Callable[..., Any], run_id: str) -> Any:
    """The result of a run, once it has ended."""
    while (state := ask("run_status", run_id=run_id))["result"] is None:
        time.sleep(1)
    return state["result"]


async def _calls(url: str, asked: list[tuple[str, dict[str, Any]]]) -> tuple[dict[str, str], list[str]]:
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    async with streamable_http_client(url) as (read, write, _), ClientSession(read, write) as session:
        await session.initialize()
        tools = {tool.name: tool.description or "" for tool in (await session.list_tools()).tools}
        answers = [await session.call_tool(name, given) for name, given in asked]
    return tools, ["".join(getattr(part, "text", "") for part in answer.content) for answer in answers]
