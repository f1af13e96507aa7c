"""From a workload to what one of its pods asks of a node."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from solutio_topology.cost.capacity import requests
from solutio_topology.cost.capacity.model import HostPort, NodeTerm, PodTerm, Shape, Spread, Toleration
from solutio_topology.manifests.cursor import Cursor
from solutio_topology.manifests.facts import Operator, Requirement, Selector
from solutio_topology.manifests.selectors import selector
from solutio_topology.reach.labels import matches

if TYPE_CHECKING:
    from solutio_topology.manifests.facts import Facts, Labels, Object, Workload

_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"


def shape(workload: Workload, source: Object | None, facts: Facts) -> Shape:
    """What a pod of the workload asks of its node. `source` is the object itself, where it stands in the manifests."""
    # What is malformed is noted when the manifests are read.
    pod = Cursor(workload.pod_spec, workload.pod_place, [])
    affinity = pod.get("affinity")
    return Shape(
        request=requests.requested(pod, _volumes(pod, source)),
        namespace=workload.key.namespace,
        labels=tuple(sorted(workload.labels.items())),
        node_labels=tuple(NodeTerm(key, "In", (value,)) for key, value in sorted(pod.labels("nodeSelector").items())),
        node_terms=tuple(_node_terms(affinity.get("nodeAffinity", _REQUIRED))),
        node_name=pod.text("nodeName"),
        tolerations=tuple(_toleration(each) for each in pod.items("tolerations")),
        host_ports=frozenset(_host_ports(pod)),
        apart=tuple(_apart(affinity.get("podAntiAffinity"), workload.key.namespace, facts.namespaces)),
        spread=tuple(_spread(pod)),
        extended=requests.extended(pod),
        unmodelled=("required pod affinity",) if list(affinity.get("podAffinity").items(_REQUIRED)) else (),
    )


def _volumes(pod: Cursor, source: Object | None) -> int:
    """Block volumes that a pod attaches: claims, those of its own, and the claim templates of a StatefulSet."""
    claims = {each.get("persistentVolumeClaim").text("claimName") for each in pod.items("volumes")} - {""}
    own = sum(bool(each.get("ephemeral")) for each in pod.items("volumes"))
    templates = Cursor(source.body, source.place, []).get("spec") if source else None
    made = list(templates.items("volumeClaimTemplates")) if templates and source.key.kind == "StatefulSet" else []  # type: ignore[union-attr]
    return len(claims) + own + len(made)


def _node_terms(required: Cursor) -> Iterator[tuple[NodeTerm, ...]]:
    for term in required.items("nodeSelectorTerms"):
        labels = [_node_term(each) for each in term.items("matchExpressions")]
        fields = [_node_term(each)._replace(is_field=True) for each in term.items("matchFields")]
        # A term without requirements matches no node.
        yield (*labels, *fields) or (NodeTerm("", "Never"),)


def _node_term(at: Cursor) -> NodeTerm:
    return NodeTerm(at.text("key"), at.text("operator"), at.texts("values"))


def _toleration(at: Cursor) -> Toleration:
    return Toleration(at.text("key"), at.text("operator", "Equal"), at.text("value"), at.text("effect"))


def _host_ports(pod: Cursor) -> Iterator[HostPort]:
    """Ports of the node: host ports, and with the node's network every declared port."""
    on_node = pod.flag("hostNetwork")
    sidecars = [each for each in pod.items("initContainers") if requests.is_sidecar(each)]
    for container in [*pod.items("containers"), *sidecars]:
        for port in container.items("ports"):
            number = port.number("hostPort") or (port.number("containerPort") if on_node else 0)
            if number:
                address = port.text("hostIP")
                yield HostPort(port.text("protocol", "TCP"), number, "" if address == "0.0.0.0" else address)


def _apart(affinity: Cursor, own: str, namespaces: dict[str, Labels]) -> Iterator[PodTerm]:
    for term in affinity.items(_REQUIRED):
        yield PodTerm(_selected(term.get("labelSelector")), _spaces(term, own, namespaces), term.text("topologyKey"))


def _selected(at: Cursor) -> Selector:
    """A pod selector of affinity; a missing one selects nothing."""
    return selector(at) if at else Selector((Requirement("", Operator.EXISTS),))


def _spaces(term: Cursor, own: str, namespaces: dict[str, Labels]) -> frozenset[str] | None:
    named, selected = term.texts("namespaces"), term.get("namespaceSelector")
    if not selected:
        return frozenset(named) or frozenset({own})
    wanted = selector(selected)
    if not wanted.requirements:
        return None
    return frozenset(named) | {name for name, labels in namespaces.items() if matches(wanted, labels)}


def _spread(pod: Cursor) -> Iterator[Spread]:
    for each in pod.items("topologySpreadConstraints"):
        if each.text("whenUnsatisfiable", "DoNotSchedule") == "DoNotSchedule":
            yield Spread(
                selector=_selected(each.get("labelSelector")),
                topology_key=each.text("topologyKey"),
                max_skew=max(1, each.number("maxSkew", 1)),
                min_domains=each.number("minDomains", 1),
                honors_affinity=each.text("nodeAffinityPolicy", "Honor") == "Honor",
                honors_taints=each.text("nodeTaintsPolicy", "Ignore") == "Honor",
            )
