"""HTML of the parts of a page. Every template escapes whatever it is given, so text of strangers stays text."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from spacefactory.ui import words

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("spacefactory.ui"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters = ("line", "name", "brief", "count", "seconds", "money", "title", "tone")
    made.filters |= {name: getattr(words, name) for name in filters}
    made.filters |= {"web": web_address, "path": lambda text: quote(str(text), safe="/")}
    return made


def html(template: str, /, **facts: Any) -> str:
    """A template with its facts in place."""
    return _environment().get_template(f"{template}.html.j2").render(facts)


def web_address(text: object) -> str:
    """An address that a link may lead to; `#` for everything that is no plain web address."""
    try:
        parts = urlsplit(str(text))
    except ValueError:
        return "#"
    return str(text) if parts.scheme in ("http", "https") and parts.hostname else "#"
