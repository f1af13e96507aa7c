"""Fingerprints of tenant pods that were taken before: most files of a fleet are as they were, and need not be read."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from solutio_topology import store
from solutio_topology.workflows.inputs import renderer_signature


class Prints:
    """What the files of tenant pods are without their names, by the hash of what they are with them."""

    def __init__(self, root: Path, environment: str) -> None:
        """What is remembered of an environment of a project, looked up when it is first asked for."""
        self._root = root
        self._environment = environment
        self._used: dict[str, store.Known] = {}

    @cached_property
    def _program(self) -> str:
        return renderer_signature()

    @cached_property
    def _known(self) -> dict[str, store.Known]:
        return store.load_prints(self._root, self._environment, self._program)

    def get(self, key: str) -> store.Known | None:
        """What was found of files with this hash. Empty: nobody knows what they are."""
        found = self._known.get(key)
        if found is not None:
            self._used[key] = found
        return found

    def put(self, key: str, found: store.Known) -> None:
        """Remember what was found."""
        if key:
            self._used[key] = found

    def save(self) -> None:
        """Leave behind what was of use this time."""
        if self._used and self._used.keys() != self._known.keys():
            store.save_prints(self._root, self._environment, self._program, self._used)
