"""Label selectors over many sets of labels at once: an index from labels to bits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from solutio_topology.manifests.facts import Operator, Requirement, Selector


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
    """Finds which of many sets of labels a selector matches, as bits in the order given."""

    def __init__(self, sets: Iterable[Mapping[str, str]]) -> None:
        self._present: dict[str, int] = {}
        self._equal: dict[tuple[str, str], int] = {}
        self._cache: dict[Selector, int] = {}
        count = 0
        for number, labels in enumerate(sets):
            count = number + 1
            for key, value in labels.items():
                self._present[key] = self._present.get(key, 0) | 1 << number
                self._equal[key, value] = self._equal.get((key, value), 0) | 1 << number
        self._all = (1 << count) - 1

    def select(self, selector: Selector) -> int:
        """The bits of the sets that the selector matches."""
        found = self._cache.get(selector)
        if found is None:
            found = self._all
            for requirement in selector.requirements:
                found &= self._requirement(requirement)
            self._cache[selector] = found
        return found

    def _requirement(self, requirement: Requirement) -> int:
        if requirement.operator in (Operator.EXISTS, Operator.DOES_NOT_EXIST):
            found = self._present.get(requirement.key, 0)
        else:
            found = 0
            for value in requirement.values:
                found |= self._equal.get((requirement.key, value), 0)
        negative = requirement.operator in (Operator.NOT_IN, Operator.DOES_NOT_EXIST)
        return self._all & ~found if negative else found
