"""Every action for machines: API endpoints of Gradio, and MCP tools where the package `mcp` is installed."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from secrets import token_bytes
from typing import Any, Literal, TypeVar, cast

import gradio as gr
from gradio.events import api

from spacefactory.attend import concluded_in
from spacefactory.errors import SpacefactoryError, UsageError
from spacefactory.record.fold import fold
from spacefactory.ui.context import allowed, desk
from spacefactory.ui.desk import Desk, MissingRunError
from spacefactory.ui.routes import Site
from spacefactory.watch import events

LONGEST_REPORT = 1 << 20
Document = dict[str, Any]
Request = gr.Request | None
Token = gr.OAuthToken | None
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Endpoints:
    """The functions; their docstrings are what callers and coding agents read."""

    site: Site
    key: bytes = field(default_factory=lambda: token_bytes(32), repr=False)
    """signs the confirmations of this process"""

    def offer(self) -> None:
        """Make them part of the app that is being drawn."""
        for function in (self.plan, self.build, self.validate, self.run_status, self.run_report, self.cancel):
            api(function, api_name=function.__name__, concurrency_limit=4)

    def plan(self, model: str, request: gr.Request | None = None, token: gr.OAuthToken | None = None) -> Document:  # noqa: D417 - callers give neither
        """Read a model's card and say whether it can be built; nothing is spent or created.

        Args:
            model: id of a model on the Hub or its address; on a local orchestrator also a folder.
        """

        def answer(found: Desk) -> Document:
            return found.plan(allowed(found, model), {}).as_json()

        return self._told(request, token, answer)

    def build(  # noqa: D417 - callers give neither
        self,
        model: str,
        agent: str = "",
        space_name: str = "",
        budget_usd: float = 1.0,
        confirm: str = "",
        request: gr.Request | None = None,
        token: gr.OAuthToken | None = None,
    ) -> Document:
        """Build, run and prove a private Space for a model. Answers at once with the run's id: follow it by run_status.

        Where runs cost money, the first call starts nothing and answers with the plan and a `confirm` code; the same
        call with that code starts the run.

        Args:
            model: id of a model on the Hub or its address; on a local orchestrator also a folder.
            agent: name of the agent that writes the app; the platform's own when empty.
            space_name: name of the Space; made from the model's name when empty.
            budget_usd: most that the run may cost, US dollars.
            confirm: the code of the first answer, when one was given.
        """
        options = {"agent": agent or None, "usd": budget_usd}

        def answer(found: Desk) -> Document:
            wanted = allowed(found, model)
            asked = self._unconfirmed(found, confirm, ["build", wanted, agent, space_name, budget_usd])
            if asked is not None:
                return asked | {"plan": found.plan(wanted, options).as_json()}
            return self._start(found, "build", wanted, {"space_name": space_name or None}, options)

        return self._told(request, token, answer)

    def validate(  # noqa: D417 - callers give neither
        self,
        space: str,
        endpoint: str = "",
        expect: str = "",
        calls: int = 3,
        confirm: str = "",
        request: gr.Request | None = None,
        token: gr.OAuthToken | None = None,
    ) -> Document:
        """Call a Space of any author for real and judge what comes back. Answers at once with the run's id.

        Where runs cost money, the first call starts nothing and answers with a `confirm` code, as for build.

        Args:
            space: id of a Space on the Hub; on a local orchestrator also a folder or the address of a running app.
            endpoint: which endpoint to call; found by itself when empty.
            expect: output type that must come back, such as image, audio, text, video or json; any when empty.
            calls: how many calls to make, 1 to 50.
            confirm: the code of the first answer, when one was given.
        """
        asked = {"endpoint": endpoint or None, "expect": expect or None, "calls": calls}

        def answer(found: Desk) -> Document:
            wanted = allowed(found, space)
            question = self._unconfirmed(found, confirm, ["validate", wanted, endpoint, expect, calls])
            return question or self._start(found, "validate", wanted, asked, {})

        return self._told(request, token, answer)

    def run_status(  # noqa: D417 - callers give neither
        self, run_id: str, request: gr.Request | None = None, token: gr.OAuthToken | None = None
    ) -> Document:
        """Where a run stands: its status, level and steps, and its result once it has ended.

        Args:
            run_id: id of the run, as build and validate answer it.
        """

        def answer(found: Desk) -> Document:
            listed = events(found.folder(run_id))
            state, result = fold(listed), concluded_in(listed)
            if state is None:
                raise MissingRunError
            shown = result.model_copy(update={"report": ""}).as_json() if result else None
            return state.as_json() | {"result": shown}

        return self._told(request, token, answer)

    def run_report(self, run_id: str, request: gr.Request | None = None, token: gr.OAuthToken | None = None) -> str:  # noqa: D417 - callers give neither
        """The report of a run that has ended, as Markdown: what was called, what came back, and every check.

        Args:
            run_id: id of the run.
        """

        def answer(found: Desk) -> str:
            path = found.folder(run_id) / "report.md"
            if not path.is_file():
                raise UsageError("this run has no report yet", "ask run_status until it has ended")
            with path.open("rb") as file:
                return file.read(LONGEST_REPORT).decode("utf-8", "replace")

        return self._told(request, token, answer)

    def cancel(self, run_id: str, request: gr.Request | None = None, token: gr.OAuthToken | None = None) -> Document:  # noqa: D417 - callers give neither
        """Stop a run; what it has done so far is kept.

        Args:
            run_id: id of the run.
        """

        def answer(found: Desk) -> Document:
            ended = found.cancel(run_id)
            return {"run_id": run_id, "status": ended.status.value if ended else "running", "asked": ended is None}

        return self._told(request, token, answer)

    def _told(self, request: Request, token: Token, answer: Callable[[Desk], Answer]) -> Answer:
        """The answer for whoever asks; failures as one sentence that clients can read."""
        if request is None:
            raise TypeError("an endpoint is called with its request")
        try:
            answered = answer(desk(self.site, request, token))
        except SpacefactoryError as error:
            raise gr.Error(str(error), title=type(error).__name__, print_exception=False) from None
        if request.headers.get("x-gradio-user") == "mcp" and not isinstance(answered, str):
            return cast(Answer, json.dumps(answered))  # a tool's answer is text, and Gradio would write it in Python
        return answered

    def _start(
        self,
        found: Desk,
        kind: Literal["build", "validate"],
        reference: str,
        asked: Mapping[str, Any],
        options: Mapping[str, Any],
    ) -> Document:
        job = found.start(kind, reference, asked, options)
        self.site.watches.started(found, job)
        return {"run_id": job.run_id, "status": "running", "page": f"?run={job.run_id}"}

    def _unconfirmed(self, found: Desk, confirm: str, asked: list[Any]) -> Document | None:
        """What is answered instead of starting something that costs money; None once it is confirmed, or is free."""
        if found.settings.providers().runs_in == "caller":
            return None
        words = json.dumps([found.visitor.key, *asked]).encode()
        code = hmac.new(self.key, words, hashlib.sha256).hexdigest()[:20]
        if hmac.compare_digest(confirm.encode(), code.encode()):
            return None
        return {"started": False, "confirm": code, "why": "this runs a job of your account; call again with `confirm`"}
