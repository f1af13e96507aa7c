"""Faults in what Flux and kustomize do with the files, and in the values of charts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tools.mutation.operator import Operator, Site, add, drop, flip, misspell, narrow_range, put, widen_range

_K, _H, _B = ("Kustomization",), ("HelmRelease",), ("Build",)
_SOURCES = ("GitRepository", "HelmRepository", "OCIRepository")


def _with(**fields: Any) -> Any:
    return lambda site: ({**site.value, key: value} for key, value in fields.items())


def _scalar(site: Site) -> Iterator[Any]:
    """Another value of the same kind; a range of addresses wider and narrower."""
    value = site.value
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, str) and "/" in value and value[0].isdigit() and "," not in value:
        yield from widen_range(site)
        yield from narrow_range(site)
    elif value in ("true", "false"):
        yield "false" if value == "true" else "true"
    elif isinstance(value, (str, int)):
        yield from misspell(site)


def _another_folder(site: Site) -> Iterator[Any]:
    """The folder of another Kustomization."""
    others = [each.body["spec"]["path"] for each in site.tree.of_kind("Kustomization")]
    yield from [path for path in others if path != site.value][:1]


def _circle(site: Site) -> Iterator[Any]:
    """A Kustomization that waits for one that waits for it."""
    name = site.item.body["metadata"]["name"]
    for each in site.tree.of_kind("Kustomization"):
        if any(wanted.get("name") == name for wanted in each.body["spec"].get("dependsOn", [])):
            yield {**site.value, "dependsOn": [{"name": each.body["metadata"]["name"]}]}
            return


OPERATORS = (
    Operator("flux-path", "a folder that is not there", _K, "spec/path", misspell),
    Operator("flux-path-other", "the folder of another", _K, "spec/path", _another_folder),
    Operator("flux-path-parent", "the folder above", _K, "spec/path", lambda s: iter([s.value.rpartition("/")[0]])),
    Operator(
        "flux-dependency",
        "a dependency that is not there",
        ("Kustomization", "HelmRelease"),
        "spec/dependsOn/*/name",
        misspell,
    ),
    Operator(
        "flux-dependency-drop", "a dependency is gone", ("Kustomization", "HelmRelease"), "spec/dependsOn/*", drop
    ),
    Operator("flux-dependency-circle", "dependencies in a circle", _K, "spec", _circle),
    Operator("flux-source", "another source", _K, "spec/sourceRef/name|kind", misspell),
    Operator("flux-source-space", "a source of another namespace", _K, "spec/sourceRef", _with(namespace="elsewhere")),
    Operator("flux-account", "another account", ("Kustomization", "HelmRelease"), "spec/serviceAccountName", misspell),
    Operator("flux-account-drop", "no account", ("Kustomization", "HelmRelease"), "spec/serviceAccountName", drop),
    Operator(
        "flux-account-admin", "the controller's own account", _K, "spec/serviceAccountName", put("kustomize-controller")
    ),
    Operator("flux-prune", "nothing is ever deleted", _K, "spec/prune", flip),
    Operator("flux-wait", "waits, or does not", _K, "spec/wait", flip),
    Operator(
        "flux-suspend",
        "nothing is applied any more",
        ("Kustomization", "HelmRelease", *_SOURCES),
        "spec",
        _with(suspend=True),
    ),
    Operator("flux-timeout", "no time to become ready", ("Kustomization", "HelmRelease"), "spec/timeout", put("1s")),
    Operator("flux-target-space", "everything in another namespace", _K, "spec", _with(targetNamespace="elsewhere")),
    Operator("flux-name-affix", "other names for everything", _K, "spec", _with(namePrefix="x-", nameSuffix="-x")),
    Operator(
        "flux-patch",
        "a patch of everything",
        _K,
        "spec",
        _with(patches=[{"patch": "- op: remove\n  path: /spec/podSelector\n", "target": {"kind": "NetworkPolicy"}}]),
    ),
    Operator(
        "flux-substitute", "words replaced in everything", _K, "spec", _with(postBuild={"substitute": {"a": "b"}})
    ),
    Operator("flux-images", "other images", _K, "spec", _with(images=[{"name": "nginx", "newTag": "9"}])),
    Operator("flux-decryption", "nothing is decrypted", _K, "spec/decryption", drop),
    Operator("flux-decryption-key", "another key", _K, "spec/decryption/**/name", misspell),
    Operator("flux-remote", "another cluster", _K, "spec", _with(kubeConfig={"secretRef": {"name": "other"}})),
    Operator("source-url", "another repository", _SOURCES, "spec/url", misspell),
    Operator("source-branch", "another branch", ("GitRepository",), "spec/ref/*", misspell),
    Operator("source-ref-drop", "no branch", ("GitRepository",), "spec/ref", drop),
    Operator("source-ignore", "the files are left out", ("GitRepository",), "spec/ignore", put("/*\n")),
    Operator("source-ignore-drop", "all files of the repository", ("GitRepository",), "spec/ignore", drop),
    Operator("source-secret", "another credential", _SOURCES, "spec/secretRef/name", misspell),
    Operator("chart-name", "another chart", _H, "spec/chart/spec/chart", misspell),
    Operator("chart-version", "another version", _H, "spec/chart/spec/version", put("9.9.9", "*", ">=1.0.0")),
    Operator("chart-version-drop", "the newest version", _H, "spec/chart/spec/version", drop),
    Operator("chart-source", "another source of the chart", _H, "spec/chart/spec/sourceRef/name|kind", misspell),
    Operator("release-name", "another release name", _H, "spec/releaseName", misspell),
    Operator("release-space", "another namespace", _H, "spec/targetNamespace", misspell),
    Operator("release-storage", "another place for the release's records", _H, "spec/storageNamespace", misspell),
    Operator("release-crds", "no definitions", _H, "spec/install|upgrade/crds", put("Skip")),
    Operator("helm-value", "another value", _H, "spec/values/**/*", _scalar),
    Operator("helm-value-drop", "a value is gone", _H, "spec/values/**/*", drop),
    Operator(
        "helm-values-from",
        "values from elsewhere",
        _H,
        "spec",
        _with(valuesFrom=[{"kind": "ConfigMap", "name": "more"}]),
    ),
    Operator("build-drop", "a file is no longer applied", _B, "resources/*", drop),
    Operator("build-resource", "a file that is not there", _B, "resources/*", misspell),
    Operator("build-resources", "no file is applied", _B, "resources", drop),
    Operator(
        "build-add", "something from elsewhere", _B, "resources", add("https://example.org/all.yaml", "../other.yaml")
    ),
    Operator(
        "build-space",
        "everything in another namespace",
        _B,
        "",
        lambda s: iter([{**s.value, "namespace": "elsewhere"}]),
    ),
    Operator(
        "build-affix",
        "other names for everything",
        _B,
        "",
        lambda s: iter([{**s.value, "namePrefix": "x-"}, {**s.value, "nameSuffix": "-x"}]),
    ),
    Operator(
        "build-labels",
        "other labels for everything",
        _B,
        "",
        lambda s: iter(
            [
                {**s.value, "labels": [{"pairs": {"topology.solutio.dev/service": "x"}, "includeSelectors": True}]},
                {**s.value, "commonLabels": {"topology.solutio.dev/service": "x"}},
            ]
        ),
    ),
    Operator(
        "build-patch",
        "a patch",
        _B,
        "",
        lambda s: iter(
            [
                {
                    **s.value,
                    "patches": [
                        {"patch": "- op: remove\n  path: /spec/podSelector\n", "target": {"kind": "NetworkPolicy"}}
                    ],
                },
                {**s.value, "images": [{"name": "nginx", "newTag": "9"}]},
                {**s.value, "replicas": [{"name": "api", "count": 0}]},
            ]
        ),
    ),
)
