"""Nodes of one's own: who is bound to them, and who else may be placed on them.

Which label and which taint mark the nodes is read from the workloads: it is what a tenant pod's own select and tolerate
and others do not. That the nodes carry it is the provider's to hold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct

from solutio_topology.checks.isolation.breach import Breach
from solutio_topology.checks.isolation.tenants import Tenants
from solutio_topology.checks.walk import maps, part, texts

if TYPE_CHECKING:
    from solutio_topology.manifests.facts import Key, Place

Label = tuple[str, str]
T = TypeVar("T", Label, "Taint")
_REQUIRED = ("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms")
_EFFECTS = frozenset({"NoSchedule", "NoExecute"})


class Taint(Struct, frozen=True):
    """A mark that keeps pods off a node unless they tolerate it."""

    key: str
    value: str
    effect: str

    def __str__(self) -> str:
        return f"{self.key}={self.value}:{self.effect}" if self.value else f"{self.key}:{self.effect}"

    def is_tolerated_by(self, toleration: dict[str, Any]) -> bool:
        """Whether one toleration lets a pod pass, as the scheduler matches them."""
        if toleration.get("effect") not in (None, "", self.effect):
            return False
        key = toleration.get("key") or ""
        if toleration.get("operator") == "Exists":
            return key in ("", self.key)
        return bool(key == self.key and (toleration.get("value") or "") == self.value)


class Mark(Struct, frozen=True):
    """The label and the taint of a tenant pod's nodes; None where its workloads agree on none."""

    label: Label | None
    taint: Taint | None


class Seat(Struct, frozen=True):
    """What says where some pods may run: a pod's spec, or the values of a chart."""

    owner: str
    key: Key
    spec: dict[str, Any]
    place: Place


def seats(tenants: Tenants) -> tuple[Seat, ...]:
    """Everything that places pods, in the order of the manifests."""
    return tenants.once("seats", lambda: tuple(_seats(tenants)))


def seats_of(tenants: Tenants) -> dict[str, list[Seat]]:
    """What places the pods of each owner."""
    return tenants.once("seats by owner", lambda: _seats_of(tenants))


def _seats_of(tenants: Tenants) -> dict[str, list[Seat]]:
    found: dict[str, list[Seat]] = {}
    for seat in seats(tenants):
        found.setdefault(seat.owner, []).append(seat)
    return found


def _seats(tenants: Tenants) -> Iterator[Seat]:
    for workload in tenants.evidence.facts.workloads:
        yield Seat(tenants.of_workload(workload), workload.key, workload.pod_spec, workload.pod_place)
    for release in tenants.evidence.of_kind("HelmRelease", "helm.toolkit.fluxcd.io"):
        place = release.place.at("spec", "values")
        for values, where in _placing(part(release.body, "spec", "values"), place):
            yield Seat(tenants.of(release), release.key, values, where)


def _placing(values: Any, place: Place) -> Iterator[tuple[dict[str, Any], Place]]:
    """The maps of a chart's values that hold tolerations or a selector of nodes."""
    if isinstance(values, dict):
        if isinstance(values.get("tolerations"), list) or isinstance(values.get("nodeSelector"), dict):
            yield values, place
        for key, value in values.items():
            yield from _placing(value, place.at(str(key)))
    elif isinstance(values, list):
        for index, value in enumerate(values):
            yield from _placing(value, place.at(index))


def marks(tenants: Tenants) -> dict[str, Mark]:
    """The mark of the nodes of each tenant pod whose tier gives it nodes of its own."""
    return tenants.once("marks", lambda: _marks(tenants))


def _marks(tenants: Tenants) -> dict[str, Mark]:
    pods = [pod for pod, graph in tenants.dedicated.items() if graph.tier.pool is not None]
    labels: dict[str, Counter[Label]] = {}
    taints: dict[str, Counter[Taint]] = {}
    for seat in seats(tenants):
        labels.setdefault(seat.owner, Counter()).update(set(selected(seat.spec)))
        taints.setdefault(seat.owner, Counter()).update(set(_tolerated(seat.spec)))
    all_labels = sum(labels.values(), Counter[Label]())
    all_taints = sum(taints.values(), Counter[Taint]())
    return {
        pod: Mark(_best(labels.get(pod, Counter()), all_labels), _best(taints.get(pod, Counter()), all_taints))
        for pod in pods
    }


def _best(own: Counter[T], everyone: Counter[T]) -> T | None:
    """What most of one's own have and fewer others do."""
    ranked = sorted((everyone[each] - 2 * count, str(each), each) for each, count in own.items())
    return ranked[0][2] if ranked and ranked[0][0] < 0 else None


def selected(spec: dict[str, Any]) -> Iterator[Label]:
    """The labels that a node must have."""
    selector = spec.get("nodeSelector")
    if isinstance(selector, dict):
        yield from ((str(key), str(value)) for key, value in selector.items())
    terms = [_exact(term) for _, term in maps(part(spec, *_REQUIRED))]
    if terms:
        yield from sorted(set.intersection(*terms))


def _exact(term: dict[str, Any]) -> set[Label]:
    return {
        (str(each.get("key")), values[0])
        for _, each in maps(term.get("matchExpressions"))
        if each.get("operator") == "In" and len(values := texts(each.get("values"))) == 1
    }


def _tolerated(spec: dict[str, Any]) -> Iterator[Taint]:
    for _, each in maps(spec.get("tolerations")):
        key, effect = str(each.get("key") or ""), str(each.get("effect") or "NoSchedule")
        if key and not key.startswith("node.kubernetes.io/") and effect in _EFFECTS:
            yield Taint(key, str(each.get("value") or ""), effect)


def may_land(spec: dict[str, Any], label: Label) -> bool:
    """Whether the pods may be placed on a node with this label, whatever other labels it has."""
    selector = spec.get("nodeSelector")
    key, value = label
    if isinstance(selector, dict) and str(selector.get(key, value)) != value:
        return False
    terms = [term for _, term in maps(part(spec, *_REQUIRED))]
    return not terms or any(_may_hold(term, key, value) for term in terms)


def _may_hold(term: dict[str, Any], key: str, value: str) -> bool:
    for _, each in maps(term.get("matchExpressions")):
        if each.get("key") != key:
            continue
        operator, values = each.get("operator"), texts(each.get("values"))
        if (operator == "In" and value not in values) or (operator == "NotIn" and value in values):
            return False
        if operator == "DoesNotExist":
            return False
    return True


def _tolerates(spec: dict[str, Any], taint: Taint) -> bool:
    return any(taint.is_tolerated_by(each) for _, each in maps(spec.get("tolerations")))


def unbound(tenants: Tenants) -> Iterator[Breach]:
    """Workloads of tenant pods with nodes of their own that may run elsewhere."""
    placed = seats_of(tenants)
    for pod, mark in marks(tenants).items():
        own = placed.get(pod, [])
        if own and mark.label is None:
            message = f"{pod} is to have nodes of its own, and its workloads select none that others do not"
            yield Breach(pod, message, tenants.evidence.where(own[0].place), f"tenant pod {pod}")
        if own and mark.taint is None:
            message = f"{pod} is to have nodes of its own, and its workloads tolerate no taint that others do not"
            yield Breach(pod, message, tenants.evidence.where(own[0].place), f"tenant pod {pod}")
        for seat in own:
            if fault := _fault(seat, mark):
                place = tenants.evidence.where(seat.place)
                yield Breach(pod, f"{seat.key} of {pod} {fault}", place, str(seat.key))


def _fault(seat: Seat, mark: Mark) -> str:
    if seat.spec.get("nodeName"):
        return f"is bound to node {seat.spec['nodeName']} by hand: whose node that is, nothing says"
    if mark.label and mark.label not in selected(seat.spec):
        key, value = mark.label
        return f"may run on nodes of others: it does not select {key}={value}, as the rest of it does"
    if mark.taint and not _tolerates(seat.spec, mark.taint):
        return f"cannot run on its own nodes: it does not tolerate {mark.taint}, as the rest of it does"
    return ""


def strangers(tenants: Tenants) -> Iterator[Breach]:
    """Pods of others that may be placed on nodes of a tenant pod's own."""
    known = {pod: mark for pod, mark in marks(tenants).items() if mark.label and mark.taint}
    labelled: dict[Label, list[str]] = {}
    tainted: dict[tuple[str, str | None], list[str]] = {}
    for pod, mark in known.items():
        if mark.label and mark.taint:
            labelled.setdefault(mark.label, []).append(pod)
            tainted.setdefault((mark.taint.key, None), []).append(pod)
            tainted.setdefault((mark.taint.key, mark.taint.value), []).append(pod)
    for seat in seats(tenants):
        for pod in _candidates(seat, known, labelled, tainted):
            label, taint = known[pod].label, known[pod].taint
            if seat.owner != pod and label and taint and (how := _intrusion(seat, label, taint)):
                said = f"{tenants.said(seat.key, seat.owner)} may run on the nodes of {pod}: it {how}"
                yield Breach(pod, said, tenants.evidence.where(seat.place), str(seat.key))


def _candidates(
    seat: Seat,
    known: dict[str, Mark],
    labelled: dict[Label, list[str]],
    tainted: dict[tuple[str, str | None], list[str]],
) -> list[str]:
    """The tenant pods on whose nodes a seat may be at all: most name one label and tolerate one taint."""
    if seat.spec.get("nodeName"):
        return list(known)
    found = [pod for label in selected(seat.spec) for pod in labelled.get(label, ())]
    for _, each in maps(seat.spec.get("tolerations")):
        key, value = str(each.get("key") or ""), str(each.get("value") or "")
        exact = each.get("operator") != "Exists"
        near = tainted.get((key, value if exact else None), ()) if key else known
        found += [pod for pod in near if not exact or (taint := known[pod].taint) is None or taint.value == value]
    return list(dict.fromkeys(found))


def _intrusion(seat: Seat, label: Label, taint: Taint) -> str:
    if label in selected(seat.spec):
        return f"selects {label[0]}={label[1]}"
    if seat.spec.get("nodeName"):
        return f"is bound to node {seat.spec['nodeName']} by hand, which no taint prevents"
    if _tolerates(seat.spec, taint) and may_land(seat.spec, label):
        return f"tolerates {taint}, and selects no other nodes"
    return ""
