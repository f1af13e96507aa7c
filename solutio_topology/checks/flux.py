"""Who applies what, and in which order, as Flux reads its Kustomizations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from typing import TYPE_CHECKING

from solutio_topology.checks.walk import maps, part

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence
    from solutio_topology.manifests.facts import Object

Name = tuple[str, str]
"""Namespace and name."""
GROUP = "kustomize.toolkit.fluxcd.io"
OWN_ACCOUNTS = frozenset({"kustomize-controller", "helm-controller"})
"""ServiceAccounts that Flux's own installation brings."""
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}

_CHART_GROUPS = {
    "cert-manager": ("cert-manager.io", "acme.cert-manager.io"),
    "cloudnative-pg": ("postgresql.cnpg.io",),
    "plugin-barman-cloud": ("barmancloud.cnpg.io",),
    "external-secrets": ("external-secrets.io",),
    "kube-prometheus-stack": ("monitoring.coreos.com",),
}
"""API groups whose definitions a chart brings: the charts' crds folders and templates."""
_SWITCHES: dict[str, tuple[tuple[str, ...], bool]] = {
    "cert-manager": (("crds", "enabled"), False),
    "external-secrets": (("installCRDs",), True),
    "cloudnative-pg": (("crds", "create"), True),
    "plugin-barman-cloud": (("crds", "create"), True),
}
"""The value with which a chart installs its definitions, and its default. Source: the charts' values.yaml."""


def kustomizations(evidence: Evidence) -> tuple[Object, ...]:
    """Flux's Kustomizations."""
    return evidence.of_kind("Kustomization", GROUP)


def path_of(applier: Object) -> str:
    """The folder that a Kustomization applies, without ``./``."""
    return _plain(str(part(applier.body, "spec", "path") or ""))


def _plain(path: str) -> str:
    return "/".join(step for step in path.split("/") if step not in {"", "."})


def folders(evidence: Evidence) -> frozenset[str]:
    """Every folder of the tree that holds a file, parents included."""
    files = evidence.files or {document.file for document in evidence.facts.documents}
    found = set()
    for file in files:
        steps = _plain(file).split("/")[:-1]
        found |= {"/".join(steps[:length]) for length in range(1, len(steps) + 1)}
    return frozenset(found)


def is_same(path: str, folder: str) -> bool:
    """Whether a path of the repository is a folder as it is shown: one may have more steps in front."""
    return path == folder or folder.endswith(f"/{path}") or path.endswith(f"/{folder}")


def is_any(path: str, folders: Set[str], ends: Set[str]) -> bool:
    """Whether a path is one of some folders, as `is_same` sees it; `ends` are those of all of them."""
    return path in ends or any(end in folders for end in _ends(path))


def ends_of(folders: Iterable[str]) -> frozenset[str]:
    """What a path may be called that is one of some folders, and has fewer steps in front."""
    return frozenset(end for folder in folders for end in _ends(folder))


def is_within(path: str, file: str) -> bool:
    """Whether a file, as it is shown, lies below a path of the repository."""
    steps = _plain(file).split("/")[:-1]
    return any(is_same(path, "/".join(steps[:length])) for length in range(len(steps), 0, -1))


def applier(evidence: Evidence, source: Object) -> Object | None:
    """The Kustomization that applies an object: the one with the longest path above its file."""
    return _appliers(evidence).get(evidence.facts.documents[source.place.document].file)


def _appliers(evidence: Evidence) -> dict[str, Object]:
    known = evidence.memo.get("appliers")
    if known is None:
        by_path: dict[str, Object] = {}
        for each in kustomizations(evidence):
            by_path.setdefault(path_of(each), each)
        files = {document.file for document in evidence.facts.documents}
        nearest = longest_above([path for path in by_path if path], files)
        known = evidence.memo["appliers"] = {file: by_path[path] for file, path in nearest.items()}
    return known


def longest_above(paths: Iterable[str], files: Iterable[str]) -> dict[str, str]:
    """For each file the longest path above it, as `is_within` sees it; files below none are left out.

    Takes a look at the ends of each path and of each folder, not at their pairs: a fleet has thousands of both.
    """
    ranked = sorted(dict.fromkeys(paths), key=lambda path: -len(path))
    rank = {path: number for number, path in enumerate(ranked)}
    ending: dict[str, int] = {}
    for number, path in enumerate(ranked):
        for end in _ends(path):
            ending.setdefault(end, number)
    found = {}
    for file in files:
        steps = _plain(file).split("/")[:-1]
        near = []
        for length in range(1, len(steps) + 1):
            folder = "/".join(steps[:length])
            near += [rank[end] for end in _ends(folder) if end in rank]
            near += [ending[folder]] if folder in ending else []
        if near:
            found[file] = ranked[min(near)]
    return found


def _ends(path: str) -> list[str]:
    """The path without its first steps, one by one: all of it first."""
    steps = path.split("/")
    return ["/".join(steps[start:]) for start in range(len(steps))]


def dependencies(source: Object) -> Iterator[tuple[int, Name]]:
    """What a Kustomization or HelmRelease waits for, with the position in its list."""
    for index, item in maps(part(source.body, "spec", "dependsOn")):
        yield index, (str(item.get("namespace") or source.key.namespace), str(item.get("name")))


def before(evidence: Evidence, source: Object) -> list[Object]:
    """The Kustomizations that are surely applied before this one."""
    known: dict[Name, Object] | None = evidence.memo.get("kustomizations")
    if known is None:
        known = {(each.key.namespace, each.key.name): each for each in kustomizations(evidence)}
        evidence.memo["kustomizations"] = known
    found: dict[Name, Object] = {}
    todo = [key for _, key in dependencies(source)]
    while todo:
        key = todo.pop()
        if key in known and key not in found:
            found[key] = known[key]
            todo += [wanted for _, wanted in dependencies(known[key])]
    return list(found.values())


def is_waited_for(applier: Object) -> bool:
    """Whether a Kustomization is ready only when what it applies is."""
    return bool(part(applier.body, "spec", "wait") or part(applier.body, "spec", "healthChecks"))


def circles(after: Mapping[Name, list[Name]]) -> Iterator[list[Name]]:
    """The circles of a graph of dependencies, each once, from its first member in the order of the graph."""
    done: set[Name] = set()
    for start in after:
        circle = _circle(after, start) if start not in done else None
        if circle:
            done.update(circle)
            yield circle


def _circle(after: Mapping[Name, list[Name]], start: Name) -> list[Name] | None:
    """A way from `start` back to itself."""
    came: dict[Name, Name] = {}
    todo = [start]
    while todo:
        here = todo.pop()
        for following in after.get(here, ()):
            if following == start:
                way = [here]
                while way[-1] != start:
                    way.append(came[way[-1]])
                return way[::-1]
            if following not in came:
                came[following] = here
                todo.append(following)
    return None


def installers(evidence: Evidence) -> dict[str, Object]:
    """What brings the definitions of an API group: a HelmRelease of a chart that does, or the definition itself."""
    found: dict[str, Object] = {}
    for each in evidence.of_kind("CustomResourceDefinition", "apiextensions.k8s.io"):
        found.setdefault(str(part(each.body, "spec", "group")), each)
    for each in evidence.of_kind("HelmRelease", "helm.toolkit.fluxcd.io"):
        if not switched_off(each):
            for group in _brought(each):
                found.setdefault(group, each)
    return found


def not_installed(evidence: Evidence) -> dict[str, Object]:
    """API groups whose definitions a chart could bring and is told not to, with its HelmRelease."""
    known = installers(evidence)
    releases = evidence.of_kind("HelmRelease", "helm.toolkit.fluxcd.io")
    return {group: each for each in releases for group in _brought(each) if group not in known}


def _brought(release: Object) -> tuple[str, ...]:
    return _CHART_GROUPS.get(str(part(release.body, "spec", "chart", "spec", "chart")), ())


def switched_off(release: Object) -> str:
    """The value that keeps a chart from installing its definitions; empty where it installs them."""
    steps, default = _SWITCHES.get(str(part(release.body, "spec", "chart", "spec", "chart")), ((), True))
    value = part(release.body, "spec", "values", *steps) if steps else None
    on = default if value is None else value is True
    return "" if on else ".".join(steps)


def seconds(duration: str) -> int:
    """A Go duration such as ``1h30m`` in whole seconds."""
    return round(sum(float(number) * _UNITS[unit] for number, unit in re.findall(r"([0-9.]+)(ms|s|m|h)", duration)))
