"""Tenant pods: adding one, and listing them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from solutio_topology.errors import SolutioError
from solutio_topology.report.pod_list import PodRow
from solutio_topology.spec.edit import names_at
from solutio_topology.workflows.editing import Change, edited, open_draft, plan, require
from solutio_topology.workflows.project import Project, expand_environment
from solutio_topology.yamlio.edit import Append, Edit, Put

if TYPE_CHECKING:
    from solutio_topology.graph.model import EnvironmentGraph, PodGraph
    from solutio_topology.workflows.editing import Draft


def add_pod(
    given: Path | None,
    name: str,
    *,
    tier: str,
    orgs: Sequence[str] = (),
    domain: str = "",
    ring: str = "",
    environments: Sequence[str] = (),
    file: Path | None = None,
) -> Change:
    """What a new tenant pod makes of the topology; it serves the organization of its name unless `orgs` are given.

    `file` is where it shall stand: one that the topology includes, or would include once it is there.
    Raises SolutioError for a name that is taken, and for whatever would make the topology contradict itself.
    """
    draft = open_draft(given)
    data = draft.data
    _check_new(draft, data, name, tier)
    if ring:
        require("ring", ring, names_at(data, "rings"))
    for each in environments:
        require("environment", each, draft.project.topology.environments)
    body = {"tier": tier, "ring": ring, "orgs": list(orgs) or [name], "domain": domain}
    put = Put(("pods", name), {key: value for key, value in body.items() if value})
    if file is not None:
        file = draft.path.parent / os.path.relpath(file, draft.path.parent)
    created = {} if file is None else {file: _placed(draft, file, put)}
    edits: list[Edit] = [] if file is not None else [put]
    listed = [key for key, each in draft.project.topology.environments.items() if each.pods is not None]
    edits += [Append(("environments", each, "pods"), name) for each in environments if each in listed]
    absent = [each for each in listed if each not in environments]
    change = plan(draft, edits, created=created)
    if name not in change.after.project.topology.pods:
        told = f"the topology does not include {file}, and is left as it is"
        raise SolutioError(told, remedy="name the file's folder in the topology first: include: [pods/*.yaml]")
    return replace(change, notes=tuple(_absences(name, absent)))


def _placed(draft: Draft, file: Path, put: Put) -> bytes:
    """A file of tenant pods with one more in it."""
    from solutio_topology.spec.load import read_bytes
    from solutio_topology.yamlio.style import entry

    if file in draft.files or file.exists():
        return edited(file, draft.files.get(file) or read_bytes(file), put)
    return "\n".join(["pods:", *entry(str(put.pointer[-1]), put.value, "  ", block=True), ""]).encode()


def _check_new(draft: Draft, data: dict[str, Any], name: str, tier: str) -> None:
    if name in names_at(data, "pods"):
        place = draft.project.source.locate(("pods", name), key=True)
        raise SolutioError(f"there is a tenant pod {name!r} already: {place}", remedy="choose another name")
    require("tier", tier, draft.project.topology.tiers)
    found = draft.project.topology.tiers[tier]
    if found.tenancy == "dedicated" and not found.dedicates:
        place = draft.project.source.locate(f"tiers.{tier}")
        raise SolutioError(
            f"tier {tier} is dedicated, and dedicates nothing ({place}): the customer would get no isolation",
            remedy=f"name services in tiers.{tier}.dedicates first",
        )


def _absences(name: str, environments: Sequence[str]) -> Iterator[str]:
    for each in environments:
        yield f"environment {each} lists its tenant pods, and {name} is not among them; to add it there: --env {each}"


def consequences(project: Project, name: str) -> tuple[str, ...]:
    """What a tenant pod brings in each environment, one line each."""
    graphs = (expand_environment(project, each) for each in project.topology.environments)
    return tuple(
        f"{graph.name}: {'; '.join(_brings(graph, pod))}" for graph in graphs for pod in graph.pods if pod.pod == name
    )


def _brings(graph: EnvironmentGraph, pod: PodGraph) -> Iterator[str]:
    from solutio_topology.render.names import namespaces

    spaces = list(namespaces(graph, pod).values())
    yield f"namespace{'s' if len(spaces) > 1 else ''} {', '.join(spaces)}"
    hosts = hosts_of(pod)
    if hosts:
        yield f"host{'s' if len(hosts) > 1 else ''} {', '.join(hosts)}"
    if pod.tier.pool:
        yield f"node pool {pod.pod} ({pod.tier.pool.nodes} × {pod.tier.pool.size}), at the provider"


def hosts_of(pod: PodGraph) -> tuple[str, ...]:
    """The public hosts that lead to a tenant pod's own services."""
    return tuple(dict.fromkeys(link.host for link in pod.links if link.host and link.server.pod == pod.pod))


def list_pods(project: Project, environments: tuple[str, ...]) -> tuple[PodRow, ...]:
    """The tenant pods of the environments, in the order of the topology; those of none too when all are asked for."""
    graphs = [expand_environment(project, each) for each in environments]
    bills = {graph.name: _bill(graph) for graph in graphs}
    everyone = set(environments) == set(project.topology.environments)
    found = {graph.name: {pod.pod: pod for pod in graph.pods} for graph in graphs}
    rows = (_row(project, found, bills, name) for name in project.topology.pods)
    return tuple(row for row in rows if row.versions or everyone)


def _row(
    project: Project, found: dict[str, dict[str, PodGraph]], bills: dict[str, dict[str, str]], name: str
) -> PodRow:
    from solutio_topology.graph.rings import ring_of

    tenant = project.topology.pods[name]
    mine = {each: pods[name] for each, pods in found.items() if name in pods}
    return PodRow(
        name=name,
        tier=tenant.tier,
        tenancy=project.topology.tiers[tenant.tier].tenancy,
        ring=ring_of(project.topology, tenant),
        orgs=tuple(tenant.orgs),
        domain=tenant.domain,
        versions={key: versions_of(pod) for key, pod in mine.items()},
        hosts={key: hosts_of(pod) for key, pod in mine.items()},
        costs={key: bills[key][name] for key in mine if name in bills[key]},
        currency=project.topology.costs.currency,
    )


def _bill(graph: EnvironmentGraph) -> dict[str, str]:
    """What each tenant pod of an environment costs a month; nothing where the bill lacks a price."""
    from solutio_topology.cost.estimate import estimate_of

    found = estimate_of(graph)
    return {} if found.faults else {pod.pod: f"{pod.total:.2f}" for pod in found.totals.pods}


def versions_of(pod: PodGraph) -> dict[str, str]:
    """The versions of a tenant pod's own images: those that services name, not what components bring."""
    images = {key: node.service.image for key, node in pod.nodes.items() if node.in_cluster and node.service.image}
    return {key: image.tag or str(image.digest) for key, image in images.items()}
