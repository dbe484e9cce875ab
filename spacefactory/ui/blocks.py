"""The whole app: four tabs, the sign-in, the API."""

from __future__ import annotations

from typing import Any

import gradio as gr

from spacefactory.plugins import Plugins
from spacefactory.ui import fragments
from spacefactory.ui.build_tab import BuildTab
from spacefactory.ui.context import visitor
from spacefactory.ui.endpoints import Endpoints
from spacefactory.ui.offers import Offers, offers
from spacefactory.ui.routes import Site
from spacefactory.ui.scopes import WANTED
from spacefactory.ui.validate_tab import ValidateTab
from spacefactory.ui.visitors import ENDS_SOON_S, Visitor, signs_in

TITLE = "spacefactory"
TOP = """<div id="sf-top-words"><h1>spacefactory</h1>
<p>Paste a model; get a private, working, proven Space, or an honest reason why not.</p></div>"""
RUN_IN_URL = "() => new URLSearchParams(location.search).get('run') || ''"


def blocks(site: Site, plugins: Plugins) -> gr.Blocks:
    """Draw the app."""
    found = offers(site.settings, plugins)
    app: gr.Blocks = gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=False)
    with app:
        with gr.Row(elem_id="sf-top"):
            gr.HTML(TOP, scale=5)
            if signs_in():
                gr.LoginButton(
                    "Sign in with Hugging Face", "Sign out ({})", elem_id="login", size="sm", scale=0, min_width=220
                )
        words = gr.HTML(_failed(found), elem_id="sf-words")
        with gr.Tabs(elem_id="tabs") as tabs:
            with gr.Tab("Build", id="build", elem_id="tab-build"):
                BuildTab(site, found).draw()
                if signs_in():
                    _explain()
            with gr.Tab("Run", id="run", elem_id="tab-run", render_children=True):
                gr.HTML("", html_template="<sf-run></sf-run>", js_on_load=None)
            with gr.Tab("Validate", id="validate", elem_id="tab-validate"):
                ValidateTab(site, found).draw()
            with gr.Tab("Runs", id="runs", elem_id="tab-runs"):
                gr.HTML("", html_template="<sf-runs></sf-runs>", js_on_load=None)
        Endpoints(site).offer()

        def opened(request: gr.Request) -> tuple[Any, Any]:
            chosen = gr.Tabs(selected="run") if request.query_params.get("run") else gr.skip()
            return chosen, _failed(found) + _welcome(visitor(request))

        app.load(opened, None, [tabs, words], api_visibility="private", queue=False, show_progress="hidden")
    return app


def _failed(found: Offers) -> str:
    """Plugins that could not be loaded; the rest works without them."""
    notices = (
        fragments.notice("warn", f"The plugin {name} could not be loaded", why) for name, why in found.failed.items()
    )
    return "".join(notices)


def _welcome(who: Visitor | None) -> str:
    """What a visitor should know before a run: permissions that are missing, a sign-in that ends soon."""
    if who is None or who.is_local:
        return ""
    if who.lacking:
        missing = "; ".join(f"{name}: {WANTED[name]}" for name in who.lacking)
        return fragments.notice("warn", "Permissions are missing", missing, "login/huggingface", "Give them")
    if who.seconds_left is not None and who.seconds_left < ENDS_SOON_S:
        minutes = max(0, int(who.seconds_left // 60))
        text = "A run may last longer than that."
        return fragments.notice(
            "warn", f"Your sign-in ends in {minutes} minutes", text, "login/huggingface", "Sign in again"
        )
    return ""


def _explain() -> None:
    with gr.Accordion("What the sign-in asks for, and why", open=False):
        gr.Markdown("\n".join(f"- `{name}`: {why}" for name, why in WANTED.items()))
