"""Rules for names and arguments that Gradio 6 no longer has; every row was run on 6.31."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from spacefactory.lint.events import events, keyword
from spacefactory.lint.rule import Fault, Rule
from spacefactory.lint.source import Source
from spacefactory.lint.view import View

_STYLE = "give it to launch() instead"
MOVED = dict.fromkeys(("theme", "css", "css_paths", "js", "head", "head_paths"), _STYLE)
"""Arguments of Blocks and of interfaces that went to launch()."""
BUTTONS = {
    "show_copy_button": 'write buttons=["copy"]',
    "show_download_button": 'write buttons=["download"]',
    "show_share_button": "remove it, or write buttons=[...]",
}
GONE = {
    "Interface": {"allow_flagging": "write flagging_mode=", **MOVED},
    "Blocks": MOVED,
    "TabbedInterface": MOVED,
    "ChatInterface": {"type": "remove it: messages are the only type", **MOVED},
    "Chatbot": {"type": "remove it: messages are the only type"},
    "Image": {"tool": "write gr.ImageEditor", "source": "write sources=[...]"},
    "Audio": {"source": "write sources=[...]"},
    "Video": {"source": "write sources=[...]"},
}
"""Class of Gradio -> argument that it no longer takes -> what to write."""
REMOVED = {
    "Box": "write gr.Group",
    "inputs": "use the components of gr itself",
    "outputs": "use the components of gr itself",
    "make_waveform": "return the sound itself",
    "Variable": "write gr.State",
    "LogoutButton": "write gr.LoginButton",
}
"""Names that the module has no more."""
_HIDDEN = 'write api_visibility="private"'


def removed(view: View) -> Iterator[Fault]:
    """No name or argument that Gradio 6 took away."""
    for source in view.sources:
        for call in source.calls:
            yield from _arguments(source, call)
        for node in source.nodes:
            yield from _names(source, node)
    for event in events(view):
        for name, mend in (("_js", "write js="), ("show_api", _HIDDEN)):
            if event.kind != "interface" and event.option(name) is not None:
                yield _fault(event.source, event.call, name, mend)


def examples_lazy(view: View) -> Iterator[Fault]:
    """Examples are not computed while the app starts."""
    for source in view.sources:
        for call in source.calls:
            cached = source.value(keyword(call, "cache_examples"))
            eager = isinstance(cached, ast.Constant) and cached.value is True
            if eager and source.text(keyword(call, "cache_mode")) != "lazy":
                message = 'examples are computed while the app starts, without a GPU; add cache_mode="lazy"'
                yield Fault(message, call.lineno, source.path)


def _arguments(source: Source, call: ast.Call) -> Iterator[Fault]:
    name = source.name(call.func)
    gone = {**GONE.get(name.removeprefix("gradio."), {}), **BUTTONS} if name.startswith("gradio.") else {}
    method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    if method == "queue":
        gone = {"concurrency_count": "write default_concurrency_limit="}
    if method == "launch":
        gone = {"show_api": "write footer_links=[]", "enable_queue": "remove it: there is always a queue"}
    for one in call.keywords:
        if one.arg in gone:
            yield _fault(source, one.value, one.arg, gone[one.arg])


def _names(source: Source, node: ast.AST) -> Iterator[Fault]:
    if isinstance(node, ast.Attribute):
        first, _, second = source.name(node).partition(".")
        if first == "gradio" and second in REMOVED:
            yield Fault(f"gr.{second} is gone in Gradio 6; {REMOVED[second]}", node.lineno, source.path)
    elif isinstance(node, ast.ImportFrom) and node.module in ("gradio", "gradio.inputs", "gradio.outputs"):
        module = node.module.partition(".")[2]
        for name in [module] if module else [alias.name for alias in node.names]:
            if name in REMOVED:
                yield Fault(f"gr.{name} is gone in Gradio 6; {REMOVED[name]}", node.lineno, source.path)
    if isinstance(node, ast.Attribute) and node.attr == "style" and _is_component(source, node.value):
        yield Fault(".style() is gone in Gradio 6; give its values to the constructor", node.lineno, source.path)


def _is_component(source: Source, node: ast.expr) -> bool:
    values = source.assigned.get(node.id, []) if isinstance(node, ast.Name) else [node]
    return any(isinstance(one, ast.Call) and source.name(one.func).startswith("gradio.") for one in values)


def _fault(source: Source, node: ast.expr, name: str, mend: str) -> Fault:
    return Fault(f"Gradio 6 takes no argument {name} here; {mend}", node.lineno, source.path)


RULES = (
    Rule(
        "app-gradio6",
        removed,
        why="an argument that is gone raises TypeError when the app starts, a name AttributeError",
        mend="write what took its place",
    ),
    Rule(
        "app-examples-lazy",
        examples_lazy,
        level="warning",
        why="examples that are computed at start need a GPU at a time when there is none",
        mend='remove cache_examples, or add cache_mode="lazy"',
    ),
)
