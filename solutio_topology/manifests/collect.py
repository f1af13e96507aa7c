"""Where the readers of the single kinds put what they find."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from solutio_topology.manifests.cursor import Cursor
from solutio_topology.manifests.facts import (
    Assumption,
    Build,
    Document,
    EndpointSlice,
    Facts,
    Gateway,
    Ingress,
    IngressClass,
    Key,
    KeyedObject,
    Labels,
    Object,
    Policy,
    ReferenceGrant,
    Route,
    Service,
    Unreadable,
    Workload,
)

if TYPE_CHECKING:
    from solutio_topology.manifests.helm.charts import Charts

NAME_LABEL = "kubernetes.io/metadata.name"


class Collector(Struct, dict=True):
    """Facts in the making."""

    documents: list[Document] = field(default_factory=list)
    objects: list[Object] = field(default_factory=list)
    namespaces: dict[str, Labels] = field(default_factory=dict)
    workloads: list[Workload] = field(default_factory=list)
    services: list[Service] = field(default_factory=list)
    endpoint_slices: list[EndpointSlice] = field(default_factory=list)
    ingresses: list[Ingress] = field(default_factory=list)
    ingress_classes: list[IngressClass] = field(default_factory=list)
    gateways: list[Gateway] = field(default_factory=list)
    routes: list[Route] = field(default_factory=list)
    reference_grants: list[ReferenceGrant] = field(default_factory=list)
    policies: list[Policy] = field(default_factory=list)
    keyed: list[KeyedObject] = field(default_factory=list)
    builds: list[Build] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    undecided: list[Unreadable] = field(default_factory=list)
    made: list[Object] = field(default_factory=list)
    unexpanded: list[Unreadable] = field(default_factory=list)
    charts: Charts | None = None
    """Charts at hand, which HelmReleases are expanded from."""
    assumption: Assumption | None = None
    """What everything collected now rests on: set while a model speaks for a controller."""
    maker: str = ""
    """Whose doing it is, while a model speaks for a controller."""
    standing: set[Key] = field(default_factory=set)
    """Objects that stand in the manifests, and `running` the workloads: nobody speaks for them."""
    running: set[Key] = field(default_factory=set)
    identity: Labels = field(default_factory=dict)
    """Labels of the object that a model speaks for, carried onto what it makes."""

    def mention(self, namespace: str) -> None:
        """A namespace that something stands in has at least its name as a label."""
        self.namespaces.setdefault(namespace, {NAME_LABEL: namespace})

    def declare(self, name: str, labels: Labels) -> None:
        """A namespace that a manifest declares. The label of its name is the API server's to write."""
        self.namespaces[name] = {**labels, NAME_LABEL: name}

    @contextmanager
    def speaking_for(self, source: Object, assumption: Assumption | None) -> Iterator[None]:
        """What is collected meanwhile is made of `source`, and rests on `assumption`."""
        self.assumption, self.maker, self.identity = assumption, str(source.key), source.labels
        yield
        self.assumption, self.maker, self.identity = None, "", {}

    def find(self, key: Key) -> Cursor | None:
        """The first object of a key among those that stand in the manifests."""
        found = next((each for each in self.objects if each.key == key), None)
        return Cursor(found.body, found.place, self.unreadable) if found else None

    @cached_property
    def apis(self) -> tuple[str, ...]:
        """The API versions and kinds of all objects: the cluster has them, or it refuses the manifests."""
        versions = {(f"{each.key.group}/{each.version}", each.key.kind) for each in self.objects if each.key.group}
        return tuple(sorted({version for version, _ in versions} | {"/".join(each) for each in versions}))

    def facts(self) -> Facts:
        """What was found, in the order of the documents."""
        values: dict[str, Any] = {
            name: tuple(getattr(self, name)) for name in Facts.__struct_fields__ if name != "namespaces"
        }
        # One wrong value can be met several times on the way to what stands below it.
        values |= {name: tuple(dict.fromkeys(values[name])) for name in ("unreadable", "undecided")}
        return Facts(namespaces=dict(sorted(self.namespaces.items())), **values)
