"""What was damaged: the parts of a trial that the measures look at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from solutio_topology.checks.declared import Declared
from solutio_topology.checks.walk import part
from solutio_topology.graph.model import Node
from solutio_topology.identity import SERVICE, TENANT_POD
from solutio_topology.manifests.facts import Workload
from tools.mutation.judge import Trial
from tools.mutation.tree import Pointer, load


def last_step(trial: Trial) -> str:
    """The field that was changed."""
    return str(trial.mutant.edit.pointer[-1]) if trial.mutant.edit.pointer else ""


def body(trial: Trial) -> dict[str, Any]:
    return trial.mutant.item.body


def namespace(trial: Trial) -> str:
    return str(part(body(trial), "metadata", "namespace") or "")


def name_of(trial: Trial) -> str:
    return str(part(body(trial), "metadata", "name") or "")


def damaged_workload(trial: Trial) -> Workload | None:
    """The workload that was damaged, as it is after it."""
    named = (trial.mutant.item.kind, namespace(trial), part(body(trial), "metadata", "name"))
    found = (
        each for each in trial.after.evidence.written if (each.key.kind, each.key.namespace, each.key.name) == named
    )
    return next(found, None)


def workloads_beside(trial: Trial) -> Iterator[Workload]:
    """The workloads of the damaged object's namespace."""
    return (each for each in trial.after.evidence.written if each.key.namespace == namespace(trial))


def declared_service(trial: Trial) -> Node | None:
    """The service that the damaged object says it belongs to."""
    labels = part(body(trial), "metadata", "labels") or {}
    owner = (str(labels.get(TENANT_POD)), str(labels.get(SERVICE)))
    return Declared(load(trial.mutant.tree).intent, trial.after.evidence).node(owner)


def leaves(value: Any, steps: Pointer) -> Iterator[tuple[str, Any]]:
    """The values below a place that are no maps, each with its path; positions of lists are stars."""
    if isinstance(value, dict) and value:
        for key, child in value.items():
            yield from leaves(child, (*steps, key))
    else:
        yield ".".join("*" if isinstance(step, int) else step for step in steps), value
