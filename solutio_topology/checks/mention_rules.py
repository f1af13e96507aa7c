"""``R``: what is mentioned by name: ConfigMaps, Secrets, claims, accounts, classes, namespaces, named ports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from solutio_topology.checks.check import ManifestCheck
from solutio_topology.checks.walk import closest, maps, part
from solutio_topology.findings import Finding, Location, Rule, Severity

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence
    from solutio_topology.manifests.facts import Container, KeyedObject, Object, Reference, Workload

CONFIG = Rule(
    code="R020",
    name="config-missing",
    severity=Severity.ERROR,
    summary="A ConfigMap or Secret that pods need and that nothing makes.",
    rationale="The pods stay in CreateContainerConfigError or ContainerCreating.",
    example="secretKeyRef: {name: api-databse, key: password}",
    remedy="correct the name, or let something make it: a Secret, an ExternalSecret, a Certificate",
)
CONFIG_KEY = Rule(
    code="R021",
    name="config-key-missing",
    severity=Severity.ERROR,
    summary="A key that the ConfigMap or Secret does not hold.",
    rationale="The container does not start.",
    example="secretKeyRef: {name: api-database, key: passwd}",
    remedy="name one of its keys, or add the key",
)
ACCOUNT = Rule(
    code="R022",
    name="service-account-missing",
    severity=Severity.ERROR,
    summary="A ServiceAccount that does not exist in the pods' namespace.",
    rationale="The pods are refused and never appear; the workload waits without a word.",
    example="serviceAccountName: apii",
    remedy="create the ServiceAccount, or correct the name",
)
CLAIM = Rule(
    code="R023",
    name="claim-missing",
    severity=Severity.ERROR,
    summary="A PersistentVolumeClaim that does not exist in the pods' namespace.",
    rationale="The pods stay Pending.",
    example="persistentVolumeClaim: {claimName: dta}",
    remedy="create the claim, or correct the name",
)
VOLUME = Rule(
    code="R024",
    name="volume-missing",
    severity=Severity.ERROR,
    summary="A container mounts a volume that its pod does not have.",
    rationale="The API server refuses the workload.",
    example="volumeMounts: [{name: tmpp, mountPath: /tmp}]",
    remedy="add the volume, or correct the name",
)
PROBE_PORT = Rule(
    code="R025",
    name="probe-port-undeclared",
    severity=Severity.ERROR,
    summary="A probe asks a named port that its container does not declare.",
    rationale="The probe fails for ever, and the container is restarted for ever.",
    example="readinessProbe: {httpGet: {port: http}} where the port is named web",
    remedy="name a port of the container, or give the number",
)
INGRESS_CLASS = Rule(
    code="R026",
    name="ingress-class-unknown",
    severity=Severity.ERROR,
    summary="An Ingress of a class that nothing serves.",
    rationale="No controller takes it up; the host answers nothing.",
    example="ingressClassName: ngnix",
    remedy="name a class that an installed controller brings",
)
TLS_SECRET = Rule(
    code="R027",
    name="tls-secret-missing",
    severity=Severity.ERROR,
    summary="A certificate's Secret that nothing makes.",
    rationale="The controller answers with its own self-signed certificate, and browsers refuse it.",
    example="tls: [{secretName: api-tls}] without a Certificate or cert-manager's annotation",
    remedy="add a Certificate, cert-manager's annotation, or the Secret",
)
CLASS = Rule(
    code="R028",
    name="class-not-in-manifests",
    severity=Severity.INFO,
    summary="A PriorityClass or StorageClass that is not among the manifests.",
    rationale="The cluster must bring it; otherwise the pods are refused or stay Pending.",
    example="storageClassName: fast",
    remedy="check that the cluster has it, or add it to the manifests",
)
BINDING = Rule(
    code="R029",
    name="binding-dangling",
    severity=Severity.ERROR,
    summary="A RoleBinding whose role or ServiceAccount does not exist.",
    rationale="It grants nothing: whoever relies on it is refused.",
    example="subjects: [{kind: ServiceAccount, name: flux-apii}]",
    remedy="correct the name or the namespace",
)
NAMESPACE = Rule(
    code="R030",
    name="namespace-undeclared",
    severity=Severity.WARNING,
    summary="A namespace in which objects stand and that nothing declares.",
    rationale="Unless it exists already the objects are refused; and without its labels no pod security holds in it.",
    example="metadata: {namespace: shop} and no Namespace shop",
    remedy="declare the Namespace, with its pod security labels",
)

_BUILT_IN_ROLES = frozenset({"admin", "edit", "view", "cluster-admin"})
_BUILT_IN_SPACES = frozenset({"default", "kube-system", "kube-public", "kube-node-lease"})
_BUILT_IN_PRIORITIES = frozenset({"system-cluster-critical", "system-node-critical"})
_PROVIDED_STORAGE = ("do-block-storage",)
"""Beginnings of the StorageClasses that managed clusters bring (DigitalOcean)."""
_BROUGHT = {"ServiceAccount": frozenset({"default"})}


def _config(evidence: Evidence) -> Iterator[Finding]:
    known = _keyed(evidence)
    for workload, mention in _mentions(evidence, "Secret", "ConfigMap"):
        if mention.optional or not mention.name or _is_known(evidence, known, workload, mention):
            continue
        names = [name for kind, space, name in known if (kind, space) == (mention.kind, workload.key.namespace)]
        yield CONFIG.finding(
            f"{workload.key} needs {mention.kind} {mention.name}, which nothing in namespace "
            f"{workload.key.namespace} makes{closest(mention.name, names)}",
            evidence.locate(mention.place),
            subject=str(workload.key),
            severity=Severity.INFO if mention.kind == "Secret" and evidence.secrets_elsewhere else None,
        )


Keyed = dict[tuple[str, str, str], list["KeyedObject"]]


def _keyed(evidence: Evidence) -> Keyed:
    found: Keyed = {}
    for each in evidence.facts.keyed:
        found.setdefault((each.key.kind, each.key.namespace, each.key.name), []).append(each)
    return found


def _is_known(evidence: Evidence, known: Keyed, workload: Workload, mention: Reference) -> bool:
    if (mention.kind, workload.key.namespace, mention.name) in known:
        return True
    return mention.name == "kube-root-ca.crt" or mention.name in _ingress_secrets(evidence, workload.key.namespace)


def _ingress_secrets(evidence: Evidence, namespace: str) -> set[str]:
    """The Secrets that cert-manager makes for annotated Ingresses."""
    return {
        block.secret
        for ingress in evidence.facts.ingresses
        if ingress.key.namespace == namespace and _issues(ingress.annotations)
        for block in ingress.tls
    }


def _issues(annotations: dict[str, str]) -> bool:
    return any(key in annotations for key in ("cert-manager.io/cluster-issuer", "cert-manager.io/issuer"))


def _mentions(evidence: Evidence, *kinds: str) -> Iterator[tuple[Workload, Reference]]:
    for workload in evidence.written:
        for mention in workload.references:
            if mention.kind in kinds:
                yield workload, mention


def _config_keys(evidence: Evidence) -> Iterator[Finding]:
    known = _keyed(evidence)
    for workload, mention in _mentions(evidence, "Secret", "ConfigMap"):
        found = known.get((mention.kind, workload.key.namespace, mention.name), [])
        if mention.optional or not found or any(each.keys is None for each in found):
            continue
        keys = [key for each in found for key in each.keys or ()]
        for key in mention.keys:
            if key and key not in keys:
                holds = ", ".join(keys) or "no keys"
                yield CONFIG_KEY.finding(
                    f"{workload.key} needs key {key} of {mention.kind} {mention.name}, which holds {holds}",
                    evidence.locate(mention.place),
                    subject=str(workload.key),
                )


def _missing(rule: Rule, kind: str, evidence: Evidence) -> Iterator[Finding]:
    for workload, mention in _mentions(evidence, kind):
        names = [each.key.name for each in evidence.of_kind_in(workload.key.namespace, kind)]
        if mention.name and mention.name not in names and mention.name not in _BROUGHT.get(kind, ()):
            yield rule.finding(
                f"{workload.key}: namespace {workload.key.namespace} has no {kind} {mention.name}"
                f"{closest(mention.name, names)}",
                evidence.locate(mention.place),
                subject=str(workload.key),
            )


def _volumes(evidence: Evidence) -> Iterator[Finding]:
    for workload in evidence.written:
        names = {str(item.get("name")) for _, item in maps(workload.pod_spec.get("volumes"))} | _templates(
            evidence, workload
        )
        for container in workload.containers:
            for index, mount in maps(container.body.get("volumeMounts")):
                if str(mount.get("name")) not in names:
                    yield VOLUME.finding(
                        f"{workload.key}: container {container.name} mounts volume {mount.get('name')}, which the pod "
                        f"does not have{closest(str(mount.get('name')), names)}",
                        evidence.locate(container.place.at("volumeMounts", index)),
                        subject=str(workload.key),
                    )


def _templates(evidence: Evidence, workload: Workload) -> set[str]:
    """The volumes that a StatefulSet's claim templates make."""
    source = evidence.objects.get(workload.key)
    found = maps(part(source.body, "spec", "volumeClaimTemplates")) if source else []
    return {str(part(item, "metadata", "name")) for _, item in found}


def _probe_ports(evidence: Evidence) -> Iterator[Finding]:
    for workload in evidence.written:
        for container in workload.containers:
            names = [port.name for port in container.ports]
            for probe, port in _probed(container):
                if isinstance(port, str) and port not in names:
                    yield PROBE_PORT.finding(
                        f"{workload.key}: {probe} of {container.name} asks port {port}; it declares "
                        f"{', '.join(filter(None, names)) or 'no named port'}",
                        evidence.locate(container.place.at(probe)),
                        subject=str(workload.key),
                    )


def _probed(container: Container) -> Iterator[tuple[str, object]]:
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        for way in ("httpGet", "tcpSocket"):
            port = part(container.body, probe, way, "port")
            if port is not None:
                yield probe, port


def _ingress_classes(evidence: Evidence) -> Iterator[Finding]:
    names = {each.name for each in evidence.facts.ingress_classes}
    for ingress in evidence.facts.ingresses:
        known = ingress.ingress_class in names or (not ingress.ingress_class and _has_default(evidence))
        if not known:
            named = (
                f"class {ingress.ingress_class}" if ingress.ingress_class else "no class, and no class is the default"
            )
            yield INGRESS_CLASS.finding(
                f"{ingress.key} names {named}{closest(ingress.ingress_class, names)}",
                evidence.locate(ingress.place.at("spec", "ingressClassName")),
                subject=str(ingress.key),
            )


def _has_default(evidence: Evidence) -> bool:
    return any(each.is_default for each in evidence.facts.ingress_classes)


def _tls_secrets(evidence: Evidence) -> Iterator[Finding]:
    known = _keyed(evidence)
    for ingress in evidence.facts.ingresses:
        for block in ingress.tls:
            made = ("Secret", ingress.key.namespace, block.secret) in known or _issues(ingress.annotations)
            if _issues(ingress.annotations) and not block.hosts:
                message = f"{ingress.key}: no host is named for Secret {block.secret}, so no certificate is ordered"
                yield TLS_SECRET.finding(message, evidence.locate(block.place), subject=str(ingress.key))
            if block.secret and not made:
                yield TLS_SECRET.finding(
                    f"{ingress.key}: nothing makes Secret {block.secret} for {', '.join(block.hosts)}",
                    evidence.locate(block.place),
                    subject=str(ingress.key),
                )
    for gateway in evidence.facts.gateways:
        for listener in gateway.listeners:
            for namespace, secret in listener.certificates:
                if ("Secret", namespace, secret) not in known and not _issues(gateway.annotations):
                    message = f"{gateway.key}: nothing makes Secret {namespace}/{secret} of listener {listener.name}"
                    yield TLS_SECRET.finding(message, evidence.locate(listener.place), subject=str(gateway.key))


def _classes(evidence: Evidence) -> Iterator[Finding]:
    priorities = {
        each.key.name for each in evidence.of_kind("PriorityClass", "scheduling.k8s.io")
    } | _BUILT_IN_PRIORITIES
    for workload, mention in _mentions(evidence, "PriorityClass"):
        if mention.name not in priorities:
            # Without it the pods are refused: it is no mere hint.
            where = evidence.locate(mention.place)
            yield _class(str(workload.key), "PriorityClass", mention.name, where, Severity.WARNING)
    storage = {each.key.name for each in evidence.of_kind("StorageClass", "storage.k8s.io")}
    for source, name in _storage_classes(evidence):
        if name not in storage and not name.startswith(_PROVIDED_STORAGE):
            yield _class(str(source.key), "StorageClass", name, evidence.locate(source.place))


def _class(subject: str, kind: str, name: str, where: Location, severity: Severity | None = None) -> Finding:
    message = f"{subject} names {kind} {name}, which the cluster must bring"
    return CLASS.finding(message, where, subject=subject, severity=severity)


def _storage_classes(evidence: Evidence) -> Iterator[tuple[Object, str]]:
    for claim in evidence.of_kind("PersistentVolumeClaim"):
        if isinstance(name := part(claim.body, "spec", "storageClassName"), str) and name:
            yield claim, name
    for owner in evidence.of_kind("StatefulSet", "apps"):
        for _, template in maps(part(owner.body, "spec", "volumeClaimTemplates")):
            if isinstance(name := part(template, "spec", "storageClassName"), str) and name:
                yield owner, name


def _bindings(evidence: Evidence) -> Iterator[Finding]:
    group = "rbac.authorization.k8s.io"
    spaces = {each.key.name for each in evidence.of_kind("Namespace")} | _BUILT_IN_SPACES | {"flux-system"}
    for binding in (*evidence.of_kind("RoleBinding", group), *evidence.of_kind("ClusterRoleBinding", group)):
        kind, name = part(binding.body, "roleRef", "kind"), part(binding.body, "roleRef", "name")
        space = binding.key.namespace if kind == "Role" else ""
        roles = [each.key.name for each in evidence.of_kind_in(space, str(kind), group)]
        if name not in roles and not (kind == "ClusterRole" and _is_brought(str(name))):
            message = f"{binding.key}: there is no {kind} {name}{closest(str(name), roles)}"
            yield BINDING.finding(message, evidence.locate(binding.place.at("roleRef")), subject=str(binding.key))
        yield from _subjects(evidence, binding, spaces)


def _is_brought(role: str) -> bool:
    """Whether a ClusterRole comes with Kubernetes or with what is installed beside the manifests."""
    return role in _BUILT_IN_ROLES or role.startswith("system:")


def _subjects(evidence: Evidence, binding: Object, spaces: set[str]) -> Iterator[Finding]:
    for index, subject in maps(part(binding.body, "subjects")):
        space, name = str(subject.get("namespace") or binding.key.namespace), str(subject.get("name"))
        known = {each.key.name for each in evidence.of_kind_in(space, "ServiceAccount")}
        ours = known or space not in spaces
        account = subject.get("kind") == "ServiceAccount" and name != "default"
        if account and ours and name not in known:
            near = closest(name, known)
            yield BINDING.finding(
                f"{binding.key}: namespace {space} has no ServiceAccount {name}{near}",
                evidence.locate(binding.place.at("subjects", index)),
                subject=str(binding.key),
            )


def _namespaces(evidence: Evidence) -> Iterator[Finding]:
    declared = {each.key.name for each in evidence.of_kind("Namespace")} | _BUILT_IN_SPACES | {"flux-system"}
    for each in evidence.of_kind("HelmRelease", "helm.toolkit.fluxcd.io"):
        for field in ("targetNamespace", "storageNamespace"):
            space = part(each.body, "spec", field)
            made = field == "targetNamespace" and part(each.body, "spec", "install", "createNamespace") is True
            if isinstance(space, str) and space not in declared and not made:
                declared.add(space)
                where = evidence.locate(each.place.at("spec", field))
                message = f"no Namespace {space} is declared; {each.key} names it as its {field}"
                yield NAMESPACE.finding(message, where, subject=f"Namespace {space}")
    for each in evidence.facts.objects:
        if each.key.namespace and each.key.namespace not in declared:
            declared.add(each.key.namespace)
            yield NAMESPACE.finding(
                f"no Namespace {each.key.namespace} is declared; {each.key} stands in it",
                evidence.locate(each.place.at("metadata", "namespace")),
                subject=f"Namespace {each.key.namespace}",
            )


CHECKS = (
    ManifestCheck(CONFIG, _config),
    ManifestCheck(CONFIG_KEY, _config_keys),
    ManifestCheck(ACCOUNT, lambda evidence: _missing(ACCOUNT, "ServiceAccount", evidence)),
    ManifestCheck(CLAIM, lambda evidence: _missing(CLAIM, "PersistentVolumeClaim", evidence)),
    ManifestCheck(VOLUME, _volumes),
    ManifestCheck(PROBE_PORT, _probe_ports),
    ManifestCheck(INGRESS_CLASS, _ingress_classes),
    ManifestCheck(TLS_SECRET, _tls_secrets),
    ManifestCheck(CLASS, _classes),
    ManifestCheck(BINDING, _bindings),
    ManifestCheck(NAMESPACE, _namespaces),
)
