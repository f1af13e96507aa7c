"""From YAML text to facts, and to what could not be read, with places as people see them."""

from __future__ import annotations

from solutio_topology.manifests import Facts, locate, read_files


def facts_of(text: str) -> Facts:
    """The facts of YAML text that holds nothing unreadable."""
    facts = read_files({"a.yaml": text.encode()})
    assert told(facts) == []
    return facts


def notes_of(text: str) -> list[str]:
    """What could not be read of YAML text, as ``line:column message``."""
    return told(read_files({"a.yaml": text.encode()}))


def told(facts: Facts) -> list[str]:
    """Every unreadable thing, as ``line:column message``."""
    found = []
    for each in facts.unreadable:
        where = locate(facts, each.place)
        found.append(f"{where.line}:{where.column} {each.message}")
    return found


def document(kind: str, spec: str, *, version: str = "v1", name: str = "x", more: str = "") -> str:
    """One object around an indented spec."""
    lines = "".join(f"  {line}\n" for line in spec.strip("\n").splitlines())
    return f"apiVersion: {version}\nkind: {kind}\nmetadata:\n  name: {name}\n{more}spec:\n{lines}"
