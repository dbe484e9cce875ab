"""Rules for functions that run on ZeroGPU, each in a forked process that may hold a GPU."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from spacefactory.lint.events import Handler, keyword, main_handlers, resolve_function
from spacefactory.lint.gpu import GpuFunction, gpu_functions
from spacefactory.lint.reach import from_handlers, from_main, inside, reached
from spacefactory.lint.rule import Fault, LevelName, Rule
from spacefactory.lint.source import Source
from spacefactory.lint.view import View

_PROCESSES = ("multiprocessing.", "torch.multiprocessing.", "multiprocess.", "billiard.")
_STARTS = ("concurrent.futures.ProcessPoolExecutor", "concurrent.futures.process.ProcessPoolExecutor", "os.fork")
_HARMLESS = ("current_process", "cpu_count", "set_start_method", "get_start_method", "freeze_support")
_WORKERS = {"num_workers", "num_proc"}
_TENSOR_FIELDS = frozenset(
    {"logits", "last_hidden_state", "pooler_output", "hidden_states", "image_embeds", "text_embeds"}
)
_TENSOR_CALLS = frozenset(
    {"cat", "stack", "softmax", "sigmoid", "argmax", "topk", "mean", "matmul", "zeros", "ones", "randn"}
)
_KEEPS = frozenset(
    {
        "squeeze",
        "unsqueeze",
        "mean",
        "softmax",
        "argmax",
        "float",
        "half",
        "detach",
        "permute",
        "reshape",
        "view",
        "clone",
        "contiguous",
        "sigmoid",
        "clamp",
        "to",
    }
)


def gpu_function(view: View) -> Iterator[Fault]:
    """The function behind /generate is under `spaces.GPU`."""
    if view.app is None:
        return
    marked = {one.node for one in gpu_functions(view)}
    handlers = main_handlers(view)
    if not marked:
        first = handlers[0] if handlers else None
        where = (first.node.lineno, first.source.path) if first else (None, None)
        yield Fault("no function is under @spaces.GPU; put it above the one that answers /generate", *where)
    elif handlers and not any(one.node in marked for one in handlers):
        inner = any(node in marked for _, node in from_main(view))
        message = "the function behind /generate is not under @spaces.GPU; decorate it instead of an inner one"
        level: LevelName | None = "warning" if inner else None
        yield Fault(message, handlers[0].node.lineno, handlers[0].source.path, level)


def not_async(view: View) -> Iterator[Fault]:
    """No `async def` is under `spaces.GPU`."""
    for one in gpu_functions(view):
        if isinstance(one.node, ast.AsyncFunctionDef):
            yield Fault(f"{one.label} is async, which spaces.GPU refuses; write def", one.node.lineno, one.source.path)


def duration(view: View) -> Iterator[Fault]:
    """The seconds are stated; a function that states them takes what the handler takes."""
    for one in gpu_functions(view):
        given = keyword(one.options, "duration") if one.options else None
        if given is None and one.options and not any(part.arg is None for part in one.options.keywords):
            given = next((part for part in one.options.args if isinstance(part, ast.Constant)), None)
        if given is None and not (one.options and any(part.arg is None for part in one.options.keywords)):
            message = f"{one.label} asks for the default of 60 seconds; state them with spaces.GPU(duration=...)"
            yield Fault(message, one.mark.lineno, one.source.path)
        elif given is not None and (handler := resolve_function(view, one.source, given)) is not None:
            yield from _duration_function(one, handler)


def no_processes(view: View) -> Iterator[Fault]:
    """Nothing in reach of a GPU function starts another process of Python."""
    reach = reached(view, [(one.source, one.node) for one in gpu_functions(view)])
    for source, node in inside(reach):
        if isinstance(node, ast.Call) and (what := _process(source, node)):
            message = (
                f"{what} starts processes inside a GPU function, which may have none; use threads or num_workers=0"
            )
            yield Fault(message, node.lineno, source.path)


def returns_cpu(view: View) -> Iterator[Fault]:
    """A GPU function returns plain data, no tensor that lies on the GPU."""
    for one in gpu_functions(view):
        for _, node in inside([(one.source, one.node)]):
            if not isinstance(node, ast.Return | ast.Yield) or node.value is None:
                continue
            if one.source.scope(node) is one.node and _is_tensor(one.source, one.node, node.value):
                message = f"{one.label} returns a tensor of the GPU; end with .cpu(), a list or a number"
                yield Fault(message, node.lineno, one.source.path)


def device_string(view: View) -> Iterator[Fault]:
    """Devices are the text "cuda" or a constant, and handlers move nothing with `.cuda()`."""
    for source in view.sources:
        for call in source.calls:
            for number in _device_numbers(source, call):
                yield Fault('the device is a number; write "cuda"', number.lineno, source.path)
    for source, node in inside(from_handlers(view)):
        if isinstance(node, ast.Call) and not node.args and _is_method(source, node, "cuda"):
            yield Fault(".cuda() in a handler fails without a GPU; write .to(DEVICE)", node.lineno, source.path)


def no_compile(view: View) -> Iterator[Fault]:
    """Nothing is compiled by `torch.compile`."""
    for source in view.sources:
        for node in source.nodes:
            compiles = isinstance(node, ast.Attribute | ast.Name) and source.name(node) == "torch.compile"
            blocks = isinstance(node, ast.Attribute) and node.attr == "compile_repeated_blocks"
            if (compiles or blocks) and not isinstance(getattr(node, "ctx", None), ast.Store):
                yield Fault("torch.compile does not work on ZeroGPU; remove it", node.lineno, source.path)  # type: ignore[attr-defined]


def _is_method(source: Source, node: ast.Call, name: str) -> bool:
    func = node.func
    return isinstance(func, ast.Attribute) and func.attr == name and not source.name(func).startswith("torch.")


def _duration_function(one: GpuFunction, handler: Handler) -> Iterator[Fault]:
    given = handler.node.args
    own = [part.arg for part in (*given.posonlyargs, *given.args)]
    taken = [part.arg for part in (*one.node.args.posonlyargs, *one.node.args.args)]
    open_ended = given.vararg is not None and given.kwarg is not None
    if not open_ended or own != taken[: len(own)]:
        message = (
            f"the duration function must take the parameters of {one.label} in the same order, then *args, **kwargs"
        )
        yield Fault(message, handler.node.lineno, handler.source.path)


def _process(source: Source, node: ast.Call) -> str:
    name = source.name(node.func)
    if (name.startswith(_PROCESSES) and not name.endswith(_HARMLESS)) or name in _STARTS:
        return name
    for one in node.keywords:
        value = source.value(one.value)
        if one.arg in _WORKERS and isinstance(value, ast.Constant) and isinstance(value.value, int) and value.value > 0:
            return f"{one.arg}={value.value}"
    return ""


def _is_tensor(source: Source, function: ast.AST, node: ast.expr, depth: int = 5) -> bool:
    if depth == 0:
        return False
    if isinstance(node, ast.Attribute):
        return node.attr in _TENSOR_FIELDS
    if isinstance(node, ast.Subscript):
        return _is_tensor(source, function, node.value, depth - 1)
    if isinstance(node, ast.Call):
        name = source.name(node.func)
        if name.startswith(("torch.", "torch.nn.functional.")) and name.rpartition(".")[2] in _TENSOR_CALLS:
            return True
        kept = isinstance(node.func, ast.Attribute) and node.func.attr in _KEEPS and not _to_cpu(node)
        return (
            isinstance(node.func, ast.Attribute) and kept and _is_tensor(source, function, node.func.value, depth - 1)
        )
    if isinstance(node, ast.Name):
        values = _local_values(function, node.id)
        return len(values) == 1 and _is_tensor(source, function, values[0], depth - 1)
    return False


def _to_cpu(node: ast.Call) -> bool:
    return any(isinstance(one, ast.Constant) and one.value == "cpu" for one in ast.walk(node))


def _local_values(function: ast.AST, name: str) -> list[ast.expr]:
    assigned = (node for node in ast.walk(function) if isinstance(node, ast.Assign))
    return [
        node.value for node in assigned if any(isinstance(one, ast.Name) and one.id == name for one in node.targets)
    ]


def _device_numbers(source: Source, call: ast.Call) -> Iterator[ast.expr]:
    method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    if method in ("to", "cuda") or source.name(call.func) == "torch.device":
        yield from (one for one in call.args[:1] if _numbers(source, one))
    for one in call.keywords:
        if one.arg in ("device", "device_map") and _numbers(source, one.value):
            yield one.value


def _numbers(source: Source, node: ast.expr) -> bool:
    """Whether one of the values that an expression can have is the number of a device."""
    value = source.value(node) or node
    if isinstance(value, ast.IfExp):
        return _numbers(source, value.body) or _numbers(source, value.orelse)
    if isinstance(value, ast.Dict):
        return any(_numbers(source, one) for one in value.values)
    if isinstance(value, ast.Constant):
        number = isinstance(value.value, int) and not isinstance(value.value, bool) and value.value >= 0
        return number or (isinstance(value.value, str) and _later_device(value.value))
    return False


def _later_device(text: str) -> bool:
    return text.startswith("cuda:") and text != "cuda:0"


RULES = (
    Rule(
        "app-gpu-function",
        gpu_function,
        level="zerogpu",
        why="a Space without a GPU function is stopped at start, and a handler outside it runs without a GPU",
        mend="put @spaces.GPU(duration=...) above the function that answers /generate",
    ),
    Rule(
        "app-gpu-not-async",
        not_async,
        level="zerogpu",
        why="spaces.GPU raises NotImplementedError for async functions when the app starts",
        mend="write def instead of async def",
    ),
    Rule(
        "app-gpu-duration",
        duration,
        level="warning",
        why="quota is checked for the seconds that are asked for, and the task is killed after them",
        mend="state duration as a number, or as a function with the handler's parameters and *args, **kwargs",
    ),
    Rule(
        "app-gpu-no-processes",
        no_processes,
        level="zerogpu",
        why="GPU functions run in daemonic processes, which may have no children",
        mend="use threads, or num_workers=0",
    ),
    Rule(
        "app-gpu-returns-cpu",
        returns_cpu,
        level="warning",
        why="results cross a border between processes; a tensor of the GPU cannot",
        mend="return .cpu() values, lists, pictures or paths",
    ),
    Rule(
        "app-device-string",
        device_string,
        why="a numbered device does not exist while the app starts on ZeroGPU, and never on a CPU",
        mend='move the model once, with .to(DEVICE), where DEVICE is "cuda" or "cpu"',
    ),
    Rule(
        "app-no-compile",
        no_compile,
        level="zerogpu",
        why="compiled code does not survive the change of processes",
        mend="remove torch.compile",
    ),
)
