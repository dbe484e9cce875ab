"""In how many ways answers could have been dealt out to calls (a permutation test)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from math import factorial, prod

ALIKE = 1e-9
"""Sums of distances that are closer than this are equal."""
MOST = 7_000
"""Ways that are all counted; of more, so many are drawn."""
DRAWN = 20_000


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
    sizes = [len(one) for one in grouped]
    if _number_of_ways(sizes) > MOST:
        return _draw(grouped, table)
    ways = [sum(map(spread, way)) for way in _ways(tuple(everything), sizes)]
    return Dealt(len(ways), sum(one <= happened + ALIKE for one in ways))


def _number_of_ways(sizes: Sequence[int]) -> int:
    return factorial(sum(sizes)) // prod(map(factorial, sizes))


def _draw(grouped: Sequence[Sequence[int]], table: Mapping[tuple[int, int], float]) -> Dealt:
    """The same from ways that are drawn at random, always the same ones; what happened is one of them."""
    import numpy as np  # a command that calls nothing must not wait for it

    order = {at: place for place, at in enumerate(sorted({at for pair in table for at in pair}))}
    apart = np.zeros((len(order), len(order)))
    for (one, two), value in table.items():
        apart[order[one], order[two]] = apart[order[two], order[one]] = value
    happened = np.array([[order[at] for one in grouped for at in one]])
    drawn = np.random.default_rng(0).permuted(np.tile(happened, (DRAWN, 1)), axis=1)
    sums, start = np.zeros(DRAWN + 1), 0
    ways = np.concatenate([happened, drawn])
    for size in map(len, grouped):
        dealt = ways[:, start : start + size]
        sums += apart[dealt[:, :, None], dealt[:, None, :]].sum((1, 2)) / max(1, size * (size - 1))
        start += size
    return Dealt(DRAWN + 1, int((sums <= sums[0] + ALIKE).sum()))


def _ways(left: tuple[int, ...], sizes: Sequence[int]) -> Iterator[list[tuple[int, ...]]]:
    if not sizes:
        yield []
        return
    for chosen in combinations(left, sizes[0]):
        rest = tuple(one for one in left if one not in chosen)
        for others in _ways(rest, sizes[1:]):
            yield [chosen, *others]
