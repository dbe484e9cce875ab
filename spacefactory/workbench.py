"""What an agent gets to work with: a folder, confined commands, a model endpoint, a way to tell."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import JsonValue

from spacefactory import confine
from spacefactory.providers import Emit
from spacefactory.schema.work import Completed, ModelEndpoint


@dataclass(frozen=True)
class RunWorkbench:
    """The workbench of one run; see `providers.Workbench` for what an agent may rely on."""

    workspace: Path
    tell: Emit
    confined: bool = True
    model_endpoint: ModelEndpoint | None = field(default=None)

    def run(self, argv: Sequence[str], timeout: float = 600) -> Completed:
        """Run a command confined to the workspace, without network, and reap all of it.

        Raises:
            SandboxUnavailable: this machine cannot confine it.
        """
        done = confine.run(list(argv), self._confinement(), timeout=timeout)
        return Completed(
            returncode=done.returncode,
            stdout=done.stdout.decode(errors="replace"),
            stderr=done.stderr.decode(errors="replace"),
            timed_out=done.timed_out,
        )

    def emit(self, kind: str, facts: dict[str, JsonValue]) -> None:
        """Write an event of type `agent.<kind>`."""
        self.tell(f"agent.{kind}", facts)

    def _confinement(self) -> confine.Confinement:
        prefixes = {Path(sys.prefix).resolve(), Path(sys.base_prefix).resolve()}
        return confine.Confinement(workspace=self.workspace, readable=tuple(sorted(prefixes)), enforced=self.confined)
