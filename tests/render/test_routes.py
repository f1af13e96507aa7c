from __future__ import annotations

from typing import Any

from solutio_topology.render import render
from tests.render.worlds import changed, find, kinds, small

FRONT = ("services.front", {"component": "nextjs", "layer": "apps", "image": {"name": "f", "tag": "1"}})
GATEWAY = (
    ("platform.ingress", {"controller": "gateway-api", "class": "cilium"}),
    ("services.ing", {"component": "gateway-cilium", "layer": "apps"}),
)


def test_a_host_is_an_ingress_with_a_certificate_and_a_proxied_name() -> None:
    ingress = find(small(), "Ingress", "api", "small-one")
    assert ingress["metadata"]["annotations"] == {
        "cert-manager.io/cluster-issuer": "letsencrypt",
        "external-dns.alpha.kubernetes.io/hostname": "api-one.example.com",
        "external-dns.alpha.kubernetes.io/cloudflare-proxied": "true",
        "nginx.ingress.kubernetes.io/ssl-redirect": "true",
    }
    backend = {"service": {"name": "api", "port": {"name": "http"}}}
    assert ingress["spec"] == {
        "ingressClassName": "nginx",
        "tls": [{"hosts": ["api-one.example.com"], "secretName": "api-one-example-com-tls"}],
        "rules": [
            {
                "host": "api-one.example.com",
                "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]},
            }
        ],
    }


def test_several_paths_of_a_host_are_one_ingress_the_longest_first() -> None:
    edge = {"from": "ing", "to": "front", "host": "api{-pod}.{zone}", "path": "/app"}
    files = render(changed(FRONT, ("edges.ing-front", edge)))
    ingress = find(files, "Ingress", "api")
    paths = [
        (each["path"], each["backend"]["service"]["name"]) for each in ingress["spec"]["rules"][0]["http"]["paths"]
    ]
    assert paths == [("/app", "front"), ("/", "api")]


def test_without_cloudflare_in_front_a_name_is_not_proxied() -> None:
    files = render(changed(("edges.cf-ing", None), ("services.cf", None)))
    annotations = find(files, "Ingress", "api")["metadata"]["annotations"]
    assert annotations["external-dns.alpha.kubernetes.io/cloudflare-proxied"] == "false"
    controller = find(files, "HelmRelease", "ingress-nginx", "flux-system")["spec"]["values"]["controller"]
    assert "loadBalancerSourceRanges" not in controller["service"]


def test_a_websocket_may_be_silent_for_an_hour() -> None:
    files = render(changed(("edges.ing-lk", {"from": "ing", "to": "lk", "host": "live.{zone}"})))
    annotations = find(files, "Ingress", "lk", "small-all-media")["metadata"]["annotations"]
    assert annotations["nginx.ingress.kubernetes.io/proxy-read-timeout"] == "3600"


def test_the_gateway_api_carries_the_same_hosts() -> None:
    files = render(changed(*GATEWAY))
    (gateway,) = kinds(files, "Gateway")
    listeners: list[dict[str, Any]] = gateway["spec"]["listeners"]
    assert [(each["hostname"], each["port"], each["tls"]["certificateRefs"]) for each in listeners] == [
        ("api.example.com", 443, [{"name": "api-example-com-tls"}]),
        ("api-one.example.com", 443, [{"name": "api-one-example-com-tls"}]),
    ]
    assert gateway["spec"]["infrastructure"]["annotations"][
        "service.beta.kubernetes.io/do-loadbalancer-allow-rules"
    ].startswith("cidr:173.245.48.0/20,")
    route = find(files, "HTTPRoute", "api-one-example-com", "small-one")
    assert route["spec"]["parentRefs"][0]["namespace"] == gateway["metadata"]["namespace"] == "small-gateway"
    assert route["spec"]["hostnames"] == ["api-one.example.com"]
    assert route["spec"]["rules"][0]["backendRefs"] == [{"name": "api", "port": 3000}]
    assert [body["spec"]["dnsNames"] for body in kinds(files, "Certificate")] == [
        ["api.example.com"],
        ["api-one.example.com"],
    ]
    assert kinds(files, "Ingress") == []


def test_the_gateway_has_no_pods_in_a_tenant_pod() -> None:
    files = render(changed(*GATEWAY))
    assert [path for path in files if "/all/" in path and path.endswith("ing.yaml")] == []
