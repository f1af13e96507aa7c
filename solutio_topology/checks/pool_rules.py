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
    labels = frozenset(key for pool in intent.graph.platform.pools.values() for key in pool.labels)
    for source in evidence.facts.objects:
        for steps, spec in _pod_specs(source.body) if source.key.group not in _NO_PODS else ():
            fault = _fault(intent, evidence, source, spec, labels)
            if fault:
                where = evidence.locate(source.place.at(*steps))
                yield NO_POOL.finding(f"{source.key} {fault}", where, subject=str(source.key))


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


def _fault(intent: Intent, evidence: Evidence, source: Object, spec: dict[str, Any], labels: frozenset[str]) -> str:
    pools = intent.graph.platform.pools
    selector = spec.get("nodeSelector")
    wanted = {key: str(value) for key, value in selector.items()} if isinstance(selector, dict) else {}
    if any(not _is_known(labels, key) for key in wanted):
        return ""  # A label of nodes that the topology says nothing of.
    named = [value for key, value in wanted.items() if key in _NAMED_BY_PROVIDERS]
    meant = {name for name in named[:1] or pools if name in pools and _has(name, pools[name], wanted)}
    if not meant:
        said = ", ".join(f"{key}={value}" for key, value in wanted.items())
        return f"asks for nodes with {said}, which no pool has"
    open_ = {name for name in meant if not pools[name].dedicated or _tolerates(spec, name)}
    if not open_:
        return f"runs on pool {min(meant)} only, and does not tolerate its taint"
    own = _declared_pool(intent, evidence, source)
    if own in pools and (open_ - {own}) and isinstance(spec.get("containers"), list):
        return f"may run on pool {min(open_ - {own})}; it is declared for pool {own}"
    return ""


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
