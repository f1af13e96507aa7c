"""``F``: what carries the key of a shard, and the controllers that watch for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from solutio_topology.checks.check import BothCheck
from solutio_topology.checks.walk import closest, maps, part
from solutio_topology.findings import Finding, Rule, Severity

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence, Intent
    from solutio_topology.manifests.facts import Object

UNSERVED = Rule(
    code="F015",
    name="shard-without-controller",
    severity=Severity.ERROR,
    summary="A source, Kustomization or HelmRelease carries the key of a shard that no controller watches.",
    rationale="Flux's main controllers leave it to a shard that is not there: it is never reconciled, without a word.",
    example="sharding.fluxcd.io/key: shard3 while controllers watch shard1 and shard2",
    remedy="run controllers with --watch-label-selector=sharding.fluxcd.io/key=<shard>, or correct the key",
)
SERVED_TWICE = Rule(
    code="F016",
    name="shard-served-twice",
    severity=Severity.ERROR,
    summary="A source, Kustomization or HelmRelease is reconciled by two controllers.",
    rationale="Both write its status and apply it, each undoing what the other has just done.",
    example="Flux's main kustomize-controller without --watch-label-selector=!sharding.fluxcd.io/key",
    remedy="let the main controllers leave out what has a key: --watch-label-selector=!sharding.fluxcd.io/key",
)

KEY = "sharding.fluxcd.io/key"
_CONTROLLERS = {
    "source.toolkit.fluxcd.io": "source-controller",
    "kustomize.toolkit.fluxcd.io": "kustomize-controller",
    "helm.toolkit.fluxcd.io": "helm-controller",
}
_OPTION = "--watch-label-selector"
_IN = re.compile(r"^(?P<key>\S+)\s+(?P<how>in|notin)\s+\((?P<values>[^)]*)\)$")
_EQUAL = re.compile(r"^(?P<key>[^!=\s]+)\s*(?P<how>==?|!=)\s*(?P<values>\S*)$")


def matches(selector: str, labels: dict[str, str]) -> bool:
    """Whether labels fulfil a selector as kubectl and Flux's controllers write it: ``a=b, c in (d, e), !f``."""
    return all(_fulfilled(each.strip(), labels) for each in re.split(r",(?![^(]*\))", selector) if each.strip())


def _fulfilled(requirement: str, labels: dict[str, str]) -> bool:
    if requirement.startswith("!") and "=" not in requirement:
        return requirement[1:].strip() not in labels
    match = _IN.match(requirement) or _EQUAL.match(requirement)
    if match is None:
        return requirement in labels
    values = {value.strip() for value in match["values"].split(",")}
    return (labels.get(match["key"]) in values) != (match["how"] in {"notin", "!="})


def _controllers(evidence: Evidence) -> dict[str, list[tuple[Object, str]]]:
    """Flux's controllers among the manifests, by what they are, with the selector that each watches by."""
    found: dict[str, list[tuple[Object, str]]] = {}
    for each in evidence.of_kind("Deployment", "apps"):
        for _, container in maps(part(each.body, "spec", "template", "spec", "containers")):
            image = str(container.get("image") or "")
            for name in _CONTROLLERS.values():
                if re.search(rf"(^|/){name}([:@]|$)", image):
                    found.setdefault(name, []).append((each, _selector(container)))
    return found


def _selector(container: dict[str, object]) -> str:
    args = container.get("args")
    words = [str(word) for word in args] if isinstance(args, list) else []
    for index, word in enumerate(words):
        option, equals, value = word.partition("=")
        if option == _OPTION:
            return value if equals else "".join(words[index + 1 : index + 2])
    return ""


def _keyed(evidence: Evidence) -> Iterator[tuple[Object, str]]:
    for each in evidence.facts.objects:
        name = _CONTROLLERS.get(each.key.group)
        if name is not None and KEY in each.labels:
            yield each, name


def _instances(evidence: Evidence) -> frozenset[str]:
    """Shards that the Flux Operator makes controllers for."""
    declared = (part(each.body, "spec", "sharding", "shards") for each in evidence.facts.objects if _is_instance(each))
    return frozenset(str(name) for names in declared if isinstance(names, list) for name in names)


def _is_instance(each: Object) -> bool:
    return each.key.kind == "FluxInstance" and each.key.group == "fluxcd.controlplane.io"


def _unserved(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    """Keys that nobody watches. Where the manifests hold no controller, those count that the topology says to run."""
    controllers = _controllers(evidence)
    made = _instances(evidence)
    for each, name in _keyed(evidence):
        key = each.labels[KEY]
        own = controllers.get(name, [])
        known = made if made or own else frozenset(intent.graph.platform.flux.shards)
        if key in known or any(matches(selector, each.labels) for _, selector in own):
            continue
        yield UNSERVED.finding(
            f"{each.key} carries the key {key}, which no {name} watches{closest(key, known)}",
            evidence.locate(each.place.at("metadata", "labels", KEY)),
            subject=str(each.key),
        )


def _served_twice(_intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    controllers = _controllers(evidence)
    for each, name in _keyed(evidence):
        own = [source for source, selector in controllers.get(name, []) if matches(selector, each.labels)]
        if len(own) > 1:
            yield SERVED_TWICE.finding(
                f"{each.key} is reconciled by {' and by '.join(str(source.key) for source in own)}",
                evidence.locate(each.place.at("metadata", "labels", KEY)),
                subject=str(each.key),
            )


CHECKS = (BothCheck(UNSERVED, _unserved), BothCheck(SERVED_TWICE, _served_twice))
