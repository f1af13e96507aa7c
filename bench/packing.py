"""Pack 10,000 pods onto pools: how long it takes, and how many nodes more than the lower bound are needed.

Three mixes, of equal tenants and of pods that all differ, drawn with a fixed seed. A pool of `bound * 1.05` nodes
must take them all.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from solutio_topology.cost.capacity.bounds import fewest_nodes
from solutio_topology.cost.capacity.model import Amounts, Group, Machine, NodeTerm, Shape
from solutio_topology.cost.capacity.place import place
from solutio_topology.cost.capacity.problem import problem

PODS = 10_000
ROOM = Amounts(3468, 5679 << 20, 104, 7)
"""What DOKS leaves for pods on s-4vcpu-8gb."""
Draw = Callable[[random.Random], tuple[int, int]]


def tenants(draw: random.Random) -> tuple[int, int]:
    """The sizes of the shipped topology."""
    cpu, memory = draw.choice([(100, 256), (250, 512), (500, 1024)])
    return cpu, memory << 20


def lopsided(draw: random.Random) -> tuple[int, int]:
    """Pods that ask for much of one and little of the other."""
    return draw.choice([(450, 64 << 20), (50, 750 << 20), (200, 300 << 20)])


def different(draw: random.Random) -> tuple[int, int]:
    """Every pod asks for something else."""
    return draw.randint(20, 1000), draw.randint(32, 1800) << 20


def groups(draw: Draw, most: int) -> list[Group]:
    """Groups of 1 to `most` pods, 10,000 in all."""
    rand, left = random.Random(7), PODS
    found: list[Group] = []
    while left:
        number = min(left, rand.randint(1, most))
        cpu, memory = draw(rand)
        shape = Shape(Amounts(cpu, memory, 1, 0), node_labels=(NodeTerm("pool", "In", ("apps",)),))
        found.append(Group(f"Deployment t{len(found)}/app", shape, number, number, number))
        left -= number
    return found


def main() -> None:
    """Print a line for each mix."""
    print(f"{'mix':<12}{'groups':>8}{'pods':>8}{'bound':>8}{'nodes':>8}{'over':>8}{'seconds':>9}  answer")
    for name, draw, most in (("tenants", tenants, 5), ("lopsided", lopsided, 5), ("different", different, 20)):
        found = groups(draw, most)
        numbers = [group.usual for group in found]
        one = [_machine(0)]
        bound = fewest_nodes(problem(found, numbers, one), range(len(problem(found, numbers, one).items)), ROOM)
        machines = [_machine(at) for at in range(int(bound * 1.05))]
        start = time.perf_counter()
        answer = place(found, numbers, machines)
        seconds = time.perf_counter() - start
        nodes = len({node for node, _, _ in answer.standing})
        over = f"{nodes / bound - 1:.1%}"
        print(
            f"{name:<12}{len(found):>8}{sum(numbers):>8}{bound:>8}{nodes:>8}{over:>8}{seconds:>9.2f}  {answer.verdict}"
        )


def _machine(at: int) -> Machine:
    name = f"apps-{at}"
    return Machine(name, "apps", {"pool": "apps", "kubernetes.io/hostname": name}, (), ROOM, ROOM)


if __name__ == "__main__":
    main()
