"""`python -m spacefactory` is the command `spacefactory`."""

from __future__ import annotations

import sys

from spacefactory.cli import main

if __name__ == "__main__":
    sys.exit(main())
