from __future__ import annotations

from typing import Any

import pytest

from solutio_topology.manifests import Facts, locate, read_files
from solutio_topology.manifests.facts import Service, Workload
from solutio_topology.manifests.models.charts import SOURCES, TABLE
from solutio_topology.manifests.models.helm import CHARTS, VERSIONS

from .reading import document, facts_of, notes_of

FLUX = "helm.toolkit.fluxcd.io/v2"
CNPG = "postgresql.cnpg.io/v1"


def _release(chart: str, values: str = "{}", *, rest: str = "", more: str = "", name: str = "r") -> Facts:
    spec = f"chart: {{spec: {{chart: {chart}}}}}\nreleaseName: {name}\ntargetNamespace: ns\nvalues: {values}\n{rest}"
    return facts_of(document("HelmRelease", spec, version=FLUX, more=more))


def _ports(of: Workload | Service) -> dict[str, int]:
    found = [port for each in of.containers for port in each.ports] if isinstance(of, Workload) else of.ports
    return {port.name: port.number for port in found}


def _named(found: tuple[Any, ...]) -> list[str]:
    return [str(each.key) for each in found]


def test_ingress_nginx_as_it_comes() -> None:
    facts = _release("ingress-nginx", name="ingress-nginx")
    (controller,) = facts.workloads
    assert str(controller.key) == "Deployment ns/ingress-nginx-controller"
    selected = {
        "app.kubernetes.io/name": "ingress-nginx",
        "app.kubernetes.io/instance": "ingress-nginx",
        "app.kubernetes.io/component": "controller",
    }
    helm = {"app.kubernetes.io/managed-by": "Helm", "app.kubernetes.io/part-of": "ingress-nginx"}
    assert controller.labels == {**selected, **helm}
    assert _ports(controller) == {"http": 80, "https": 443, "webhook": 8443}
    balancer, admission = facts.services
    assert (balancer.type, balancer.selector, _ports(balancer)) == (
        "LoadBalancer",
        selected,
        {"http": 80, "https": 443},
    )
    assert str(admission.key) == "Service ns/ingress-nginx-controller-admission"
    (ingress_class,) = facts.ingress_classes
    assert (ingress_class.name, ingress_class.controller, ingress_class.is_default) == (
        "nginx",
        "k8s.io/ingress-nginx",
        False,
    )
    assert all(each.assumed for each in (controller, balancer, admission, ingress_class))


def test_ingress_nginx_with_its_values() -> None:
    values = """
  controller:
    kind: DaemonSet
    hostNetwork: true
    podLabels: {team: edge}
    containerPort: {http: 8000}
    hostPort: {enabled: true, ports: {http: 80}}
    metrics: {enabled: true}
    admissionWebhooks: {enabled: false}
    ingressClassResource: {name: other, controllerValue: k8s.io/other, default: true}
    service:
      annotations: {lb: x}
      loadBalancerSourceRanges: [1.2.3.0/24]
      externalTrafficPolicy: Local
      ports: {https: 8443}
      enableHttp: false
      internal: {enabled: true, type: ClusterIP}
  tcp: {"9000": "ns/raw:9000"}"""
    facts = _release("ingress-nginx", values)
    (controller,) = facts.workloads
    assert (controller.key.kind, controller.host_network, controller.labels["team"]) == ("DaemonSet", True, "edge")
    assert _ports(controller) == {"http": 8000, "https": 443, "metrics": 10254, "9000-tcp": 9000}
    assert controller.containers[0].ports[0].host_port == 80
    assert controller.containers[0].body["args"] == ["--controller-class=k8s.io/other"]
    balancer, internal, metrics = facts.services
    assert (balancer.annotations, balancer.source_ranges, balancer.traffic_policy) == (
        {"lb": "x"},
        ("1.2.3.0/24",),
        "Local",
    )
    assert _ports(balancer) == {"https": 8443, "9000-tcp": 9000}
    assert (internal.key.name, internal.type) == ("r-ingress-nginx-controller-internal", "ClusterIP")
    assert _ports(metrics) == {"metrics": 10254}
    assert [(each.name, each.is_default) for each in facts.ingress_classes] == [("other", True)]
    assert controller.assumed is not None
    assert "where its raw streams lead is not followed" in controller.assumed.statement


def test_cert_manager_has_three_workloads_and_the_webhook_answers_on_443() -> None:
    facts = _release("cert-manager", "{webhook: {securePort: 10260, replicaCount: 3}, cainjector: {podLabels: {a: b}}}")
    controller, webhook, injector = facts.workloads
    assert [each.key.name for each in facts.workloads] == [
        "r-cert-manager",
        "r-cert-manager-webhook",
        "r-cert-manager-cainjector",
    ]
    assert (controller.labels["app"], webhook.labels["app"], injector.labels["a"]) == ("cert-manager", "webhook", "b")
    assert (webhook.replicas, _ports(webhook)["https"]) == (3, 10260)
    (service,) = (each for each in facts.services if each.key.name.endswith("webhook"))
    assert [(port.number, port.target) for port in service.ports] == [(443, "https"), (9402, "http-metrics")]


@pytest.mark.parametrize(
    ("balancer", "kind", "ports"),
    [
        ("{}", "ClusterIP", {"http": 80, "rtc-udp": 7882, "rtc-tcp": 7881}),
        ("{type: do, servicePort: 8000}", "NodePort", {"http": 8000}),
        ("{type: aws}", "LoadBalancer", {"http": 80}),
    ],
)
def test_livekit_stands_on_the_nodes_network(balancer: str, kind: str, ports: dict[str, int]) -> None:
    facts = _release("livekit-server", f"{{loadBalancer: {balancer}, livekit: {{rtc: {{udp_port: 7882}}}}}}")
    (server,), (front,) = facts.workloads, facts.services
    assert (server.host_network, server.key.name) == (True, "r-livekit-server")
    assert [(port.name, port.number, port.host_port, port.protocol) for port in server.containers[0].ports] == [
        ("http", 7880, 0, "TCP"),
        ("rtc-udp", 7882, 7882, "UDP"),
        ("rtc-tcp", 7881, 7881, "TCP"),
    ]
    assert (front.type, _ports(front)) == (kind, ports)


def test_livekit_behind_digitalocean_and_with_turn() -> None:
    values = (
        "{loadBalancer: {type: do, tls: [{hosts: [lk.example.com], secretName: cert}]}, "
        "turnLoadbalancer: {enable: true}, livekit: {turn: {enabled: true, tls_port: 5349}}}"
    )
    facts = _release("livekit-server", values)
    (ingress,) = facts.ingresses
    assert (ingress.ingress_class, [rule.host for rule in ingress.rules]) == ("nginx", ["lk.example.com"])
    turn = facts.services[-1]
    assert (turn.type, [(port.number, port.target) for port in turn.ports]) == ("LoadBalancer", [(443, 5349)])


@pytest.mark.parametrize("chart", sorted(CHARTS))
def test_every_chart_makes_assumed_pods_that_its_services_select(chart: str) -> None:
    facts = _release(chart, more="  labels: {topology.solutio.dev/service: api, own: label}\n")
    assert facts.workloads
    for workload in facts.workloads:
        assert workload.assumed is not None
        assert (workload.assumed.name, VERSIONS[chart] in workload.assumed.source) == (f"chart-{chart}", True)
        assert workload.object_labels["topology.solutio.dev/service"] == "api"
        assert "topology.solutio.dev/service" not in workload.labels
        assert workload.key.namespace == "ns"
    for service in facts.services:
        assert [each for each in facts.workloads if (service.selector or {}).items() <= each.labels.items()], (
            service.key
        )
        targets = {port.target for port in service.ports}
        known = [each for workload in facts.workloads for each in _ports(workload).items()]
        assert targets <= {each for names in known for each in names}, service.key


def test_every_table_says_which_version_it_was_read_from() -> None:
    assert TABLE.keys() == SOURCES.keys()


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ("valuesFrom: [{kind: ConfigMap, name: v}]", "values from other objects are not seen"),
        ("postRenderers: [{kustomize: {}}]", "what its post-renderers change is not seen"),
    ],
)
def test_what_is_not_seen_is_said(rest: str, said: str) -> None:
    (workload,) = _release("external-dns", rest=rest).workloads
    assert workload.assumed is not None
    assert said in workload.assumed.statement


def test_names_follow_helm_and_flux() -> None:
    def name(spec: str) -> str:
        text = document("HelmRelease", f"chart: {{spec: {{chart: external-dns}}}}\n{spec}", version=FLUX, name="dns")
        return str(facts_of(text).workloads[0].key)

    assert name("") == "Deployment default/dns-external-dns"
    assert name("targetNamespace: t") == "Deployment t/t-dns-external-dns"
    assert name("releaseName: my-external-dns") == "Deployment default/my-external-dns"
    assert name("values: {fullnameOverride: own}") == "Deployment default/own"
    assert name("values: {nameOverride: dns}") == "Deployment default/dns"


def test_what_no_model_knows_is_undecided() -> None:
    facts = _release("redis")
    assert [each.message for each in facts.undecided] == [
        "HelmRelease default/x: what the chart redis makes is not known"
    ]
    routes = facts_of(document("TCPRoute", "rules: []", version="gateway.networking.k8s.io/v1alpha2"))
    assert [each.message for each in routes.undecided] == [
        "TCPRoute default/x: where it lets traffic through is not known"
    ]


def test_a_pod_template_in_a_custom_kind_is_an_assumed_workload() -> None:
    spec = "template: {metadata: {labels: {app: a}}, spec: {containers: [{name: m, image: x}]}}"
    (workload,) = facts_of(document("Rollout", spec, version="argoproj.io/v1alpha1")).workloads
    assert (str(workload.key), workload.labels) == ("Rollout default/x", {"app": "a"})
    assert workload.assumed is not None


def test_wrong_types_in_values_are_said_where_they_stand() -> None:
    spec = "chart: {spec: {chart: ingress-nginx}}\nvalues: {controller: {podLabels: [a], replicaCount: two}}"
    assert notes_of(document("HelmRelease", spec, version=FLUX)) == [
        "7:36 podLabels must be a map, not a list",
        "7:55 replicaCount must be a whole number, not text",
    ]


def _cluster(spec: str = "instances: 1") -> Facts:
    return facts_of(document("Cluster", spec, version=CNPG, name="pg"))


def test_a_cluster_is_a_primary_replicas_and_three_services() -> None:
    facts = _cluster("instances: 3\ninheritedMetadata: {labels: {app: db}}")
    primary, replica = facts.workloads
    assert _named(facts.workloads) == ["Cluster default/pg"] * 2
    assert (primary.labels["cnpg.io/instanceRole"], replica.labels["cnpg.io/instanceRole"]) == ("primary", "replica")
    assert primary.labels["app"] == "db"
    assert _ports(primary) == {"postgresql": 5432, "metrics": 9187, "status": 8000}
    assert _named(facts.services) == ["Service default/pg-rw", "Service default/pg-ro", "Service default/pg-r"]
    reached = {
        service.key.name: [(service.selector or {}).items() <= each.labels.items() for each in facts.workloads]
        for service in facts.services
    }
    assert reached == {"pg-rw": [True, False], "pg-ro": [False, True], "pg-r": [True, True]}


def test_the_pods_of_a_cluster_are_placed_and_limited_as_it_says() -> None:
    affinity = "{nodeSelector: {disk: fast}, tolerations: [{key: kept, operator: Exists}], enablePodAntiAffinity: true}"
    facts = _cluster(f"affinity: {affinity}\nresources: {{limits: {{memory: 1Gi}}}}")
    (primary,) = facts.workloads
    assert primary.pod_spec["nodeSelector"] == {"disk": "fast"}
    assert primary.pod_spec["tolerations"] == [{"key": "kept", "operator": "Exists"}]
    assert primary.containers[0].body["resources"] == {"limits": {"memory": "1Gi"}}


def test_the_services_that_a_cluster_asks_for() -> None:
    spec = """\
managed:
  services:
    disabledDefaultServices: [ro, r]
    additional:
    - selectorType: rw
      serviceTemplate: {metadata: {name: public, annotations: {lb: x}}, spec: {type: LoadBalancer}}
"""
    default, public = _cluster(spec).services
    assert (default.key.name, default.type) == ("pg-rw", "ClusterIP")
    assert (public.key.name, public.type, public.annotations) == ("public", "LoadBalancer", {"lb": "x"})
    assert (public.selector, _ports(public)) == (default.selector, {"postgres": 5432})


@pytest.mark.parametrize(
    ("spec", "users"),
    [
        ("instances: 1", ["pg-app"]),
        ("bootstrap: {initdb: {database: d}}", ["pg-app"]),
        ("bootstrap: {initdb: {secret: {name: own}}}", []),
        ("bootstrap: {recovery: {source: s}}", []),
        ("bootstrap: {recovery: {source: s, database: d, owner: o}}", ["pg-app"]),
        ("enableSuperuserAccess: true", ["pg-app", "pg-superuser"]),
        ("enableSuperuserAccess: true\nsuperuserSecret: {name: own}", ["pg-app"]),
    ],
)
def test_the_secrets_that_a_cluster_generates(spec: str, users: list[str]) -> None:
    found = {each.key.name: each for each in _cluster(spec).keyed}
    assert list(found) == [*users, "pg-ca", "pg-server", "pg-replication"]
    assert all(each.assumed is not None and each.maker == "Cluster default/pg" for each in found.values())
    for name in users:
        assert {"username", "password", "host", "port", "dbname", "uri", "fqdn-uri"} <= set(found[name].keys or ())


def test_a_pooler() -> None:
    spec = "cluster: {name: pg}\ninstances: 2\ntype: rw\nserviceTemplate: {spec: {type: NodePort}}"
    facts = facts_of(document("Pooler", spec, version=CNPG, name="pool"))
    (pooler,), (service,) = facts.workloads, facts.services
    assert (pooler.replicas, pooler.labels["cnpg.io/cluster"], pooler.labels["cnpg.io/poolerName"]) == (2, "pg", "pool")
    assert (service.type, service.selector) == ("NodePort", {"cnpg.io/poolerName": "pool"})


def test_what_a_controller_makes_stands_at_the_object_that_it_makes_it_from() -> None:
    text = "# first\n---\n" + document("Cluster", "instances: 1", version=CNPG)
    facts = read_files({"db.yaml": text.encode()})
    assert {str(locate(facts, each.place)) for each in (*facts.workloads, *facts.services)} == {"db.yaml:3:1"}
    assert [each.key.kind for each in facts.objects] == ["Cluster"]


def test_cert_manager_without_its_metrics() -> None:
    facts = _release("cert-manager", "{prometheus: {enabled: false}}", name="cert-manager")
    assert [(str(each.key), _ports(each)) for each in facts.workloads] == [
        ("Deployment ns/cert-manager", {"http-metrics": 9402, "http-healthz": 9403}),
        ("Deployment ns/cert-manager-webhook", {"https": 10250, "healthcheck": 6080}),
        ("Deployment ns/cert-manager-cainjector", {}),
    ]
    assert [(str(each.key), _ports(each)) for each in facts.services] == [
        ("Service ns/cert-manager-webhook", {"https": 443})
    ]
