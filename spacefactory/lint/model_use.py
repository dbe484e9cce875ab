"""Rules for how the model is loaded, and that the answers are its own."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from spacefactory.lint.events import argument, keyword
from spacefactory.lint.flow.answers import Answer, followed
from spacefactory.lint.flow.values import INPUT, LIGHT, NETWORK, OTHER, RANDOM, REMOTE, UNKNOWN
from spacefactory.lint.reach import from_main
from spacefactory.lint.rule import Fault, LevelName, Rule
from spacefactory.lint.view import View

_BY_REVISION = (
    "from_pretrained",
    "pipeline",
    "snapshot_download",
    "hf_hub_download",
    "SentenceTransformer",
    "CrossEncoder",
)
REMOVED_TASKS = {
    "summarization": "AutoModelForSeq2SeqLM",
    "translation": "AutoModelForSeq2SeqLM",
    "text2text-generation": "AutoModelForSeq2SeqLM",
    "question-answering": "AutoModelForQuestionAnswering",
    "visual-question-answering": "AutoModelForVisualQuestionAnswering",
    "vqa": "AutoModelForVisualQuestionAnswering",
    "image-to-image": "AutoModelForImageToImage",
    "image-to-text": "AutoModelForImageTextToText",
}
"""Tasks that pipeline() of transformers 5 has no more, with the class that does them."""


def model_id(view: View) -> Iterator[Fault]:
    """The model that the Space is made for is loaded, and the answers come from it."""
    found = followed(view)
    if view.app is None or found.unclear:
        return
    name = view.tree.model or "the model"
    weights = [one for one in found.loads if one.weights]
    if not any(one.other is None for one in weights):
        others = [one for one in weights if one.other]
        message = f"nothing loads {name}; give MODEL_ID to the loader of its library"
        if others:
            message = f"{others[0].other} is loaded instead of {name}; give the loader MODEL_ID"
        where = (others[0].call.lineno, others[0].source.path) if others else (None, None)
        yield Fault(message, *where)
        return
    for answer in found.answers:
        if OTHER in answer.tags and not _from_model(answer):
            message = f"the answer comes from another model than {name}; use what was loaded from MODEL_ID"
            yield Fault(message, answer.line, answer.handler.source.path)


def no_placeholder(view: View) -> Iterator[Fault]:
    """Answers of /generate depend on something loaded from the model: no constant, chance, echo or remote answer."""
    found = followed(view)
    if found.unclear and found.answers:
        message = (
            "what the answer comes from cannot be told from this code; write it without exec, eval and import_module"
        )
        yield Fault(message, found.answers[0].line, found.answers[0].handler.source.path, level="warning")
    for answer in found.answers:
        path = answer.handler.source.path
        if REMOTE in answer.tags:
            message = "the answer comes from a remote service; load the model in this app and call it"
            yield Fault(message, answer.line, path)
        elif not found.unclear and UNKNOWN not in answer.tags and (problem := _problem(answer)):
            yield Fault(f"{problem}; return what the loaded model gives for the input", answer.line, path)
        for line in answer.stand_ins:
            message = (
                "when the model fails or is missing, something else is returned as its answer; raise gr.Error instead"
            )
            yield Fault(message, line, path)


def _from_model(answer: Answer) -> bool:
    return bool(answer.tags & {"model", "result", "chosen"})


def _problem(answer: Answer) -> str:
    """What is wrong with an answer; empty when nothing is."""
    tags = answer.tags
    if _from_model(answer):
        if answer.same:
            return "the answer is the same constant whatever the model gives"
        unfed = answer.input is not None and not answer.fed and not tags & {INPUT}
        return f"the model never gets the input {answer.input}" if unfed else ""
    if LIGHT in tags:
        return "the answer comes from the tokenizer or the configuration alone, and no weights have a part in it"
    if OTHER in tags:
        return "the answer comes from another model"
    if NETWORK in tags:
        return "the answer comes from a remote address"
    if RANDOM in tags:
        return "the answer is made by chance, and the model has no part in it"
    if INPUT in tags:
        return "the answer is made from the input alone, and the model has no part in it"
    return "the answer is a constant, and the model has no part in it"


def at_import(view: View) -> Iterator[Fault]:
    """The model is loaded once, when the file runs, not in the handler."""
    run_later = {node for _, node in from_main(view)}
    for one in followed(view).loads:
        program = one.name.startswith("subprocess.")
        if one.weights and not program and one.source.scope(one.call) in run_later:
            message = "the model is loaded inside a call; load it once at the top of the file"
            yield Fault(message, one.call.lineno, one.source.path)


def revision(view: View) -> Iterator[Fault]:
    """Loaders are given the revision that the card was read at."""
    for one in followed(view).loads:
        spread = any(pair.arg is None for pair in one.call.keywords)
        if one.other is not None or spread or one.name.rpartition(".")[2] not in _BY_REVISION:
            continue
        given = keyword(one.call, "revision")
        text = one.source.text(given)
        if given is None:
            message = f"{one.name.rpartition('.')[2]} takes whatever is newest; add revision=REVISION"
            yield Fault(message, one.call.lineno, one.source.path)
        elif text and view.tree.revision and not view.tree.revision.startswith(text):
            message = (
                f"the revision {text[:40]} is not the one that the card was read at; write {view.tree.revision[:40]}"
            )
            yield Fault(message, one.call.lineno, one.source.path)


def remote_code(view: View) -> Iterator[Fault]:
    """No code of the model's repository is run."""
    for source in view.sources:
        for node in source.nodes:
            given = None
            if isinstance(node, ast.keyword) and node.arg == "trust_remote_code":
                given = node.value
            elif isinstance(node, ast.Dict):
                pairs = zip(node.keys, node.values, strict=True)
                given = next(
                    (v for k, v in pairs if isinstance(k, ast.Constant) and k.value == "trust_remote_code"), None
                )
            value = source.value(given)
            if isinstance(value, ast.Constant) and bool(value.value):
                message = (
                    "trust_remote_code runs code of the model's repository; remove it and use a class of the library"
                )
                yield Fault(message, given.lineno if given else None, source.path)


def removed_pipeline(view: View) -> Iterator[Fault]:
    """No task that pipeline() has lost."""
    for source in view.sources:
        for call in source.calls:
            if source.name(call.func) in ("transformers.pipeline", "transformers.pipelines.pipeline"):
                task = source.text(argument(call, "task", 0)) or ""
                known = "translation" if task.startswith("translation_") else task
                if known in REMOVED_TASKS:
                    level: LevelName | None = "warning" if known == "image-to-text" else None
                    message = f"pipeline has no task {task} in transformers 5; load {REMOVED_TASKS[known]} instead"
                    yield Fault(message, call.lineno, source.path, level)


def dtype(view: View) -> Iterator[Fault]:
    """The argument for the number format is `dtype`."""
    for source in view.sources:
        for call in source.calls:
            given = keyword(call, "torch_dtype")
            if given is not None:
                yield Fault("torch_dtype is deprecated; write dtype=", given.lineno, source.path)


RULES = (
    Rule(
        "app-model-id",
        model_id,
        why="a Space that runs another model shows nothing about this one",
        mend="give MODEL_ID, or the folder in MODEL_PATH, to the loader of the model's library",
    ),
    Rule(
        "app-no-placeholder",
        no_placeholder,
        why="a made-up answer looks like a working model",
        mend="return what the loaded model gives, and raise gr.Error when it cannot answer",
    ),
    Rule(
        "app-model-at-import",
        at_import,
        level="warning",
        why="a model that is loaded inside a call makes every call on ZeroGPU as slow as the first",
        mend="load the model at the top of the file",
    ),
    Rule(
        "app-revision",
        revision,
        level="warning",
        why="a repository can change after the card was read, and the Space with it",
        mend="add revision=REVISION with the commit of the card",
    ),
    Rule(
        "app-remote-code",
        remote_code,
        why="the repository's code can do whatever the app can do",
        mend="remove trust_remote_code; a model that needs it is reported as such",
    ),
    Rule(
        "app-removed-pipeline",
        removed_pipeline,
        why="transformers 5 raises KeyError for these tasks when the app starts",
        mend="use AutoTokenizer or AutoProcessor with the Auto class of the task",
    ),
    Rule(
        "app-dtype",
        dtype,
        level="warning",
        why="transformers 5 and diffusers warn about torch_dtype and will drop it",
        mend="write dtype=",
    ),
)
