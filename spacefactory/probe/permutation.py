"""In how many ways answers could have been dealt out to calls (a permutation test)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations

ALIKE = 1e-9
"""Sums of distances that are closer than this are equal."""


@dataclass(frozen=True)
class Dealt:
    """In how many ways the answers could have been dealt out, and in how many they would be as alike as they were."""

    ways: int
    alike: int

    @property
    def chance(self) -> float:
        """Share of the ways that are as good as what happened."""
        return self.alike / self.ways


def deal(grouped: Sequence[Sequence[int]], apart: Callable[[int, int], float]) -> Dealt:
    """Count the ways to deal answers out to groups, and those in which the groups are at least as close."""
    everything = sorted(at for one in grouped for at in one)
    table = {pair: apart(*pair) for pair in combinations(everything, 2)}

    @cache
    def spread(one: tuple[int, ...]) -> float:
        pairs = list(combinations(one, 2))
        return sum(table[pair] for pair in pairs) / len(pairs) if pairs else 0.0

    happened = sum(spread(tuple(sorted(one))) for one in grouped)
    ways = [sum(map(spread, way)) for way in _ways(tuple(everything), [len(one) for one in grouped])]
    return Dealt(len(ways), sum(one <= happened + ALIKE for one in ways))


def _ways(left: tuple[int, ...], sizes: Sequence[int]) -> Iterator[list[tuple[int, ...]]]:
    if not sizes:
        yield []
        return
    for chosen in combinations(left, sizes[0]):
        rest = tuple(one for one in left if one not in chosen)
        for others in _ways(rest, sizes[1:]):
            yield [chosen, *others]
