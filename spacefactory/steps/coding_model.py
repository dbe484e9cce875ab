"""The coding model of a run: whether it may be used, the door to it, what it has cost."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from spacefactory.broker.meter import Ceiling, Prices
from spacefactory.broker.model import OpenModel, open_model
from spacefactory.credentials import TOKEN_VARIABLES, Credentials
from spacefactory.errors import BlockedError
from spacefactory.providers import Agent
from spacefactory.run import Run
from spacefactory.schema.event import EventType
from spacefactory.schema.status import Blocker, BlockerReason
from spacefactory.settings import CodingModel, Settings

HUB_DOMAINS = ("huggingface.co", "hf.co")
"""The only places outside this machine that get the Hub's token."""
SPENDING = (EventType.MODEL_REQUEST, EventType.AGENT_SPENT)


def needed(agent: Agent) -> bool:
    """Whether an agent thinks with the coding model; third parties may leave the property out."""
    return bool(getattr(agent, "needs_model", False))


def missing(agent: Agent, settings: Settings, credentials: Credentials) -> Blocker | None:
    """What stands in the way of using the coding model; None when nothing does, or the agent needs none."""
    if not needed(agent):
        return None
    wanted = settings.coding_model
    host = urlsplit(wanted.base_url).hostname or ""
    if urlsplit(wanted.base_url).scheme not in ("http", "https") or not host:
        detail = f"{wanted.base_url!r} is no address of a coding model"
        return Blocker(reason=BlockerReason.NOT_SIGNED_IN, detail=detail, next_action="give one with --base-url")
    if not loopback(host) and wanted.api_key_env in TOKEN_VARIABLES and not _of_the_hub(host):
        return _foreign(wanted, host)
    if credentials.model_key is None and not loopback(host):
        return _no_key(agent, wanted)
    return None


def loopback(host: str) -> bool:
    """Whether a host is this machine, whose endpoints need no key."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextmanager
def opened(run: Run) -> Iterator[OpenModel]:
    """The door to the run's coding model with what is left of its money and time.

    Raises:
        BlockedError: nothing is left.
    """
    wanted, budget = run.settings.coding_model, run.spec.budget
    left = budget.usd - spent(run)
    if left <= 0:
        raise BlockedError(
            "budget_exhausted",
            f"the run's {budget.usd:.2f} USD for the coding model are used up",
            "allow more with --budget-usd",
        )
    ceiling = Ceiling(usd=left, seconds=max(1.0, run.deadline - time.monotonic()))
    prices = Prices(wanted.usd_per_million_input, wanted.usd_per_million_output)
    key = run.credentials.model_key or ""
    with open_model(wanted.base_url, key, wanted.id, prices, ceiling, run.emit) as door:
        yield door


def spent(run: Run) -> float:
    """US dollars so far, by the record, so that a run that is taken up again still knows them."""
    facts = (event.facts.get("usd") for event in run.journal.events if event.type in SPENDING)
    return sum(float(usd) for usd in facts if isinstance(usd, int | float))


def _of_the_hub(host: str) -> bool:
    return any(host == domain or host.endswith(f".{domain}") for domain in HUB_DOMAINS)


def _foreign(wanted: CodingModel, host: str) -> Blocker:
    return Blocker(
        reason=BlockerReason.NOT_SIGNED_IN,
        detail=f"{wanted.api_key_env} is a key of Hugging Face and is not sent to {host}",
        next_action="name the variable that holds that endpoint's key: SPACEFACTORY_CODING_MODEL__API_KEY_ENV=NAME",
    )


def _no_key(agent: Agent, wanted: CodingModel) -> Blocker:
    return Blocker(
        reason=BlockerReason.NOT_SIGNED_IN,
        detail=f"agent {agent.name} thinks with {wanted.id}, and there is no key for it in {wanted.api_key_env}",
        next_action=f"set {wanted.api_key_env}, choose another endpoint with --base-url, or another --agent",
    )
