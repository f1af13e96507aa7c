"""The answer to a question that was asked before, while nothing that it depends on has changed."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from solutio_topology import store
from solutio_topology.workflows.inputs import nothing_changed
from solutio_topology.workflows.project import find_topology

if TYPE_CHECKING:
    from solutio_topology.workflows.project import Project


class Asked(Struct, frozen=True):
    """A question about a topology and its rendered files."""

    topology: Path
    question: str
    """The command and every option that decides what it says."""

    @classmethod
    def of(cls, given: Path | None, words: Iterable[str]) -> Asked | None:
        """A question about a topology file; None where it comes from standard input. Raises FileError."""
        if given is not None and str(given) == "-":
            return None
        topology = find_topology(given)
        return cls(topology, json.dumps([str(topology), *words]))

    def answer(self) -> store.Answer | None:
        """What was said last, if it would be said again."""
        known = store.load_answers(self.topology.parent).get(self.question)
        return known if known is not None and known.state == self._state(known.environments) != "" else None

    def before(self, project: Project, environments: Sequence[str]) -> str:
        """What an answer will depend on, before the files are looked at; empty where that is not certain."""
        return self._state(environments, [file.sha256 for file in project.source.files])

    def keep(self, before: str, environments: Sequence[str], text: str, code: int) -> None:
        """Remember an answer, if what it depends on is certain and is still as it was before."""
        if before and before == self._state(environments):
            store.save_answer(
                self.topology.parent, self.question, store.Answer(before, tuple(environments), text, code)
            )

    def _state(self, environments: Sequence[str], loaded: Sequence[str] = ()) -> str:
        """Hash of the day, the program, and the content of all sources and rendered files; empty if not certain.

        `loaded` are hashes of sources that were read: they must be those that are known.
        """
        root = self.topology.parent
        found = hashlib.sha256(datetime.date.today().isoformat().encode())
        for name in environments:
            index = store.load_index(root, name)
            if not nothing_changed(self.topology, name, index):
                return ""
            sources, files = {path: seen[4] for path, seen in index.sources.items()}, index.hashes()
            # A file that lies beside the rendered ones is judged, too, and nobody knows what it holds.
            is_strange = any(path not in files for path in store.every_file(root, f"rendered/{name}"))
            if is_strange or not set(loaded).issubset(sources.values()):
                return ""
            for path, digest in sorted({**sources, **files}.items()):
                found.update(f"{name} {index.renderer} {path} {digest}\0".encode())
        return found.hexdigest() if environments else ""
