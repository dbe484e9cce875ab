"""The orchestrator as a Space."""

from spacefactory.ui.serve import main

main()
