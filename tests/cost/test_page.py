"""The bill of the shipped topology: the page's five items, their total, and what the page leaves out."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from solutio_topology.cost.estimate import Estimate, estimate_of
from solutio_topology.cost.model import Kind, total
from solutio_topology.cost.network import has_load_balancer
from solutio_topology.cost.storage import claims
from solutio_topology.graph.model import EnvironmentGraph
from solutio_topology.manifests import read_files
from solutio_topology.spec.values import amount
from solutio_topology.workflows.project import expand_environment, open_project
from solutio_topology.yamlio import read_manifests

ROOT = Path(__file__).parents[2]


def _graph(environment: str) -> EnvironmentGraph:
    return expand_environment(open_project(ROOT / "topology.yaml"), environment)


@pytest.fixture(scope="module")
def prod() -> Estimate:
    return estimate_of(_graph("prod"))


def test_the_five_items_of_the_page(prod: Estimate) -> None:
    found: Counter[str] = Counter()
    for item in prod.bill.on_page:
        found[item.page] += int(item.monthly)
    assert found == {"doks": 144, "postgres": 48, "livekit": 96, "vector": 50, "storage": 20}


def test_the_total_of_the_page_holds_within_its_tolerance(prod: Estimate) -> None:
    assert total(prod.bill.on_page) == Decimal("358.00")
    assert prod.costs.declared is not None
    assert abs(total(prod.bill.on_page) - prod.costs.declared.monthly) <= prod.costs.declared.monthly / 100


def test_all_of_the_page_but_the_external_plan_is_derived(prod: Estimate) -> None:
    assert [item.page for item in prod.bill.on_page if item.kind is Kind.DECLARED] == ["vector"]


def test_what_the_page_leaves_out(prod: Estimate) -> None:
    found: Counter[str] = Counter()
    for item in prod.bill.off_page:
        found[item.category.value] += int(item.monthly * 100)
    assert found == {"nodes": 9600, "volumes": 1610, "load balancers": 5700, "registry": 2000}
    assert [each.subject for each in prod.bill.unknown] == [
        "services without a price",
        "storage of the registry",
        "egress traffic",
    ]
    assert prod.bill.unpriced == ("cf", "cdn", "models")
    assert [note.partition(":")[0] for note in prod.bill.notes] == ["control plane"]
    assert prod.bill.total == Decimal("358.00") + Decimal("189.10")


@pytest.mark.parametrize("environment", ["prod", "staging"])
def test_load_balancers_and_volumes_are_those_of_the_manifests(environment: str) -> None:
    """The other way round: counted in what is rendered, by code that has not seen the topology."""
    folder = ROOT / "rendered" / environment
    files = {path.as_posix(): path.read_bytes() for path in folder.rglob("*.yaml")}
    services = [each for each in read_files(files).services if each.type == "LoadBalancer"]
    graph = _graph(environment)
    nodes = [node for pod in graph.pods for node in pod.nodes.values()]
    assert len(services) == sum(has_load_balancer(graph, node) for node in nodes)
    assert _rendered_bytes(files) == sum(amount(size) * count for node in nodes for _, count, size in claims(node))


def _rendered_bytes(files: dict[str, bytes]) -> Decimal:
    found = Decimal(0)
    for data in files.values():
        for document in read_manifests(data)[0]:
            body, spec = document.value, document.value.get("spec", {})
            if body["kind"] == "PersistentVolumeClaim":
                found += amount(spec["resources"]["requests"]["storage"])
            if body["kind"] == "StatefulSet":
                sizes = [each["spec"]["resources"]["requests"]["storage"] for each in spec["volumeClaimTemplates"]]
                found += spec["replicas"] * sum(map(amount, sizes))
            if (body["kind"], body["apiVersion"]) == ("Cluster", "postgresql.cnpg.io/v1"):
                found += spec["instances"] * amount(spec["storage"]["size"])
    return found
