"""Makes a private Space, once: an interrupted attempt is found again, and what belongs to others is left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spacefactory.errors import BlockedError, NameTakenError
from spacefactory.schema.space import Created, HardwareAnswer, HardwareProposal, Space, SpaceRequest
from spacefactory_huggingface import spaces
from spacefactory_huggingface.calls import explained, read, tried
from spacefactory_huggingface.client import Hub, message_of, status_of

if TYPE_CHECKING:
    from tenacity import RetryCallState

TRIES = 5
REFUSALS = (401, 402, 403)
NONE_TO_GIVE = 503
BUSY = "conflicting operation"
"""What the Hub says with 409 when it is another of its own operations that is in the way, and no name."""


def create(hub: Hub, space_id: str, request: SpaceRequest) -> Created:
    """Make it with hardware and marker in the same call.

    Raises:
        NameTakenError: a Space of that name exists and is not this run's.
        PlatformError: the Hub fails, or does not say whether it was made.
        BlockedError: the token is not accepted at all, or the Space is not private.
    """
    if (there := _adopted(hub, space_id, request)) is not None:
        return there
    try:
        tried(
            hub,
            f"making the Space {space_id} on {request.hardware.flavor if request.hardware else 'free hardware'}",
            lambda: _ask(hub, space_id, request),
            tries=TRIES,
            before=lambda state: _look_before(state, hub, space_id, request),
        )
    except _FoundError as found:
        return found.created
    except Exception as error:
        return _refused(hub, space_id, request, error)
    return _created(hub, space_id, request)


class _FoundError(Exception):
    """An earlier attempt had its effect although its answer was lost."""

    def __init__(self, created: Created) -> None:
        super().__init__("the Space exists")
        self.created = created


def _look_before(state: RetryCallState, hub: Hub, space_id: str, request: SpaceRequest) -> None:
    """A create call is never repeated blindly."""
    if state.attempt_number > 1 and (there := _adopted(hub, space_id, request)) is not None:
        raise _FoundError(there)


def _ask(hub: Hub, space_id: str, request: SpaceRequest) -> None:
    hardware = request.hardware
    hub.api.create_repo(
        space_id,
        repo_type="space",
        space_sdk="gradio",
        private=True,
        exist_ok=False,
        space_hardware=hardware.flavor if hardware else None,  # type: ignore[arg-type]  # a name, as the list gives it
        space_sleep_time=hardware.sleep_s if hardware else None,
        space_variables=[
            {"key": spaces.RUN_VARIABLE, "value": request.run_id},
            {"key": spaces.NONCE_VARIABLE, "value": request.run_id.lower()},
        ],
    )


def _adopted(hub: Hub, space_id: str, request: SpaceRequest) -> Created | None:
    """The Space that this run made already; None when there is none of that name.

    Raises:
        NameTakenError: it is another's.
    """
    there = spaces.find(hub, space_id, new=True)
    if there is None:
        return None
    if there.run_id != request.run_id:
        raise NameTakenError(space_id)
    return _answer(hub, there, request.hardware)


def _created(hub: Hub, space_id: str, request: SpaceRequest) -> Created:
    """What exists now, as the Hub shows it. It shows a new Space with some delay, which is no reason to fail."""
    there = spaces.find(hub, space_id) or Space(
        id=space_id,
        url=spaces.page(hub.endpoint, space_id),
        run_id=request.run_id,
        settings_url=spaces.settings_url(hub.endpoint, space_id),
    )
    if not there.private:
        raise BlockedError("not_permitted", f"{space_id} was made public by the Hub", "make it private in its settings")
    return _answer(hub, there.model_copy(update={"run_id": request.run_id}), request.hardware)


def _answer(hub: Hub, space: Space, hardware: HardwareProposal | None) -> Created:
    """What it was asked for and what it has. A Space without hardware of its own shows the Hub's default."""
    api = hub.api
    runtime = spaces.runtime_of(
        read(hub, f"reading the state of {space.id}", lambda: api.get_space_runtime(space.id), new=True)
    )
    shown = runtime.requested_hardware or runtime.hardware
    asked = hardware.flavor if hardware else None
    return Created(space=space, hardware=HardwareAnswer(accepted=True, status=200, requested=asked, current=shown))


def _refused(hub: Hub, space_id: str, request: SpaceRequest, error: Exception) -> Created:
    """What the Hub says no to is an answer; what it fails at is an error. It says 503 where it has no such hardware.

    Raises:
        NameTakenError: the name is somebody else's.
        SpacefactoryError: no answer, or one of the Hub's own faults.
    """
    status = status_of(error)
    if status == 409:
        if (there := _adopted(hub, space_id, request)) is not None:
            return there
        if BUSY not in message_of(error):
            raise NameTakenError(space_id) from None
    flavor = request.hardware.flavor if request.hardware else None
    refused = status in REFUSALS or (status == NONE_TO_GIVE and flavor is not None)
    if not refused:
        raise explained(f"making the Space {space_id}", error) from error
    return Created(
        space=None,
        hardware=HardwareAnswer(accepted=False, status=status, message=message_of(error), requested=flavor),
    )
