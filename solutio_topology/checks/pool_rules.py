"""``R``: pods and the node pools that are to take them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from solutio_topology.checks.check import BothCheck, Check
from solutio_topology.checks.declared import Declared
from solutio_topology.checks.walk import maps
from solutio_topology.findings import Finding, Rule, Severity
from solutio_topology.identity import DOMAIN, SERVICE, TENANT_POD

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence, Intent
    from solutio_topology.manifests.facts import Object
    from solutio_topology.spec.platform import Pool

NO_POOL = Rule(
    code="R037",
    name="no-pool-takes-it",
    severity=Severity.ERROR,
    summary="Pods that ask for nodes which no declared pool has, or stay away from their own pool.",
    rationale="They stay Pending; or a customer's pods run beside everybody else's.",
    example="nodeSelector: {topology.solutio.dev/pool: dta}; or a dedicated pool without the toleration of its taint",
    remedy="select the labels of the declared pool, and tolerate its taint",
)

_POOL = f"{DOMAIN}/pool"
_NAMED_BY_PROVIDERS = frozenset({
    _POOL, "doks.digitalocean.com/node-pool", "cloud.google.com/gke-nodepool", "eks.amazonaws.com/nodegroup",
    "agentpool",
})  # fmt: skip
"""Labels with the name of the pool that providers, and what ``outside.md`` asks for, put on nodes."""
_OF_EVERY_NODE = ("kubernetes.io/", "node.kubernetes.io/", "topology.kubernetes.io/")
_NO_PODS = frozenset({"cilium.io", "policy.networking.k8s.io"})


def _no_pool(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    labels = _labels(intent)
    for source in evidence.facts.objects:
        for steps, spec in _pod_specs(source.body) if source.key.group not in _NO_PODS else ():
            fault = _fault(intent, labels, spec) or _astray(
                intent, _declared_pool(intent, evidence, source), labels, spec
            )
            if fault:
                where = evidence.locate(source.place.at(*steps))
                yield NO_POOL.finding(f"{source.key} {fault}", where, subject=str(source.key))
    yield from _made_astray(intent, evidence)


def _made_astray(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    """The same for pods that an operator or a chart makes."""
    declared, labels, told = Declared(intent, evidence), _labels(intent), set()
    for each in evidence.connections.workloads:
        owner, workload = evidence.owner(each), evidence.workload(each)
        node = declared.node(owner) if owner and workload.maker else None
        fault = _astray(intent, node.pool, labels, workload.pod_spec) if node else ""
        if fault and workload.maker not in told:
            told.add(workload.maker)
            where = evidence.locate(workload.place)
            yield NO_POOL.finding(f"{workload.maker} {fault}", where, subject=workload.maker)


def _labels(intent: Intent) -> frozenset[str]:
    return frozenset(key for pool in intent.graph.platform.pools.values() for key in pool.labels)


_Steps = tuple[str | int, ...]


def _pod_specs(value: Any) -> Iterator[tuple[_Steps, dict[str, Any]]]:
    """Every map that says where pods run: with containers, or with a nodeSelector of an operator's or a chart's."""
    if isinstance(value, dict):
        if "nodeSelector" in value or isinstance(value.get("containers"), list):
            yield (), value
        children: Iterable[tuple[str | int, Any]] = value.items()
    else:
        children = enumerate(value)
    for key, child in children:
        if isinstance(child, (dict, list)):
            yield from (((key, *steps), spec) for steps, spec in _pod_specs(child))


def _fault(intent: Intent, labels: frozenset[str], spec: dict[str, Any]) -> str:
    """Why no pool takes the pods; empty where one does, or where labels are asked for that nobody declares."""
    wanted = _wanted(spec)
    meant = _meant(intent, labels, wanted)
    if not meant and all(_is_known(labels, key) for key in wanted):
        said = ", ".join(f"{key}={value}" for key, value in wanted.items())
        return f"asks for nodes with {said}, which no pool has"
    if meant and not _open(intent, meant, spec):
        return f"runs on pool {min(meant)} only, and does not tolerate its taint"
    return ""


def _astray(intent: Intent, own: str | None, labels: frozenset[str], spec: dict[str, Any]) -> str:
    """Why pods may run on another pool than the one they are declared for."""
    if own not in intent.graph.platform.pools or not isinstance(spec.get("containers"), list):
        return ""
    elsewhere = _open(intent, _meant(intent, labels, _wanted(spec)), spec) - {own}
    return f"may run on pool {min(elsewhere)}; it is declared for pool {own}" if elsewhere else ""


def _wanted(spec: dict[str, Any]) -> dict[str, str]:
    selector = spec.get("nodeSelector")
    return {key: str(value) for key, value in selector.items()} if isinstance(selector, dict) else {}


def _meant(intent: Intent, labels: frozenset[str], wanted: dict[str, str]) -> set[str]:
    """The pools whose nodes have the labels; none where one of them is a label that the topology says nothing of."""
    pools = intent.graph.platform.pools
    if not all(_is_known(labels, key) for key in wanted):
        return set()
    named = [value for key, value in wanted.items() if key in _NAMED_BY_PROVIDERS]
    return {name for name in named[:1] or pools if name in pools and _has(name, pools[name], wanted)}


def _open(intent: Intent, meant: set[str], spec: dict[str, Any]) -> set[str]:
    """Those of some pools whose taint, if any, the pods tolerate."""
    pools = intent.graph.platform.pools
    return {name for name in meant if not pools[name].dedicated or _tolerates(spec, name)}


def _is_known(labels: frozenset[str], key: str) -> bool:
    return key in labels or key in _NAMED_BY_PROVIDERS or key.startswith(_OF_EVERY_NODE)


def _has(name: str, pool: Pool, wanted: dict[str, str]) -> bool:
    return all(
        value == name if key in _NAMED_BY_PROVIDERS else pool.labels.get(key) == value or key.startswith(_OF_EVERY_NODE)
        for key, value in wanted.items()
    )


def _tolerates(spec: dict[str, Any], pool: str) -> bool:
    for _, each in maps(spec.get("tolerations")):
        if each.get("effect") not in (None, "", "NoSchedule"):
            continue
        if each.get("operator") == "Exists" and each.get("key") in (None, "", _POOL):
            return True
        if str(each.get("key")) in _NAMED_BY_PROVIDERS and each.get("value") == pool:
            return True
    return False


def _declared_pool(intent: Intent, evidence: Evidence, source: Object) -> str | None:
    owner = evidence.mapping.get(source.key) or (source.labels.get(TENANT_POD, ""), source.labels.get(SERVICE, ""))
    node = Declared(intent, evidence).node(owner)
    return node.pool if node else None


CHECKS: tuple[Check, ...] = (BothCheck(NO_POOL, _no_pool),)
