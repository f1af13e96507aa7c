"""``P``: names that are asked in the wrong place, and addresses of another form than the edge declares."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from solutio_topology.checks.check import BothCheck, Check
from solutio_topology.checks.paths.clients import addresses, declared_names, variables
from solutio_topology.checks.walk import maps, texts
from solutio_topology.findings import Finding, Rule, Severity

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence, Intent
    from solutio_topology.graph.model import Link
    from solutio_topology.manifests.facts import Workload
    from solutio_topology.reach.model import WorkloadNode

ELSEWHERE = Rule(
    code="P006",
    name="names-asked-elsewhere",
    severity=Severity.ERROR,
    summary="Pods that find a Service by name, and ask another DNS than the cluster's, or their own hosts file.",
    rationale="Only the cluster's DNS knows Services: the name does not resolve, or leads somewhere else.",
    example="dnsPolicy: Default; or hostNetwork without dnsPolicy: ClusterFirstWithHostNet",
    remedy="set dnsPolicy to ClusterFirst (ClusterFirstWithHostNet on the node's network), and remove the alias",
)
OTHER_FORM = Rule(
    code="P007",
    name="address-of-another-form",
    severity=Severity.WARNING,
    summary="A variable holds an address that is not of the form that the edge declares.",
    rationale="The packet arrives, and the program on either side does not understand: no TLS, another database.",
    example="http:// to a port that speaks https; another database than the edge's",
    remedy="correct the address, or the edge's env template",
)

_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
_ANY = {"host": r"(?:\[[0-9a-fA-F:]+\]|[^/:?#@\s]+)", "port": "[0-9]+"}


def _elsewhere(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    told = set()
    for link, node in _clients(intent, evidence):
        workload = evidence.workload(node)
        if workload.key in told or workload.maker:
            continue
        fault = _wrong_dns(workload) if intent.graph.node(link.server).in_cluster else ""
        if fault := fault or _aliased(workload, link):
            told.add(workload.key)
            where = evidence.locate(workload.pod_place)
            message = f"{workload.key} {fault}; edge {link.key} leads to {link.server.service} by name"
            yield ELSEWHERE.finding(message, where, subject=str(workload.key))


def _clients(intent: Intent, evidence: Evidence) -> Iterator[tuple[Link, WorkloadNode]]:
    """Every edge with a variable, and the pods that are to have it."""
    for link in intent.graph.links:
        if link.direct and declared_names(link):
            for node in evidence.pods_of(link.client):
                if not link.processes or evidence.process(node) in link.processes:
                    yield link, node


def _wrong_dns(workload: Workload) -> str:
    policy = workload.pod_spec.get("dnsPolicy") or "ClusterFirst"
    if workload.host_network and policy == "ClusterFirst":
        return "is on the node's network and asks the node's DNS: dnsPolicy is not ClusterFirstWithHostNet"
    return f"asks another DNS than the cluster's: dnsPolicy is {policy}" if policy in {"Default", "None"} else ""


def _aliased(workload: Workload, link: Link) -> str:
    """A line of the pods' hosts file that speaks of a host which their variables name."""
    known = variables(workload)
    hosts = {each.host for each in addresses(known[name] for name in declared_names(link) if name in known)}
    for _, alias in maps(workload.pod_spec.get("hostAliases")):
        if found := sorted(hosts & set(texts(alias.get("hostnames")))):
            return f"has {found[0]} in its hosts file as {alias.get('ip')}"
    return ""


def _other_form(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    yield from _other_public_form(intent, evidence)
    for link, node in _clients(intent, evidence):
        known = variables(evidence.workload(node))
        for name, form in _forms(intent, link).items():
            variable = known.get(name)
            if variable is not None and variable.value and not form.fullmatch(variable.value):
                yield OTHER_FORM.finding(
                    f"{name} of {evidence.workload(node).key} is not of the form that edge {link.key} declares: "
                    f"{_shown(intent, link, name)}",
                    evidence.locate(variable.place),
                    subject=str(evidence.workload(node).key),
                )


def _other_public_form(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    """The address that a page gives to browsers: they reach it through TLS, whatever the port itself speaks."""
    for link in intent.graph.links:
        if link.edge.via != "browser" or not link.public:
            continue
        form = re.compile(rf"((https|wss)://)?{re.escape(link.public)}([/:?].*)?")
        for node in evidence.pods_of(link.drawn[0]):
            known = variables(evidence.workload(node))
            for variable in (known[name] for name in declared_names(link) if name in known):
                if variable.value and link.public in variable.value and not form.fullmatch(variable.value):
                    where = evidence.locate(variable.place)
                    workload = evidence.workload(node)
                    message = f"{variable.name} of {workload.key} does not lead browsers to {link.public} through TLS"
                    yield OTHER_FORM.finding(message, where, subject=str(workload.key))


def _forms(intent: Intent, link: Link) -> dict[str, re.Pattern[str]]:
    """What the values of the edge's variables look like; nothing for those of which nothing is known."""
    names = declared_names(link)
    return {name: _pattern(text, link) for name in names if (text := _template(intent, link, name))}


def _template(intent: Intent, link: Link, name: str) -> str:
    binding = intent.graph.node(link.server).component.binding
    env = link.edge.env
    text = env[name] if isinstance(env, dict) else "{url}"
    if "{url}" in text:
        return text.replace("{url}", binding.url) if binding else ""
    return text


def _shown(intent: Intent, link: Link, name: str) -> str:
    return _template(intent, link, name).replace("{database}", link.edge.database or "{database}")


def _pattern(template: str, link: Link) -> re.Pattern[str]:
    port = next(iter(link.ports.values()), None)
    fixed = {"scheme": port.scheme if port else None, "database": link.edge.database}
    found, end = "", 0
    for match in _PLACEHOLDER.finditer(template):
        found += re.escape(template[end : match.start()])
        name = match.group(1)
        known = fixed.get(name)
        found += re.escape(known) if known else _public(link) if name == "public" else _ANY.get(name, "[^@/]*")
        end = match.end()
    return re.compile(found + re.escape(template[end:]))


def _public(link: Link) -> str:
    """The public address, which is reached through TLS whatever the port itself speaks."""
    return rf"(?!ws:)[a-z]+(?<=s)://{re.escape(link.public)}" if link.public else ".*"


CHECKS: tuple[Check, ...] = (BothCheck(ELSEWHERE, _elsewhere), BothCheck(OTHER_FORM, _other_form))
