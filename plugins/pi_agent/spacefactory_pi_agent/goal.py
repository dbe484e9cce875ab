"""The task as Pi reads it: one text, rendered from a template, never larger than a fixed size.

What comes from the card or a log is a stranger's: control characters are taken out, each of its lines begins with a
bar, and the text says that it is no instruction. It is a value of the template, never a template itself.
"""

from __future__ import annotations

import json
import unicodedata
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from spacefactory.schema.work import AgentTask, Failure
from spacefactory_pi_agent.outcome import MAY_SAY

MOST_TOKENS = 4000
"""Of the goal; Pi's own words and tools take about 1,500 more of the 6,000 that a first request may have."""
BYTES_PER_TOKEN = 3
"""Careful: text of this kind has about four bytes a token."""
CARD_BYTES, LOG_BYTES, DIFF_BYTES = 3600, 5000, 4000
FACTS = ("architecture", "model_type", "pipeline_class", "chat_template", "labels", "weights_format", "sampling_rate")


def goal(task: AgentTask) -> str:
    """The goal of the first round; the card gives way first when it would be too long, then the draft."""
    for draft, card in ((True, CARD_BYTES), (True, CARD_BYTES // 3), (False, CARD_BYTES), (False, CARD_BYTES // 3)):
        text = _template("goal.md.j2").render(_values(task, card, with_draft=draft))
        if len(text.encode()) <= MOST_TOKENS * BYTES_PER_TOKEN:
            return text
    return text.encode()[: MOST_TOKENS * BYTES_PER_TOKEN].decode(errors="ignore")


def repair(task: AgentTask, failure: Failure) -> str:
    """The goal of a repair round: what failed, where, and what was changed so far."""
    checks = [f"{check.name}: {check.detail}" for check in failure.checks if check.passed is False][:12]
    return _template("repair.md.j2").render(
        step=failure.step,
        summary=quoted(failure.summary, 1000),
        place=failure.place or "",
        checks=quoted("\n".join(checks), 2500),
        log=quoted(_tail(failure.text, LOG_BYTES), LOG_BYTES),
        changes=quoted(_tail(task.changes, DIFF_BYTES), DIFF_BYTES),
        round=task.round,
    )


def quoted(text: str, limit: int) -> str:
    """Foreign text as lines that begin with a bar, cut to about `limit` bytes, without control characters."""
    plain = clean(text).encode()[:limit].decode(errors="ignore")
    return "\n".join(f"| {line}".rstrip() for line in plain.splitlines())


def clean(text: str) -> str:
    """Text without control, formatting, private and tag characters; line and paragraph separators become line ends."""
    plain = text.replace("\u2028", "\n").replace("\u2029", "\n").replace("\r\n", "\n")
    return "".join(one for one in plain if one in "\n\t" or unicodedata.category(one) not in ("Cc", "Cf", "Cs", "Co"))


def _values(task: AgentTask, card_bytes: int, *, with_draft: bool) -> dict[str, Any]:
    profile = task.profile
    facts = profile.model_dump(include={"task", "library", "loader", "parameters", "dtype", "memory_gib", "hardware"})
    facts |= profile.model_dump(include={"input_types", "output_type", "license", "base_model"})
    facts |= {name: profile.facts[name] for name in FACTS if name in profile.facts}
    files = [f"{one.path} ({one.size})" if one.size else one.path for one in (task.card.files or ())[:40]]
    return {
        "model": _line(profile.model),
        "revision": _line(profile.location.revision),
        "local": profile.location.path is not None,
        "facts": {name: _line(json.dumps(value, ensure_ascii=False)) for name, value in facts.items() if value},
        "settings": _line(json.dumps(profile.settings)) if profile.settings else "",
        "files": _line(", ".join(files), 1200),
        "zerogpu": "zerogpu" in task.targets,
        "draft_files": sorted(task.draft),
        "draft": task.draft.get("app.py", "") if with_draft else "",
        "card": quoted(task.card.body or task.card.text, card_bytes),
        "reasons": ", ".join(sorted(MAY_SAY)),
    }


def _line(text: str, limit: int = 300) -> str:
    return " ".join(clean(text).split())[:limit]


def _tail(text: str, limit: int) -> str:
    return text.encode()[-limit:].decode(errors="ignore")


@cache
def _environment() -> Environment:
    return Environment(  # noqa: S701  # Markdown for a model, not HTML
        loader=PackageLoader("spacefactory_pi_agent", "prompts"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _template(name: str) -> Template:
    return _environment().get_template(name)
