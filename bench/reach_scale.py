"""How the connection engine grows: facts of N workloads under N policies, solved and listed.

    python bench/reach_scale.py [N …]

Three kinds of clusters: `tenants` (each namespace has the same few services, a default deny and one policy a service),
`flat` (one namespace, every policy selects one workload and admits a few others), `dense` (every policy admits a random
half of all workloads: the worst case, an answer without structure).
"""

from __future__ import annotations

import random
import resource
import sys
import time
from collections.abc import Callable

from solutio_topology.manifests.facts import (
    Facts,
    Key,
    Operator,
    Peer,
    Place,
    Policy,
    PolicyPort,
    PolicyRule,
    Requirement,
    Selector,
    Workload,
)
from solutio_topology.reach import solve

HERE = Place(0)


def workload(namespace: str, name: str, labels: dict[str, str]) -> Workload:
    """A Deployment without containers."""
    key = Key("apps", "Deployment", namespace, name)
    return Workload(key, labels, {}, {}, None, 1, (), (), "", False, {}, HERE, HERE)


def selector(**labels: str) -> Selector:
    """Labels that must all be there."""
    return Selector(tuple(Requirement(key, Operator.IN, (value,)) for key, value in labels.items()))


def policy(namespace: str, name: str, pods: Selector, peers: tuple[Peer, ...], port: int) -> Policy:
    """Admits peers on one TCP port, and itself to everyone of its namespace."""
    rule = PolicyRule("Allow", peers, (PolicyPort("TCP", port, None, HERE),), HERE)
    out = PolicyRule("Allow", (Peer(pods=Selector()),) if peers else (), None, HERE)
    key = Key("networking.k8s.io", "NetworkPolicy", namespace, name)
    return Policy(key, {}, pods, None, None, True, True, (rule,), (out,), 0, HERE)


def facts(workloads: list[Workload], policies: list[Policy]) -> Facts:
    """Facts of these alone."""
    names = {each.key.namespace for each in workloads}
    namespaces = {name: {"kubernetes.io/metadata.name": name} for name in names}
    return Facts((), (), namespaces, tuple(workloads), (), (), (), (), (), (), (), tuple(policies), (), ())


def tenants(count: int) -> Facts:
    """Ten services a namespace; each policy admits the next service."""
    workloads, policies = [], []
    for tenant in range(count // 10):
        namespace = f"tenant-{tenant}"
        policies.append(policy(namespace, "deny", Selector(), (), 1))
        for number in range(10):
            workloads.append(workload(namespace, f"s{number}", {"app": f"s{number}", "tenant": namespace}))
            peer = Peer(pods=selector(app=f"s{(number + 1) % 10}"))
            policies.append(policy(namespace, f"p{number}", selector(app=f"s{number}"), (peer,), 8000 + number))
    return facts(workloads, policies)


def flat(count: int) -> Facts:
    """One namespace; each policy admits five others by name, on one of twenty ports."""
    rng = random.Random(1)
    workloads = [workload("default", f"w{i}", {"app": f"w{i}"}) for i in range(count)]
    policies = []
    for i in range(count):
        peers = tuple(Peer(pods=selector(app=f"w{rng.randrange(count)}")) for _ in range(5))
        policies.append(policy("default", f"p{i}", selector(app=f"w{i}"), peers, 8000 + i % 20))
    return facts(workloads, policies)


def dense(count: int) -> Facts:
    """Random labels; each policy selects one workload and admits about half of all."""
    rng = random.Random(1)
    workloads = [
        workload("default", f"w{i}", {"app": f"w{i}", **{f"k{j}": rng.choice("ab") for j in range(16)}})
        for i in range(count)
    ]
    policies = []
    for i in range(count):
        peers = tuple(
            Peer(pods=selector(**{f"k{j}": rng.choice("ab") for j in rng.sample(range(16), 2)})) for _ in range(3)
        )
        policies.append(policy("default", f"p{i}", selector(app=f"w{i}"), peers, 8000 + i % 20))
    return facts(workloads, policies)


def measure(name: str, build: Callable[[int], Facts], count: int) -> None:
    """Print the times and the size of the answer."""
    made = build(count)
    start = time.perf_counter()
    connections = solve(made)
    solved = time.perf_counter()
    blocks = pairs = 0
    for block in connections.blocks():
        blocks += 1
        pairs += len(block.sources) * len(block.destinations)
    done = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{name:8} {count:6} workloads {len(made.policies):6} policies: solve {solved - start:6.2f} s, "
        f"list {done - solved:6.2f} s, {blocks} blocks of {pairs} pairs, peak {peak:.0f} MiB"
    )


def main() -> None:
    """Measure each kind at each size."""
    sizes = [int(each) for each in sys.argv[1:]] or [1000, 10000]
    for count in sizes:
        for name, build in (("tenants", tenants), ("flat", flat), ("dense", dense)):
            measure(name, build, count)


if __name__ == "__main__":
    main()
