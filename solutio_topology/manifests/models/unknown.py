"""Kinds that are known to make pods or connections and that nothing here models, and workloads of no known kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from solutio_topology.manifests.facts import Assumption

if TYPE_CHECKING:
    from solutio_topology.manifests.cursor import Cursor
    from solutio_topology.manifests.facts import Object

_PODS = {
    "acid.zalan.do": "postgresql",
    "argoproj.io": "CronWorkflow Workflow",
    "databases.spotahome.com": "RedisFailover",
    "dragonflydb.io": "Dragonfly",
    "elasticsearch.k8s.elastic.co": "Elasticsearch",
    "grafana.integreatly.org": "Grafana",
    "k8s.mariadb.com": "MariaDB MaxScale",
    "kafka.strimzi.io": "Kafka KafkaBridge KafkaConnect KafkaMirrorMaker2 KafkaNodePool",
    "kibana.k8s.elastic.co": "Kibana",
    "loki.grafana.com": "LokiStack",
    "minio.min.io": "Tenant",
    "mongodbcommunity.mongodb.com": "MongoDBCommunity",
    "monitoring.coreos.com": "Alertmanager Prometheus PrometheusAgent ThanosRuler",
    "mysql.oracle.com": "InnoDBCluster",
    "opensearch.opster.io": "OpenSearchCluster",
    "opentelemetry.io": "OpenTelemetryCollector",
    "postgres-operator.crunchydata.com": "PostgresCluster",
    "rabbitmq.com": "RabbitmqCluster",
    "ray.io": "RayCluster RayJob RayService",
    "redis.redis.opstreelabs.in": "Redis RedisCluster RedisReplication RedisSentinel",
    "sparkoperator.k8s.io": "ScheduledSparkApplication SparkApplication",
    "tekton.dev": "PipelineRun TaskRun",
}
_RELEASES = {"argoproj.io": "Application ApplicationSet", "helm.cattle.io": "HelmChart"}
_ROUTES = {
    "configuration.konghq.com": "TCPIngress UDPIngress",
    "gateway.networking.k8s.io": "ListenerSet TCPRoute UDPRoute",
    "gateway.networking.x-k8s.io": "XListenerSet",
    "k8s.nginx.org": "TransportServer VirtualServer VirtualServerRoute",
    "networking.istio.io": "Gateway ServiceEntry VirtualService",
    "projectcontour.io": "HTTPProxy",
    "route.openshift.io": "Route",
    "traefik.containo.us": "IngressRoute IngressRouteTCP IngressRouteUDP",
    "traefik.io": "IngressRoute IngressRouteTCP IngressRouteUDP",
}
_POLICIES = {
    "cilium.io": "CiliumClusterwideEnvoyConfig CiliumEgressGatewayPolicy CiliumEnvoyConfig CiliumLocalRedirectPolicy",
    "crd.projectcalico.org": "GlobalNetworkPolicy NetworkPolicy",
    "policy.networking.k8s.io": "ClusterNetworkPolicy",
    "projectcalico.org": "GlobalNetworkPolicy NetworkPolicy",
    "security.istio.io": "AuthorizationPolicy PeerAuthentication",
}
_REASONS = (
    ("which pods its operator makes is not known", _PODS),
    ("what it installs is not known", _RELEASES),
    ("where it lets traffic through is not known", _ROUTES),
    ("what it allows and forbids is not known", _POLICIES),
)
UNKNOWN = {
    (group, kind): reason for reason, groups in _REASONS for group, kinds in groups.items() for kind in kinds.split()
}
"""Why a kind leaves connections undecided, by group and kind."""
POD_MAKERS = frozenset(
    (group, kind)
    for groups in (_PODS, _RELEASES, {"helm.toolkit.fluxcd.io": "HelmRelease"})
    for group, kinds in groups.items()
    for kind in kinds.split()
)
"""Kinds of which an object that is not understood makes pods that nobody counts."""


def custom_workload(source: Object, at: Cursor) -> tuple[Assumption, list[dict[str, Any]]] | None:
    """The pods of an object of a custom kind with a pod template where Deployments have theirs (an Argo Rollout …)."""
    pod = at.value.get("spec")
    for step in ("template", "spec"):
        pod = pod.get(step) if isinstance(pod, dict) else None
    if not isinstance(pod, dict) or not isinstance(pod.get("containers"), list):
        return None
    spec = at.value["spec"]
    owner = {"apiVersion": f"{source.key.group}/{source.version}", "kind": source.key.kind, "name": source.key.name}
    template = spec["template"].get("metadata")
    metadata = {
        **(template if isinstance(template, dict) else {}),
        "name": source.key.name,
        "namespace": source.key.namespace,
        "ownerReferences": [owner],
    }
    assumption = Assumption(
        "custom-workload",
        f"the controller of {source.key} makes pods from its template",
        "the form of the object: a pod template at spec.template",
    )
    return assumption, [{"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": pod}]
