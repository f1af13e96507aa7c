"""Hold the comparison of objects against dyff: on every edit of the tests, both see the same objects and places differ.

Where they disagree on purpose, the reason stands in `EXCUSED`.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from solutio_topology.diff.model import Difference  # noqa: E402
from solutio_topology.diff.objects import Action  # noqa: E402
from tests.diff.edits import TEXT, edited, side  # noqa: E402
from tests.diff.hand import compared  # noqa: E402
from tests.diff.test_meaning import CASES  # noqa: E402
from tests.diff.test_pairs import PAIRS  # noqa: E402

DYFF = ROOT / ".tools" / "bin" / "dyff"
EXCUSED = {
    "the same size in another spelling": "2Gi is 2048Mi: dyff compares the texts",
}
"""Pairs on which the two say different things, and why ours is what a cluster does."""
_BESIDE = "\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: beside, namespace: inn}\n"
"""With a single document dyff does not say which object it is."""
Places = dict[str, set[tuple[str, ...]]]
_REPORT = re.compile(r"^(/\S*|\(root level\))\s+\((\S+)\)$")


def main() -> int:
    """Compare on every pair; 1 when anything differs that is not excused."""
    if not DYFF.exists():
        raise SystemExit("dyff is not built: tools/build.sh dyff")
    faults: list[str] = []
    count = 0
    for name, (ours, theirs) in _pairs():
        count += 1
        found = list(_differences(ours, theirs))
        if bool(found) is not (name in EXCUSED):
            faults += [f"{name}: {each}" for each in found or ["is excused, and nothing differs"]]
    print("\n".join(faults or [f"dyff: the same places of the same objects on {count} pairs, {len(EXCUSED)} excused"]))
    return 1 if faults else 0


def _pairs() -> Iterator[tuple[str, tuple[Places, Places]]]:
    for name, (before, changes, _) in CASES.items():
        after = before
        for old, new in changes:
            after = after.replace(old, new)
        yield name, (_ours(compared(before, after)), _theirs(before, after))
    for name, (changes, _) in PAIRS.items():
        with tempfile.TemporaryDirectory() as folder:
            found = edited(Path(folder), *changes)
            text = TEXT
            for old, new in changes:
                text = text.replace(old, new, 1)
            sides = (_all(side(Path(folder), each, "prod").files) for each in (TEXT, text))
            yield name, (_ours(found), _theirs(*sides))


def _all(files: Mapping[str, bytes]) -> str:
    manifests = (data.decode() for path, data in sorted(files.items()) if path.endswith(".yaml"))
    return "---\n".join(each for each in manifests if "kind: Kustomization\n" not in each or "fluxcd" in each)


def _ours(found: Difference) -> Places:
    """The places that differ by object; an object that only one side has differs as a whole."""
    places: Places = defaultdict(set)
    for change in found.objects:
        key = change.key
        name = "/".join(filter(None, (key.kind, key.namespace, key.name)))
        if change.action in (Action.ADDED, Action.REMOVED):
            places[name].add(())
            continue
        if change.action is Action.RENAMED:
            places[name].add(("metadata", "name"))
        for each in change.changes:
            # As dyff writes a place, a slash inside of a key cannot be told from one between keys.
            places[name].add(tuple("/".join(each.fields).split("/")))
    return places


def _theirs(before: str, after: str) -> Places:
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, name) for name in ("before.yaml", "after.yaml")]
        for path, text in zip(paths, (before, after), strict=True):
            path.write_text(text + _BESIDE)
        options = ["--omit-header", "--ignore-order-changes", "--use-go-patch-style", "--no-table-style", "--color=off"]
        told = subprocess.run(
            [str(DYFF), "between", *options, *map(str, paths)], capture_output=True, check=True, text=True
        ).stdout
    return _read(told)


def _read(told: str) -> Places:
    places: Places = defaultdict(set)
    for line in told.splitlines():
        match = _REPORT.match(line)
        if match:
            steps = match.group(1).removeprefix("(root level)").strip("/").split("/")
            fields = tuple(each for each in steps if each and not each.isdigit() and "=" not in each)
            places[_name(match.group(2))].add(fields)
    return places


def _name(text: str) -> str:
    """``apps/v1/Deployment/inn/desk`` without its version: kind, namespace and name."""
    parts = text.split("/")
    kind = next(index for index, each in enumerate(parts) if each[:1].isupper())
    return "/".join(parts[kind:])


def _differences(ours: Places, theirs: Places) -> Iterator[str]:
    for name in sorted(ours.keys() | theirs.keys()):
        mine, other = ours.get(name, set()), theirs.get(name, set())
        for one, rest, who in ((mine, other, "dyff"), (other, mine, "solutio")):
            for place in sorted(one):
                if not any(_within(place, each) or _within(each, place) for each in rest):
                    yield f"{who} does not tell {name} {'/'.join(place) or 'as a whole'}"


def _within(place: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return place[: len(other)] == other


if __name__ == "__main__":
    sys.exit(main())
