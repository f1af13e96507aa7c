"""``A``, ``M``, ``X``: rollouts that take all down or never end, values that are refused, protection given up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from solutio_topology.checks import flux
from solutio_topology.checks.availability_rules import least
from solutio_topology.checks.check import BothCheck, Check, ManifestCheck
from solutio_topology.checks.declared import Declared
from solutio_topology.checks.pod_security import LEVELS, breaches
from solutio_topology.checks.walk import part, related
from solutio_topology.checks.wiring_rules import selected
from solutio_topology.findings import Finding, Rule, Severity
from solutio_topology.identity import SERVICE, TENANT_POD

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence, Intent
    from solutio_topology.graph.model import Node
    from solutio_topology.manifests.facts import Object, Place, Workload

TAKES_ALL = Rule(
    code="A013",
    name="rollout-takes-all",
    severity=Severity.WARNING,
    summary="Several replicas that a rollout takes down at once.",
    rationale="Every new version is an outage, although there are replicas to avoid it.",
    example="strategy: {type: Recreate} with replicas: 2",
    remedy="use RollingUpdate with maxUnavailable below the number of replicas",
)
OVERLAP = Rule(
    code="A014",
    name="disruption-budgets-overlap",
    severity=Severity.ERROR,
    summary="Two PodDisruptionBudgets select the same pods, or one the pods of several services.",
    rationale="The eviction API refuses pods with more than one budget: their nodes cannot be drained.",
    example="selector: {matchLabels: {process: main}} beside the budgets of the single services",
    remedy="let each budget select the pods of one workload",
)
SHORT_WAIT = Rule(
    code="A015",
    name="wait-too-short",
    severity=Severity.WARNING,
    summary="Flux gives up before what it applies can be ready.",
    rationale="Every rollout is reported as failed, and what depends on it is held up.",
    example="timeout: 1s on a Kustomization whose pods may take three minutes to start",
    remedy="give timeout at least the time that the slowest of them may take",
)
REFUSED = Rule(
    code="M013",
    name="value-cannot-be",
    severity=Severity.ERROR,
    summary="A schedule or a quantity that cannot be read, or numbers that contradict each other.",
    rationale="The API server, or the operator, refuses the object.",
    example="cpu: 100mx; schedule: every day; maxSurge and maxUnavailable both 0; minReplicas above maxReplicas",
    remedy="correct the value",
)
TOO_STRICT = Rule(
    code="X016",
    name="pod-security-too-strict",
    severity=Severity.ERROR,
    summary="A namespace whose pod security level refuses pods that a chart or an operator makes in it.",
    rationale="The release waits for pods that the API server refuses, without a word in the manifests.",
    example="pod-security.kubernetes.io/enforce: restricted where the chart's pods need baseline",
    remedy="enforce the level that the component needs, and warn of the stricter one",
)
GAP = Rule(
    code="A018",
    name="rollout-takes-more",
    severity=Severity.WARNING,
    summary="A rollout takes down more pods, or starts more, than the component's own way of rolling out lets.",
    rationale="With one replica every new version is an outage; more pods at once than there is room for wait.",
    example="strategy: {type: Recreate} of a component with rollout: {maxUnavailable: 0}",
    remedy="make maxSurge and maxUnavailable those of the component, or override its rollout in the topology",
)
WEAKER = Rule(
    code="X013",
    name="security-weaker-than-declared",
    severity=Severity.WARNING,
    summary="A namespace, or pods in a privileged one, with less protection than their components need.",
    rationale="Nothing stops a container that was broken into from taking the node.",
    example="enforce: privileged on a namespace whose components are all restricted",
    remedy="enforce the level of the component that needs most, and keep the other pods at their own",
)

_QUANTITY = re.compile(r"[+-]?([0-9]+|[0-9]+\.[0-9]*|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?")
_AMOUNTS = frozenset({"requests", "limits", "default", "defaultRequest", "max", "min"})
_SIZES = frozenset({"sizeLimit", "ephemeral-storage", "size"})
_FIELD = r"[0-9A-Za-z*/,?#-]+"
_CRON = re.compile(rf"@(hourly|daily|weekly|monthly|yearly|annually|midnight|every .+)|({_FIELD} ){{4,5}}{_FIELD}")
_SCHEDULED = frozenset({("batch", "CronJob"), ("postgresql.cnpg.io", "ScheduledBackup")})


def _takes_all(evidence: Evidence) -> Iterator[Finding]:
    for workload in evidence.written:
        source = evidence.objects.get(workload.key)
        recreates = source is not None and part(source.body, "spec", "strategy", "type") == "Recreate"
        if source is not None and recreates and least(evidence, workload) > 1:
            where = evidence.locate(source.place.at("spec", "strategy"))
            message = f"{workload.key} stops all {least(evidence, workload)} pods before it starts new ones"
            yield TAKES_ALL.finding(message, where, subject=str(workload.key))


def _overlaps(evidence: Evidence) -> Iterator[Finding]:
    first: dict[int, Object] = {}
    told = set()
    for budget in evidence.of_kind("PodDisruptionBudget", "policy"):
        for workload in selected(evidence, budget):
            other = first.setdefault(id(workload), budget)
            if other is not budget and (budget.key, other.key) not in told:
                told.add((budget.key, other.key))
                yield OVERLAP.finding(
                    f"{budget.key} and {other.key} both select the pods of {workload.key}",
                    evidence.locate(budget.place.at("spec", "selector")),
                    subject=str(budget.key),
                    related=related(evidence, (other.place, str(other.key))),
                )
        yield from _several(evidence, budget)


def _several(evidence: Evidence, budget: Object) -> Iterator[Finding]:
    """One budget over pods that say they are of several services: one that is down keeps the others' nodes."""
    labels = [each.object_labels for each in selected(evidence, budget)]
    services = sorted(
        {f"{each[TENANT_POD]}/{each[SERVICE]}" for each in labels if {TENANT_POD, SERVICE} <= each.keys()}
    )
    if len(services) > 1:
        message = f"{budget.key} selects the pods of {', '.join(services)}: while one of them is down, none may go"
        where = evidence.locate(budget.place.at("spec", "selector"))
        yield OVERLAP.finding(message, where, subject=str(budget.key), severity=Severity.WARNING)


def _short_waits(evidence: Evidence) -> Iterator[Finding]:
    needed: dict[Any, tuple[int, str]] = {}
    workloads = {each.key: each for each in evidence.written}
    for each in evidence.facts.objects:
        own = flux.applier(evidence, each)
        if own is not None and flux.is_waited_for(own):
            needed[own.key] = max(needed.get(own.key, (0, "")), (_takes(each, workloads.get(each.key)), str(each.key)))
    for each in (*flux.kustomizations(evidence), *evidence.of_kind("HelmRelease", "helm.toolkit.fluxcd.io")):
        given = part(each.body, "spec", "timeout")
        floor = (_APPLYING, "applying") if each.key.kind == "Kustomization" else (_CHART, "its chart")
        wanted, slowest = max(needed.get(each.key, floor), floor)
        if isinstance(given, str) and flux.seconds(given) < wanted:
            where = evidence.locate(each.place.at("spec", "timeout"))
            message = f"{each.key} waits {given}; {slowest} may take {wanted} s"
            yield SHORT_WAIT.finding(message, where, subject=str(each.key))


_APPLYING = 10
"""Seconds in which even a few objects are not surely fetched, built and applied."""
_CHART = 60
"""Seconds in which even a small chart is not surely installed."""


def _takes(source: Object, workload: Workload | None) -> int:
    """Seconds that something may take until it is ready."""
    if source.key.kind == "HelmRelease":
        return flux.seconds(str(part(source.body, "spec", "timeout") or "5m"))
    if source.key.kind == "Job":
        deadline = part(source.body, "spec", "activeDeadlineSeconds")
        return deadline if isinstance(deadline, int) else 0
    probes = [part(each.body, "startupProbe") for each in workload.containers] if workload else []
    return max([_window(probe) for probe in probes if probe] or [0])


def _window(probe: Any) -> int:
    period, failures = part(probe, "periodSeconds") or 10, part(probe, "failureThreshold") or 3
    return period * failures if isinstance(period, int) and isinstance(failures, int) else 0


def _refused(evidence: Evidence) -> Iterator[Finding]:
    for source in evidence.facts.objects:
        faults = [(source.place.at(*steps), message) for steps, message in _quantities(source.body)]
        for place, message in (*faults, *_contradictions(source)):
            yield REFUSED.finding(f"{source.key}: {message}", evidence.locate(place), subject=str(source.key))


_Steps = tuple[str | int, ...]


def _quantities(value: Any, name: str = "") -> Iterator[tuple[_Steps, str]]:
    """Quantities that cannot be read, each with the steps to it: put together only where there is one."""
    if isinstance(value, dict):
        for key, child in value.items():
            if isinstance(child, str):
                meant = key in _SIZES or (name in _AMOUNTS and key in {"cpu", "memory", "storage"})
                if meant and not _QUANTITY.fullmatch(child):
                    yield (key,), f"{key} is {child}, which is no quantity"
            elif isinstance(child, (dict, list)):
                yield from (((key, *steps), said) for steps, said in _quantities(child, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            if isinstance(child, (dict, list)):
                yield from (((index, *steps), said) for steps, said in _quantities(child, name))


def _contradictions(source: Object) -> Iterator[tuple[Place, str]]:
    spec = part(source.body, "spec")
    schedule = part(spec, "schedule")
    if (
        (source.key.group, source.key.kind) in _SCHEDULED
        and isinstance(schedule, str)
        and not _CRON.fullmatch(schedule)
    ):
        yield source.place.at("spec", "schedule"), f"schedule is {schedule!r}, which is none"
    rolling = part(spec, "strategy", "rollingUpdate")
    if source.key.kind == "Deployment" and all(
        part(rolling, field) in (0, "0", "0%") for field in ("maxSurge", "maxUnavailable")
    ):
        yield source.place.at("spec", "strategy"), "maxSurge and maxUnavailable are both 0"
    least_, most = part(spec, "minReplicas"), part(spec, "maxReplicas")
    if isinstance(least_, int) and isinstance(most, int) and least_ > most:
        yield source.place.at("spec", "minReplicas"), f"minReplicas {least_} is above maxReplicas {most}"


_ENFORCE = "pod-security.kubernetes.io/enforce"


def _weaker(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    declared = Declared(intent, evidence)
    needed: dict[str, int] = {}
    for node in evidence.connections.workloads:
        component = declared.component(evidence.owner(node))
        level = LEVELS.index(component.pod_security) if component else 0
        workload = evidence.workload(node)
        needed[workload.key.namespace] = min(needed.get(workload.key.namespace, len(LEVELS)), level)
        if component and not workload.maker:
            yield from _pod(evidence, workload, component.pod_security)
            yield from _user(evidence, workload, declared.node(evidence.owner(node) or ("", "")))
    for space in evidence.of_kind("Namespace"):
        given, least_ = space.labels.get(_ENFORCE), needed.get(space.key.name)
        if given in LEVELS and least_ is not None and LEVELS.index(given) < least_:
            where = evidence.locate(space.place.at("metadata", "labels", _ENFORCE))
            message = f"{space.key} enforces {given}; its components need no more than {LEVELS[least_]}"
            yield WEAKER.finding(message, where, subject=str(space.key))


def _too_strict(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    declared = Declared(intent, evidence)
    levels = {each.key.name: (each, each.labels.get(_ENFORCE)) for each in evidence.of_kind("Namespace")}
    told = set()
    for node in evidence.connections.workloads:
        component, workload = declared.component(evidence.owner(node)), evidence.workload(node)
        space, given = levels.get(workload.key.namespace, (None, None))
        if component is None or not workload.maker or space is None or given not in LEVELS or space.key in told:
            continue
        if LEVELS.index(given) > LEVELS.index(component.pod_security):
            told.add(space.key)
            where = evidence.locate(space.place.at("metadata", "labels", _ENFORCE))
            message = f"{space.key} enforces {given}; {workload.maker} makes pods that need {component.pod_security}"
            yield TOO_STRICT.finding(message, where, subject=str(space.key))


def _user(evidence: Evidence, workload: Workload, node: Node | None) -> Iterator[Finding]:
    """Pods that do not run as the declared user."""
    wanted = node.user.uid if node and node.user and node.component.kind == "workload" else None
    own = part(workload.pod_spec, "securityContext", "runAsUser")
    users = [part(each.body, "securityContext", "runAsUser") or own for each in workload.containers]
    if wanted is not None and wanted not in users:
        where = evidence.locate(workload.pod_place)
        message = f"{workload.key} runs as user {own if own is not None else 'of its image'}; {wanted} is declared"
        yield WEAKER.finding(message, where, subject=str(workload.key))


def _pod(evidence: Evidence, workload: Workload, level: str) -> Iterator[Finding]:
    """The first thing that goes beyond the component's level. A privileged one is meant to have the node's network."""
    found = breaches(workload, "baseline" if level == "privileged" else level)
    for breach in found:
        on_network = breach.statement.startswith("hostNetwork") or " takes port " in breach.statement
        if level != "privileged" or not on_network:
            message = f"{workload.key}: {breach.statement}; its component is {level}"
            yield WEAKER.finding(message, evidence.locate(breach.place), subject=str(workload.key))
            return


def _gaps(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    declared = Declared(intent, evidence)
    for node in evidence.connections.workloads:
        owner, source = evidence.owner(node), evidence.objects.get(evidence.workload(node).key)
        known = declared.node(owner) if owner else None
        if known is None or source is None or source.key.kind != "Deployment" or known.component.kind != "workload":
            continue
        wanted, strategy = known.component.rollout, part(source.body, "spec", "strategy")
        fault = ""
        if part(strategy, "type") == "Recreate":
            fault = "takes all pods down first" if wanted.max_unavailable in _NONE else ""
        else:
            for field, limit in (("maxUnavailable", wanted.max_unavailable), ("maxSurge", wanted.max_surge)):
                given = part(strategy, "rollingUpdate", field)
                more = given is not None and limit in _NONE and given not in _NONE
                fault = fault or (f"has {field} {given}" if more else "")
        if fault:
            where = evidence.locate(source.place.at("spec", "strategy"))
            own = f"maxSurge {wanted.max_surge}, maxUnavailable {wanted.max_unavailable}"
            yield GAP.finding(f"{source.key} {fault}; its component has {own}", where, subject=str(source.key))


_NONE = (0, "0", "0%")

CHECKS: tuple[Check, ...] = (
    ManifestCheck(TAKES_ALL, _takes_all),
    ManifestCheck(OVERLAP, _overlaps),
    ManifestCheck(SHORT_WAIT, _short_waits),
    ManifestCheck(REFUSED, _refused),
    BothCheck(WEAKER, _weaker),
    BothCheck(TOO_STRICT, _too_strict),
    BothCheck(GAP, _gaps),
)
