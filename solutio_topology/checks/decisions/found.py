"""All decisions of a topology, and all that was found of them: one pass over each side, for every rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from solutio_topology.checks.decisions.model import COMPONENT, TITLE, Alternative, Held, Member, Part
from solutio_topology.checks.decisions.resolve import held
from solutio_topology.checks.decisions.uses import Found, in_manifests, in_topology

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence, Intent
    from solutio_topology.graph.model import Node
    from solutio_topology.spec.decisions import Recognition

TOPOLOGY, MANIFESTS = "decisions in the topology", "decisions in the manifests"


class Owner(NamedTuple):
    """Whose marks they are: of an alternative, or of a member of a part of the choice."""

    decision: str
    alternative: str | None
    part: int = 0
    member: int = 0


class Decided(Struct, frozen=True, dict=True):
    """The decisions of a topology."""

    held: tuple[Held, ...]

    @property
    def in_force(self) -> tuple[Held, ...]:
        """Those that hold."""
        return tuple(each for each in self.held if each.in_force)

    @cached_property
    def by_key(self) -> dict[str, Held]:
        """The decisions by their keys."""
        return {each.key: each for each in self.held}

    def alternative(self, owner: Owner) -> Alternative:
        """The alternative that an owner is."""
        return next(each for each in self.by_key[owner.decision].alternatives if each.name == owner.alternative)

    def member(self, owner: Owner) -> Member:
        """The member of a choice that an owner is."""
        return self.by_key[owner.decision].parts[owner.part].members[owner.member]

    def owners(self) -> Iterator[tuple[Owner, Recognition]]:
        """Everything that could be found, with its marks."""
        for each in self.held:
            for alternative in each.alternatives:
                yield from ((Owner(each.key, alternative.name), marks) for marks in alternative.marks)
            for number, part in enumerate(each.parts):
                for index, member in enumerate(part.members):
                    yield Owner(each.key, None, number, index), member.marks

    def in_topology(self, intent: Intent) -> tuple[Found[Owner], ...]:
        """What the topology shows of them."""
        if TOPOLOGY not in intent.memo:
            intent.memo[TOPOLOGY] = tuple(in_topology(intent.graph.topology, self.owners()))
        found: tuple[Found[Owner], ...] = intent.memo[TOPOLOGY]
        return found

    def in_manifests(self, evidence: Evidence) -> tuple[Found[Owner], ...]:
        """What the manifests show of them."""
        if MANIFESTS not in evidence.memo:
            evidence.memo[MANIFESTS] = tuple(in_manifests(evidence, self.owners()) if self.held else ())
        found: tuple[Found[Owner], ...] = evidence.memo[MANIFESTS]
        return found


def decided(intent: Intent) -> Decided:
    """The decisions of the topology at hand, resolved once."""
    if "decisions" not in intent.memo:
        intent.memo["decisions"] = Decided(held(intent.graph.topology.decisions))
    found: Decided = intent.memo["decisions"]
    return found


def of_part(found: Iterable[Found[Owner]], key: str, number: int) -> list[Found[Owner]]:
    """What was found of one part of a choice."""
    return [each for each in found if each.owner.alternative is None and each.owner[::2] == (key, number)]


_IS_IT = frozenset({COMPONENT, "image", "chart", "extension", "preload"})


def realizing(intent: Intent, part: Part, found: Iterable[Found[Owner]]) -> list[Node]:
    """The services, per tenant pod, that realize a part: instances of its components, and what the topology says."""
    nodes = [node for pod in intent.graph.pods for node in pod.nodes.values()]
    shown = {str(each.trace.pointer[1]) for each in found if _is_it(each)}
    titled = {str(each.trace.pointer[1]) for each in found if each.trace.kind == TITLE}
    certain = [node for node in nodes if node.component_name in part.components or node.ref.service in shown]
    # A title may name what a service only serves: it counts where nothing else shows the thing itself.
    return certain or [node for node in nodes if node.ref.service in titled]


def _is_it(found: Found[Owner]) -> bool:
    """Whether a service that shows something is the thing itself, and not only a client of it."""
    steps = found.trace.pointer
    return steps[0] == "services" and (found.trace.kind in _IS_IT or steps[2:3] == ("hosts",))


def strongest(found: Iterable[Found[Owner]]) -> dict[tuple[str, Owner], list[Found[Owner]]]:
    """What was found by (subject, owner), the surest kind first, no piece twice."""
    grouped: dict[tuple[str, Owner], dict[tuple[str, str], Found[Owner]]] = {}
    for each in found:
        pieces = grouped.setdefault((each.subject, each.owner), {})
        pieces.setdefault((each.trace.kind, each.trace.value), each)
    return {key: sorted(pieces.values(), key=lambda each: each.rank) for key, pieces in grouped.items()}
