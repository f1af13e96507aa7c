"""Where marks are found: in the topology, and in the manifests, which are read without asking who wrote them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from msgspec import Struct

from solutio_topology.checks.decisions.match import Finder
from solutio_topology.checks.decisions.model import COMPONENT, FIELDS, PROVIDER, TITLE
from solutio_topology.identity import SERVICE
from solutio_topology.manifests.traces import KEY, Trace, Traces, traces

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence
    from solutio_topology.manifests.facts import Object
    from solutio_topology.spec.decisions import Recognition
    from solutio_topology.spec.topology import Topology

T = TypeVar("T")
_ORDER = {kind: index for index, kind in enumerate(FIELDS)}
_PARTS = ("platform", "components", "services", "edges", "pods", "environments")
"""What of a topology decides what runs."""
_PROSE = frozenset({"title", "reason", "sources", "note", "layers", "orgs"})
_WORDS = {
    COMPONENT: "component",
    PROVIDER: "provider",
    "image": "image",
    "chart": "Helm chart",
    "extension": "extension",
    "preload": "preloaded library",
    "host": "host",
    "key": "key",
    "scheme": "address of scheme",
    "package": "command",
    "variable": "variable",
    "port": "port",
    TITLE: "title",
}


class Use(Struct, frozen=True):
    """One piece of a topology: what it says, where, and what people call the thing that says it."""

    subject: str
    services: frozenset[str]
    trace: Trace


class Found(Struct, Generic[T], frozen=True):
    """A mark of `owner` that was found. Of commands the mark is told and not the word: words may be secret."""

    owner: T
    mark: str
    trace: Trace
    subject: str
    services: frozenset[str]
    source: Object | None = None
    """The manifest's object; None in the topology."""

    @property
    def said(self) -> str:
        """``image docker.io/library/mongo``."""
        value = self.mark if self.trace.kind in {"package", TITLE} else self.trace.value
        return f"{_WORDS[self.trace.kind]} {value}"

    @property
    def rank(self) -> int:
        """0 for the surest kind."""
        return _ORDER[self.trace.kind]


def in_topology(topology: Topology, owners: Iterable[tuple[T, Recognition]]) -> Iterator[Found[T]]:
    """Everything in a topology that gives one of the owners away."""
    finder = Finder(owners)
    for use in uses(topology):
        for owner, mark in finder.find(use.trace.kind, use.trace.value).items():
            yield Found(owner, mark, use.trace, use.subject, use.services)


def uses(topology: Topology) -> Iterator[Use]:
    """Every piece of a topology that could give something away."""
    data = topology.model_dump(mode="json", by_alias=True, exclude_unset=True, include=set(_PARTS))
    provider = Trace(PROVIDER, topology.platform.orchestrator, ("platform", "orchestrator"))
    yield Use("platform", frozenset(), provider)
    for key, service in topology.services.items():
        at = ("services", key)
        yield Use(f"service {key}", frozenset({key}), Trace(COMPONENT, service.component, (*at, "component")))
        if service.title:
            yield Use(f"service {key}", frozenset({key}), Trace(TITLE, service.title, (*at, "title")))
    for part in _PARTS:
        for trace in traces(_without_prose(data.get(part)), (part,)):
            subject, services = _speaker(trace.pointer, topology)
            yield Use(subject, services, trace)


def _without_prose(value: Any) -> Any:
    """The tree without the texts that people write for people."""
    if isinstance(value, dict):
        return {key: _without_prose(inner) for key, inner in value.items() if key not in _PROSE}
    return [_without_prose(inner) for inner in value] if isinstance(value, list) else value


def _speaker(pointer: tuple[str | int, ...], topology: Topology) -> tuple[str, frozenset[str]]:
    """What people call the part of the topology that holds a pointer, and the services that it speaks of."""
    steps = [str(step) for step in pointer]
    if steps[0] in {"pods", "environments"} and len(steps) > 3:
        steps = steps[2:]
    name = steps[1] if len(steps) > 1 else ""
    if steps[0] == "services":
        return f"service {name}", frozenset({name})
    if steps[0] == "edges" and name in topology.edges:
        edge = topology.edges[name]
        return f"edge {name}", frozenset({edge.source, edge.to})
    if steps[0] == "components":
        users = (key for key, service in topology.services.items() if service.component == name)
        return f"component {name}", frozenset(users)
    return steps[0], frozenset()


def in_manifests(evidence: Evidence, owners: Iterable[tuple[T, Recognition]]) -> Iterator[Found[T]]:
    """Everything in manifests that gives one of the owners away, object by object."""
    finder = Finder(owners)
    of_object = _reader(finder)
    for source in evidence.facts.objects:
        for trace in of_object(source):
            for owner, mark in finder.find(trace.kind, trace.value).items():
                services = frozenset(filter(None, [service_of(evidence, source)]))
                yield Found(owner, mark, trace, str(source.key), services, source)


_SECRETS = frozenset({"Secret", "SealedSecret"})
_VALUES = frozenset({"data", "stringData", "encryptedData"})


def object_traces(source: Object) -> Iterator[Trace]:
    """What an object leaves behind. Definitions of kinds only describe what others may write."""
    yield Trace(KEY, source.key.group, ("apiVersion",))
    if source.key.kind != "CustomResourceDefinition":
        yield from traces(source.body, opaque=_VALUES if source.key.kind in _SECRETS else frozenset())


def _reader(finder: Finder[T]) -> Callable[[Object], Iterator[Trace]]:
    """As `object_traces`, of those traces that give somebody away."""

    def wanted(trace: Trace) -> bool:
        return bool(finder.find(trace.kind, trace.value))

    plain, closed = Traces(wanted), Traces(wanted, _VALUES)

    def read(source: Object) -> Iterator[Trace]:
        yield Trace(KEY, source.key.group, ("apiVersion",))
        if source.key.kind != "CustomResourceDefinition":
            yield from (closed if source.key.kind in _SECRETS else plain).of(source.body)

    return read


def service_of(evidence: Evidence, source: Object) -> str | None:
    """The service that an object says it belongs to, or that the topology maps it to."""
    mapped = evidence.mapping.get(source.key)
    return mapped[1] if mapped else source.labels.get(SERVICE)
