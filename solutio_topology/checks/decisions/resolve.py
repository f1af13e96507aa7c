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
    # A component of one's own is what the whole choice runs as: known ones say which part they are.
    extra = [name for name in own.components if name not in named]
    yield from (Part(tuple(_member(mention, extra) for mention in group)) for group in found)
    if any_marks(own.model_copy(update={"components": []}) if found else own):
        yield Part((Member(decision.chosen, own),))


def _own_marks(decision: Decision) -> Recognition:
    given = decision.recognise or Recognition()
    names = list(dict.fromkeys([*decision.components, *given.components]))
    return with_providers(given.model_copy(update={"components": names}))


def _member(mention: Mention, extra: list[str]) -> Member:
    technology = technologies()[mention.key]
    marks = titled(technology)
    if extra:
        marks = marks.model_copy(update={"components": [*marks.components, *extra]})
    return Member(technology.title, marks, technology, mention.version)


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
    known = [each for each in technologies().values() if set(each.providers) & set(marks.providers)]
    added = {
        field: [*getattr(marks, field), *(mark for each in known for mark in getattr(each, field))]
        for field in FIELDS.values()
    }
    return marks.model_copy(update=added) if known else marks
