"""The rules over the manifests alone, in a process that begins while the topology is still being read."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from solutio_topology.workflows.project import find_topology
from solutio_topology.workflows.spread import waiting

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence
    from solutio_topology.findings import Finding
    from solutio_topology.manifests import Facts
    from solutio_topology.manifests.facts import Key

_ENOUGH, _TOO_MANY = 16, 2048
"""Files below which it does not pay, and from which on most belong to tenant pods that are equal and are not read."""
Found = Callable[[], tuple["Finding", ...]]
Begin = Callable[[frozenset[str], "Evidence"], Found]
"""Begins with the rules over some manifests and what else is evidence; what is given waits for the findings."""


class Question(Struct, frozen=True):
    """What the topology says to those who read the manifests without it."""

    read: frozenset[str]
    """The manifests that are judged."""
    files: frozenset[str]
    mapping: Mapping[Key, tuple[str, str]]
    kubernetes: str
    secrets_elsewhere: bool


def here(_read: frozenset[str], evidence: Evidence) -> Found:
    """Without another process: when the findings are asked for."""
    from solutio_topology.checks.alone import check_manifests

    return lambda: check_manifests(evidence)


@contextlib.contextmanager
def begun(given: Path | None, environments: Iterable[str]) -> Iterator[Begin]:
    """Begin to read what is rendered for an environment, if it is one and that pays. Raises FileError."""
    names = tuple(environments)
    if len(names) != 1 or str(given) == "-":
        yield here
        return
    root = find_topology(given).parent
    folder = f"rendered/{names[0]}"
    if not _ENOUGH <= _count(root / folder) < _TOO_MANY:
        yield here
        return
    with waiting(lambda: _prepared(root, folder)) as ask:

        def begin(read: frozenset[str], evidence: Evidence) -> Found:
            otherwise = here(read, evidence)
            answer = ask(_question(read, evidence)) if ask is not None else otherwise

            def found() -> tuple[Finding, ...]:
                told = answer()
                return otherwise() if told is None else told

            return found

        yield begin


def _count(folder: Path) -> int:
    return sum(len(files) for _, _, files in os.walk(folder))


def _question(read: frozenset[str], evidence: Evidence) -> Question:
    return Question(read, evidence.files, evidence.mapping, evidence.kubernetes, evidence.secrets_elsewhere)


def _prepared(root: Path, folder: str) -> Callable[[Question], tuple[Finding, ...]]:
    """Everything that can be done before the question is known."""
    from solutio_topology.checks.alone import check_manifests
    from solutio_topology.checks.inputs import Evidence
    from solutio_topology.reach import solve

    read, facts = _read(root, folder)

    def answer(question: Question) -> tuple[Finding, ...]:
        if question.read != read:
            raise LookupError("other files are judged than those that were read")
        evidence = Evidence(
            facts,
            solve(facts),
            question.files,
            dict(question.mapping),
            question.kubernetes,
            secrets_elsewhere=question.secrets_elsewhere,
        )
        return check_manifests(evidence)

    return answer


def _read(root: Path, folder: str) -> tuple[frozenset[str], Facts]:
    from solutio_topology.manifests import read_files
    from solutio_topology.manifests.read import manifest_paths, read_manifest

    shown = {path.relative_to(root).as_posix(): path for path in manifest_paths(root / folder)}
    return frozenset(shown), read_files({name: read_manifest(path) for name, path in shown.items()})
