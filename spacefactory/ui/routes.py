"""The page's own addresses below /sf: a run's live stream, its files, its report, and what can be done with it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from spacefactory import __version__, watch, workspaces
from spacefactory.errors import SpacefactoryError, UsageError
from spacefactory.schema.run import RunSummary
from spacefactory.schema.status import Status
from spacefactory.settings import Settings
from spacefactory.ui import fragments, words
from spacefactory.ui.desk import Desk, MissingRunError, Turns
from spacefactory.ui.guard import COOKIE, cookie_of
from spacefactory.ui.visitors import NotSignedInError, of_request
from spacefactory.ui.watching import Message, Watches

HERE = Path(__file__).parent
PAGE = 25
SHOWN_KINDS = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".wav": "audio/wav",
    ".mp3": "audio/mpeg",
    ".flac": "audio/flac",
    ".ogg": "audio/ogg",
    ".mp4": "video/mp4",
    ".webm": "video/webm",
}
"""Files that a browser may show; everything else is a download."""
SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'; media-src 'self'; img-src 'self'",
    "Cache-Control": "private, no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
}
SORTS: dict[str, Callable[[RunSummary], Any]] = {
    "reference": lambda run: run.reference.lower(),
    "status": lambda run: run.status,
    "oldest": lambda run: run.run_id,
}


@dataclass(frozen=True)
class Site:
    """What all requests share: settings and the readers of watched runs; nothing of any visitor."""

    settings: Settings
    secret: str = field(default="", repr=False)
    turns: Turns = field(default_factory=Turns)
    watches: Watches = field(default_factory=Watches)

    def desk(self, request: Request) -> Desk:
        """The desk of whoever sent a request.

        Raises:
            NotSignedInError: nobody is signed in and this site asks for it.
        """
        visitor = of_request(request.scope.get("session") or {}, request.headers)
        if visitor is None:
            raise NotSignedInError
        return Desk(visitor, self.settings, self.turns)

    def routes(self) -> list[Route]:
        """Every address."""
        run = "/sf/runs/{run_id}"
        return [
            Route("/health", self.health),
            Route("/sf/static/{name}", static),
            Route("/sf/unlock", self.unlock, methods=["POST"]),
            Route("/sf/runs", _told(self.runs)),
            Route("/sf/compare", _told(self.compare)),
            Route(f"{run}/stream", self.stream),
            Route(f"{run}/report.md", _told(self.report)),
            Route(f"{run}/report.json", _told(self.report)),
            Route(f"{run}/log/{{kind}}", _told(self.log)),
            Route(f"{run}/files/{{path:path}}", _told(self.file)),
            Route(f"{run}/{{action}}", _told(self.act), methods=["POST"]),
        ]

    def health(self, _request: Request) -> Response:
        """Whether it serves, for whoever looks after it."""
        return JSONResponse({"status": "ok", "version": __version__})

    async def unlock(self, request: Request) -> Response:
        """Take the secret from the form of the locked page and leave a cookie that only this page sends."""
        import hmac
        from urllib.parse import parse_qs

        given = parse_qs((await request.body())[:4096].decode("utf-8", "replace")).get("secret", [""])[0]
        if not self.secret or not hmac.compare_digest(given.encode(), self.secret.encode()):
            return PlainTextResponse("that is not the secret; go back and try again", 401)
        answer = Response(status_code=303, headers={"Location": "/"})
        answer.set_cookie(
            COOKIE, cookie_of(self.secret), httponly=True, samesite="strict", secure=request.url.scheme == "https"
        )
        return answer

    async def stream(self, request: Request) -> Response:
        """A run as it goes on, as server-sent events."""
        try:
            desk = await run_in_threadpool(self.desk, request)
            messages = self.watches.follow(desk, request.path_params["run_id"])
            first = await anext(messages)
        except SpacefactoryError as error:
            return _refusal(error)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(_events(first, messages), media_type="text/event-stream", headers=headers)

    def runs(self, request: Request) -> Response:
        """One page of the visitor's runs, searched, filtered and sorted."""
        query = request.query_params
        text, status = query.get("q", "").strip().lower()[:200], query.get("status", "")
        page = min(max(int(query["page"]) if query.get("page", "").isdigit() else 0, 0), 100_000)
        found: Iterator[RunSummary] = iter(self.desk(request).runs())
        if text or status:
            found = (run for run in found if _fits(run, text, status))
        if (key := SORTS.get(query.get("sort", ""))) is not None:
            found = iter(sorted(found, key=key))
        shown = list(islice(found, page * PAGE, (page + 1) * PAGE + 1))  # no further than needed: there may be many
        filtered = bool(text or status)
        return HTMLResponse(fragments.runs(shown[:PAGE], page, PAGE, more=len(shown) > PAGE, filtered=filtered))

    def compare(self, request: Request) -> Response:
        """Two or three runs side by side."""
        chosen = request.query_params.getlist("run")[:3]
        if len(set(chosen)) < 2:
            raise UsageError("two runs are needed", "choose two in the list")
        desk = self.desk(request)
        return HTMLResponse(fragments.compare([desk.folder(run_id) for run_id in dict.fromkeys(chosen)]))

    def report(self, request: Request) -> Response:
        """The report as a download, however large."""
        run_id, name = request.path_params["run_id"], request.url.path.rpartition("/")[2]
        path = self.desk(request).folder(run_id) / name
        if not path.is_file() or path.is_symlink():
            raise MissingRunError
        kind = "text/markdown" if name.endswith(".md") else "application/json"
        filename = f"report-{run_id}{path.suffix}"
        return FileResponse(path, media_type=kind, filename=filename, headers=SAFE)

    def log(self, request: Request) -> Response:
        """The end of the log of the run's Space, as plain text."""
        kind = "build" if request.path_params["kind"] == "build" else "run"
        text = self.desk(request).log(request.path_params["run_id"], kind)
        return PlainTextResponse(words.block(text) or "the log is empty", headers=SAFE)

    def file(self, request: Request) -> Response:
        """An artifact of the run; only media are shown, and nothing in them may run."""
        name = request.path_params["path"]
        folder = self.desk(request).folder(request.path_params["run_id"])
        if not name.startswith("artifacts/") or name not in _artifacts(folder):
            raise MissingRunError
        kind = SHOWN_KINDS.get(Path(name).suffix.lower())
        filename = None if kind else Path(name).name
        return FileResponse(
            folder / name, media_type=kind or "application/octet-stream", filename=filename, headers=SAFE
        )

    def act(self, request: Request) -> Response:
        """Stop, resume, validate again or delete."""
        run_id, action = request.path_params["run_id"], request.path_params["action"]
        if action not in ACTIONS:
            raise MissingRunError
        if not request.headers.get("x-spacefactory"):
            raise UsageError("only the page itself may ask for that", "use the button on the page")
        return JSONResponse(ACTIONS[action](self, self.desk(request), run_id))

    def _cancel(self, desk: Desk, run_id: str) -> dict[str, str]:
        ended = desk.cancel(run_id)
        said = "The run was asked to stop." if ended is None else f"The run has ended: {words.title(ended.status)}."
        return {"message": said, "run_id": run_id}

    def _resume(self, desk: Desk, run_id: str) -> dict[str, str]:
        known = len(watch.events(desk.folder(run_id)))  # before a job can add to them
        self.watches.started(desk, desk.resume(run_id), known)
        return {"message": "The run goes on.", "run_id": run_id}

    def _again(self, desk: Desk, run_id: str) -> dict[str, str]:
        job = desk.again(run_id)
        self.watches.started(desk, job)
        return {"message": "A validation has begun.", "run_id": job.run_id}

    def _delete(self, desk: Desk, run_id: str) -> dict[str, str]:
        desk.delete(run_id)
        return {"message": "The record was deleted; its Space stays.", "run_id": ""}


ACTIONS: dict[str, Callable[[Site, Desk, str], dict[str, str]]] = {
    "cancel": Site._cancel,
    "resume": Site._resume,
    "again": Site._again,
    "delete": Site._delete,
}


def static(request: Request) -> Response:
    """Our own script and style."""
    name = request.path_params["name"]
    kinds = {"ui.js": "text/javascript", "ui.css": "text/css", "icon.png": "image/png"}
    if name not in kinds:
        return PlainTextResponse("there is no such file", 404)
    return FileResponse(HERE / "static" / name, media_type=kinds[name], headers={"Cache-Control": "no-cache"})


def _told(answer: Callable[[Request], Response]) -> Callable[[Request], Any]:
    """Every failure as a sentence with the right status; work that waits is done aside."""

    async def answered(request: Request) -> Response:
        try:
            return await run_in_threadpool(answer, request)
        except SpacefactoryError as error:
            return _refusal(error)

    return answered


def _refusal(error: SpacefactoryError) -> Response:
    status = 404 if isinstance(error, MissingRunError) else 401 if isinstance(error, NotSignedInError) else 409
    return JSONResponse({"error": error.message, "next_step": error.next_step}, status)


async def _events(first: Message | None, messages: AsyncIterator[Message | None]) -> AsyncIterator[str]:
    yield "retry: 2000\n\n" + _event(first)
    async for message in messages:
        yield _event(message)


def _event(message: Message | None) -> str:
    return ": alive\n\n" if message is None else f"event: {message[0]}\ndata: {json.dumps(message[1])}\n\n"


def _fits(run: RunSummary, text: str, status: str) -> bool:
    words_of = f"{run.reference} {run.run_id} {run.space or ''}".lower()
    return text in words_of and (not status or run.status == status)


def _artifacts(folder: Path) -> set[str]:
    return {f"artifacts/{name}" for name in workspaces.files(folder / "artifacts")}


STATUSES = (*(one.value for one in Status), words.INTERRUPTED)
