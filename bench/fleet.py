"""A fleet from a real topology: the same file with N enterprise tenant pods instead of its own ones.

python bench/fleet.py FOLDER [--pods 1000] [--different] [--inline] [--topology topology.yaml]

Writes FOLDER/topology.yaml, and FOLDER/customers/NAME.yaml for each tenant pod (one file holds them all with
``--inline``: the main one). The same arguments write the same bytes. With ``--different`` no two tenant pods are equal:
they differ in versions, replicas, storage and domains, as fleets do in the middle of a release.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
SHARED = "default"
PARTS = "customers"


def main(arguments: list[str] | None = None) -> int:
    """Write the fleet; 2 where the folder already holds a topology."""
    options = _options(arguments)
    if (options.folder / "topology.yaml").exists():
        sys.stderr.write(f"{options.folder / 'topology.yaml'} exists already: name an empty folder\n")
        return 2
    write(options.folder, options.pods, different=options.different, inline=options.inline, source=options.topology)
    sys.stdout.write(f"{options.pods} tenant pods in {options.folder}\n")
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pods", type=int, default=1000, help="enterprise tenant pods, beside the shared one")
    parser.add_argument("--different", action="store_true", help="no two tenant pods are equal")
    parser.add_argument("--inline", action="store_true", help="in topology.yaml, not a file each")
    parser.add_argument("--topology", type=Path, default=ROOT / "topology.yaml", help="what the fleet is made from")
    return parser.parse_args(arguments)


def write(
    folder: Path, count: int, *, different: bool = False, inline: bool = False, source: Path = ROOT / "topology.yaml"
) -> None:
    """Write the topology of a fleet of `count` tenant pods into a folder."""
    from solutio_topology.yamlio import emit, read_document

    value, _, faults = read_document(source.read_bytes())
    if faults:
        raise SystemExit(f"{source}: {faults[0].message}")
    found = adapted(value)
    pods = {name_of(index): pod(index, different=different) for index in range(count)}
    folder.mkdir(parents=True, exist_ok=True)
    if inline:
        found["pods"] |= pods
    else:
        found["include"] = [f"{PARTS}/*.yaml"]
        (folder / PARTS).mkdir(exist_ok=True)
        for name, body in pods.items():
            (folder / PARTS / f"{name}.yaml").write_bytes(emit([{"pods": {name: body}}]))
    (folder / "topology.yaml").write_bytes(emit([found], header=f"A fleet of {count} tenant pods, made for measuring."))


def adapted(value: dict[str, Any]) -> dict[str, Any]:
    """The real topology without its enterprise customers, and without what is said of them by name."""
    named = {name for name in value["pods"] if name != SHARED}
    ignored = [_of_any(entry, named) for entry in value.get("ignore", [])]
    return {**value, "pods": {SHARED: value["pods"][SHARED]}, "ignore": ignored}


def _of_any(entry: dict[str, Any], named: set[str]) -> dict[str, Any]:
    """An accepted finding about one customer, accepted for every customer."""
    subject = str(entry["subject"])
    for name in named:
        if subject.endswith(f" of {name}"):
            return {**entry, "subject": f"{subject.removesuffix(name)}*"}
    return entry


def name_of(index: int) -> str:
    """The name of a tenant pod: all have one length, so that size says nothing about order."""
    return f"cust-{index:05d}"


def pod(index: int, *, different: bool) -> dict[str, Any]:
    """One customer: as the real topology declares one, or like no other."""
    found: dict[str, Any] = {"tier": "enterprise", "orgs": [f"org-{name_of(index)}"]}
    services: dict[str, Any] = {"api": {"replicas": {"min": 2, "max": 4}}, "pg": {"storage": "50Gi"}}
    if different:
        found["domain"] = f"{name_of(index)}.example.com"
        services["api"] = {
            "replicas": {"min": 2, "max": 3 + index % 5},
            "image": {"tag": f"2026.11.{index}"},
            "env": {"RAILS_LOG_LEVEL": ("info", "debug", "warn")[index % 3]},
        }
        services["pg"] = {"storage": f"{50 + index % 97}Gi"}
        services["voice"] = {"replicas": 1 + index % 3}
    return {**found, "services": services}


if __name__ == "__main__":
    sys.exit(main())
