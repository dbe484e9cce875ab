"""A small world to begin with: people, tokens, a chat model."""

from __future__ import annotations

from dataclasses import dataclass

from spacefactory.testing.hub.hub import EmulatedHub
from spacefactory.testing.scripted_model import script

CODING_MODEL = "Qwen/Qwen3-Coder-Next"
SAMPLE_MODEL = "acme/digits"
"""Where the sample model is when the Hub is started by hand."""

SMALL_APP = """import http.server, os, sys

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        token = self.headers.get("Authorization", "none")
        body = f"{self.path} from {os.environ['SPACE_ID']}, token: {token}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass

print("the small app is up")
address = ("127.0.0.1", int(os.environ["GRADIO_SERVER_PORT"]))
http.server.ThreadingHTTPServer(address, Handler).serve_forever()
"""
"""An app without any requirement that is up in no time; it answers with what it was asked."""
SMALL_README = "---\ntitle: Small\nsdk: gradio\nsdk_version: 6.31.0\napp_file: app.py\n---\n"
SMALL_SPACE = {"README.md": SMALL_README, "app.py": SMALL_APP}


@dataclass(frozen=True)
class Tokens:
    """Tokens of the people in the small world."""

    ada: str
    """PRO, with credits; a sign-in token with all the scopes that the orchestrator asks for."""
    ada_write: str
    """PRO; a classic token with the role write."""
    ben: str
    """Free plan, no credits; a sign-in token."""
    eve: str
    """PRO, a stranger to the others; a classic token with the role write."""

    def all(self) -> dict[str, str]:
        """By name."""
        return {"ada": self.ada, "ada-write": self.ada_write, "ben": self.ben, "eve": self.eve}


def people(hub: EmulatedHub) -> Tokens:
    """Ada (PRO), Ben (free), Eve (PRO), and the organisation acme, of which Ada is an admin."""
    hub.add_user("ada")
    hub.add_user("ben", "free", credits_usd=0.0, can_pay=False)
    hub.add_user("eve")
    hub.add_org("acme", {"ada": "admin"})
    hub.add_chat_model(CODING_MODEL, script([{"say": ["Hello from the scripted model."]}]))
    return Tokens(
        ada=hub.add_token("ada", orgs=("acme",), value="hf_oauth_ada"),
        ada_write=hub.add_token("ada", "access_token", value="hf_ada_write"),
        ben=hub.add_token("ben", value="hf_oauth_ben"),
        eve=hub.add_token("eve", "access_token", value="hf_eve_write"),
    )
