"""A small world written by hand: a topology, and manifests whose names share nothing with the renderer's.

The tests damage it by replacing pieces of text: in the topology, or in one of the manifest files.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from functools import cache

from solutio_topology import catalog
from solutio_topology.checks.inputs import Evidence, Intent
from solutio_topology.checks.run import Outcome, check_all
from solutio_topology.graph.expand import expand
from solutio_topology.manifests import read_files
from solutio_topology.reach import solve
from solutio_topology.spec.load import load_text

TOPOLOGY = """
apiVersion: topology.solutio.dev/v1
kind: Topology
metadata: {name: hotel}
platform:
  orchestrator: kubernetes
  region: here
  kubernetes: "1.34"
  registry: registry.example.com/hotel
  repository: {url: "ssh://git@git.example.com/hotel"}
  secrets: {provider: external-secrets, store: safe}
  certificates: {email: ops@example.com}
  pools:
    house: {size: big, nodes: 3, allocatable: {cpu: 900m, memory: 1Gi, volumes: 7}}
layers:
  outer: {title: Outside, drawnIn: outside, reaches: [outer, front]}
  front: {title: Front}
  back: {title: Back, reaches: [back]}
components:
  clerk:
    title: Clerk
    kind: workload
    ports: {http: {port: 8080, scheme: http}, admin: {port: 8081, private: unauthenticated}}
    primary: http
  strongbox:
    title: Strongbox
    kind: workload
    workload: StatefulSet
    stateful: true
    ports: {db: {port: 7000}}
    storage: {size: 1Gi, path: /data}
  receiver:
    title: Receiver
    kind: workload
    ports: {feed: {port: 9700}}
services:
  cf: {component: cloudflare, layer: outer}
  sensors: {component: client, layer: outer, ranges: [203.0.113.0/24]}
  post: {component: external, layer: outer, hosts: [mail.example.net], ports: {smtp: 587}}
  gate: {component: ingress-nginx, layer: front, replicas: 2}
  desk: {component: clerk, layer: front, image: {name: desk, tag: "1.0"}, replicas: 2}
  intake: {component: receiver, layer: front, image: {name: intake, tag: "1.0"}, replicas: 2, expose: load-balancer}
  vault: {component: strongbox, layer: back, image: {name: vault, tag: "1.0"}, replicas: 2}
edges:
  cf-gate: {from: cf, to: gate}
  gate-desk: {from: gate, to: desk, host: "desk{-pod}.{zone}"}
  desk-vault: {from: desk, to: vault, env: VAULT_ADDR}
  desk-post: {from: desk, to: post, ports: [smtp], env: {MAIL_HOST: "{host}"}}
  sensors-intake: {from: sensors, to: intake, via: load-balancer}
  intake-vault: {from: intake, to: vault, env: VAULT_ADDR}
paths:
  request: cf -> gate -> desk -> vault
  reading: sensors -> intake -> vault
tiers:
  open: {tenancy: shared}
  vip: {tenancy: dedicated, dedicates: [desk, vault, intake], pool: {
    size: big, nodes: 2, allocatable: {cpu: "1", memory: 1Gi}},
    quota: {cpu: "8", memory: 8Gi}, isolation: {podSecurity: restricted, limits: {memory: 1Gi}}}
pods:
  common: {tier: open, orgs: [walk-in]}
  suite: {tier: vip, orgs: [duke]}
environments:
  live: {zone: hotel.example.com}
costs:
  declared: {monthly: 100, tolerance: 1%}
  items:
    nodes: {title: Nodes, monthly: 100, pool: house}
    edge: {title: Edge, monthly: 0, service: cf}
    mail: {title: Mail, monthly: 0, service: post}
  prices:
    big: {amount: 33, date: 2026-11-01}
    volume: {amount: 0, date: 2026-11-01}
    load-balancer: {amount: 0, date: 2026-11-01}
    network-load-balancer: {amount: 0, date: 2026-11-01}
decisions:
  boxes: {title: Box, chosen: strongbox, rejected: {pgvector: one thing each}, components: [strongbox]}
  house: {title: House, chosen: what is here, components: [clerk, receiver, cloudflare, ingress-nginx, external]}
"""

TODAY = datetime.date(2026, 11, 25)

_CF = (
    "173.245.48.0/20, 103.21.244.0/22, 103.22.200.0/22, 103.31.4.0/22, 141.101.64.0/18, 108.162.192.0/18, "
    "190.93.240.0/20, 188.114.96.0/20, 197.234.240.0/22, 198.41.128.0/17, 162.158.0.0/15, 104.16.0.0/13, "
    "104.24.0.0/14, 172.64.0.0/13, 131.0.72.0/22"
)

_PRIVATE = "10.0.0.0/8, 100.64.0.0/10, 169.254.0.0/16, 172.16.0.0/12, 192.168.0.0/16"

_CONTROLLER = "registry.k8s.io/ingress-nginx/controller:v1.15.1"

_NAMESPACE = """
apiVersion: v1
kind: Namespace
metadata:
  name: @NS
  labels: {pod-security.kubernetes.io/enforce: restricted}
  annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: shut, namespace: @NS}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: names, namespace: @NS}
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
  - to:
    - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}
      podSelector: {matchLabels: {k8s-app: kube-dns}}
    ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]
"""

_POD = """
      serviceAccountName: @ACCOUNT
      automountServiceAccountToken: false
      @NODES
      securityContext: {runAsNonRoot: true, runAsUser: 1000, seccompProfile: {type: RuntimeDefault}}
      topologySpreadConstraints:
      - maxSkew: 1
        topologyKey: kubernetes.io/hostname
        whenUnsatisfiable: ScheduleAnyway
        labelSelector: {matchLabels: {role: @ROLE}}
      terminationGracePeriodSeconds: 60
      containers:
      - name: main
        image: registry.example.com/hotel/@IMAGE:1.0
        resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {memory: 64Mi}}
        readinessProbe: {tcpSocket: {port: @PORT}}
        securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
"""


def _pod(account: str, role: str, port: str, image: str = "") -> str:
    text = _POD.replace("@ACCOUNT", account).replace("@ROLE", role).replace("@PORT", port)
    return text.replace("@IMAGE", image).strip("\n")


_TENANT = f"""
apiVersion: v1
kind: ServiceAccount
metadata: {{name: waiter, namespace: @NS}}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: waiter
  namespace: @NS
  labels: {{topology.solutio.dev/service: desk, topology.solutio.dev/pod: @POD}}
spec:
  replicas: 2
  selector: {{matchLabels: {{role: waiter}}}}
  template:
    metadata: {{labels: {{role: waiter, shift: day}}}}
    spec:
{_pod("waiter", "waiter", "web", "desk")}
        ports: [{{name: web, containerPort: 8080}}]
        env:
        - {{name: VAULT_ADDR, value: "tcp://cellar.@NS:7000"}}
        - {{name: MAIL_HOST, value: mail.example.net}}
        - {{name: MENU, valueFrom: {{configMapKeyRef: {{name: menu, key: today}}}}}}
        - {{name: PIN, valueFrom: {{secretKeyRef: {{name: pin, key: digits}}}}}}
        volumeMounts: [{{name: scratch, mountPath: /tmp}}]
      volumes: [{{name: scratch, emptyDir: {{}}}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: menu, namespace: @NS}}
data: {{today: soup}}
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {{name: pin, namespace: @NS}}
spec:
  secretStoreRef: {{kind: ClusterSecretStore, name: safe}}
  data: [{{secretKey: digits, remoteRef: {{key: @POD-pin}}}}]
---
apiVersion: v1
kind: Service
metadata: {{name: tables, namespace: @NS}}
spec:
  selector: {{role: waiter}}
  ports: [{{name: web, port: 80, targetPort: web}}]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {{name: waiter, namespace: @NS}}
spec: {{maxUnavailable: 1, selector: {{matchLabels: {{role: waiter}}}}}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: menu-card
  namespace: @NS
  annotations:
    cert-manager.io/cluster-issuer: le
    external-dns.alpha.kubernetes.io/cloudflare-proxied: "true"
spec:
  ingressClassName: brass
  tls: [{{hosts: [@HOST], secretName: menu-card-tls}}]
  rules:
  - host: @HOST
    http:
      paths:
      - {{path: /, pathType: Prefix, backend: {{service: {{name: tables, port: {{name: web}}}}}}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: waiter, namespace: @NS}}
spec:
  podSelector: {{matchLabels: {{role: waiter}}}}
  policyTypes: [Ingress, Egress]
  ingress:
  - from:
    - namespaceSelector: {{matchLabels: {{kubernetes.io/metadata.name: doors}}}}
      podSelector: {{matchLabels: {{role: porter}}}}
    ports: [{{port: 8080}}]
  egress:
  - to: [{{podSelector: {{matchLabels: {{role: cellar}}}}}}]
    ports: [{{port: 7000}}]
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {{name: waiter-mail, namespace: @NS}}
spec:
  endpointSelector: {{matchLabels: {{role: waiter}}}}
  egress:
  - toEndpoints: [{{matchLabels: {{"k8s:io.kubernetes.pod.namespace": kube-system, "k8s:k8s-app": kube-dns}}}}]
    toPorts:
    - ports: [{{port: "53", protocol: UDP}}, {{port: "53", protocol: TCP}}]
      rules: {{dns: [{{matchPattern: "*"}}]}}
  - toFQDNs: [{{matchName: mail.example.net}}]
    toPorts: [{{ports: [{{port: "587", protocol: TCP}}]}}]
---
apiVersion: v1
kind: ServiceAccount
metadata: {{name: cellar, namespace: @NS}}
---
apiVersion: v1
kind: Service
metadata: {{name: cellar, namespace: @NS}}
spec:
  clusterIP: None
  selector: {{role: cellar}}
  ports: [{{name: box, port: 7000, targetPort: box}}]
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: cellar
  namespace: @NS
  labels: {{topology.solutio.dev/service: vault, topology.solutio.dev/pod: @POD}}
spec:
  replicas: 2
  serviceName: cellar
  selector: {{matchLabels: {{role: cellar}}}}
  template:
    metadata: {{labels: {{role: cellar}}}}
    spec:
{_pod("cellar", "cellar", "box", "vault")}
        ports: [{{name: box, containerPort: 7000}}]
        volumeMounts: [{{name: shelf, mountPath: /data}}]
      volumes: [{{name: shelf, persistentVolumeClaim: {{claimName: shelf}}}}]
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {{name: shelf, namespace: @NS, annotations: {{kustomize.toolkit.fluxcd.io/prune: disabled}}}}
spec: {{accessModes: [ReadWriteMany], resources: {{requests: {{storage: 1Gi}}}}}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {{name: cellar, namespace: @NS}}
spec: {{maxUnavailable: 1, selector: {{matchLabels: {{role: cellar}}}}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: cellar, namespace: @NS}}
spec:
  podSelector: {{matchLabels: {{role: cellar}}}}
  policyTypes: [Ingress]
  ingress:
  - from: [{{podSelector: {{matchExpressions: [{{key: role, operator: In, values: [waiter, bell]}}]}}}}]
    ports: [{{port: 7000}}]
---
apiVersion: v1
kind: ServiceAccount
metadata: {{name: bell, namespace: @NS}}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: bell
  namespace: @NS
  labels: {{topology.solutio.dev/service: intake, topology.solutio.dev/pod: @POD}}
spec:
  selector: {{matchLabels: {{role: bell}}}}
  strategy: {{type: RollingUpdate, rollingUpdate: {{maxSurge: 1, maxUnavailable: 0}}}}
  template:
    metadata: {{labels: {{role: bell}}}}
    spec:
{_pod("bell", "bell", "ring", "intake")}
        ports: [{{name: ring, containerPort: 9700}}]
        env: [{{name: VAULT_ADDR, value: "cellar:7000"}}]
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {{name: bell, namespace: @NS}}
spec:
  scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: bell}}
  minReplicas: 2
  maxReplicas: 4
  metrics: [{{type: Resource, resource: {{name: cpu, target: {{type: Utilization, averageUtilization: 70}}}}}}]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {{name: bell, namespace: @NS}}
spec: {{minAvailable: 1, selector: {{matchLabels: {{role: bell}}}}}}
---
apiVersion: v1
kind: Service
metadata: {{name: bell, namespace: @NS}}
spec:
  type: LoadBalancer
  externalTrafficPolicy: Local
  loadBalancerSourceRanges: [203.0.113.0/24]
  selector: {{role: bell}}
  ports: [{{port: 9700, targetPort: ring}}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: bell, namespace: @NS}}
spec:
  podSelector: {{matchLabels: {{role: bell}}}}
  policyTypes: [Ingress, Egress]
  ingress:
  - from: [{{ipBlock: {{cidr: 203.0.113.0/24}}}}]
    ports: [{{port: 9700}}]
  egress:
  - to: [{{podSelector: {{matchLabels: {{role: cellar}}}}}}]
    ports: [{{port: 7000}}]
"""

_DOORS = (
    _NAMESPACE.replace("@NS", "doors")
    + f"""
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {{name: brass}}
spec: {{controller: k8s.io/ingress-nginx}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {{name: porter, namespace: doors}}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: porter
  namespace: doors
  labels: {{topology.solutio.dev/service: gate, topology.solutio.dev/pod: common}}
spec:
  replicas: 2
  selector: {{matchLabels: {{role: porter}}}}
  template:
    metadata: {{labels: {{role: porter}}}}
    spec:
{_pod("porter", "porter", "tls").replace("registry.example.com/hotel/:1.0", _CONTROLLER)}
        ports: [{{name: plain, containerPort: 80}}, {{name: tls, containerPort: 443}}]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {{name: porter, namespace: doors}}
spec: {{maxUnavailable: 1, selector: {{matchLabels: {{role: porter}}}}}}
---
apiVersion: v1
kind: Service
metadata: {{name: porch, namespace: doors}}
spec:
  type: LoadBalancer
  externalTrafficPolicy: Local
  loadBalancerSourceRanges: [{_CF}]
  selector: {{role: porter}}
  ports: [{{name: tls, port: 443, targetPort: tls}}, {{name: plain, port: 80, targetPort: plain}}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: porter, namespace: doors}}
spec:
  podSelector: {{matchLabels: {{role: porter}}}}
  policyTypes: [Ingress, Egress]
  ingress:
  - from: [{{ipBlock: {{cidr: 0.0.0.0/0}}}}]
    ports: [{{port: 80}}, {{port: 443}}]
  egress:
  - to:
    - namespaceSelector:
        matchExpressions: [{{key: kubernetes.io/metadata.name, operator: In, values: [kitchen, attic]}}]
      podSelector: {{matchLabels: {{role: waiter}}}}
    ports: [{{port: 8080}}]
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {{name: cluster, namespace: doors}}
spec:
  endpointSelector: {{}}
  egress:
  - toEntities: [kube-apiserver]
    toPorts: [{{ports: [{{port: "6443", protocol: TCP}}]}}]
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {{name: safe-hook, namespace: doors}}
spec:
  endpointSelector: {{matchLabels: {{app.kubernetes.io/name: external-secrets-webhook}}}}
  ingress:
  - fromEntities: [kube-apiserver]
    toPorts: [{{ports: [{{port: "10250", protocol: TCP}}]}}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: safe, namespace: doors}}
spec:
  podSelector: {{matchLabels: {{app.kubernetes.io/name: external-secrets}}}}
  policyTypes: [Egress]
  egress:
  - to: [{{ipBlock: {{cidr: 0.0.0.0/0, except: [{_PRIVATE}]}}}}]
    ports: [{{port: 443}}]
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata: {{name: gauges, namespace: flux-system}}
spec: {{interval: 1h, url: "https://charts.example.com"}}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: gauges
  namespace: flux-system
  labels: {{topology.solutio.dev/pod: platform, topology.solutio.dev/service: metrics-server}}
spec:
  interval: 1h
  serviceAccountName: helm-controller
  targetNamespace: doors
  chart: {{spec: {{chart: metrics-server, version: 3.13.0, sourceRef: {{kind: HelmRepository, name: gauges}}}}}}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: safe
  namespace: flux-system
  labels: {{topology.solutio.dev/pod: platform, topology.solutio.dev/service: external-secrets}}
spec:
  interval: 1h
  serviceAccountName: helm-controller
  targetNamespace: doors
  chart: {{spec: {{chart: external-secrets, version: 2.10.0, sourceRef: {{kind: HelmRepository, name: gauges}}}}}}
  values:
    resources: {{requests: {{cpu: 10m, memory: 64Mi}}}}
    webhook: {{resources: {{requests: {{cpu: 10m, memory: 64Mi}}}}}}
    certController: {{resources: {{requests: {{cpu: 10m, memory: 64Mi}}}}}}
"""
)

_FLUX = """
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: plan, namespace: flux-system}
spec: {interval: 1m, url: "ssh://git@git.example.com/hotel", ref: {branch: main}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: builder, namespace: flux-system}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: builder}
rules:
- apiGroups: ["", apps, autoscaling, policy, networking.k8s.io, cilium.io, external-secrets.io]
  resources:
  - namespaces
  - configmaps
  - serviceaccounts
  - services
  - secrets
  - persistentvolumeclaims
  - deployments
  - statefulsets
  - horizontalpodautoscalers
  - poddisruptionbudgets
  - ingresses
  - ingressclasses
  - networkpolicies
  - ciliumnetworkpolicies
  - externalsecrets
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: ["", rbac.authorization.k8s.io]
  resources: [limitranges, resourcequotas, roles, rolebindings]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [helm.toolkit.fluxcd.io, source.toolkit.fluxcd.io]
  resources: [helmreleases, helmrepositories]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: ["", apps]
  resources: [pods, replicasets]
  verbs: [get, list, watch]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: builder}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: builder}
subjects: [{kind: ServiceAccount, name: builder, namespace: flux-system}]
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: doors, namespace: flux-system}
spec:
  interval: 10m
  path: ./plan/doors
  prune: true
  wait: true
  serviceAccountName: builder
  sourceRef: {kind: GitRepository, name: plan}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: kitchen, namespace: flux-system}
spec:
  interval: 10m
  path: ./plan/kitchen
  prune: true
  wait: true
  serviceAccountName: builder
  sourceRef: {kind: GitRepository, name: plan}
  dependsOn: [{name: doors}]
"""

_OWN_FLUX = """
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: @NS-builder, namespace: flux-system}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: @NS, namespace: flux-system}
spec:
  interval: 10m
  path: ./plan/@NS
  prune: true
  wait: true
  serviceAccountName: @NS-builder
  sourceRef: {kind: GitRepository, name: plan}
  dependsOn: [{name: doors}]
"""

_BOUNDS = """
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: share, namespace: @NS}
spec: {hard: {cpu: "8", requests.memory: 8Gi}}
---
apiVersion: v1
kind: LimitRange
metadata: {name: share, namespace: @NS}
spec: {limits: [{type: Container, max: {memory: 1Gi}}]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: keeper, namespace: @NS}
rules:
- apiGroups: ["", apps, policy, networking.k8s.io, cilium.io, external-secrets.io, autoscaling]
  resources:
  - services
  - configmaps
  - serviceaccounts
  - persistentvolumeclaims
  - deployments
  - statefulsets
  - poddisruptionbudgets
  - ingresses
  - networkpolicies
  - ciliumnetworkpolicies
  - externalsecrets
  - horizontalpodautoscalers
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: ["", apps]
  resources: [pods, replicasets]
  verbs: [get, list, watch]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: keeper, namespace: @NS}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: keeper}
subjects: [{kind: ServiceAccount, name: @NS-builder, namespace: flux-system}]
"""
_OWN_NODES = (
    "nodeSelector: {topology.solutio.dev/pool: @POD}\n"
    "      tolerations: [{key: topology.solutio.dev/pool, value: @POD, effect: NoSchedule}]"
)


def _tenant(namespace: str, pod: str, host: str, nodes: str) -> str:
    return _TENANT.replace("@NODES", nodes).replace("@NS", namespace).replace("@POD", pod).replace("@HOST", host)


def _vip(namespace: str, pod: str) -> dict[str, str]:
    """A dedicated tenant pod: its own objects, and those that hold it in its bounds, which the platform applies."""
    return {
        f"plan/doors/{namespace}.yaml": (_NAMESPACE + _BOUNDS).replace("@NS", namespace),
        f"plan/{namespace}/all.yaml": _tenant(namespace, pod, f"desk-{pod}.hotel.example.com", _OWN_NODES),
    }


_GROUND = "nodeSelector: {topology.solutio.dev/pool: house}"
FILES = {
    "plan/doors/all.yaml": _DOORS.replace("@NODES", _GROUND),
    "plan/kitchen/all.yaml": _NAMESPACE.replace("@NS", "kitchen")
    + "---"
    + _tenant("kitchen", "common", "desk.hotel.example.com", _GROUND),
    **_vip("attic", "suite"),
    "plan/flux/all.yaml": _FLUX + _OWN_FLUX.replace("@NS", "attic"),
}

OWN_POOL = """ pool: {
    size: big, nodes: 2, allocatable: {cpu: "1", memory: 1Gi}},"""
"""What gives each tenant pod of the tier vip nodes of its own."""
SUITE = "  suite: {tier: vip, orgs: [duke]}\n"
NEIGHBOUR = {
    **FILES,
    **_vip("garret", "loft"),
    "plan/doors/all.yaml": FILES["plan/doors/all.yaml"].replace("[kitchen, attic]", "[kitchen, attic, garret]"),
    "plan/flux/all.yaml": FILES["plan/flux/all.yaml"] + _OWN_FLUX.replace("@NS", "garret"),
}
"""The world with a second dedicated tenant pod."""

KITCHEN, DOORS, FLUX, ATTIC, GARRET = (
    "plan/kitchen/all.yaml",
    "plan/doors/all.yaml",
    "plan/flux/all.yaml",
    "plan/attic/all.yaml",
    "plan/garret/all.yaml",
)
ATTIC_BOUNDS = "plan/doors/attic.yaml"
"""What holds the attic in its bounds."""


@dataclass(frozen=True)
class Edit:
    """One piece of text in place of another; `file` empty: in the topology."""

    old: str
    new: str
    file: str = KITCHEN

    def on(self, text: str) -> str:
        """The text with the first occurrence replaced; it must be there."""
        assert self.old in text, f"nothing to replace in {self.file or 'the topology'}: {self.old}"
        return text.replace(self.old, self.new, 1)


def intent(*edits: Edit, environment: str = "live", neighbour: bool = False) -> Intent:
    """The topology with the edits that are meant for it; with a second dedicated tenant pod, `neighbour`."""
    text = TOPOLOGY.replace(SUITE, f"{SUITE}  loft: {{tier: vip, orgs: [count]}}\n") if neighbour else TOPOLOGY
    for edit in edits:
        if not edit.file:
            text = edit.on(text)
    loaded = load_text(text.encode(), "topology.yaml", known_components=catalog.names())
    own = loaded.topology.components
    graph = expand(loaded.topology, environment, lambda name: catalog.component(name, own))
    return Intent(graph, loaded.source.locate, TODAY)


def evidence(*edits: Edit, neighbour: bool = False) -> Evidence:
    """The manifests with the edits that are meant for them."""
    files = dict(NEIGHBOUR if neighbour else FILES)
    for edit in edits:
        if edit.file:
            files[edit.file] = edit.on(files.get(edit.file, ""))
    return read(files)


def read(files: dict[str, str]) -> Evidence:
    """Evidence from any files."""
    facts = read_files({name: text.encode() for name, text in files.items()})
    return Evidence(facts, solve(facts), frozenset(files))


def judge(*edits: Edit, neighbour: bool = False) -> Outcome:
    """All checks over the world with some edits."""
    return check_all(intent(*edits, neighbour=neighbour), evidence(*edits, neighbour=neighbour))


@cache
def sound() -> Outcome:
    """All checks over the world as it is."""
    return judge()


@dataclass(frozen=True)
class Case:
    """How a rule is made to fire: edits, the subject and words of the message; and edits that come near but do not."""

    code: str
    edits: tuple[Edit, ...]
    says: str
    near: tuple[Edit, ...] = field(default=())
    neighbour: bool = False
    """Whether it needs a second dedicated tenant pod."""
