"""What the Python of a card imports, defines and calls, from its syntax tree. Nothing is run."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from pydantic import JsonValue

from spacefactory.repository.plain import plain
from spacefactory_model_card.document import Block

LANGUAGES = frozenset({"python", "py", "python3", "pycon", "ipython", "jupyter", "ipython3", "python-repl"})
OTHER_LANGUAGES = frozenset(
    {"bash", "sh", "shell", "zsh", "console", "json", "yaml", "yml", "xml", "html", "toml", "ini", "swift", "bibtex"}
    | {"javascript", "js", "ts", "typescript", "cpp", "c++", "c", "java", "kotlin", "rust", "go", "latex", "tex"}
    | {"dockerfile", "powershell", "cmd", "bat", "sql", "csharp", "markdown", "md", "jsx", "tsx", "csv"}
)
MOST_CALLS = 600
MAKERS = frozenset(
    {"to", "cuda", "cpu", "eval", "half", "float", "bfloat16", "from_pretrained", "from_single_file", "from_hparams"}
)
"""Methods whose result is an object of the class that they are called on."""
UNKNOWN = "\0"
"""Begins a text that stands for a value that cannot be told without running the code; then comes what makes it."""
_LOOKS = re.compile(r"^\s{0,12}(?:>>> ?)?(?:import \w|from [\w.]{1,80} import )|\.from_pretrained\(|^>>> ", re.M)
_IMPORT = re.compile(r"^\s{0,12}from ([\w.]{1,80}) import \(?([\w, ]{1,300})")
_PLAIN_IMPORT = re.compile(r"^\s{0,12}import ([\w.]{1,80})(?: as (\w{1,40}))?")
_CALL = re.compile(r"(?<![\w.])([A-Za-z_]\w{0,60}(?:\.\w{1,60}){0,5})\(\s*(?:[\"']([^\"']{1,200})[\"'])?")


@dataclass(frozen=True)
class Call:
    """One call."""

    name: str
    """dotted, with the full name of what was imported: transformers.AutoModel.from_pretrained"""
    arguments: tuple[JsonValue, ...]
    keywords: dict[str, JsonValue]
    line: int
    quote: str
    target: str = ""
    """variable that gets the result"""

    @property
    def module(self) -> str:
        """The imported module it belongs to."""
        return self.name.split(".", 1)[0]

    @property
    def owner(self) -> str:
        """The class of a method that makes or loads a model, or the class or function that is called itself."""
        parts = self.name.replace("()", "").split(".")
        return parts[-2] if len(parts) > 1 and parts[-1][:1].islower() and parts[-2][:1].isupper() else parts[-1]

    @property
    def method(self) -> str:
        """The last word of the name."""
        return self.name.rsplit(".", 1)[-1]

    @property
    def on_object(self) -> bool:
        """Whether an object that the card made before is called, or a method of it."""
        return "()" in self.name

    @property
    def short(self) -> str:
        """Class and method, or the function alone."""
        parts = self.name.replace("()", "").split(".")
        return ".".join(parts[-2:] if len(parts) > 1 and parts[-2][:1].isupper() else parts[-1:])


@dataclass(frozen=True)
class Code:
    """All Python of a card, in reading order."""

    imports: dict[str, int] = field(default_factory=dict)
    """dotted name of what is imported -> line of README.md"""
    calls: tuple[Call, ...] = ()
    classes: tuple[tuple[str, tuple[str, ...], int], ...] = ()
    """classes that the card defines: name, names of bases, line"""
    texts: dict[str, JsonValue] = field(default_factory=dict)
    """variables with plain values"""

    @cached_property
    def modules(self) -> dict[str, int]:
        """Imported modules, with the line where each stands first."""
        found: dict[str, int] = {}
        for name, line in self.imports.items():
            found.setdefault(name.split(".")[0], line)
        return found


def is_python(block: Block) -> bool:
    """Whether a block says that it is Python, or looks so."""
    if block.language in LANGUAGES:
        return True
    text = patched(block.text) if block.language == "diff" else block.text
    return block.language not in OTHER_LANGUAGES and bool(_LOOKS.search(text))


def unknown(value: JsonValue) -> bool:
    """Whether a value is only known by what makes it."""
    return isinstance(value, str) and value.startswith(UNKNOWN)


def read(blocks: Sequence[Block]) -> Code:
    """Read all Python blocks as one program, since later ones use the names of earlier ones."""
    reader = _Reader()
    for block in blocks:
        if is_python(block):
            reader.block(block)
    return Code(reader.imports, tuple(reader.calls[:MOST_CALLS]), tuple(reader.classes), reader.values)


class _Reader:
    def __init__(self) -> None:
        self.imports: dict[str, int] = {}
        self.names: dict[str, str] = {}
        self.values: dict[str, JsonValue] = {}
        self.calls: list[Call] = []
        self.classes: list[tuple[str, tuple[str, ...], int]] = []

    def block(self, block: Block) -> None:
        """Read one block; of one that is no valid Python, its lines."""
        text = patched(block.text) if block.language == "diff" else block.text
        lines = cleaned(text).split("\n")
        tree = _tree("\n".join(lines))
        if tree is None:
            self._lines(lines, block.line)
            return
        for node in sorted(ast.walk(tree), key=_position):
            self._node(node, lines, block.line)

    def _node(self, node: ast.AST, lines: list[str], first: int) -> None:
        if isinstance(node, ast.ImportFrom | ast.Import):
            self._import(node, first)
        elif isinstance(node, ast.Assign):
            self._assign(node)
        elif isinstance(node, ast.With):
            for item in node.items:
                if isinstance(item.optional_vars, ast.Name) and isinstance(item.context_expr, ast.Call):
                    self.names[item.optional_vars.id] = self._dotted(item.context_expr.func)
        elif isinstance(node, ast.ClassDef):
            bases = tuple(self._dotted(base) for base in node.bases)
            self.classes.append((node.name, bases, first + node.lineno - 1))
        elif isinstance(node, ast.Call) and len(self.calls) < MOST_CALLS:
            self.calls.append(self._call(node, lines, first))

    def _import(self, node: ast.ImportFrom | ast.Import, first: int) -> None:
        module = "." if isinstance(node, ast.ImportFrom) and node.level else ""
        if isinstance(node, ast.ImportFrom):
            module += f"{node.module}." if node.module else ""
        for one in node.names:
            full = module + one.name
            self.imports.setdefault(full, first + node.lineno - 1)
            self.names[one.asname or one.name.split(".")[0]] = full if one.asname or module else one.name.split(".")[0]

    def _assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            if not isinstance(target, ast.Name):
                continue
            value = self._value(node.value)
            if not unknown(value):
                self.values[target.id] = value
            else:
                self.values.pop(target.id, None)
                if isinstance(node.value, ast.Call):
                    self.names[target.id] = self._made_by(node.value)

    def _made_by(self, node: ast.Call) -> str:
        """What a variable is, after a call: an object of the class, also after `.to()` and the like."""
        return _object(self._dotted(node.func))

    def _call(self, node: ast.Call, lines: list[str], first: int) -> Call:
        at = node.lineno - 1
        return Call(
            name=self._dotted(node.func),
            arguments=tuple(self._value(one) for one in node.args[:20]),
            keywords={one.arg: self._value(one.value) for one in node.keywords[:60] if one.arg},
            line=first + at,
            quote=(lines[at] if at < len(lines) else "").strip()[:200],
        )

    def _dotted(self, node: ast.AST, depth: int = 20) -> str:
        parts: list[str] = []
        for _ in range(30 if depth else 0):
            if isinstance(node, ast.Attribute):
                parts.append(node.attr)
                node = node.value
            elif isinstance(node, ast.Call):
                head = _object(self._dotted(node.func, depth - 1))
                return ".".join([head, *reversed(parts)]).strip(".")[:300]
            elif isinstance(node, ast.Subscript):
                node = node.value
            else:
                break
        head = self.names.get(node.id, node.id) if isinstance(node, ast.Name) else ""
        return ".".join([head, *reversed(parts)]).strip(".")[:300]

    def _value(self, node: ast.AST | None, depth: int = 6) -> JsonValue:
        """The plain value of an expression, `UNKNOWN` when it has none."""
        if depth == 0 or node is None:
            return UNKNOWN
        if isinstance(node, ast.Constant):
            return plain(node.value) if isinstance(node.value, str | int | float | bool | None) else UNKNOWN
        if isinstance(node, ast.Name):
            return self.values.get(node.id, UNKNOWN + self.names.get(node.id, ""))
        if isinstance(node, ast.Call):
            return UNKNOWN + _object(self._dotted(node.func))
        if isinstance(node, ast.Attribute):
            dotted = self._dotted(node)
            return dotted if dotted.startswith("torch.") else UNKNOWN
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            inner = self._value(node.operand, depth - 1)
            return -inner if isinstance(inner, int | float) else UNKNOWN
        if isinstance(node, ast.List | ast.Tuple):
            return [self._value(one, depth - 1) for one in node.elts[:200]]
        if isinstance(node, ast.Dict):
            pairs = zip(node.keys[:200], node.values, strict=False)
            return {k: self._value(v, depth - 1) for key, v in pairs if isinstance(k := self._value(key, 1), str)}
        return UNKNOWN

    def _lines(self, lines: list[str], first: int) -> None:
        """Imports and calls of code that does not parse, line by line."""
        for at, line in enumerate(lines):
            if found := _IMPORT.match(line):
                for name in found.group(2).split(","):
                    word = name.strip().split(" ")[0]
                    if word:
                        self.imports.setdefault(f"{found.group(1)}.{word}", first + at)
                        self.names[word] = f"{found.group(1)}.{word}"
            elif found := _PLAIN_IMPORT.match(line):
                self.imports.setdefault(found.group(1), first + at)
                self.names[found.group(2) or found.group(1).split(".")[0]] = found.group(1)
            elif len(self.calls) < MOST_CALLS:
                self.calls += [self._rough(found, line, first + at) for found in _CALL.finditer(line)]

    def _rough(self, found: re.Match[str], line: str, number: int) -> Call:
        head, _, rest = found.group(1).partition(".")
        name = ".".join(part for part in (self.names.get(head, head), rest) if part)
        arguments: tuple[JsonValue, ...] = (found.group(2),) if found.group(2) else ()
        return Call(name, arguments, {}, number, line.strip()[:200])


def _object(name: str) -> str:
    """The object that a call of that name gives."""
    head, _, method = name.rpartition(".")
    kept = head if head and method in MAKERS else name
    return kept if kept.endswith("()") or not kept else f"{kept}()"


def patched(text: str) -> str:
    """The code that a difference leads to."""
    return "\n".join(
        "" if line.startswith("-") else line.removeprefix("+").removeprefix(" ") for line in text.split("\n")
    )


def cleaned(text: str) -> str:
    """Code as a file would hold it: without prompts, shell lines of notebooks, and common indentation."""
    lines = text.replace("\t", "    ").split("\n")
    prompts = any(line.lstrip().startswith(">>> ") for line in lines)
    if prompts:
        lines = [
            line.lstrip()[4:] if line.lstrip().startswith((">>> ", "... ")) else _commented(line) for line in lines
        ]
    lines = [_commented(line) if line.lstrip().startswith(("!", "%", "pip install", "$ ")) else line for line in lines]
    full = [line for line in lines if line.strip()]
    indent = min((len(line) - len(line.lstrip()) for line in full), default=0)
    return "\n".join(line[indent:] for line in lines)


def _commented(line: str) -> str:
    return f"# {line}"


def _tree(text: str) -> ast.AST | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the parser warns about escapes in other people's code
        try:
            return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def _position(node: ast.AST) -> tuple[int, int, int]:
    """Reading order; an assignment comes after what stands in it."""
    return (getattr(node, "lineno", 0), isinstance(node, ast.Assign), getattr(node, "col_offset", 0))
