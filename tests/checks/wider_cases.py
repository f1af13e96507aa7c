"""More cases: what happens to files on their way, rights, pools, doors, names, and pods that are not as declared."""

from __future__ import annotations

from tests.checks.world import ATTIC, DOORS, FLUX, KITCHEN, Case, Edit

BUILD = "plan/kitchen/kustomization.yaml"


def m(old: str, new: str, file: str = KITCHEN) -> tuple[Edit, ...]:
    """An edit of a manifest."""
    return (Edit(old, new, file),)


def t(old: str, new: str) -> tuple[Edit, ...]:
    """An edit of the topology."""
    return (Edit(old, new, ""),)


def also(text: str, file: str = KITCHEN) -> tuple[Edit, ...]:
    """Another object in front of a file's others."""
    return (Edit("\napiVersion", f"\n{text.strip()}\n---\napiVersion", file),)


def build(text: str) -> tuple[Edit, ...]:
    """A kustomization.yaml of the kitchen's folder."""
    return (Edit("", f"apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n{text}\n", BUILD),)


_SOPS = """
apiVersion: v1
kind: Secret
metadata: {name: sealed, namespace: kitchen}
data: {a: RU5DW10=}
sops: {version: "3.9.0"}
"""
_DECRYPTING = m(
    "path: ./plan/kitchen\n", "path: ./plan/kitchen\n  decryption: {provider: sops, secretRef: {name: age}}\n", FLUX
)
_NESTED = """
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: more, namespace: flux-system}
spec:
  interval: 10m
  path: ./plan/PLACE
  prune: true
  serviceAccountName: builder
  sourceRef: {kind: GitRepository, name: plan}
  dependsOn: [{name: doors}]
"""
_ALIAS = "terminationGracePeriodSeconds: 60\n      hostAliases: [{ip: 198.51.100.7, hostnames: [HOST]}]"
GRACE = "terminationGracePeriodSeconds: 60"
_LATER = (
    "serviceAccountName: attic-builder\n  sourceRef: {kind: GitRepository, name: plan}\n  dependsOn: [{name: doors}]\n"
)
_GROUND = "nodeSelector: {topology.solutio.dev/pool: house}"
PODS = "      terminationGracePeriodSeconds: 60\n      containers:"
_MOOD = "        - {name: MOOD, value: fine}\n        - {name: MAIL_HOST,"
_STORAGE = "    storage: {size: 1Gi, path: /data}\n"
_COMPONENT = "    title: Clerk\n    kind: workload\n"
_GATEWAY = """
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: g, namespace: doors}
spec:
  gatewayClassName: cilium
  listeners:
  - name: a
    port: 443
    protocol: HTTPS
    tls: {certificateRefs: [{name: c}]}
    allowedRoutes: {namespaces: {from: FROM}}
"""
_ROUTE = """
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: r, namespace: kitchen}
spec:
  hostnames: [desk.hotel.example.com]
  rules:
  - backendRefs: [{name: tables, port: 80}]
    filters: [{type: KIND}]
"""
_CERTIFICATE = """
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: c, namespace: kitchen}
spec: {secretName: menu-card-tls, dnsNames: [NAME], issuerRef: {name: le}}
"""
_NOTES = '    external-dns.alpha.kubernetes.io/cloudflare-proxied: "true"\n'

ON_THE_WAY = (
    Case("F024", build("resources: [al.yaml]"), "names al.yaml, which is not there; did you mean 'all.yaml'?"),
    Case(
        "F024",
        (*build("resources: [other]"), Edit("", "resources: []", "plan/kitchen/other/kustomization.yaml")),
        "plan/kitchen/all.yaml is not among the resources of plan/kitchen",
        build("resources: [all.yaml]"),
    ),
    Case("F024", build(""), "names no resources", build("resources: [./all.yaml]")),
    Case(
        "F025",
        build("resources: [all.yaml]\nnamePrefix: x-"),
        "sets namePrefix",
        build("resources: [all.yaml]\nnamespace: kitchen"),
    ),
    Case("F025", build("resources: [all.yaml, 'https://example.com/a.yaml']"), "brings https://example.com/a.yaml in"),
    Case(
        "F025",
        m("path: ./plan/kitchen\n", "path: ./plan/kitchen\n  targetNamespace: hall\n", FLUX),
        "kitchen sets targetNamespace",
        m("path: ./plan/kitchen\n", "path: ./plan/kitchen\n  targetNamespace: kitchen\n", FLUX),
    ),
    Case(
        "F026",
        m("  path: ./plan/kitchen\n", "  path: ./plan/kitchen\n  suspend: true\n", FLUX),
        "kitchen is suspended",
        m("  path: ./plan/kitchen\n", "  path: ./plan/kitchen\n  suspend: false\n", FLUX),
    ),
    Case("F027", also(_SOPS), "is encrypted, and Kustomization flux-system/kitchen", also(_SOPS) + _DECRYPTING),
    Case("F028", m("ref: {branch: main}", "ref: {branch: mian}", FLUX), "has the branch mian; platform.repository"),
    Case("F028", m("hotel\", ref", "motel\", ref", FLUX), "has the url ssh://git@git.example.com/motel"),
    Case(
        "F028",
        m("ref: {branch: main}", 'ref: {branch: main}, ignore: "/*\\n!/plan\\n/plan/kitchen"', FLUX),
        "leaves plan/kitchen out",
        m("ref: {branch: main}", 'ref: {branch: main}, ignore: "/*\\n!/plan\\n# kitchen"', FLUX),
    ),
    Case(
        "F029",
        m(_LATER, _LATER.replace("dependsOn: [{name: doors}]", "timeout: 5m"), FLUX),
        "Kustomization flux-system/attic does not come after doors: it makes namespace attic",
        m(_LATER, f"{_LATER}  timeout: 5m\n", FLUX),
    ),
    Case(
        "M012",
        also(_NESTED.replace("PLACE", "kitchen"), FLUX),
        "both apply plan/kitchen",
        also(_NESTED.replace("PLACE", "flux"), FLUX),
    ),
    Case(
        "X014",
        m("wait: true\n  serviceAccountName: builder\n  sourceRef: {kind: GitRepository, name: plan}\n  dependsOn", "wait: true\n  serviceAccountName: kustomize-controller\n  sourceRef: {kind: GitRepository, name: plan}\n  dependsOn", FLUX),  # noqa: E501
        "kitchen applies Deployment kitchen/waiter of common as kustomize-controller",
        m("serviceAccountName: builder", "serviceAccountName: buildr", FLUX),
    ),
    Case("X015", m("prune: true", "prune: false", FLUX), "Kustomization flux-system/doors deletes nothing"),
)  # fmt: skip

RIGHTS = (
    Case(
        "R036",
        m("  - networkpolicies\n", "", FLUX),
        "which may not get, create, patch, delete, list, watch networkpolicies in namespace doors",
        m("  - externalsecrets\n", "  - externalsecrets\n  - nodes\n", FLUX),
    ),
    Case("R036", m("verbs: [get, list, watch]", "verbs: [get, list]", FLUX), "which may not watch pods"),
    Case(
        "X011",
        m("resources: [helmreleases, helmrepositories]", 'resources: ["*"]', FLUX),
        "grants every resource",
        m("resources: [helmreleases, helmrepositories]", "resources: [helmreleases, helmrepositories, helmreleases/status]", FLUX),  # noqa: E501
    ),
    Case("X011", m("verbs: [get, list, watch]", "verbs: [get, list, watch, escalate]", FLUX), "the verb escalate"),
    Case(
        "X011",
        m("subjects: [{kind: ServiceAccount", "subjects: [{kind: Group, name: system:authenticated}, {kind: ServiceAccount", FLUX),  # noqa: E501
        "grants builder to system:authenticated",
        m("subjects: [{kind: ServiceAccount", "subjects: [{kind: Group, name: cooks}, {kind: ServiceAccount", FLUX),
    ),
)  # fmt: skip

DOORS_CASES = (
    Case(
        "N011",
        m("ipBlock: {cidr: 203.0.113.0/24}", "ipBlock: {cidr: 203.0.112.0/23}"),
        "can open TCP 9700 of kitchen/bell[Deployment]",
        m("ipBlock: {cidr: 203.0.113.0/24}", "ipBlock: {cidr: 203.0.113.0/25}"),
    ),
    Case(
        "N012",
        m(_NOTES, f"{_NOTES}    external-dns.alpha.kubernetes.io/hostname: dsk.example.com\n"),
        "asks for a record of dsk.example.com; it serves desk.hotel.example.com",
        m(_NOTES, f"{_NOTES}    external-dns.alpha.kubernetes.io/hostname: desk.hotel.example.com\n"),
    ),
    Case(
        "N013",
        m("podSelector: {}, policyTypes: [Ingress, Egress]", "podSelector: {}, policyTypes: [Ingress], ingress: [{}]"),
        "opens ingress of all its pods to everything",
        m("podSelector: {}, policyTypes: [Ingress, Egress]", "podSelector: {}, policyTypes: [Ingress], ingress: []"),
    ),
    Case(
        "N014",
        m(_NOTES, f"{_NOTES}    nginx.ingress.kubernetes.io/permanent-redirect: https://example.com\n"),
        "sets nginx.ingress.kubernetes.io/permanent-redirect",
        m(_NOTES, f"{_NOTES}    nginx.ingress.kubernetes.io/proxy-body-size: 8m\n"),
    ),
    Case(
        "N014",
        also(_ROUTE.replace("KIND", "RequestRedirect, requestRedirect: {hostname: example.com}")),
        "rule 1 has the filter RequestRedirect",
        also(_ROUTE.replace("KIND", "RequestHeaderModifier, requestHeaderModifier: {remove: [x]}")),
    ),
    Case(
        "X012",
        also(_GATEWAY.replace("FROM", "All"), DOORS),
        "listener a takes routes from every namespace",
        also(_GATEWAY.replace("FROM", "Same"), DOORS),
    ),
    Case(
        "R035",
        also(_CERTIFICATE.replace("NAME", "dsk.hotel.example.com")),
        "which is for dsk.hotel.example.com",
        also(_CERTIFICATE.replace("NAME", '"*.hotel.example.com"')),
    ),
    Case("N005", also(_GATEWAY.replace("443", "8443"), DOORS), "listener a opens TCP 8443 to the outside (Gateway)"),
    Case("N004", m("10.0.0.0/8, ", "", DOORS), "external-secrets[Deployment] can open TCP 443 of 0.0.0.0-100.63.255.255"),  # noqa: E501
    Case("P001", m("pathType: Prefix", "pathType: Exact"), "serves only the path / itself"),
    Case("P001", m("173.245.48.0/20, ", "", DOORS), "does not let 173.245.48.0/20 in on port 443"),
    Case(
        "P004",
        m(', {port: "53", protocol: TCP}', "") + m("{protocol: UDP, port: 53}, {protocol: TCP, port: 53}", "{port: 53, protocol: UDP}"),  # noqa: E501
        "may not ask the cluster's DNS over TCP",
    ),
    Case(
        "P006",
        m(GRACE, f"dnsPolicy: Default\n      {GRACE}"),
        "dnsPolicy is Default; edge desk-vault leads to vault by name",
        m(GRACE, f"dnsPolicy: ClusterFirst\n      {GRACE}"),
    ),
    Case("P006", m(GRACE, _ALIAS.replace("HOST", "cellar.kitchen")), "has cellar.kitchen in its hosts file"),
    Case(
        "P007",
        m("value: mail.example.net", 'value: "mail.example.net:587"'),
        "MAIL_HOST of Deployment kitchen/waiter is not of the form that edge desk-post declares: {host}",
    ),
    Case(
        "P007",
        t(_STORAGE, f'{_STORAGE}    binding: {{url: "box://{{host}}:{{port}}"}}\n'),
        "VAULT_ADDR of Deployment kitchen/waiter is not of the form",
        t(_STORAGE, f'{_STORAGE}    binding: {{url: "{{host}}:{{port}}"}}\n')
        + m('"tcp://cellar.kitchen:7000"', "cellar.kitchen:7000")
        + m('"tcp://cellar.attic:7000"', "cellar.attic:7000", ATTIC),
    ),
)  # fmt: skip

AS_DECLARED = (
    Case(
        "R037",
        m(_GROUND, "nodeSelector: {topology.solutio.dev/pool: hous}"),
        "asks for nodes with topology.solutio.dev/pool=hous, which no pool has",
        m(_GROUND, "nodeSelector: {topology.solutio.dev/pool: house, kubernetes.io/os: linux}"),
    ),
    Case(
        "R037",
        m(_GROUND, "nodeSelector: {topology.solutio.dev/pool: suite}"),
        "runs on pool suite only, and does not tolerate its taint",
    ),
    Case(
        "R037",
        m("nodeSelector: {topology.solutio.dev/pool: suite}\n      ", "", ATTIC),
        "may run on pool house; it is declared for pool suite",
    ),
    Case(
        "R038",
        m("hotel/desk:1.0", "hotel/desk:1.1"),
        "it is declared with registry.example.com/hotel/desk:1.0",
        m("hotel/desk:1.0", "hotel/desk:1.0\n        imagePullPolicy: Always"),
    ),
    Case("R039", t(_COMPONENT, f"{_COMPONENT}    command: [serve]\n"), "is declared with command serve, which no"),
    Case(
        "R040",
        t("layer: front, image: {name: desk", "layer: front, env: {MOOD: fine}, image: {name: desk"),
        "variable MOOD is declared and missing",
        t("layer: front, image: {name: desk", 'layer: front, env: {MOOD: "{{ zone }}"}, image: {name: desk')
        + m("        - {name: MAIL_HOST,", _MOOD)
        + m("        - {name: MAIL_HOST,", _MOOD, ATTIC),
    ),
    Case(
        "R040",
        t("layer: front, image: {name: desk", "layer: front, secrets: {PIN: pin/number}, image: {name: desk"),
        "variable PIN does not come from key number of Secret pin",
        t("layer: front, image: {name: desk", "layer: front, secrets: {PIN: pin/digits}, image: {name: desk"),
    ),
    Case("R041", m("mountPath: /data", "mountPath: /date"), "nothing is mounted at /data", m("/tmp", "/var/tmp")),
    Case(
        "A010",
        t('desk, tag: "1.0"}, replicas: 2}', 'desk, tag: "1.0"}, replicas: 0}'),
        "runs 2 pods; it is declared to be switched off",
        t('desk, tag: "1.0"}, replicas: 2}', 'desk, tag: "1.0"}, replicas: 1}'),
    ),
    Case(
        "A010", m("  replicas: 2\n", "  replicas: 1\n"), "runs 1 pods; 2 are declared", m("replicas: 2", "replicas: 3")
    ),
    Case(
        "A011",
        t(_COMPONENT, f"{_COMPONENT}    probes: {{readiness: {{http: /healthz}}}}\n"),
        "its readiness probe is not the declared one",
        t(_COMPONENT, f"{_COMPONENT}    probes: {{readiness: {{tcp: true}}}}\n"),
    ),
    Case(
        "A012",
        m(GRACE, "terminationGracePeriodSeconds: 5"),
        "has 5 s to end; its component needs 30",
        m(GRACE, "terminationGracePeriodSeconds: 30"),
    ),
)

WIDER_CASES = (*ON_THE_WAY, *RIGHTS, *DOORS_CASES, *AS_DECLARED)
