"""From a name to pods: cluster DNS and Services, as a cluster resolves and maps them."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from functools import cached_property

from solutio_topology.manifests.facts import (
    ContainerPort,
    EndpointSlice,
    Facts,
    Key,
    Labels,
    Place,
    Service,
    ServicePort,
    Workload,
)
from solutio_topology.reach.classes import pod_labels
from solutio_topology.reach.model import WorkloadNode
from solutio_topology.reach.suggest import Suggestions
from solutio_topology.reach.wiring import AddressTarget, Problem, Resolution, Target, Targets

CLUSTER_DOMAIN = "cluster.local"
_POD_NAME = "statefulset.kubernetes.io/pod-name"
_NAME = re.compile(r"[a-z0-9_*]([-a-z0-9_*]*[a-z0-9])?(\.[a-z0-9_]([-a-z0-9_]*[a-z0-9])?)*")
_MOST_ALIASES = 8


class ServiceMap:
    """The Services, pods and endpoint slices of some facts, indexed. Build it once for many questions."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self._services = {(each.key.namespace, each.key.name): each for each in facts.services}
        self._pods: dict[str, list[WorkloadNode]] = {}
        for index, workload in enumerate(facts.workloads):
            self._pods.setdefault(workload.key.namespace, []).append(WorkloadNode(index, workload.key))
        self._slices: dict[tuple[str, str], list[EndpointSlice]] = {}
        for each in facts.endpoint_slices:
            self._slices.setdefault((each.key.namespace, each.service), []).append(each)
        self._selected: dict[Key, list[WorkloadNode]] = {}
        self.namespaces = facts.namespaces.keys() | {namespace for namespace, _ in self._services}

    def find(self, namespace: str, name: str) -> Service | None:
        """The Service of a name."""
        return self._services.get((namespace, name))

    @cached_property
    def suggestions(self) -> Suggestions:
        """What was probably meant by the name of a Service that does not exist."""
        return Suggestions(self._services)

    def slices(self, service: Service) -> list[EndpointSlice]:
        """The endpoint slices of a Service."""
        return self._slices.get((service.key.namespace, service.key.name), [])

    def selected(self, service: Service) -> list[WorkloadNode]:
        """The workloads whose pods a Service selects; none without a selector."""
        if service.key not in self._selected:
            wanted = service.selector or {}
            candidates = self._pods.get(service.key.namespace, []) if wanted else []
            self._selected[service.key] = [node for node in candidates if _selects(wanted, self.workload(node))]
        return self._selected[service.key]

    def workload(self, node: WorkloadNode) -> Workload:
        """The workload of a node."""
        return self.facts.workloads[node.index]

    def selecting(self, node: WorkloadNode) -> list[Service]:
        """The Services that select a workload."""
        return [each for each in self.facts.services if node in self.selected(each)]


def _selects(wanted: Labels, workload: Workload) -> bool:
    """Whether a Service's selector matches some pods of a workload; one may be meant by its own name."""
    labels = pod_labels(workload)
    if _POD_NAME in wanted and workload.key.kind == "StatefulSet" and _is_pod_of(wanted[_POD_NAME], workload):
        labels = labels | {_POD_NAME: wanted[_POD_NAME]}
    return wanted.items() <= labels.items()


def _is_pod_of(name: str, workload: Workload) -> bool:
    """Whether a StatefulSet has a pod of this name."""
    owner, _, ordinal = name.rpartition("-")
    return owner == workload.key.name and ordinal.isdecimal() and int(ordinal) < max(workload.replicas, 1)


def _map(facts: Facts | ServiceMap) -> ServiceMap:
    return facts if isinstance(facts, ServiceMap) else ServiceMap(facts)


def resolve_host(facts: Facts | ServiceMap, namespace: str, host: str, client: Workload | None = None) -> Resolution:
    """What a host name or address means to a pod of a namespace, as cluster DNS answers (search path included).

    With `client`, the workload that asks, its DNS policy counts: a hostNetwork pod asks the node's DNS unless it
    says ``ClusterFirstWithHostNet``, and that knows no Services.
    """
    services = _map(facts)
    name = host.lower().rstrip(".")
    if _is_address(name):
        return Resolution(host, address=name.strip("[]"))
    if not _NAME.fullmatch(name):
        return Resolution(host, reason=f"{host!r} is no DNS name")
    found = _resolve(services, namespace, host, name, _MOST_ALIASES)
    policy = _other_dns(client) if client else ""
    if not policy or client is None or (found.fqdn and found.place is None):
        return found
    reason = f"{client.key} has dnsPolicy {policy}, so it does not ask the cluster's DNS"
    return Resolution(host, reason=reason, place=client.pod_place)


def _other_dns(client: Workload) -> str:
    """The DNS policy of a workload that does not ask cluster DNS, else empty."""
    policy = str(client.pod_spec.get("dnsPolicy") or "ClusterFirst")
    if policy == "ClusterFirst":
        return "ClusterFirst with hostNetwork" if client.host_network else ""
    return "" if policy == "ClusterFirstWithHostNet" else policy


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return False
    return True


def _resolve(services: ServiceMap, namespace: str, host: str, name: str, depth: int) -> Resolution:
    for full in _candidates(name, namespace):
        found = _lookup(services, host, full, depth)
        if found is not None:
            return found
    return _unknown(services, namespace, host, name)


def _candidates(name: str, namespace: str) -> Iterator[str]:
    """The names under ``svc.cluster.local`` that the search path makes of a name, in its order."""
    for suffix in (f".{namespace}.svc.{CLUSTER_DOMAIN}", f".svc.{CLUSTER_DOMAIN}", f".{CLUSTER_DOMAIN}", ""):
        full = name + suffix
        if full.endswith(f".svc.{CLUSTER_DOMAIN}"):
            yield full.removesuffix(f".svc.{CLUSTER_DOMAIN}")


def _lookup(services: ServiceMap, host: str, full: str, depth: int) -> Resolution | None:
    """The answer for ``service.namespace`` or ``pod.service.namespace``."""
    labels = full.split(".")
    if len(labels) == 2:
        service = services.find(labels[1], labels[0])
        return _service(services, host, service, depth) if service else None
    if len(labels) == 3:
        service = services.find(labels[2], labels[1])
        if service and service.headless:
            pods = tuple(each for each in services.selected(service) if _has_name(services, each, labels))
            return Resolution(host, workloads=pods, place=service.place) if pods else None
    return None


def _service(services: ServiceMap, host: str, service: Service, depth: int) -> Resolution:
    if not service.external_name:
        return Resolution(host, service=service, place=service.place)
    if depth == 0:
        return Resolution(host, reason="ExternalName Services point at each other", place=service.place)
    alias = service.external_name.lower().rstrip(".")
    found = _resolve(services, service.key.namespace, host, alias, depth - 1)
    if found.fqdn or found.reason:
        return Resolution(host, fqdn=found.fqdn, reason=found.reason, place=service.place)
    return found


def _has_name(services: ServiceMap, node: WorkloadNode, labels: list[str]) -> bool:
    """Whether cluster DNS gives a pod of this workload the name ``pod.service``."""
    workload = services.workload(node)
    pod, service = labels[0], labels[1]
    if workload.key.kind != "StatefulSet":
        spec = workload.pod_spec
        return spec.get("subdomain") == service and pod in (spec.get("hostname"), workload.key.name)
    return _is_pod_of(pod, workload) and _governing(services.facts, workload.key) in ("", service)


def _governing(facts: Facts, key: Key) -> str:
    """A StatefulSet's ``serviceName``; empty for one that only a controller makes."""
    for each in facts.everything():
        if each.key == key:
            spec = each.body.get("spec")
            return str(spec.get("serviceName", "")) if isinstance(spec, dict) else ""
    return ""


def _unknown(services: ServiceMap, namespace: str, host: str, name: str) -> Resolution:
    """A name that no Service has: one of the cluster that is missing, or one of the world outside."""
    labels = name.removesuffix(f".{CLUSTER_DOMAIN}").removesuffix(".svc").split(".")
    inside = name.endswith((".svc", f".{CLUSTER_DOMAIN}"))
    if len(labels) == 1:
        return Resolution(host, reason=services.suggestions.missing(namespace, labels[0]))
    if inside or labels[-1] in services.namespaces:
        service = services.find(labels[-1], labels[-2])
        if service and len(labels) > 2:
            reason = f"no pod of {service.key} has the name {labels[0]}"
            return Resolution(host, reason=reason, place=service.place)
        return Resolution(host, reason=services.suggestions.missing(labels[-1], labels[-2]))
    return Resolution(host, fqdn=name)


def service_targets(
    facts: Facts | ServiceMap, service: Service, service_port: int | str, *, by_endpoints: bool = False
) -> Targets:
    """Where a port (number or name) of a Service leads.

    `by_endpoints`: for a client that reads the endpoints itself, as ingress controllers do. Others connect to the
    Service; a headless one does not map ports, so they arrive on the very number that they dial.
    """
    services = _map(facts)
    number = service_port if isinstance(service_port, int) else 0
    if service.external_name:
        return _external(service, number)
    ports = [each for each in service.ports if service_port in (each.number, each.name)]
    if not ports:
        return Targets(service, number, (), problems=(_no_port(service, service_port),))
    found = [_of_port(services, service, port, by_endpoints=by_endpoints) for port in ports]
    return Targets(
        service,
        ports[0].number,
        tuple(target for each in found for target in each.targets),
        tuple(address for each in found for address in each.addresses),
        tuple(dict.fromkeys(problem for each in found for problem in each.problems)),
    )


def _of_port(services: ServiceMap, service: Service, port: ServicePort, *, by_endpoints: bool) -> Targets:
    """One number may be two ports: TCP and UDP."""
    if not service.selector:
        return _from_slices(services, service, port)
    return _from_pods(services, service, port, by_endpoints=by_endpoints)


def _external(service: Service, number: int) -> Targets:
    address = AddressTarget(service.external_name, number, "TCP", service.place)
    return Targets(service, number, (), (address,))


def _no_port(service: Service, wanted: int | str) -> Problem:
    named = f"named {wanted}" if isinstance(wanted, str) else str(wanted)
    has = ", ".join(f"{port.number}{f' ({port.name})' if port.name else ''}" for port in service.ports)
    hint = ""
    if any(wanted == port.target for port in service.ports):
        hint = f"; {wanted} is its targetPort, which only the Service itself uses"
    places = tuple(port.place for port in service.ports)
    return Problem(
        "service-port-missing",
        f"{service.key} has no port {named}; it has {has or 'none'}{hint}",
        service.place,
        related=places,
    )


def _from_slices(services: ServiceMap, service: Service, port: ServicePort) -> Targets:
    addresses = tuple(
        AddressTarget(address, number, protocol, each.place)
        for each in services.slices(service)
        for name, number, protocol in each.ports
        if name == port.name and protocol == port.protocol
        for address in each.addresses
    )
    if addresses:
        return Targets(service, port.number, (), addresses)
    problem = Problem(
        "no-endpoints",
        f"{service.key} has no selector, and no EndpointSlice gives its port {port.number} an address",
        service.place,
    )
    return Targets(service, port.number, (), problems=(problem,))


def _from_pods(services: ServiceMap, service: Service, port: ServicePort, *, by_endpoints: bool) -> Targets:
    selected = services.selected(service)
    if not selected:
        said = ", ".join(f"{key}={value}" for key, value in sorted((service.selector or {}).items()))
        problem = Problem("selects-nothing", f"{service.key} selects {said}, and no pod has that", service.place)
        return Targets(service, port.number, (), problems=(problem,))
    targets: list[Target] = []
    problems: list[Problem] = []
    for node in selected:
        found, faults = _on_pod(services, service, port, node)
        targets += found
        problems += faults
    if service.headless and not by_endpoints:
        targets, faults = _unmapped(service, port, targets)
        problems += faults
    if targets:
        problems = [_softened(problem) for problem in problems]
    problems += _remarks(services, service, port, selected, targets)
    return Targets(service, port.number, tuple(targets), problems=tuple(problems))


def _softened(problem: Problem) -> Problem:
    """A pod without the port is left out of the endpoints; others still serve."""
    soft = problem.kind == "target-port-missing"
    return Problem(problem.kind, problem.statement, problem.place, problem.fatal and not soft, problem.related)


def _on_pod(
    services: ServiceMap, service: Service, port: ServicePort, node: WorkloadNode
) -> tuple[list[Target], list[Problem]]:
    """The targets on the pods of one workload."""
    workload = services.workload(node)
    declared = list(serving_ports(workload))
    if isinstance(port.target, int):
        match = [each for each in declared if (each.number, each.protocol) == (port.target, port.protocol)]
        if match:
            return [_target(workload, node, match[0])], []
        problem = Problem(
            "port-undeclared",
            f"{service.key} sends port {port.number} to {port.target}/{port.protocol}, "
            f"which no container of {workload.key} declares",
            port.place,
            fatal=False,
            related=(workload.pod_place,),
        )
        bare = Target(node, port.target, port.protocol, assumed=workload.assumed)
        return [bare], [problem]
    match = [each for each in declared if (each.name, each.protocol) == (port.target, port.protocol)]
    if match:
        return [_target(workload, node, match[0])], []
    names = ", ".join(sorted(f"{each.name} ({each.protocol})" for each in declared if each.name)) or "none"
    problem = Problem(
        "target-port-missing",
        f"{service.key} port {port.number} leads to the {port.protocol} port named {port.target}; "
        f"{workload.key} names: {names}",
        port.place,
        related=(workload.pod_place,),
    )
    return [], [problem]


def _target(workload: Workload, node: WorkloadNode, port: ContainerPort) -> Target:
    return Target(node, port.number, port.protocol, port.name, port.place, workload.assumed)


def serving_ports(workload: Workload) -> Iterator[ContainerPort]:
    """The declared ports of the containers, and sidecars, that run while the pod serves."""
    for container in workload.containers:
        if not container.init or container.body.get("restartPolicy") == "Always":
            yield from container.ports


def _unmapped(service: Service, port: ServicePort, targets: list[Target]) -> tuple[list[Target], list[Problem]]:
    """A headless Service is only a name: clients arrive on the number that they dial."""
    wrong = [target for target in targets if target.port != port.number]
    if not wrong:
        return targets, []
    numbers = ", ".join(str(number) for number in sorted({target.port for target in wrong}))
    problem = Problem(
        "headless-port",
        f"{service.key} is headless and maps no ports: clients of port {port.number} arrive on "
        f"{port.number}, and the pods serve {numbers}",
        port.place,
        related=tuple(target.place for target in wrong if target.place),
    )
    dialled = [
        target
        if target.port == port.number
        else Target(target.workload, port.number, port.protocol, assumed=target.assumed)
        for target in targets
    ]
    return dialled, [problem]


def _remarks(
    services: ServiceMap,
    service: Service,
    port: ServicePort,
    selected: list[WorkloadNode],
    targets: list[Target],
) -> Iterator[Problem]:
    """What is worth knowing and does not keep packets from arriving."""
    numbers = sorted({target.port for target in targets})
    if len(numbers) > 1:
        said = ", ".join(f"{each.port} on {each.workload}" for each in targets)
        statement = f"{service.key} port {port.number} is not one number on all pods: {said}"
        yield _remark("ports-differ", statement, port.place)
    owners = list(dict.fromkeys(str(node.key) for node in selected))
    if len(owners) > 1:
        places = tuple(services.workload(node).place for node in selected)
        statement = f"{service.key} selects pods of several owners: {', '.join(owners)}"
        yield _remark("selects-several", statement, service.place, places)
    for node in selected:
        workload = services.workload(node)
        if workload.host_network:
            statement = f"{service.key} leads to {workload.key}, whose pods have the node's network"
            yield _remark("host-network", statement, service.place, (workload.pod_place,))
        if workload.replicas == 0:
            statement = f"{service.key} leads to {workload.key}, which has no replicas"
            yield _remark("no-replicas", statement, service.place, (workload.place,))


def _remark(kind: str, statement: str, place: Place, related: tuple[Place, ...] = ()) -> Problem:
    return Problem(kind, statement, place, fatal=False, related=related)
