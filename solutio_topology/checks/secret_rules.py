"""``R``: where Secrets come from, and who names them besides pods: operators, issuers, charts, mounted files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from solutio_topology.checks.check import BothCheck, Check, ManifestCheck
from solutio_topology.checks.walk import closest, maps, part, related
from solutio_topology.findings import Finding, Rule, Severity
from solutio_topology.manifests.facts import Key

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence, Intent
    from solutio_topology.manifests.facts import KeyedObject, Object, Workload

STORE = Rule(
    code="R042",
    name="secret-store-differs",
    severity=Severity.ERROR,
    summary="An ExternalSecret reads from another store than the platform's.",
    rationale="No such store is set up: the Secret is never made, and its pods do not start.",
    example="secretStoreRef: {kind: ClusterSecretStore, name: solutoi}",
    remedy="name the store of platform.secrets, or add the SecretStore to the manifests",
)
NAMED = Rule(
    code="R043",
    name="named-secret-missing",
    severity=Severity.ERROR,
    summary="A custom resource, or the values of a chart, name a Secret or a key that nothing makes.",
    rationale="The operator or the chart's pods wait for it: no certificate, no DNS record, no backup.",
    example="apiTokenSecretRef: {name: cloudflare, key: token} where the Secret holds api-token",
    remedy="correct the name or the key, or let something make it",
)
TYPE = Rule(
    code="R044",
    name="secret-of-wrong-type",
    severity=Severity.ERROR,
    summary="A Secret of another type than the one who reads it takes.",
    rationale="The kubelet passes over a pull secret of another type; CloudNativePG refuses a user's Secret.",
    example="type: Opaque for a Secret in imagePullSecrets",
    remedy="set kubernetes.io/dockerconfigjson for pull secrets, kubernetes.io/basic-auth for database users",
)
TWICE = Rule(
    code="R045",
    name="secret-made-twice",
    severity=Severity.ERROR,
    summary="Two objects make the same Secret.",
    rationale="Each overwrites what the other wrote; which value holds changes from minute to minute.",
    example="two ExternalSecrets with target: {name: api-database}",
    remedy="let one of them make it",
)
MOUNTED = Rule(
    code="R046",
    name="mounted-key-missing",
    severity=Severity.ERROR,
    summary="A file is mounted from a key that the ConfigMap or Secret does not hold.",
    rationale="The kubelet makes an empty folder in its place, or does not start the container.",
    example="volumeMounts: [{mountPath: /etc/app.yaml, subPath: app.yml}] where the key is app.yaml",
    remedy="name one of its keys, or add the key",
)
EMPTY = Rule(
    code="R052",
    name="secret-left-empty",
    severity=Severity.ERROR,
    summary="Something makes a Secret and puts nothing into it, or not what its type must hold.",
    rationale="The operator or the API server refuses it: the Secret never appears, and its pods wait for it.",
    example="an ExternalSecret with neither data nor dataFrom",
    remedy="name the entries of the store that it takes; a pull secret holds .dockerconfigjson",
)
VAIN = Rule(
    code="R058",
    name="secret-copied-in-vain",
    severity=Severity.WARNING,
    summary="An entry of the secret store is read into a second namespace, where nothing reads it.",
    rationale="Whoever may read Secrets there has the credential, and nobody misses it when it is forgotten.",
    example="an ExternalSecret for the token of external-dns, copied into the namespace of an application",
    remedy="remove the copy",
)

_BASIC, _DOCKER = "kubernetes.io/basic-auth", "kubernetes.io/dockerconfigjson"
_CNPG, _ESO = "postgresql.cnpg.io", "external-secrets.io"
_MADE_BY_ITS_READER = frozenset({"privateKeySecretRef"})
"""Fields that name a Secret which the controller itself makes."""


def _stores(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    wanted = intent.graph.platform.secrets.store
    here = {
        (each.key.kind, each.key.name)
        for kind in ("SecretStore", "ClusterSecretStore")
        for each in evidence.of_kind(kind, "external-secrets.io")
    }
    for secret in evidence.of_kind("ExternalSecret", "external-secrets.io") if wanted else ():
        ref = part(secret.body, "spec", "secretStoreRef")
        name, kind = part(ref, "name"), part(ref, "kind") or "SecretStore"
        known = (str(kind), str(name)) in here or (kind, name) == ("ClusterSecretStore", wanted)
        if name and not known:
            where = evidence.locate(secret.place.at("spec", "secretStoreRef"))
            message = f"{secret.key} reads from {kind} {name}; platform.secrets names ClusterSecretStore {wanted}"
            yield STORE.finding(message, where, subject=str(secret.key))


def _named(evidence: Evidence) -> Iterator[Finding]:
    known: dict[tuple[str, str], list[KeyedObject]] = defaultdict(list)
    for each in evidence.facts.keyed:
        if each.key.kind == "Secret":
            known[each.key.namespace, each.key.name].append(each)
    for source, space, steps, ref in _references(evidence):
        fault = _fault(known, space, str(ref.get("name")), ref.get("key"))
        if fault and not evidence.secrets_elsewhere:
            where = evidence.locate(source.place.at(*steps))
            yield NAMED.finding(f"{source.key} needs {fault}", where, subject=str(source.key))


def _fault(known: dict[tuple[str, str], list[KeyedObject]], space: str, name: str, key: object) -> str:
    found = known.get((space, name))
    if not found:
        return f"Secret {space}/{name}, which nothing makes{closest(name, (n for s, n in known if s == space))}"
    keys = [own for each in found for own in each.keys or ()]
    if key in keys or any(each.keys is None for each in found):
        return ""
    if key is None:
        return f"a key of Secret {space}/{name}, and names none; it holds {', '.join(keys) or 'no keys'}"
    return f"key {key} of Secret {space}/{name}, which holds {', '.join(keys) or 'no keys'}"


_Steps = tuple[str | int, ...]
_Reference = tuple["Object", str, _Steps, dict[str, Any]]


def _references(evidence: Evidence) -> Iterator[_Reference]:
    """Mentions of Secrets outside of pods: source, the namespace that is meant, place and reference."""
    for source in evidence.facts.objects:
        for steps, ref in _refs(source, _READERS.get((source.key.group, source.key.kind))):
            space = source.key.namespace or _issuer_space(evidence)
            if source.key.kind == "HelmRelease":
                space = str(part(source.body, "spec", "targetNamespace") or source.key.namespace)
            if space:
                yield source, space, steps, ref


_READERS: dict[tuple[str, str], _Steps] = {
    ("cert-manager.io", "ClusterIssuer"): ("spec",),
    ("cert-manager.io", "Issuer"): ("spec",),
    ("helm.toolkit.fluxcd.io", "HelmRelease"): ("spec", "values"),
    ("barmancloud.cnpg.io", "ObjectStore"): ("spec", "configuration"),
}
"""Whose bodies are searched for mentions of Secrets, and from where on."""
_KEYS = frozenset({"secretKeyRef", "accessKeyId", "secretAccessKey", "sessionToken"})


def _refs(source: Object, start: _Steps | None) -> Iterator[tuple[_Steps, dict[str, Any]]]:
    todo: list[tuple[_Steps, Any]] = [(start, part(source.body, *start))] if start else []
    while todo:
        steps, value = todo.pop(0)
        if isinstance(value, dict):
            name = str(steps[-1])
            said = name in _KEYS or name.endswith("SecretRef")
            if said and name not in _MADE_BY_ITS_READER and isinstance(value.get("name"), str):
                yield steps, value
            todo += [((*steps, key), child) for key, child in value.items()]
        elif isinstance(value, list):
            todo += [((*steps, index), child) for index, child in enumerate(value)]


def _issuer_space(evidence: Evidence) -> str:
    """The namespace in which cert-manager looks for the Secrets of a ClusterIssuer: its own."""
    for release in evidence.of_kind("HelmRelease", "helm.toolkit.fluxcd.io"):
        if part(release.body, "spec", "chart", "spec", "chart") == "cert-manager":
            return str(part(release.body, "spec", "targetNamespace") or release.key.namespace)
    return ""


def _types(evidence: Evidence) -> Iterator[Finding]:
    types = {key: (each, kind) for each in _makers(evidence) for key, kind in _type_of(each)}
    for (space, name), wanted in _wanted_types(evidence).items():
        maker, kind = types.get((space, name), (None, wanted))
        if maker is not None and kind != wanted:
            message = f"{maker.key} makes Secret {name} of type {kind}; it is read as {wanted}"
            yield TYPE.finding(message, evidence.locate(maker.place.at("spec")), subject=str(maker.key))


def _makers(evidence: Evidence) -> Iterator[Object]:
    yield from evidence.of_kind("Secret")
    yield from evidence.of_kind("ExternalSecret", "external-secrets.io")
    yield from evidence.of_kind("SealedSecret", "bitnami.com")


def _type_of(maker: Object) -> Iterator[tuple[tuple[str, str], str]]:
    space, spec = maker.key.namespace, part(maker.body, "spec")
    if maker.key.kind == "Secret":
        yield (space, maker.key.name), str(maker.body.get("type") or "Opaque")
    elif maker.key.kind == "SealedSecret":
        yield (space, maker.key.name), str(part(spec, "template", "type") or "Opaque")
    else:
        name = part(spec, "target", "name") or maker.key.name
        yield (space, str(name)), str(part(spec, "target", "template", "type") or "Opaque")


def _wanted_types(evidence: Evidence) -> dict[tuple[str, str], str]:
    found = {}
    for workload in evidence.written:
        for _, each in maps(workload.pod_spec.get("imagePullSecrets")):
            found[workload.key.namespace, str(each.get("name"))] = _DOCKER
    for cluster in evidence.of_kind("Cluster", _CNPG):
        users = [part(cluster.body, "spec", "bootstrap", "initdb", "secret", "name")]
        roles = maps(part(cluster.body, "spec", "managed", "roles"))
        users += [part(role, "passwordSecret", "name") for _, role in roles]
        found |= {(cluster.key.namespace, str(name)): _BASIC for name in users if name}
    return found


_HELD = {_DOCKER: (".dockerconfigjson",), "kubernetes.io/tls": ("tls.crt", "tls.key")}
"""What a Secret of a type must hold, or the API server refuses it."""


def _empty(evidence: Evidence) -> Iterator[Finding]:
    """Source: external-secrets validates its kinds (either data or dataFrom); core/v1 Secret types of the API."""
    known = {(each.key, each.maker or str(each.key)): each.keys for each in evidence.facts.keyed}
    for maker in _makers(evidence):
        for (space, name), kind in _type_of(maker):
            keys = known.get((Key("", "Secret", space, name), str(maker.key)))
            lacking = [each for each in _HELD.get(kind, ()) if each not in (keys or ())]
            fault = "takes nothing from the store" if not _takes(maker) else ""
            fault = fault or (f"of type {kind} lacks {', '.join(lacking)}" if keys is not None and lacking else "")
            if fault:
                message = f"{maker.key}: the Secret {name} {fault}"
                yield EMPTY.finding(message, evidence.locate(maker.place), subject=str(maker.key))


def _takes(maker: Object) -> bool:
    """Whether an ExternalSecret names anything to take; what others hold stands in them."""
    spec = part(maker.body, "spec")
    return maker.key.kind != "ExternalSecret" or bool(part(spec, "data") or part(spec, "dataFrom"))


def _twice(evidence: Evidence) -> Iterator[Finding]:
    first: dict[tuple[str, str], KeyedObject] = {}
    for each in evidence.facts.keyed:
        known = first.setdefault((each.key.namespace, each.key.name), each) if each.key.kind == "Secret" else each
        if known is not each and known.maker != each.maker and each.assumed is None and known.assumed is None:
            yield TWICE.finding(
                f"{each.maker or each.key} and {known.maker or known.key} both make Secret {each.key.name}",
                evidence.locate(each.place),
                subject=str(each.key),
                related=related(evidence, (known.place, "the first one")),
            )


def _vain(evidence: Evidence) -> Iterator[Finding]:
    read = {
        (workload.key.namespace, mention.name)
        for workload in evidence.written
        for mention in workload.references
        if mention.kind == "Secret"
    }
    read |= {(space, str(ref.get("name"))) for _, space, _, ref in _references(evidence)}
    read |= set(_wanted_types(evidence))
    first: dict[tuple[str, str], Object] = {}
    secrets = [(each, name) for each in evidence.of_kind("ExternalSecret", _ESO) for (_, name), _ in _type_of(each)]
    for each, name in sorted(secrets, key=lambda pair: (pair[0].key.namespace, pair[1]) not in read):
        for _, item in maps(part(each.body, "spec", "data")):
            entry = (str(part(item, "remoteRef", "key")), str(part(item, "remoteRef", "property")))
            known = first.setdefault(entry, each)
            if known.key.namespace != each.key.namespace and (each.key.namespace, name) not in read:
                message = f"{each.key} reads {entry[0]}, as {known.key} does, and nothing reads its Secret {name}"
                yield VAIN.finding(message, evidence.locate(each.place), subject=str(each.key))
                break


def _mounted(evidence: Evidence) -> Iterator[Finding]:
    known: dict[tuple[str, str, str], list[KeyedObject]] = defaultdict(list)
    for each in evidence.facts.keyed:
        known[each.key.kind, each.key.namespace, each.key.name].append(each)
    for workload in evidence.written:
        for volume, kind, name in _volumes(workload):
            found = known.get((kind, workload.key.namespace, name), [])
            if not found or any(each.keys is None for each in found):
                continue
            keys = {key for each in found for key in each.keys or ()}
            yield from _missing_keys(evidence, workload, volume, f"{kind} {name}", keys)


def _volumes(workload: Workload) -> Iterator[tuple[dict[str, Any], str, str]]:
    for _, volume in maps(workload.pod_spec.get("volumes")):
        for field, kind, key in (("configMap", "ConfigMap", "name"), ("secret", "Secret", "secretName")):
            if isinstance(name := part(volume, field, key), str) and not part(volume, field, "optional"):
                yield {**volume, "items": part(volume, field, "items")}, kind, name


def _missing_keys(
    evidence: Evidence, workload: Workload, volume: dict[str, Any], what: str, keys: set[str]
) -> Iterator[Finding]:
    chosen = {str(item.get("path")): str(item.get("key")) for _, item in maps(volume["items"])}
    paths = set(chosen) if chosen else keys
    for container in workload.containers:
        for index, mount in maps(container.body.get("volumeMounts")):
            path = mount.get("subPath")
            if (
                mount.get("name") == volume.get("name")
                and isinstance(path, str)
                and path.split("/")[0] not in {each.split("/")[0] for each in paths}
            ):
                where = evidence.locate(container.place.at("volumeMounts", index))
                message = f"{workload.key} mounts {path} of {what}, which holds {', '.join(sorted(keys)) or 'no keys'}"
                yield MOUNTED.finding(message, where, subject=str(workload.key))


CHECKS: tuple[Check, ...] = (
    BothCheck(STORE, _stores),
    ManifestCheck(NAMED, _named),
    ManifestCheck(TYPE, _types),
    ManifestCheck(TWICE, _twice),
    ManifestCheck(EMPTY, _empty),
    ManifestCheck(VAIN, _vain),
    ManifestCheck(MOUNTED, _mounted),
)
