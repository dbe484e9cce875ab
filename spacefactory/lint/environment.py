"""Rules for secrets: none stand in files, and the app reads no variable that could hold one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from spacefactory.lint.rule import Fault, Rule
from spacefactory.lint.source import Source
from spacefactory.lint.view import View
from spacefactory.lint.vocabulary import words
from spacefactory.record.redaction import SHAPES

_TOKENS = re.compile(
    SHAPES.pattern + r"|gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,}|AKIA[0-9A-Z]{16}|AIza[A-Za-z0-9_-]{35}"
    r"|xox[baprs]-[A-Za-z0-9-]{20,}|-----BEGIN [A-Z ]*PRIVATE KEY-----"
)
READ = words(
    "MODEL_ID MODEL_PATH REVISION SPACE_NONCE SPACE_ID SPACE_HOST SPACE_TITLE SPACE_AUTHOR_NAME SPACE_REPO_NAME "
    "SPACES_ZERO_GPU CPU_CORES MEMORY ACCELERATOR SYSTEM CUDA_VISIBLE_DEVICES TMPDIR HOME PORT LOG_LEVEL PATH "
    "HF_HOME HF_HUB_CACHE HF_HUB_OFFLINE HF_HUB_ENABLE_HF_TRANSFER HF_ENDPOINT TRANSFORMERS_CACHE TRANSFORMERS_OFFLINE "
    "TOKENIZERS_PARALLELISM XDG_CACHE_HOME"
)
"""Variables that an app may read: what the harness sets, what the Hub documents, and caches."""
_FAMILIES = ("GRADIO_", "OMP_", "MKL_", "OPENBLAS_", "PYTORCH_", "TORCH_", "CUDA_", "NUMBA_", "ORT_")
_READERS = ("os.getenv", "os.environ.get", "os.environ.pop")
_WHOLE = ("copy", "items", "values", "keys")


def secrets(view: View) -> Iterator[Fault]:
    """No file holds a text of the shape of a token, and variables that are read are known ones."""
    for name, text in view.texts():
        for number, line in enumerate(text.splitlines(), 1):
            if _TOKENS.search(line[:20_000]):
                yield Fault("this line holds a text of the shape of a token; remove it", number, name)
    for source in view.sources:
        for variable, node in _reads(source):
            if variable is None:
                why = "the name of a variable of the environment is computed here; write it out"
                yield Fault(why, node.lineno, source.path, level="warning")
            elif variable not in READ and not variable.startswith(_FAMILIES):
                known = "MODEL_ID, MODEL_PATH, SPACE_NONCE and the Hub's own"
                message = f"the variable {variable[:60]} is not set for a generated Space; read only {known}"
                yield Fault(message, node.lineno, source.path)
        for whole in _whole_reads(source):
            message = "the whole environment is read; read only the variables that the app needs"
            yield Fault(message, whole.lineno, source.path)


def _reads(source: Source) -> Iterator[tuple[str | None, ast.expr]]:
    for node in source.nodes:
        if isinstance(node, ast.Call) and node.args and source.name(node.func) in _READERS:
            yield source.text(node.args[0]), node
        elif isinstance(node, ast.Subscript) and source.name(node.value) == "os.environ":
            yield from [(source.text(node.slice), node)] if isinstance(node.ctx, ast.Load) else []


def _whole_reads(source: Source) -> Iterator[ast.expr]:
    """Uses of os.environ as a whole, except to start another program with it."""
    for node in source.nodes:
        if not (isinstance(node, ast.Attribute | ast.Name) and source.name(node) == "os.environ"):
            continue
        parent = source.parents.get(node)
        if isinstance(parent, ast.Subscript | ast.alias | ast.Compare):
            continue
        if isinstance(parent, ast.Attribute) and parent.attr not in _WHOLE:
            continue
        if not _for_a_program(source, node):
            yield node


def _for_a_program(source: Source, node: ast.AST) -> bool:
    around = source.around(node)
    if any(isinstance(one, ast.keyword) and one.arg == "env" for one in around):
        return True
    assigned = [one for one in around if isinstance(one, ast.Assign)]
    names = {target.id for one in assigned for target in one.targets if isinstance(target, ast.Name)}
    passed = {one.value.id for one in source.nodes if _env_keyword(one) and isinstance(one.value, ast.Name)}  # type: ignore[attr-defined]
    return bool(names & passed)


def _env_keyword(node: ast.AST) -> bool:
    return isinstance(node, ast.keyword) and node.arg == "env"


RULES = (
    Rule(
        "app-secrets",
        secrets,
        why="what stands in a Space can be read by everybody who can see it, and by the code that it runs",
        mend="remove the token; the app needs none, and reads only variables that are documented",
    ),
)
