"""The whole way from files: write N Deployments and N NetworkPolicies as YAML, read, solve and list them.

python bench/reach_files.py [N …]
"""

from __future__ import annotations

import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from solutio_topology.manifests import read_tree
from solutio_topology.reach import solve
from solutio_topology.reach.listing import corpus_json

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: w{i}, namespace: n{n}, labels: {{app: w{i}}}}}
spec:
  selector: {{matchLabels: {{app: w{i}}}}}
  template:
    metadata: {{labels: {{app: w{i}, tier: t{t}}}}}
    spec:
      containers:
        - name: main
          image: example.com/w{i}:1
          ports:
            - {{name: http, containerPort: 8080}}
"""
POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: w{i}, namespace: n{n}}}
spec:
  podSelector: {{matchLabels: {{app: w{i}}}}}
  policyTypes: [Ingress]
  ingress:
    - from:
        - podSelector: {{matchLabels: {{tier: t{t}}}}}
        - namespaceSelector: {{matchLabels: {{kubernetes.io/metadata.name: n{n}}}}}
          podSelector: {{matchExpressions: [{{key: app, operator: In, values: [w{a}, w{b}]}}]}}
      ports:
        - {{protocol: TCP, port: http}}
"""


def write(folder: Path, count: int) -> None:
    """Ten workloads a namespace, one file each namespace."""
    for n in range(count // 10):
        docs = []
        for i in range(n * 10, n * 10 + 10):
            fields = {"i": i, "n": n, "t": i % 7, "a": (i + 1) % count, "b": (i + 2) % count}
            docs += [DEPLOYMENT.format(**fields), POLICY.format(**fields)]
        (folder / f"n{n}.yaml").write_text("---\n".join(docs))


def measure(count: int) -> None:
    """Print the time of each step."""
    with tempfile.TemporaryDirectory() as name:
        write(Path(name), count)
        times = [time.perf_counter()]
        facts = read_tree(Path(name))
        times.append(time.perf_counter())
        connections = solve(facts)
        times.append(time.perf_counter())
        rows = sum(1 for _ in corpus_json(connections)) - 1
        times.append(time.perf_counter())
    read, solved, listed = (b - a for a, b in pairwise(times))
    print(f"{count} workloads and policies: read {read:.2f} s, solve {solved:.2f} s, list {listed:.2f} s ({rows} rows)")


def main() -> None:
    """Measure each size."""
    for count in [int(each) for each in sys.argv[1:]] or [1000, 10000]:
        measure(count)


if __name__ == "__main__":
    main()
