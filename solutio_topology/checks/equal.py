"""Findings about one member of a class of equal tenant pods, told for each member."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from msgspec.structs import replace

from solutio_topology.findings import Finding, Location, Related

if TYPE_CHECKING:
    from solutio_topology.manifests.tokens import Names


def for_all(findings: Iterable[Finding], names: Names, stands_for: Mapping[str, tuple[str, ...]]) -> Iterator[Finding]:
    """The findings, and those that the members of a class that were not judged have like its first member.

    What concerns two members holds between any two of the class: it is told once, and says so.
    """
    for found in findings:
        pods = _speaks_of(found, names)
        heads = sorted(pods & stands_for.keys())
        if not heads or not names.mentioned(f"{found.subject}\n{found.location.file}"):
            # About nobody of a class, or about all together (a tier's pools): there it stands as an example.
            yield found
        elif len(pods) > 1:
            yield _between(found, heads, stands_for)
        else:
            yield found
            for member in stands_for[heads[0]]:
                yield _renamed(found, names, heads[0], member)


def _speaks_of(found: Finding, names: Names) -> frozenset[str]:
    texts = [found.message, found.subject, found.location.file]
    texts += [text for each in found.related for text in (each.message, each.location.file)]
    return names.mentioned("\n".join(texts))


def _between(found: Finding, heads: list[str], stands_for: Mapping[str, tuple[str, ...]]) -> Finding:
    told = "; ".join(f"{len(stands_for[head])} more tenant pods are equal to {head}" for head in heads)
    return replace(found, related=(*found.related, Related(Location(""), f"{told}, and it holds for each of them")))


def _renamed(found: Finding, names: Names, old: str, new: str) -> Finding:
    def own(text: str) -> str:
        return names.renamed(text, old, new)

    def place(at: Location) -> Location:
        return replace(at, file=own(at.file))

    return replace(
        found,
        message=own(found.message),
        remedy=own(found.remedy),
        subject=own(found.subject),
        excerpt=own(found.excerpt),
        location=place(found.location),
        related=tuple(Related(place(each.location), own(each.message)) for each in found.related),
    )
