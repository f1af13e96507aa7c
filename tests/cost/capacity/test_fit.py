"""The capacity of an environment: levels, a node lost, rollouts, pools that are too large; done by hand."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from solutio_topology.cost.capacity.fit import Fit, Level, _placed, fit
from solutio_topology.cost.capacity.model import Group, Machine
from solutio_topology.cost.capacity.place import Verdict, place
from solutio_topology.cost.capacity.thrift import Spare, shares_of, spare
from solutio_topology.manifests import read_files
from solutio_topology.spec.platform import Allocatable, Platform, Pool, SystemPods
from tests.cost.capacity import strategies

ROOM = Allocatable(cpu="1", memory="1Gi", volumes=2)


def platform(**pools: Pool) -> Platform:
    """A platform of which only the pools count; no provider's pods."""
    return Platform.model_construct(orchestrator="kubernetes", region="here", pools=pools)


def pool(nodes: int = 1, **more: Any) -> Pool:
    """A pool of nodes with 1 CPU and 1Gi each."""
    return Pool.model_construct(
        **{"size": "big", "nodes": nodes, "dedicated": False, "labels": {}, "allocatable": ROOM, "system": None, **more}
    )


def workload(name: str, number: int, cpu: str, *, spec: str = "", pod: str = "", kind: str = "Deployment") -> str:
    """A Deployment, or another kind."""
    asked = f"resources: {{requests: {{cpu: {cpu}, memory: 1Mi}}}}"
    return f"""
apiVersion: apps/v1
kind: {kind}
metadata: {{name: {name}, namespace: inn}}
spec:
  replicas: {number}
  {spec}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec: {{{pod}containers: [{{name: c, image: i, {asked}}}]}}
"""


# Flux asks for 350m of CPU: where nothing of it is meant, it stands in the manifests with nothing.
FLUX = "".join(
    workload(name, 0, "0").replace("namespace: inn", "namespace: flux-system") + "---"
    for name in ("source-controller", "kustomize-controller", "helm-controller", "notification-controller")
)
NO_SURGE = "strategy: {rollingUpdate: {maxSurge: 0}}"


def of(found: Platform, *texts: str) -> Fit:
    """The capacity of a platform with these manifests."""
    return fit(found, read_files({"all.yaml": f"{FLUX}{'---'.join(texts)}".encode()}))


def verdicts(found: Fit) -> list[Verdict]:
    """At minimum, usual, maximum."""
    return [answer.verdict for answer in found.levels.values()]


def test_flux_is_counted_although_no_manifest_holds_it() -> None:
    bare = fit(platform(apps=pool()), read_files({"a.yaml": workload("web", 1, "650m").encode()}))
    assert verdicts(bare) == [Verdict.FITS] * 3
    bare = fit(platform(apps=pool()), read_files({"a.yaml": workload("web", 1, "651m").encode()}))
    assert verdicts(bare) == [Verdict.SHORT] * 3


def test_daemon_sets_and_the_providers_pods_take_of_every_node() -> None:
    daemon = workload("agent", 1, "300m", kind="DaemonSet")
    full = platform(apps=pool(2, system=SystemPods(cpu="200m", memory="0", pods=3)))
    assert [tuple(each.room) for each in of(full, daemon).machines] == [(500, (1 << 30) - (1 << 20), 106, 2)] * 2
    assert verdicts(of(full, daemon, workload("web", 2, "500m"))) == [Verdict.FITS] * 3
    assert verdicts(of(full, daemon, workload("web", 2, "501m"))) == [Verdict.SHORT] * 3


def test_a_daemon_set_stands_only_where_it_may() -> None:
    daemon = workload("agent", 1, "300m", kind="DaemonSet")
    found = of(platform(apps=pool(), data=pool(dedicated=True)), daemon)
    assert [each.room.cpu for each in found.machines] == [700, 1000]


def test_doks_brings_its_own_pods() -> None:
    doks = platform(apps=pool(size="s-4vcpu-8gb", allocatable=None)).model_copy(update={"orchestrator": "doks"})
    found = of(doks)
    assert [each.room.cpu for each in found.machines] == [4000 - 120 - 412]
    assert [group.name for group in found.groups if group.place is None] == [
        "Deployment kube-system/coredns",
        "Deployment kube-system/hubble-relay",
        "Deployment kube-system/hubble-ui",
    ]


def test_a_node_lost() -> None:
    web = workload("web", 3, "500m", spec=NO_SURGE)
    two, three = of(platform(apps=pool(2)), web), of(platform(apps=pool(3)), web)
    assert [(lost.pool, lost.stranded) for lost in two.lost] == [("apps", ((4, 1),))]
    assert [(lost.pool, lost.stranded) for lost in three.lost] == [("apps", ())]


def test_what_has_a_node_for_itself_is_not_moved_while_the_rest_carries_on() -> None:
    live = workload("live", 3, "500m", spec=NO_SURGE).replace(
        "image: i,", "image: i, ports: [{containerPort: 1, hostPort: 1}],"
    )
    assert [lost.stranded for lost in of(platform(media=pool(3)), live).lost] == [()]
    alone = live.replace("replicas: 3", "replicas: 1")
    assert [lost.stranded for lost in of(platform(media=pool(1)), alone).lost] == [((4, 1),)]


def test_what_an_autoscaler_has_added_may_wait_when_a_node_is_lost() -> None:
    scaled = """
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: inn}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, minReplicas: 2, maxReplicas: 4}
"""
    found = of(platform(apps=pool(2)), workload("web", 4, "500m", spec=NO_SURGE), scaled)
    assert verdicts(found) == [Verdict.FITS] * 3
    assert [lost.stranded for lost in found.lost] == [()]


def test_rollouts_need_room_for_what_they_add() -> None:
    fits, hangs = workload("small", 1, "200m"), workload("large", 1, "500m")
    found = of(platform(apps=pool()), fits, hangs)
    assert [(found.groups[each.group].name, each.more, each.verdict) for each in found.rollouts] == [
        ("Deployment inn/large", 1, Verdict.SHORT)
    ]
    assert of(platform(apps=pool(2)), fits, hangs).rollouts == ()


def test_a_pool_of_unknown_size_leaves_its_own_pods_unjudged() -> None:
    mine = platform(apps=pool(), mystery=pool(allocatable=None, dedicated=True))
    key = "topology.solutio.dev/pool"
    bound = workload("db", 1, "5", pod=f"nodeSelector: {{{key}: mystery}}, tolerations: [{{operator: Exists}}], ")
    found = of(mine, bound)
    assert [found.groups[at].name for at in found.unjudged] == ["Deployment inn/db"]
    assert [found.verdict(level) for level in Level] == [Verdict.UNDECIDED] * 3
    assert verdicts(found) == [Verdict.FITS] * 3


def test_where_a_pool_of_unknown_size_may_help_nothing_is_decided() -> None:
    found = of(platform(apps=pool(), mystery=pool(allocatable=None)), workload("web", 3, "500m"))
    assert verdicts(found) == [Verdict.UNDECIDED] * 3


def _doks(**pools: Pool) -> Platform:
    return platform(**pools).model_copy(update={"orchestrator": "doks"})


def test_a_pool_that_is_mostly_empty_and_the_smallest_that_would_do() -> None:
    # 1.2 CPU, and 412m of the provider's own, need a node of two; its memory is a fraction of the smallest.
    found = _doks(apps=pool(2, size="s-8vcpu-16gb", allocatable=None))
    capacity = of(found, workload("web", 1, "1200m", spec=NO_SURGE))
    assert list(spare(capacity, found)) == [Spare("apps", *shares_of(capacity)["apps"], "s-2vcpu-2gb", 2)]


def test_where_only_fewer_nodes_would_do() -> None:
    found = platform(apps=pool(6))
    capacity = of(found, workload("web", 2, "300m", spec=NO_SURGE))
    assert [(each.size, each.nodes, round(each.cpu, 2)) for each in spare(capacity, found)] == [("big", 2, 0.1)]


def test_a_pool_that_is_half_full_is_left_alone() -> None:
    found = platform(apps=pool(2))
    assert list(spare(of(found, workload("web", 2, "500m", spec=NO_SURGE)), found)) == []


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 4), st.integers(0, 6), st.integers(1, 1000))
def test_a_larger_pool_never_fits_worse(nodes: int, number: int, cpu: int) -> None:
    web = workload("web", number, f"{cpu}m")
    small, large = of(platform(apps=pool(nodes)), web), of(platform(apps=pool(nodes + 1)), web)
    assert large.levels[Level.MAXIMUM].verdict.rank <= small.levels[Level.MAXIMUM].verdict.rank
    assert len(large.rollouts) <= len(small.rollouts) or small.levels[Level.USUAL].verdict is Verdict.SHORT


@settings(max_examples=200, deadline=None)
@given(strategies.groups(), strategies.machines(), st.data())
def test_groups_without_pods_make_no_difference(
    groups: tuple[Group, ...], machines: tuple[Machine, ...], data: st.DataObject
) -> None:
    numbers = [data.draw(st.sampled_from([0, group.usual])) for group in groups]
    assert _placed(groups, dict(enumerate(numbers)), machines) == place(groups, numbers, machines)
