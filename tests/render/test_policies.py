from __future__ import annotations

from typing import Any

from solutio_topology.render import render
from tests.render.worlds import changed, finals, find, kinds, small

Body = dict[str, Any]


def pods(service: str, **more: Any) -> Body:
    return {"matchLabels": {"topology.solutio.dev/service": service}, **more}


def there(namespace: str) -> Body:
    return {"matchLabels": {"kubernetes.io/metadata.name": namespace}}


def tcp(*ports: int) -> list[Body]:
    return [{"protocol": "TCP", "port": port} for port in ports]


def test_what_comes_in_is_what_the_edges_say() -> None:
    nginx = {
        "app.kubernetes.io/name": "ingress-nginx",
        "app.kubernetes.io/instance": "ingress-nginx",
        "app.kubernetes.io/component": "controller",
    }
    assert find(small(), "NetworkPolicy", "api-ingress")["spec"] == {
        "podSelector": {"matchLabels": {"topology.solutio.dev/service": "api", "topology.solutio.dev/process": "main"}},
        "policyTypes": ["Ingress"],
        "ingress": [
            {
                "from": [{"namespaceSelector": there("ingress-nginx"), "podSelector": {"matchLabels": nginx}}],
                "ports": tcp(3000),
            }
        ],
    }


def test_what_goes_out_is_what_the_edges_say() -> None:
    assert find(small(), "NetworkPolicy", "api-egress", "small-one")["spec"] == {
        "podSelector": pods("api"),
        "policyTypes": ["Egress"],
        "egress": [
            {
                "to": [
                    {
                        "namespaceSelector": there("small-one"),
                        "podSelector": {"matchLabels": {"cnpg.io/cluster": "pg"}},
                    }
                ],
                "ports": tcp(5432),
            },
            {"to": [{"namespaceSelector": there("small-one"), "podSelector": pods("queue")}], "ports": tcp(6379)},
        ],
    }


def test_what_one_process_opens_is_open_for_that_process() -> None:
    policy = find(small(), "CiliumNetworkPolicy", "api-worker-egress")["spec"]
    assert policy["endpointSelector"] == {
        "matchLabels": {"topology.solutio.dev/service": "api", "topology.solutio.dev/process": "worker"}
    }
    assert [rule.get("toFQDNs") for rule in policy["egress"]] == [None, [{"matchName": "mail.example.net"}]]
    assert policy["egress"][0]["toPorts"][0]["rules"] == {"dns": [{"matchPattern": "*"}]}


def test_a_peer_may_be_one_process_of_a_service() -> None:
    files = render(changed(("edges.api-queue.processes", ["worker", "migrate"])))
    rule = find(files, "NetworkPolicy", "queue-ingress")["spec"]["ingress"][0]
    expression = {"key": "topology.solutio.dev/process", "operator": "In", "values": ["migrate", "worker"]}
    assert rule["from"] == [
        {"namespaceSelector": there("small-all"), "podSelector": pods("api", matchExpressions=[expression])}
    ]


def test_a_migration_has_its_way_out_before_the_rest_exists() -> None:
    paths = [path for path, file in small().items() if any(b["kind"] == "Job" for b in file.objects) and "one" in path]
    assert paths == ["overlays/prod/one/migrate/api.yaml", "rendered/prod/one/migrate/api.yaml"]
    names = [(body["kind"], body["metadata"]["name"]) for body in small()[paths[1]].objects]
    assert ("NetworkPolicy", "api-migrate-job-egress") in names
    assert ("ServiceAccount", "api-migrate") in names


def test_nothing_crosses_between_tenant_pods() -> None:
    for body in finals(small()):
        if body["metadata"].get("namespace") == "small-one" and body["kind"].endswith("NetworkPolicy"):
            assert "small-all" not in str(body["spec"])


def test_a_third_party_without_an_address_stays_closed() -> None:
    files = render(changed(("services.mail.hosts", None)))
    assert [body for body in finals(files) if body["metadata"]["name"] == "api-worker-egress"] == []


def test_a_third_party_is_reached_by_its_names_and_its_ranges() -> None:
    files = render(changed(("services.mail.ranges", ["192.0.2.0/28"]), ("services.mail.hosts", ["*.example.net"])))
    plain = find(files, "NetworkPolicy", "api-worker-egress")["spec"]["egress"]
    assert plain == [{"to": [{"ipBlock": {"cidr": "192.0.2.0/28"}}], "ports": tcp(443)}]
    named = find(files, "CiliumNetworkPolicy", "api-worker-egress")["spec"]["egress"]
    assert named[1]["toFQDNs"] == [{"matchPattern": "*.example.net"}]


def test_without_cilium_names_and_identities_become_the_narrowest_ranges() -> None:
    files = render(changed(("platform.network", {"policies": "kubernetes", "nodeRange": "10.116.0.0/20"})))
    assert kinds(files, "CiliumNetworkPolicy") == []
    (rule,) = find(files, "NetworkPolicy", "api-worker-egress")["spec"]["egress"]
    (peer,) = rule["to"]
    assert peer["ipBlock"]["cidr"] == "0.0.0.0/0"
    assert "10.0.0.0/8" in peer["ipBlock"]["except"]
    nodes = find(files, "NetworkPolicy", "queue-ingress")["spec"]["ingress"]
    assert {"from": [{"ipBlock": {"cidr": "10.116.0.0/20"}}], "ports": tcp(6379)} in nodes


def test_metrics_are_open_for_the_scraper_and_nobody_else() -> None:
    scraper = {"namespace": "monitoring", "selector": {"app": "prometheus"}}
    web = {"component": "mediamtx", "layer": "apps"}
    files = render(changed(("platform.scraper", scraper), ("services.m", web)))
    assert find(files, "NetworkPolicy", "m-ingress")["spec"]["ingress"] == [
        {
            "from": [{"namespaceSelector": there("monitoring"), "podSelector": {"matchLabels": {"app": "prometheus"}}}],
            "ports": tcp(9998),
        }
    ]
    annotations = find(files, "Deployment", "m")["spec"]["template"]["metadata"]["annotations"]
    assert annotations["prometheus.io/port"] == "9998"


def test_a_webhook_is_open_for_the_api_server_on_the_pods_that_serve_it() -> None:
    policy = find(small(), "CiliumNetworkPolicy", "cert-manager-webhook", "cert-manager")["spec"]
    assert policy["endpointSelector"]["matchLabels"]["app.kubernetes.io/component"] == "webhook"
    assert policy["ingress"][0]["fromEntities"] == ["kube-apiserver", "host", "remote-node"]


def test_the_operator_reaches_every_instance_and_every_instance_the_operator_s_api() -> None:
    operator = find(small(), "NetworkPolicy", "cloudnative-pg", "cnpg-system")["spec"]["egress"][0]
    assert operator["to"] == [
        {"namespaceSelector": {}, "podSelector": {"matchLabels": {"cnpg.io/podRole": "instance"}}}
    ]
    assert operator["ports"] == tcp(8000, 5432)
    instance = find(small(), "CiliumNetworkPolicy", "pg-egress")["spec"]["egress"]
    assert instance[-1]["toEntities"] == ["kube-apiserver"]


def test_a_rule_about_a_component_that_is_not_installed_is_left_out() -> None:
    assert len(find(small(), "NetworkPolicy", "cloudnative-pg", "cnpg-system")["spec"]["egress"]) == 1
    store = {"component": "object-storage", "layer": "data", "hosts": ["s3.example.com"]}
    backups = {"service": "s3", "bucket": "b", "endpoint": "https://s3.example.com"}
    files = render(changed(("services.s3", store), ("platform.backups", backups)))
    rules = find(files, "NetworkPolicy", "cloudnative-pg", "cnpg-system")["spec"]["egress"]
    assert [rule["ports"] for rule in rules] == [tcp(8000, 5432), tcp(9090)]
