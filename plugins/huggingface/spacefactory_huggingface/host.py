"""The host `hub`: private Spaces of the user, made with their hardware, marked with their run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from spacefactory.errors import BlockedError, UsageError
from spacefactory.schema.preflight import Examined, Need
from spacefactory.schema.space import Account, Connection, Created, Runtime, Space, SpaceRequest
from spacefactory_huggingface import checks, creation, spaces
from spacefactory_huggingface.account import account, namespace
from spacefactory_huggingface.calls import read
from spacefactory_huggingface.client import Hub, status_of
from spacefactory_huggingface.doors import Doors
from spacefactory_huggingface.logs import until_cut
from spacefactory_huggingface.names import space_reference
from spacefactory_huggingface.upload import upload

ASLEEP = frozenset({"SLEEPING", "STOPPED"})
LOG_BYTES = 64 * 1024


@dataclass(frozen=True)
class HubHost:
    """Spaces on the Hub. It keeps open doors to private ones; `close` shuts them."""

    hub: Hub = field(repr=False)
    doors: Doors = field(default_factory=Doors, repr=False)
    name: str = "hub"

    def account(self) -> Account:
        """The signed-in user, or the organisation that the settings name."""
        return account(self.hub)

    def preflight(self, need: Need) -> tuple[Examined, ...]:
        """What the user's token and account allow."""
        return checks.of_account(self.hub, need)

    def find(self, space_id: str) -> Space | None:
        """A Space by name or id, with the run that made it; None when there is none."""
        return spaces.find(self.hub, self._id(space_id))

    def resolve(self, reference: str, run_id: str) -> Space:  # noqa: ARG002 - nothing is made for a validation here
        """The Space that a validation names, of any author.

        Raises:
            UsageError: there is no such Space, or the reference is of another kind.
        """
        space_id = space_reference(reference, self.hub.endpoint)
        if space_id is None:
            raise UsageError(
                f"{reference!r} names no Space of the Hub",
                "give owner/name, or use --platform local for folders and ports",
            )
        found = spaces.find(self.hub, space_id)
        if found is None:
            raise UsageError(f"there is no Space {space_id!r}, or this account may not see it", "check the name")
        managed = spaces.ours(self.hub, space_id)
        if not managed and self.runtime(space_id).stage in ASLEEP:
            self._knock(space_id)
        return found.model_copy(update={"managed": managed})

    def create(self, request: SpaceRequest) -> Created:
        """Make a private Space with its hardware in one call; an interrupted attempt of the same run is adopted.

        Raises:
            NameTakenError: a Space of that name exists and is not this run's.
            PlatformError: the Hub does not say whether it was made.
        """
        return creation.create(self.hub, self._id(request.name), request)

    def upload(self, space_id: str, folder: Path) -> str:
        """Make the folder's files the content of the Space, in one commit; returns its id."""
        return upload(self.hub, space_id, folder)

    def start(self, space_id: str, tell: Callable[[str], None]) -> None:
        """Wake a Space that does not run; a commit has the Hub build by itself.

        Raises:
            BlockedError: it is paused and this token may not restart it.
        """
        stage = self.runtime(space_id).stage
        if stage == "PAUSED" or stage in ASLEEP:
            tell(f"{space_id} is {stage.lower()}: waking it")
            api = self.hub.api
            try:
                read(self.hub, f"restarting {space_id}", lambda: api.restart_space(space_id))
            except BlockedError as error:
                if stage == "PAUSED":
                    raise _paused(space_id, self.settings_url(space_id), error) from None
                self._knock(space_id)

    def _knock(self, space_id: str) -> None:
        """Any request wakes a sleeping Space; its answer does not matter, the runtime tells."""
        import httpx

        with httpx.Client(timeout=30, trust_env=False) as client:
            try:
                client.get(self.connect(space_id).url)
            except httpx.HTTPError:
                return

    def runtime(self, space_id: str) -> Runtime:
        """What the Space is doing now; its revision is the commit that is deployed."""
        api = self.hub.api
        return spaces.runtime_of(
            read(self.hub, f"reading the state of {space_id}", lambda: api.get_space_runtime(space_id))
        )

    def logs(self, space_id: str, kind: str) -> str:
        """The end of the build or run log: what came before its stream broke off, nothing where the Hub gives none."""
        api = self.hub.api
        lines = until_cut(lambda: api.fetch_space_logs(space_id, build=kind == "build", follow=False))
        return spaces.cleaned("\n".join(lines))[-LOG_BYTES:]

    def connect(self, space_id: str) -> Connection:
        """A loopback address for a private Space, behind which the token is added; the Space's own for a public one."""
        info = spaces.info(self.hub, space_id)
        if info is None:
            raise UsageError(f"there is no Space {space_id!r}, or this account may not see it", "check the name")
        address = spaces.address(info, self.hub.endpoint)
        url = self.doors.open(address, self.hub.token()) if info.private else address
        return Connection(url=url, nonce=spaces.nonce(self.hub, space_id))

    def list(self) -> tuple[Space, ...]:
        """Every Space of this owner that carries our marker."""
        return spaces.listed(self.hub, namespace(self.hub))

    def stop(self, space_id: str) -> None:
        """Pause it: it costs nothing any more, and its content stays."""
        api = self.hub.api
        read(self.hub, f"pausing {space_id}", lambda: api.pause_space(space_id))
        self.doors.close()

    def delete(self, space_id: str) -> None:
        """Remove it, when it is one of ours.

        Raises:
            UsageError: it carries no marker of ours.
        """
        found = self.find(space_id)
        if found is None:
            return
        if found.run_id is None:
            raise UsageError(f"{found.id} was not made by spacefactory", "delete it on its settings page")
        api = self.hub.api
        read(self.hub, f"deleting {found.id}", lambda: api.delete_repo(found.id, repo_type="space", missing_ok=True))

    def close(self) -> None:
        """Shut every door."""
        self.doors.close()

    def settings_url(self, space_id: str) -> str:
        """Where a person sets hardware."""
        return spaces.settings_url(self.hub.endpoint, space_id)

    def _id(self, name: str) -> str:
        return name if "/" in name else f"{namespace(self.hub)}/{name}"


def _paused(space_id: str, settings_url: str, error: BlockedError) -> BlockedError:
    status = status_of(error.__cause__ or error)
    return BlockedError(
        "not_permitted",
        f"{space_id} is paused and this token may not restart it ({status})",
        f"restart it by hand: {settings_url}",
    )
