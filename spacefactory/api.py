"""The Python API: the same names, options and results as the command line, as typed objects.

result = spacefactory.build("examples/digits")
assert result.status == "full_inference_success"
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from spacefactory import probe, runs
from spacefactory.credentials import Credentials, from_machine, of_token
from spacefactory.errors import SpacefactoryError, UsageError
from spacefactory.plugins import Plugins
from spacefactory.run import Listener
from spacefactory.schema.run import JudgeResult, PlanResult, RunResult
from spacefactory.schema.work import Finding, Job
from spacefactory.settings import Settings, load
from spacefactory.steps.account import as_checks, examined, stops
from spacefactory.steps.analyze import make_profile
from spacefactory.steps.coding_model import missing
from spacefactory.steps.preflight import blockers, checks
from spacefactory.steps.resolve import read_model


def settings(**options: Any) -> Settings:
    """The effective settings with these options on top; None means that an option is left open.

    Raises:
        SettingsError: a value cannot be used.
    """
    return load(_nested(options)).settings


def plan(model: str, *, token: str | None = None, **options: Any) -> PlanResult:
    """Read and analyse a model and check whether it can be built; nothing is spent or created.

    Args:
        model: a folder with a README.md, or whatever the platform's sources read.
        token: the Hub token of the user in whose name this is done; this machine's user when left out.
        options: settings, such as `platform="local"` or `agent="template"`.

    Raises:
        UsageError: the reference names nothing that can be read.
    """
    found = next(plans([model], token=token, **options))
    if isinstance(found, SpacefactoryError):
        raise found
    return found


def plans(
    models: Iterable[str], *, token: str | None = None, **options: Any
) -> Iterator[PlanResult | SpacefactoryError]:
    """What `plan` returns or raises for each of these models, one after the other; settings and plugins are read once.

    Raises:
        SettingsError: a setting cannot be used.
    """
    configured = settings(**options)
    held = _credentials(token, configured)
    plugins = runs.plugins_of(configured, held)
    for model in models:
        try:
            yield _plan(model, configured, held, plugins)
        except SpacefactoryError as error:
            yield error


def _plan(model: str, configured: Settings, held: Credentials, plugins: Plugins) -> PlanResult:
    wanted = configured.providers()
    card = read_model(plugins, wanted.sources, model)
    profile = make_profile(plugins, wanted.analyzers, card)
    agent, host = plugins.agent(wanted.agent), plugins.host(wanted.host)
    account = host.account()
    no_model = missing(agent, configured, held)
    known = examined(plugins, wanted, configured.budget, profile, account)
    found = (*blockers(profile, agent, account), *([no_model] if no_model else []), *stops(known))
    facts = profile.model_dump(include=set(PlanResult.model_fields) - {"model", "revision", "blockers", "notes"})
    return PlanResult(
        **facts,
        model=profile.model,
        revision=profile.location.revision,
        ready=not found,
        blockers=tuple(stop for stop in found if stop in profile.blockers),
        obstacles=tuple(stop for stop in found if stop not in profile.blockers),
        checks=(*checks(profile, agent, host, configured), *as_checks(known)),
        notes=(*card.problems, *profile.notes),
    )


def build(
    model: str,
    *,
    space_name: str | None = None,
    listener: Listener | None = None,
    token: str | None = None,
    **options: Any,
) -> RunResult:
    """Build, run and prove a Space for a model.

    Args:
        model: a folder with a README.md, or whatever the platform's sources read.
        space_name: name of the Space; made from the model's name when left out.
        listener: hears each event of the run.
        token: the Hub token of the user in whose name this is done; this machine's user when left out.
        options: settings, such as `platform="local"`, `agent="template"`, `repair_rounds=0`.

    Raises:
        UsageError: the reference or an option cannot be used.
    """
    configured = settings(**options)
    held = _credentials(token, configured)
    spec, folder = runs.create("build", model, configured, {"space_name": space_name}, held)
    return runs.work(spec, configured, folder, listener, held)


def validate(
    space: str,
    *,
    endpoint: str | None = None,
    expect: str | None = None,
    cases: Path | None = None,
    calls: int | None = None,
    listener: Listener | None = None,
    token: str | None = None,
    **options: Any,
) -> RunResult:
    """Call a Space of any author and judge what comes back.

    Args:
        space: name of a local Space, folder with an app, or address of a running app.
        endpoint: which endpoint to call; discovered when left out.
        expect: the output type that must come back.
        cases: YAML file with inputs and expectations.
        calls: how many calls to make.
        listener: hears each event of the run.
        token: the Hub token of the user in whose name this is done; this machine's user when left out.
        options: settings.

    Raises:
        UsageError: the reference or an option cannot be used.
    """
    configured = settings(**options)
    asked = {"endpoint": endpoint, "expect": expect, "cases": cases, "calls": calls}
    held = _credentials(token, configured)
    spec, folder = runs.create("validate", space, configured, asked, held)
    return runs.work(spec, configured, folder, listener, held)


def detach(
    kind: Literal["build", "validate"],
    reference: str,
    asked: Mapping[str, Any],
    configured: Settings,
    token: str | None = None,
) -> Job:
    """Make a run and hand it to the platform's job runner; returns at once."""
    held = _credentials(token, configured)
    spec, folder = runs.create(kind, reference, configured, asked, held)
    return runs.plugins_of(configured, held).runner(spec.providers.runner).submit(spec, folder)


def judge(files: Sequence[Path | str], expect: str, **options: Any) -> JudgeResult:
    """Run the output checks alone, on files.

    Raises:
        NotFoundError: a file does not exist.
        UsageError: no installed validator judges that type.
    """
    configured = settings(**options)
    judged = probe.judge_files(
        [Path(file) for file in files],
        expect,
        runs.plugins_of(configured).validators(),
        confined=not configured.unsafe_no_sandbox,
        disabled_plugins=configured.plugins.disabled,
    )
    return JudgeResult(files=judged)


def lint(folder: Path | str, *, resolve: bool = False, **options: Any) -> tuple[Finding, ...]:
    """Check a Space's files against the rules for generated Spaces; none of its code is run.

    Raises:
        UsageError: the folder does not exist.
    """
    from spacefactory.lint.run import lint as run_rules
    from spacefactory.lint.run import load_tree

    configured = settings(**options)
    if not Path(folder).is_dir():
        raise UsageError(f"{folder} is not a folder", "give the folder that holds app.py")
    tree = load_tree(Path(folder), targets=configured.hardware, resolve=resolve)
    return run_rules(tree, runs.plugins_of(configured).lint_rules())


def _credentials(token: str | None, configured: Settings) -> Credentials:
    return of_token(token, configured) if token else from_machine(configured)


_BUDGET = ("usd", "minutes", "repair_rounds", "fixed_gpu")


def _nested(options: Mapping[str, Any]) -> dict[str, Any]:
    """Flat options as settings: `coding_model`, `base_url` and the budget's keys live in tables of their own."""
    given = {key: value for key, value in options.items() if value is not None}
    nested: dict[str, Any] = {key: value for key, value in given.items() if key not in (*_BUDGET, *_MODEL)}
    for table, keys in (("budget", {key: key for key in _BUDGET}), ("coding_model", _MODEL)):
        inner = {keys[key]: value for key, value in given.items() if key in keys}
        if inner:
            nested[table] = inner
    return nested


_MODEL = {"coding_model": "id", "base_url": "base_url"}


def expected_types(plugins: Plugins) -> Iterable[str]:
    """Output types that an installed validator judges."""
    return sorted({kind for validator in plugins.validators() for kind in validator.output_types})
