"""More cases: load balancers, Secrets and who reads them, rollouts, values that are refused, protection given up."""

from __future__ import annotations

from tests.checks.wider_cases import GRACE, PODS, also, m, t
from tests.checks.world import DOORS, FLUX, Case

_RELEASE = """
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: front, namespace: flux-system}
spec:
  interval: 1h
  serviceAccountName: helm-controller
  targetNamespace: doors
  chart: {spec: {chart: ingress-nginx, version: 4.15.1, sourceRef: {kind: HelmRepository, name: gauges}}}
  values:
    controller:
      config: {use-proxy-protocol: "USED"}
      service:
        annotations:
          service.beta.kubernetes.io/do-loadbalancer-enable-proxy-protocol: "SENT"
          service.beta.kubernetes.io/do-loadbalancer-type: TYPE
"""


def release(used: str, sent: str, kind: str) -> str:
    """A release of the ingress controller."""
    return _RELEASE.replace("USED", used).replace("SENT", sent).replace("TYPE", kind)


_CLUSTER = """
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: {name: db, namespace: kitchen, annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}}
spec: {instances: 1, storage: {size: 1Gi}, enableSuperuserAccess: FLAG}
"""
_STORE = """
apiVersion: barmancloud.cnpg.io/v1
kind: ObjectStore
metadata: {name: backups, namespace: kitchen}
spec: {configuration: {destinationPath: "s3://b/", s3Credentials: {accessKeyId: {name: pin, key: KEY}}}}
"""
_PULLED = "      imagePullSecrets: [{name: pin}]\n"
_TYPED = "spec:\n  secretStoreRef: {kind: ClusterSecretStore, name: safe}"
_DOCKER = f"spec:\n  target: {{template: {{type: kubernetes.io/dockerconfigjson}}}}{_TYPED.removeprefix('spec:')}"
_SECOND = """
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: second, namespace: kitchen}
spec:
  secretStoreRef: {kind: ClusterSecretStore, name: safe}
  target: {name: NAME}
  data: [{secretKey: digits, remoteRef: {key: pin}}]
"""
_SCRATCH = "volumes: [{name: scratch, emptyDir: {}}]"
_MENU = "volumes: [{name: scratch, configMap: {name: menu}}]"
_MOUNT = "volumeMounts: [{name: scratch, mountPath: /tmp}]"
_CRON = """
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly, namespace: kitchen}
spec: {schedule: WHEN, jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: []}}}}}
"""
_BUDGET = """
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: more, namespace: kitchen}
spec: {maxUnavailable: 1, selector: {matchLabels: {role: ROLE}}}
"""
_RECREATE = "spec:\n  replicas: 2\n  strategy: {type: Recreate}\n  selector: {matchLabels: {role: waiter}}"
_TIMEOUT = "path: ./plan/kitchen\n  timeout: "
_STARTS = "        startupProbe: {tcpSocket: {port: web}, periodSeconds: 10, failureThreshold: 30}\n"
_PROBE = "        readinessProbe: {tcpSocket: {port: web}}\n"

DOORS_AND_SECRETS = (
    Case("N015", also(release("true", "false", "REGIONAL"), DOORS), "does not send the PROXY protocol, which the"),
    Case(
        "N015",
        also(release("true", "true", "REGIONAL_NETWORK"), DOORS),
        "is not of type REGIONAL",
        also(release("true", "true", "REGIONAL"), DOORS),
    ),
    Case(
        "N016",
        also(_CLUSTER.replace("FLAG", "true")),
        "lets its superuser log in over the network",
        also(_CLUSTER.replace("FLAG", "false")),
    ),
    Case(
        "M014",
        m(_NETWORKED := "kind: Service\nmetadata: {name: bell, namespace: kitchen}", _NETWORKED.replace("kitchen}", "kitchen, annotations: {service.beta.kubernetes.io/do-loadbalancer-type: REGIONEL}}")),  # noqa: E501
        "is REGIONEL, which is none of REGIONAL, REGIONAL_NETWORK",
        m(_NETWORKED, _NETWORKED.replace("kitchen}", "kitchen, annotations: {service.beta.kubernetes.io/do-loadbalancer-type: REGIONAL}}")),  # noqa: E501
    ),
    Case("R042", m("kind: ClusterSecretStore, name: safe", "kind: ClusterSecretStore, name: sfae"), "reads from Cluster"),  # noqa: E501
    Case(
        "R043",
        also(_STORE.replace("KEY", "digit")),
        "needs key digit of Secret kitchen/pin, which holds digits",
        also(_STORE.replace("KEY", "digits")),
    ),
    Case(
        "R044",
        m(PODS, f"{_PULLED}{PODS}"),
        "makes Secret pin of type Opaque; it is read as kubernetes.io/dockerconfigjson",
        m(PODS, f"{_PULLED}{PODS}") + m(_TYPED, _DOCKER),
    ),
    Case("R045", also(_SECOND.replace("NAME", "pin")), "both make Secret pin", also(_SECOND.replace("NAME", "pins"))),
    Case(
        "R046",
        m(_SCRATCH, _MENU) + m(_MOUNT, "volumeMounts: [{name: scratch, mountPath: /a, subPath: tomorrow}]"),
        "mounts tomorrow of ConfigMap menu, which holds today",
        m(_SCRATCH, _MENU) + m(_MOUNT, "volumeMounts: [{name: scratch, mountPath: /a, subPath: today}]"),
    ),
    Case("R020", m(f"{_TYPED}\n", f"{_TYPED}\n  target: {{creationPolicy: None}}\n"), "needs Secret pin, which nothing"),  # noqa: E501
    Case(
        "R041",
        t("layer: front, image: {name: desk", "layer: front, files: {/etc/today: {content: fish}}, image: {name: desk")
        + m(_SCRATCH, _MENU)
        + m(_MOUNT, "volumeMounts: [{name: scratch, mountPath: /etc}]"),
        "the file /etc/today is not what is declared",
    ),
)  # fmt: skip

ROLLOUTS = (
    Case(
        "A013",
        m("spec:\n  replicas: 2\n  selector: {matchLabels: {role: waiter}}", _RECREATE),
        "stops all 2 pods before it starts new ones",
        m("spec:\n  replicas: 2\n  selector: {matchLabels: {role: waiter}}", _RECREATE.replace("2", "1")),
    ),
    Case(
        "A014",
        also(_BUDGET.replace("ROLE", "waiter")),
        "both select the pods of Deployment kitchen/waiter",
        also(_BUDGET.replace("ROLE", "cook")),
    ),
    Case(
        "A015",
        m(_PROBE, f"{_PROBE}{_STARTS}") + m("path: ./plan/kitchen\n", f"{_TIMEOUT}2m\n", FLUX),
        "waits 2m; Deployment kitchen/waiter may take 300 s",
        m(_PROBE, f"{_PROBE}{_STARTS}") + m("path: ./plan/kitchen\n", f"{_TIMEOUT}5m\n", FLUX),
    ),
    Case(
        "M013",
        also(_CRON.replace("WHEN", "every day")),
        "schedule is 'every day', which is none",
        also(_CRON.replace("WHEN", '"15 3 * * 1-5"')),
    ),
    Case("M013", m("memory: 64Mi}}", "memory: 64Mib}}"), "memory is 64Mib, which is no quantity"),
    Case("M013", m("maxSurge: 1, maxUnavailable: 0", "maxSurge: 0, maxUnavailable: 0"), "are both 0"),
    Case("M013", m("minReplicas: 2", "minReplicas: 5"), "minReplicas 5 is above maxReplicas 4"),
    Case(
        "X013",
        m("enforce: restricted", "enforce: privileged"),
        "Namespace kitchen enforces privileged; its components need no more than restricted",
        t("    title: Clerk\n", "    title: Clerk\n    podSecurity: privileged\n    reason: it must\n")
        + m("enforce: restricted", "enforce: privileged"),
    ),
    Case(
        "X013",
        m("enforce: restricted", "enforce: privileged") + m(GRACE, f"hostPID: true\n      {GRACE}"),
        "Deployment kitchen/waiter: hostPID is on; its component is restricted",
    ),
)

_DB_SERVICE = '  vault: {component: strongbox, layer: back, image: {name: vault, tag: "1.0"}, replicas: 2}\n'
_DECLARED = (
    f"{_DB_SERVICE}  store: {{component: timescaledb, layer: back, storage: 1Gi, databases: {{a: {{owner: desk}}}}}}\n"
)
_MADE = """
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata:
  name: store
  namespace: kitchen
  labels: {topology.solutio.dev/service: store, topology.solutio.dev/pod: common}
  annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}
spec:
  instances: 1
  postgresUID: 1000
  postgresGID: 1000
  imageName: docker.io/timescale/timescaledb-ha:pg16.14-ts2.28.1-all
  storage: {size: 1Gi, storageClass: do-block-storage-retain}
  bootstrap: {initdb: {database: NAME, owner: desk, secret: {name: pin}}}
"""
_ISSUER = """
apiVersion: cert-manager.io/v1
kind: ClusterIssuer
metadata: {name: letsencrypt}
spec:
  acme:
    server: https://acme-v02.api.letsencrypt.org/directory
    email: ops@example.com
    privateKeySecretRef: {name: account}
    solvers: [SOLVER]
"""

_DNS = """
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: records, namespace: flux-system}
spec:
  interval: 1h
  serviceAccountName: helm-controller
  targetNamespace: doors
  chart: {spec: {chart: external-dns, version: 1.21.1, sourceRef: {kind: HelmRepository, name: gauges}}}
  values:
    provider: {name: cloudflare}
    sources: [SOURCE]
    domainFilters: [ZONE]
    env: [{name: CF_API_TOKEN, value: x}]
"""


def records(source: str, zone: str) -> str:
    """A release of external-dns."""
    return _DNS.replace("SOURCE", source).replace("ZONE", zone)


RECORDS = (
    Case(
        "N017",
        also(records("service", "hotel.example.com"), DOORS),
        "sources are service; Ingress attic/menu-card needs ingress",
        also(records("ingress", "hotel.example.com"), DOORS),
    ),
    Case("N017", also(records("ingress", "motel.example.com"), DOORS), "which leaves desk.hotel.example.com out"),
    Case("N018", also(release("true", "true", "REGIONAL"), DOORS), "use-forwarded-headers is not on"),
)

DATA = (
    Case(
        "R047",
        t(_DB_SERVICE, _DECLARED) + also(_MADE.replace("NAME", "b")),
        "Cluster kitchen/store: nothing makes database a",
        t(_DB_SERVICE, _DECLARED) + also(_MADE.replace("NAME", "a")),
    ),
    Case(
        "R047",
        t(_DB_SERVICE, _DECLARED) + also(_MADE.replace("NAME", "a").replace("1Gi", "2Gi")),
        "its storage is 2Gi; 1Gi are declared",
    ),
    Case(
        "R048",
        also(_ISSUER.replace("SOLVER", "")),
        "it has no solver",
        also(_ISSUER.replace("SOLVER", "{http01: {ingress: {ingressClassName: brass}}}")),
    ),
    Case(
        "R048",
        also(_ISSUER.replace("SOLVER", "{dns01: {cloudflare: {email: a@example.com}}}")),
        "its Cloudflare solver names no token",
        also(_ISSUER.replace("SOLVER", "{dns01: {cloudflare: {apiTokenSecretRef: {name: cf, key: token}}}}")),
    ),
    Case("R048", also(_ISSUER.replace("acme-v02", "acme-staging-v02")), "server is https://acme-staging-v02.api"),
    Case(
        "R049",
        m("accessModes: [ReadWriteMany]", "accessModes: [ReadWriteOnce]"),
        "is ReadWriteOnce, and StatefulSet kitchen/cellar has 2 replicas",
        m("accessModes: [ReadWriteMany]", "accessModes: [ReadWriteOnce, ReadWriteMany]"),
    ),
    Case(
        "P008",
        m("spec:\n  selector: {role: waiter}", "spec:\n  internalTrafficPolicy: Local\n  selector: {role: waiter}"),
        "leads to pods of the caller's node only; Deployment kitchen/waiter is not on every node",
        m("spec:\n  selector: {role: waiter}", "spec:\n  internalTrafficPolicy: Cluster\n  selector: {role: waiter}"),
    ),
    Case(
        "P009",
        m("  externalTrafficPolicy: Local\n", ""),
        "Service kitchen/bell replaces its clients' addresses by the nodes'",
        t("  pools:\n", "  network: {policies: kubernetes}\n  pools:\n")
        + m("  externalTrafficPolicy: Local\n", "")
        + m("{ipBlock: {cidr: 203.0.113.0/24}}", "{ipBlock: {cidr: 203.0.113.0/24}}, {ipBlock: {cidr: 10.116.0.0/20}}"),
    ),
)

MORE_CASES = (*DOORS_AND_SECRETS, *RECORDS, *ROLLOUTS, *DATA)
