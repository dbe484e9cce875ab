"""For plugin authors and for our own tests: what a test needs, tiny models, fixtures and contracts.

- `needs("torch")` skips a test for what the machine lacks;
- `models` makes tiny models that load offline;
- `fixtures` are known to pytest as soon as spacefactory is installed;
- `contracts` holds one class per kind of provider: subclass it, name your provider, and its promises are checked.
"""

from spacefactory.testing.require import absent, needs

__all__ = ["absent", "needs"]
