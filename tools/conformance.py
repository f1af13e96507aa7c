"""Hold what is rendered against the real tools: kustomize builds the same objects, kubeconform agrees on every one."""

from __future__ import annotations

import copy
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate

from solutio_topology.checks.schemas import core_kinds, core_validator
from solutio_topology.yamlio import emit, read_manifests

ROOT = Path(__file__).parent.parent
TOOLS = ROOT / ".tools" / "bin"
KUBERNETES = "1.34"
CORE_SCHEMAS = Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema" / f"v{KUBERNETES}.0-local-strict"
Body = dict[str, Any]


def main() -> int:
    """Run both comparisons; 1 when anything differs."""
    for tool in ("kustomize", "kubeconform"):
        if not (TOOLS / tool).exists():
            print(f"{tool} is not built: run make tools", file=sys.stderr)
            return 4
    faults = [*compare_builds(), *compare_judgements()]
    for fault in faults:
        print(fault)
    return 1 if faults else 0


def compare_builds() -> list[str]:
    """``kustomize build`` of every overlay against the rendered folder, and of the rendered folder itself."""
    faults: list[str] = []
    folders = objects = 0
    for path in sorted((ROOT / "rendered").rglob("kustomization.yaml")):
        folder = path.parent
        wanted = _by_identity(_rendered(folder))
        builds = [folder]
        overlay = ROOT / "overlays" / folder.relative_to(ROOT / "rendered")
        if overlay.exists():
            builds.append(overlay)
            folders += 1
            objects += len(wanted)
        for built in builds:
            found = _by_identity(_documents(_run("kustomize", "build", str(built))))
            name = built.relative_to(ROOT)
            faults += [f"{name}: {' '.join(key)} differs" for key in sorted(wanted) if found.get(key) != wanted[key]]
            faults += [f"{name}: {' '.join(key)} is too much" for key in sorted(found.keys() - wanted.keys())]
    print(f"kustomize: {folders} overlays build the {objects} objects that are rendered")
    return faults


def _run(tool: str, *arguments: str) -> bytes:
    return subprocess.run([TOOLS / tool, *arguments], capture_output=True, check=True).stdout


def _documents(data: bytes) -> list[Body]:
    documents, faults = read_manifests(data)
    if faults:
        raise ValueError(faults[0].message)
    return [document.value for document in documents]


def _rendered(folder: Path) -> list[Body]:
    return [
        body
        for path in sorted(folder.glob("*.yaml"))
        if path.name != "kustomization.yaml"
        for body in _documents(path.read_bytes())
    ]


def _by_identity(bodies: list[Body]) -> dict[tuple[str, ...], Body]:
    return {
        (
            body["apiVersion"],
            body["kind"],
            body["metadata"].get("namespace", ""),
            body["metadata"]["name"],
        ): body
        for body in bodies
    }


def compare_judgements() -> list[str]:
    """Our judgement of objects, whole and broken, against kubeconform's with the same schemas."""
    whole = [body for path in sorted((ROOT / "rendered").rglob("*.yaml")) for body in _core_objects(path)]
    broken = [each for body in _one_of_each_kind(whole) for each in damage(body)]
    ours = [_is_valid(body) for body in (*whole, *broken)]
    theirs = _kubeconform([*whole, *broken])
    faults = [
        f"{body['kind']} {body.get('metadata', {})}: we say {mine}, kubeconform says {other}"
        for body, mine, other in zip((*whole, *broken), ours, theirs, strict=True)
        if mine != other
    ]
    print(f"kubeconform: agrees on {len(whole)} rendered objects and on {len(broken)} broken ones")
    return faults


def _core_objects(path: Path) -> Iterator[Body]:
    if path.name == "kustomization.yaml":
        return
    for body in _documents(path.read_bytes()):
        group = body["apiVersion"].rpartition("/")[0]
        if "." not in group or group.endswith(".k8s.io"):
            yield body


def _one_of_each_kind(bodies: list[Body]) -> list[Body]:
    return list({body["kind"]: body for body in bodies}.values())


def damage(body: Body) -> Iterator[Body]:
    """An object broken in several ways, one at a time."""
    yield {**body, "sepc": {}}
    yield {**body, "metadata": {**body["metadata"], "lables": {}}}
    yield {**body, "metadata": {**body["metadata"], "labels": ["a"]}}
    yield {**body, "metadata": {**body["metadata"], "labels": {"a": 1}}}
    yield {**body, "metadata": "name"}
    for path in _paths(body.get("spec"), ("spec",)):
        values: tuple[Any, ...] = ("text", 7, [], {"x": 1}, True)
        for value in values:
            changed = copy.deepcopy(body)
            _put(changed, path, value)
            if changed != body:
                yield changed
    if isinstance(body.get("spec"), dict):
        for key in body["spec"]:
            yield {**body, "spec": {name: value for name, value in body["spec"].items() if name != key}}
        yield {**body, "spec": {**body["spec"], "unknownField": 1}}


def _paths(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """The first few levels of a value."""
    if len(path) > 3:
        return
    items = value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*path, key)
        yield from _paths(inner, (*path, key))


def _put(body: Any, path: tuple[Any, ...], value: Any) -> None:
    for step in path[:-1]:
        body = body[step]
    body[path[-1]] = value


def _is_valid(body: Body) -> bool:
    group, _, version = body["apiVersion"].rpartition("/")
    definition = core_kinds(KUBERNETES)[group, version, body["kind"]]
    return bool(core_validator(KUBERNETES, definition).is_valid(body))


def write_schemas(folder: Path) -> None:
    """The same definitions as one file a kind: kubeconform cannot follow references into another file."""
    text = (CORE_SCHEMAS / "_definitions.json").read_text().replace("/api/_definitions.json#", "#")
    definitions = json.loads(text)["$defs"]
    (folder / "all").mkdir()
    for (group, version, kind), name in core_kinds(KUBERNETES).items():
        suffix = "-".join(part for part in (group.partition(".")[0], version) if part)
        schema = {"$ref": f"#/$defs/{name}", "$defs": _needed(name, definitions)}
        (folder / "all" / f"{kind.lower()}-{suffix}.json").write_text(json.dumps(schema))


def _needed(name: str, definitions: dict[str, Any]) -> dict[str, Any]:
    """A definition and all that it refers to."""
    found: dict[str, Any] = {}
    todo = [name]
    while todo:
        each = todo.pop()
        if each not in found:
            found[each] = definitions[each]
            todo += re.findall(r'"#/\$defs/([^"]+)"', json.dumps(definitions[each]))
    return found


def _kubeconform(bodies: list[Body]) -> list[bool]:
    """kubeconform's answers, in order: each object in a file of its own."""
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory() as schemas:
        folder = Path(name)
        write_schemas(Path(schemas))
        for index, body in enumerate(bodies):
            (folder / f"{index:06}.yaml").write_bytes(emit([body]))
        template = f"{schemas}/all/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json"
        options = ["-schema-location", template, "-output", "json", "-verbose", "-n", "2"]
        command = [str(TOOLS / "kubeconform"), *options, str(folder)]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        results = json.loads(run.stdout)["resources"]
    status = {int(Path(each["filename"]).stem): each["status"] for each in results}
    if errors := [each["msg"] for each in results if each["status"] == "statusError" and "find schema" in each["msg"]]:
        raise ValueError(errors[0])
    return [status[index] == "statusValid" for index in range(len(bodies))]


if __name__ == "__main__":
    sys.exit(main())
