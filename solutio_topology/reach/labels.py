"""Label selectors over many sets of labels at once: an index from labels to bits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from solutio_topology.manifests.facts import Operator, Requirement, Selector

SOME_VALUE = "\0"
"""Before what the value of a label begins with, where no more is known of it: no text of a manifest is equal to it."""


def matches(selector: Selector, labels: Mapping[str, str]) -> bool:
    """Whether one set of labels satisfies a selector. An absent key satisfies NotIn and DoesNotExist."""
    return all(_holds(requirement, labels) for requirement in selector.requirements)


def _holds(requirement: Requirement, labels: Mapping[str, str]) -> bool:
    present = requirement.key in labels
    match requirement.operator:
        case Operator.IN:
            return present and labels[requirement.key] in requirement.values
        case Operator.NOT_IN:
            return not present or labels[requirement.key] not in requirement.values
        case Operator.EXISTS:
            return present
        case Operator.DOES_NOT_EXIST:
            return not present


class LabelIndex:
    """Finds which of many sets of labels a selector matches, as bits in the order given.

    Where it matters which of its possible values a label has, `select` leaves the set out, and with `widest` it does
    not.
    """

    def __init__(self, sets: Iterable[Mapping[str, str]]) -> None:
        self._present: dict[str, int] = {}
        self._equal: dict[tuple[str, str], int] = {}
        self._some: dict[str, list[tuple[str, int]]] = {}
        self._cache: dict[tuple[Selector, bool], int] = {}
        count = 0
        for number, labels in enumerate(sets):
            count = number + 1
            for key, value in labels.items():
                self._present[key] = self._present.get(key, 0) | 1 << number
                self._equal[key, value] = self._equal.get((key, value), 0) | 1 << number
                if value.startswith(SOME_VALUE):
                    self._some.setdefault(key, []).append((value[1:], 1 << number))
        self._all = (1 << count) - 1

    def select(self, selector: Selector, *, widest: bool = False) -> int:
        """The bits of the sets that the selector surely matches, or at most (`widest`)."""
        found = self._cache.get((selector, widest))
        if found is None:
            found = self._all
            for requirement in selector.requirements:
                found &= self._requirement(requirement, widest=widest)
            self._cache[selector, widest] = found
        return found

    def is_sure(self, selector: Selector) -> bool:
        """Whether it is known of every set whether the selector matches it."""
        return not self._some or not any(self._open(requirement) for requirement in selector.requirements)

    def _requirement(self, requirement: Requirement, *, widest: bool) -> int:
        found, some = self._holding(requirement), self._open(requirement)
        return found | some if widest else found & ~some

    def _open(self, requirement: Requirement) -> int:
        """The sets of which it is not known whether they meet a requirement."""
        found = 0
        if requirement.operator in (Operator.EXISTS, Operator.DOES_NOT_EXIST):
            return found
        for start, bit in self._some.get(requirement.key, ()):
            if any(value.startswith(start) for value in requirement.values):
                found |= bit
        return found

    def _holding(self, requirement: Requirement) -> int:
        if requirement.operator in (Operator.EXISTS, Operator.DOES_NOT_EXIST):
            found = self._present.get(requirement.key, 0)
        else:
            found = 0
            for value in requirement.values:
                found |= self._equal.get((requirement.key, value), 0)
        negative = requirement.operator in (Operator.NOT_IN, Operator.DOES_NOT_EXIST)
        return self._all & ~found if negative else found
