from __future__ import annotations

from typing import Any

from solutio_topology.render import render
from tests.render.worlds import changed, find, is_kustomization, kinds, small


def test_a_tenant_pod_is_limited_and_its_account_writes_there_alone() -> None:
    objects = small()["rendered/prod/platform/controllers/tenant-one.yaml"].objects
    assert [(body["kind"], body["metadata"]["name"], body["metadata"].get("namespace")) for body in objects] == [
        ("Namespace", "small-one", None),
        ("NetworkPolicy", "default-deny", "small-one"),
        ("NetworkPolicy", "allow-dns", "small-one"),
        ("ResourceQuota", "tenant", "small-one"),
        ("LimitRange", "defaults", "small-one"),
        ("ServiceAccount", "flux-one", "flux-system"),
        ("RoleBinding", "flux", "small-one"),
    ]
    assert objects[3]["spec"]["hard"] == {
        "requests.cpu": "4",
        "requests.memory": "8Gi",
        "requests.storage": "50Gi",
        "pods": "20",
    }


def test_the_tenants_role_can_make_no_namespace_quota_or_role() -> None:
    (role,) = kinds(small(), "ClusterRole")
    granted = {kind for rule in role["rules"] for kind in rule["resources"]}
    assert granted.isdisjoint({"namespaces", "resourcequotas", "limitranges", "roles", "rolebindings", "*"})
    made = {
        f"{body['kind'].lower()}s".replace("policys", "policies").replace("ingresss", "ingresses")
        for path, file in small().items()
        for body in file.objects
        if path.startswith(("rendered/prod/all/", "rendered/prod/one/")) and not is_kustomization(body)
    }
    assert made <= granted
    assert {"clusters", "deployments", "externalsecrets", "ingresses", "networkpolicies"} <= made


def test_a_controller_can_be_overridden() -> None:
    override = {"cert-manager": {"version": "v1.22.0", "values": {"crds": {"keep": False}, "replicaCount": 2}}}
    files = render(changed(("platform.controllers", override)))
    spec = find(files, "HelmRelease", "cert-manager", "flux-system")["spec"]
    assert spec["chart"]["spec"]["version"] == "v1.22.0"
    assert (spec["values"]["crds"], spec["values"]["replicaCount"]) == ({"enabled": True, "keep": False}, 2)


def test_the_values_of_a_chart_stand_in_a_file_of_their_own() -> None:
    release = small()["overlays/prod/platform/controllers/cert-manager.yaml"].objects[1]
    assert "values" not in release["spec"]
    (patch,) = small()["overlays/prod/platform/controllers/values/cert-manager.yaml"].objects
    final = find(small(), "HelmRelease", "cert-manager", "flux-system")
    assert patch["spec"]["values"] == final["spec"]["values"]


def test_certificates_are_ordered_by_dns() -> None:
    issuer = find(small(), "ClusterIssuer", "letsencrypt", "")
    assert issuer["spec"]["acme"]["solvers"] == [
        {"dns01": {"cloudflare": {"apiTokenSecretRef": {"name": "cloudflare-api-token", "key": "api-token"}}}}
    ]


def remote(files: Any, namespace: str) -> dict[str, set[tuple[str, str]]]:
    """ExternalSecrets of a namespace: name → (remote entry, property)."""
    return {
        body["metadata"]["name"]: {
            (each["remoteRef"]["key"], each["remoteRef"]["property"]) for each in body["spec"]["data"]
        }
        for body in kinds(files, "ExternalSecret")
        if body["metadata"]["namespace"] == namespace
    }


def test_every_secret_that_is_referred_to_is_brought_into_its_namespace() -> None:
    assert remote(small(), "small-one") == {
        "api-database": {("small/prod/one/api-database", "username"), ("small/prod/one/api-database", "password")},
        "redis-auth": {("small/prod/one/redis-auth", "password")},
        "registry": {("small/prod/one/registry", ".dockerconfigjson")},
    }
    assert remote(small(), "small-all-media") == {
        "livekit-api": {("small/prod/all/livekit-api", "keys")},
        "redis-auth": {("small/prod/all/redis-auth", "password")},
        "registry": {("small/prod/all/registry", ".dockerconfigjson")},
    }


def test_secrets_have_the_type_that_their_readers_expect() -> None:
    types = {
        body["metadata"]["name"]: body["spec"]["target"].get("template", {}).get("type")
        for body in kinds(small(), "ExternalSecret")
    }
    assert types["registry"] == "kubernetes.io/dockerconfigjson"
    assert types["api-database"] == "kubernetes.io/basic-auth"
    assert types["redis-auth"] is None


def test_encrypted_files_are_copied_in_a_stage_of_their_own() -> None:
    files = render(changed(("platform.secrets", {"provider": "sops", "folder": "vault"})))
    copies = {path: file.copy_from for path, file in files.items() if file.copy_from and path.startswith("rendered/")}
    assert copies == {
        "rendered/prod/all/secrets/api-database.yaml": "vault/prod/all/api-database.yaml",
        "rendered/prod/all/secrets/media-livekit-api.yaml": "vault/prod/all/media/livekit-api.yaml",
        "rendered/prod/all/secrets/media-redis-auth.yaml": "vault/prod/all/media/redis-auth.yaml",
        "rendered/prod/all/secrets/media-registry.yaml": "vault/prod/all/media/registry.yaml",
        "rendered/prod/all/secrets/redis-auth.yaml": "vault/prod/all/redis-auth.yaml",
        "rendered/prod/all/secrets/registry.yaml": "vault/prod/all/registry.yaml",
        "rendered/prod/one/secrets/api-database.yaml": "vault/prod/one/api-database.yaml",
        "rendered/prod/one/secrets/redis-auth.yaml": "vault/prod/one/redis-auth.yaml",
        "rendered/prod/one/secrets/registry.yaml": "vault/prod/one/registry.yaml",
        "rendered/prod/platform/configs/cert-manager-cloudflare-api-token.yaml": (
            "vault/prod/platform/cert-manager/cloudflare-api-token.yaml"
        ),
        "rendered/prod/platform/configs/external-dns-cloudflare-api-token.yaml": (
            "vault/prod/platform/external-dns/cloudflare-api-token.yaml"
        ),
    }
    stage = find(files, "Kustomization", "all-secrets", "flux-system")["spec"]
    assert stage["decryption"] == {"provider": "sops", "secretRef": {"name": "sops-age"}}
    assert find(files, "Kustomization", "all-data", "flux-system")["spec"]["dependsOn"] == [{"name": "all-secrets"}]
    assert kinds(files, "ExternalSecret") == []


def test_a_stage_waits_for_what_another_tenant_pod_brings() -> None:
    shared = {"tenancy": "dedicated", "dedicates": ["api", "pg"]}
    files = render(changed(("tiers.own", shared)))
    needs = find(files, "Kustomization", "one-apps", "flux-system")["spec"]["dependsOn"]
    assert needs == [{"name": "one-migrate"}, {"name": "all-data"}]


def test_the_path_of_flux_is_below_the_repository_s_folder() -> None:
    files = render(changed(("platform.repository", {"url": "https://git.example.com/x", "path": "deploy/live"})))
    assert find(files, "Kustomization", "all-data", "flux-system")["spec"]["path"] == (
        "./deploy/live/rendered/prod/all/data"
    )


def test_custom_components_are_part_of_the_apps_of_their_tenant_pod() -> None:
    files = render(changed(), custom=frozenset({"one"}))
    tops = {
        path: body.get("components")
        for path, file in files.items()
        for body in file.objects
        if path.endswith("/kustomization.yaml") and body.get("components")
    }
    assert tops == {"overlays/prod/one/apps/kustomization.yaml": ["../custom"]}


def test_flux_reads_nothing_but_its_environment() -> None:
    files = render(changed(("platform.repository", {"url": "https://git.example.com/x", "path": "live"})))
    (source,) = kinds(files, "GitRepository")
    assert source["spec"]["ignore"].splitlines() == [
        "/*",
        "!/live",
        "/live/*",
        "!/live/rendered",
        "/live/rendered/*",
        "!/live/rendered/prod",
    ]


def test_the_tenants_role_covers_the_kinds_of_one_s_own_operators() -> None:
    text = "apiVersion: mq.example.com/v1\nkind: Queue\nmetadata: {name: '{{ name }}'}\nspec: {size: {{ replicas }}}\n"
    own = {"mq": {"title": "MQ", "kind": "objects", "objects": text}}
    files = render(changed(("components", own), ("services.mq", {"component": "mq", "layer": "data", "replicas": 3})))
    assert find(files, "Queue", "mq")["spec"] == {"size": 3}
    (role,) = kinds(files, "ClusterRole")
    assert [rule["resources"] for rule in role["rules"] if rule["apiGroups"] == ["mq.example.com"]] == [["*"]]


def test_a_secret_that_is_mounted_is_brought_with_its_key() -> None:
    given = {"/etc/api/tls.pem": {"secret": "api.tls/tls.pem"}}
    files = render(changed(("services.api.files", given)))
    assert remote(files, "small-all")["api.tls"] == {("small/prod/all/api.tls", "tls.pem")}
    volumes = find(files, "Deployment", "api")["spec"]["template"]["spec"]["volumes"]
    assert {"name": "secret-api-tls", "secret": {"secretName": "api.tls"}} in volumes


def _own_tier(**more: Any) -> dict[str, Any]:
    return {"tenancy": "dedicated", "dedicates": ["api", "pg", "queue"], **more}


def test_every_namespace_of_a_tenant_pod_has_its_quota() -> None:
    tier = _own_tier(dedicates=["api", "pg", "queue", "lk"], quota={"cpu": "4", "memory": "8Gi"})
    files = render(changed(("tiers.own", tier)))
    quotas = {body["metadata"]["namespace"]: body["spec"]["hard"] for body in kinds(files, "ResourceQuota")}
    hard = {"requests.cpu": "4", "requests.memory": "8Gi"}
    assert quotas == {"small-one": hard, "small-one-media": hard}


def test_a_limit_caps_the_defaults_that_the_api_server_would_refuse() -> None:
    plain = {"cpu": "50m", "memory": "128Mi"}
    limits: list[tuple[dict[str, str] | None, dict[str, Any]]] = [
        (None, {"default": {"memory": "512Mi", "ephemeral-storage": "1Gi"}, "defaultRequest": plain}),
        (
            {"memory": "4Gi"},
            {
                "default": {"memory": "512Mi", "ephemeral-storage": "1Gi"},
                "defaultRequest": plain,
                "max": {"memory": "4Gi"},
            },
        ),
        (
            {"memory": "100Mi", "cpu": "25m"},
            {
                "default": {"memory": "100Mi", "ephemeral-storage": "1Gi", "cpu": "25m"},
                "defaultRequest": {"cpu": "25m", "memory": "100Mi"},
                "max": {"memory": "100Mi", "cpu": "25m"},
            },
        ),
    ]
    for given, wanted in limits:
        isolation = {"limits": given} if given else {}
        files = render(changed(("tiers.own", _own_tier(isolation=isolation))))
        found = find(files, "LimitRange", "defaults", "small-one")["spec"]["limits"]
        assert found == [{"type": "Container", **wanted}]


def test_a_shared_secret_is_read_from_the_entry_of_the_shared_tenant_pod() -> None:
    files = render(changed(("tiers.own", _own_tier(isolation={"sharedSecrets": ["registry"]}))))
    assert remote(files, "small-one") == {
        "api-database": {("small/prod/one/api-database", "username"), ("small/prod/one/api-database", "password")},
        "redis-auth": {("small/prod/one/redis-auth", "password")},
        "registry": {("small/prod/all/registry", ".dockerconfigjson")},
    }
    text = files["rendered/prod/one/outside.md"].text or ""
    assert "| small-one | registry | `.dockerconfigjson` | `small/prod/all/registry` in the store `vault` |" in text
