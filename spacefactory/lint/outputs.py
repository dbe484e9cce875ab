"""Rules for what handlers give back: where it is shown, in which format, and what it may not hold."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from spacefactory.lint.events import argument, events, generates, handler_of, keyword
from spacefactory.lint.flow.answers import html_answers
from spacefactory.lint.reach import Placed, from_handlers, inside
from spacefactory.lint.rule import Fault, Rule
from spacefactory.lint.source import Source
from spacefactory.lint.view import View

_FORMATS = {"gradio.Image": ("png", "webp"), "gradio.Audio": ("wav", ""), "gradio.Video": ("mp4", "")}
_CONTAINERS = frozenset(
    {
        "Blocks",
        "Row",
        "Column",
        "Tab",
        "Tabs",
        "TabItem",
        "Accordion",
        "Group",
        "Sidebar",
        "Walkthrough",
        "Step",
        "Draggable",
        "Form",
    }
)
_WRITERS = {
    "soundfile.write": 0,
    "scipy.io.wavfile.write": 0,
    "diffusers.utils.export_to_video": 1,
    "diffusers.utils.export_to_gif": 1,
    "torchaudio.save": 0,
    "torchvision.io.write_video": 0,
    "cv2.imwrite": 0,
    "imageio.mimsave": 0,
    "imageio.mimwrite": 0,
    "imageio.imwrite": 0,
    "imageio.get_writer": 0,
    "numpy.save": 0,
}
"""Functions that write a file, with the place of its name."""


def rendered(view: View) -> Iterator[Fault]:
    """Every output component is created inside the Blocks, or rendered there."""
    for event in events(view):
        if event.kind == "event" and event.outputs is not None:
            for name, made in _components(event.source, event.outputs):
                if not _stands_inside(event.source, name, made):
                    message = f"the output {name} is created outside the Blocks and never shown; create it inside"
                    yield Fault(message, made.lineno, event.source.path)


def output_format(view: View) -> Iterator[Fault]:
    """Pictures are png, sounds wav, videos mp4."""
    for event in generates(view):
        for name, made in _components(event.source, event.outputs):
            wanted, default = _FORMATS.get(event.source.name(made.func), ("", ""))
            given = keyword(made, "format")
            text = default if given is None else event.source.text(given)
            if wanted and text is not None and text != wanted:
                shown = f"is {text}" if text else "has no format"
                yield Fault(f'the output {name} {shown}; add format="{wanted}"', made.lineno, event.source.path)


def json_path_key(view: View) -> Iterator[Fault]:
    """No returned dictionary has the key "path"."""
    handlers = [handler for event in events(view) if (handler := handler_of(view, event))]
    for placed in {(one.source, one.node) for one in handlers}:
        for key in _path_keys(placed):
            message = 'callers take a dictionary with the key "path" for a file and fail; rename the key'
            yield Fault(message, key.lineno, placed[0].path)


def tempfiles(view: View) -> Iterator[Fault]:
    """Files that handlers write have names from tempfile."""
    for source, node in inside(from_handlers(view)):
        if isinstance(node, ast.Call) and (text := _fixed_file(source, node)) is not None:
            message = f"two calls at once write the same file {text[:60]!r}; take its name from tempfile"
            yield Fault(message, node.lineno, source.path)


def html_escape(view: View) -> Iterator[Fault]:
    """No text of a user or a model goes into `gr.HTML` as it is."""
    for event in events(view):
        shown = [index for index, node in enumerate(_outputs(event.outputs)) if _is_html(event.source, node)]
        if shown and (handler := handler_of(view, event)) is not None:
            for line in html_answers(view, handler, shown):
                message = (
                    "text of a user or a model goes into gr.HTML and can hold scripts; pass it through html.escape"
                )
                yield Fault(message, line, handler.source.path)


def _outputs(node: ast.expr | None) -> list[ast.expr]:
    if isinstance(node, ast.List | ast.Tuple):
        return [*node.elts]
    return [node] if node is not None else []


def _components(source: Source, outputs: ast.expr | None) -> Iterator[tuple[str, ast.Call]]:
    """Output components that are created at module scope in one place: name and the call that creates them."""
    value = source.value(outputs)
    for node in _outputs(value if isinstance(value, ast.List | ast.Tuple) else outputs):
        made = _made(source, node)
        if made is not None:
            yield (node.id if isinstance(node, ast.Name) else ast.unparse(made.func)[:40]), made


def _made(source: Source, node: ast.expr) -> ast.Call | None:
    values = source.assigned.get(node.id, []) if isinstance(node, ast.Name) else [node]
    found = [one for one in values if isinstance(one, ast.Call) and source.name(one.func).startswith("gradio.")]
    return found[0] if len(found) == len(values) == 1 else None


def _stands_inside(source: Source, name: str, made: ast.Call) -> bool:
    if source.scope(made) is not None or _in_blocks(source, made):
        shown = keyword(made, "render")
        if not (isinstance(shown, ast.Constant) and shown.value is False):
            return True
    return any(source.name(call.func) == f"{name}.render" for call in source.calls)


def _in_blocks(source: Source, node: ast.AST) -> bool:
    for parent in source.around(node):
        if isinstance(parent, ast.With | ast.AsyncWith):
            for item in parent.items:
                value = source.value(item.context_expr)
                named = source.name(value.func) if isinstance(value, ast.Call) else ""
                if named.rpartition(".")[2] in _CONTAINERS or not named.startswith("gradio."):
                    return True
    return False


def _path_keys(placed: Placed) -> Iterator[ast.expr]:
    source, function = placed
    if isinstance(function, ast.Lambda):
        yield from _keys(source, function.body)
        return
    for _, node in inside([placed]):
        value = node.value if isinstance(node, ast.Return | ast.Yield) else None
        if value is not None and source.scope(node) is function:
            yield from _keys(source, value)
            if isinstance(value, ast.Name):
                yield from _keys_of_name(placed, value.id)


def _keys_of_name(placed: Placed, name: str) -> Iterator[ast.expr]:
    source, _ = placed
    for _, node in inside([placed]):
        targets = node.targets if isinstance(node, ast.Assign) else []
        for target in targets:
            if isinstance(target, ast.Name) and target.id == name and isinstance(node, ast.Assign):
                yield from _keys(source, node.value)
            elif isinstance(target, ast.Subscript) and source.name(target.value) == name and _is_path(target.slice):
                yield target.slice


def _keys(source: Source, node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.Dict):
        files = any(isinstance(key, ast.Constant) and key.value in ("meta", "orig_name") for key in node.keys)
        yield from (key for key in node.keys if key is not None and _is_path(key) and not files)
        for value in node.values:
            yield from _keys(source, value)
    elif isinstance(node, ast.List | ast.Tuple):
        for value in node.elts:
            yield from _keys(source, value)
    elif isinstance(node, ast.ListComp):
        yield from _keys(source, node.elt)
    elif isinstance(node, ast.Call) and source.name(node.func) == "dict":
        yield from (one.value for one in node.keywords if one.arg == "path")


def _is_path(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == "path"


def _fixed_file(source: Source, call: ast.Call) -> str | None:
    """The literal name of the file that a call writes."""
    name = source.name(call.func)
    method = call.func.attr if isinstance(call.func, ast.Attribute) else name
    node: ast.expr | None = None
    if name in _WRITERS:
        node = argument(call, "output_video_path", _WRITERS[name])
    elif name == "open":
        mode = source.text(argument(call, "mode", 1)) or "r"
        node = argument(call, "file", 0) if set(mode) & set("wax") else None
    elif method in ("save", "savefig", "write_videofile", "tts_to_file", "export"):
        node = keyword(call, "file_path") or argument(call, "fp", 0)
    text = source.text(node)
    return text if text and "." in text.rpartition("/")[2] else None


def _is_html(source: Source, node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return node.value == "html"
    made = _made(source, node)
    return made is not None and source.name(made.func) == "gradio.HTML"


RULES = (
    Rule(
        "app-outputs-rendered",
        rendered,
        why="an output that is not shown has no value, and callers get none",
        mend="create every output component inside the Blocks",
    ),
    Rule(
        "app-output-format",
        output_format,
        level="warning",
        why="the default of pictures is webp, which loses detail, and other formats need a converter",
        mend='add format="png", "wav" or "mp4"',
    ),
    Rule(
        "app-json-path-key",
        json_path_key,
        why="clients take a dictionary with a text under path for a file and are refused when they fetch it",
        mend="give the key another name, such as file",
    ),
    Rule(
        "app-tempfile",
        tempfiles,
        level="warning",
        why="a fixed name is overwritten by the next call, and Gradio serves files of temporary folders only",
        mend="write to tempfile.NamedTemporaryFile(delete=False) or below tempfile.mkdtemp()",
    ),
    Rule(
        "app-html-escape",
        html_escape,
        why="a text with tags runs as a script in the page of everybody who sees it",
        mend="pass the text through html.escape, or show it in gr.Markdown or gr.Textbox",
    ),
)
