"""Tiny models for every task: made in seconds, a few hundred kB each, loaded offline by the ordinary calls.

    folder = make("text-to-image", Path("models/tiny-sd"))

Some have random weights, some were trained for a second and know something that their card states, and some have
weights set by hand, so that what they say, draw and film is no noise. torch, transformers and diffusers are imported
when a model is made.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterator
from pathlib import Path

from spacefactory.testing.models import audio, clouds, diffusion, graphs, language, text, vision, voice
from spacefactory.testing.models.base import TinyModel, library, seed, write_card

TASKS: dict[str, TinyModel] = {
    model.name: model
    for group in (text, language, vision, audio, voice, diffusion, clouds, graphs)
    for model in group.MODELS
}
"""Every tiny model by name; most names are pipeline tags of the Hub."""


def make(name: str, folder: Path) -> Path:
    """Make a tiny model in `folder`, which is created; returns the folder.

    Raises:
        KeyError: there is no tiny model of that name.
        FileExistsError: the folder exists and holds something.
    """
    model = TASKS[name]
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty")
    with _own_randomness(model), _quiet():
        described = model.build(folder)
    write_card(folder, model, described)
    return folder


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep progress bars and deprecations of libraries away from the caller; errors still rise."""
    with contextlib.redirect_stderr(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def _own_randomness(model: TinyModel) -> Iterator[None]:
    """Random numbers that depend on the model alone, sums in one order, and the caller's state as it was."""
    if "torch" not in model.needs:
        yield
        return
    torch = library("torch")
    threads = torch.get_num_threads()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed(model.name))
        torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(threads)


__all__ = ["TASKS", "TinyModel", "make"]
