"""The ports at which the outside can knock: load balancers, node ports, Gateways, host ports, host network."""

from __future__ import annotations

from collections.abc import Iterator

from solutio_topology.manifests.facts import Facts, Gateway, Key, Labels, Service, ServicePort, Workload
from solutio_topology.reach.model import WorkloadNode
from solutio_topology.reach.routing import ServiceMap, service_targets, serving_ports
from solutio_topology.reach.wiring import Entry, Target

_RANGES = "service.beta.kubernetes.io/load-balancer-source-ranges"
_DO_RULES = "service.beta.kubernetes.io/do-loadbalancer-allow-rules"
_DO_NETWORK = "service.beta.kubernetes.io/do-loadbalancer-network"


def entrypoints(facts: Facts) -> list[Entry]:
    """Every entry: Services first, then Gateways, then pods on the node's network, in their order."""
    services = ServiceMap(facts)
    external = _external_ips(facts)
    found = [entry for each in facts.services for entry in _of_service(services, each, external)]
    found += [entry for each in facts.gateways for entry in _of_gateway(each)]
    for index, workload in enumerate(facts.workloads):
        found += _of_workload(WorkloadNode(index, workload.key), workload)
    return found


def _of_service(services: ServiceMap, service: Service, external: dict[Key, bool]) -> Iterator[Entry]:
    kinds = [service.type] if service.type in ("LoadBalancer", "NodePort") else []
    kinds += ["externalIP"] if external.get(service.key) else []
    for kind in kinds:
        for port in service.ports:
            yield _service_entry(services, service, port, kind)


def _service_entry(services: ServiceMap, service: Service, port: ServicePort, kind: str) -> Entry:
    found = service_targets(services, service, port.name or port.number)
    balanced = kind == "LoadBalancer"
    return Entry(
        kind,
        str(service.key),
        service,
        port.number,
        port.protocol,
        port.node_port,
        _ranges(service.source_ranges, service.annotations) if balanced else (),
        found.targets,
        port.place,
        found.problems,
        internal=balanced and _is_internal(service.annotations),
    )


def _ranges(declared: tuple[str, ...], annotations: Labels) -> tuple[str, ...]:
    """The source ranges of a load balancer: the field wins over the annotations."""
    if declared:
        return declared
    plain = [each.strip() for each in annotations.get(_RANGES, "").split(",") if each.strip()]
    if plain:
        return tuple(plain)
    rules = [each.strip() for each in annotations.get(_DO_RULES, "").split(",") if each.strip()]
    return tuple(_cidr(rule) for rule in rules)


def _cidr(rule: str) -> str:
    """``ip:1.2.3.4`` or ``cidr:2.3.0.0/16``."""
    kind, _, value = rule.partition(":")
    if kind == "ip":
        return f"{value}/128" if ":" in value else f"{value}/32"
    return value if kind == "cidr" else rule


def _is_internal(annotations: Labels) -> bool:
    return annotations.get(_DO_NETWORK, "").upper() == "INTERNAL"


def _external_ips(facts: Facts) -> dict[Key, bool]:
    found = {}
    for each in facts.everything():
        spec = each.body.get("spec") if each.key.kind == "Service" else None
        if isinstance(spec, dict) and spec.get("externalIPs"):
            found[each.key] = True
    return found


def _of_gateway(gateway: Gateway) -> Iterator[Entry]:
    """A Gateway gets a load balancer of its own; its annotations are the infrastructure's."""
    annotations = {**gateway.annotations, **gateway.infrastructure_annotations}
    for listener in gateway.listeners:
        yield Entry(
            "Gateway",
            f"{gateway.key} listener {listener.name}",
            None,
            listener.port,
            "UDP" if listener.protocol == "UDP" else "TCP",
            0,
            _ranges((), annotations),
            (),
            listener.place,
            internal=_is_internal(annotations),
        )


def _of_workload(node: WorkloadNode, workload: Workload) -> Iterator[Entry]:
    for port in serving_ports(workload):
        number = port.number if workload.host_network else port.host_port
        if number:
            yield Entry(
                "hostNetwork" if workload.host_network else "hostPort",
                str(workload.key),
                None,
                number,
                port.protocol,
                number,
                (),
                (Target(node, port.number, port.protocol, port.name, port.place, workload.assumed),),
                port.place,
            )
