"""``R``: Services, their pods and ports, Ingresses and routes, and what scales or protects workloads."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from solutio_topology.checks.check import ManifestCheck
from solutio_topology.checks.walk import closest, maps, part, related, texts
from solutio_topology.findings import Finding, Rule, Severity
from solutio_topology.manifests.facts import Key, Operator, Requirement, Selector
from solutio_topology.reach.labels import matches
from solutio_topology.reach.routing import service_targets

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence
    from solutio_topology.manifests.facts import Object, Service, Workload
    from solutio_topology.reach.wiring import Problem

SELECTS_NOTHING = Rule(
    code="R001",
    name="service-selects-nothing",
    severity=Severity.ERROR,
    summary="A Service selects labels that no pod has.",
    rationale="Its name resolves, and every connection to it fails.",
    example="selector: {app: api} where the pods have app: web",
    remedy="make the Service's selector and the pods' labels agree",
)
TARGET_PORT = Rule(
    code="R002",
    name="target-port-missing",
    severity=Severity.ERROR,
    summary="A Service leads to a named port that its pods do not have.",
    rationale="A pod without a port of this name (and protocol) is no endpoint: nothing arrives.",
    example="targetPort: http where the container's port is named web",
    remedy="name the port that the container declares",
)
PORT_UNDECLARED = Rule(
    code="R003",
    name="target-port-undeclared",
    severity=Severity.WARNING,
    summary="A Service leads to a number that no container of its pods declares.",
    rationale="It may still work; more often one of the two numbers is a slip, and policies by name cannot match it.",
    example="targetPort: 5433 where the container declares 5432",
    remedy="declare the port in the container, or correct the number",
)
BACKEND = Rule(
    code="R004",
    name="backend-broken",
    severity=Severity.ERROR,
    summary="An Ingress or a route sends requests to a Service or port that is not there, or to no pods.",
    rationale="Visitors get 503.",
    example="backend: {service: {name: api, port: {number: 8080}}} where the Service has 80",
    remedy="name a Service of the same namespace and one of its ports",
)
SCALE_TARGET = Rule(
    code="R005",
    name="autoscaler-without-target",
    severity=Severity.ERROR,
    summary="A HorizontalPodAutoscaler scales something that is not there.",
    rationale="Nothing is scaled, and nobody notices until the load comes.",
    example="scaleTargetRef: {kind: Deployment, name: apii}",
    remedy="name the workload to scale, with its kind and apiVersion",
)
BUDGET = Rule(
    code="R006",
    name="disruption-budget-selects-nothing",
    severity=Severity.ERROR,
    summary="A PodDisruptionBudget selects no pods.",
    rationale="It protects nothing: a node upgrade may take all replicas at once.",
    example="selector: {matchLabels: {app: api}} where the pods have app: web",
    remedy="select the labels of the pods that it is to protect",
)
POLICY = Rule(
    code="R007",
    name="policy-selects-nothing",
    severity=Severity.ERROR,
    summary="A network policy selects no pods.",
    rationale="What it was to close stays open, and what it was to open stays closed.",
    example="podSelector: {matchLabels: {app: api}} where the pods have app: web",
    remedy="select the labels of the pods that it is meant for",
)
PEER = Rule(
    code="R008",
    name="policy-peer-matches-nothing",
    severity=Severity.WARNING,
    summary="A policy speaks of pods that the manifests do not have, in a namespace that they do have.",
    rationale="The rule opens nothing; more often than not a label or a namespace is misspelled.",
    example="from: [{podSelector: {matchLabels: {app: wbe}}}]",
    remedy="correct the selector, or remove the rule",
)
STATEFUL_SERVICE = Rule(
    code="R009",
    name="stateful-set-service",
    severity=Severity.ERROR,
    summary="The Service that a StatefulSet names is not there, does not select its pods, or is not headless.",
    rationale="The pods get no names of their own, which is what a StatefulSet is for.",
    example="serviceName: db where no Service db exists",
    remedy="make a headless Service of this name that selects the pods",
)
SELECTOR_MISMATCH = Rule(
    code="R010",
    name="selector-mismatch",
    severity=Severity.ERROR,
    summary="A workload's selector does not match its own pods' labels.",
    rationale="The API server refuses the workload.",
    example="selector: {matchLabels: {app: api}}, template labels: {app: web}",
    remedy="make them equal",
)
SELECTORS_OVERLAP = Rule(
    code="R011",
    name="selectors-overlap",
    severity=Severity.ERROR,
    summary="A workload's selector matches the pods of another workload of its namespace.",
    rationale="Both controllers count and delete each other's pods.",
    example="two Deployments that select app: shop",
    remedy="give each workload a label of its own in its selector",
)
DUPLICATE = Rule(
    code="R012",
    name="duplicate-object",
    severity=Severity.ERROR,
    summary="Two objects of one kind, namespace and name.",
    rationale="Which of the two holds depends on the order in which they are applied.",
    example="Service shop/api in two files",
    remedy="remove or rename one of them",
)
MIXED_SERVICE = Rule(
    code="R013",
    name="service-selects-strangers",
    severity=Severity.ERROR,
    summary="A Service selects pods of more than one workload identity.",
    rationale="Requests for one service arrive at the other, at random.",
    example="selector: {tier: backend} where both api and worker have it",
    remedy="select labels that only the intended pods have",
)

_WORKLOADS = {"Deployment": "apps", "StatefulSet": "apps", "ReplicaSet": "apps", "DaemonSet": "apps"}


def _written(evidence: Evidence) -> Iterator[Service]:
    return (each for each in evidence.facts.services if not each.maker)


def _service_problems(evidence: Evidence) -> Iterator[tuple[Service, Problem]]:
    for service in _written(evidence):
        told: set[str] = set()
        for port in service.ports:
            for problem in service_targets(evidence.services, service, port.name or port.number).problems:
                if problem.statement not in told:
                    told.add(problem.statement)
                    yield service, problem


_KINDS = {"selects-nothing": SELECTS_NOTHING, "target-port-missing": TARGET_PORT, "port-undeclared": PORT_UNDECLARED}


def _services(rule: Rule, evidence: Evidence) -> Iterator[Finding]:
    for service, problem in _service_problems(evidence):
        if _KINDS.get(problem.kind) is rule:
            more = related(evidence, *((place, "see here") for place in problem.related))
            where = evidence.locate(problem.place)
            yield rule.finding(problem.statement, where, subject=str(service.key), related=more)


def _of_services(rule: Rule) -> ManifestCheck:
    return ManifestCheck(rule, lambda evidence: _services(rule, evidence))


def _backends(evidence: Evidence) -> Iterator[Finding]:
    told = set()
    for route in evidence.routes:
        for problem in route.problems:
            if problem.fatal and problem.kind not in {"selects-nothing", "target-port-missing"}:
                finding = _backend_finding(evidence, str(route.source), problem)
                if finding not in told:
                    told.add(finding)
                    yield finding


def _backend_finding(evidence: Evidence, source: str, problem: Problem) -> Finding:
    more = related(evidence, *((place, "see here") for place in problem.related))
    return BACKEND.finding(
        f"{source}: {problem.statement}", evidence.locate(problem.place), subject=source, related=more
    )


def _scale_targets(evidence: Evidence) -> Iterator[Finding]:
    known = {(_api(each), each.key.namespace, each.key.name) for each in evidence.facts.objects}
    for scaler in evidence.of_kind("HorizontalPodAutoscaler", "autoscaling"):
        target = part(scaler.body, "spec", "scaleTargetRef")
        kind, name = str(part(target, "kind")), str(part(target, "name"))
        api = f"{part(target, 'apiVersion')} {kind}"
        if (api, scaler.key.namespace, name) not in known:
            near = closest(name, (n for k, ns, n in known if (k, ns) == (api, scaler.key.namespace) and n != name))
            yield SCALE_TARGET.finding(
                f"{scaler.key} scales {api} {name}, which namespace {scaler.key.namespace} does not have{near}",
                evidence.locate(scaler.place.at("spec", "scaleTargetRef")),
                subject=str(scaler.key),
            )


def _api(source: Object) -> str:
    return f"{source.body.get('apiVersion')} {source.key.kind}"


def _budgets(evidence: Evidence) -> Iterator[Finding]:
    for budget in evidence.of_kind("PodDisruptionBudget", "policy"):
        if part(budget.body, "spec", "selector") is None or not selected(evidence, budget):
            yield BUDGET.finding(
                f"{budget.key} selects no pods of namespace {budget.key.namespace}",
                evidence.locate(budget.place.at("spec", "selector")),
                subject=str(budget.key),
            )


def selected(evidence: Evidence, source: Object) -> list[Workload]:
    """The workloads that the ``spec.selector`` of an object selects in its namespace."""
    selector = read_selector(part(source.body, "spec", "selector"))
    return [each for each in _workloads_in(evidence, source.key.namespace) if matches(selector, each.labels)]


def _workloads_in(evidence: Evidence, namespace: str) -> list[Workload]:
    known: dict[str, list[Workload]] | None = evidence.memo.get("workloads")
    if known is None:
        known = evidence.memo["workloads"] = {}
        for each in evidence.facts.workloads:
            known.setdefault(each.key.namespace, []).append(each)
    return known.get(namespace, [])


def read_selector(value: Any) -> Selector:
    """A label selector as it is written: labels and expressions."""
    labels = part(value, "matchLabels")
    given = labels.items() if isinstance(labels, dict) else ()
    plain = [Requirement(str(key), Operator.IN, (str(each),)) for key, each in given]
    known = {operator.value for operator in Operator}
    expressions = [
        Requirement(str(item.get("key")), Operator(item["operator"]), tuple(texts(item.get("values"))))
        for _, item in maps(part(value, "matchExpressions"))
        if str(item.get("operator")) in known
    ]
    return Selector((*plain, *expressions))


def _policies(evidence: Evidence) -> Iterator[Finding]:
    # A policy for all pods of a namespace that has none yet closes it in advance.
    general = {each.key for each in evidence.facts.policies if not each.pods.requirements}
    for each in evidence.connections.unmatched:
        if each.peer is None and each.policy not in general:
            yield POLICY.finding(each.statement, evidence.locate(each.place), subject=str(each.policy))


def _peers(evidence: Evidence) -> Iterator[Finding]:
    """Peers of namespaces that the manifests declare: pods elsewhere (cluster DNS) may well be there."""
    declared = {
        each.key.name: evidence.facts.namespaces.get(each.key.name, {}) for each in evidence.of_kind("Namespace")
    }

    @cache  # Policies of a fleet select namespaces in few ways, of thousands.
    def is_declared(selector: Selector) -> bool:
        return any(matches(selector, labels) for labels in declared.values())

    for each in evidence.connections.unmatched:
        peer = each.peer
        if peer is None or peer.any_namespace:
            continue
        own = peer.namespaces is None and each.policy.namespace in declared
        if own or (peer.namespaces and peer.namespaces.requirements and is_declared(peer.namespaces)):
            yield PEER.finding(each.statement, evidence.locate(each.place), subject=str(each.policy))


def _stateful_services(evidence: Evidence) -> Iterator[Finding]:
    for owner in evidence.of_kind("StatefulSet", "apps"):
        name = part(owner.body, "spec", "serviceName")
        if not isinstance(name, str) or not name:
            continue
        service = evidence.services.find(owner.key.namespace, name)
        fault = f"no Service {name} is in namespace {owner.key.namespace}" if service is None else ""
        if service is not None and not any(node.key == owner.key for node in evidence.services.selected(service)):
            fault = f"Service {name} does not select its pods"
        elif service is not None and not service.headless:
            fault = f"Service {name} is not headless, so its pods have no names of their own"
        if fault:
            where = evidence.locate(owner.place.at("spec", "serviceName"))
            yield STATEFUL_SERVICE.finding(f"{owner.key}: {fault}", where, subject=str(owner.key))


def _selector_mismatches(evidence: Evidence) -> Iterator[Finding]:
    for workload in evidence.written:
        if (
            workload.selector is not None
            and workload.key.kind != "Job"
            and not matches(workload.selector, workload.labels)
        ):
            yield SELECTOR_MISMATCH.finding(
                f"{workload.key} selects labels that its own pods do not have",
                evidence.locate(workload.place.at("spec", "selector")),
                subject=str(workload.key),
            )


def _overlaps(evidence: Evidence) -> Iterator[Finding]:
    found = [each for each in evidence.written if each.selector is not None and each.key.kind in _WORKLOADS]
    for one in found:
        for other in evidence.written_in(one.key.namespace):
            if other.key != one.key and one.selector is not None and matches(one.selector, other.labels):
                yield SELECTORS_OVERLAP.finding(
                    f"{one.key} selects the pods of {other.key} too",
                    evidence.locate(one.place.at("spec", "selector")),
                    subject=str(one.key),
                    related=related(evidence, (other.place, str(other.key))),
                )


def _duplicates(evidence: Evidence) -> Iterator[Finding]:
    first: dict[Key, Object] = {}
    for each in evidence.facts.objects:
        known = first.setdefault(each.key, each)
        generated = part(each.body, "metadata", "name") is None
        if known is not each and not generated:
            yield DUPLICATE.finding(
                f"{each.key} stands twice",
                evidence.locate(each.place),
                subject=str(each.key),
                related=related(evidence, (known.place, "the first one")),
            )


def _strangers(evidence: Evidence) -> Iterator[Finding]:
    for service in _written(evidence):
        owners = {
            evidence.owner(node) or (node.key.kind, node.key.name) for node in evidence.services.selected(service)
        }
        if len(owners) > 1:
            names = " and ".join(sorted(f"{pod} {name}" for pod, name in owners))
            yield MIXED_SERVICE.finding(
                f"{service.key} selects the pods of {names}", evidence.locate(service.place), subject=str(service.key)
            )


CHECKS = (
    _of_services(SELECTS_NOTHING),
    _of_services(TARGET_PORT),
    _of_services(PORT_UNDECLARED),
    ManifestCheck(BACKEND, _backends),
    ManifestCheck(SCALE_TARGET, _scale_targets),
    ManifestCheck(BUDGET, _budgets),
    ManifestCheck(POLICY, _policies),
    ManifestCheck(PEER, _peers),
    ManifestCheck(STATEFUL_SERVICE, _stateful_services),
    ManifestCheck(SELECTOR_MISMATCH, _selector_mismatches),
    ManifestCheck(SELECTORS_OVERLAP, _overlaps),
    ManifestCheck(DUPLICATE, _duplicates),
    ManifestCheck(MIXED_SERVICE, _strangers),
)
