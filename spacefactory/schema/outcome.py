"""How far a run got and how it ended: levels, statuses, blocker reasons, exit codes.

Apart from the facts, so that a list of runs needs no pydantic, which takes longer to import than a list to read.
"""

from __future__ import annotations

from enum import StrEnum


class Level(StrEnum):
    """What has been proven; each level needs the ones before it."""

    NONE = "none"
    """nothing yet"""
    GENERATED = "generated"
    """files exist, lint and publish gate clean"""
    RUNNING = "running"
    """the Space is up on the revision that was uploaded; health or API schema answers"""
    TYPED = "typed"
    """a live call returned the expected type and it decodes completely"""
    ALIVE = "alive"
    """not blank, silent, frozen, constant, empty, noise, an error text, the input echoed or a known placeholder"""
    RESPONSIVE = "responsive"
    """different inputs give different outputs (or different seeds, where a task has no input)"""
    REFERENCE = "reference"
    """matches the card's own expected output, where the card has one"""

    @property
    def rank(self) -> int:
        """Position in the order of proof, 0 for nothing."""
        return list(Level).index(self)


class Status(StrEnum):
    """How a run ended, or that it has not ended."""

    RUNNING = "running"
    """the run has not ended"""
    FULL_INFERENCE_SUCCESS = "full_inference_success"
    """`responsive` reached by live calls, and nothing contradicts that the named model produced it"""
    CANDIDATE = "candidate"
    """the Space runs, but full inference is not shown: partial checks, or an output that cannot be told from noise"""
    MANUAL_HARDWARE_REQUIRED = "manual_hardware_required"
    """built and published, hardware could not be assigned; resume once it is set"""
    TECHNICAL_BLOCKER = "technical_blocker"
    """a typed reason stands in the way; the record names it and the next action"""
    FAILED = "failed"
    """our own or the platform's fault, after retries"""
    CANCELLED = "cancelled"
    """the user stopped it"""

    @property
    def exit_code(self) -> int:
        """Exit status of a command that ends with this."""
        return EXIT_CODES[self]

    @property
    def terminal(self) -> bool:
        """True when nothing changes the status any more; a run that waits for hardware can go on."""
        return self not in (Status.RUNNING, Status.MANUAL_HARDWARE_REQUIRED)


EXIT_CODES = {
    Status.FULL_INFERENCE_SUCCESS: 0,
    Status.FAILED: 1,
    Status.RUNNING: 1,
    Status.CANDIDATE: 3,
    Status.MANUAL_HARDWARE_REQUIRED: 4,
    Status.TECHNICAL_BLOCKER: 5,
    Status.CANCELLED: 130,
}


class BlockerReason(StrEnum):
    """Why a model cannot be built or proven."""

    GATED = "gated"
    """the model's terms must be accepted by this account first"""
    NO_WEIGHTS = "no_weights"
    """the repository holds no weights that a loader can use"""
    CORRUPT_WEIGHTS = "corrupt_weights"
    """weight files exist but cannot be read"""
    UNREADABLE_CARD = "unreadable_card"
    """the card is empty or cannot be read as text"""
    UNKNOWN_TASK = "unknown_task"
    """nothing in the repository says what the model does"""
    UNSUPPORTED_TASK = "unsupported_task"
    """the chosen agent has no way to build an app for this task"""
    MULTI_GPU = "multi_gpu"
    """needs more than one GPU"""
    DOCKER_ONLY = "docker_only"
    """the card offers only a container image"""
    COMFYUI = "comfyui"
    """made for ComfyUI workflows"""
    CUSTOM_CUDA = "custom_cuda"
    """needs a special build or special hardware"""
    EXTERNAL_API_KEY = "external_api_key"
    """needs a key of another service"""
    NOT_INFERENCE = "not_inference"
    """needs fine-tuning, a simulator or data that users do not have"""
    NON_PYTHON = "non_python"
    """runs outside Python"""
    REMOTE_CODE = "remote_code"
    """needs code from the model repository, which this run does not allow"""
    TOO_LARGE = "too_large"
    """does not fit the memory or disk that can be had"""
    NOT_SIGNED_IN = "not_signed_in"
    """there is no token, or the platform does not accept it any more"""
    NOT_PERMITTED = "not_permitted"
    """the token lacks a scope, or the account a right"""
    PLAN_REQUIRED = "plan_required"
    """the account's plan does not allow it"""
    QUOTA_EXHAUSTED = "quota_exhausted"
    """the account's quota is used up"""
    DEPENDENCY = "dependency"
    """the packages that the app needs cannot be installed or imported together"""
    LINT = "lint"
    """the generated files break a rule that stops publishing"""
    NAME_TAKEN = "name_taken"
    """a Space of that name belongs to somebody else or another run"""
    APP_CRASHED = "app_crashed"
    """the app ended by itself"""
    APP_UNRESPONSIVE = "app_unresponsive"
    """the app runs but never opened its port or never answered"""
    OUT_OF_MEMORY = "out_of_memory"
    """the app was killed for, or failed for want of, memory"""
    NO_ENDPOINT = "no_endpoint"
    """the app has no endpoint that can be called"""
    CALL_FAILED = "call_failed"
    """every live call raised an error inside the app"""
    PLACEHOLDER = "placeholder"
    """the output does not depend on the input, repeats it, or is a known stand-in"""
    WRONG_OUTPUT = "wrong_output"
    """the output has the wrong type, does not decode, is lifeless, or comes from another model"""
    SANDBOX_UNAVAILABLE = "sandbox_unavailable"
    """this machine cannot confine untrusted code"""
    BUDGET_EXHAUSTED = "budget_exhausted"
    """the money, time or rounds of the run are used up"""
    DAMAGED_RECORD = "damaged_record"
    """a whole line of the run's log cannot be trusted any more"""
