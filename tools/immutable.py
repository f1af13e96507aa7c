"""What a real API server says to a change of a field: tests/diff/immutable.yaml, written anew or compared.

A case is an object and one change of it. The object is applied, the change is applied over it, and the answer is kept.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import yaml
from control_plane import control_plane, kubectl

CASES = Path(__file__).parents[1] / "tests" / "diff" / "immutable.yaml"
_UID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""What a server makes up anew at every run."""


def main() -> int:
    """Ask the server; with ``--write`` keep what it says, else compare with what is kept."""
    cases: list[dict[str, Any]] = yaml.safe_load(CASES.read_text())
    with control_plane() as path:
        kubectl(path, "create", "namespace", "inn")
        answers = [_ask(path, case) for case in cases]
    wrong = [case["name"] for case, answer in zip(cases, answers, strict=True) if case.get("answer") != answer]
    if "--write" in sys.argv:
        for case, answer in zip(cases, answers, strict=True):
            case["answer"] = answer
        head = "".join(line for line in CASES.read_text().splitlines(True) if line.startswith("#"))
        CASES.write_text(head + _dumped(cases))
        wrong = []
    print("\n".join([*(f"the server answers otherwise: {name}" for name in wrong), f"{len(cases)} answers"]))
    return 1 if wrong else 0


class _Plain(yaml.SafeDumper):
    """Without anchors: every case stands for itself."""

    def ignore_aliases(self, data: object) -> bool:
        del data
        return True


def _dumped(cases: list[dict[str, Any]]) -> str:
    return yaml.dump(cases, Dumper=_Plain, sort_keys=False, width=118, allow_unicode=True)


def _ask(path: Path, case: dict[str, Any]) -> str:
    """``accepted``, or what the server says."""
    first = _apply(path, case["object"])
    if first:
        raise SystemExit(f"{case['name']}: the object itself is refused: {first}")
    said = _apply(path, changed(case))
    body = case["object"]
    name = body["metadata"]["name"]
    kubectl(path, "delete", body["kind"], name, "-n", "inn", "--ignore-not-found", "--now", "--wait=false")
    kubectl(path, "patch", body["kind"], name, "-n", "inn", "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
    return said or "accepted"


def _apply(path: Path, body: dict[str, Any]) -> str:
    found = kubectl(path, "apply", "--server-side", "--force-conflicts", "-n", "inn", "-f", "-", given=body)
    return "" if found.returncode == 0 else _UID.sub("(uid)", " ".join(found.stderr.split()))[:200]


def changed(case: dict[str, Any]) -> dict[str, Any]:
    """The object with the case's fields set; a field whose value is null is taken out."""
    import copy

    body: dict[str, Any] = copy.deepcopy(case["object"])
    for pointer, value in case["set"].items():
        *way, last = pointer.split("/")
        at: Any = body
        for step in way:
            at = at[int(step)] if isinstance(at, list) else at.setdefault(step, {})
        if value is None:
            del at[last]
        else:
            at[last] = value
    return body


if __name__ == "__main__":
    sys.exit(main())
