"""Figures, each beside what it is compared with, measured in one run. `python -m benchmarks` prints all of them."""
