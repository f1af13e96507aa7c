"""A service of one tenant pod: what the component knows, what the topology declares, what overrides change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solutio_topology.graph.model import Node
from solutio_topology.graph.ref import Ref
from solutio_topology.graph.rings import ring_of, ring_services
from solutio_topology.spec.merge import merge_service
from solutio_topology.spec.workload import Port, Resources, Storage

if TYPE_CHECKING:
    from collections.abc import Callable

    from solutio_topology.spec.component import Component
    from solutio_topology.spec.service import Service, ServiceOverride
    from solutio_topology.spec.tenancy import TenantPod
    from solutio_topology.spec.topology import Environment, Topology


def expand_node(
    topology: Topology,
    environment: Environment,
    ref: Ref,
    tenant: TenantPod,
    lookup: Callable[[str], Component],
) -> Node:
    """The service `ref`, merged: component, then declaration, then environment, then ring, then tenant pod."""
    declared = topology.services[ref.service]
    component = lookup(declared.component)
    service = merge_service(declared, *_overrides(topology, environment, tenant, ref.service), image=component.image)
    placement = service.placement or component.placement
    layer = topology.layers.get(service.layer)
    own_namespace = layer is not None and layer.namespace == "own" and placement == "cluster"
    return Node(
        ref=ref,
        title=service.title or ref.service,
        component_name=service.component,
        component=component,
        service=service,
        placement=placement,
        layer=service.layer,
        namespace_layer=service.layer if own_namespace and component.kind != "chart" else None,
        ports=_ports(service, component),
        primary=_primary(service, component),
        env={**component.env, **service.env},
        replicas=1 if service.replicas is None else service.replicas,
        resources=_resources(topology, service, component),
        probes=service.probes or component.probes,
        user=service.user or component.user,
        writable=tuple(dict.fromkeys([*component.writable, *service.writable])),
        volumes={**component.volumes, **service.volumes},
        storage=_storage(service, component),
        settings={**component.settings, **service.settings},
        processes=service.processes,
        pool=_pool(topology, tenant, ref, service),
    )


def _overrides(topology: Topology, environment: Environment, tenant: TenantPod, key: str) -> list[ServiceOverride]:
    ring = ring_services(topology, ring_of(topology, tenant))
    found = (environment.services.get(key), ring.get(key), tenant.services.get(key))
    return [override for override in found if override is not None]


def _ports(service: Service, component: Component) -> dict[str, Port]:
    own = {name: Port(port=port) if isinstance(port, int) else port for name, port in service.ports.items()}
    return {**component.ports, **own}


def _primary(service: Service, component: Component) -> str | None:
    if component.primary:
        return component.primary
    return next(iter([*component.ports, *service.ports]), None)


def _resources(topology: Topology, service: Service, component: Component) -> Resources | None:
    if service.resources:
        return service.resources
    if service.size:
        return topology.sizes[service.size]
    return component.resources


def _storage(service: Service, component: Component) -> Storage | None:
    if isinstance(service.storage, str):
        known = component.storage or Storage(size=service.storage)
        return known.model_copy(update={"size": service.storage})
    if service.storage and component.storage:
        return component.storage.model_copy(
            update={name: getattr(service.storage, name) for name in service.storage.model_fields_set}
        )
    return service.storage or component.storage


def _pool(topology: Topology, tenant: TenantPod, ref: Ref, service: Service) -> str | None:
    """A dedicated tenant pod with a pool of its own runs on that pool, whatever the service names."""
    return ref.pod if topology.tiers[tenant.tier].pool else service.pool
