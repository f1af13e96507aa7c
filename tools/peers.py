"""Hold solutio reach against the policy engine of cyclonus: the corpus, the rendered environments, generated worlds.

python tools/peers.py [NUMBER OF WORLDS]
"""

from __future__ import annotations

import ipaddress
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, Phase, given, settings

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from solutio_topology.manifests import read_tree  # noqa: E402
from solutio_topology.reach import solve  # noqa: E402
from solutio_topology.reach.listing import corpus_list  # noqa: E402
from solutio_topology.reach.model import HostNetwork  # noqa: E402
from tests.reach.worlds import worlds  # noqa: E402

PEER = ROOT / ".tools" / "bin" / "peer"
CORPUS = ROOT.parent / "shared" / "cases" / "reach"
PLAIN = frozenset({"", "apps", "batch", "networking.k8s.io"})
"""Groups of the kinds that the peer knows: policies of Cilium, releases and databases are left out on both sides."""
WORLDS = 400
Answer = dict[tuple[str, str], dict[str, list[list[int]]]]


def main() -> int:
    """Print what was compared and every difference; 1 when there is any that nobody has explained."""
    if not PEER.exists():
        print("the peer is not built: run tools/build.sh peer", file=sys.stderr)
        return 4
    count = int(sys.argv[1]) if len(sys.argv) > 1 else WORLDS
    faults = 0
    for name, folders in (("corpus", corpus()), ("rendered", rendered()), ("generated", generated(count))):
        compared = pairs = explained = differ = 0
        for label, folder in folders:
            found, asked = differences(folder)
            compared, pairs = compared + 1, pairs + asked
            left = differences(folder, "-absent-not-in")[0] if found else []
            explained, differ = explained + bool(found and not left), differ + bool(left)
            for line in left[:5]:
                print(f"{name} {label}: {line}")
        equal = compared - explained - differ
        print(f"{name}: {compared} folders, {pairs} pairs of ends that one of the two lets talk")
        print(f"  {equal} folders equal, {explained} equal but for NotIn on a label that is absent, {differ} differ")
        faults += differ
    return 1 if faults else 0


def corpus() -> Iterator[tuple[str, Path]]:
    """The cases of netpol-analyzer's corpus, where they are at hand."""
    for folder in sorted(CORPUS.glob("*/manifests")):
        yield folder.parent.name, folder


def rendered() -> Iterator[tuple[str, Path]]:
    """Every rendered environment, as far as it is plain Kubernetes."""
    for environment in sorted((ROOT / "rendered").iterdir()):
        facts = read_tree(environment)
        plain = [each.body for each in facts.objects if each.key.group in PLAIN]
        with tempfile.TemporaryDirectory() as name:
            Path(name, "all.yaml").write_text(yaml.safe_dump_all(plain))
            yield environment.name, Path(name)


def generated(count: int) -> Iterator[tuple[str, Path]]:
    """Clusters in which every feature of a policy can meet another, always the same ones."""
    made: list[list[dict[str, Any]]] = []

    @settings(max_examples=count, derandomize=True, database=None, phases=[Phase.generate], deadline=None,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(worlds())
    def collect(docs: list[dict[str, Any]]) -> None:
        made.append(docs)

    collect()
    for number, docs in enumerate(made):
        with tempfile.TemporaryDirectory() as name:
            Path(name, "all.yaml").write_text(yaml.safe_dump_all(docs))
            yield str(number), Path(name)


def differences(folder: Path, *options: str) -> tuple[list[str], int]:
    """What the two say differently about a folder, and how many pairs of ends one of them lets talk at all.

    With ``-absent-not-in`` the peer reads NotIn as Kubernetes does: to cyclonus it matches no label that is absent.
    """
    run = subprocess.run([PEER, *options, folder], capture_output=True, check=True)
    theirs = {(row["src"], row["dst"]): row["connections"] for row in json.loads(run.stdout)}
    addresses = sorted({end for pair in theirs for end in pair if _is_address(end)})
    ours = solved(folder, addresses)
    told = [
        f"{src} => {dst}: solutio {ours.get((src, dst))}, cyclonus {theirs.get((src, dst))}"
        for src, dst in sorted(ours.keys() | theirs.keys())
        if ours.get((src, dst)) != theirs.get((src, dst))
    ]
    return told, len(ours.keys() | theirs.keys())


def solved(folder: Path, addresses: list[str]) -> Answer:
    """Solutio's rows; ranges outside by the addresses of the peer that they hold, others left out."""
    # The peer takes pods on the node's network for pods like any others.
    rows = corpus_list(solve(read_tree(folder), HostNetwork.POD), ipv6=any(":" in each for each in addresses))
    found: Answer = {}
    for row in rows:
        for src in _ends(row["src"], addresses):
            for dst in _ends(row["dst"], addresses):
                found[src, dst] = row["connections"]
    return found


def _ends(name: str, addresses: list[str]) -> list[str]:
    if name.startswith("{"):
        return []
    first, _, last = name.partition("-")
    if not _is_address(first) or not last:
        return [name]
    low, high = ipaddress.ip_address(first), ipaddress.ip_address(last)
    return [each for each in addresses if _within(low, ipaddress.ip_address(each), high)]


def _within(low: Any, address: Any, high: Any) -> bool:
    return bool(low.version == address.version and low <= address <= high)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
