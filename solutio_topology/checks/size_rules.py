"""``K013``, ``R054``: CPU, memory and volumes that are declared, and those that the manifests ask for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from solutio_topology.checks.check import BothCheck, Check
from solutio_topology.checks.declared import Declared
from solutio_topology.checks.walk import maps, part
from solutio_topology.findings import Finding, Rule, Severity
from solutio_topology.manifests.quantities import quantity

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence, Intent
    from solutio_topology.graph.model import Node
    from solutio_topology.manifests.facts import Container, Object, Place, Workload
    from solutio_topology.spec.workload import Resources

RESOURCES = Rule(
    code="K013",
    name="resources-differ",
    severity=Severity.WARNING,
    summary="Pods request other CPU or memory than declared, or are held to another limit.",
    rationale="Pools, quotas and costs are reckoned with what is declared; a limit that is lower kills the process.",
    example="requests: {cpu: 100m} where the size of the service says cpu: 500m",
    remedy="make requests and limits those of the topology, or declare what the pods really need",
)
VOLUME = Rule(
    code="R054",
    name="volume-differs",
    severity=Severity.ERROR,
    summary="A volume of another size or StorageClass than declared.",
    rationale="It fills up before anyone expects it, or its class deletes the disk, with the data, as soon as the "
    "claim goes.",
    example="storageClassName: fast where platform.storageClass is a class that retains",
    remedy="make the claim's size and class those of the topology",
)

_Amounts = dict[tuple[str, str], Any]
"""Field (``requests``, ``limits``) and resource → amount, as it is written."""


def _resources(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    declared, ranges = Declared(intent, evidence), _limit_ranges(evidence)
    for each in evidence.connections.workloads:
        owner, workload = evidence.owner(each), evidence.workload(each)
        node = declared.node(owner) if owner else None
        wanted = _declared(intent, node, evidence.process(each)) if node else None
        main = [box for box in workload.containers if not box.init and not (node and box.name in node.service.sidecars)]
        if node is None or wanted is None or not main:
            continue
        defaults = ranges.get(workload.key.namespace, {})
        faults = [list(_differences(wanted, _effective(box, defaults))) for box in main]
        if all(faults):
            where = evidence.locate(_place(workload, main[0]))
            name = workload.maker if workload.maker else workload.key
            yield RESOURCES.finding(f"{name}: {'; '.join(faults[0])}", where, subject=str(name))


def _place(workload: Workload, container: Container) -> Place:
    return workload.place if workload.maker else container.place.at("resources")


def _declared(intent: Intent, node: Node, process: str) -> Resources | None:
    """The resources that the topology itself says: of a process or job, else of the service; None where it does not.

    What a component takes by default is where to begin, and nothing to hold manifests against.
    """
    found = node.processes.get(process) or node.service.jobs.get(process)
    if process != "main" and found is None:
        return None
    size = (found.size if found else None) or node.service.size
    return intent.graph.topology.sizes[size] if size else node.service.resources


def _limit_ranges(evidence: Evidence) -> dict[str, dict[str, dict[str, Any]]]:
    """Namespace → what its LimitRanges fill in for containers: ``default`` and ``defaultRequest``.

    Without a ``defaultRequest`` the ``default`` is requested, too.
    """
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for each in evidence.of_kind("LimitRange"):
        for _, limit in maps(part(each.body, "spec", "limits")):
            if limit.get("type") == "Container":
                given = _map(limit.get("default"))
                into = found.setdefault(each.key.namespace, {"limits": {}, "requests": {}})
                into["limits"].update(given)
                into["requests"].update({**given, **_map(limit.get("defaultRequest"))})
    return found


def _effective(container: Container, defaults: dict[str, dict[str, Any]]) -> _Amounts:
    """What a container has once the API server and the LimitRange have filled it in."""
    given = container.body.get("resources")
    limits, requests = _map(part(given, "limits")), _map(part(given, "requests"))
    filled = {"limits": {**defaults.get("limits", {}), **limits}}
    filled["requests"] = {**defaults.get("requests", {}), **limits, **requests}
    return {(field, name): value for field, values in filled.items() for name, value in values.items()}


def _map(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _differences(wanted: Resources, found: _Amounts) -> Iterator[str]:
    ephemeral = wanted.ephemeral if ("limits", "ephemeral-storage") in found else None
    for field, name, text in (
        ("requests", "cpu", wanted.cpu),
        ("requests", "memory", wanted.memory),
        ("limits", "cpu", wanted.cpu_limit),
        ("limits", "memory", wanted.memory_limit or wanted.memory),
        ("limits", "ephemeral-storage", ephemeral),
    ):
        has = found.get((field, name))
        if quantity(has) != quantity(text):
            what = "request" if field == "requests" else "limit"
            yield f"its {name} {what} is {has or 'none'}, declared is {text or 'none'}"


def _volumes(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    declared = Declared(intent, evidence)
    claims = {(each.key.namespace, each.key.name): each for each in evidence.of_kind("PersistentVolumeClaim")}
    for each in evidence.connections.workloads:
        owner, workload = evidence.owner(each), evidence.workload(each)
        node = declared.node(owner) if owner else None
        for path, source, place, spec in _claimed(evidence, workload, claims) if node else ():
            size, storage_class = _at(node, path) if node else (None, None)
            wanted = storage_class or intent.graph.platform.storage_class
            faults = list(_volume_faults(spec, size, wanted)) if size else []
            if faults:
                message = f"{source.key}: the volume at {path} {' and '.join(faults)}"
                yield VOLUME.finding(message, evidence.locate(place), subject=str(source.key))


def _claimed(
    evidence: Evidence, workload: Workload, claims: dict[tuple[str, str], Object]
) -> Iterator[tuple[str, Object, Place, Any]]:
    """Where a workload mounts a claim: path, the object that says what it is like, its place and its spec."""
    own = evidence.objects.get(workload.key)
    volumes: dict[str, tuple[Object, Place, Any]] = {}
    for index, template in maps(part(own.body, "spec", "volumeClaimTemplates")) if own else ():
        place = own.place.at("spec", "volumeClaimTemplates", index) if own else workload.place
        if own:
            volumes[str(part(template, "metadata", "name"))] = (own, place, template.get("spec"))
    for _, volume in maps(workload.pod_spec.get("volumes")):
        claim = claims.get((workload.key.namespace, str(part(volume, "persistentVolumeClaim", "claimName"))))
        if claim is not None:
            volumes[str(volume.get("name"))] = (claim, claim.place.at("spec"), claim.body.get("spec"))
    for container in workload.containers:
        for _, mount in maps(container.body.get("volumeMounts")):
            if (name := str(mount.get("name"))) in volumes:
                yield str(mount.get("mountPath")).rstrip("/"), *volumes[name]


def _at(node: Node, path: str) -> tuple[str | None, str | None]:
    """Size and class of the volume that is declared at a path; None where none is."""
    if node.storage and node.storage.path and node.storage.path.rstrip("/") == path:
        return node.storage.size, node.storage.storage_class
    found = next((each for each in node.volumes.values() if each.claim and each.path.rstrip("/") == path), None)
    return (found.size, found.storage_class) if found else (None, None)


def _volume_faults(spec: Any, size: str, storage_class: str) -> Iterator[str]:
    has = part(spec, "resources", "requests", "storage")
    if quantity(has) != quantity(size):
        yield f"has {has}, declared is {size}"
    given = part(spec, "storageClassName")
    if given not in (None, storage_class):
        yield f"is of class {given}, declared is {storage_class}"


CHECKS: tuple[Check, ...] = (BothCheck(RESOURCES, _resources), BothCheck(VOLUME, _volumes))
