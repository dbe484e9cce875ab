"""What the model may do: run a command, write a file. Both happen confined, so nothing here has to be careful."""

from __future__ import annotations

import json
from typing import Any

from spacefactory.providers import Workbench

LONGEST = 8000
COMMAND_S = 120
WRITE = (
    "import os, sys; path, text = sys.argv[1:]; os.makedirs(os.path.dirname(path) or '.', exist_ok=True); "
    "open(path, 'w').write(text)"
)


def _tool(name: str, description: str, *arguments: str) -> dict[str, Any]:
    properties = {argument: {"type": "string"} for argument in arguments}
    parameters = {"type": "object", "properties": properties, "required": list(arguments)}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}


TOOLS = [
    _tool("run", "Run a command with sh in the current folder", "command"),
    _tool("write", "Write a text file in the current folder", "path", "content"),
]


def use(call: dict[str, Any], workbench: Workbench) -> str:
    """Do what the model asks for; whatever goes wrong is told to the model."""
    try:
        name, arguments = call["function"]["name"], json.loads(call["function"]["arguments"])
        if name == "run":
            argv = ["sh", "-c", str(arguments["command"])]
        elif name == "write":
            argv = ["python3", "-c", WRITE, str(arguments["path"]), str(arguments["content"])]
        else:
            return f"there is no tool {name}"
    except (KeyError, TypeError, ValueError) as error:
        return f"this is no call of a tool: {type(error).__name__}: {error}"
    done = workbench.run(argv, timeout=COMMAND_S)
    said = f"{done.stdout}\n{done.stderr}".strip()[-LONGEST:]
    return f"exit status {done.returncode}\n{said}"
