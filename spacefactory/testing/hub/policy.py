"""What the Hub allows to whom: the knobs of this emulator, and the decisions that they and the accounts lead to."""

from __future__ import annotations

from dataclasses import dataclass, field

from spacefactory.testing.hub.accounts import INVALID, Account, Caller
from spacefactory.testing.hub.answers import HubError
from spacefactory.testing.hub.hardware import CPU_BASIC, ZERO_GPU, Flavor, space_flavor

PRO_NEEDED = "Hosting a {sdk} Space on {flavor} requires a PRO subscription. Subscribe to PRO, or use ZeroGPU."
PAYMENT_NEEDED = "You must add a payment method to your account to use {flavor} hardware."
CREDITS_NEEDED = "Payment required: insufficient credits. Add credits to your account to continue."
ROUTER_CREDITS = (
    "You have depleted your monthly included credits. Purchase pre-paid credits to continue using Inference Providers."
)
ROUTER_FORBIDDEN = (
    "This authentication method does not have sufficient permissions to call Inference Providers "
    "on behalf of user {name}"
)


@dataclass
class Knobs:
    """How this Hub behaves; every field may be changed while it runs. Defaults are what the real Hub is known to do."""

    oauth_hardware_401: bool = True
    """Hardware, sleep time and restart calls made with a sign-in token answer 401."""
    free_cpu_402: bool = True
    """A free account gets 402 for a Gradio or Docker Space on cpu-basic."""
    zero_gpu_refusal: tuple[int, str] = (403, "You have reached the maximum number of ZeroGPU Spaces ({slots}).")
    """Status and text when all ZeroGPU slots are taken; what the real Hub answers is not known."""
    unavailable: set[str] = field(default_factory=set)
    """Flavors that cannot be had now: 503."""
    silent_downgrade: bool = False
    """A Space asks for a GPU, is created, and runs on cpu-basic."""
    pending_hardware: bool = False
    """Hardware stays requested and never becomes current."""
    stale_sha_polls: int = 2
    """After a commit, this many reads of the runtime show the revision and stage of before."""
    new_repo_404s: int = 0
    """After a repository was created, this many reads of it answer 404."""
    job_list_lag: int = 0
    """A new job is missing from this many lists."""
    bucket_list_lag: int = 0
    """A batch of changes is missing from this many listings of its bucket."""
    stage_s: float = 0.0
    """The least time that a Space spends building, and again starting."""
    start_timeout_s: float = 120.0
    """An app that does not answer within this time is a runtime error."""
    schedule_s: float = 0.0
    """The time that a job waits for its machine."""
    job_timeout_s: float = 1800.0
    """Of a job that names none."""
    job_packages: bool = True
    """Whether a job's Python sees the emulator's packages; otherwise it has the standard library and pip."""
    job_grace_s: float = 2.0
    """Between the polite signal and the end of a job that is cancelled or late."""
    mount_sync_s: float = 0.5
    """How often a job's mounted bucket is copied back; always once more at its end."""
    bucket_batch_failure: str = ""
    """A pattern of paths that a batch fails on."""
    buckets_refused: bool = False
    """Every write to a bucket answers 403."""
    cas_down: bool = False
    """The content store answers 500."""
    xet: bool = True
    """Whether large and binary files go through the content store; otherwise all are regular files."""
    hidden_gated_files: bool = False
    """Whether the list of files of a gated model is withheld, too."""
    calls_per_window: int | None = None
    """Requests of one token in five minutes before 429."""
    space_sees_authorization: bool = False
    """Whether the app behind a Space's host sees the caller's Authorization header."""


def namespace_role(caller: Caller, owner: Account) -> None:
    """Make sure that the caller may create things in a namespace.

    Raises:
        HubError: 401 or 403.
    """
    caller.known()
    if caller.role_in(owner) not in ("admin", "write", "contributor"):
        raise HubError(403, f"You don't have the rights to create a repo under the namespace {owner.name!r}.")


def check_space_plan(knobs: Knobs, owner: Account, sdk: str, flavor_name: str | None, zero_spaces: int) -> None:
    """Whether an account, hosting so many ZeroGPU Spaces already, may have a Space of this kind on this hardware.

    Raises:
        HubError: 400 for hardware that does not exist, 402 and 403 by plan, credit and slots, 503 when there is none.
    """
    flavor = _flavor(flavor_name or CPU_BASIC)
    if flavor.name in knobs.unavailable:
        raise HubError(503, f"{flavor.pretty} is not available right now. Please try again later.")
    if sdk == "static":
        return
    if flavor.name == ZERO_GPU:
        _check_zero_gpu(knobs, owner, sdk, zero_spaces)
    elif flavor.name == CPU_BASIC and knobs.free_cpu_402 and not owner.paid_plan:
        raise HubError(402, PRO_NEEDED.format(sdk=sdk.capitalize(), flavor=flavor.pretty))
    elif flavor.space_usd:
        check_payment(owner, flavor.pretty)


def _flavor(name: str) -> Flavor:
    if (flavor := space_flavor(name)) is None:
        raise HubError(400, f"Invalid hardware flavor: {name}")
    return flavor


def _check_zero_gpu(knobs: Knobs, owner: Account, sdk: str, zero_spaces: int) -> None:
    if sdk != "gradio":
        raise HubError(400, "ZeroGPU is only available for Gradio Spaces")
    if owner.kind == "org" and not owner.paid_plan:
        raise HubError(402, "ZeroGPU Spaces in an organization require a Team or Enterprise subscription.")
    if owner.plan == "free" and not owner.good_standing:
        raise HubError(403, "ZeroGPU Spaces need an account with a verified email that is older than 30 days.")
    if zero_spaces >= owner.zero_gpu_slots:
        status, text = knobs.zero_gpu_refusal
        raise HubError(status, text.format(slots=owner.zero_gpu_slots))


def check_payment(owner: Account, what: str) -> None:
    """Whether an account can pay.

    Raises:
        HubError: 402.
    """
    if owner.credits_usd > 0:
        return
    if not owner.can_pay:
        raise HubError(402, PAYMENT_NEEDED.format(flavor=what))
    raise HubError(402, CREDITS_NEEDED)


def check_job_credit(owner: Account) -> None:
    """Jobs need a positive balance.

    Raises:
        HubError: 402.
    """
    if owner.credits_usd <= 0:
        raise HubError(402, CREDITS_NEEDED)


def check_oauth_hardware(knobs: Knobs, caller: Caller) -> None:
    """The known limit of sign-in tokens on later hardware calls.

    Raises:
        HubError: 401, with the same words as a wrong password.
    """
    if knobs.oauth_hardware_401 and caller.token is not None and caller.token.kind == "oauth":
        raise HubError(401, INVALID)
