"""Which mutants are tried: all of them, or some of each operator, always the same ones for one seed."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Iterator

from tools.mutation.operator import Mutant, Operator
from tools.mutation.tree import SOURCES, load


def every(operator: Operator) -> list[Mutant]:
    """All mutants of an operator, over all trees."""
    return [mutant for name in SOURCES for mutant in operator.mutants(load(name))]


def chosen(operators: Iterable[Operator], size: int | None, seed: int) -> list[Mutant]:
    """At most `size` mutants of each operator, in the order of the trees."""
    found: list[Mutant] = []
    for operator in operators:
        mutants = every(operator)
        if size is not None and len(mutants) > size:
            drawn = random.Random(f"{seed} {operator.name}").sample(range(len(mutants)), size)
            mutants = [mutants[index] for index in sorted(drawn)]
        found += mutants
    return found


def blocks(mutants: Iterable[Mutant], size: int) -> Iterator[list[Mutant]]:
    """The mutants in runs of one operator, none longer than `size`."""
    for _, run in itertools.groupby(mutants, key=lambda each: each.operator):
        found = list(run)
        yield from (found[start : start + size] for start in range(0, len(found), size))
