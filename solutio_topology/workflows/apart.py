"""The rules over the manifests alone, in a process that begins while the topology is still being read."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from solutio_topology.workflows.project import find_topology
from solutio_topology.workflows.spread import Waiting, beside, waiting

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence, Intent
    from solutio_topology.checks.run import Begun, Checked
    from solutio_topology.findings import Finding
    from solutio_topology.manifests import Facts
    from solutio_topology.manifests.facts import Key
    from solutio_topology.workflows.render import Tell

_ENOUGH, _TOO_MANY = 16, 256
"""Files below which it does not pay, and from which on most belong to tenant pods that are equal and are not read."""
MANY = 2_000
"""Objects from which on some rules are checked in a process that has all of the evidence."""
Findings = tuple[tuple["Finding", ...], ...]
Prepared = tuple[dict[str, str], "Facts"]
"""The hash of each file that was read, and what they say."""


class Question(Struct, frozen=True):
    """What the topology says to those who read the manifests without it."""

    files: frozenset[str]
    mapping: Mapping[Key, tuple[str, str]]
    kubernetes: str
    secrets_elsewhere: bool


class Apart:
    """Who reads manifests and judges them: another process, or this one where there is none or it read others."""

    def __init__(self, other: Waiting[Prepared, Question, Findings] | None = None) -> None:
        self._other = other

    def facts(self, files: Mapping[str, bytes], tell: Tell | None = None) -> Facts:
        """What some manifests say. The other process has read them already, if they are just those."""
        prepared = self._other.prepared() if self._other is not None else None
        if prepared is not None and prepared[0] == _hashes(files):
            return prepared[1]
        self._other = None
        from solutio_topology.workflows.reading import read_all
        from solutio_topology.workflows.render import quiet

        return read_all(files, tell=tell or quiet)

    def begin(self, intent: Intent, evidence: Evidence) -> Begun:
        """Begin with some rules elsewhere: over the evidence alone, after its facts; of a fleet, in a new process."""
        from solutio_topology.checks.run import AWAY, OVER_MANIFESTS, Begun, check_some

        if len(evidence.facts.objects) >= MANY:
            return Begun(AWAY, beside(partial(check_some, intent, evidence, AWAY)))
        if self._other is None:
            return Begun()
        answer = self._other.ask(
            Question(evidence.files, evidence.mapping, evidence.kubernetes, evidence.secrets_elsewhere)
        )
        numbers = frozenset(OVER_MANIFESTS)

        def wait() -> Checked:
            told = answer()
            if told is None:
                return check_some(intent, evidence, numbers)
            return dict(zip(OVER_MANIFESTS, told, strict=True))

        return Begun(numbers, wait)


@contextlib.contextmanager
def begun(given: Path | None, environments: Iterable[str]) -> Iterator[Apart]:
    """Begin to read what is rendered for an environment, if it is one and that pays. Raises FileError."""
    names = tuple(environments)
    if len(names) == 1 and str(given) != "-":
        root, folder = find_topology(given).parent, f"rendered/{names[0]}"
        if _pays(root / folder):
            with waiting(partial(_prepare, root, folder)) as other:
                yield Apart(other)
            return
    yield Apart()


def _pays(folder: Path) -> bool:
    """Whether there are enough files, and not too many; of a fleet not all are counted."""
    names = (name for _, _, files in os.walk(folder) for name in files)
    return _ENOUGH <= sum(1 for _ in islice(names, _TOO_MANY)) < _TOO_MANY


def _hashes(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}


def _prepare(root: Path, folder: str) -> tuple[Prepared, Callable[[Question], Findings]]:
    """Everything that can be done before the question is known."""
    from solutio_topology.checks.alone import check_each
    from solutio_topology.checks.inputs import Evidence
    from solutio_topology.manifests import read_files
    from solutio_topology.manifests.read import manifest_paths, read_manifest
    from solutio_topology.reach import solve

    files = {path.relative_to(root).as_posix(): read_manifest(path) for path in manifest_paths(root / folder)}
    facts = read_files(files)

    def answer(question: Question) -> Findings:
        evidence = Evidence(
            facts,
            solve(facts),
            question.files,
            dict(question.mapping),
            question.kubernetes,
            secrets_elsewhere=question.secrets_elsewhere,
        )
        return check_each(evidence)

    return (_hashes(files), facts), answer
