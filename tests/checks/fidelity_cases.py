"""More cases: sizes, volumes, charts and databases that are not what is declared, and protections that are given up."""

from __future__ import annotations

from tests.checks.wider_cases import also, m, t
from tests.checks.world import ATTIC, DOORS, FLUX, Case, Edit

_DESK = "desk: {component: clerk, layer: front,"
_CLUSTER = """
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: {name: db, namespace: kitchen, annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}}
spec:
  instances: 1
  imageName: docker.io/timescale/timescaledb-ha:pg16.14-ts2.28.1-all
  storage: {size: 1Gi, storageClass: do-block-storage-retain}
  postgresql: {POSTGRES}
  bootstrap: {initdb: {database: d, owner: d, secret: {name: pin}, postInitApplicationSQL: ["TEXT"]}}
"""


def cluster(postgres: str = "", sql: str = "SELECT 1") -> tuple[Edit, ...]:
    """A database in the kitchen."""
    return also(_CLUSTER.replace("POSTGRES", postgres).replace("TEXT", sql))


_RELEASE = """
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: CHART
  namespace: flux-system
  labels: {topology.solutio.dev/pod: POD, topology.solutio.dev/service: SERVICE}
spec:
  interval: 1h
  serviceAccountName: helm-controller
  targetNamespace: SPACE
  chart: {spec: {chart: CHART, version: 1.0.0, sourceRef: {kind: HelmRepository, name: gauges}}}
  values: {VALUES}
"""


def chart(name: str, values: str, space: str = "doors", pod: str = "platform", service: str = "") -> tuple[Edit, ...]:
    """A release of a chart, beside the others."""
    text = _RELEASE.replace("CHART", name).replace("VALUES", values).replace("SPACE", space).replace("POD", pod)
    return also(text.replace("SERVICE", service or name), DOORS)


_SCALER = """
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: second, namespace: kitchen}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: NAME}
  minReplicas: 2
  maxReplicas: 4
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}]
"""
_COPY = """
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: second, namespace: kitchen}
spec:
  secretStoreRef: {kind: ClusterSecretStore, name: safe}
  data: [{secretKey: digits, remoteRef: {key: ENTRY}}]
"""
_GATEWAY = """
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: arch, namespace: doors, annotations: {cert-manager.io/cluster-issuer: le}}
spec: {gatewayClassName: cilium, listeners: [{name: web, port: 80, protocol: HTTP}]}
"""
_CONFIG = (
    "config: {apiVersion: controller.config.cert-manager.io/v1alpha1, kind: ControllerConfiguration, "
    "enableGatewayAPI: true}"
)
_ENTRY = "  data: [{secretKey: digits, remoteRef: {key: common-pin}}]"
_SCRATCH = "volumes: [{name: scratch, emptyDir: {}}]"
_WAITER = "  replicas: 2\n  selector: {matchLabels: {role: waiter}}"
_CELLAR = "[{podSelector: {matchExpressions: [{key: role, operator: In, values: [waiter, bell]}]}}]"
_HERE = "namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kitchen}}"
_SOCKET = t("http: {port: 8080, scheme: http}", "http: {port: 8080, scheme: ws}")
_ISSUER = "    cert-manager.io/cluster-issuer: le\n"
_PATIENT = _ISSUER + (
    '    nginx.ingress.kubernetes.io/proxy-read-timeout: "3600"\n'
    '    nginx.ingress.kubernetes.io/proxy-send-timeout: "3600"\n'
)
_HOUSE = "enforce: restricted}"


def strategy(text: str) -> tuple[Edit, ...]:
    """How the waiters are rolled out."""
    return m(_WAITER, f"  replicas: 2\n  strategy: {text}\n  selector: {{matchLabels: {{role: waiter}}}}")


SIZES = (
    Case(
        "K013",
        t(_DESK, f"{_DESK} resources: {{cpu: 200m, memory: 64Mi}},"),
        "Deployment kitchen/waiter: its cpu request is 100m, declared is 200m",
        t(_DESK, f'{_DESK} resources: {{cpu: "0.1", memory: 65536Ki}},'),
    ),
    Case(
        "K013",
        t(_DESK, f"{_DESK} resources: {{cpu: 100m, memory: 64Mi, memoryLimit: 128Mi}},"),
        "its memory limit is 64Mi, declared is 128Mi",
    ),
    Case(
        "R054",
        m("requests: {storage: 1Gi}", "requests: {storage: 2Gi}"),
        "PersistentVolumeClaim kitchen/shelf: the volume at /data has 2Gi, declared is 1Gi",
        m("requests: {storage: 1Gi}", "requests: {storage: 1024Mi}"),
    ),
    Case(
        "R054",
        m("{accessModes: [ReadWriteMany],", "{storageClassName: quick, accessModes: [ReadWriteMany],"),
        "is of class quick, declared is do-block-storage-retain",
        m(
            "{accessModes: [ReadWriteMany],",
            "{storageClassName: do-block-storage-retain, accessModes: [ReadWriteMany],",
        ),
    ),
)
DATABASES = (
    Case(
        "R052",
        m(_ENTRY, "  refreshInterval: 1h"),
        "ExternalSecret kitchen/pin: the Secret pin takes nothing from the store",
        m(_ENTRY, "  dataFrom: [{extract: {key: common-pin}}]"),
    ),
    Case(
        "R052",
        m(_ENTRY, f"  target: {{template: {{type: kubernetes.io/tls}}}}\n{_ENTRY}"),
        "of type kubernetes.io/tls lacks tls.crt, tls.key",
    ),
    Case(
        "R053",
        cluster(sql="CREATE EXTENSION IF NOT EXISTS timescaledb"),
        "Cluster kitchen/db makes the extension timescaledb, and preloads nothing",
        cluster("shared_preload_libraries: [timescaledb]", "CREATE EXTENSION IF NOT EXISTS timescaledb"),
    ),
    Case(
        "R055",
        cluster(sql="CREATE EXTENSION timescaledbx"),
        "makes the extension timescaledbx; did you mean 'timescaledb'?",
        cluster(sql="CREATE EXTENSION our_own_thing"),
    ),
    Case(
        "R057",
        cluster("parameters: {wal_level: replic}"),
        "wal_level is replic, which is none of minimal, replica, logical",
        cluster('parameters: {wal_level: logical, fsync: "true", work_mem: 8MB}'),
    ),
    Case(
        "X004",
        also(_CLUSTER.replace("  imageName: docker.io/timescale/timescaledb-ha:pg16.14-ts2.28.1-all\n", "")),
        "Cluster kitchen/db names no image",
        cluster(),
    ),
    Case(
        "R058",
        also(_COPY.replace("ENTRY", "suite-pin")),
        "ExternalSecret kitchen/second reads suite-pin, as ExternalSecret attic/pin does, and nothing reads",
        also(_COPY.replace("ENTRY", "new-pin")),
    ),
    Case(
        "R056",
        also(_SCALER.replace("NAME", "bell")),
        "does what HorizontalPodAutoscaler kitchen/",
        also(_SCALER.replace("NAME", "waiter")),
    ),
)
ROLLOUTS = (
    Case(
        "A016",
        m("spec:\n  selector: {role: waiter}", "spec:\n  publishNotReadyAddresses: true\n  selector: {role: waiter}"),
        "Service kitchen/tables leads to pods that are not ready",
        m("  clusterIP: None\n", "  clusterIP: None\n  publishNotReadyAddresses: true\n"),
    ),
    Case(
        "A017",
        m(_SCRATCH, f"{_SCRATCH}\n      tolerations: [{{operator: Exists}}]"),
        "Deployment kitchen/waiter tolerates every taint",
        m(_SCRATCH, f"{_SCRATCH}\n      tolerations: [{{key: dear, operator: Exists}}]"),
    ),
    Case(
        "A018",
        strategy("{type: Recreate}"),
        "Deployment kitchen/waiter takes all pods down first; its component has maxSurge 1, maxUnavailable 0",
        strategy("{type: RollingUpdate, rollingUpdate: {maxSurge: 2, maxUnavailable: 0}}"),
    ),
    Case("A018", strategy("{rollingUpdate: {maxSurge: 1, maxUnavailable: 1}}"), "has maxUnavailable 1"),
    Case(
        "A019",
        m("topologyKey: kubernetes.io/hostname", "topologyKey: kubernetes.io/hostnme"),
        "Deployment kitchen/waiter keeps pods apart by kubernetes.io/hostnme, which no node is known to have",
        m("topologyKey: kubernetes.io/hostname", "topologyKey: topology.kubernetes.io/zone"),
    ),
    Case(
        "A014",
        m(
            "spec: {maxUnavailable: 1, selector: {matchLabels: {role: waiter}}}",
            "spec: {maxUnavailable: 1, selector: {}}",
        ),
        "selects the pods of common/desk, common/intake, common/vault",
    ),
    Case(
        "R009",
        m("  clusterIP: None\n", ""),
        "Service cellar is not headless",
    ),
)
CHARTS = (
    Case(
        "F030",
        m("chart: external-secrets, version: 2.10.0", "chart: external-secrets, version: 2.9.0", DOORS),
        "HelmRelease flux-system/safe installs version 2.9.0; 2.10.0 is declared",
        m("https://charts.example.com", "https://mirror.example.com/charts", DOORS),
    ),
    Case(
        "F030",
        m("https://charts.example.com", "https://charts.external-secret.io", DOORS),
        "takes its chart from https://charts.external-secret.io; https://charts.external-secrets.io is declared",
    ),
    Case(
        "F031",
        chart("cert-manager", "crds: {enabled: true, keep: false}"),
        "HelmRelease flux-system/cert-manager: crds.keep is false",
        chart("cert-manager", "crds: {enabled: true, keep: true}"),
    ),
    Case(
        "F032",
        chart("cloudnative-pg", "config: {clusterWide: false}") + cluster(),
        "config.clusterWide is false, and Cluster kitchen/db stands elsewhere",
        chart("cloudnative-pg", "config: {clusterWide: false}", "kitchen") + cluster(),
    ),
    Case(
        "F032",
        chart("ingress-nginx", "controller: {scope: {enabled: true}}"),
        "controller.scope is on, and Ingress",
    ),
    Case(
        "F033",
        chart("cloudnative-pg", "monitoring: {podMonitorEnabled: true}"),
        "monitoring.podMonitorEnabled is on, and nothing brings the kinds of it",
        chart("cloudnative-pg", "monitoring: {podMonitorEnabled: true}") + chart("prometheus-operator-crds", ""),
    ),
    Case(
        "F034",
        chart("cert-manager", "crds: {enabled: true}") + also(_GATEWAY),
        "config.enableGatewayAPI is not on, and Gateway doors/arch asks for certificates",
        chart("cert-manager", _CONFIG) + also(_GATEWAY),
    ),
    Case(
        "F034",
        chart("cert-manager", _CONFIG.replace("ControllerConfiguration", "Configuration")),
        "config is no ControllerConfiguration of controller.config.cert-manager.io/v1alpha1",
    ),
    Case(
        "F035",
        chart("ingress-nginx", "", "kitchen"),
        "the hook's pods may not leave namespace kitchen",
        chart("ingress-nginx", "", "doors"),
    ),
    Case(
        "X016",
        chart("ingress-nginx", "", pod="common", service="gate"),
        "Namespace doors enforces restricted; HelmRelease flux-system/ingress-nginx makes pods that need baseline",
        chart("ingress-nginx", "", pod="common", service="gate") + m(_HOUSE, "enforce: baseline}", DOORS),
    ),
    Case(
        "X017",
        chart("ingress-nginx", "controller: {allowSnippetAnnotations: true}"),
        "controller.allowSnippetAnnotations is True",
        chart("ingress-nginx", "controller: {allowSnippetAnnotations: false, enableAnnotationValidations: true}"),
    ),
    Case(
        "X017",
        chart("ingress-nginx", 'controller: {config: {strict-validate-path-type: "false"}}'),
        "controller.config.strict-validate-path-type is false",
    ),
    Case(
        "A001",
        chart("ingress-nginx", "controller: {replicaCount: 2, minAvailable: 2}"),
        "minAvailable 2 never lets one of its 2 pods go",
    ),
    Case(
        "A004",
        chart("ingress-nginx", "controller: {replicaCount: 2}"),
        "HelmRelease flux-system/ingress-nginx makes 2 replicas and nothing that spreads them",
    ),
    Case(
        "A010",
        chart("ingress-nginx", "controller: {replicaCount: 1}", pod="common", service="gate"),
        "HelmRelease flux-system/ingress-nginx makes 1 pods; 2 are declared",
    ),
    Case(
        "R030",
        m("  targetNamespace: doors\n", "  targetNamespace: doors\n  storageNamespace: dors\n", DOORS),
        "no Namespace dors is declared; HelmRelease flux-system/gauges names it as its storageNamespace",
        m("  targetNamespace: doors\n", "  targetNamespace: doors\n  storageNamespace: doors\n", DOORS),
    ),
    Case(
        "F028",
        m("ref: {branch: main}", "secretRef: {name: key}, ref: {branch: main}", FLUX),
        "GitRepository flux-system/plan has the secret key; platform.repository says None",
    ),
)
DOORWAYS = (
    Case(
        "N019",
        m(f"from: {_CELLAR}", f"from: {_CELLAR.replace('[{pod', '[{namespaceSelector: {}, pod', 1)}"),
        "NetworkPolicy kitchen/cellar lets pods of every namespace in",
        m(
            f"from: {_CELLAR}",
            f"from: {_CELLAR.replace('[{pod', f'[{_HERE}, pod', 1)}",
        ),
    ),
    Case(
        "N020",
        _SOCKET,
        "cuts the WebSockets of edge gate-desk off after a minute of silence",
        _SOCKET + m(_ISSUER, _PATIENT) + m(_ISSUER, _PATIENT, ATTIC),
    ),
    Case(
        "P005",
        m("cidr: 0.0.0.0/0}}]\n    ports: [{port: 80}", "cidr: 104.16.0.0/13}}]\n    ports: [{port: 80}", DOORS),
        "173.245.48.0/20 may not open TCP 443 of doors/porter[Deployment], and Service doors/porch lets it in",
    ),
)
RIGHTS = (
    Case(
        "N010",
        m(
            "topology.solutio.dev/service: desk,",
            "topology.solutio.dev/service: desk, topology.solutio.dev/process: night,",
        ),
        "says that it is process night, which desk does not have",
        m(
            "topology.solutio.dev/service: desk,",
            "topology.solutio.dev/service: desk, topology.solutio.dev/process: main,",
        ),
    ),
    Case(
        "X018",
        m("{allowPrivilegeEscalation: false,", "{allowPrivilegeEscalation: true,"),
        "Deployment kitchen/waiter: container main may gain privileges",
        m("{allowPrivilegeEscalation: false,", "{privileged: false, allowPrivilegeEscalation: false,"),
    ),
)
FIDELITY_CASES = (*SIZES, *DATABASES, *ROLLOUTS, *CHARTS, *DOORWAYS, *RIGHTS)
