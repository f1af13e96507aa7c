"""The ways in which such a system breaks in practice, each as what is rendered against it."""

from __future__ import annotations

from typing import Any

from solutio_topology.render import render
from tests.render.worlds import changed, containers, environment, finals, find, kinds, small, templates, tree

USERS = tree("topology.yaml", "prod")
SHOP = tree("examples/shop/topology.yaml", "prod")


def test_what_livekit_opens_is_admitted_by_the_identity_of_the_nodes() -> None:
    policy = find(small(), "CiliumNetworkPolicy", "queue-ingress")
    assert policy["spec"] == {
        "endpointSelector": {
            "matchLabels": {"topology.solutio.dev/service": "queue", "topology.solutio.dev/process": "main"}
        },
        "ingress": [
            {
                "fromEntities": ["host", "remote-node"],
                "toPorts": [{"ports": [{"port": "6379", "protocol": "TCP"}]}],
            }
        ],
    }


def test_no_policy_selects_pods_on_the_network_of_the_node() -> None:
    for body in finals(USERS):
        if body["kind"] in {"NetworkPolicy", "CiliumNetworkPolicy"}:
            assert "lk" not in str(body["spec"].get("podSelector", body["spec"].get("endpointSelector"))).split("'")


def test_only_the_namespace_of_the_media_is_privileged() -> None:
    levels = {
        body["metadata"]["name"]: body["metadata"]["labels"]["pod-security.kubernetes.io/enforce"]
        for body in kinds(USERS, "Namespace")
    }
    assert {name for name, level in levels.items() if level == "privileged"} == {"solutio-default-media"}
    assert levels["solutio-default"] == levels["solutio-org-e"] == "restricted"
    assert {name for name, level in levels.items() if level == "baseline"} == {"ingress-nginx"}


def test_the_browser_learns_livekits_address_at_run_time() -> None:
    front = find(USERS, "Deployment", "front", "solutio-default")
    assert environment(containers(front["spec"]["template"])[0])["LIVEKIT_PUBLIC_URL"] == "wss://live.solutio.app"


def test_public_hosts_are_first_level_names() -> None:
    hosts = [rule["host"] for body in kinds(USERS, "Ingress") for rule in body["spec"]["rules"]]
    assert "api-org-e.solutio.app" in hosts
    assert all(host == "solutio.app" or host.removesuffix(".solutio.app").count(".") == 0 for host in hosts)


def test_flux_works_under_lockdown_with_one_source_and_an_account_a_tenant_pod() -> None:
    assert len(kinds(USERS, "GitRepository")) == 1
    stages = {body["metadata"]["name"]: body for body in kinds(USERS, "Kustomization")}
    for body in stages.values():
        assert body["metadata"]["namespace"] == "flux-system"
        assert body["spec"]["sourceRef"] == {"kind": "GitRepository", "name": "solutio"}
        assert "namespace" not in body["spec"]["sourceRef"]
    accounts = {name: body["spec"]["serviceAccountName"] for name, body in stages.items()}
    assert accounts["org-e-apps"] == "flux-org-e"
    bindings = [body for body in kinds(USERS, "RoleBinding") if body["subjects"][0]["name"] == "flux-org-e"]
    assert [body["metadata"]["namespace"] for body in bindings] == ["solutio-org-e"]
    for release in kinds(USERS, "HelmRelease"):
        assert release["spec"]["serviceAccountName"] == "helm-controller"
        assert release["spec"]["chart"]["spec"]["sourceRef"].keys() == {"kind", "name"}


def test_a_tenant_pod_starts_in_order() -> None:
    stages = {body["metadata"]["name"]: body["spec"] for body in kinds(USERS, "Kustomization")}
    needs = {name: [each["name"] for each in spec.get("dependsOn", [])] for name, spec in stages.items()}
    assert needs == {
        "platform-controllers": [],
        "platform-configs": ["platform-controllers"],
        "default-data": ["platform-configs"],
        "default-migrate": ["default-data"],
        "default-apps": ["default-migrate"],
        "default-media": ["default-data"],
        "org-e-data": ["platform-configs"],
        "org-e-migrate": ["org-e-data"],
        "org-e-apps": ["org-e-migrate"],
    }
    assert all(spec["prune"] and spec["retryInterval"] and spec["timeout"] for spec in stages.values())
    assert {name for name, spec in stages.items() if not spec["wait"]} == {"default-media"}


def test_what_needs_custom_resources_comes_a_stage_behind_their_controllers() -> None:
    def stage(kind: str) -> set[str]:
        return {
            path.split("/")[3]
            for path, file in USERS.items()
            for body in file.objects
            if path.startswith("rendered/prod/platform/") and body["kind"] == kind
        }

    assert stage("ClusterIssuer") == stage("ExternalSecret") == {"configs"}
    assert stage("Namespace") == {"controllers"}
    waiting = {body["metadata"]["name"] for body in kinds(USERS, "HelmRelease") if "secretKeyRef" in str(body)}
    assert waiting == {"external-dns"}
    assert "rendered/prod/platform/configs/external-dns.yaml" in USERS


def test_releases_wait_for_the_releases_they_need() -> None:
    needs = {
        body["metadata"]["name"]: [each["name"] for each in body["spec"].get("dependsOn", [])]
        for body in kinds(USERS, "HelmRelease")
    }
    assert needs["plugin-barman-cloud"] == ["cloudnative-pg", "cert-manager"]
    assert needs["ingress-nginx"] == ["cert-manager"]


def test_bases_belong_to_one_environment() -> None:
    for path, file in USERS.items():
        for body in file.objects:
            for name in body.get("resources", []) if body["kind"] == "Kustomization" else []:
                assert not name.startswith("../../../"), path


def test_labels_never_reach_selectors_of_policies() -> None:
    tops = [
        label
        for file in USERS.values()
        for body in file.objects
        if body["apiVersion"].startswith("kustomize.config")
        for label in body.get("labels", [])
    ]
    assert tops
    assert all(label["includeSelectors"] is False and label["includeTemplates"] is True for label in tops)


def test_the_gateway_is_admitted_as_cilium_s_entity() -> None:
    policy = find(SHOP, "CiliumNetworkPolicy", "web-ingress", "shop-main")
    assert {"fromEntities": ["ingress"], "toPorts": [{"ports": [{"port": "8080", "protocol": "TCP"}]}]} in policy[
        "spec"
    ]["ingress"]
    (gateway,) = kinds(SHOP, "Gateway")
    (ranges,) = gateway["spec"]["infrastructure"]["annotations"].values()
    assert ranges.startswith("173.245.48.0/20,")


def test_the_platform_brings_what_its_services_need() -> None:
    assert {body["metadata"]["name"] for body in kinds(USERS, "HelmRelease")} == {
        "cert-manager",
        "cloudnative-pg",
        "external-dns",
        "external-secrets",
        "ingress-nginx",
        "metrics-server",
        "plugin-barman-cloud",
    }


def test_postgres_backs_itself_up_and_may_reach_the_store() -> None:
    backup = find(USERS, "ScheduledBackup", "pg", "solutio-default")
    assert backup["spec"]["pluginConfiguration"] == {"name": "barman-cloud.cloudnative-pg.io"}
    store = find(USERS, "ObjectStore", "pg", "solutio-org-e")
    assert store["spec"]["configuration"]["destinationPath"] == "s3://solutio-backups/prod/org-e/"
    policy = find(USERS, "CiliumNetworkPolicy", "pg-egress", "solutio-default")
    assert {"matchName": "nyc3.digitaloceanspaces.com"} in [
        name for rule in policy["spec"]["egress"] for name in rule.get("toFQDNs", [])
    ]


def test_media_on_the_node_s_ports_can_be_rolled_out() -> None:
    spec = find(USERS, "Deployment", "lk", "solutio-default-media")["spec"]
    assert spec["strategy"] == {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}}
    pod = spec["template"]["spec"]
    assert (pod["hostNetwork"], pod["dnsPolicy"]) == (True, "ClusterFirstWithHostNet")
    assert pod["terminationGracePeriodSeconds"] == 18000
    (term,) = pod["affinity"]["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    assert term["topologyKey"] == "kubernetes.io/hostname"


def test_media_ports_are_on_no_service() -> None:
    (port,) = find(USERS, "Service", "lk", "solutio-default-media")["spec"]["ports"]
    assert port["port"] == 7880


def test_the_node_serves_metrics_only_when_they_are_scraped() -> None:
    def served(*changes: tuple[str, Any]) -> tuple[list[str], bool]:
        files = render(changed(*changes))
        pod = find(files, "Deployment", "lk", "small-all-media")["spec"]["template"]
        text = find(files, "ConfigMap", "lk-files", "small-all-media")["data"]["etc.livekit.livekit.yaml"]
        return [port["name"] for port in containers(pod)[0]["ports"]], "prometheus_port: 6789" in text

    assert served() == (["http", "rtc-tcp"], False)
    scraper = ("platform.scraper", {"namespace": "monitoring", "selector": {"app": "prometheus"}})
    assert served(scraper) == (["http", "rtc-tcp", "metrics"], True)


def test_no_secret_of_livekit_stands_in_its_configuration() -> None:
    (data,) = [each["data"] for each in kinds(USERS, "ConfigMap") if each["metadata"]["name"] == "lk-files"]
    assert "keys" not in str(data)
    assert "password" not in str(data)
    lk = find(USERS, "Deployment", "lk", "solutio-default-media")["spec"]["template"]
    assert environment(containers(lk)[0])["LIVEKIT_KEYS"] == ("livekit-api", "keys")


def jobs(*changes: tuple[str, Any]) -> set[str]:
    found = render(changed(*changes))
    return {body["metadata"]["name"] for body in kinds(found, "Job") if body["metadata"]["namespace"] == "small-all"}


def test_a_migration_is_a_new_job_when_and_only_when_it_does_something_else() -> None:
    assert len(jobs()) == 1
    assert jobs() == jobs(
        ("services.front", {"component": "nextjs", "layer": "apps", "image": {"name": "f", "tag": "1"}})
    )
    assert jobs() != jobs(("services.api.image.tag", "1.2.4"))
    assert jobs() != jobs(("services.api.jobs.migrate.command", ["bin/rails", "db:prepare"]))
    assert jobs() != jobs(("services.api.env", {"GREETING": "hello"}))


def test_a_finished_migration_stays_so_that_flux_does_not_run_it_again() -> None:
    assert all("ttlSecondsAfterFinished" not in body["spec"] for body in kinds(small(), "Job"))


def test_a_migration_may_take_as_long_as_it_says() -> None:
    stages = {body["metadata"]["name"]: body["spec"]["timeout"] for body in kinds(small(), "Kustomization")}
    assert stages["all-migrate"] == "65m"


def test_changed_files_roll_their_pods() -> None:
    def rolled(text: str) -> tuple[str, str]:
        files = render(changed(("services.api.files", {"/app/config/motd": {"content": text}})))
        template = find(files, "Deployment", "api")["spec"]["template"]
        return find(files, "ConfigMap", "api-files")["data"]["app.config.motd"], template["metadata"]["annotations"]

    before, after = rolled("hello"), rolled("bye")
    assert (before[0], after[0]) == ("hello", "bye")
    assert before[1] != after[1]


def test_names_of_what_runs_can_be_kept() -> None:
    pin = {"name": "cache", "selector": {"app": "cache"}, "claim": "storage-cache-0"}
    files = render(changed(("services.queue.pin", pin), ("pods.all.namespace", "legacy")))
    workload = find(files, "StatefulSet", "cache", "legacy")["spec"]
    assert workload["selector"] == {"matchLabels": {"app": "cache"}}
    assert workload["template"]["metadata"]["labels"]["app"] == "cache"
    assert [each["metadata"]["name"] for each in workload["volumeClaimTemplates"]] == ["storage"]
    api = find(files, "Deployment", "api", "legacy")["spec"]["template"]
    assert environment(containers(api)[0])["REDIS_URL"] == "redis://:$(REDIS_URL_PASSWORD)@cache.legacy.svc:6379/0"


def test_releases_and_their_namespaces_can_be_kept() -> None:
    files = render(changed(("services.ing.pin", {"release": "nginx", "namespace": "ingress"})))
    spec = find(files, "HelmRelease", "ingress-nginx", "flux-system")["spec"]
    assert (spec["releaseName"], spec["targetNamespace"], spec["storageNamespace"]) == ("nginx", "ingress", "ingress")
    (peer,) = find(files, "NetworkPolicy", "api-ingress")["spec"]["ingress"][0]["from"]
    assert peer["namespaceSelector"] == {"matchLabels": {"kubernetes.io/metadata.name": "ingress"}}
    assert peer["podSelector"]["matchLabels"]["app.kubernetes.io/instance"] == "nginx"


def test_the_origin_admits_cloudflare_alone_and_speaks_the_proxy_protocol_on_all_three_sides_or_none() -> None:
    controller = find(USERS, "HelmRelease", "ingress-nginx", "flux-system")["spec"]["values"]["controller"]
    service = controller["service"]
    prefix = "service.beta.kubernetes.io/do-loadbalancer-"
    assert "173.245.48.0/20" in service["loadBalancerSourceRanges"]
    assert "0.0.0.0/0" not in service["loadBalancerSourceRanges"]
    assert service["annotations"][f"{prefix}type"] == "REGIONAL"
    assert service["annotations"][f"{prefix}enable-proxy-protocol"] == "true"
    assert controller["config"]["use-proxy-protocol"] == "true"
    files = render(changed(("platform.orchestrator", "kubernetes")))
    plain = find(files, "HelmRelease", "ingress-nginx", "flux-system")["spec"]["values"]["controller"]
    assert "annotations" not in plain["service"]
    assert "use-proxy-protocol" not in plain["config"]


def test_unauthenticated_apis_are_reached_by_nobody() -> None:
    policy = find(USERS, "NetworkPolicy", "g2-ingress", "solutio-default-media")
    ports = [port["port"] for rule in policy["spec"]["ingress"] for port in rule["ports"]]
    assert ports == [8554]
    public = find(USERS, "Service", "g2-public", "solutio-default-media")
    assert [port["port"] for port in public["spec"]["ports"]] == [8554]


def test_the_tenant_s_own_pool_is_used_and_tolerated() -> None:
    for body, template in templates(USERS):
        if body["metadata"]["namespace"] == "solutio-org-e":
            assert template["spec"]["nodeSelector"] == {"topology.solutio.dev/pool": "org-e"}
            assert template["spec"]["tolerations"][0]["value"] == "org-e"
