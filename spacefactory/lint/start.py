"""Rules for how an app starts: it parses, imports in the right order, and launches plainly."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from spacefactory.lint.events import keyword
from spacefactory.lint.reach import reached
from spacefactory.lint.rule import Fault, LevelName, Rule
from spacefactory.lint.source import Scope, Source, UnreadableError, module_statements, parse
from spacefactory.lint.view import View, read_text
from spacefactory.lint.vocabulary import words

TOUCHES_CUDA = words(
    "torch torchvision torchaudio torchcodec transformers diffusers accelerate peft timm sentence_transformers "
    "bitsandbytes xformers open_clip ultralytics kornia librosa numba cv2"
)
"""Packages that import torch or numba, or open CUDA."""
_SERVERS = words("gradio.mount_gradio_app gradio.routes.mount_gradio_app uvicorn.run uvicorn.Server hypercorn.run")
_ADDRESS = ("server_port", "server_name", "share")
_ENVIRONMENT = words("GRADIO_SERVER_PORT GRADIO_SERVER_NAME GRADIO_SHARE")


def compiles(view: View) -> Iterator[Fault]:
    """Every Python file of the app can be read with the grammar of Python 3.10."""
    if view.problem is not None:
        mend = (
            "write it in the grammar of Python 3.10" if view.app_file in view.tree.files else f"write {view.app_file}"
        )
        yield Fault(f"{view.problem}; {mend}", view.problem.line)
    for name in [one for one in view.tree.files if one.endswith(".py") and one != view.app_file][:50]:
        problem = _problem(name, read_text(view.tree.folder, name))
        if problem is not None:
            level: LevelName | None = None if _imported(view, name) else "warning"
            yield Fault(f"{problem}; mend or remove this file", problem.line, name, level)


def spaces_first(view: View) -> Iterator[Fault]:
    """`import spaces` comes before every package that can touch CUDA."""
    if view.app is None:
        return
    order = [*_import_order(view, view.app, set())]
    first = next((index for index, (top, _, _) in enumerate(order) if top == "spaces"), None)
    heavy = next(((index, *one) for index, one in enumerate(order) if one[0] in TOUCHES_CUDA), None)
    uses = any(isinstance(node, ast.Name) and node.id == "spaces" for node in view.app.nodes)
    if first is None and (heavy or uses):
        where = heavy[2:] if heavy else (1, view.app.path)
        yield Fault("spaces is not imported; write import spaces before every other package", *where)
    elif first is not None and heavy and heavy[0] < first:
        yield Fault(f"{heavy[1]} is imported before spaces; move import spaces to the top", heavy[2], heavy[3])


def launch(view: View) -> Iterator[Fault]:
    """The app ends with `.launch(`, and no server of its own stands in for it."""
    if view.app is None:
        return
    for source in view.sources:
        for call in source.calls:
            if source.name(call.func) in _SERVERS:
                name = source.name(call.func)
                yield Fault(
                    f"{name} replaces the launch that ZeroGPU waits for; end with demo.launch(show_error=True)",
                    call.lineno,
                    source.path,
                )
    if not launches(view):
        yield Fault("nothing launches the app; end app.py with demo.launch(show_error=True)")


def show_error(view: View) -> Iterator[Fault]:
    """`show_error=True` is given, so that a caller sees the sentence of an error."""
    for source, call in launches(view):
        given = source.value(keyword(call, "show_error") or _spread(source, call, "show_error"))
        if not (isinstance(given, ast.Constant) and given.value is True):
            yield Fault("launch without show_error=True hides errors from callers; add it", call.lineno, source.path)


def no_port(view: View) -> Iterator[Fault]:
    """Port, address and share link are left to the place where the app runs."""
    for source, call in launches(view):
        for name in _ADDRESS:
            given = keyword(call, name) or _spread(source, call, name)
            if given is not None and not (isinstance(given, ast.Constant) and given.value in (None, False)):
                yield Fault(f"{name} is set by the place where the app runs; remove it", given.lineno, source.path)
    for source in view.sources:
        for variable, node in _environment_writes(source):
            if variable in _ENVIRONMENT:
                yield Fault(f"{variable} is set by the place where the app runs; remove it", node.lineno, source.path)


def no_auth(view: View) -> Iterator[Fault]:
    """No password of the app's own: a private Space asks for an account already."""
    for source, call in launches(view):
        for name in ("auth", "auth_dependency"):
            given = keyword(call, name) or _spread(source, call, name)
            if given is not None and not (isinstance(given, ast.Constant) and given.value is None):
                yield Fault(
                    f"{name} keeps callers out of a Space that is private already; remove it", given.lineno, source.path
                )


def launches(view: View) -> list[tuple[Source, ast.Call]]:
    """Calls of `.launch(` that run when the file is run."""
    return view.once(_launches)


def _launches(view: View) -> list[tuple[Source, ast.Call]]:
    found = [
        (source, call)
        for source in view.sources
        for call in source.calls
        if isinstance(call.func, ast.Attribute) and call.func.attr == "launch"
    ]
    run = {node for _, node in reached(view, [(source, one) for source in view.sources for one in _called(source)])}
    return [(source, call) for source, call in found if (scope := source.scope(call)) is None or scope in run]


def _called(source: Source) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Functions that the module's own statements name."""
    for node in module_statements(source.module):
        if isinstance(node, ast.Name):
            yield from source.by_name.get(node.id, ())
        elif isinstance(node, ast.Attribute):
            yield from source.by_name.get(node.attr, ())


def _spread(source: Source, call: ast.Call, name: str) -> ast.expr | None:
    """An option inside `**OPTIONS`, when that is a dictionary that can be seen."""
    for one in call.keywords:
        value = source.value(one.value) if one.arg is None else None
        if isinstance(value, ast.Dict):
            pairs = zip(value.keys, value.values, strict=True)
            found = [item for key, item in pairs if isinstance(key, ast.Constant) and key.value == name]
            if found:
                return found[0]
        if isinstance(value, ast.Call) and source.name(value.func) == "dict":
            return keyword(value, name)
    return None


def _environment_writes(source: Source) -> Iterator[tuple[str | None, ast.expr]]:
    for node in source.nodes:
        targets = node.targets if isinstance(node, ast.Assign) else []
        for target in targets:
            if isinstance(target, ast.Subscript) and source.name(target.value) == "os.environ":
                yield source.text(target.slice), target
        if (
            isinstance(node, ast.Call)
            and source.name(node.func) in ("os.environ.setdefault", "os.putenv")
            and node.args
        ):
            yield source.text(node.args[0]), node


def _problem(name: str, text: str | None) -> UnreadableError | None:
    try:
        parse(name, text or "")
    except UnreadableError as error:
        return error
    return None


def _imported(view: View, name: str) -> bool:
    module = name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    targets = {target.lstrip(".") for source in view.sources for target in source.imports.values()}
    return any(target == module or target.startswith(f"{module}.") for target in targets)


def _import_order(view: View, source: Source, seen: set[Source]) -> Iterator[tuple[str, int, str]]:
    """Top packages in the order in which they are imported when the file runs, with line and file."""
    seen.add(source)
    for node in module_statements(source.module):
        if isinstance(node, Scope):
            continue
        for name in _imported_names(node):
            module = name.lstrip(".")
            local = view.modules.get(module) or view.modules.get(module.rpartition(".")[0])
            if local is not None:
                if local not in seen:
                    yield from _import_order(view, local, seen)
            else:
                yield module.split(".")[0], getattr(node, "lineno", 1), source.path


def _imported_names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        base = "." * node.level + (node.module or "")
        return [f"{base}.{alias.name}" if node.module else f"{base}{alias.name}" for alias in node.names]
    return []


RULES = (
    Rule(
        "app-compiles",
        compiles,
        why="ZeroGPU runs Python 3.10 and 3.12; a file that one of them cannot read ends the app at start",
        mend="write the file in the grammar of Python 3.10",
    ),
    Rule(
        "app-spaces-first",
        spaces_first,
        level="zerogpu",
        why="spaces replaces CUDA before anything has opened it; later it raises",
        mend="make import spaces the first import of a package",
    ),
    Rule(
        "app-launch",
        launch,
        why="the launch of Gradio reports the app's GPU functions to ZeroGPU; another server reports none",
        mend="end app.py with demo.launch(show_error=True)",
    ),
    Rule(
        "app-show-error",
        show_error,
        why="without it a caller sees that something failed and never what",
        mend="write demo.launch(show_error=True)",
    ),
    Rule(
        "app-no-port",
        no_port,
        why="the host of the app chooses its address; another one is busy or never asked",
        mend="remove server_name, server_port and share",
    ),
    Rule(
        "app-no-auth",
        no_auth,
        why="calls by the API cannot pass a password form, and a private Space is closed already",
        mend="remove auth",
    ),
)
