"""Removing a tenant pod: what goes with it, what stays behind, and who still needs it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from solutio_topology.errors import SolutioError
from solutio_topology.identity import TENANT_POD
from solutio_topology.report.plan import Plan, Step
from solutio_topology.spec.edit import names_at
from solutio_topology.workflows.editing import Change, open_draft, plan, require
from solutio_topology.workflows.pods import hosts_of
from solutio_topology.workflows.project import expand_environment
from solutio_topology.yamlio.edit import Edit, Remove

if TYPE_CHECKING:
    from solutio_topology.graph.model import EnvironmentGraph, PodGraph
    from solutio_topology.workflows.editing import Draft

MAX_NAMED = 6
Body = dict[str, Any]


class Removal(Struct, frozen=True):
    """The edit, and what it means for the clusters."""

    change: Change
    plan: Plan
    environments: tuple[str, ...]


def remove_pod(given: Path | None, name: str) -> Removal:
    """What the removal of a tenant pod makes of the topology and of the clusters.

    Raises SolutioError where others depend on it, or where an environment would be left without any.
    """
    draft = open_draft(given)
    require("tenant pod", name, names_at(draft.data, "pods"))
    graphs = {each: expand_environment(draft.project, each) for each in draft.project.topology.environments}
    mine = {each: graph for each, graph in graphs.items() if any(pod.pod == name for pod in graph.pods)}
    for graph in mine.values():
        _refuse_needed(graph, name)
    change = plan(draft, _edits(draft, name))
    steps = tuple(step for graph in mine.values() for step in _steps(graph, name))
    orgs = draft.project.topology.pods[name].orgs
    served = (Step("Served by nobody afterwards", (", ".join(orgs),)),) if orgs else ()
    return Removal(change, Plan(f"Removing tenant pod {name}", (*served, *steps), numbered=False), tuple(mine))


def _refuse_needed(graph: EnvironmentGraph, name: str) -> None:
    others = [pod.pod for pod in graph.pods if pod.pod != name]
    if not others:
        raise SolutioError(
            f"{name} is the only tenant pod of environment {graph.name}",
            remedy="add another one first: solutio pod add",
        )
    uses: dict[str, dict[str, None]] = {}
    for link in graph.links:
        if link.owner != name:
            for end in (link.client, link.server):
                if end.pod == name:
                    uses.setdefault(link.owner, {})[end.service] = None
    if uses:
        pod, services = next(iter(uses.items()))
        named = ", ".join(list(services)[:MAX_NAMED]) + (" …" if len(services) > MAX_NAMED else "")
        more = f" (and {len(uses) - 1} more tenant pods use it)" if len(uses) > 1 else ""
        raise SolutioError(
            f"{graph.name}: {pod} uses {named} of {name}{more}",
            remedy="remove those tenant pods first, or dedicate to them what they use",
        )


def _edits(draft: Draft, name: str) -> list[Edit]:
    """What was accepted about a tenant pod alone, its place in the lists of environments, and last itself."""
    found: list[Edit] = []
    topology = draft.project.topology
    environments = topology.environments
    for key, environment in environments.items():
        if name in (environment.pods or ()):
            found.append(Remove(("environments", key, "pods", (environment.pods or []).index(name))))
    pools = {f"pool {name} of {each}" for each in environments if topology.tiers[topology.pods[name].tier].pool}
    about = [at for at, entry in enumerate(topology.ignore) if _is_about(entry.subject, name, pools)]
    return [*found, *(Remove(("ignore", at)) for at in reversed(about)), Remove(("pods", name))]


def _is_about(subject: str, name: str, pools: Collection[str]) -> bool:
    """Whether what was accepted is about this tenant pod alone, or about one of its own pools."""
    if subject.startswith("pool "):
        return subject in pools
    return subject == f"tenant pod {name}" or subject.endswith((f" of {name}", f" of tenant pod {name}"))


def _steps(graph: EnvironmentGraph, name: str) -> Iterator[Step]:
    pod = next(each for each in graph.pods if each.pod == name)
    gone = list(_objects(graph, pod))
    kept = [body for body in gone if _is_kept(body)]
    pruned = [body for body in gone if not _is_kept(body)]
    yield Step(f"{graph.name}: Flux deletes", tuple(_counted(pruned)))
    stays = (*_kept(kept), *_claims(pruned), *_backups(graph, pod))
    yield Step(f"{graph.name}: stays, until somebody deletes it by hand", stays or ("nothing",))
    yield Step(f"{graph.name}: outside the cluster, by hand", tuple(_outside(graph, pod, kept)))


def _objects(graph: EnvironmentGraph, pod: PodGraph) -> Iterator[Body]:
    """The objects that are there for a tenant pod alone, without rendering the others."""
    from solutio_topology.render import flux, platform, sops
    from solutio_topology.render.stages import SECRETS, stages

    found = stages(graph, pod)
    named = [*([SECRETS] if sops.tenant_copies(graph, pod, found) else []), *found]
    yield from flux.pod_sources(graph, pod.pod)
    yield from flux.pod_kustomizations(graph, pod.pod, named)
    for placed in (platform.tenant(graph, pod), *platform.controllers(graph), *platform.configs(graph)):
        yield from (body for body in placed.objects if _owner(body) == pod.pod)
    for group in found.values():
        yield from (body for placed in group for body in placed.objects)


def _owner(body: Body) -> str | None:
    labels = body["metadata"].get("labels") or {}
    return labels.get(TENANT_POD)


def _is_kept(body: Body) -> bool:
    return (body["metadata"].get("annotations") or {}).get("kustomize.toolkit.fluxcd.io/prune") == "disabled"


def _name(body: Body) -> str:
    space = body["metadata"].get("namespace")
    return f"{body['kind']} {space + '/' if space else ''}{body['metadata']['name']}"


def _counted(pruned: list[Body]) -> Iterator[str]:
    spaces: dict[str, Counter[str]] = {}
    for body in pruned:
        spaces.setdefault(body["metadata"].get("namespace", ""), Counter())[body["kind"]] += 1
    for space, kinds in spaces.items():
        told = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
        yield f"in {space}: {told}" if space else f"in no namespace: {told}"


def _kept(kept: list[Body]) -> Iterator[str]:
    """What Flux does not prune. A database goes on running, and what closed the network around it is gone."""
    for body in kept:
        if body["kind"] == "Namespace":
            yield f"{_name(body)}, and in it whatever this list names"
        elif _is_database(body):
            yield f"{_name(body)}: it keeps running, with its volumes, and without its network policies: delete it soon"
        elif body["kind"] == "PersistentVolumeClaim":
            yield f"{_name(body)}, with its volume"
        else:
            yield _name(body)


def _is_database(body: Body) -> bool:
    return body["kind"] == "Cluster" and str(body["apiVersion"]).startswith("postgresql.cnpg.io/")


def _claims(pruned: list[Body]) -> Iterator[str]:
    """The claims of a StatefulSet outlive it."""
    for body in pruned:
        policy = body.get("spec", {}).get("persistentVolumeClaimRetentionPolicy") or {}
        if body["kind"] == "StatefulSet" and policy.get("whenDeleted") != "Delete":
            for claim in body["spec"].get("volumeClaimTemplates", ()):
                storage = claim["spec"].get("storageClassName")
                of_class = f" of class {storage}" if storage else ""
                yield f"the claims {claim['metadata']['name']}-{body['metadata']['name']}-* in " + (
                    f"{body['metadata']['namespace']}, with their volumes{of_class}"
                )


def _backups(graph: EnvironmentGraph, pod: PodGraph) -> Iterator[str]:
    settings = graph.platform.backups
    databases = [key for key, node in pod.nodes.items() if node.in_cluster and node.component.backup_operators]
    if settings and databases:
        yield (
            f"backups of {', '.join(databases)} in the bucket {settings.bucket}: once the database is gone, "
            f"nothing expires them (it did, after {settings.retention})"
        )


def _outside(graph: EnvironmentGraph, pod: PodGraph, kept: list[Body]) -> Iterator[str]:
    if pod.tier.pool:
        running = [body for body in kept if _is_database(body)]
        first = " (its database runs there: delete that first)" if running else ""
        yield f"the node pool {pod.pod}: {pod.tier.pool.nodes} × {pod.tier.pool.size}{first}"
    for host in hosts_of(pod):
        yield f"the DNS record of {host}"
    if graph.platform.secrets.provider == "external-secrets":
        yield f"the secrets under {graph.platform.secrets.prefix or ''}{graph.name}/{pod.pod}/ in the store"
    elif graph.platform.secrets.provider == "sops":
        yield f"the encrypted files under {graph.platform.secrets.folder}/{graph.name}/{pod.pod}/"
