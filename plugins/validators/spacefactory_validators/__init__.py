"""The shipped judges of outputs: image, audio, text, video and json."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from spacefactory.hookspecs import hookimpl

if TYPE_CHECKING:
    from spacefactory.providers import OutputValidator


@hookimpl
def spacefactory_validators() -> Iterable[OutputValidator]:
    """Offer one validator per kind of output; the decoders are imported when the first output is inspected."""
    from spacefactory_validators.audio import AudioValidator
    from spacefactory_validators.image import ImageValidator
    from spacefactory_validators.json_output import JsonValidator
    from spacefactory_validators.text import TextValidator
    from spacefactory_validators.video import VideoValidator

    return (ImageValidator(), AudioValidator(), TextValidator(), VideoValidator(), JsonValidator())
