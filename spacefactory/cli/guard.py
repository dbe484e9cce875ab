"""Every way in which a command can end: one sentence, the right exit status, never a traceback.

With `--json`, stdout holds exactly one JSON document also when the command itself fails:
`{"error": {"message", "next_step", "exit_code", ...}}`. The sentence goes to stderr in any case.
"""

from __future__ import annotations

import errno
import gc
import os
import sys
from collections.abc import Sequence

from spacefactory.cli import inert, output
from spacefactory.errors import PlatformError, SpacefactoryError, UsageError

INTERRUPTED = 130
TERMINATED = 143
"""128 + SIGTERM."""
BROKEN_PIPE = 141
"""128 + SIGPIPE: whoever read our output has gone."""
NOT_OURS = {
    errno.EACCES: "make it accessible, or set SPACEFACTORY_HOME to another folder",
    errno.EPERM: "make it accessible, or set SPACEFACTORY_HOME to another folder",
    errno.EROFS: "set SPACEFACTORY_HOME to a folder that can be written",
    errno.ENOSPC: "free some space, or set SPACEFACTORY_HOME to another disk",
    errno.EDQUOT: "free some space, or set SPACEFACTORY_HOME to another disk",
    errno.ENOTDIR: "set SPACEFACTORY_HOME to a folder",
    errno.EEXIST: "set SPACEFACTORY_HOME to a folder",
    errno.EMFILE: "allow more open files with: ulimit -n",
}
"""Errors of the operating system that tell of this machine, not of a fault in the program."""


class StoppedError(SpacefactoryError):
    """Ctrl-C, or the end of input where an answer was needed."""

    exit_code = INTERRUPTED

    def __init__(self, detail: str = "", next_step: str = "") -> None:
        super().__init__(f"stopped; {detail}" if detail else "stopped", next_step)


class TerminatedError(SpacefactoryError):
    """SIGTERM: the run is left so that it can be resumed."""

    exit_code = TERMINATED

    def __init__(self, run_id: str) -> None:
        super().__init__(f"told to end; run {run_id} is kept", f"go on with: spacefactory runs resume {run_id}")
        self.run_id = run_id


def run(argv: Sequence[str] | None) -> int:
    """Run one command; returns its exit status."""
    if argv is None:
        _start_fast()
    words = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    as_json = wants_json(words)
    try:
        with output.stdout(document=as_json) as channel:
            code = _guarded(words)
            if as_json and code and not channel.written:
                _report(StoppedError() if code == INTERRUPTED else SpacefactoryError("the command failed"))
            return code
    except BrokenPipeError:
        _forget_stdout()
        return BROKEN_PIPE


def _start_fast() -> None:
    """Settings of this process that take a fifth off the start of a command that only looks."""
    gc.set_threshold(50_000)  # modules that are being imported leave little garbage
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # looked for in the metadata of all that is installed


def wants_json(words: Sequence[str]) -> bool:
    """Whether the words ask for a document, known before they are parsed."""
    options = words[: words.index("--")] if "--" in words else words
    return "--json" in options


def _guarded(words: list[str]) -> int:
    from spacefactory.cli.app import application

    try:
        return int(application()(words, prog_name="spacefactory", standalone_mode=False) or 0)
    except BrokenPipeError:
        raise
    except SpacefactoryError as error:
        return _tell(error)
    except SystemExit as error:  # typer's own way to end: shell completion, and a pipe that nobody reads
        if isinstance(error.__context__, BrokenPipeError):
            raise error.__context__ from None
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    except Exception as error:  # the last boundary: whatever a command did not foresee
        if type(error).__name__ == "NoArgsIsHelpError":  # the parser's way to show the help of a bare group
            output.say(str(error).rstrip())
            return UsageError.exit_code
        return _tell(_usage(error) or _system(error) or _unexpected(error, words))


def _usage(error: Exception) -> SpacefactoryError | None:
    """The parser's own errors, which know how to say themselves; the help of a bare group is one of them."""
    import typer

    if isinstance(error, typer.Abort):
        return StoppedError()
    if not hasattr(error, "format_message") or not isinstance(getattr(error, "exit_code", None), int):
        return None
    message = inert.line(error.format_message()).rstrip(".?")
    context = getattr(error, "ctx", None)
    where = f"{context.command_path} --help" if context else "spacefactory --help"
    return UsageError(message[:1].lower() + message[1:], f"see: {where}" if message else "")


def _system(error: Exception) -> SpacefactoryError | None:
    if not isinstance(error, OSError) or error.errno not in NOT_OURS:
        return None
    where = f": {error.filename}" if error.filename else ""
    return PlatformError(f"{error.strerror}{where}", NOT_OURS[error.errno])


def _unexpected(error: Exception, words: Sequence[str]) -> SpacefactoryError:
    from spacefactory.cli import crash

    kept = crash.keep(error, words)
    what = f"an unexpected {type(error).__name__} ended the command"
    return SpacefactoryError(what, f"its traceback is in {kept}" if kept else "its traceback could not be written")


def _tell(error: SpacefactoryError) -> int:
    if sentence := inert.line(error, 2000):
        output.note(f"spacefactory: {sentence}")
    channel = output.channel()
    if channel.document and not channel.written:
        _report(error)
    return error.exit_code


def _report(error: SpacefactoryError) -> None:
    """The document of a command that failed before it had one."""
    output.document({"schema_version": 1, "error": output.facts(error)})


def _forget_stdout() -> None:
    """Python flushes stdout once more at its end, which would complain again."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        return
