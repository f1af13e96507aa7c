#!/usr/bin/env python3
"""A kubectl that answers for a cluster in a file: the fake that tests of ``--live`` put on PATH.

``$CLUSTER`` names a JSON file: ``objects`` that run, ``unknown`` and ``forbidden`` kinds, ``refused`` names with what
the server says. As the real one does, an apply in which any object is refused prints none of the others.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

Body = dict[str, Any]


def main() -> int:
    """Answer one call."""
    state = json.loads(Path(os.environ["CLUSTER"]).read_text())
    words = [each for each in sys.argv[1:] if not each.startswith("--")]
    with Path(os.environ["CLUSTER"] + ".calls").open("a") as file:
        file.write(" ".join(words) + "\n")
    if state.get("silent"):
        return _fail("The connection to the server 10.0.0.1:6443 was refused - did you specify the right host or port?")
    if words[0] == "version":
        print("{}")
        return 0
    return _apply(state) if words[0] == "apply" else _get(state, words[1:])


def _get(state: Body, words: list[str]) -> int:
    if words[0] == "-f":
        asked = json.load(sys.stdin)["items"]
        return _print([each for body in asked if (each := _running(state, body))]) if _may(state, asked) else 1
    if words[0].startswith("kustomizations"):
        return _print([each for each in state["objects"] if each["kind"] == "Kustomization"])
    namespace = words[words.index("-n") + 1] if "-n" in words else ""
    kind = words[0].partition(".")[0]
    wanted = {"kind": kind, "metadata": {"name": words[1], "namespace": namespace}}
    found = _running(state, wanted, versions=False)
    print(json.dumps(found) if found else "")
    return 0


def _apply(state: Body) -> int:
    asked = json.load(sys.stdin)["items"]
    if not _may(state, asked):
        return 1
    said = [state["refused"][name] for each in asked if (name := each["metadata"]["name"]) in state.get("refused", {})]
    if said:
        return _fail("\n".join(said))
    return _print([{**each, "status": {}, "metadata": {**each["metadata"], "uid": "1"}} for each in asked])


def _may(state: Body, asked: list[Body]) -> bool:
    for each in asked:
        if each["kind"] in state.get("unknown", ()):
            _fail(f'error: resource mapping not found: no matches for kind "{each["kind"]}"')
            return False
        if each["kind"] in state.get("forbidden", ()):
            _fail(f'Error from server (Forbidden): {each["kind"]} is forbidden: User "x" cannot do this')
            return False
    return True


def _running(state: Body, body: Body, *, versions: bool = True) -> Body | None:
    def identity(each: Body) -> tuple[str, str, str, str]:
        metadata = each["metadata"]
        version = str(each.get("apiVersion")) if versions else ""
        return version, each["kind"], metadata.get("namespace", ""), metadata["name"]

    return next((each for each in state["objects"] if identity(each) == identity(body)), None)


def _print(items: list[Body]) -> int:
    print(json.dumps({"kind": "List", "items": items}))
    return 0


def _fail(said: str) -> int:
    print(said, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
