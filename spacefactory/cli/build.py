"""build, validate and demo: work on a run until it ends."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from spacefactory.cli import options


def build(
    model: options.Model,
    space_name: options.SpaceName = None,
    detach: options.Detach = False,
    platform: options.Platform = None,
    agent: options.Agent = None,
    coding_model: options.CodingModel = None,
    base_url: options.BaseUrl = None,
    hardware: options.Hardware = None,
    budget_usd: options.BudgetUsd = None,
    minutes: options.Minutes = None,
    repair_rounds: options.RepairRounds = None,
    unsafe_no_sandbox: options.Unsafe = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Build, run and prove a Space for a model.

    Ends with the address of the app, what it answered, and a report of every check. Exit status: 0 full inference
    shown, 3 candidate, 4 hardware must be set by hand, 5 technical blocker, 1 failed, 130 stopped by Ctrl-C.
    """
    settings = options.settings(
        platform=platform,
        agent=agent,
        coding_model=coding_model,
        base_url=base_url,
        hardware=hardware,
        usd=budget_usd,
        minutes=minutes,
        repair_rounds=repair_rounds,
        unsafe_no_sandbox=unsafe_no_sandbox,
    )
    _work("build", model, settings, {"space_name": space_name}, detach=detach, as_json=as_json, quiet=quiet)


def validate(
    space: Annotated[
        str,
        typer.Argument(
            metavar="SPACE",
            help="Name of a Space of this platform, folder with an app, or address such as http://127.0.0.1:7860.",
            autocompletion=options.complete.spaces,
        ),
    ],
    endpoint: Annotated[
        str | None, typer.Option("--endpoint", metavar="/NAME", help="Endpoint to call; found by itself if left out.")
    ] = None,
    expect: options.Expect = None,
    cases: options.CasesFile = None,
    calls: Annotated[
        int | None, typer.Option("--calls", metavar="N", min=1, max=50, help="How many calls to make.")
    ] = None,
    detach: options.Detach = False,
    platform: options.Platform = None,
    minutes: options.Minutes = None,
    unsafe_no_sandbox: options.Unsafe = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Call a Space of any author for real and judge what comes back.

    The Space is left as it was found. Exit status as for build.
    """
    from pathlib import Path

    from spacefactory.errors import NotFoundError, UsageError

    if cases is not None and not cases.is_file():
        raise NotFoundError(f"there is no file {cases}", "give a YAML file with cases")
    settings = options.settings(platform=platform, minutes=minutes, unsafe_no_sandbox=unsafe_no_sandbox)
    if expect is not None and expect not in (known := _types(settings)):
        raise UsageError(f"no installed validator judges {expect!r}", f"choose one of: {', '.join(known)}")
    asked = {"endpoint": endpoint, "expect": expect, "cases": cases and Path(cases).absolute(), "calls": calls}
    _work("validate", space, settings, asked, detach=detach, as_json=as_json, quiet=quiet)


def demo(
    minutes: options.Minutes = None,
    unsafe_no_sandbox: options.Unsafe = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Build, run and prove the sample model that comes with spacefactory.

    It reads hand-written digits. No account, no token and no model server is needed; the packages of the app are
    installed into an environment of its own, which takes a minute the first time.
    """
    from spacefactory.sample import digits

    settings = options.settings(platform="local", minutes=minutes, unsafe_no_sandbox=unsafe_no_sandbox)
    _work("build", str(digits()), settings, {}, detach=False, as_json=as_json, quiet=quiet)


def _types(settings: Any) -> list[str]:
    from spacefactory.api import expected_types

    return list(expected_types(options.plugins(settings)))


def _work(kind: Any, reference: str, settings: Any, asked: dict[str, Any], *, detach: bool, **how: bool) -> None:
    from spacefactory.cli import work

    if detach:
        work.hand_over(kind, reference, settings, asked, work.How(**how))
    else:
        work.finish(work.start(kind, reference, settings, asked, work.How(**how)), work.How(**how))
