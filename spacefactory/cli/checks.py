"""lint and judge: the rules for Spaces and the checks of outputs, alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spacefactory.cli import inert, options, output

if TYPE_CHECKING:
    from spacefactory.schema.run import JudgedFile
    from spacefactory.schema.work import Finding

NO_PROOF = 3
"""Exit status: every file decodes, and at least one cannot be told from noise or was not checked to its end."""
NOT_ALIVE = 5
"""Exit status: a file does not decode, has another type, or is blank, silent, constant, an error text."""


def lint(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder that holds app.py.")],
    resolve: Annotated[
        bool, typer.Option("--resolve", help="Also ask the package index whether the requirements can be installed.")
    ] = False,
    hardware: options.Hardware = None,
    as_json: options.Json = False,
) -> None:
    """Check the files of a Space against the rules for generated Spaces; none of its code is run.

    Exit status 1 when a rule is broken (an error), 0 otherwise; warnings do not count.
    """
    from spacefactory import api

    findings = api.lint(folder, resolve=resolve, hardware=options.names(hardware))
    errors = sum(finding.level == "error" for finding in findings)
    if as_json:
        counts = {"errors": errors, "warnings": len(findings) - errors}
        listed = [finding.as_json() for finding in findings]
        output.document({"schema_version": 1, "folder": str(folder), "findings": listed} | counts)
    else:
        for finding in findings:
            output.say(_finding(finding))
        output.say(f"{errors} errors, {len(findings) - errors} warnings")
    if errors:
        raise typer.Exit(1)


def _finding(finding: Finding) -> str:
    where = f"{finding.file}:{finding.line}" if finding.line else finding.file
    return inert.line(f"{where}: {finding.level}: {finding.message} [{finding.rule}]", 1000)


def judge(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Outputs of a model.")],
    expect: Annotated[
        str,
        typer.Option(
            "--expect", metavar="TYPE", help="image, audio, text, video, json, or a type that a plugin brings."
        ),
    ],
    unsafe_no_sandbox: options.Unsafe = False,
    as_json: options.Json = False,
) -> None:
    """Decode files completely and judge them as outputs of a type.

    Exit status: 0 every file reached `alive`; 3 every file decodes, but one cannot be told from noise or could not be
    judged to the end; 5 a file does not decode, has another type or is lifeless.
    """
    from spacefactory import api

    result = api.judge(files, expect, unsafe_no_sandbox=unsafe_no_sandbox or None)
    if as_json:
        output.document(result.as_json())
    else:
        for file in result.files:
            _print(file)
    if code := max((_code(file) for file in result.files), default=0):
        raise typer.Exit(code)


def _code(file: JudgedFile) -> int:
    from spacefactory.schema.status import Level

    if file.level.rank >= Level.ALIVE.rank:
        return 0
    broken = [check for check in file.checks if check.passed is False and not check.noise]
    return NOT_ALIVE if broken else NO_PROOF


def _print(file: JudgedFile) -> None:
    words = {True: "pass", False: "FAIL", None: "unknown"}
    output.say(f"{inert.line(file.path, 4096)}: {file.level} ({inert.line(file.output_type, 40)})")
    for check in file.checks:
        output.say(f"  {words[check.passed]:8}{check.name}: {inert.line(check.detail)}")
