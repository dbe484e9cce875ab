"""lint: rules for generated Spaces, then the publish gate, which alone fills `generated/`."""

from __future__ import annotations

import shutil
from pathlib import Path

from spacefactory import workspaces
from spacefactory.engine import Step
from spacefactory.errors import BlockedError
from spacefactory.lint.gate import publish, space_front_matter
from spacefactory.lint.run import lint, load_tree
from spacefactory.record.files import write_atomic, write_json
from spacefactory.run import Run
from spacefactory.schema.profile import ModelProfile
from spacefactory.schema.status import Level
from spacefactory.schema.steps import Linted
from spacefactory.schema.work import Finding
from spacefactory.steps import documents
from spacefactory.steps.generate import workspace

STAND_INS = frozenset({"app-no-placeholder", "app-model-id"})
"""Rules that only an app breaks which does not give the answers of the named model."""


def effect(run: Run) -> Linted:
    """Gate first, since it writes the front matter that rules look at; then lint what would be published."""
    profile = documents.profile(run)
    aside = run.folder / "generated.new"
    shutil.rmtree(aside, ignore_errors=True)
    published = publish(
        workspace(run),
        aside,
        front_matter=space_front_matter(profile),
        run_id=run.spec.run_id,
        secrets=run.credentials.secrets(),
    )
    findings = _findings(run, profile)
    write_json(run.folder / "tests" / "lint.json", [finding.as_json() for finding in findings])
    if errors := [finding for finding in findings if finding.level == "error"]:
        raise BlockedError(
            _reason(errors), _sentence(errors), "see tests/lint.json of the run, or run: spacefactory lint"
        )
    _keep_changes(run, aside)
    shutil.rmtree(run.folder / "generated", ignore_errors=True)
    aside.rename(run.folder / "generated")
    run.tell(f"{len(published.files)} files, {len(findings)} warnings")
    return Linted(digest=published.digest, files=published.files, findings=findings, report=published.report)


def _keep_changes(run: Run, aside: Path) -> None:
    """What a repair round changed, as a unified diff in `traces/`, once it has passed the gate."""
    before, after = workspaces.texts(run.folder / "generated"), workspaces.texts(aside)
    if before and (changes := workspaces.difference(before, after)):
        write_atomic(run.folder / "traces" / f"round-{run.round}.diff", changes.encode())


def _findings(run: Run, profile: ModelProfile) -> tuple[Finding, ...]:
    tree = load_tree(
        run.folder / "generated.new",
        targets=run.spec.providers.hardware,
        model=profile.model,
        revision=profile.location.revision,
    )
    return lint(tree, run.plugins.lint_rules())


def _reason(errors: list[Finding]) -> str:
    """An app that does not run the model is a stand-in, whatever else is wrong with it."""
    return "placeholder" if any(error.rule in STAND_INS for error in errors) else "lint"


def _sentence(errors: list[Finding]) -> str:
    first = errors[0]
    where = f"{first.file}:{first.line}" if first.line else first.file
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return f"{where} breaks rule {first.rule}: {first.message}{more}"


STEP = Step("lint", Linted, effect, level=Level.GENERATED)
