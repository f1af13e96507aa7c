"""Groups of pods from manifests: how many of each, and what a rollout adds."""

from __future__ import annotations

import pytest

from solutio_topology.cost.capacity.demand import demand, uncounted
from solutio_topology.cost.capacity.model import Group, HostPort
from solutio_topology.manifests import read_files

POD = "{containers: [{name: c, image: i, resources: {requests: {cpu: 100m, memory: 64Mi}}}]}"
META = "metadata: {name: web, namespace: inn}"
HPA = """
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: inn}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, minReplicas: 2, maxReplicas: 7}
"""


def _groups(text: str) -> tuple[Group, ...]:
    return demand(read_files({"all.yaml": text.encode()}))


def _deployment(spec: str = "") -> str:
    return f"apiVersion: apps/v1\nkind: Deployment\n{META}\nspec: {{{spec}template: {{spec: {POD}}}}}\n"


@pytest.mark.parametrize(
    ("text", "numbers", "surge"),
    [
        (_deployment(), (1, 1, 1), 1),
        (_deployment("replicas: 10, "), (10, 10, 10), 3),
        (_deployment("replicas: 4, strategy: {rollingUpdate: {maxSurge: 0}}, "), (4, 4, 4), 0),
        (_deployment("replicas: 4, strategy: {rollingUpdate: {maxSurge: 30%}}, "), (4, 4, 4), 2),
        (_deployment("replicas: 4, strategy: {type: Recreate}, "), (4, 4, 4), 0),
        (_deployment("replicas: 0, "), (0, 0, 0), 0),
        # Between both limits of the autoscaler, the middle; or what is written.
        (f"{_deployment()}---{HPA}", (2, 5, 7), 2),
        (f"{_deployment('replicas: 3, ')}---{HPA}", (2, 3, 7), 1),
        (f"{_deployment('replicas: 30, ')}---{HPA}", (2, 7, 7), 2),
        (_deployment().replace("Deployment", "StatefulSet"), (1, 1, 1), 0),
        (_deployment().replace("Deployment", "DaemonSet"), (0, 0, 0), 0),
    ],
)
def test_numbers(text: str, numbers: tuple[int, int, int], surge: int) -> None:
    (group,) = _groups(text)
    assert ((group.low, group.usual, group.high), group.surge) == (numbers, surge)


@pytest.mark.parametrize(
    ("spec", "at_once"),
    [
        ("", 1),
        ("parallelism: 4, ", 4),
        ("parallelism: 4, completions: 3, ", 3),
        ("completions: 9, ", 1),
        ("suspend: true, ", 0),
    ],
)
def test_jobs_run_beside_the_rest(spec: str, at_once: int) -> None:
    job = f"apiVersion: batch/v1\nkind: Job\n{META}\nspec: {{{spec}template: {{spec: {POD}}}}}"
    cron = job.replace("Job", "CronJob").replace(
        f"spec: {{{spec}", "spec: {schedule: '@daily', jobTemplate: {spec: {", 1
    )
    cron += "}}"
    (found,) = _groups(job)
    assert (found.low, found.usual, found.high, found.passing) == (0, 0, at_once, True)
    (found,) = _groups(cron)
    assert (found.low, found.usual, found.high, found.passing) == (0, 0, 1, True)


def test_a_daemon_set_stands_everywhere() -> None:
    (group,) = _groups(_deployment().replace("Deployment", "DaemonSet"))
    assert group.everywhere


def test_the_instances_of_a_database_with_their_volumes() -> None:
    primary, replicas = _groups("""
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: {name: pg, namespace: inn}
spec:
  instances: 3
  storage: {size: 1Gi}
  walStorage: {size: 1Gi}
  tablespaces: [{name: cold, storage: {size: 5Gi}}]
  resources: {requests: {cpu: "2", memory: 4Gi}}
  affinity:
    podAntiAffinityType: required
    nodeSelector: {pool: data}
    tolerations: [{key: pool, value: data, effect: NoSchedule}]
""")
    assert (primary.name, replicas.name) == ("Cluster inn/pg (primary)", "Cluster inn/pg (replica)")
    assert (primary.usual, replicas.usual) == (1, 2)
    assert tuple(replicas.shape.request) == (2000, 4 << 30, 1, 3)
    assert [term[:3] for term in replicas.shape.node_labels] == [("pool", "In", ("data",))]
    assert [tuple(each) for each in replicas.shape.tolerations] == [("pool", "Equal", "data", "NoSchedule")]
    assert [each.topology_key for each in primary.shape.apart] == ["kubernetes.io/hostname"]


def _release(chart: str, values: str) -> str:
    return f"""
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {{name: it, namespace: flux-system}}
spec:
  targetNamespace: inn
  chart: {{spec: {{chart: {chart}, sourceRef: {{kind: HelmRepository, name: r}}}}}}
  values: {values}
"""


def test_the_pods_of_a_chart_ask_for_what_its_values_say() -> None:
    (own,) = _groups(_release("metrics-server", "{}"))
    assert tuple(own.shape.request) == (100, 200 << 20, 1, 0)
    (changed,) = _groups(_release("metrics-server", "{resources: {requests: {cpu: 50m}}, nodeSelector: {a: b}}"))
    assert tuple(changed.shape.request) == (50, 200 << 20, 1, 0)
    assert [term.key for term in changed.shape.node_labels] == ["a"]
    (silent,) = _groups(_release("plugin-barman-cloud", "{}"))
    assert silent.missing == ("cpu", "memory")


def test_what_nobody_can_count_is_told() -> None:
    facts = read_files({"a.yaml": f"{_release('mystery', '{}')}---{_ROUTE}".encode()})
    assert [each.message for each in uncounted(facts)] == [
        "HelmRelease flux-system/it: what the chart mystery makes is not known"
    ]
    # A route that is not understood makes no pods.
    assert len(facts.undecided) == 2


_ROUTE = """
apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: {name: r, namespace: inn}
spec: {}
"""


def test_ports_of_the_node() -> None:
    ports = "ports: [{containerPort: 80}, {containerPort: 81, hostPort: 8081, protocol: UDP, hostIP: 0.0.0.0}]"
    (bound,) = _groups(_deployment().replace("image: i", f"image: i, {ports}"))
    assert bound.shape.host_ports == {HostPort("UDP", 8081)}
    (on_node,) = _groups(
        _deployment().replace("image: i", f"image: i, {ports}").replace("{containers", "{hostNetwork: true, containers")
    )
    assert on_node.shape.host_ports == {HostPort("TCP", 80), HostPort("UDP", 8081)}
