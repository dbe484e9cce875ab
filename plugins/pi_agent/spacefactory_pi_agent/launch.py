"""How Pi is started: its words, its environment, and the two files of settings that it reads.

Pi gets a loopback address and a throw-away key. It loads nothing from the workspace: no context files, extensions,
skills, prompts, themes or project settings.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from spacefactory import workspaces
from spacefactory.providers import Process, Workbench
from spacefactory.schema.work import ModelEndpoint
from spacefactory_pi_agent.options import PiOptions

PROVIDER, KEY = "spacefactory", "SPACEFACTORY_MODEL_KEY"
HOME, SESSIONS, SESSION = ".config/pi", ".local/pi", "spacefactory"
"""Inside the workspace, under names that the publish gate never copies."""
NOTHING_FROM_THE_WORKSPACE = ("-ne", "-ns", "-np", "--no-themes", "-nc", "-na", "--no-mcp")


def start(node: Path, cli: Path, workbench: Workbench, endpoint: ModelEndpoint, options: PiOptions) -> Process:
    """Start Pi in RPC mode, confined; an earlier session of this workspace is continued.

    Raises:
        BlockedError: this machine cannot confine it.
    """
    workspace = workbench.workspace
    workspaces.remove(workspace, HOME)
    workspaces.write(workspace, f"{HOME}/settings.json", json.dumps(settings(options)))
    workspaces.write(workspace, f"{HOME}/models.json", json.dumps(models(endpoint, options)))
    words = [str(node), str(cli), *argv(workspace, endpoint.model, options)]
    # npm packages lie three folders above cli.js; Node's own libraries stand beside its bin
    readable = (node.parent.parent, cli.parent.parent.parent)
    return workbench.start(words, environment(workspace, endpoint), readable)


def argv(workspace: Path, model: str, options: PiOptions) -> list[str]:
    """The words after Node and cli.js."""
    return [
        *("--mode", "rpc", "--offline", *NOTHING_FROM_THE_WORKSPACE),
        *("--session-dir", str(workspace / SESSIONS), "--session-id", SESSION, "--name", SESSION),
        *("--tools", ",".join(options.tools), "--provider", PROVIDER, "--model", model),
        *("--thinking", options.thinking),
    ]


def environment(workspace: Path, endpoint: ModelEndpoint) -> dict[str, str]:
    """Variables beyond those of the workbench."""
    return {
        "PI_CODING_AGENT_DIR": str(workspace / HOME),
        "PI_OFFLINE": "1",
        "PI_TELEMETRY": "0",
        "PI_SKIP_VERSION_CHECK": "1",
        KEY: endpoint.key,
    }


def settings(options: PiOptions) -> dict[str, Any]:
    """Pi's settings.json. The broker waits as Retry-After says, so that Pi's provider need not."""
    return {
        "httpIdleTimeoutMs": int(options.idle_s * 1000),
        "retry": {"enabled": options.retries > 0, "maxRetries": options.retries, "baseDelayMs": 2000}
        | {"provider": {"maxRetries": 0}},
        "compaction": {"enabled": True},
        "defaultProjectTrust": "never",
        "enableInstallTelemetry": False,
        "cacheWarming": "off",
    }


def models(endpoint: ModelEndpoint, options: PiOptions) -> dict[str, Any]:
    """Pi's models.json: one provider with one model; money is counted by the broker."""
    compat = {"supportsDeveloperRole": False, "supportsStore": False, "maxTokensField": "max_tokens"}
    model = {
        "id": endpoint.model,
        "contextWindow": options.context_window,
        "maxTokens": options.max_tokens,
        "reasoning": options.thinking != "off",
        "cost": {"input": 0, "output": 0, "cacheRead": 0, "cacheWrite": 0},
        "compat": compat,
    }
    provider = {"baseUrl": endpoint.base_url, "api": "openai-completions", "apiKey": f"${KEY}", "models": [model]}
    return {"providers": {PROVIDER: provider}}
