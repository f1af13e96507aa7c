"""How the rules about isolation are made to fire between two dedicated tenant pods, the suite's and the loft's.

The suite lives in the attic, the loft in the garret, the shared tenant pod in the kitchen.
"""

from __future__ import annotations

from tests.checks.world import ATTIC, ATTIC_BOUNDS, DOORS, FLUX, GARRET, KITCHEN, Case, Edit

_PIN = "data: [{secretKey: digits, remoteRef: {key: suite-pin}}]"
_SHARES = "limits: {memory: 1Gi}}"
_ROOM = "        ports: [{name: ring, containerPort: 9700}]\n"
_BELL = "topology.solutio.dev/service: intake, topology.solutio.dev/pod: suite"
_USES_PIN = f"{_ROOM}        envFrom: [{{secretRef: {{name: pin}}}}]\n"
_CLAIM = "spec: {accessModes: [ReadWriteMany]"
_GROUND = "nodeSelector: {topology.solutio.dev/pool: house}"
_OWN = "nodeSelector: {topology.solutio.dev/pool: suite}\n      tolerations: [{key: topology.solutio.dev/pool, value: suite, effect: NoSchedule}]"
_SCRATCH = "volumes: [{name: scratch, emptyDir: {}}]"
_OUT = "  egress:\n  - to: [{podSelector: {matchLabels: {role: cellar}}}]\n    ports: [{port: 7000}]"
_TO_ATTIC = "{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: attic}}}"
_FROM_GARRET = "{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: garret}}}"


def a(old: str, new: str) -> tuple[Edit, ...]:
    """An edit in the attic."""
    return (Edit(old, new, ATTIC),)


def g(old: str, new: str) -> tuple[Edit, ...]:
    """An edit in the garret."""
    return (Edit(old, new, GARRET),)


def k(old: str, new: str) -> tuple[Edit, ...]:
    """An edit in the kitchen."""
    return (Edit(old, new, KITCHEN),)


def bounds(old: str, new: str) -> tuple[Edit, ...]:
    """An edit of what holds the attic in its bounds."""
    return (Edit(old, new, ATTIC_BOUNDS),)


def flux(old: str, new: str) -> tuple[Edit, ...]:
    """An edit of Flux's objects."""
    return (Edit(old, new, FLUX),)


def tier(old: str, new: str) -> tuple[Edit, ...]:
    """An edit of the topology."""
    return (Edit(old, new, ""),)


def more(text: str, file: str) -> tuple[Edit, ...]:
    """Another object in a tenant's file."""
    mark = "\n---\napiVersion: v1\nkind: ConfigMap"
    return (Edit(mark, f"\n---\n{text.strip()}{mark}", file),)


_MADE = "  serviceName: cellar\n"


def _made(volume: str) -> str:
    """A StatefulSet's template of a claim on a volume."""
    return f"{_MADE}  volumeClaimTemplates: [{{metadata: {{name: data}}, spec: {{volumeName: {volume}}}}}]\n"


def _binding(kind: str, space: str, account: str, role: str = "ClusterRole, name: view") -> str:
    where = f", namespace: {space}" if space else ""
    subject = account if "{" in account else "kind: ServiceAccount, namespace: {}, name: {}".format(*account.split("/"))
    return (
        f"apiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}\nmetadata: {{name: extra{where}}}\n"
        f"roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: {role}}}\n"
        f"subjects: [{{{subject.strip('{}')}}}]"
    )


def _store(space: str, path: str) -> str:
    return (
        f"apiVersion: barmancloud.cnpg.io/v1\nkind: ObjectStore\nmetadata: {{name: box, namespace: {space}}}\n"
        f'spec: {{configuration: {{destinationPath: "s3://{path}", endpointURL: "https://s3.example.com"}}}}'
    )


def _follower(space: str, host: str) -> str:
    return (
        f"apiVersion: postgresql.cnpg.io/v1\nkind: Cluster\nmetadata: {{name: copy, namespace: {space}}}\n"
        f"spec: {{instances: 1, externalClusters: [{{name: other, connectionParameters: {{host: {host}}}}}]}}"
    )


def _fires(code: str, edits: tuple[Edit, ...], says: str, near: tuple[Edit, ...] = ()) -> Case:
    return Case(code, edits, says, near, neighbour=True)


_ANNEXED = (
    Edit("service: gate, topology.solutio.dev/pod: common", "service: gate, topology.solutio.dev/pod: annex", DOORS),
)
SHARED_THINGS = (
    _fires(
        "T006",
        a(_BELL, _BELL.replace("suite", "loft")),
        "namespace attic holds Deployment attic/waiter of suite and Deployment attic/bell of loft",
        a(
            "{name: menu, namespace: attic}",
            "{name: menu, namespace: attic, labels: {topology.solutio.dev/pod: suite}}",
        ),
    ),
    _fires(
        "T006",
        a("{name: pin, namespace: attic}", "{name: pin, namespace: attic, labels: {topology.solutio.dev/pod: common}}"),
        "and ExternalSecret attic/pin of common",
    ),
    _fires(
        "T007",
        a(_BELL, _BELL.replace("suite", "loft")) + a(_ROOM, _USES_PIN),
        "Secret attic/pin of suite is used by Deployment attic/bell of loft",
        a(_ROOM, _USES_PIN),
    ),
    _fires(
        "T007",
        a(
            "{name: shelf, namespace: attic, ",
            "{name: shelf, namespace: attic, labels: {topology.solutio.dev/pod: loft}, ",
        ),
        "PersistentVolumeClaim attic/shelf of loft is used by StatefulSet attic/cellar of suite",
    ),
    _fires(
        "T007",
        k("    cert-manager.io/", "    nginx.ingress.kubernetes.io/auth-secret: attic/pin\n    cert-manager.io/"),
        "Secret attic/pin of suite is used by Ingress kitchen/menu-card of common",
        k("    cert-manager.io/", "    nginx.ingress.kubernetes.io/auth-secret: pin\n    cert-manager.io/"),
    ),
    _fires(
        "T008",
        a("key: suite-pin", "key: loft-pin"),
        "have one entry of the store: loft-pin (ClusterSecretStore safe)",
        a("key: suite-pin", "key: loft-pin") + tier(_SHARES, "limits: {memory: 1Gi}, sharedSecrets: [pin]}"),
    ),
    _fires(
        "T008",
        a(_PIN, "dataFrom: [{find: {name: {regexp: 'pin$'}}}]"),
        "ExternalSecret attic/pin of suite and ExternalSecret garret/pin of loft have one entry of the store",
        a(_PIN, "dataFrom: [{find: {name: {regexp: '^suite-'}}}]"),
    ),
    _fires("T008", a(_PIN, "dataFrom: [{extract: {key: common-pin}}]"), "have one entry of the store: common-pin"),
    _fires(
        "T008",
        more(
            "apiVersion: external-secrets.io/v1\nkind: ClusterExternalSecret\nmetadata: {name: all}\nspec:\n"
            "  namespaces: [attic, garret]\n  externalSecretSpec:\n"
            "    secretStoreRef: {kind: ClusterSecretStore, name: safe}\n"
            "    data: [{secretKey: x, remoteRef: {key: x}}]",
            KITCHEN,
        ),
        "ClusterExternalSecret all of suite and ClusterExternalSecret all of loft",
    ),
    _fires(
        "T009",
        a(_CLAIM, "spec: {volumeName: disk-1, accessModes: [ReadWriteMany]")
        + g(_CLAIM, "spec: {volumeName: disk-1, accessModes: [ReadWriteMany]"),
        "PersistentVolume disk-1 holds data of suite (PersistentVolumeClaim attic/shelf) and of loft",
        a(_CLAIM, "spec: {volumeName: disk-1, accessModes: [ReadWriteMany]")
        + g(_CLAIM, "spec: {volumeName: disk-2, accessModes: [ReadWriteMany]"),
    ),
    _fires(
        "T009",
        a(_MADE, _made("disk-1")) + g(_MADE, _made("disk-1")),
        "PersistentVolume disk-1 holds data of suite (StatefulSet attic/cellar) and of loft",
        a(_MADE, _made("disk-1")) + g(_MADE, _made("disk-2")),
    ),
    _fires(
        "T009",
        a(_SCRATCH, "volumes: [{name: scratch, nfs: {server: files.example.net, path: /all}}]")
        + k(_SCRATCH, "volumes: [{name: scratch, nfs: {server: files.example.net, path: /all}}]"),
        "/all of the file server files.example.net holds data of suite",
        a(_SCRATCH, "volumes: [{name: scratch, nfs: {server: files.example.net, path: /suite}}]")
        + k(_SCRATCH, "volumes: [{name: scratch, nfs: {server: files.example.net, path: /all}}]"),
    ),
    _fires(
        "T009",
        a(
            _CLAIM,
            "spec: {dataSourceRef: {kind: PersistentVolumeClaim, name: shelf, namespace: garret}, accessModes: [x]",
        ),
        "PersistentVolumeClaim garret/shelf holds data of suite",
    ),
    _fires(
        "T010",
        more(_store("attic", "boxes/suite"), ATTIC) + more(_store("garret", "boxes/suite/old/"), GARRET),
        "are one place, which holds data of loft",
        more(_store("attic", "boxes/suite"), ATTIC) + more(_store("garret", "boxes/suite-2"), GARRET),
    ),
    _fires(
        "T010",
        more(_store("attic", "boxes"), ATTIC) + more(_store("kitchen", "boxes/"), KITCHEN),
        "are one place, which holds data of suite (ObjectStore attic/box) and of common",
    ),
)

ADDRESSES = (
    _fires(
        "T011",
        a("tcp://cellar.attic:7000", "tcp://cellar.garret.svc:7000"),
        "VAULT_ADDR of Deployment attic/waiter of suite names cellar.garret.svc, which leads to garret/cellar",
        a("tcp://cellar.attic:7000", "tcp://cellar.attic.svc.cluster.local:7000"),
    ),
    _fires(
        "T011",
        a("data: {today: soup}", 'data: {today: "ask tables.kitchen.svc"}'),
        "today of ConfigMap attic/menu of Deployment attic/waiter of suite names tables.kitchen.svc",
        a("data: {today: soup}", 'data: {today: "ask porch.doors.svc"}'),
    ),
    _fires(
        "T011", k("tcp://cellar.kitchen:7000", "tcp://cellar.attic:7000"), "leads to attic/cellar[StatefulSet] of suite"
    ),
    _fires(
        "T011",
        more(_follower("attic", "cellar.garret.svc"), ATTIC),
        "externalClusters[0] of Cluster attic/copy of suite names cellar.garret.svc",
        more(_follower("attic", "cellar.attic.svc"), ATTIC),
    ),
    _fires(
        "T012",
        a("value: mail.example.net", 'value: "smtp://one.example.net"')
        + g("value: mail.example.net", 'value: "one.example.net:25"'),
        "name one host outside: one.example.net",
        a("value: mail.example.net", 'value: "smtp://mail.example.net"')
        + g("value: mail.example.net", 'value: "mail.example.net:25"'),
    ),
    _fires(
        "T013",
        g("  - host: desk-loft.hotel", "  - host: desk-suite.hotel"),
        "Ingress attic/menu-card of suite and Ingress garret/menu-card of loft both serve desk-suite.hotel.example.com",
        g("tls: [{hosts: [desk-loft.hotel", "tls: [{hosts: [desk-suite.hotel"),
    ),
    _fires(
        "T013",
        a(_BELL, _BELL.replace("suite", "loft"))
        + a("  name: menu-card\n", "  name: menu-card\n  labels: {topology.solutio.dev/pod: suite}\n")
        + a("{name: tables, port: {name: web}}", "{name: bell, port: {number: 9700}}"),
        "Ingress attic/menu-card of suite sends desk-suite.hotel.example.com to attic/bell[Deployment] of loft",
    ),
)

NODES = (
    _fires(
        "T014",
        a("nodeSelector: {topology.solutio.dev/pool: suite}\n      tolerations", "tolerations"),
        "Deployment attic/waiter of suite may run on nodes of others: it does not select topology.solutio.dev/pool=suite",
        a(
            "nodeSelector: {topology.solutio.dev/pool: suite}\n",
            "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: "
            "[{matchExpressions: [{key: topology.solutio.dev/pool, operator: In, values: [suite]}]}]}}}\n",
        ),
    ),
    _fires(
        "T014",
        a(_OWN, "nodeSelector: {topology.solutio.dev/pool: suite}"),
        "cannot run on its own nodes: it does not tolerate topology.solutio.dev/pool=suite:NoSchedule",
        a(
            _OWN,
            "nodeSelector: {topology.solutio.dev/pool: suite}\n      tolerations: [{key: topology.solutio.dev/pool, operator: Exists}]",
        ),
    ),
    _fires("T014", a(_OWN, f"{_OWN}\n      nodeName: n1"), "is bound to node n1 by hand"),
    _fires(
        "T014",
        a(_OWN, _GROUND) + a(_OWN, _GROUND) + a(_OWN, _GROUND),
        "suite is to have nodes of its own, and its workloads select none that others do not",
    ),
    _fires(
        "T015",
        k(_GROUND, "tolerations: [{operator: Exists}]"),
        "Deployment kitchen/waiter of common may run on the nodes of suite: it tolerates topology.solutio.dev/pool=suite:NoSchedule",
        k(_GROUND, f"{_GROUND}\n      tolerations: [{{operator: Exists}}]"),
    ),
    _fires(
        "T015",
        g(
            "nodeSelector: {topology.solutio.dev/pool: loft}\n      tolerations: [{key: topology.solutio.dev/pool, value: loft",
            "tolerations: [{key: topology.solutio.dev/pool, operator: Exists",
        ),
        "Deployment garret/waiter of loft may run on the nodes of suite",
        g("[{key: topology.solutio.dev/pool, value: loft", "[{key: topology.solutio.dev/pool, operator: Exists"),
    ),
    _fires(
        "T015",
        k(_GROUND, "nodeSelector: {topology.solutio.dev/pool: suite}"),
        "it selects topology.solutio.dev/pool=suite",
    ),
    _fires("T015", k(_GROUND, "nodeName: n1"), "is bound to node n1 by hand, which no taint prevents"),
    _fires(
        "T015",
        (
            Edit(
                "  targetNamespace: doors\n",
                "  targetNamespace: doors\n  values: {agent: {tolerations: [{operator: Exists}]}}\n",
                DOORS,
            ),
        ),
        "HelmRelease flux-system/gauges of platform may run on the nodes of suite",
        (
            Edit(
                "  targetNamespace: doors\n",
                "  targetNamespace: doors\n"
                "  values: {agent: {tolerations: [{operator: Exists}], nodeSelector: {topology.solutio.dev/pool: house}}}\n",
                DOORS,
            ),
        ),
    ),
    _fires(
        "T016",
        a(_SCRATCH, "volumes: [{name: scratch, hostPath: {path: /srv}}]"),
        "Deployment attic/waiter of suite uses the folder /srv of its node",
        a(_SCRATCH, "volumes: [{name: scratch, emptyDir: {medium: Memory}}]"),
    ),
    _fires("T016", a(_OWN, f"{_OWN}\n      hostPID: true"), "uses the processes of its node"),
)

OPEN = (
    _fires(
        "T017",
        g(_OUT, f"  egress:\n  - to: [{_TO_ATTIC}]\n    ports: [{{port: 7000}}]")
        + a(
            "  - from: [{podSelector: {matchExpressions:",
            f"  - from: [{_FROM_GARRET}]\n  - from: [{{podSelector: {{matchExpressions:",
        ),
        "garret/waiter[Deployment] of loft can open TCP 7000 of attic/cellar[StatefulSet] of suite",
        g(_OUT, f"  egress:\n  - to: [{_TO_ATTIC}]\n    ports: [{{port: 7000}}]"),
    ),
    _fires(
        "T017",
        tier("  suite: {tier: vip", "  annex: {tier: open}\n  suite: {tier: vip") + _ANNEXED,
        "doors/porter[Deployment] of annex can open TCP 8080 of attic/waiter[Deployment] of suite",
        tier("  suite: {tier: vip", "  annex: {tier: open}\n  suite: {tier: vip"),
    ),
    _fires(
        "T018",
        more(_binding("RoleBinding", "attic", "kitchen/waiter"), KITCHEN),
        "ServiceAccount kitchen/waiter of common has rights in namespace attic of suite",
        more(_binding("RoleBinding", "attic", "attic/waiter"), KITCHEN),
    ),
    _fires(
        "T018",
        more(_binding("RoleBinding", "doors", "flux-system/attic-builder"), KITCHEN),
        "ServiceAccount flux-system/attic-builder of suite has rights in namespace doors, which is not its own",
    ),
    _fires(
        "T018",
        more(_binding("RoleBinding", "attic", "{kind: Group, name: 'system:serviceaccounts:garret'}"), KITCHEN),
        "Group system:serviceaccounts:garret of loft has rights in namespace attic of suite",
    ),
    _fires(
        "T019",
        more(_binding("ClusterRoleBinding", "", "flux-system/attic-builder"), KITCHEN),
        "ServiceAccount flux-system/attic-builder of suite has rights in the whole cluster",
        more(_binding("ClusterRoleBinding", "", "flux-system/builder"), KITCHEN),
    ),
    _fires(
        "T019",
        more(_binding("ClusterRoleBinding", "", "{kind: Group, name: 'system:serviceaccounts'}"), KITCHEN),
        "Group system:serviceaccounts of every tenant pod has rights in the whole cluster",
        more(
            _binding(
                "ClusterRoleBinding",
                "",
                "{kind: Group, name: 'system:serviceaccounts'}",
                "ClusterRole, name: 'system:discovery'",
            ),
            KITCHEN,
        ),
    ),
)

FLUX_ACCOUNTS = (
    _fires(
        "T020",
        flux("serviceAccountName: garret-builder", "serviceAccountName: attic-builder"),
        "is applied as ServiceAccount flux-system/attic-builder, and so is Kustomization flux-system/garret of loft",
        flux("serviceAccountName: builder", "serviceAccountName: kustomize-controller"),
    ),
    _fires(
        "T020",
        flux("  serviceAccountName: attic-builder\n", ""),
        "Kustomization flux-system/attic of suite names no account",
    ),
    _fires(
        "T020",
        flux("serviceAccountName: attic-builder", "serviceAccountName: kustomize-controller"),
        "is applied as kustomize-controller, which may write everywhere",
    ),
    _fires(
        "T020",
        flux("path: ./plan/attic\n", "path: ./plan\n") + flux("path: ./plan/garret\n", "path: ./elsewhere\n"),
        "applies pods of loft, too",
    ),
    _fires(
        "T021",
        bounds("  - externalsecrets\n", ""),
        "ServiceAccount flux-system/attic-builder of suite may not create, delete, get, patch externalsecrets in "
        "namespace attic",
        bounds("verbs: [get, list, watch, create, patch, delete]", 'verbs: ["*"]'),
    ),
    _fires("T021", bounds("create, patch, delete]", "create, patch]"), "may not delete configmaps in namespace attic"),
    _fires(
        "T022",
        bounds("  - services\n", "  - services\n  - resourcequotas\n"),
        "ServiceAccount flux-system/attic-builder of suite may write resourcequotas",
        bounds("  - services\n", "  - services\n  - secrets\n"),
    ),
    _fires(
        "T022",
        bounds("kind: Role, name: keeper", "kind: ClusterRole, name: admin"),
        "may write roles and role bindings",
    ),
)

BOUNDS = (
    _fires(
        "T023",
        bounds('cpu: "8"', 'cpu: "16"'),
        "ResourceQuota attic/share allows 16 of requests.cpu; tier vip states 8",
        bounds('cpu: "8"', "cpu: 8000m"),
    ),
    _fires(
        "T023",
        bounds(", requests.memory: 8Gi", ""),
        "no ResourceQuota of namespace attic limits requests.memory; tier vip states 8Gi",
        bounds(", requests.memory: 8Gi", ", memory: 4Gi"),
    ),
    _fires(
        "T024",
        bounds("max: {memory: 1Gi}", "max: {memory: 2Gi}"),
        "no LimitRange of namespace attic keeps containers to 1Gi of memory, as tier vip states",
        bounds("max: {memory: 1Gi}", "max: {memory: 512Mi}"),
    ),
    _fires(
        "T024",
        a("limits: {memory: 64Mi}", "limits: {memory: 2Gi}"),
        "container main of Deployment attic/waiter asks for 2Gi of memory, and tier vip allows 1Gi",
        a("limits: {memory: 64Mi}", "limits: {memory: 1024Mi}"),
    ),
    _fires(
        "T025",
        bounds("enforce: restricted", "enforce: baseline"),
        "namespace attic enforces baseline; tier vip states restricted",
        bounds("enforce: restricted", "enforce: baseline")
        + tier("isolation: {podSecurity: restricted, ", "isolation: {podSecurity: baseline, "),
    ),
    _fires(
        "T025",
        bounds("  labels: {pod-security.kubernetes.io/enforce: restricted}\n", ""),
        "namespace attic enforces no pod security",
    ),
    _fires(
        "T026",
        tier(_SHARES, "limits: {memory: 1Gi}, sharedSecrets: [pins]}"),
        "tier vip shares the Secret pins, and none of its tenant pods reads another's entry of it",
        a("key: suite-pin", "key: common-pin") + tier(_SHARES, "limits: {memory: 1Gi}, sharedSecrets: [pin]}"),
    ),
)

CHARTS = (
    _fires(
        "T027",
        tier("dedicates: [desk, vault, intake]", "dedicates: [desk, vault, intake, gate]"),
        "tier vip dedicates gate, which is the chart ingress-nginx: one release serves the whole cluster",
        tier("dedicates: [desk, vault, intake]", "dedicates: [desk, vault]"),
    ),
    # Without a shared tenant pod the first dedicated one has everything: what its tier does not dedicate, too.
    _fires(
        "T027",
        tier("dedicates: [desk, vault, intake]", "dedicates: [desk, vault, intake, gate]"),
        "tier vip dedicates gate",
        tier("common: {tier: open", "common: {tier: vip"),
    ),
)

ISOLATION = (*SHARED_THINGS, *ADDRESSES, *NODES, *OPEN, *FLUX_ACCOUNTS, *BOUNDS, *CHARTS)
