"""Rings: in which order a release reaches the tenant pods, and what differs in each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solutio_topology.spec.plain import ring_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from solutio_topology.spec.service import ServiceOverride
    from solutio_topology.spec.tenancy import TenantPod
    from solutio_topology.spec.topology import Topology


def rings(topology: Topology) -> tuple[str, ...]:
    """The rings in their order; none where the topology declares none."""
    return ring_names(topology.rings)


def ring_of(topology: Topology, tenant: TenantPod) -> str | None:
    """The ring of a tenant pod: the last one where it names none, None where there are none."""
    return tenant.ring or next(reversed(rings(topology)), None)


def ring_services(topology: Topology, ring: str | None) -> Mapping[str, ServiceOverride]:
    """What differs in the tenant pods of a ring, by service."""
    if isinstance(topology.rings, list) or ring not in topology.rings:
        return {}
    return topology.rings[ring].services
