from __future__ import annotations

import pytest

from solutio_topology.manifests.kinds import mistaken

from .reading import notes_of


@pytest.mark.parametrize(
    ("group", "kind", "remedy"),
    [
        ("", "Deployment", "Deployment is of apps: correct apiVersion"),
        ("", "NetworkPolicy", "NetworkPolicy is of networking.k8s.io: correct apiVersion"),
        ("apps", "Pod", "Pod is of v1: correct apiVersion"),
        ("networking.k8s.io", "NetworkPolcy", "write NetworkPolicy"),
        ("cilium.io", "CiliumNetworkPolicies", "write CiliumNetworkPolicy"),
        ("gateway.networking.k8s.io", "HttpRoute", "write HTTPRoute"),
        ("batch", "Robot", "correct apiVersion and kind"),
    ],
)
def test_kinds_that_no_cluster_has(group: str, kind: str, remedy: str) -> None:
    found = mistaken(group, kind)
    assert found is not None
    assert found[1] == remedy


@pytest.mark.parametrize(
    ("group", "kind"),
    [
        ("", "Pod"),
        ("apps", "Deployment"),
        ("serving.knative.dev", "Service"),
        ("networking.istio.io", "Gateway"),
        ("gateway.networking.k8s.io", "TCPRoute"),
        ("gateway.networking.k8s.io", "GatewayClass"),
        ("cilium.io", "CiliumNode"),
    ],
)
def test_kinds_that_may_be(group: str, kind: str) -> None:
    assert mistaken(group, kind) is None


def test_it_is_said_where_it_stands() -> None:
    assert notes_of("apiVersion: v1\nkind: NetworkPolicy\nmetadata: {name: p}\n") == [
        "2:7 the core group (apiVersion v1) has no kind NetworkPolicy: the API server refuses the object"
    ]
