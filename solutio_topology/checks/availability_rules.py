"""``A``: what keeps workloads up while nodes, versions and load change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from solutio_topology.checks.check import ManifestCheck
from solutio_topology.checks.walk import maps, part
from solutio_topology.checks.wiring_rules import read_selector, selected
from solutio_topology.findings import Finding, Rule, Severity
from solutio_topology.reach.labels import matches
from solutio_topology.reach.routing import service_targets

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence
    from solutio_topology.manifests.facts import Container, Object, Workload

DEADLOCK = Rule(
    code="A001",
    name="disruption-budget-deadlock",
    severity=Severity.ERROR,
    summary="A PodDisruptionBudget that never lets a pod go.",
    rationale="Nodes cannot be drained: upgrades of the cluster hang until someone deletes the budget.",
    example="minAvailable: 1 over a Deployment with one replica",
    remedy="use maxUnavailable: 1, or run more replicas than must be available",
)
PROBE = Rule(
    code="A002",
    name="readiness-probe-missing",
    severity=Severity.ERROR,
    summary="A container behind a Service has no readiness probe.",
    rationale="It gets requests before it can answer them, at every start and every rollout.",
    example="a Deployment behind a Service without readinessProbe",
    remedy="add a readiness probe that asks what the Service needs",
)
HOST_PORT = Rule(
    code="A003",
    name="host-port-deadlock",
    severity=Severity.ERROR,
    summary="A rollout needs a port of a node that the old pod still holds.",
    rationale="The new pod stays Pending, the old one waits for it: the rollout never ends.",
    example="hostNetwork with maxSurge: 1, maxUnavailable: 0",
    remedy="set maxSurge: 0 and maxUnavailable: 1",
)
SPREAD = Rule(
    code="A004",
    name="spread-missing",
    severity=Severity.WARNING,
    summary="Several replicas that may all land on one node.",
    rationale="When that node goes, all of them go.",
    example="replicas: 3 without topologySpreadConstraints",
    remedy="spread them over kubernetes.io/hostname",
)
METRICS = Rule(
    code="A005",
    name="autoscaler-without-metrics",
    severity=Severity.ERROR,
    summary="A HorizontalPodAutoscaler, and nothing that measures.",
    rationale="Without metrics-server it knows no load and never scales. Managed clusters do not all bring it.",
    example="an autoscaler on cpu, and no metrics-server",
    remedy="install metrics-server",
)
REQUESTS = Rule(
    code="A006",
    name="autoscaler-without-requests",
    severity=Severity.ERROR,
    summary="A HorizontalPodAutoscaler measures in percent of a request that its pods do not make.",
    rationale="A percentage of nothing is not known: it never scales.",
    example="averageUtilization: 70 of cpu over containers without a cpu request",
    remedy="request the resource in every container",
)
TUG_OF_WAR = Rule(
    code="A007",
    name="replicas-beside-autoscaler",
    severity=Severity.WARNING,
    summary="A workload says how many replicas it has, and an autoscaler does, too.",
    rationale="Every time Flux applies the workload, it scales it back down under load.",
    example="spec.replicas: 2 in a Deployment that an autoscaler scales",
    remedy="leave spec.replicas out",
)
NO_BUDGET = Rule(
    code="A008",
    name="disruption-budget-missing",
    severity=Severity.WARNING,
    summary="Several replicas behind a Service, and nothing that keeps some of them up.",
    rationale="Draining nodes may evict all of them at once.",
    example="replicas: 3 and no PodDisruptionBudget",
    remedy="add a PodDisruptionBudget with maxUnavailable: 1",
)

TOOTHLESS = Rule(
    code="A009",
    name="disruption-budget-protects-nothing",
    severity=Severity.WARNING,
    summary="A PodDisruptionBudget that lets all pods go at once.",
    rationale="Draining nodes may evict all replicas together, as if there were no budget.",
    example="maxUnavailable: 2 over a Deployment with two replicas",
    remedy="use maxUnavailable: 1",
)

_SCALED = frozenset({"Deployment", "StatefulSet"})


def scalers(evidence: Evidence) -> dict[tuple[str, str, str], Object]:
    """The autoscalers by kind, namespace and name of what they scale."""
    found: dict[tuple[str, str, str], Object] | None = evidence.memo.get("scalers")
    if found is None:
        found = evidence.memo["scalers"] = {}
        for each in evidence.of_kind("HorizontalPodAutoscaler", "autoscaling"):
            target = part(each.body, "spec", "scaleTargetRef")
            found[str(part(target, "kind")), each.key.namespace, str(part(target, "name"))] = each
    return found


def least(evidence: Evidence, workload: Workload) -> int:
    """Replicas that always run."""
    scaler = scalers(evidence).get((workload.key.kind, workload.key.namespace, workload.key.name))
    if scaler is None:
        return workload.replicas
    least = part(scaler.body, "spec", "minReplicas")
    return least if isinstance(least, int) else 1


def held_fast(evidence: Evidence) -> Iterator[tuple[Object, Workload, int]]:
    """Budgets that spare no pod: each with the first workload that it holds, and how many pods it holds in all."""
    for budget in evidence.of_kind("PodDisruptionBudget", "policy"):
        protected = [each for each in selected(evidence, budget) if not each.maker]
        replicas = sum(least(evidence, each) for each in protected)
        if protected and replicas and _spare(budget, replicas) <= 0:
            yield budget, protected[0], replicas


def _deadlocks(evidence: Evidence) -> Iterator[Finding]:
    for budget, workload, replicas in held_fast(evidence):
        yield DEADLOCK.finding(
            f"{budget.key} never lets one of the {replicas} pods of {workload.key} go",
            evidence.locate(budget.place.at("spec")),
            subject=str(budget.key),
        )
    for workload in evidence.facts.workloads:
        release = _release_of(evidence, workload)
        given = part(release.body, "spec", "values", "controller", "minAvailable") if release else None
        if (
            release
            and workload.replicas > 1
            and given is not None
            and _count(given, workload.replicas) >= workload.replicas
        ):
            message = f"{release.key}: minAvailable {given} never lets one of its {workload.replicas} pods go"
            yield DEADLOCK.finding(
                message, evidence.locate(release.place.at("spec", "values")), subject=str(release.key)
            )


def _release_of(evidence: Evidence, workload: Workload) -> Object | None:
    """The release of ingress-nginx that makes a workload, and a budget for it."""
    found = next((each for each in _releases(evidence) if str(each.key) == workload.maker), None)
    chart = part(found.body, "spec", "chart", "spec", "chart") if found else None
    return found if chart == "ingress-nginx" else None


def _spare(budget: Object, replicas: int) -> int:
    """How many pods may be missing."""
    most, least = part(budget.body, "spec", "maxUnavailable"), part(budget.body, "spec", "minAvailable")
    if most is not None:
        return _count(most, replicas)
    return replicas - _count(1 if least is None else least, replicas)


def _count(value: Any, replicas: int) -> int:
    """A number of pods, or a percentage rounded up, as the disruption controller does."""
    if isinstance(value, str) and value.endswith("%") and value[:-1].isdecimal():
        return -(-replicas * int(value[:-1]) // 100)
    return value if isinstance(value, int) else replicas


def _served(evidence: Evidence) -> set[tuple[int, int, str]]:
    """(workload, port, protocol) behind the Services of the manifests."""
    return {
        (target.workload.index, target.port, target.protocol)
        for service in evidence.facts.services
        for port in service.ports
        for target in service_targets(evidence.services, service, port.name or port.number).targets
    }


def _probes(evidence: Evidence) -> Iterator[Finding]:
    served: dict[int, list[tuple[int, str]]] = {}
    for index, number, protocol in _served(evidence):
        served.setdefault(index, []).append((number, protocol))
    for index, workload in enumerate(evidence.facts.workloads):
        if workload.maker or workload.key.kind in {"Job", "CronJob"}:
            continue
        numbers = served.get(index, [])
        for container in workload.containers:
            if _serves(container, numbers) and "readinessProbe" not in container.body:
                yield PROBE.finding(
                    f"{workload.key}: container {container.name} is behind a Service and has no readiness probe",
                    evidence.locate(container.place),
                    subject=str(workload.key),
                )


def _serves(container: Container, numbers: list[tuple[int, str]]) -> bool:
    return not container.init and any((port.number, port.protocol) in numbers for port in container.ports)


def _host_ports(evidence: Evidence) -> Iterator[Finding]:
    for workload in evidence.written:
        source = evidence.objects.get(workload.key)
        held = workload.host_network or any(port.host_port for each in workload.containers for port in each.ports)
        if source is None or not held or workload.key.kind != "Deployment" or not _surges(source):
            continue
        yield HOST_PORT.finding(
            f"{workload.key} holds ports of its node, and its rollout starts a second pod before the first is gone",
            evidence.locate(source.place.at("spec", "strategy")),
            subject=str(workload.key),
        )


def _surges(source: Object) -> bool:
    strategy = part(source.body, "spec", "strategy")
    if part(strategy, "type") == "Recreate":
        return False
    unavailable = part(strategy, "rollingUpdate", "maxUnavailable")
    return unavailable in (None, 0, "0", "0%") or part(strategy, "rollingUpdate", "maxSurge") not in (0, "0", "0%")


def _spreads(evidence: Evidence) -> Iterator[Finding]:
    for workload in evidence.written:
        spec = workload.pod_spec
        spread = _is_spread(workload) or part(spec, "affinity", "podAntiAffinity")
        if workload.key.kind in _SCALED and least(evidence, workload) > 1 and not spread and not workload.host_network:
            message = f"{workload.key} has {least(evidence, workload)} replicas and nothing that spreads them"
            yield SPREAD.finding(message, evidence.locate(workload.pod_place), subject=str(workload.key))
    for workload in evidence.facts.workloads:
        several = workload.maker.startswith("HelmRelease ") and workload.replicas > 1
        if several and not _is_spread(workload) and not part(workload.pod_spec, "affinity", "podAntiAffinity"):
            message = f"{workload.maker} makes {workload.replicas} replicas and nothing that spreads them"
            yield SPREAD.finding(message, evidence.locate(workload.place), subject=workload.maker)


def _is_spread(workload: Workload) -> bool:
    """Whether a constraint spreads the workload's own pods."""
    return any(
        matches(read_selector(constraint.get("labelSelector")), workload.labels)
        for _, constraint in maps(workload.pod_spec.get("topologySpreadConstraints"))
        if constraint.get("labelSelector") and _bites(constraint, workload.replicas)
    )


def _bites(constraint: dict[str, Any], replicas: int) -> bool:
    """Whether a constraint keeps pods apart: with a skew as large as their number all may stand together."""
    skew = constraint.get("maxSkew")
    return not isinstance(skew, int) or replicas < 2 or skew < replicas


def _metrics(evidence: Evidence) -> Iterator[Finding]:
    charts = [part(each.body, "spec", "chart", "spec", "chart") for each in _releases(evidence)]
    served = any("metrics.k8s.io" in each.key.name for each in evidence.of_kind("APIService", "apiregistration.k8s.io"))
    if "metrics-server" in charts or served:
        return
    for each in evidence.of_kind("HorizontalPodAutoscaler", "autoscaling"):
        if any(metric.get("type") in {"Resource", "ContainerResource"} for _, metric in _measures(each)):
            message = f"{each.key} needs metrics-server, which nothing installs"
            yield METRICS.finding(message, evidence.locate(each.place), subject=str(each.key))


def _releases(evidence: Evidence) -> tuple[Object, ...]:
    return evidence.of_kind("HelmRelease", "helm.toolkit.fluxcd.io")


def _measures(scaler: Object) -> list[tuple[int, dict[str, Any]]]:
    return maps(part(scaler.body, "spec", "metrics"))


def _requests(evidence: Evidence) -> Iterator[Finding]:
    known = scalers(evidence)
    for workload in evidence.written:
        scaler = known.get((workload.key.kind, workload.key.namespace, workload.key.name))
        for index, metric in _measures(scaler) if scaler else ():
            name = part(metric, "resource", "name")
            lacking = [each.name for each in workload.containers if not each.init and not _requested(each, str(name))]
            if scaler and part(metric, "resource", "target", "type") == "Utilization" and lacking:
                yield REQUESTS.finding(
                    f"{scaler.key} measures {name}, which container {lacking[0]} of {workload.key} does not request",
                    evidence.locate(scaler.place.at("spec", "metrics", index)),
                    subject=str(scaler.key),
                )


def _requested(container: Container, resource: str) -> bool:
    return any(part(container.body, "resources", field, resource) is not None for field in ("requests", "limits"))


def _tugs(evidence: Evidence) -> Iterator[Finding]:
    for (kind, namespace, name), scaler in scalers(evidence).items():
        for each in evidence.of_kind_in(namespace, kind, "apps"):
            if each.key.name == name and part(each.body, "spec", "replicas") is not None:
                where = evidence.locate(each.place.at("spec", "replicas"))
                yield TUG_OF_WAR.finding(f"{each.key} is scaled by {scaler.key}", where, subject=str(each.key))


def _budgets(evidence: Evidence) -> Iterator[Finding]:
    protected = {
        each.key for budget in evidence.of_kind("PodDisruptionBudget", "policy") for each in selected(evidence, budget)
    }
    behind = {index for index, _, _ in _served(evidence)}
    for index, workload in enumerate(evidence.facts.workloads):
        several = workload.key.kind in _SCALED and not workload.maker and least(evidence, workload) > 1
        if several and index in behind and workload.key not in protected:
            message = f"{workload.key} has {least(evidence, workload)} replicas and no PodDisruptionBudget"
            yield NO_BUDGET.finding(message, evidence.locate(workload.place), subject=str(workload.key))


def _toothless(evidence: Evidence) -> Iterator[Finding]:
    for budget in evidence.of_kind("PodDisruptionBudget", "policy"):
        protected = [each for each in selected(evidence, budget) if not each.maker]
        replicas = sum(least(evidence, each) for each in protected)
        if replicas > 1 and _spare(budget, replicas) >= replicas:
            message = f"{budget.key} lets all {replicas} pods of {protected[0].key} go at once"
            yield TOOTHLESS.finding(message, evidence.locate(budget.place.at("spec")), subject=str(budget.key))


CHECKS = (
    ManifestCheck(TOOTHLESS, _toothless),
    ManifestCheck(DEADLOCK, _deadlocks),
    ManifestCheck(PROBE, _probes),
    ManifestCheck(HOST_PORT, _host_ports),
    ManifestCheck(SPREAD, _spreads),
    ManifestCheck(METRICS, _metrics),
    ManifestCheck(REQUESTS, _requests),
    ManifestCheck(TUG_OF_WAR, _tugs),
    ManifestCheck(NO_BUDGET, _budgets),
)
