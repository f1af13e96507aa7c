"""From what people write into decisions to marks: names that are known, and what the decisions add to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from solutio_topology.catalog.technologies import Mention, groups, mentions, technologies
from solutio_topology.checks.decisions.model import FIELDS, Alternative, Held, Member, Part, any_marks
from solutio_topology.spec.decisions import Recognition

if TYPE_CHECKING:
    from solutio_topology.catalog.technologies import Technology
    from solutio_topology.spec.decisions import Decision, Rejected


def held(decisions: Mapping[str, Decision]) -> tuple[Held, ...]:
    """Every decision, resolved, in the order of the file."""
    return tuple(_resolve(key, decision) for key, decision in decisions.items())


def _resolve(key: str, decision: Decision) -> Held:
    parts = tuple(_parts(decision))
    chosen = {id(member.technology) for part in parts for member in part.members if member.technology}
    found = decision.alternatives().items()
    return Held(key, decision, parts, tuple(_alternative(key, name, each, chosen) for name, each in found))


def _parts(decision: Decision) -> Iterator[Part]:
    own = _own_marks(decision)
    known = decision.recognise is None or decision.recognise.known
    found = list(groups(decision.chosen)) if known else []
    named = {name for group in found for mention in group for name in technologies()[mention.key].components}
    # What the decision adds is of the whole choice; components that are known say themselves which part they are.
    added = own.model_copy(update={"components": [name for name in own.components if name not in named]})
    yield from (Part(tuple(_member(mention, added) for mention in group)) for group in found)
    if not found and any_marks(own):
        yield Part((Member(decision.chosen, own),))


def _own_marks(decision: Decision) -> Recognition:
    given = decision.recognise or Recognition()
    names = list(dict.fromkeys([*decision.components, *given.components]))
    return with_providers(given.model_copy(update={"components": names}))


def _member(mention: Mention, added: Recognition) -> Member:
    technology = technologies()[mention.key]
    return Member(technology.title, joined(titled(technology), added), technology, mention.version)


def _alternative(decision: str, name: str, rejected: Rejected, chosen: set[int]) -> Alternative:
    """The first technology that its name mentions is meant, unless that is what was chosen: then it is a variant."""
    own, marks, technology = rejected.recognise, [], None
    if own is None or own.known:
        known = [technologies()[mention.key] for mention in mentions(name)]
        technology = next((each for each in known if id(each) not in chosen), None)
        marks += [titled(technology)] if technology else []
    if own is not None:
        marks.append(with_providers(own))
    return Alternative(decision, name, rejected, tuple(each for each in marks if any_marks(each)), technology)


def titled(technology: Technology) -> Recognition:
    """Its marks; where nothing else is said, its names give it away in titles."""
    return technology.model_copy(update={"titles": technology.titles or technology.names})


def with_providers(marks: Recognition) -> Recognition:
    """The marks, and those of every provider that they name."""
    return joined(marks, *(each for each in technologies().values() if set(each.providers) & set(marks.providers)))


def joined(first: Recognition, *others: Recognition) -> Recognition:
    """The first with the marks of all."""
    fields = FIELDS.values()
    return first.model_copy(
        update={
            name: list(dict.fromkeys(mark for each in (first, *others) for mark in getattr(each, name)))
            for name in fields
        }
    )
