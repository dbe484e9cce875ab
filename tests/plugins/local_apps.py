"""Apps and wheels that the tests of the local platform write by hand."""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import time
import zipfile
from pathlib import Path

from spacefactory_local.host import LocalHost
from spacefactory_local.uv import find_uv

from spacefactory.schema.space import Runtime, SpaceRequest
from spacefactory.testing import absent

RUN, OTHER_RUN = "01JZZZZZZZZZZZZZZZZZZZZZZZ", "01JYYYYYYYYYYYYYYYYYYYYYYY"
README = "---\ntitle: Test\nsdk: gradio\nsdk_version: 6.31.0\napp_file: app.py\n---\n\nA test.\n"

GRADIO = """
import os
import gradio as gr

def generate(text: str) -> str:
    return text[::-1]

def health() -> dict:
    return {"status": "ok", "nonce": os.environ.get("SPACE_NONCE", "")}

with gr.Blocks() as demo:
    box, out, run = gr.Textbox(), gr.Textbox(), gr.Button()
    run.click(generate, box, out, api_name="generate")
    gr.api(health, api_name="health", queue=False)

if __name__ == "__main__":
    demo.launch(show_error=True)
"""

SERVER = """
import json, os, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

{before}

class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/die":
            os._exit(7)
        facts = {{"nonce": os.environ.get("SPACE_NONCE")}}
        if self.path == "/facts":
            facts = look()
        body = json.dumps(facts).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass

def look():
    return {{}}

{after}

try:
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ["GRADIO_SERVER_PORT"])), Answer)
except OSError:
    raise OSError("Cannot find empty port in range: taken") from None
print("listening", flush=True)
server.serve_forever()
"""
"""Answers like an app without importing gradio, so that a test starts it in a moment."""


def app(folder: Path, source: str, **files: str) -> Path:
    """Write an app with its README."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "app.py").write_text(source, encoding="utf-8")
    (folder / "README.md").write_text(files.pop("readme", README), encoding="utf-8")
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_txt", ".txt")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def server(before: str = "", after: str = "") -> str:
    """The source of a small server, with lines before its handler and before it listens."""
    return SERVER.format(before=before, after=after)


def placed(host: LocalHost, name: str, folder: Path, run_id: str = RUN) -> str:
    """Create a Space and upload the folder; returns its revision."""
    host.create(SpaceRequest(name=name, run_id=run_id))
    return host.upload(name, folder)


def settled(host: LocalHost, name: str, seconds: float = 240) -> Runtime:
    """What a Space does once it is no longer coming up."""
    until = time.monotonic() + seconds
    while (now := host.runtime(name)).stage in ("BUILDING", "APP_STARTING"):
        assert time.monotonic() < until, host.logs(name, "run")
        time.sleep(0.1)
    return now


def processes_with(word: str) -> list[int]:
    """Processes whose command line holds a word, zombies left out."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if word.encode() in words and int(entry.name) != os.getpid():
                found.append(int(entry.name))
    return found


def needs_index(folder: Path) -> None:
    """Skip the test where no package index can be reached."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "in.txt").write_text("groovy\n", encoding="utf-8")
    uv = find_uv()
    tried = subprocess.run(
        [uv.program, "pip", "compile", "--quiet", "--no-header", "in.txt"],
        cwd=folder,
        env=dict(uv.environment),
        capture_output=True,
        timeout=120,
        check=False,
    )
    if tried.returncode != 0:
        absent("no package index can be reached")


def wheel(folder: Path, name: str, version: str, *, requires: tuple[str, ...] = (), tag: str = "py3-none-any") -> Path:
    """Write a wheel that holds one module, named as the distribution."""
    folder.mkdir(parents=True, exist_ok=True)
    info = f"{name}-{version}.dist-info"
    lines = "".join(f"Requires-Dist: {one}\n" for one in requires)
    files = {
        f"{name}.py": f"VERSION = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{lines}",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n",
    }
    path = folder / f"{name}-{version}-{tag}.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for inside, text in files.items():
            archive.writestr(inside, text)
        archive.writestr(f"{info}/RECORD", "".join(map(_record, files.items())) + f"{info}/RECORD,,\n")
    return path


def _record(file: tuple[str, str]) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(file[1].encode()).digest()).rstrip(b"=").decode()
    return f"{file[0]},sha256={digest},{len(file[1].encode())}\n"
