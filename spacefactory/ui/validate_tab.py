"""The Validate tab: a Space of any author, called for real."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from spacefactory.errors import SpacefactoryError, UsageError
from spacefactory.ui import fragments
from spacefactory.ui.build_tab import OPEN, SETTLED_S
from spacefactory.ui.context import allowed, desk
from spacefactory.ui.desk import Desk
from spacefactory.ui.endpoints_of import endpoints_of
from spacefactory.ui.offers import Offers
from spacefactory.ui.routes import Site
from spacefactory.ui.visitors import signs_in

LARGEST_CASES = 256 << 10
ANY = "whatever comes"
BY_ITSELF = "found by itself"
HINT = "A Space is called with real inputs, its outputs are decoded and judged, and it is left as it was found."


@dataclass(frozen=True)
class ValidateTab:
    """The form's handlers."""

    site: Site
    offers: Offers

    def draw(self) -> None:
        """The form."""
        here = self.site.settings.providers().runs_in == "caller"  # a job elsewhere has none of our files
        hint = "owner/name" if signs_in() else "name of a Space, folder with an app, or http://127.0.0.1:PORT"
        with gr.Row(equal_height=True):
            space = gr.Textbox(label="Space", placeholder=hint, scale=5, min_width=280, elem_id="space", max_length=600)
            start = gr.Button("Validate", variant="primary", scale=1, elem_id="validate", min_width=120)
        told = gr.HTML(elem_id="validate-told")
        found = gr.HTML(fragments.hint(HINT), elem_id="endpoints")
        with gr.Row():
            endpoint = gr.Dropdown(
                [BY_ITSELF], value=BY_ITSELF, label="Endpoint", allow_custom_value=True, min_width=220
            )
            expect = gr.Dropdown([ANY, *self.offers.types], value=ANY, label="Expected output", min_width=220)
            calls = gr.Number(3, label="Calls", minimum=1, maximum=50, precision=0)
        with gr.Accordion("Own inputs", open=False, visible=here), gr.Row():
            written = gr.Code(label="Cases, as YAML", language="yaml", lines=6, max_lines=14)
            file = gr.File(label="or a file with cases", file_types=[".yaml", ".yml"])
        run_id = gr.Textbox(visible="hidden", elem_id="validate-run")
        space.change(
            self._look,
            space,
            [found, endpoint],
            trigger_mode="always_last",
            show_progress="hidden",
            api_visibility="private",
            concurrency_limit=4,
        )
        gr.on(
            [start.click, space.submit],
            self._validate,
            [space, endpoint, expect, calls, written, file],
            [run_id, told],
            api_visibility="private",
            concurrency_limit=4,
        ).then(None, run_id, None, js=OPEN)

    def _look(self, space: str, request: gr.Request) -> tuple[str, Any]:
        time.sleep(SETTLED_S)
        nothing = gr.Dropdown(choices=[BY_ITSELF], value=BY_ITSELF)
        if not space.strip():
            return fragments.hint(HINT), nothing
        try:
            visitor = desk(self.site, request)
            known = endpoints_of(visitor, allowed(visitor, space))
        except SpacefactoryError as error:
            return fragments.notice("warn", error.message, error.next_step), nothing
        names = [one.name for one in known]
        return fragments.endpoints(known), gr.Dropdown(choices=[BY_ITSELF, *names], value=BY_ITSELF)

    def _validate(
        self, space: str, endpoint: str, expect: str, calls: float, written: str, file: str, request: gr.Request
    ) -> tuple[str, str]:
        try:
            found = desk(self.site, request)
            asked = {
                "endpoint": None if endpoint in (BY_ITSELF, "", None) else endpoint,
                "expect": None if expect in (ANY, "", None) else expect,
                "calls": int(calls) if calls else None,
                "cases": cases(found, written, file),
            }
            job = found.start("validate", allowed(found, space), asked, {})
        except SpacefactoryError as error:
            return "", fragments.notice("bad", error.message, error.next_step)
        self.site.watches.started(found, job)
        return job.run_id, ""


def cases(desk: Desk, written: str | None, file: str | None) -> Path | None:
    """The visitor's cases in a file that the job can read later; None without any.

    Raises:
        UsageError: they are too large.
    """
    data = Path(file).read_bytes()[: LARGEST_CASES + 1] if file else (written or "").strip().encode()
    if not data:
        return None
    if len(data) > LARGEST_CASES:
        raise UsageError("the cases are too large", f"give at most {LARGEST_CASES >> 10} KiB")
    kept = desk.mine.home / "cases" / f"{hashlib.sha256(data).hexdigest()[:32]}.yaml"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(data)
    return kept
