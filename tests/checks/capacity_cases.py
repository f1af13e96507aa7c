"""The cases of the rules on capacity: how each fires in the world of `world.py`, and what comes near."""

from __future__ import annotations

from tests.checks.edits import m, t
from tests.checks.world import DOORS, Case

_ROOM = "nodes: 3, allocatable: {cpu: 900m, memory: 1Gi, volumes: 7}"
_ASKS = "resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {memory: 64Mi}}"
_IN_HOUSE = "nodeSelector: {topology.solutio.dev/pool: house}"
_BELL = "image: registry.example.com/bell:1.0\n        resources: {requests: {cpu: "
_CELLARS = "  replicas: 2\n  serviceName: cellar"
_BESIDE = """affinity:
        podAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
          - {labelSelector: {matchLabels: {role: cellar}}, topologyKey: kubernetes.io/hostname}
      """
_SPARE = "    spare: {size: big, nodes: 1, dedicated: true, allocatable: {cpu: 900m, memory: 1Gi}}\n    house:"

CAPACITY = (
    Case(
        "K001",
        m("requests: {cpu: 100m,", "requests: {cpu: 500m,")
        + m("  replicas: 2\n", "  replicas: 4\n")
        + t("900m", "1039m"),
        "no arrangement fits into pool house: Deployment kitchen/waiter would wait",
        m("requests: {cpu: 100m,", "requests: {cpu: 300m,") + m("  replicas: 2\n", "  replicas: 4\n"),
    ),
    Case(
        "K001",
        m("containerPort: 9700", "containerPort: 9700, hostPort: 9700") + m("  minReplicas: 2\n", "  minReplicas: 4\n"),
        "pool house has room on its 3 nodes for 3 of the 4 pods of Deployment kitchen/bell",
        m("containerPort: 9700", "containerPort: 9700, hostPort: 9700") + m("  minReplicas: 2\n", "  minReplicas: 3\n"),
    ),
    Case(
        "K001",
        t(_ROOM, "nodes: 1, allocatable: {cpu: 900m, memory: 1Gi, volumes: 7}"),
        "at minimum replicas the pods that only pool house takes ask for 1.28 CPU, and its 1 node has 0.9 CPU for them",
        t(_ROOM, "nodes: 2, allocatable: {cpu: 900m, memory: 1Gi, volumes: 7}"),
    ),
    Case(
        "K002",
        m("  maxReplicas: 4\n", "  maxReplicas: 24\n"),
        "at maximum replicas the pods that only pool house takes ask for 3.48 CPU, and its 3 nodes have 2.7 CPU",
        m("  maxReplicas: 4\n", "  maxReplicas: 9\n"),
    ),
    Case(
        "K003",
        t(_ROOM, 'nodes: 1, allocatable: {cpu: "2", memory: 2Gi}'),
        "when pool house loses its only node, no place is left for",
        t(_ROOM, 'nodes: 2, allocatable: {cpu: "2", memory: 2Gi}'),
    ),
    Case(
        "K003",
        t('size: big, nodes: 2, allocatable: {cpu: "1",', 'size: big, nodes: 1, allocatable: {cpu: "1",'),
        "when pool suite loses its only node, no place is left for",
    ),
    Case(
        "K004",
        m("requests: {cpu: 100m,", "requests: {cpu: 600m,"),
        "a rollout of Deployment kitchen/waiter starts 1 more pod (0.6 CPU, 64 MiB of memory each), and beside what "
        "usually runs pool house has no room for that",
        m("requests: {cpu: 100m,", "requests: {cpu: 200m,"),
    ),
    Case(
        "K005",
        t("nodes: 3,", "nodes: 12,"),
        "of pool house at most 14% of CPU and 10% of memory are asked for; 3 instead of 12 nodes would do as well "
        "and saves 297.00 USD a month",
    ),
    Case(
        "K006",
        t("volumes: 7}", "volumes: 1}") + m(_CELLARS, _CELLARS.replace("2", "4")),
        "at minimum replicas the pods that only pool house takes ask for 4 volumes, and its 3 nodes have 3 volumes",
        t("volumes: 7}", "volumes: 2}") + m(_CELLARS, _CELLARS.replace("2", "4")),
    ),
    Case(
        "K007",
        t("volumes: 7}", "volumes: 0}"),
        "no node takes StatefulSet kitchen/cellar: it asks for more than a whole node of pool house has",
    ),
    Case(
        "K007",
        m(_IN_HOUSE, "nodeSelector: {disk: ssd}"),
        "no node takes Deployment kitchen/waiter: its node selector or affinity asks for labels that no node has",
        m(_IN_HOUSE, "nodeSelector: {kubernetes.io/os: linux}"),
    ),
    Case(
        "K007",
        m(_IN_HOUSE, "nodeSelector: {topology.solutio.dev/pool: suite}"),
        "it does not tolerate the taint topology.solutio.dev/pool=suite:NoSchedule",
    ),
    Case(
        "K008",
        t("    house:", _SPARE),
        "nothing may run on pool spare",
        t("    house:", _SPARE.replace(" dedicated: true,", "")),
    ),
    Case(
        "K009",
        t(', allocatable: {cpu: "1", memory: 1Gi}}', "}"),
        "what a node of size big offers is not known: whether pool suite has room cannot be said",
        t('size: big, nodes: 2, allocatable: {cpu: "1", memory: 1Gi}}', "size: s-4vcpu-8gb, nodes: 2}"),
    ),
    Case(
        "K010",
        m(_ASKS, "resources: {limits: {memory: 64Mi}}"),
        "Deployment kitchen/waiter requests no cpu: capacity leaves it out",
        m(_ASKS, "resources: {limits: {cpu: 100m, memory: 64Mi}}"),
    ),
    Case(
        "K010",
        m("chart: metrics-server,", "chart: mystery,", DOORS),
        "what the chart mystery makes is not known: capacity leaves its pods out",
    ),
    Case(
        "K011",
        m(_IN_HOUSE, f"{_BESIDE}{_IN_HOUSE}"),
        "whether what always runs fits into pool house is not decided",
        m(_IN_HOUSE, f"{_BESIDE}{_IN_HOUSE}".replace("required", "preferred")),
    ),
    Case(
        "K012",
        m(f"{_BELL}100m", f"{_BELL}700m"),
        "what always runs fits into pool house only when packed with care",
        m(f"{_BELL}100m", f"{_BELL}600m"),
    ),
)
