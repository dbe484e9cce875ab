"""Independent readers: each looks at one part of the material and yields claims."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from spacefactory.schema.profile import Claim
from spacefactory_model_card.material import Material
from spacefactory_model_card.readers import (
    blocking,
    code,
    configs,
    files,
    front_matter,
    gating,
    names,
    prose,
    shell,
    sizes,
    widgets,
)

Reader = Callable[[Material], Iterator[Claim]]
READERS: tuple[Reader, ...] = (
    front_matter.read,
    widgets.read,
    gating.read,
    configs.read,
    files.read,
    code.read,
    shell.read,
    prose.read,
    names.read,
    sizes.read,
    blocking.read,
)
