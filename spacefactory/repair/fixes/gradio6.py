"""Arguments and names that Gradio 6 took away, and what stands in their place. Source: generated Spaces on 6.31.0."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from spacefactory.repair.fixes.files import APP, AppFiles
from spacefactory.repair.fixes.source import Change, Places, called, calls, changed, keyword, with_argument, without

TO_LAUNCH = ("theme", "css", "css_paths", "js", "head", "head_paths")
BLOCKS = ("Blocks", "Interface", "TabbedInterface", "ChatInterface")
BUTTONS = {"show_copy_button": "copy", "show_download_button": "download", "show_share_button": "share"}
RENAMED = {
    "allow_flagging": ("Interface", "flagging_mode"),
    "concurrency_count": ("queue", "default_concurrency_limit"),
    "_js": ("", "js"),
}
"""Old argument: the function that has it (any when empty) and today's name."""
DROPPED = {"type": ("Chatbot", "ChatInterface"), "show_api": (), "enable_queue": (), "tool": ("Image",)}
"""Old argument: the functions that had it, any when there are none."""
NAMES = {"Box": "Group", "Variable": "State"}


def gradio6(files: AppFiles) -> bool:
    """Write an app as Gradio 6 reads it."""
    before = files.read(APP)
    text = before
    for find in (_moved, _buttons, _renamed, _dropped, _sources, _names):
        while (after := changed(text, find)) != text:
            text = after
    return files.write(APP, text)


def _moved(tree: ast.Module, at: Places) -> Iterator[Change]:
    """Style belongs to launch."""
    launches = [*calls(tree, "launch")]
    for call in calls(tree, *BLOCKS):
        for name in TO_LAUNCH:
            given = keyword(call, name)
            if given is None:
                continue
            yield from without(call, name, at)
            for launch in launches[:1]:
                if keyword(launch, name) is None:
                    yield from with_argument(launch, name, at.text(given.value), at)


def _buttons(tree: ast.Module, at: Places) -> Iterator[Change]:
    for call in calls(tree):
        given = [(name, keyword(call, name)) for name in BUTTONS if keyword(call, name) is not None]
        on = [BUTTONS[name] for name, one in given if one and at.text(one.value) == "True"]
        for at_first, (name, one) in enumerate(given):
            if one is None:
                continue
            if at_first == 0 and on and keyword(call, "buttons") is None:
                listed = ", ".join(f'"{button}"' for button in on)
                yield at.start(one), at.end(one), f"buttons=[{listed}]"
            else:
                yield from without(call, name, at)


def _renamed(tree: ast.Module, at: Places) -> Iterator[Change]:
    for call in calls(tree):
        for old, (function, new) in RENAMED.items():
            given = keyword(call, old)
            if given is not None and function in ("", called(call)):
                yield at.start(given), at.end(given), f"{new}={at.text(given.value)}"


def _dropped(tree: ast.Module, at: Places) -> Iterator[Change]:
    for call in calls(tree):
        for old, functions in DROPPED.items():
            if not functions or called(call) in functions:
                if old == "type" and called(call) not in functions:
                    continue
                yield from without(call, old, at)


def _sources(tree: ast.Module, at: Places) -> Iterator[Change]:
    """One source became a list of them."""
    for call in calls(tree, "Image", "Audio", "Video"):
        given = keyword(call, "source")
        if given is not None:
            yield at.start(given), at.end(given), f"sources=[{at.text(given.value)}]"


def _names(tree: ast.Module, at: Places) -> Iterator[Change]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in NAMES and at.text(node.value) in ("gr", "gradio"):
            yield at.start(node), at.end(node), f"{at.text(node.value)}.{NAMES[node.attr]}"
