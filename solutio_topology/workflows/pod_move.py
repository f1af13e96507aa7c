"""Moving an organization to another tenant pod: the edit, and the plan of everything that no edit can do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from solutio_topology.errors import SolutioError
from solutio_topology.report.plan import Plan, Step
from solutio_topology.spec.edit import names_at
from solutio_topology.workflows.editing import Change, open_draft, plan, require
from solutio_topology.workflows.pods import versions_of
from solutio_topology.workflows.project import expand_environment
from solutio_topology.yamlio.edit import Append, Remove

if TYPE_CHECKING:
    from solutio_topology.graph.model import EnvironmentGraph, Link, Node, PodGraph
    from solutio_topology.spec.topology import Topology


class Move(Struct, frozen=True):
    """The edit, and the plan around it."""

    change: Change
    plan: Plan


class _Way(Struct, frozen=True):
    """An organization on its way from one tenant pod to another, in one environment."""

    org: str
    graph: EnvironmentGraph
    source: PodGraph
    target: PodGraph


def move_org(given: Path | None, org: str, target: str) -> Move:
    """What moving an organization to the tenant pod `target` takes. Raises SolutioError where it cannot move."""
    draft = open_draft(given)
    topology = draft.project.topology
    require("tenant pod", target, names_at(draft.data, "pods"))
    require("organization", org, [each for pod in topology.pods.values() for each in pod.orgs])
    source = next(name for name, pod in topology.pods.items() if org in pod.orgs)
    if source == target:
        raise SolutioError(f"{org} is served by {target} already", remedy="see: solutio pod list")
    graphs = [expand_environment(draft.project, each) for each in topology.environments]
    ways = [way for graph in graphs if (way := _way(graph, org, source, target)) is not None]
    if not ways:
        raise SolutioError(
            f"no environment has both {source} and {target}: there is nothing to copy from or to",
            remedy=f"add {target} to an environment's `pods` first",
        )
    at = topology.pods[source].orgs.index(org)
    # First the new place: should the machine stop between two files, two claim it, and `validate` says so.
    change = plan(draft, [Append(("pods", target, "orgs"), org), Remove(("pods", source, "orgs", at))])
    notes = tuple(_notes(topology, org, source, target))
    return Move(replace(change, notes=notes), Plan(f"Moving {org} from {source} to {target}", tuple(_plan(ways))))


def _way(graph: EnvironmentGraph, org: str, source: str, target: str) -> _Way | None:
    pods = {pod.pod: pod for pod in graph.pods}
    return _Way(org, graph, pods[source], pods[target]) if source in pods and target in pods else None


def _notes(topology: Topology, org: str, source: str, target: str) -> Iterator[str]:
    for key, environment in topology.environments.items():
        if environment.pods is not None and source in environment.pods and target not in environment.pods:
            yield f"environment {key} has {source} and not {target}: nobody serves {org} there afterwards"
    if topology.pods[source].orgs == [org]:
        yield f"{source} serves nobody afterwards; to remove it: solutio pod remove {source}"


def _plan(ways: list[_Way]) -> Iterator[Step]:
    for way in ways:
        name = way.graph.name
        lead = f"{name}: " if len(ways) > 1 else ""
        yield Step(f"{lead}Have {way.target.pod} up and running", tuple(_readiness(way)))
        yield Step(f"{lead}Stop what writes for {way.org} in {way.source.pod}", tuple(_silence(way)))
        yield Step(f"{lead}Copy what {way.source.pod} holds of {way.org}", tuple(_copies(way)))
        yield Step(f"{lead}Leave what both use where it is", tuple(_shared(way)) or ("they share no store",))
        yield Step(f"{lead}Change the topology, and let Flux apply it", tuple(_switch(way)))
        yield Step(f"{lead}Send {way.org} to its new addresses", tuple(_addresses(way)))
        yield Step(f"{lead}Check, then let {way.org} write again", tuple(_checks(way)))
        yield Step(f"{lead}Delete what {way.source.pod} still holds of {way.org}", tuple(_cleaning(way)))


def _readiness(way: _Way) -> Iterator[str]:
    name, target = way.graph.name, way.target.pod
    yield f"solutio render {name} and solutio validate {name} are clean, and it is committed"
    yield f"the Flux Kustomization {target}-apps is Ready"
    own = "" if way.graph.serves_others(target) else f"{target}/"
    yield f"its secrets are in place: rendered/{name}/{own}outside.md names each"
    old, new = versions_of(way.source), versions_of(way.target)
    for key in new:
        if key in old and old[key] != new[key]:
            yield (
                f"{key} is {old[key]} in {way.source.pod} and {new[key]} in {target}: bring both to one version, so "
                "that what is copied has one schema"
            )


def _silence(way: _Way) -> Iterator[str]:
    stores = {link.server.service for link in _store_links(way)}
    writers = dict.fromkeys(link.client.service for link in _store_links(way))
    if not writers:
        yield "nothing: none of its services keeps data in the cluster"
        return
    named = ", ".join(sorted(stores))
    yield f"{', '.join(writers)} of {way.source.pod} write to {named}: refuse writes of {way.org} there"
    yield f"let the jobs of {way.org} that are under way run out"


def _store_links(way: _Way) -> list[Link]:
    """The edges over which the source's services keep data in stores that move."""
    moving = {node.ref.service for node in _moving(way)}
    return [link for link in way.source.links if link.server.service in moving and link.direct]


def _moving(way: _Way) -> list[Node]:
    """What holds data in the source, and of which the target has its own."""
    return [
        node
        for key, node in way.source.nodes.items()
        if key in way.target.nodes and node.in_cluster and (node.component.stateful or _volumes(node))
    ]


def _volumes(node: Node) -> list[str]:
    claimed = [name for name, volume in node.volumes.items() if volume.claim]
    return claimed + (["storage"] if node.storage and not node.component.stateful else [])


def _copies(way: _Way) -> Iterator[str]:
    moving = _moving(way)
    for node in moving:
        other = way.target.nodes[node.ref.service]
        route = f"from {_address(way, node)} to {_address(way, other)}"
        databases = node.service.databases
        for name, database in databases.items():
            yield f"{node.ref.service}: the rows of {way.org} in database {name} (of {database.owner}), {route}"
        if node.component.stateful and not databases:
            yield f"{node.ref.service} ({node.component.title}): the keys and entries of {way.org}, {route}"
        if held := _volumes(node):
            yield f"{node.ref.service}: the files of {way.org} in {', '.join(held)}, {route}"
    if not moving:
        yield f"nothing: {way.target.pod} has no store of its own"


def _address(way: _Way, node: Node) -> str:
    from solutio_topology.render.names import service_host

    host = service_host(way.graph, node.ref)
    return f"{host}:{node.ports[node.primary].port}" if node.primary in node.ports else host


def _shared(way: _Way) -> Iterator[str]:
    """Stores that both reach: the same for both, but each may keep what is its own under its own name."""
    used = {link.server for link in way.target.links}
    both = dict.fromkeys(link.server for link in way.source.links if link.server in used and link.direct)
    for ref in both:
        node = way.graph.node(ref)
        if node.component.stateful:
            yield (
                f"{ref.service} ({node.title}): both use it; rename or copy there what is kept under a name of "
                f"{way.source.pod} (a prefix, a collection)"
            )


def _switch(way: _Way) -> Iterator[str]:
    yield f"the edit: {way.org} leaves pods.{way.source.pod}.orgs and joins pods.{way.target.pod}.orgs"
    yield f"solutio render {way.graph.name}, look at solutio diff {way.graph.name}, commit and push"


def _addresses(way: _Way) -> Iterator[str]:
    old = {link.key: link.host for link in way.source.links if link.host}
    new = {link.key: link.host for link in way.target.links if link.host}
    changed = [f"{old[key]} becomes {host}" for key, host in new.items() if key in old and old[key] != host]
    yield from changed or ["they stay as they are"]
    if changed:
        yield "point its clients (apps, devices, webhooks, links in mails) to them; the old ones stay for the others"


def _checks(way: _Way) -> Iterator[str]:
    yield f"count the rows of {way.org} in both places"
    yield f"solutio validate {way.graph.name} is clean, and somebody of {way.org} has signed in"
    yield "until it writes again, the way back is the edit alone: " + (
        f"solutio pod move {way.org} --to {way.source.pod}; afterwards its new data must be copied back, too"
    )


def _cleaning(way: _Way) -> Iterator[str]:
    yield "only after the time in which you would still go back, and with a backup at hand"
    for node in _moving(way):
        yield f"{node.ref.service} of {way.source.pod}: what was copied"
