"""The Build tab: a model, what the analysis thinks of it, and how it is to be built."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr

from spacefactory.errors import SpacefactoryError
from spacefactory.sample import digits
from spacefactory.ui import fragments, words
from spacefactory.ui.context import allowed, desk, visitor
from spacefactory.ui.desk import Desk
from spacefactory.ui.offers import Offers, price
from spacefactory.ui.routes import Site
from spacefactory.ui.usual import usual
from spacefactory.ui.visitors import signs_in

SETTLED_S = 0.4
"""How long the model field has to rest before it is looked at."""
OPEN = "(id) => { if (id) window.spacefactory.open(id); }"
HINT = "Enter a model to see what it is, what it needs, and whether it can be built. Nothing is spent before you build."


@dataclass(frozen=True)
class BuildTab:
    """The form's handlers."""

    site: Site
    offers: Offers

    def draw(self) -> None:
        """The form."""
        model, start = self._model()
        told = gr.HTML(elem_id="build-told")
        sample = gr.Button(
            "Use the sample model: hand-written digits", size="sm", elem_id="sample", visible=not signs_in()
        )
        plan = gr.HTML(_hint(), elem_id="plan")
        agent, coding, name = self._author()
        hardware, fixed, usd = self._hardware()
        form = [agent, coding, hardware, fixed, usd, *self._advanced()]
        run_id = gr.Textbox(visible="hidden", elem_id="build-run")
        agent.change(self._thinks, agent, coding, api_visibility="private", queue=False, show_progress="hidden")
        gr.on(
            [model.change, agent.change],
            self._plan,
            [model, *form],
            [plan, fixed],
            trigger_mode="always_last",
            show_progress="hidden",
            api_visibility="private",
            concurrency_limit=4,
        )
        gr.on(
            [start.click, model.submit],
            self._build,
            [model, name, *form],
            [run_id, told],
            api_visibility="private",
            concurrency_limit=4,
        ).then(None, run_id, None, js=OPEN)
        sample.click(lambda: str(digits()), None, model, api_visibility="private", queue=False)

    def _model(self) -> tuple[gr.Textbox, gr.Button]:
        """What to build, and the button that starts it."""
        kinds = "owner/name or its page's address" if signs_in() else "owner/name, or a folder with a README.md"
        with gr.Row(equal_height=True):
            model = gr.Textbox(
                label="Model",
                placeholder=kinds,
                scale=5,
                min_width=280,
                elem_id="model",
                autofocus=True,
                max_length=600,
            )
            start = gr.Button("Build", variant="primary", scale=1, elem_id="build", min_width=120)
        return model, start

    def _author(self) -> tuple[gr.Dropdown, gr.Textbox, gr.Textbox]:
        """Who writes the app, what it thinks with, and the Space's name."""
        settings = self.site.settings
        with gr.Row():
            agent = gr.Dropdown(
                list(self.offers.agents), value=settings.providers().agent, label="Agent", info="Who writes the app"
            )
            coding = gr.Textbox(
                settings.coding_model.id,
                label="Coding model",
                info="What the agent thinks with",
                visible=settings.providers().agent in self.offers.thinking,
            )
            name = gr.Textbox(label="Space name", info="Made from the model's name when left empty", max_length=96)
        return agent, coding, name

    def _hardware(self) -> tuple[gr.Dropdown, gr.Checkbox, gr.Number]:
        """What the Space may run on, and the money that it may cost."""
        settings = self.site.settings
        with gr.Row(visible=self.offers.assigns_hardware):
            hardware = gr.Dropdown(
                list(self.offers.hardware),
                value=[one for one in settings.hardware if one in self.offers.hardware],
                multiselect=True,
                label="Hardware",
                info="Tried in this order",
            )
            fixed = gr.Checkbox(
                settings.budget.fixed_gpu,
                label="Allow a GPU that costs money",
                info="Only within the budget",
                elem_id="fixed",
            )
            usd = gr.Number(settings.budget.usd, label="Budget, US dollars", minimum=0, maximum=1000, step=0.5)
        return hardware, fixed, usd

    def _advanced(self) -> tuple[gr.Number, gr.Number, gr.Textbox]:
        """What few people change."""
        settings = self.site.settings
        with gr.Accordion("Advanced", open=False), gr.Row():
            minutes = gr.Number(settings.budget.minutes, label="At most minutes", minimum=1, maximum=1440)
            rounds = gr.Number(settings.budget.repair_rounds, label="Repair rounds", minimum=0, maximum=20, precision=0)
            base = gr.Textbox(
                settings.coding_model.base_url, label="Endpoint of the coding model", visible=not signs_in()
            )
        return minutes, rounds, base

    def _thinks(self, agent: str) -> Any:
        return gr.Textbox(visible=agent in self.offers.thinking)

    def _plan(self, request: gr.Request, model: str, *form: Any) -> tuple[str, Any]:
        time.sleep(SETTLED_S)
        if not model.strip():
            return _hint(), gr.skip()
        if visitor(request) is None:
            return fragments.notice(
                "work", "Sign in to see what this model is.", "Nothing is spent before you build."
            ), gr.skip()
        try:
            found = desk(self.site, request)
            asked = options(*form)
            planned = found.plan(allowed(found, model), asked)
            expect = f"{usual(found)} {self.limits(asked)}".strip()
            return fragments.plan(planned, expect), self._price(found)
        except SpacefactoryError as error:
            return fragments.notice("bad", error.message, error.next_step), gr.skip()

    def limits(self, asked: Mapping[str, Any]) -> str:
        """What a build may take and cost at most, in one or two sentences."""
        budget, agent = self.site.settings.budget, str(asked["agent"] or "")
        usd = budget.usd if asked["usd"] is None else asked["usd"]
        minutes = asked["minutes"] or budget.minutes
        costs = agent in self.offers.thinking or self.site.settings.providers().runs_in != "caller"
        spent = f"at most {words.money(usd)}" if costs else f"nothing: the agent {words.line(agent, 40)} asks no model"
        return f"A build takes at most {words.seconds(minutes * 60)}. It spends {spent}."

    def _price(self, found: Desk) -> Any:
        if not self.offers.assigns_hardware:
            return gr.skip()
        account = found.plugins.host(self.site.settings.providers().host).account()
        return gr.Checkbox(info=price(account) or "This account lists no GPU with a price")

    def _build(self, request: gr.Request, model: str, name: str, *form: Any) -> tuple[str, str]:
        try:
            found = desk(self.site, request)
            job = found.start("build", allowed(found, model), {"space_name": name.strip() or None}, options(*form))
        except SpacefactoryError as error:
            return "", fragments.notice("bad", error.message, error.next_step)
        self.site.watches.started(found, job)
        return job.run_id, ""


def options(
    agent: str, coding: str, hardware: list[str], fixed: bool, usd: float, minutes: float, rounds: float, base: str
) -> dict[str, Any]:
    """The form as settings; what is left empty stays as it is configured."""
    return {
        "agent": agent or None,
        "coding_model": coding.strip() or None,
        "base_url": base.strip() or None,
        "hardware": tuple(hardware) if hardware else None,
        "fixed_gpu": bool(fixed),
        "usd": usd,
        "minutes": minutes,
        "repair_rounds": None if rounds is None else int(rounds),
    }


def _hint() -> str:
    return fragments.hint(HINT)
