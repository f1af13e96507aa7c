"""``R``, ``P``: databases, issuers, claims and Services that are there and do not do what is declared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from solutio_topology.checks.availability_rules import least
from solutio_topology.checks.check import BothCheck, Check, ManifestCheck
from solutio_topology.checks.walk import maps, part, texts
from solutio_topology.findings import Finding, Rule, Severity
from solutio_topology.identity import SERVICE, TENANT_POD
from solutio_topology.reach.model import EntityNode, RangeNode, WorkloadNode
from solutio_topology.reach.ports import PortSet

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence, Intent
    from solutio_topology.graph.model import Node
    from solutio_topology.manifests.facts import Object, Service
    from solutio_topology.spec.platform import Backups

DATABASE = Rule(
    code="R047",
    name="database-differs",
    severity=Severity.ERROR,
    summary="A declared database, owner, extension, size or backup that no object of its operator makes.",
    rationale="The program finds no database, or one without its extension; a backup goes where nobody looks for it.",
    example="databases: {events: {owner: listener}} and no Database events of owner listener",
    remedy="make the Cluster, Database and ObjectStore what the topology says",
)
ISSUER = Rule(
    code="R048",
    name="issuer-differs",
    severity=Severity.ERROR,
    summary="The declared issuer of certificates asks another server, or has no way to answer its challenges.",
    rationale="Certificates are not issued, or are not trusted; the old ones run out.",
    example="a ClusterIssuer without solvers, or with the staging server",
    remedy="make the ClusterIssuer what platform.certificates says, with a solver",
)
CLAIM = Rule(
    code="R049",
    name="claim-not-shared",
    severity=Severity.WARNING,
    summary="Several pods on a volume that only one node can mount.",
    rationale="The second pod stays in ContainerCreating as soon as it lands on another node.",
    example="accessModes: [ReadWriteOnce] under a Deployment with two replicas",
    remedy="use ReadWriteMany, a StatefulSet with claim templates, or one replica",
)
ONLY_LOCAL = Rule(
    code="P008",
    name="only-local-endpoints",
    severity=Severity.WARNING,
    summary="A Service that leads only to pods of the caller's own node, and pods that are not on every node.",
    rationale="On a node without such a pod every connection is dropped, although the policies let it pass.",
    example="internalTrafficPolicy: Local in front of a Deployment",
    remedy="leave internalTrafficPolicy out, or run the pods as a DaemonSet",
)
ADDRESS_LOST = Rule(
    code="P009",
    name="source-address-lost",
    severity=Severity.ERROR,
    summary="A policy admits the addresses of clients, which the load balancer's nodes have replaced by their own.",
    rationale="The pods see a node's address, which the policy does not admit: nothing arrives.",
    example="externalTrafficPolicy: Cluster before pods whose policy admits 203.0.113.0/24 only",
    remedy="set externalTrafficPolicy: Local, or admit the addresses of the nodes",
)

_CNPG = "postgresql.cnpg.io"


def _databases(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    clusters: dict[tuple[str | None, str | None], list[Object]] = {}
    for cluster in evidence.of_kind("Cluster", _CNPG):
        clusters.setdefault((cluster.labels.get(TENANT_POD), cluster.labels.get(SERVICE)), []).append(cluster)
    for pod in intent.graph.pods:
        for node in pod.nodes.values():
            for cluster in clusters.get((node.ref.pod, node.ref.service), ()) if node.in_cluster else ():
                for fault in (
                    *_made(evidence, node, cluster),
                    *_stored(intent, node, cluster),
                    *_backed_up(intent, evidence, node, cluster),
                ):
                    where = evidence.locate(cluster.place.at("spec"))
                    yield DATABASE.finding(f"{cluster.key}: {fault}", where, subject=str(cluster.key))


def _made(evidence: Evidence, node: Node, cluster: Object) -> Iterator[str]:
    initdb = part(cluster.body, "spec", "bootstrap", "initdb")
    sql = " ".join(texts(part(initdb, "postInitApplicationSQL"))).lower()
    made = {str(part(initdb, "database")): (part(initdb, "owner"), sql)} if initdb else {}
    for each in evidence.of_kind_in(cluster.key.namespace, "Database", _CNPG):
        if part(each.body, "spec", "cluster", "name") == cluster.key.name:
            held = [str(item.get("name")) for _, item in maps(part(each.body, "spec", "extensions")) if _is_kept(item)]
            made[str(part(each.body, "spec", "name"))] = (part(each.body, "spec", "owner"), " ".join(held))
    yield from _locked_out(evidence, cluster, part(initdb, "owner"))
    yield from _other_password(evidence, node, cluster)
    for name, database in node.service.databases.items():
        owner, extensions = made.get(name, (None, ""))
        if owner is None:
            yield f"nothing makes database {name}"
        elif owner != database.owner:
            yield f"database {name} is owned by {owner}; {database.owner} is declared"
        for wanted in database.extensions if owner is not None else ():
            if wanted.lower() not in extensions:
                yield f"database {name} is made without the extension {wanted}"
    instances = part(cluster.body, "spec", "instances")
    if isinstance(instances, int) and instances < node.min_replicas:
        yield f"it has {instances} instances; {node.min_replicas} are declared"
    if isinstance(instances, int) and instances > node.max_replicas:
        yield f"it has {instances} instances; no more than {node.max_replicas} are declared"
    yield from _image_faults(evidence, node, cluster)


def _image_faults(evidence: Evidence, node: Node, cluster: Object) -> Iterator[str]:
    """Faults of what runs: of the catalogue of images, of the version, of the image."""
    ref = part(cluster.body, "spec", "imageCatalogRef")
    if ref and part(ref, "apiGroup") != _CNPG:
        yield f"the apiGroup of its image catalogue is {part(ref, 'apiGroup')}, and not {_CNPG}"
    major = part(ref, "major")
    if node.service.major and major is not None and major != node.service.major:
        yield f"it runs major version {major}; {node.service.major} is declared"
    name, tag = node.settings.get("image"), part(node.settings.get("tags"), str(major))
    for catalog in evidence.of_kind_in(cluster.key.namespace, "ImageCatalog", _CNPG) if name and tag else ():
        here = catalog.key.name == part(ref, "name")
        images = [each.get("image") for _, each in maps(part(catalog.body, "spec", "images")) if here]
        if here and f"{name}:{tag}" not in images:
            yield f"it runs {', '.join(map(str, images)) or 'no image'}; {name}:{tag} is declared"


def _stored(intent: Intent, node: Node, cluster: Object) -> Iterator[str]:
    """Faults of the volume, and of the user that may read it."""
    storage = part(cluster.body, "spec", "storage")
    if node.storage:
        kept = node.storage.storage_class or intent.graph.platform.storage_class
        if part(storage, "size") != node.storage.size:
            yield f"its storage is {part(storage, 'size')}; {node.storage.size} are declared"
        if part(storage, "storageClass") != kept:
            yield f"its storage is of class {part(storage, 'storageClass') or 'unsaid'}; {kept} is declared"
    for field, wanted in (("postgresUID", "uid"), ("postgresGID", "gid")) if node.user else ():
        given = part(cluster.body, "spec", field) or _POSTGRES
        if given != getattr(node.user, wanted):
            yield f"{field} is {given}; the user of its image is {getattr(node.user, wanted)}"


_POSTGRES = 26
"""The user of CloudNativePG's own images, and its default."""


def _other_password(evidence: Evidence, node: Node, cluster: Object) -> Iterator[str]:
    """The owner of the first database, who signs in with another password than its clients read."""
    initdb = part(cluster.body, "spec", "bootstrap", "initdb")
    name, secret = part(initdb, "database"), part(initdb, "secret", "name")
    database, own = node.service.databases.get(str(name)), f"{cluster.key.name}-app"
    if database and database.secret and secret != database.secret:
        yield f"the owner of database {name} has the password of {secret or own}; {database.secret} is declared"
    elif database and secret is None and not _is_read(evidence, cluster.key.namespace, own):
        yield f"the operator makes the password of database {name} itself, in Secret {own}, which nothing reads"


def _is_read(evidence: Evidence, space: str, secret: str) -> bool:
    return any(
        mention.kind == "Secret" and mention.name == secret
        for workload in evidence.written
        for mention in (workload.references if workload.key.namespace == space else ())
    )


def _locked_out(evidence: Evidence, cluster: Object, first: object) -> Iterator[str]:
    """Owners of databases that may not log in."""
    roles = {str(role.get("name")): role for _, role in maps(part(cluster.body, "spec", "managed", "roles"))}
    for each in evidence.of_kind_in(cluster.key.namespace, "Database", _CNPG):
        home = part(each.body, "spec", "cluster", "name")
        owner = part(each.body, "spec", "owner")
        role = roles.get(str(owner), {})
        let_in = _is_kept(role) and role.get("login") is True and part(role, "passwordSecret", "name")
        if home == cluster.key.name and owner != first and not let_in:
            yield f"{owner}, who owns database {part(each.body, 'spec', 'name')}, has no role that may log in"


def _is_kept(item: dict[str, Any]) -> bool:
    return bool(item.get("ensure", "present") == "present")


def _backed_up(intent: Intent, evidence: Evidence, node: Node, cluster: Object) -> Iterator[str]:
    wanted = intent.graph.platform.backups
    if wanted is None or not node.component.backup_operators:
        return
    plugins = [item for _, item in maps(part(cluster.body, "spec", "plugins")) if item.get("enabled", True)]
    names = {
        str(part(item, "parameters", "barmanObjectName"))
        for item in plugins
        if item.get("isWALArchiver") and item.get("name") == _BARMAN
    }
    stores = [
        each.body.get("spec")
        for each in evidence.of_kind_in(cluster.key.namespace, "ObjectStore", "barmancloud.cnpg.io")
        if each.key.name in names
    ]
    if not stores:
        yield "it archives to no ObjectStore, and platform.backups is set"
    for store in stores:
        yield from _store_faults(wanted, store)
    backups = evidence.of_kind_in(cluster.key.namespace, "ScheduledBackup", _CNPG)
    if not any(_is_scheduled(each, cluster, wanted.schedule) for each in backups):
        yield f"no ScheduledBackup runs it by {_BARMAN} at {wanted.schedule!r}, as platform.backups says"


_BARMAN = "barman-cloud.cloudnative-pg.io"
"""The plugin that reads ObjectStores."""


def _store_faults(wanted: Backups, store: Any) -> Iterator[str]:
    into = part(store, "configuration")
    signed = [part(into, "s3Credentials", each, "name") for each in ("accessKeyId", "secretAccessKey")]
    if not all(signed) and not part(into, "s3Credentials", "inheritFromIAMRole"):
        yield "its ObjectStore has no accessKeyId and secretAccessKey to sign in with"
    if not str(part(into, "destinationPath")).startswith(f"s3://{wanted.bucket}/"):
        yield f"it is backed up to {part(into, 'destinationPath')}; the bucket is declared as {wanted.bucket}"
    if part(into, "endpointURL") != wanted.endpoint:
        yield f"it is backed up to {part(into, 'endpointURL')}; {wanted.endpoint} is declared"
    if part(store, "retentionPolicy") != wanted.retention:
        yield f"its backups are kept {part(store, 'retentionPolicy') or 'for ever'}; {wanted.retention} is declared"


def _is_scheduled(each: Object, cluster: Object, schedule: str) -> bool:
    spec = part(each.body, "spec")
    own = part(spec, "cluster", "name") == cluster.key.name
    by_plugin = part(spec, "method") == "plugin" and part(spec, "pluginConfiguration", "name") == _BARMAN
    return own and by_plugin and part(spec, "schedule") == schedule and part(spec, "suspend") is not True


def _issuers(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    wanted = intent.graph.platform.certificates
    yield from _no_issuer(evidence, wanted.issuer)
    for issuer in evidence.of_kind("ClusterIssuer", "cert-manager.io"):
        acme = part(issuer.body, "spec", "acme")
        if issuer.key.name != wanted.issuer:
            continue
        acme = acme if isinstance(acme, dict) else {}
        faults = [
            f"{field} is {acme.get(field)}; {value} is declared"
            for field, value in (("server", wanted.server), ("email", wanted.email))
            if acme.get(field) != value
        ]
        solvers = [item for _, item in maps(acme.get("solvers")) if item.get("dns01") or item.get("http01")]
        faults += [] if solvers else ["it has no solver, so no challenge is ever answered"]
        faults += ["its Cloudflare solver names no token" for each in solvers if _without_token(each)]
        for fault in faults:
            where = evidence.locate(issuer.place.at("spec", "acme"))
            yield ISSUER.finding(f"{issuer.key}: {fault}", where, subject=str(issuer.key))


def _no_issuer(evidence: Evidence, name: str) -> Iterator[Finding]:
    """Certificates that are ordered from an issuer which nothing makes, although cert-manager is installed here."""
    releases = evidence.of_kind("HelmRelease", "helm.toolkit.fluxcd.io")
    installed = any(part(each.body, "spec", "chart", "spec", "chart") == "cert-manager" for each in releases)
    made = any(each.key.name == name for each in evidence.of_kind("ClusterIssuer", "cert-manager.io"))
    for each in evidence.of_kind("Certificate", "cert-manager.io") if installed and not made else ():
        ref = part(each.body, "spec", "issuerRef")
        if part(ref, "kind") == "ClusterIssuer" and part(ref, "name") == name:
            where = evidence.locate(each.place.at("spec", "issuerRef"))
            message = f"{each.key} is ordered from ClusterIssuer {name}, which nothing makes"
            yield ISSUER.finding(message, where, subject=str(each.key))
    for ingress in evidence.facts.ingresses if installed and not made else ():
        if ingress.annotations.get("cert-manager.io/cluster-issuer") == name:
            message = f"{ingress.key} orders its certificate from ClusterIssuer {name}, which nothing makes"
            yield ISSUER.finding(message, evidence.locate(ingress.place), subject=str(ingress.key))


def _without_token(solver: dict[str, Any]) -> bool:
    """Whether a solver is to write to Cloudflare and has nothing to sign in with."""
    found = part(solver, "dns01", "cloudflare")
    return isinstance(found, dict) and not any(
        part(found, f"{each}SecretRef", "name") for each in ("apiToken", "apiKey")
    )


def _claims(evidence: Evidence) -> Iterator[Finding]:
    claims = {(each.key.namespace, each.key.name): each for each in evidence.of_kind("PersistentVolumeClaim")}
    for workload in evidence.written:
        for _, volume in maps(workload.pod_spec.get("volumes")):
            claim = claims.get((workload.key.namespace, str(part(volume, "persistentVolumeClaim", "claimName"))))
            modes = texts(part(claim.body, "spec", "accessModes")) if claim else []
            alone = modes and not {"ReadWriteMany", "ReadOnlyMany"} & set(modes)
            if claim and alone and least(evidence, workload) > 1:
                where = evidence.locate(claim.place.at("spec", "accessModes"))
                message = f"{claim.key} is {modes[0]}, and {workload.key} has {least(evidence, workload)} replicas"
                yield CLAIM.finding(message, where, subject=str(claim.key))


def _only_local(evidence: Evidence) -> Iterator[Finding]:
    for source in evidence.of_kind("Service"):
        service = evidence.services.find(source.key.namespace, source.key.name)
        local = part(source.body, "spec", "internalTrafficPolicy") == "Local"
        behind = list(evidence.services.selected(service)) if service and local else []
        if any(node.key.kind != "DaemonSet" for node in behind):
            where = evidence.locate(source.place.at("spec", "internalTrafficPolicy"))
            message = f"{source.key} leads to pods of the caller's node only; {behind[0].key} is not on every node"
            yield ONLY_LOCAL.finding(message, where, subject=str(source.key))


def _addresses_lost(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    network = intent.graph.platform.network
    # Cilium never takes a node for an address: only the identity counts.
    nodes = EntityNode("remote-node") if network.policies == "cilium" else RangeNode.of_cidr(network.node_range)
    for entry in evidence.entries:
        if entry.kind not in {"LoadBalancer", "NodePort"} or entry.service is None or _keeps(entry.service):
            continue
        for target in entry.targets:
            ports = PortSet.of(target.protocol, target.port)
            if not _admits(evidence, nodes, target.workload, ports) and _admits_some(evidence, target.workload, ports):
                message = f"{entry.name} replaces its clients' addresses by the nodes', which {target.workload} refuses"
                yield ADDRESS_LOST.finding(message, evidence.locate(entry.service.place), subject=entry.name)


def _keeps(service: Service) -> bool:
    return service.traffic_policy == "Local"


def _admits(evidence: Evidence, nodes: RangeNode | EntityNode, node: WorkloadNode, ports: PortSet) -> bool:
    return evidence.workload(node).host_network or evidence.connections.ports(nodes, node).covers(ports)


def _admits_some(evidence: Evidence, node: WorkloadNode, ports: PortSet) -> bool:
    return any(each.ports.covers(ports) for each in evidence.connections.from_external(node))


CHECKS: tuple[Check, ...] = (
    BothCheck(DATABASE, _databases),
    BothCheck(ISSUER, _issuers),
    ManifestCheck(CLAIM, _claims),
    ManifestCheck(ONLY_LOCAL, _only_local),
    BothCheck(ADDRESS_LOST, _addresses_lost),
)
