"""``F``, ``M``: what kustomize and Flux leave out, bring in or change on the way from the files to the cluster."""

from __future__ import annotations

import itertools
import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from solutio_topology.checks import flux
from solutio_topology.checks.check import BothCheck, ManifestCheck
from solutio_topology.checks.walk import closest, maps, part, texts
from solutio_topology.findings import Finding, Rule, Severity

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence, Intent
    from solutio_topology.manifests.facts import Build, Object

NOT_BUILT = Rule(
    code="F024",
    name="file-not-built",
    severity=Severity.ERROR,
    summary="A kustomization.yaml that leaves out a file of its folder, or names one that is not there.",
    rationale="What it leaves out is reviewed and proved and never applied; what is missing stops all of it.",
    example="resources: [api.yaml] beside a front.yaml that nothing names",
    remedy="list the file under resources, or remove it",
)
CHANGED = Rule(
    code="F025",
    name="changed-on-the-way",
    severity=Severity.WARNING,
    summary="kustomize or Flux changes the objects after they are read here, or brings others in.",
    rationale="What is proved of the files is then not proved of what reaches the cluster.",
    example="patches, namePrefix, targetNamespace, postBuild or a remote resource",
    remedy="write the result into the files; or judge the built tree: solutio validate ENV --manifests DIR",
)
NOT_DECRYPTED = Rule(
    code="F027",
    name="secret-not-decrypted",
    severity=Severity.ERROR,
    summary="An encrypted Secret in a folder that Flux applies without decrypting it, or with another key.",
    rationale="The API server refuses it for its field `sops`, and everything beside it in the folder with it.",
    example="a Secret with sops: {…} under a Kustomization without spec.decryption",
    remedy="set spec.decryption.provider: sops, and name the key's Secret",
)
APPLIED_TWICE = Rule(
    code="M012",
    name="folder-applied-twice",
    severity=Severity.ERROR,
    summary="Two Kustomizations apply the same folder, or one a folder inside the other's.",
    rationale="They take the objects from each other at every turn, and when one is removed it deletes them.",
    example="path: ./rendered/prod/shop beside path: ./rendered/prod/shop/apps",
    remedy="let each folder be applied by one Kustomization",
)

_LISTS = ("resources", "bases", "components")
_CHANGES = (
    *("namespace", "namePrefix", "nameSuffix", "labels", "commonLabels", "commonAnnotations", "images", "replicas"),
    *("patches", "patchesStrategicMerge", "patchesJson6902", "replacements", "vars", "components"),
    *(
        "configMapGenerator",
        "secretGenerator",
        "generators",
        "transformers",
        "helmCharts",
        "helmChartInflationGenerator",
    ),
)
_FLUX_CHANGES = (
    *("targetNamespace", "namePrefix", "nameSuffix", "patches", "patchesStrategicMerge", "patchesJson6902"),
    *("images", "postBuild", "components", "commonMetadata", "kubeConfig"),
)


def _not_built(evidence: Evidence) -> Iterator[Finding]:
    files = _files(evidence)
    builds = _builds(evidence)
    for build in evidence.facts.builds:
        yield from _missing(evidence, build, files, builds)
    below = _by_folder(evidence)
    told: set[str] = set()
    for applier in flux.kustomizations(evidence):
        for finding in _left_out(evidence, applier, below, builds):
            told.add(finding.subject)
            yield finding
    yield from _beside(evidence, builds, told)


def _files(evidence: Evidence) -> frozenset[str]:
    """Every file that can be applied, as it is shown."""
    return frozenset(document.file for document in evidence.facts.documents) | evidence.files


def _builds(evidence: Evidence) -> dict[str, Build]:
    return {build.folder: build for build in evidence.facts.builds}


def _missing(evidence: Evidence, build: Build, files: frozenset[str], builds: dict[str, Build]) -> Iterator[Finding]:
    if (fault := _unknown_kind(build)) and build.body:
        where, subject = evidence.locate(build.place), build.folder or "kustomization.yaml"
        yield NOT_BUILT.finding(
            f"the kustomization of {subject} is {fault}, which kustomize refuses", where, subject=subject
        )
    if not any(key in build.body for key in (*_LISTS, *_CHANGES)):
        where, subject = evidence.locate(build.place), build.folder or "kustomization.yaml"
        yield NOT_BUILT.finding(f"the kustomization of {subject} names no resources", where, subject=subject)
    for key, index, name, path in _named(build):
        if _is_remote(name) or path in files or path in builds:
            continue
        near = closest(name, (file.rpartition("/")[2] for file in files if file.rpartition("/")[0] == build.folder))
        yield NOT_BUILT.finding(
            f"the kustomization of {build.folder or 'this folder'} names {name}, which is not there{near}",
            evidence.locate(build.place.at(key, index)),
            subject=path,
        )


def _unknown_kind(build: Build) -> str:
    """What a file says that it is, where that is no kustomization; both words may be left out."""
    version, kind = build.body.get("apiVersion"), build.body.get("kind")
    known = {"Kustomization": ("v1beta1", "v1"), "Component": ("v1alpha1", "v1beta1")}
    versions = [f"kustomize.config.k8s.io/{each}" for each in known.get(str(kind or "Kustomization"), ())]
    return "" if versions and version in (None, *versions) else f"{version} {kind}"


def _named(build: Build) -> Iterator[tuple[str, int, str, str]]:
    """What a kustomization names: list, position, text, and the path that it means."""
    for key in _LISTS:
        for index, name in enumerate(texts(build.body.get(key))):
            yield key, index, name, posixpath.normpath(posixpath.join(build.folder, name))


def _is_remote(name: str) -> bool:
    return "://" in name or "?ref=" in name or name.startswith(("github.com/", "git@"))


def _by_folder(evidence: Evidence) -> dict[str, list[str]]:
    """The files with objects, by every folder that they are below."""
    found: dict[str, list[str]] = {}
    for file in _with_objects(evidence):
        for folder in ("", *_folders_above(file)):
            found.setdefault(folder, []).append(file)
    return found


def _with_objects(evidence: Evidence) -> list[str]:
    documents = evidence.facts.documents
    return list(dict.fromkeys(documents[each.place.document].file for each in evidence.facts.objects))


def _left_out(
    evidence: Evidence, applier: Object, below: dict[str, list[str]], builds: dict[str, Build]
) -> Iterator[Finding]:
    """The manifests of the folder that its kustomization never comes to. Without one Flux takes all of them."""
    root = _build_of(flux.path_of(applier), builds)
    if root is None:
        return
    built = _reached(root, builds)
    for file in below.get(root.folder, ()):
        if file not in built:
            yield NOT_BUILT.finding(
                f"{file} is not among the resources of {root.folder}: {applier.key.name} does not apply it",
                evidence.locate(root.place),
                subject=file,
            )


def _build_of(path: str, builds: dict[str, Build]) -> Build | None:
    """The kustomization of a path of the repository."""
    return builds.get(path) or next((build for folder, build in builds.items() if flux.is_same(path, folder)), None)


def _beside(evidence: Evidence, builds: dict[str, Build], told: set[str]) -> Iterator[Finding]:
    """Manifests in the very folder of a kustomization that no kustomization comes to, whoever applies it."""
    reached = {path for build in builds.values() for path in _reached(build, builds)}
    for file in _with_objects(evidence):
        build = builds.get(file.rpartition("/")[0])
        if build is not None and file not in reached and file not in told:
            message = f"{file} is not among the resources of {build.folder or 'its folder'}"
            yield NOT_BUILT.finding(message, evidence.locate(build.place), subject=file)


def _reached(root: Build, builds: dict[str, Build]) -> set[str]:
    """The files that a kustomization comes to, through others as well."""
    found: set[str] = set()
    todo = [root]
    while todo:
        for _, _, _, path in _named(todo.pop()):
            if path in builds and path not in found:
                todo.append(builds[path])
            found.add(path)
    return found


def _changed(evidence: Evidence) -> Iterator[Finding]:
    for build in evidence.facts.builds:
        subject = build.folder or "kustomization.yaml"
        for key in _CHANGES:
            if build.body.get(key) and not _is_same_space(evidence, build, key):
                where = evidence.locate(build.place.at(key))
                yield CHANGED.finding(f"the kustomization of {subject} sets {key}", where, subject=subject)
        for key, index, name, _ in _named(build):
            if _is_remote(name):
                where = evidence.locate(build.place.at(key, index))
                message = f"the kustomization of {subject} brings {name} in, of which nothing is known here"
                yield CHANGED.finding(message, where, subject=subject)
    yield from _unseen_values(evidence)
    for applier in flux.kustomizations(evidence):
        for key in _FLUX_CHANGES:
            value = part(applier.body, "spec", key)
            if value and not (key == "targetNamespace" and _spaces(evidence, applier) <= {str(value)}):
                where = evidence.locate(applier.place.at("spec", key))
                yield CHANGED.finding(f"{applier.key} sets {key}", where, subject=str(applier.key))


def _unseen_values(evidence: Evidence) -> Iterator[Finding]:
    for release in evidence.of_kind("HelmRelease", "helm.toolkit.fluxcd.io"):
        for index, source in maps(part(release.body, "spec", "valuesFrom")):
            where = evidence.locate(release.place.at("spec", "valuesFrom", index))
            message = f"{release.key} takes values from {source.get('kind')} {source.get('name')}, unseen here"
            yield CHANGED.finding(message, where, subject=str(release.key))


def _is_same_space(evidence: Evidence, build: Build, key: str) -> bool:
    """Whether the namespace that a kustomization sets is the one that its objects name already."""
    inside = {
        each.key.namespace
        for each in evidence.facts.objects
        if evidence.facts.documents[each.place.document].file.rpartition("/")[0] == build.folder
    }
    return key == "namespace" and inside - {""} <= {str(build.body.get(key))}


def _spaces(evidence: Evidence, applier: Object) -> set[Any]:
    return {
        each.key.namespace
        for each in evidence.facts.objects
        if each.key.namespace and (own := flux.applier(evidence, each)) and own.key == applier.key
    }


def _not_decrypted(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    wanted = intent.graph.platform.secrets
    for each in flux.kustomizations(evidence) if wanted.provider == "sops" else ():
        given = part(each.body, "spec", "decryption", "secretRef", "name")
        if part(each.body, "spec", "decryption") and given != wanted.key:
            where = evidence.locate(each.place.at("spec", "decryption"))
            message = f"{each.key} decrypts with Secret {given}; platform.secrets.key is {wanted.key}"
            yield NOT_DECRYPTED.finding(message, where, subject=str(each.key))
    for secret in evidence.of_kind("Secret"):
        own = flux.applier(evidence, secret) if "sops" in secret.body else None
        if own is not None and part(own.body, "spec", "decryption", "provider") != "sops":
            message = f"{secret.key} is encrypted, and {own.key}, which applies it, decrypts nothing"
            yield NOT_DECRYPTED.finding(message, evidence.locate(secret.place.at("sops")), subject=str(secret.key))


def _applied_twice(evidence: Evidence) -> Iterator[Finding]:
    builds = _builds(evidence)
    by_path: dict[str, list[Object]] = {}
    for each in flux.kustomizations(evidence):
        if path := flux.path_of(each):
            by_path.setdefault(path, []).append(each)
    for path, appliers in by_path.items():
        pairs = list(itertools.combinations(appliers, 2))
        for outer in (folder for folder in _folders_above(path) if folder in by_path):
            if _takes_in(builds, outer, path):
                pairs += itertools.product(by_path[outer], appliers)
        for one, other in pairs:
            yield APPLIED_TWICE.finding(
                f"{one.key} and {other.key} both apply {path}",
                evidence.locate(one.place.at("spec", "path")),
                subject=str(one.key),
            )


def _folders_above(path: str) -> Iterator[str]:
    steps = path.split("/")
    return ("/".join(steps[:length]) for length in range(1, len(steps)))


def _takes_in(builds: dict[str, Build], outer: str, inner: str) -> bool:
    """Whether applying a folder applies the one inside: it does, unless a kustomization leaves it out."""
    root = _build_of(outer, builds)
    return root is None or any(flux.is_same(inner, path) for path in _reached(root, builds))


CHECKS = (
    ManifestCheck(NOT_BUILT, _not_built),
    ManifestCheck(CHANGED, _changed),
    BothCheck(NOT_DECRYPTED, _not_decrypted),
    ManifestCheck(APPLIED_TWICE, _applied_twice),
)
