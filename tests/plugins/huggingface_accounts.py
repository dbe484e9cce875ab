"""Situations of an account, and how a build ends in each; docs/accounts.md is written from this table.

`python -m tests.plugins.huggingface_accounts` writes the page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spacefactory.testing.hub import EmulatedHub, Fault, Refuse
from spacefactory.testing.hub.scopes import DEFAULT_OAUTH
from spacefactory.testing.hub.seed import SMALL_SPACE

PAGE = Path(__file__).parent.parent.parent / "docs" / "accounts.md"
MODEL, GATED = "meta/digits", "meta/gated"
READY = "ready"
AGAIN = "sign in again: hf auth login"
SCOPES = "use a token with the right scopes, see: spacefactory doctor"
GRANT = "sign in again and grant that organisation, or choose another [plugin.huggingface] namespace"
Setup = Callable[[EmulatedHub], str | None]
"""Prepares the Hub; returns the token that is used."""


@dataclass(frozen=True)
class Situation:
    """One row of the table.

    Args:
        name: for people.
        setup: prepares the Hub and returns the token.
        status: `ready` where a build starts and nothing stands in its way, else how it ends.
        why: the blocker's reason, or the result of the request for hardware.
        next_action: what the user is told to do.
        options: settings of the build.
        job: whether the build works in a job.
    """

    name: str
    setup: Setup
    status: str
    why: str = ""
    next_action: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    model: str = MODEL
    job: bool = False


def person(plan: Any = "pro", **token: Any) -> Setup:
    """Ada with a plan and a token."""

    def make(hub: EmulatedHub) -> str:
        paid = plan != "free"
        hub.add_user("ada", plan, credits_usd=10.0 if paid else 0.0, can_pay=paid)
        return hub.add_token("ada", **token)

    return make


def without(*scopes: str) -> dict[str, Any]:
    """A sign-in token that lacks scopes."""
    return {"scopes": tuple(scope for scope in DEFAULT_OAUTH if scope not in scopes)}


def and_then(first: Setup, change: Callable[[EmulatedHub], object]) -> Setup:
    """The same with a change."""

    def make(hub: EmulatedHub) -> str | None:
        token = first(hub)
        change(hub)
        return token

    return make


def ada(**facts: Any) -> Callable[[EmulatedHub], None]:
    """Change facts of Ada's account."""

    def change(hub: EmulatedHub) -> None:
        for name, value in facts.items():
            setattr(hub.world.accounts["ada"], name, value)

    return change


def knob(name: str, value: Any) -> Callable[[EmulatedHub], None]:
    """Set one of the Hub's knobs."""
    return lambda hub: setattr(hub.knobs, name, value)


def zero_spaces(count: int) -> Callable[[EmulatedHub], None]:
    """So many Spaces of Ada on ZeroGPU."""

    def change(hub: EmulatedHub) -> None:
        for number in range(count):
            hub.add_space(f"ada/zero-{number}", SMALL_SPACE, hardware="zero-a10g")

    return change


def member(role: Any, plan: Any = "team", orgs: tuple[str, ...] = ("acme",)) -> Setup:
    """Ada as a member of the organisation acme, which the token was granted."""

    def make(hub: EmulatedHub) -> str:
        hub.add_user("ada")
        hub.add_org("acme", {"ada": role}, plan)
        return hub.add_token("ada", orgs=orgs)

    return make


IN_ACME = {"plugin": {"huggingface": {"namespace": "acme"}}}
FIXED = {"hardware": ("fixedgpu",)}
PAID = {**FIXED, "fixed_gpu": True}
BLOCKED, MANUAL = "technical_blocker", "manual_hardware_required"

SITUATIONS = (
    Situation("nobody is signed in", lambda _hub: None, BLOCKED, "not_signed_in",
              "run: hf auth login, or set HF_TOKEN, then try again"),
    Situation("the sign-in has expired", person(lifetime_s=-5), BLOCKED, "not_signed_in", AGAIN),
    Situation("the token was revoked",
              and_then(person(value="hf_oauth_gone"), lambda hub: setattr(hub.token("hf_oauth_gone"), "revoked", True)),
              BLOCKED, "not_signed_in", AGAIN),
    Situation("the sign-in ends before the run could", person(lifetime_s=1200), BLOCKED, "not_signed_in",
              "sign in again, or allow less time with SPACEFACTORY_BUDGET__MINUTES"),
    Situation("PRO, sign-in token with all scopes", person(), READY),
    Situation("PRO, access token with the role write", person(kind="access_token"), READY),
    Situation("access token with the role read", person(kind="access_token", role="read"), BLOCKED, "not_permitted",
              SCOPES),
    Situation("fine-grained token with repo.write and job.write",
              person(kind="access_token", role="fineGrained", scopes=("repo.write", "job.write")), READY, job=True),
    Situation("fine-grained token without repo.write",
              person(kind="access_token", role="fineGrained", scopes=("repo.content.read", "job.write")), BLOCKED,
              "not_permitted", SCOPES),
    Situation("sign-in token without manage-repos", person(**without("manage-repos")), BLOCKED, "not_permitted",
              SCOPES),
    Situation("sign-in token with contribute-repos instead",
              person(scopes=(*without("manage-repos")["scopes"], "contribute-repos")), READY),
    Situation("sign-in token without jobs, run in a job", person(**without("jobs")), BLOCKED, "not_permitted", SCOPES,
              job=True),
    Situation("sign-in token without jobs, run in the caller", person(**without("jobs")), READY),
    Situation("sign-in token without read-billing", person(**without("read-billing")), READY),
    Situation("sign-in token without inference-api, agent without a coding model", person(**without("inference-api")),
              READY),
    Situation("gated model, terms not accepted", person(), BLOCKED, "gated",
              "accept its terms at {endpoint}/meta/gated, then try again", model=GATED),
    Situation("gated model, terms accepted",
              and_then(person(), lambda hub: hub.repo("model", GATED).granted.add("ada")), READY, model=GATED),
    Situation("gated model, terms accepted, sign-in token without gated-repos",
              and_then(person(**without("gated-repos", "manage-repos")),
                       lambda hub: hub.repo("model", GATED).granted.add("ada")),
              BLOCKED, "not_permitted", SCOPES, model=GATED),
    Situation("free account in good standing", person("free"), READY),
    Situation("free account, both ZeroGPU Spaces used", and_then(person("free"), zero_spaces(2)), BLOCKED,
              "plan_required", "pause or delete one of them, or choose other hardware"),
    Situation("free account younger than 30 days", and_then(person("free"), ada(age_days=3)), BLOCKED,
              "plan_required", "use a token that may create Spaces, see: spacefactory doctor"),
    Situation("PRO, today's ZeroGPU quota used up", and_then(person(), ada(quota_s=0)), BLOCKED, "quota_exhausted",
              "wait until it is renewed"),
    Situation("PRO, all ten ZeroGPU Spaces used", and_then(person(), ada(slots=0)), MANUAL, "slots_full",
              "pause or delete another Space on this hardware, then set it in this Space's settings"),
    Situation("PRO, no ZeroGPU to be had now", and_then(person(), knob("unavailable", {"zero-a10g"})), MANUAL,
              "unavailable", "try again later, or set other hardware in the Space's settings"),
    Situation("PRO, hardware refused to sign-in tokens",
              and_then(person(), lambda hub: hub.fail(Fault(Refuse(401, "Invalid username or password."),
                                                            "/api/repos/create", "POST"))),
              MANUAL, "oauth_limit",
              "set the hardware in the Space's settings: the Hub refuses this to sign-in tokens"),
    Situation("PRO, the Space comes up on other hardware", and_then(person(), knob("silent_downgrade", True)), MANUAL,
              "silently_downgraded", "set the hardware in the Space's settings"),
    Situation("PRO, fixed GPU wanted and not allowed", person(), MANUAL, "unavailable",
              "set the hardware in the Space's settings", FIXED),
    Situation("PRO, fixed GPU allowed, dearer than the budget", person(), MANUAL, "unavailable",
              "set the hardware in the Space's settings", {**PAID, "usd": 0.01}),
    Situation("PRO, fixed GPU allowed, no payment method", and_then(person(), ada(credits_usd=0.0, can_pay=False)),
              MANUAL, "no_credits", "add credit or a payment method, then set the hardware in the Space's settings",
              PAID),
    Situation("no credit, run in a job", and_then(person(), ada(credits_usd=0.0)), BLOCKED, "plan_required",
              "add credits or a plan to the account", job=True),
    Situation("organisation, with the role contributor", member("contributor"), READY, options=IN_ACME),
    Situation("organisation, with the role read", member("read"), BLOCKED, "not_permitted", SCOPES, IN_ACME),
    Situation("organisation, not granted to the token", member("admin", orgs=()), BLOCKED, "not_permitted", SCOPES,
              IN_ACME),
    Situation("organisation without a plan", member("admin", "free"), BLOCKED, "plan_required",
              "use an account whose plan has it", IN_ACME),
)  # fmt: skip

HEAD = """\
# Accounts, tokens and hardware on the Hub

What a build with `--platform huggingface` comes to, by the situation of the account. `spacefactory plan MODEL` and
`spacefactory doctor` tell the same beforehand. Every row is a test against the [emulated Hub](emulated-hub.md), from
which this table is written: `python -m tests.plugins.huggingface_accounts`.

"ready" means that nothing stands in the way. A run that ends `manual_hardware_required` has published its Space; set
hardware in the Space's settings, then `spacefactory runs resume` goes on with it.

| situation | ends | why | next action |
|---|---|---|---|
"""


def page() -> str:
    """The text of docs/accounts.md."""
    rows = (f"| {one.name} | `{one.status}` | {_code(one.why)} | {_plain(one.next_action)} |\n" for one in SITUATIONS)
    return HEAD + "".join(rows)


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _plain(text: str) -> str:
    return text.replace("{endpoint}", "https://huggingface.co")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
