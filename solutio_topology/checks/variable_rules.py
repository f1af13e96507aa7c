"""``R``: variables that are composed of others, and what custom resources mention by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from solutio_topology.checks.check import BothCheck, Check, ManifestCheck
from solutio_topology.checks.walk import closest, maps, part, texts, used_names
from solutio_topology.findings import Finding, Rule, Severity
from solutio_topology.manifests.facts import Key

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence, Intent
    from solutio_topology.manifests.facts import Container, KeyedObject, Object, Workload

UNRESOLVED = Rule(
    code="R031",
    name="variable-unresolved",
    severity=Severity.ERROR,
    summary="A value is composed of a variable that its container does not define before it.",
    rationale="Kubernetes then leaves $(NAME) in the text as it stands, and the program connects to nonsense.",
    example="DATABASE_URL: postgres://$(DB_USER)@db where DB_USER comes later, or not at all",
    remedy="define the variable before the one that uses it",
)
CUSTOM = Rule(
    code="R032",
    name="custom-reference-missing",
    severity=Severity.ERROR,
    summary="A custom resource names an object that is not there.",
    rationale="Its operator waits, or fails later: a backup without credentials is noticed when it is needed.",
    example="a Database whose cluster.name is no Cluster",
    remedy="correct the name, or add the object",
)

EMPTY = Rule(
    code="R033",
    name="variable-without-value",
    severity=Severity.WARNING,
    summary="A variable with neither a value nor a source.",
    rationale="The program gets an empty text where somebody meant an address or a credential.",
    example="env: [{name: API_KEY}]",
    remedy='give it a value or valueFrom; write value: "" where it is to be empty',
)
PULL_SECRET = Rule(
    code="R034",
    name="pull-secret-missing",
    severity=Severity.ERROR,
    summary="Pods with an image of the private registry and without its credentials.",
    rationale="The image cannot be pulled: the pods stay in ImagePullBackOff.",
    example="an image of platform.registry in a pod without imagePullSecrets",
    remedy="name platform.pullSecret in imagePullSecrets of the pod or its ServiceAccount",
)


def _unresolved(evidence: Evidence) -> Iterator[Finding]:
    for workload in evidence.written:
        for container in workload.containers:
            yield from _in_container(evidence, workload, container)


def _in_container(evidence: Evidence, workload: Workload, container: Container) -> Iterator[Finding]:
    # What an envFrom brings is not known here, and is defined first.
    open_ended = bool(container.body.get("envFrom"))
    known: set[str] = set()
    uses = []
    for variable in container.env:
        uses += [(name, variable.name, variable.place, set(known)) for name in used_names(variable.value or "")]
        known.add(variable.name)
    for field in ("command", "args"):
        for text in texts(container.body.get(field)):
            uses += [(name, field, container.place.at(field), known) for name in used_names(text)]
    for name, user, place, before in uses:
        if name not in before and not open_ended:
            yield UNRESOLVED.finding(
                f"{workload.key}: {user} of {container.name} uses $({name}), which is not defined before it"
                f"{closest(name, before)}",
                evidence.locate(place),
                subject=str(workload.key),
            )


def _empty(evidence: Evidence) -> Iterator[Finding]:
    for workload in evidence.written:
        for container in workload.containers:
            for index, variable in maps(container.body.get("env")):
                if "value" not in variable and "valueFrom" not in variable:
                    message = f"{workload.key}: variable {variable.get('name')} of {container.name} has no value"
                    where = evidence.locate(container.place.at("env", index))
                    yield EMPTY.finding(message, where, subject=str(workload.key))


def _pull_secrets(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    wanted, registry = intent.graph.platform.pull_secret, intent.graph.platform.registry
    for workload in evidence.written if wanted else ():
        account = evidence.objects.get(Key("", "ServiceAccount", workload.key.namespace, workload.service_account))
        named = [*maps(workload.pod_spec.get("imagePullSecrets"))]
        named += maps(part(account.body, "imagePullSecrets")) if account else []
        ours = [each for each in workload.containers if each.image.startswith(f"{registry}/")]
        if ours and wanted not in {item.get("name") for _, item in named}:
            message = f"{workload.key} runs {ours[0].image}, and {wanted} is not among its pull secrets"
            yield PULL_SECRET.finding(message, evidence.locate(workload.pod_place), subject=str(workload.key))


_CNPG, _BARMAN = "postgresql.cnpg.io", "barmancloud.cnpg.io"
_NAMED: tuple[tuple[tuple[str, str], tuple[str, ...], tuple[str, str]], ...] = (
    ((_CNPG, "Database"), ("cluster", "name"), (_CNPG, "Cluster")),
    ((_CNPG, "ScheduledBackup"), ("cluster", "name"), (_CNPG, "Cluster")),
    ((_CNPG, "Backup"), ("cluster", "name"), (_CNPG, "Cluster")),
    ((_CNPG, "Pooler"), ("cluster", "name"), (_CNPG, "Cluster")),
    ((_CNPG, "Cluster"), ("plugins", "*", "parameters", "barmanObjectName"), (_BARMAN, "ObjectStore")),
    ((_CNPG, "Cluster"), ("bootstrap", "initdb", "secret", "name"), ("", "Secret")),
    ((_CNPG, "Cluster"), ("managed", "roles", "*", "passwordSecret", "name"), ("", "Secret")),
    ((_CNPG, "Cluster"), ("imagePullSecrets", "*", "name"), ("", "Secret")),
    ((_BARMAN, "ObjectStore"), ("configuration", "s3Credentials", "accessKeyId", "name"), ("", "Secret")),
    ((_BARMAN, "ObjectStore"), ("configuration", "s3Credentials", "secretAccessKey", "name"), ("", "Secret")),
    (("helm.toolkit.fluxcd.io", "HelmRelease"), ("chartRef", "name"), ("source.toolkit.fluxcd.io", "*")),
)
"""Where custom resources name objects of their own namespace. Sources: the API references of the operators."""


def _custom(evidence: Evidence) -> Iterator[Finding]:
    for (group, kind), steps, target in _NAMED:
        for source in evidence.of_kind(kind, group):
            for path, name in _values(part(source.body, "spec"), steps, ()):
                if not _exists(evidence, source, target, name):
                    near = closest(name, _names(evidence, source, target))
                    yield _missing(evidence, source, path, f"{target[1]} {name}", near)
    yield from _catalogs(evidence)
    yield from _issuers(evidence)
    yield from _stores(evidence)


def _missing(evidence: Evidence, source: Object, path: tuple[str | int, ...], what: str, near: str = "") -> Finding:
    return CUSTOM.finding(
        f"{source.key} names {what}, which does not exist{near}",
        evidence.locate(source.place.at("spec", *path)),
        subject=str(source.key),
    )


_Path = tuple[str | int, ...]


def _values(value: Any, steps: tuple[str, ...], path: _Path) -> Iterator[tuple[_Path, str]]:
    """The texts along `steps`; ``*`` stands for every item of a list."""
    if not steps:
        if isinstance(value, str):
            yield path, value
    elif steps[0] == "*":
        for index, item in maps(value):
            yield from _values(item, steps[1:], (*path, index))
    else:
        yield from _values(part(value, steps[0]), steps[1:], (*path, steps[0]))


def _names(evidence: Evidence, source: Object, target: tuple[str, str]) -> set[str]:
    """The names of what a kind (``*``: any of the group) has in the namespace of an object."""
    known: dict[tuple[str, str, str], set[str]] = evidence.memo.setdefault("named", {})
    where = (*target, source.key.namespace)
    if where not in known:
        known[where] = {each.key.name for each in _of_kind(evidence, *where)}
    return known[where]


def _of_kind(evidence: Evidence, group: str, kind: str, namespace: str) -> Iterable[Object | KeyedObject]:
    if (group, kind) == ("", "Secret"):
        return _secrets(evidence).get(namespace, ())
    if kind == "*":
        return (each for each in evidence.facts.objects if (each.key.group, each.key.namespace) == (group, namespace))
    return evidence.of_kind_in(namespace, kind, group)


def _secrets(evidence: Evidence) -> dict[str, list[KeyedObject]]:
    """The Secrets by namespace, those included that something makes."""
    found: dict[str, list[KeyedObject]] | None = evidence.memo.get("secrets")
    if found is None:
        found = evidence.memo["secrets"] = {}
        for each in evidence.facts.keyed:
            if each.key.kind == "Secret":
                found.setdefault(each.key.namespace, []).append(each)
    return found


def _exists(evidence: Evidence, source: Object, target: tuple[str, str], name: str) -> bool:
    if target == ("", "Secret") and evidence.secrets_elsewhere:
        return True
    return name in _names(evidence, source, target)


def _catalogs(evidence: Evidence) -> Iterator[Finding]:
    for cluster in evidence.of_kind("Cluster", _CNPG):
        ref = part(cluster.body, "spec", "imageCatalogRef")
        if not isinstance(ref, dict):
            continue
        spaces = dict.fromkeys(("", cluster.key.namespace))
        near = (each for space in spaces for each in evidence.of_kind_in(space, str(ref.get("kind")), _CNPG))
        wanted = [each for each in near if each.key.name == ref.get("name")]
        majors = [image.get("major") for each in wanted for _, image in maps(part(each.body, "spec", "images"))]
        if ref.get("major") not in majors:
            what = f"major {ref.get('major')} of {ref.get('kind')} {ref.get('name')}"
            yield _missing(evidence, cluster, ("imageCatalogRef",), what)


_ISSUER = {"cert-manager.io/cluster-issuer": "ClusterIssuer", "cert-manager.io/issuer": "Issuer"}


def _issuers(evidence: Evidence) -> Iterator[Finding]:
    """Issuers that are named; only where the manifests hold issuers at all."""
    known = {
        (each.key.kind, each.key.namespace, each.key.name)
        for kind in ("ClusterIssuer", "Issuer")
        for each in evidence.of_kind(kind, "cert-manager.io")
    }
    for source in evidence.facts.objects if known else ():
        for key, kind in _ISSUER.items():
            name = source.annotations.get(key)
            space = source.key.namespace if kind == "Issuer" else ""
            if name is not None and (kind, space, name) not in known:
                message = f"{source.key} names {kind} {name}, which does not exist"
                where = evidence.locate(source.place.at("metadata", "annotations", key))
                yield CUSTOM.finding(message, where, subject=str(source.key))
    for certificate in evidence.of_kind("Certificate", "cert-manager.io") if known else ():
        ref = part(certificate.body, "spec", "issuerRef")
        kind = str(part(ref, "kind") or "Issuer")
        space = certificate.key.namespace if kind == "Issuer" else ""
        if (kind, space, str(part(ref, "name"))) not in known:
            yield _missing(evidence, certificate, ("issuerRef",), f"{kind} {part(ref, 'name')}")


def _stores(evidence: Evidence) -> Iterator[Finding]:
    """ExternalSecrets that say nowhere which store holds the value."""
    for secret in evidence.of_kind("ExternalSecret", "external-secrets.io"):
        items = [*maps(part(secret.body, "spec", "data")), *maps(part(secret.body, "spec", "dataFrom"))]
        own = all(part(item, "sourceRef") is not None for _, item in items)
        if not part(secret.body, "spec", "secretStoreRef", "name") and not (items and own):
            yield _missing(evidence, secret, ("secretStoreRef",), "no store")


CHECKS: tuple[Check, ...] = (
    ManifestCheck(UNRESOLVED, _unresolved),
    ManifestCheck(CUSTOM, _custom),
    ManifestCheck(EMPTY, _empty),
    BothCheck(PULL_SECRET, _pull_secrets),
)
