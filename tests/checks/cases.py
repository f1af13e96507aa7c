"""For every rule: how to make it fire in the world of `world.py`, and what comes near without firing."""

from __future__ import annotations

from tests.checks.capacity_cases import CAPACITY
from tests.checks.edits import m, t
from tests.checks.fidelity_cases import FIDELITY_CASES
from tests.checks.isolation_cases import ISOLATION
from tests.checks.more_cases import MORE_CASES
from tests.checks.wider_cases import WIDER_CASES
from tests.checks.world import ATTIC, DOORS, FLUX, Case, Edit

_SPREAD = """      topologySpreadConstraints:
      - maxSkew: 1
        topologyKey: kubernetes.io/hostname
        whenUnsatisfiable: ScheduleAnyway
        labelSelector: {matchLabels: {role: waiter}}
"""
_OF = "topology.solutio.dev/pod"
_TO_CELLAR = "  egress:\n  - to: [{podSelector: {matchLabels: {role: cellar}}}]\n    ports: [{port: 7000}]"
_CELLAR = "      containers:\n      - name: main\n        image: registry.example.com/hotel/vault"
_TIMESCALE = "component: timescaledb, layer: back, replicas: 2, storage: 1Gi, major: 16"
_DATABASE = """
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: {name: cellar, namespace: kitchen, annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}}
spec: {instances: 1, storage: {size: 1Gi}}
---
apiVersion: postgresql.cnpg.io/v1
kind: Database
metadata: {name: d, namespace: kitchen}
spec: {name: d, owner: d, cluster: {name: CLUSTER}}
"""
_ISSUER = """
apiVersion: cert-manager.io/v1
kind: ClusterIssuer
metadata: {name: other}
spec: {selfSigned: {}}
"""
_TWO = 'desk-vault: {from: desk, to: vault, env: {VAULT_ADDR: "{url}", SAFE: "{host}:{port}"}}'
_ASTRAY = '{name: SAFE, value: "celar.kitchen:7000"}\n        - {name: MAIL_HOST,'
_END = "kind: Namespace\nmetadata:\n  name: kitchen"


def binding(kind: str, role: str, account: str) -> tuple[Edit, ...]:
    """Another RoleBinding or ClusterRoleBinding: of a ClusterRole, or with a slash of a Role."""
    space = "" if kind.startswith("Cluster") else ", namespace: kitchen"
    role_kind, _, name = (role if "/" in role else f"ClusterRole/{role}").partition("/")
    return more(
        f"apiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}\nmetadata: {{name: b{space}}}\n"
        f"roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: {role_kind}, name: {name}}}\n"
        f"subjects: [{{kind: ServiceAccount, name: {account}, namespace: kitchen}}]"
    )


def ringed(rings: str, common: str, suite: str) -> tuple[Edit, ...]:
    """The topology with rings, and the two tenant pods in theirs."""
    named = {name: f", ring: {ring}" if ring else "" for name, ring in (("walk-in", common), ("duke", suite))}
    own = [edit for name, text in named.items() for edit in t(f"orgs: [{name}]", f"orgs: [{name}]{text}")]
    return (*t("\npods:\n", f"\nrings: {rings}\npods:\n"), *own)


def more(text: str) -> tuple[Edit, ...]:
    """Another object in the kitchen's file."""
    return m("\n---\napiVersion: v1\nkind: ConfigMap", f"\n---\n{text.strip()}\n---\napiVersion: v1\nkind: ConfigMap")


def keyed(shard: str) -> tuple[Edit, ...]:
    """The kitchen's Kustomization in a shard."""
    labels = f"metadata: {{name: kitchen, namespace: flux-system, labels: {{sharding.fluxcd.io/key: {shard}}}}}"
    return m("metadata: {name: kitchen, namespace: flux-system}", labels, FLUX)


def declared_shards(*names: str) -> tuple[Edit, ...]:
    """Shards that the topology names."""
    return t("platform:\n", f"platform:\n  flux: {{shards: [{', '.join(names)}]}}\n")


def controller(name: str, *selectors: str) -> tuple[Edit, ...]:
    """Controllers of Flux, each with its selector."""
    found = (
        f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: c{index}, namespace: kitchen}}\n"
        f"spec: {{selector: {{matchLabels: {{c: c{index}}}}}, template: {{metadata: {{labels: {{c: c{index}}}}}, spec: "
        f"{{containers: [{{name: manager, image: ghcr.example.com/fluxcd/{name}:v1.7.0, "
        f"args: [{_watch(selector)}]}}]}}}}}}"
        for index, selector in enumerate(selectors)
    )
    return more("\n---\n".join(found))


def _watch(selector: str) -> str:
    return f'"--watch-label-selector={selector}"' if selector else "--log-level=info"


SCHEMA = (
    Case("M001", m("  replicas: 2\n", "  replica: 2\n"), "there is no field spec.replica; did you mean 'replicas'?"),
    Case("M001", m("  minReplicas: 2\n", "  minimum: 2\n"), "there is no field spec.minimum"),
    Case("M001", m("toFQDNs:", "toFQDN:"), "there is no field spec.egress[1].toFQDN"),
    Case("M002", m("  maxReplicas: 4\n", ""), "spec.maxReplicas is missing", m("  minReplicas: 2\n", "")),
    Case("M003", m("replicas: 2\n", 'replicas: "2"\n'), "spec.replicas must be a whole number, not text"),
    Case("M003", m("remoteRef: {key: common-pin}", "remoteRef: {key: 1}"), "must be text, not a number"),
    Case("M004", m("autoscaling/v2", "autoscaling.example.com/v2"), "; HorizontalPodAutoscaler is of autoscaling/v1"),
    Case("M004", m("kind: ConfigMap", "kind: configmap"), "did you mean 'ConfigMap'?"),
    Case("M005", m("  replicas: 2\n", "  replicas: 2\n  replicas: 3\n"), "stands twice"),
    Case("M005", m("kind: ConfigMap\n", ""), "it has no kind"),
    Case("M006", m("{name: menu, namespace", "{name: Menu_1, namespace"), "name 'Menu_1' is no DNS name"),
    Case(
        "M006", m("{name: tables, namespace", "{name: 9tables, namespace"), "is no DNS label that starts with a letter"
    ),
    Case(
        "M006",
        m("[{name: web, containerPort", "[{name: a-very-long-port-name, containerPort"),
        "is no service name of at most 15 characters",
        m("data: {today: soup}", "data: {Today_1: soup, today: x}"),
    ),
    Case("M007", m("shift: day", "shift: _"), "label 'shift' has the value '_'", m("shift: day", 'shift: ""')),
    Case("M007", m("shift: day", '"a b": day'), "is no label key", m("shift: day", "example.com/Shift_1: day")),
    Case("M008", m(_END, f"{_END}\n  namespace: hall"), "stands in no namespace, not in hall"),
    Case("M009", m("{name: menu, namespace: kitchen}", "{name: menu}"), "ConfigMap menu names no namespace"),
    Case(
        "M010",
        m("- {name: MAIL_HOST,", "- {name: MENU, value: x}\n        - {name: MAIL_HOST,"),
        "env MENU stands twice",
        m(
            "[{name: web, containerPort: 8080}",
            "[{name: web, containerPort: 8080}, {containerPort: 8080, protocol: UDP}",
        ),
    ),
    Case("M011", m("containerPort: 7000", "containerPort: 70000"), "port 70000 is not between 1 and 65535"),
    Case("M011", m("        image: registry.example.com/hotel/desk:1.0\n", ""), "container main has no image"),
)

WIRING = (
    Case("R001", m("spec:\n  selector: {role: waiter}", "spec:\n  selector: {role: waitress}"), "no pod has that"),
    Case(
        "R002",
        m("targetPort: web", "targetPort: http"),
        "named http",
        m("targetPort: web", "targetPort: 8080"),
    ),
    Case("R003", m("targetPort: web", "targetPort: 8088"), "8088/TCP, which no container"),
    Case("R004", m("service: {name: tables,", "service: {name: table,"), "kitchen/table does not exist"),
    Case(
        "R004",
        m("port: {name: web}", "port: {number: 81}"),
        "has no port 81",
        m("port: {name: web}", "port: {number: 80}"),
    ),
    Case("R005", m("kind: Deployment, name: bell", "kind: Deployment, name: bel"), "did you mean 'bell'?"),
    Case(
        "R006", m("selector: {matchLabels: {role: bell}}}", "selector: {matchLabels: {role: bel}}}"), "selects no pods"
    ),
    Case(
        "R007",
        m("  podSelector: {matchLabels: {role: bell}}", "  podSelector: {matchLabels: {role: bel}}"),
        "selects pods role=bel, and there are none",
    ),
    Case(
        "R008",
        m("values: [waiter, bell]", "values: [bel]"),
        "and there are none",
        m("kubernetes.io/metadata.name: kube-system", "kubernetes.io/metadata.name: monitoring"),
    ),
    Case("R009", m("serviceName: cellar", "serviceName: celar"), "no Service celar is in namespace kitchen"),
    Case("R009", m("serviceName: cellar", "serviceName: tables"), "Service tables does not select its pods"),
    Case("R010", m("labels: {role: waiter, shift: day}", "labels: {role: cook}"), "its own pods do not have"),
    Case(
        "R011",
        m("labels: {role: cellar}", "labels: {role: cellar, shift: day}")
        + m("selector: {matchLabels: {role: waiter}}\n  template", "selector: {matchLabels: {shift: day}}\n  template"),
        "selects the pods of StatefulSet kitchen/cellar too",
    ),
    Case(
        "R012",
        more("apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: bell, namespace: kitchen}"),
        "stands twice",
        more("apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: bell2, namespace: kitchen}"),
    ),
    Case(
        "R013",
        m("labels: {role: cellar}", "labels: {role: cellar, shift: day}")
        + m("spec:\n  selector: {role: waiter}", "spec:\n  selector: {shift: day}"),
        "selects the pods of common desk and common vault",
    ),
)

MENTIONS = (
    Case(
        "R020",
        m("configMapKeyRef: {name: menu", "configMapKeyRef: {name: menus"),
        "needs ConfigMap menus",
        m("configMapKeyRef: {name: menu", "configMapKeyRef: {optional: true, name: menus"),
    ),
    Case(
        "R020",
        m("secretKeyRef: {name: pin,", "secretKeyRef: {name: pn,"),
        "needs Secret pn, which nothing in namespace kitchen makes",
    ),
    Case(
        "R021",
        m("name: pin, key: digits", "name: pin, key: digit"),
        "needs key digit of Secret pin, which holds digits",
    ),
    Case("R021", m("name: menu, key: today", "name: menu, key: tomorrow"), "which holds today"),
    Case(
        "R022",
        m("serviceAccountName: bell", "serviceAccountName: belle"),
        "has no ServiceAccount belle; did you mean 'bell'?",
        m("serviceAccountName: bell", "serviceAccountName: default"),
    ),
    Case("R023", m("claimName: shelf", "claimName: shelves"), "has no PersistentVolumeClaim shelves"),
    Case("R024", m("volumeMounts: [{name: scratch", "volumeMounts: [{name: scrach"), "mounts volume scrach"),
    Case(
        "R025",
        m("tcpSocket: {port: ring}", "tcpSocket: {port: rings}"),
        "asks port rings; it declares ring",
        m("tcpSocket: {port: ring}", "tcpSocket: {port: 9700}"),
    ),
    Case("R026", m("ingressClassName: brass", "ingressClassName: bras"), "names class bras; did you mean 'brass'?"),
    Case("R027", m("    cert-manager.io/cluster-issuer: le\n", ""), "nothing makes Secret menu-card-tls"),
    Case(
        "R028",
        m("spec: {accessModes", "spec: {storageClassName: quick, accessModes"),
        "StorageClass quick",
        m("spec: {accessModes", "spec: {storageClassName: do-block-storage-retain, accessModes"),
    ),
    Case(
        "R028",
        m("terminationGracePeriodSeconds", "priorityClassName: first\n      terminationGracePeriodSeconds"),
        "PriorityClass first",
        m(
            "terminationGracePeriodSeconds",
            "priorityClassName: system-node-critical\n      terminationGracePeriodSeconds",
        ),
    ),
    Case(
        "R029",
        binding("RoleBinding", "view", "bel"),
        "has no ServiceAccount bel; did you mean 'bell'?",
        binding("RoleBinding", "view", "bell"),
    ),
    Case(
        "R029",
        binding("RoleBinding", "Role/cook", "bell"),
        "there is no Role cook",
    ),
    Case(
        "R030",
        m("{name: menu, namespace: kitchen}", "{name: menu, namespace: kitchn}"),
        "no Namespace kitchn is declared",
    ),
)

FLUX_CASES = (
    Case(
        "F004",
        m("path: ./plan/kitchen", "path: ./plan/kitchn", FLUX),
        "applies plan/kitchn, which is not there",
        m("path: ./plan/kitchen", "path: ./repo/plan/kitchen", FLUX),
    ),
    Case("F005", m("dependsOn: [{name: doors}]", "dependsOn: [{name: door}]", FLUX), "depends on flux-system/door"),
    Case(
        "F006",
        m(
            "name: doors, namespace: flux-system}\nspec:\n",
            "name: doors, namespace: flux-system}\nspec:\n  dependsOn: [{name: kitchen}]\n",
            FLUX,
        ),
        "doors -> kitchen -> doors",
    ),
    Case(
        "F007",
        m("sourceRef: {kind: GitRepository, name: plan}", "sourceRef: {kind: GitRepository, name: plans}", FLUX),
        "GitRepository flux-system/plans does not exist",
    ),
    Case(
        "F007",
        m(
            "sourceRef: {kind: HelmRepository, name: gauges}",
            "sourceRef: {kind: HelmRepository, name: gauges, namespace: doors}",
            DOORS,
        ),
        "lies in another namespace",
        m(
            "sourceRef: {kind: HelmRepository, name: gauges}",
            "sourceRef: {kind: HelmRepository, name: gauges, namespace: flux-system}",
            DOORS,
        ),
    ),
    Case("F008", m("  serviceAccountName: builder\n", "", FLUX), "names no serviceAccountName"),
    Case(
        "F008",
        m("serviceAccountName: builder", "serviceAccountName: bilder", FLUX),
        "does not have; did you mean 'builder'?",
        m("serviceAccountName: builder", "serviceAccountName: kustomize-controller", FLUX),
    ),
    Case(
        "F009",
        m("version: 3.13.0", 'version: ">=3.13.0"', DOORS),
        "takes chart version >=3.13.0",
        m("version: 3.13.0", "version: 3.13.0-rc.1", DOORS),
    ),
    Case("F009", m("version: 3.13.0, ", "", DOORS), "takes chart version *"),
    Case(
        "F010",
        m("  dependsOn: [{name: doors}]\n", "", FLUX),
        "ExternalSecret kitchen/pin is applied by kitchen, which does not come after doors",
    ),
    Case(
        "F011",
        m(
            f"terminationGracePeriodSeconds: 60\n{_CELLAR}",
            f"terminationGracePeriodSeconds: 18000\n{_CELLAR}",
        ),
        "may take 18000 s to drain",
        m("terminationGracePeriodSeconds: 60", "terminationGracePeriodSeconds: 18000"),
    ),
    Case(
        "F012",
        m("namespace: kitchen, annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}}", "namespace: kitchen}"),
        "deletes PersistentVolumeClaim kitchen/shelf",
        m("namespace: kitchen, annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}}", "namespace: kitchen}")
        + m(
            "path: ./plan/kitchen\n  prune: true", "path: ./plan/kitchen\n  prune: true\n  deletionPolicy: Orphan", FLUX
        ),
    ),
    Case(
        "F013",
        m(
            'spec: {interval: 1h, url: "https://charts.example.com"}',
            'spec: {interval: 1h, type: oci, url: "oci://charts.example.com"}',
            DOORS,
        )
        + m(
            "  wait: true",
            "  healthChecks: [{apiVersion: source.toolkit.fluxcd.io/v1, kind: HelmRepository, name: gauges}]",
            FLUX,
        ),
        "waits for flux-system/gauges",
        m(
            "  wait: true",
            "  healthChecks: [{apiVersion: source.toolkit.fluxcd.io/v1, kind: HelmRepository, name: gauges}]",
            FLUX,
        ),
    ),
    Case(
        "F014", m("path: ./plan/kitchen", "path: ./plan/attic", FLUX), "no Kustomization applies plan/kitchen/all.yaml"
    ),
)

SHARDS = (
    Case(
        "F015",
        keyed("shard1"),
        "carries the key shard1, which no kustomize-controller watches",
        keyed("shard1") + controller("kustomize-controller", "sharding.fluxcd.io/key=shard1"),
    ),
    Case(
        "F015",
        keyed("shard3") + controller("kustomize-controller", "sharding.fluxcd.io/key in (shard1, shard2)"),
        "Kustomization flux-system/kitchen carries the key shard3",
        keyed("shard2") + controller("kustomize-controller", "sharding.fluxcd.io/key in (shard1, shard2)"),
    ),
    Case(
        "F015",
        keyed("shard1") + controller("source-controller", "sharding.fluxcd.io/key=shard1"),
        "which no kustomize-controller watches",
        keyed("shard1") + declared_shards("shard1"),
    ),
    Case(
        "F015",
        keyed("shrad1") + declared_shards("shard1"),
        "carries the key shrad1, which no kustomize-controller watches; did you mean 'shard1'?",
    ),
    Case(
        "F016",
        keyed("shard1") + controller("kustomize-controller", "sharding.fluxcd.io/key=shard1", ""),
        "Kustomization flux-system/kitchen is reconciled by Deployment kitchen/c0 and by Deployment kitchen/c1",
        keyed("shard1")
        + controller("kustomize-controller", "sharding.fluxcd.io/key=shard1", "!sharding.fluxcd.io/key"),
    ),
)

SECURITY = (
    Case(
        "X001",
        m("allowPrivilegeEscalation: false, ", ""),
        "does not set allowPrivilegeEscalation: false; namespace kitchen enforces restricted",
    ),
    Case(
        "X001",
        m("terminationGracePeriodSeconds", "hostPID: true\n      terminationGracePeriodSeconds"),
        "hostPID is on",
    ),
    Case(
        "X002",
        m("  labels: {pod-security.kubernetes.io/enforce: restricted}\n", ""),
        "sets no pod security level",
        m("enforce: restricted", "enforce: baseline"),
    ),
    Case(
        "X003",
        m("enforce: restricted", "enforce: privileged")
        + m("terminationGracePeriodSeconds", "hostPID: true\n      terminationGracePeriodSeconds"),
        "is privileged for Deployment kitchen/waiter",
        m("enforce: restricted", "enforce: privileged"),
    ),
    Case(
        "X004",
        m("desk:1.0", "desk:latest"),
        "runs registry.example.com/hotel/desk:latest",
        m("desk:1.0", f"waiter@sha256:{'0' * 64}"),
    ),
    Case("X004", m("desk:1.0", "desk"), "runs registry.example.com/hotel/desk"),
    Case(
        "X005",
        m(", limits: {memory: 64Mi}", ""),
        "has no memory limits",
        m("requests: {cpu: 100m, memory: 64Mi}, ", "requests: {cpu: 100m}, "),
    ),
    Case(
        "X006",
        m("      automountServiceAccountToken: false\n", ""),
        "which no role is bound to",
        m("      automountServiceAccountToken: false\n", "")
        + m(
            "metadata: {name: waiter, namespace: kitchen}\n",
            "metadata: {name: waiter, namespace: kitchen}\nautomountServiceAccountToken: false\n",
        ),
    ),
    Case(
        "X007",
        m("runAsUser: 1000", "runAsUser: 0"),
        "may run as root",
        m("runAsNonRoot: true, runAsUser: 1000", "runAsUser: 1000"),
    ),
    Case("X008", m("readOnlyRootFilesystem: true, ", ""), "may write to its root file system"),
    Case(
        "X009",
        m("{name: MAIL_HOST,", "{name: MAIL_PASSWORD, value: hunter2}\n        - {name: MAIL_HOST,"),
        "variable MAIL_PASSWORD",
        m("{name: MAIL_HOST,", "{name: MAIL_PASSWORD, value: $(PIN)}\n        - {name: MAIL_HOST,"),
    ),
    Case(
        "X009",
        m("tcp://cellar.kitchen:7000", "tcp://me:hunter2@cellar.kitchen:7000"),
        "variable VAULT_ADDR",
        m("tcp://cellar.kitchen:7000", "tcp://me:$(PIN)@cellar.kitchen:7000"),
    ),
    Case("X009", m("data: {today: soup}", "data: {today: soup, api_key: hunter2}"), "key api_key"),
    Case(
        "X009",
        more("apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: kitchen}\nstringData: {a: hunter2}"),
        "Secret kitchen/s holds values",
    ),
    Case(
        "X010",
        binding("ClusterRoleBinding", "cluster-admin", "bell"),
        "gives cluster-admin",
        binding("ClusterRoleBinding", "view", "bell"),
    ),
)

AVAILABILITY = (
    Case(
        "A001",
        m("{minAvailable: 1,", "{minAvailable: 2,"),
        "never lets one of the 2 pods",
        m("{minAvailable: 1,", "{minAvailable: 50%,"),
    ),
    Case("A001", m("{maxUnavailable: 1,", "{maxUnavailable: 0,"), "never lets one of the 2 pods"),
    Case("A002", m("        readinessProbe: {tcpSocket: {port: web}}\n", ""), "has no readiness probe"),
    Case(
        "A003",
        m("containerPort: 9700", "containerPort: 9700, hostPort: 9700"),
        "holds ports of its node",
        m("containerPort: 9700", "containerPort: 9700, hostPort: 9700")
        + m("maxSurge: 1, maxUnavailable: 0", "maxSurge: 0, maxUnavailable: 1"),
    ),
    Case(
        "A004",
        m(
            _SPREAD,
            "      priority: 0\n",
        ),
        "nothing that spreads them",
        m(
            _SPREAD,
            "      priority: 0\n",
        )
        + m("replicas: 2", "replicas: 1")
        + m("{maxUnavailable: 1,", "{maxUnavailable: 1,"),
    ),
    Case("A005", m("chart: metrics-server", "chart: fluent-bit", DOORS), "needs metrics-server"),
    Case(
        "A006",
        m(
            "image: registry.example.com/hotel/intake:1.0\n        resources: {requests: {cpu: 100m, ",
            "image: registry.example.com/hotel/intake:1.0\n        resources: {requests: {",
        ),
        "measures cpu, which container main",
    ),
    Case(
        "A007",
        m(
            "  selector: {matchLabels: {role: bell}}\n  strategy",
            "  replicas: 2\n  selector: {matchLabels: {role: bell}}\n  strategy",
        ),
        "is scaled by HorizontalPodAutoscaler kitchen/bell",
    ),
    Case(
        "A008",
        m(
            "spec: {maxUnavailable: 1, selector: {matchLabels: {role: waiter}}}",
            "spec: {maxUnavailable: 1, selector: {matchLabels: {role: cellar}}}",
        ),
        "Deployment kitchen/waiter has 2 replicas and no PodDisruptionBudget",
    ),
)

NETWORK = (
    Case(
        "N001",
        m("spec: {podSelector: {}, policyTypes: [Ingress, Egress]}", "spec: {podSelector: {}, policyTypes: [Egress]}"),
        "namespace kitchen has no default deny for ingress",
        m("spec: {podSelector: {}, policyTypes: [Ingress, Egress]}", "spec: {podSelector: {}, policyTypes: [Ingress]}"),
    ),
    Case(
        "N002",
        m(
            "values: [waiter, bell]}]}}]",
            "values: [waiter, bell]}]}}, {namespaceSelector: {}, podSelector: {matchLabels: {role: waiter}}}]",
            ATTIC,
        )
        + m(
            "  - to: [{podSelector: {matchLabels: {role: cellar}}}]",
            "  - to: [{namespaceSelector: {}, podSelector: {matchLabels: {role: cellar}}}]",
        ),
        "kitchen/waiter[Deployment] can open TCP 7000 of attic/cellar[StatefulSet]",
        m(
            "values: [waiter, bell]}]}}]",
            "values: [waiter, bell]}]}}, {namespaceSelector: {}, podSelector: {matchLabels: {role: waiter}}}]",
            ATTIC,
        ),
    ),
    Case(
        "N003",
        m("    ports: [{port: 8080}]\n  egress:", "    ports: [{port: 8080}]\n  - {}\n  egress:")
        + m(
            f"{_TO_CELLAR}\n---\napiVersion: cilium",
            f"{_TO_CELLAR[:-1]}, {{port: 7001}}]\n---\napiVersion: cilium",
        )
        + m(
            "values: [waiter, bell]}]}}]\n    ports: [{port: 7000}]",
            "values: [waiter, bell]}]}}]\n    ports: [{port: 7000}, {port: 7001}]",
        ),
        "can open TCP 7001 of kitchen/cellar",
    ),
    Case(
        "N004", m("matchName: mail.example.net", "matchPattern: '*.example.net'"), "can open TCP 587 of *.example.net"
    ),
    Case(
        "N004",
        m(
            f"{_TO_CELLAR}\n---\napiVersion: cilium",
            f"{_TO_CELLAR}\n  - to: [{{ipBlock: {{cidr: 192.0.2.0/24}}}}]\n---\napiVersion: cilium",
        ),
        "of 192.0.2.0-192.0.2.255, and no edge says so",
    ),
    Case(
        "N005",
        m("spec:\n  selector: {role: waiter}", "spec:\n  type: NodePort\n  selector: {role: waiter}"),
        "opens TCP 80 to the outside (NodePort)",
    ),
    Case(
        "N005",
        m("spec:\n  selector: {role: waiter}", "spec:\n  type: LoadBalancer\n  selector: {role: waiter}"),
        "(LoadBalancer)",
        m("spec:\n  selector: {role: waiter}", "spec:\n  type: ClusterIP\n  selector: {role: waiter}"),
    ),
    Case(
        "N006",
        m("  - host: desk.hotel", "  - host: admin.hotel"),
        "serves admin.hotel.example.com, and no edge says so",
    ),
    Case(
        "N006",
        m("name: tables, port: {name: web}", "name: bell, port: {number: 9700}"),
        "sends desk.hotel.example.com to common/intake",
    ),
    Case(
        "N007",
        m("loadBalancerSourceRanges: [203.0.113.0/24]", "loadBalancerSourceRanges: [203.0.113.0/24, 198.51.100.0/24]"),
        "lets 198.51.100.0/24 in",
        m("loadBalancerSourceRanges: [203.0.113.0/24]", "loadBalancerSourceRanges: [203.0.113.0/25]"),
    ),
    Case("N007", m("  loadBalancerSourceRanges: [203.0.113.0/24]\n", ""), "lets 0.0.0.0/0 in"),
    Case(
        "N008",
        m("containerPort: 8080}", "containerPort: 8081}"),
        "leads to port 8081 of kitchen/waiter[Deployment]: unauthenticated",
    ),
    Case("N009", m("chart: metrics-server", "chart: mystery", DOORS), "mystery"),
    Case(
        "N010",
        m("  labels: {topology.solutio.dev/service: desk, topology.solutio.dev/pod: common}\n", ""),
        "kitchen/waiter[Deployment] says no service",
    ),
    Case(
        "N010",
        m("topology.solutio.dev/service: desk", "topology.solutio.dev/service: bar"),
        "says that it is common/bar, which does not exist",
    ),
    Case(
        "N010",
        m("labels: {role: waiter, shift: day}", f"labels: {{role: waiter, shift: day, {_OF}: suite}}"),
        "makes pods that say they are suite/desk",
        m("labels: {role: waiter, shift: day}", f"labels: {{role: waiter, shift: day, {_OF}: common}}"),
    ),
)

PATHS = (
    Case("P001", m("tcp://cellar.kitchen:7000", "tcp://cellar.kitchen:7001"), "common: desk -> vault"),
    Case("P001", m("value: mail.example.net", "value: mail.example.org"), "common: desk -> post"),
    Case("P001", m("[173.245.48.0/20,", "[192.0.2.0/24, 173.245.48.0/20,", DOORS), "lets 192.0.2.0/24 in"),
    Case("P001", m('cloudflare-proxied: "true"', 'cloudflare-proxied: "false"'), "proxied DNS record"),
    Case("P001", m("values: [kitchen, attic]", "values: [attic]", DOORS), "common: gate -> desk"),
    Case(
        "P001",
        m("  ports: [{port: 9700, targetPort: ring}]", "  ports: [{port: 9701, targetPort: ring}]"),
        "no load balancer leads TCP 9700",
    ),
    Case(
        "P002",
        t("hosts: [mail.example.net], ", "") + t(', env: {MAIL_HOST: "{host}"}', ""),
        "has neither hosts nor ranges",
    ),
    Case(
        "P003",
        t("request: cf -> gate -> desk -> vault", "request: cf -> gate -> vault"),
        "no edge leads from gate to vault",
    ),
)

PLATFORM = (
    Case("A009", m("{maxUnavailable: 1,", "{maxUnavailable: 2,"), "lets all 2 pods of Deployment kitchen/waiter go"),
    Case(
        "R031",
        m("value: mail.example.net", "value: $(MAIL).example.net"),
        "uses $(MAIL), which is not defined before it",
        m("value: mail.example.net", "value: $$(MAIL).example.net"),
    ),
    Case("R031", m("tcp://cellar.kitchen:7000", "tcp://$(PIN)@cellar.kitchen:7000"), "VAULT_ADDR of main uses $(PIN)"),
    Case(
        "R032",
        more(_DATABASE.replace("CLUSTER", "cellr")),
        "Database kitchen/d names Cluster cellr, which does not exist; did you mean 'cellar'?",
        more(_DATABASE.replace("CLUSTER", "cellar")),
    ),
    Case(
        "R032",
        more(_ISSUER),
        "Ingress kitchen/menu-card names ClusterIssuer le, which does not exist",
        more(_ISSUER.replace("other", "le")),
    ),
    Case(
        "P004",
        m("{protocol: UDP, port: 53}, {protocol: TCP", "{protocol: TCP, port: 5353}, {protocol: TCP"),
        "kitchen/bell[Deployment] may not ask the cluster's DNS",
        m("{protocol: UDP, port: 53}, {protocol: TCP, port: 53}", "{port: 53}, {port: 53, protocol: UDP}"),
    ),
    Case(
        "P005",
        m('{port: "6443"', '{port: "6444"', DOORS),
        "doors/porter[Deployment] may not open TCP 443, 6443 of kube-apiserver: the controller watches Ingresses",
        m('{port: "6443"', '{port: "443"', DOORS),
    ),
    Case("P005", m('{port: "10250"', '{port: "10251"', DOORS), "kube-apiserver may not open TCP 10250 of doors/"),
    Case("M011", m("pathType: Prefix", "pathType: Prefixed"), "pathType is none of Prefix"),
    Case("M011", m("  type: LoadBalancer\n", "  type: Loadbalancer\n"), "type is none of ClusterIP"),
    Case(
        "M011",
        m("{tcpSocket: {port: web}}", "{periodSeconds: 5}"),
        "readinessProbe of main must ask in exactly one way",
    ),
    Case("M011", m("secretKeyRef: {name: pin, key", "secretKeyRef: {key"), "variable PIN names no object to come from"),
)

MORE = (
    Case("R033", m(", valueFrom: {secretKeyRef: {name: pin, key: digits}}", ""), "variable PIN of main has no value"),
    Case(
        "R034",
        t("registry: registry.example.com/hotel", "registry: registry.example.com\n  pullSecret: pull"),
        "pull is not among its pull secrets",
        t("registry: registry.example.com/hotel", "registry: other.example.com\n  pullSecret: pull"),
    ),
    Case("R032", m("  secretStoreRef: {kind: ClusterSecretStore, name: safe}\n", ""), "names no store"),
    Case("R027", m("tls: [{hosts: [desk.hotel.example.com], ", "tls: [{hosts: [], "), "so no certificate is ordered"),
    Case("F010", m("  wait: true\n", "", FLUX), "but that one waits for nothing"),
    Case(
        "P004",
        m('"k8s:k8s-app": kube-dns', '"k8s:k8s-app": dns'),
        "asks a DNS that no rules.dns inspects",
        m('"k8s:k8s-app": kube-dns', "k8s-app: kube-dns"),
    ),
    Case("P001", m("value: mail.example.net", 'value: "smtp://mail.example.net:587x"'), "does not name post"),
)

_MAIL = '{MAIL_HOST: "{host}"}'
HOPS = (
    Case(
        "P005",
        m("ports: [{port: 80}, {port: 443}]", "ports: [{port: 443}]", DOORS),
        "no address outside may open TCP 80 of doors/porter[Deployment]",
    ),
    Case(
        "P001",
        m("replicas: 2", "replicas: 0"),
        "Deployment kitchen/waiter runs no pods",
        m("replicas: 2", "replicas: 1"),
    ),
    Case(
        "P001",
        m(
            "cidr: 0.0.0.0/0}}]\n    ports: [{port: 80}, {port: 443}]",
            "cidr: 0.0.0.0/0}}]\n    ports: [{port: 80}]",
            DOORS,
        ),
        "common: cf -> gate: TCP 443 from",
    ),
    Case(
        "P001",
        t(_MAIL, '{MAIL_HOST: "{host}", PIN: "{secret:number}"}'),
        "PIN of Deployment kitchen/waiter does not come from key number",
        t(_MAIL, '{MAIL_HOST: "{host}", PIN: "{secret:digits}"}'),
    ),
    Case(
        "P001",
        t(_MAIL, '{MAIL_HOST: "{host}", PIN: "{secret:digits}"}, secret: other'),
        "does not come from key digits of Secret other",
        t(_MAIL, '{MAIL_HOST: "{host}", PIN: "{secret:digits}"}, secret: pin'),
    ),
    Case(
        "P001",
        t("desk-vault: {from: desk, to: vault, env: VAULT_ADDR}", _TWO) + m("{name: MAIL_HOST,", _ASTRAY),
        "SAFE of Deployment kitchen/waiter does not name vault",
        t("desk-vault: {from: desk, to: vault, env: VAULT_ADDR}", _TWO)
        + m("{name: MAIL_HOST,", _ASTRAY.replace("celar", "cellar"))
        + (Edit("{name: MAIL_HOST,", _ASTRAY.replace("celar", "cellar").replace("kitchen", "attic"), ATTIC),),
    ),
)

GRAPH = (
    Case("G001", t("  intake-vault:", "  loop: {from: desk, to: desk}\n  intake-vault:"), "from desk to itself"),
    Case(
        "G002",
        t("  intake-vault:", "  back: {from: vault, to: desk, order: true, env: X}\n  intake-vault:"),
        "desk, vault",
        t("  intake-vault:", "  back: {from: vault, to: desk, order: false, env: X}\n  intake-vault:"),
    ),
    Case(
        "G003",
        t(
            "  vault: {component: strong",
            "  attic: {component: clerk, layer: front, replicas: 2}\n  vault: {component: strong",
        ),
        "no edge touches attic",
    ),
    Case(
        "G004",
        t("  intake-vault:", "  leap: {from: cf, to: vault}\n  intake-vault:"),
        "leads from layer outer into back",
    ),
    Case(
        "G005",
        t("  clerk:\n", "  clerk:\n    needs: [{component: [redis], reason: it forgets}]\n"),
        "desk has no edge to redis: it forgets",
        t("  clerk:\n", "  clerk:\n    needs: [{component: [strongbox], reason: it forgets}]\n"),
    ),
    Case("G006", (), "gate is ingress-nginx", t("component: ingress-nginx", "component: gateway-cilium")),
    Case(
        "G007",
        t('image: {name: vault, tag: "1.0"}, replicas: 2', 'image: {name: vault, tag: "1.0"}, replicas: 1'),
        "vault runs once",
    ),
    Case(
        "G008",
        t("  vault: {component: strongbox,", "  vault: {placement: droplet, component: strongbox,"),
        "and its placement is droplet",
    ),
    Case("G009", t('host: "desk{-pod}.{zone}"', 'host: "desk.{pod}.{zone}"'), "is more than one label below"),
    Case("G010", t("ports: [smtp], env", "ports: [smtps], env"), "has no port 'smtps'"),
    Case(
        "G011",
        t("  clerk:\n", "  clerk:\n    podSecurity: privileged\n    reason: it digs\n"),
        "it digs",
        t("  clerk:\n", "  clerk:\n    podSecurity: privileged\n    reason: it digs\n")
        + t("front: {title: Front}", "front: {title: Front, namespace: own}"),
    ),
    Case("G012", t("ports: {feed: {port: 9700}}", "ports: {feed: {port: 9700, onNode: true}}"), "is the node's own"),
    Case(
        "G013",
        t("intake-vault: {from: intake, to: vault, env: VAULT_ADDR}", "intake-vault: {from: intake, to: vault}"),
        "nothing tells intake where vault is",
    ),
    Case(
        "G014",
        t("component: clerk, layer: front,", "component: nextjs, layer: front, env: {NEXT_PUBLIC_API: x},"),
        "baked in",
        t("component: clerk, layer: front,", "component: nextjs, layer: front, env: {API: x},"),
    ),
    Case(
        "G015",
        t(
            'component: strongbox, layer: back, image: {name: vault, tag: "1.0"}, replicas: 2',
            "component: timescaledb, layer: back, replicas: 2, storage: 1Gi, major: 16",
        )
        + t(
            "  secrets: {provider",
            '  backups: {service: post, bucket: b, endpoint: "https://s.example.com"}\n  secrets: {provider',
        ),
        "is backed up to post",
    ),
    Case(
        "G016",
        t("component: clerk, layer: front,", "component: livekit, layer: front,")
        + t("component: strongbox, layer: back,", "component: go2rtc, layer: back,"),
        "cannot pull a stream",
    ),
    Case(
        "G017",
        t("  secrets: {provider", "  ingress: {controller: gateway-api, class: cilium}\n  secrets: {provider"),
        "platform.ingress.controller is gateway-api",
    ),
    Case("G018", ringed("[early, all]", "", ""), "no tenant pod is in ring early", ringed("[early, all]", "", "early")),
    Case(
        "G019",
        ringed("[early, all]", "early", "all"),
        "common serves everyone of tier open, and gets each release first",
        ringed("[early, middle, all]", "middle", "early"),
    ),
    Case(
        "G020",
        (*ringed("[early, all]", "all", "early"), *t("dedicates: [desk, vault, intake]", "dedicates: [desk, intake]")),
        "vault of common is in ring all, and desk of suite, in ring early, waits for it",
        ringed("[early, all]", "all", "early"),
    ),
    Case(
        "G021",
        ringed('{early: {services: {desk: {image: {tag: "1.0"}}}}, all: {}}', "", "early"),
        "ring early names desk 1.0, which it would run anyway",
        ringed('{early: {services: {desk: {image: {tag: "1.1"}}}}, all: {}}', "", "early"),
    ),
    Case(
        "G021",
        t("orgs: [duke]", 'orgs: [duke], services: {desk: {image: {tag: "1.0"}}}'),
        "tenant pod suite names desk 1.0, which it would run anyway",
        t("orgs: [duke]", "orgs: [duke], services: {desk: {image: {tag: v1.0}}}"),
    ),
    Case(
        "G022",
        ringed('{early: {}, all: {services: {desk: {image: {tag: "1.10"}}}}}', "", "early"),
        "ring early runs desk 1.0, and ring all already 1.10",
        ringed('{early: {services: {desk: {image: {tag: "1.10"}}}}, all: {}}', "", "early"),
    ),
    Case("T001", t("dedicates: [desk, vault, intake]", "dedicates: [desk, vault]"), "leads from intake to vault"),
    Case("T002", t("dedicates: [desk, vault, intake]", "dedicates: [desk, intake]"), "which tenants share"),
    Case("T003", t("dedicates: [desk, vault, intake], ", ""), "dedicates"),
    Case("T004", t("orgs: [duke]", "orgs: [walk-in]"), "walk-in"),
    Case(
        "T005",
        t("dedicates: [desk, vault, intake],", "dedicates: [desk, vault, intake], shares: [cf, gate, sensors],"),
        "post",
        t("dedicates: [desk, vault, intake],", "dedicates: [desk, vault, intake], shares: [cf, gate, sensors, post],"),
    ),
    Case("C001", t("monthly: 100, pool", "monthly: 98, pool"), "98", t("monthly: 100, pool", "monthly: 99, pool")),
    Case(
        "C002",
        t("monthly: 100, pool: house", "monthly: 100, service: desk, placement: droplet"),
        "prices desk as droplet",
    ),
    Case("C003", t("big: {amount: 33", "big: {amount: 34"), "102.00 at 3 × 34", t("{amount: 33", "{amount: 33.5")),
    Case("C004", t("    mail: {title: Mail, monthly: 0, service: post}\n", ""), "nothing prices post"),
    Case("C005", t("monthly: 0, service: post", "monthly: 0"), "names neither a pool nor a service"),
    Case("C005", t("monthly: 0, service: post", "monthly: 0, service: sensors"), "sensors is people's own"),
    Case("C005", t("monthly: 0, service: post", "monthly: 0, pool: common"), "no nodes in pool common"),
    Case(
        "C005",
        (
            *t(
                "    house:",
                "    loft: {size: big, nodes: 1, dedicated: true}\n    house:",
            ),
            *t("monthly: 0, service: post", "monthly: 0, pool: loft"),
        ),
        "no service runs on pool loft",
    ),
    Case(
        "C006",
        t("big: {amount: 33, date: 2026-11-01", "big: {amount: 33, date: 2025-11-24"),
        "price big is of 2025-11-24, 366 days ago",
        t("big: {amount: 33, date: 2026-11-01", "big: {amount: 33, date: 2025-11-25"),
    ),
    Case(
        "C006",
        t("  prices:\n", "  rates: {EUR: {rate: 1.1, date: 2024-01-01, source: bank}}\n  prices:\n"),
        "rate EUR is of 2024-01-01",
    ),
    Case(
        "C007",
        t("  prices:\n", "  budgets: {environments: {live: 164.99}}\n  prices:\n"),
        "environment live costs 165.00 USD a month, and 164.99",
        t("  prices:\n", "  budgets: {environments: {live: 165}}\n  prices:\n"),
    ),
    Case("C007", t("  prices:\n", "  budgets: {tiers: {vip: 1}}\n  prices:\n"), "tier vip costs"),
    Case("C007", t("  prices:\n", "  budgets: {pods: {suite: 1}}\n  prices:\n"), "tenant pod suite costs"),
    Case("C008", t("house: {size: big,", "house: {size: huge,"), "no price for 'huge'"),
    Case("C008", t("    volume: {amount: 0, date: 2026-11-01}\n", ""), "no price for 'volume'"),
    Case(
        "C009",
        t("big: {amount: 33,", "big: {amount: 33, currency: EUR,"),
        "price big is in EUR and the bill in USD",
        (
            *t("big: {amount: 33,", "big: {amount: 30, currency: EUR,"),
            *t("  prices:\n", "  rates: {EUR: {rate: 1.1, date: 2026-11-01, source: bank}}\n  prices:\n"),
        ),
    ),
    Case("C009", t("monthly: 100, pool", "monthly: 100, currency: EUR, pool"), "cost nodes is in EUR"),
    Case(
        "C009",
        t("  prices:\n", "  revenue: {vip: {monthly: 900, currency: BRL}}\n  prices:\n"),
        "revenue of tier vip is in BRL",
    ),
    Case(
        "C010",
        t("  prices:\n", "  revenue: {vip: {monthly: 33}}\n  prices:\n"),
        "tenant pod suite costs",
        t("  prices:\n", "  revenue: {vip: {monthly: 900}}\n  prices:\n"),
    ),
    Case(
        "C011",
        t("  prices:\n", "  prices:\n    volumes: {amount: 0, date: 2026-11-01}\n"),
        "nothing asks for a price 'volumes'; did you mean 'volume'?",
        t("  prices:\n", "  prices:\n    c-8-gold: {amount: 9, date: 2026-11-01}\n"),
    ),
)

_NO_VECTOR = "rejected: {pgvector: one thing each}"
_CELLAR_IMAGE = "image: registry.example.com/hotel/vault:1.0"
_CHOSEN = "chosen: strongbox,"
_HOUSE = "  house: {title: House,"
_NO_MONGO = t(_NO_VECTOR, "rejected: {MongoDB: no joins}")
_NO_JANUS = t(_NO_VECTOR, "rejected: {Janus: descontinuado}")
_SOUP = "data: {today: soup}"


def decision(text: str) -> tuple[Edit, ...]:
    """One more decision."""
    return t(_HOUSE, f"  {text}\n{_HOUSE}")


DECISIONS = (
    Case("D001", t("components: [strongbox]", "components: [redis]"), "Box: no service is an instance of redis"),
    Case(
        "D001",
        decision("cams: {title: Cameras, chosen: go2rtc + MediaMTX}"),
        "Cameras: no service is MediaMTX (component mediamtx)",
        decision("cams: {title: Cameras, chosen: go2rtc + MediaMTX, components: [strongbox]}"),
    ),
    Case(
        "D002",
        t(
            'component: strongbox, layer: back, image: {name: vault, tag: "1.0"}, replicas: 2',
            f"{_TIMESCALE}, databases: {{a: {{owner: desk, extensions: [pgvector]}}}}",
        ),
        "service vault brings pgvector back (extension pgvector): decision boxes rejected: one thing each",
    ),
    Case(
        "D002",
        _NO_MONGO + t("mail.example.net", "x.mongodb.net"),
        "service post brings MongoDB back (host x.mongodb.net): decision boxes rejected: no joins",
        t(_NO_VECTOR, "rejected: {MongoDB: {reason: no joins, allowed: {post: it is theirs}}}")
        + t("mail.example.net", "x.mongodb.net"),
    ),
    Case(
        "D003",
        t(_CHOSEN, f"{_CHOSEN} recognise: {{images: [cask]}},"),
        "nothing in the manifests shows strongbox",
        t(_CHOSEN, f"{_CHOSEN} recognise: {{images: [vault]}},"),
    ),
    Case(
        "D003",
        (*t(_CHOSEN, f"{_CHOSEN} recognise: {{images: [vault]}},"), Edit(_CELLAR_IMAGE, "image: cask:1.0", ATTIC)),
        "no object of vault of suite shows strongbox",
    ),
    Case(
        "D003",
        t(_CHOSEN, f"{_CHOSEN} recognise: {{images: [vault], preload: [locks]}},"),
        "StatefulSet kitchen/cellar is of strongbox, and nothing in kitchen preloads locks",
        t(_CHOSEN, f"{_CHOSEN} recognise: {{images: [vault], preload: [locks]}},")
        + m(_SOUP, "data: {conf: shared_preload_libraries = 'locks'}")
        + (Edit(_SOUP, "data: {conf: shared_preload_libraries = 'locks'}", ATTIC),),
    ),
    Case(
        "D004",
        _NO_MONGO + m(_CELLAR_IMAGE, "image: mirror.example.com/library/mongo:7"),
        "StatefulSet kitchen/cellar brings MongoDB back (image mirror.example.com/library/mongo): decision boxes",
        _NO_MONGO + m(_CELLAR_IMAGE, "image: mirror.example.com/library/mongoose:7"),
    ),
    Case(
        "D004",
        _NO_MONGO + m("- {name: MAIL_HOST,", '- {name: DB, value: "mongodb+srv://u:p@h"}\n        - {name: MAIL_HOST,'),
        "Deployment kitchen/waiter brings MongoDB back (address of scheme mongodb+srv): decision boxes",
    ),
    Case(
        "D005",
        t(_CHOSEN, "chosen: Redis 7,") + m(_CELLAR_IMAGE, "image: redis:6.2-alpine"),
        "Box: StatefulSet kitchen/cellar is of Redis 6.2, and 7 was decided",
        t(_CHOSEN, "chosen: Redis 7,") + m(_CELLAR_IMAGE, "image: redis:7.4-alpine"),
    ),
    Case(
        "D005",
        t(_CHOSEN, "chosen: PostgreSQL 17,")
        + t('component: strongbox, layer: back, image: {name: vault, tag: "1.0"}, replicas: 2', _TIMESCALE),
        "Box: vault is PostgreSQL 16, and 17 was decided",
        t(_CHOSEN, "chosen: PostgreSQL 17+,")
        + t('component: strongbox, layer: back, image: {name: vault, tag: "1.0"}, replicas: 2', _TIMESCALE),
    ),
    Case(
        "D006",
        t(_CHOSEN, f"{_CHOSEN} placement: external,"),
        "the placement of vault is cluster",
        t(_CHOSEN, f"{_CHOSEN} placement: cluster,"),
    ),
    Case(
        "D006",
        t(_CHOSEN, "chosen: Qdrant, placement: external,") + m(_CELLAR_IMAGE, "image: qdrant/qdrant:v1.16"),
        "StatefulSet kitchen/cellar shows it elsewhere (image qdrant/qdrant)",
        t(_CHOSEN, "chosen: Qdrant, placement: cluster,") + m(_CELLAR_IMAGE, "image: qdrant/qdrant:v1.16"),
    ),
    Case(
        "D007",
        t("[clerk, receiver,", "[receiver,"),
        "no decision covers clerk (desk)",
        t("[clerk, receiver,", "[receiver,") + decision("desks: {title: Desk, chosen: a clerk, components: [clerk]}"),
    ),
    Case(
        "D008",
        t(_NO_VECTOR, "rejected: {pgvector: {allowed: {vault: for now}}}"),
        "Box: vault may use pgvector, and nothing of it does",
        t(_NO_VECTOR, "rejected: {pgvector: {allowed: {vault: for now}}}")
        + m(_CELLAR_IMAGE, "image: ankane/pgvector:1"),
    ),
    Case(
        "D008",
        decision("style: {title: Style, chosen: short lines}"),
        "so nothing can break it",
        decision("style: {title: Style, chosen: short lines, unseen: it is in the source, rejected: {Django: null}}"),
    ),
    Case(
        "D009",
        decision("style: {title: Style, chosen: short lines}"),
        "gives the choice 'short lines' away",
        decision("style: {title: Style, chosen: short lines, unseen: it is in the source}"),
    ),
    Case(
        "D009",
        t(_NO_VECTOR, "rejected: {Long lines: null}"),
        "Box: nothing is known that gives 'Long lines' away",
        t(_NO_VECTOR, "rejected: {Long lines: {unseen: it is in the source}, Modular Rails: null}"),
    ),
    Case(
        "D010",
        decision("find: {title: Find, chosen: pgvector}"),
        "is for pgvector, and decision boxes rejected: one",
        decision("find: {title: Find, chosen: pgvector, status: proposed}"),
    ),
    Case(
        "D011",
        decision("a: {title: A, chosen: x, supersedes: [b]}\n  b: {title: B, chosen: y, supersedes: [a]}"),
        "in a circle: a -> b -> a",
        decision(
            "a: {title: A, chosen: x, supersedes: [b, c]}\n  b: {title: B, chosen: y, supersedes: [c]}\n"
            "  c: {title: C, chosen: z}"
        ),
    ),
    Case(
        "D012",
        decision("new: {title: New, chosen: a box, supersedes: [boxes]}"),
        "decision new supersedes decision boxes",
        decision("new: {title: New, chosen: a box, supersedes: [boxes], status: proposed}"),
    ),
    Case(
        "D013",
        decision("old: {title: Old, chosen: x, status: superseded}"),
        "no decision says that it supersedes it",
        decision("old: {title: Old, chosen: x, status: superseded}\n  new: {title: N, chosen: y, supersedes: [old]}"),
    ),
    Case(
        "D014",
        _NO_JANUS + m(_SOUP, "data: {today: soup of janus}"),
        "ConfigMap kitchen/menu names Janus: decision boxes rejected: descontinuado",
        t(_NO_VECTOR, "rejected: {Janus: too slow}") + m(_SOUP, "data: {today: soup of janus}"),
    ),
    Case(
        "D014",
        _NO_JANUS + m(_SOUP, "data: {today: soup of janus}") + m("name: tables, namespace", "name: janus-1, namespace"),
        "and 1 more of its file names Janus",
        _NO_JANUS + m(_SOUP, "data: {today: soup of januses}") + m("shift: day", "shift: janus"),
    ),
    Case(
        "D014",
        t(_NO_VECTOR, "rejected: {Janus: {reason: descontinuado, allowed: {vault: for now}}}")
        + m(_CELLAR_IMAGE, "image: canyan/janus-gateway:1"),
        "StatefulSet kitchen/cellar uses Janus (image canyan/janus-gateway): decision boxes rejected: descontinuado",
    ),
    Case(
        "D014",
        t(_NO_VECTOR, "rejected: {Janus: end of life}, status: deprecated")
        + decision("sfu: {title: S, chosen: Janus}"),
        "decision sfu is for Janus, and decision boxes rejected: end of life",
    ),
)

CASES = (
    *SCHEMA,
    *WIRING,
    *MENTIONS,
    *FLUX_CASES,
    *SHARDS,
    *SECURITY,
    *AVAILABILITY,
    *NETWORK,
    *PATHS,
    *PLATFORM,
    *MORE,
    *HOPS,
    *GRAPH,
    *DECISIONS,
    *ISOLATION,
    *CAPACITY,
    *WIDER_CASES,
    *MORE_CASES,
    *FIDELITY_CASES,
)
