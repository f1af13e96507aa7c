"""Generate schemas/crds: strict JSON Schemas of the custom resources that solutio renders or reads.

The CustomResourceDefinitions are those that controller-gen wrote into the published Go modules, at pinned versions;
they are taken from there through the Go module proxy, so that nothing else is downloaded.
"""

from __future__ import annotations

import argparse
import filecmp
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

MODULES = {
    "github.com/fluxcd/kustomize-controller@v1.9.4": "config/crd/bases",
    "github.com/fluxcd/helm-controller@v1.6.3": "config/crd/bases",
    "github.com/fluxcd/source-controller@v1.9.1": "config/crd/bases",
    "github.com/cert-manager/cert-manager@v1.21.1": "deploy/crds",
    "sigs.k8s.io/gateway-api@v1.6.3": "config/crd/standard",
    "github.com/cilium/cilium@v1.20.2": "pkg/k8s/apis/cilium.io/client/crds/v2",
    "github.com/cloudnative-pg/cloudnative-pg@v1.30.0": "config/crd/bases",
    "github.com/cloudnative-pg/plugin-barman-cloud@v0.15.0": "config/crd/bases",
    "github.com/external-secrets/external-secrets@v0.20.4": "config/crds/bases",
    "sigs.k8s.io/network-policy-api@v0.1.1": "config/crd/experimental",
}
KINDS = {
    "kustomize.toolkit.fluxcd.io": {"Kustomization"},
    "helm.toolkit.fluxcd.io": {"HelmRelease"},
    "source.toolkit.fluxcd.io": {"GitRepository", "OCIRepository", "HelmRepository", "HelmChart", "Bucket"},
    "cert-manager.io": {"Certificate", "CertificateRequest", "Issuer", "ClusterIssuer"},
    "gateway.networking.k8s.io": {"Gateway", "GatewayClass", "HTTPRoute", "GRPCRoute", "TLSRoute", "ReferenceGrant"},
    "cilium.io": {"CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"},
    "postgresql.cnpg.io": {
        "Cluster", "Backup", "ScheduledBackup", "Pooler", "ImageCatalog", "ClusterImageCatalog", "Database",
    },
    "barmancloud.cnpg.io": {"ObjectStore"},
    "external-secrets.io": {"ExternalSecret", "SecretStore", "ClusterSecretStore"},
    "policy.networking.k8s.io": {"AdminNetworkPolicy", "BaselineAdminNetworkPolicy"},
}  # fmt: skip
Schema = dict[str, Any]


def main() -> int:
    """Generate, or with ``--check`` compare with what is committed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    if not arguments.check:
        print(f"{generate(arguments.folder)} kinds")
        return 0
    with tempfile.TemporaryDirectory() as name:
        count = generate(Path(name))
        differing = sorted(_differences(Path(name), arguments.folder))
    print("\n".join(f"{path} is not what the modules hold" for path in differing) or f"{count} kinds are current")
    return 1 if differing else 0


def generate(folder: Path) -> int:
    """Write every schema and the index; how many kinds there are."""
    index = []
    for module, below in MODULES.items():
        for crd in _definitions(download(module) / below):
            index += list(_write(crd, module, folder))
    index.sort(key=lambda entry: (entry["group"], entry["kind"], entry["version"]))
    _dump(folder / "index.json", index)
    return len(index)


def download(module: str) -> Path:
    """The folder of a published Go module, fetched through the module proxy where it is not here yet."""
    run = subprocess.run(["go", "mod", "download", "-json", module], capture_output=True, text=True, check=False)
    found = json.loads(run.stdout or "{}")
    if "Dir" not in found:
        sys.exit(f"{module} cannot be had: {found.get('Error', run.stderr)}")
    return Path(found["Dir"])


def _definitions(folder: Path) -> Iterator[Schema]:
    for path in sorted(folder.glob("*.yaml")):
        for document in yaml.load_all(path.read_text(), yaml.CSafeLoader):
            if document and document.get("kind") == "CustomResourceDefinition":
                spec = document["spec"]
                if spec["names"]["kind"] in KINDS.get(spec["group"], ()):
                    yield spec


def _write(crd: Schema, module: str, folder: Path) -> Iterator[dict[str, str]]:
    group, kind = crd["group"], crd["names"]["kind"]
    for version in crd["versions"]:
        if not version["served"]:
            continue
        name = f"{group}/{kind.lower()}_{version['name']}.json"
        schema = strict(version["schema"]["openAPIV3Schema"])
        schema["properties"] |= {
            "apiVersion": {"const": f"{group}/{version['name']}"},
            "kind": {"const": kind},
            "metadata": {"type": "object"},
        }
        schema["required"] = sorted({*schema.get("required", ()), "apiVersion", "kind", "metadata"})
        _dump(folder / name, {"$schema": "http://json-schema.org/draft-07/schema#", **schema})
        yield {
            "group": group,
            "version": version["name"],
            "kind": kind,
            "scope": crd["scope"],
            "file": name,
            "source": module,
        }


def strict(schema: Schema) -> Schema:
    """A schema that refuses unknown keys, as the API server does on strict validation; descriptions cut out."""
    found = {key: value for key, value in schema.items() if key not in _LEFT_OUT}
    _strict_children(found)
    for word in ("anyOf", "oneOf", "allOf"):
        if word in found:
            found[word] = [_branch(each) for each in found[word]]
    if "not" in found:
        found["not"] = _branch(found["not"])
    if found.get("x-kubernetes-int-or-string"):
        found.pop("type", None)
        found["anyOf"] = [{"type": "integer"}, {"type": "string"}]
    if found.pop("nullable", False) and isinstance(found.get("type"), str):
        found["type"] = [found["type"], "null"]
    return {key: value for key, value in found.items() if not key.startswith("x-kubernetes-")}


_LEFT_OUT = frozenset({"description", "format", "example", "default", "x-kubernetes-validations"})


def _strict_children(found: Schema) -> None:
    open_ended = found.get("x-kubernetes-preserve-unknown-fields") or found.get("x-kubernetes-embedded-resource")
    if "properties" in found:
        found["properties"] = {name: strict(each) for name, each in found["properties"].items()}
        if "additionalProperties" not in found and not open_ended:
            found["additionalProperties"] = False
    for word in ("additionalProperties", "items"):
        if isinstance(found.get(word), dict):
            found[word] = strict(found[word])


def _branch(schema: Schema) -> Schema:
    """A branch narrows what stands around it: it must not refuse the keys that it does not speak of."""
    found = {key: value for key, value in schema.items() if key not in {"description"}}
    if "properties" in found:
        found["properties"] = {name: _branch(each) for name, each in found["properties"].items()}
    if "items" in found:
        found["items"] = _branch(found["items"])
    for word in ("anyOf", "oneOf", "allOf"):
        if word in found:
            found[word] = [_branch(each) for each in found[word]]
    return found


def _dump(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False) + "\n")


def _differences(fresh: Path, committed: Path) -> Iterator[str]:
    names = {path.relative_to(root).as_posix() for root in (fresh, committed) for path in root.rglob("*.json")}
    for name in names:
        if not ((fresh / name).exists() and (committed / name).exists()) or not filecmp.cmp(
            fresh / name, committed / name, shallow=False
        ):
            yield name


if __name__ == "__main__":
    sys.exit(main())
