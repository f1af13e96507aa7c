from __future__ import annotations

import pytest

from solutio_topology.manifests.facts import Operator, Peer, Policy, PolicyRule, Requirement, Selector

from .reading import document, facts_of, notes_of

API = "cilium.io/v2"
NAME = "kubernetes.io/metadata.name"


def _policy(spec: str, kind: str = "CiliumNetworkPolicy") -> Policy:
    (policy,) = facts_of(document(kind, spec, version=API)).policies
    return policy


def _egress(rule: str) -> PolicyRule:
    (found,) = _policy(f"endpointSelector: {{}}\negress:\n- {rule}").egress
    return found


def _peers(rule: str) -> list[Peer]:
    found = _egress(rule).peers
    assert found is not None
    return list(found)


def _is(key: str, *values: str) -> Requirement:
    return Requirement(key, Operator.IN, values)


@pytest.mark.parametrize(
    ("spec", "closed"),
    [
        ("ingress: [{}]", (True, False)),
        ("ingress: [{}]\negress: []", (True, False)),
        ("egressDeny: [{toEntities: [world]}]", (False, True)),
        ("ingress: [{}]\nenableDefaultDeny: {ingress: false}", (False, False)),
        ("ingress: [{}]\nenableDefaultDeny: {egress: true}", (True, True)),
    ],
)
def test_a_direction_is_closed_by_rules_not_by_an_empty_list(spec: str, closed: tuple[bool, bool]) -> None:
    policy = _policy(f"endpointSelector: {{}}\n{spec}")
    assert (policy.isolates_ingress, policy.isolates_egress) == closed


def test_labels_of_namespaces_are_taken_out_of_the_pod_selector() -> None:
    peers = _peers(
        "toEndpoints: [{matchLabels: {'k8s:app': web, 'k8s:io.kubernetes.pod.namespace': shop}}, "
        "{matchLabels: {any:app: web}}, "
        "{matchLabels: {'k8s:io.cilium.k8s.namespace.labels.team': a}}, "
        "{matchExpressions: [{key: 'k8s:io.kubernetes.pod.namespace', operator: Exists}]}]"
    )
    web = Selector((_is("app", "web"),))
    assert [(peer.pods, peer.namespaces, peer.any_namespace) for peer in peers] == [
        (web, Selector((_is(NAME, "shop"),)), False),
        (web, None, False),
        (Selector(), Selector((_is("team", "a"),)), False),
        (Selector(), None, True),
    ]


def test_the_kinds_of_peers() -> None:
    assert [peer.entity for peer in _peers("toEntities: [world, kube-apiserver]")] == ["world", "kube-apiserver"]
    assert [peer.cidr for peer in _peers("toCIDR: [10.0.0.1, 10.0.0.0/8]")] == ["10.0.0.1", "10.0.0.0/8"]
    sets = _peers("toCIDRSet: [{cidr: 10.0.0.0/8, except: [10.1.0.0/16]}, {cidrGroupRef: office}]")
    assert [(peer.cidr, peer.except_, peer.unknown) for peer in sets] == [
        ("10.0.0.0/8", ("10.1.0.0/16",), ""),
        ("", (), "toCIDRSet"),
    ]
    names = _peers("toFQDNs: [{matchName: API.Example.com.}, {matchPattern: '*.example.com'}]")
    assert [peer.fqdns for peer in names] == [("api.example.com",), ("*.example.com",)]
    assert [peer.unknown for peer in _peers("toServices: [{k8sService: {serviceName: x}}]")] == ["toServices"]
    assert [peer.nodes for peer in _peers("toNodes: [{matchLabels: {pool: a}}]")] == [Selector((_is("pool", "a"),))]
    other = _peers("toEndpoints: [{matchLabels: {'k8s:io.cilium.k8s.policy.cluster': far}}]")
    assert [peer.unknown for peer in other] == ["io.cilium.k8s.policy.cluster"]


@pytest.mark.parametrize(
    ("rule", "peers"),
    [("{}", None), ("toEndpoints: null", None), ("toEndpoints: []", ())],
)
def test_an_empty_list_of_peers_is_no_one_and_none_is_everyone(rule: str, peers: tuple[()] | None) -> None:
    assert _egress(rule).peers == peers


@pytest.mark.parametrize(
    ("ports", "read"),
    [
        ("[]", None),
        ("[{ports: []}]", None),
        ("[{ports: [{port: '80'}]}, {rules: {}}]", None),
        ("[{ports: [{port: '80', protocol: TCP}]}]", [("TCP", 80, None)]),
        ("[{ports: [{port: '80', protocol: tcp}]}]", [("TCP", 80, None)]),
        ("[{ports: [{port: '80', endPort: 90, protocol: ANY}]}]", [("", 80, 90)]),
        ("[{ports: [{port: '0', protocol: UDP}]}]", [("UDP", None, None)]),
        ("[{ports: [{port: HTTP}]}]", [("", "http", None)]),
        ("[{ports: [{port: '0', protocol: VRRP}]}]", []),
    ],
)
def test_ports(ports: str, read: list[tuple[str, int | str | None, int | None]] | None) -> None:
    found = _egress(f"toPorts: {ports}").ports
    assert read == (None if found is None else [(each.protocol, each.port, each.end_port) for each in found])


def test_what_narrows_a_rule_beyond_ports() -> None:
    rule = _egress(
        "{authentication: {mode: required}, toPorts: [{ports: [{port: '53'}], rules: {dns: [{matchName: a.b},\n"
        "   {matchPattern: '*'}]}}, {ports: [{port: '443'}], serverNames: [a.b]}]}"
    )
    assert (rule.l7, rule.dns_patterns) == (("dns", "serverNames", "authentication"), ("a.b", "*"))


def test_icmp_opens_no_port() -> None:
    rule = _egress("icmps: [{fields: [{type: 8}]}]")
    assert (rule.icmp, rule.ports) == (True, ())


def test_every_spec_is_a_policy_and_a_clusterwide_one_selects_namespaces_and_nodes() -> None:
    text = (
        "apiVersion: cilium.io/v2\nkind: CiliumClusterwideNetworkPolicy\nmetadata: {name: x}\nspecs:\n"
        "- endpointSelector: {matchLabels: {'k8s:io.kubernetes.pod.namespace': shop}}\n  ingressDeny: [{}]\n"
        "- nodeSelector: {matchLabels: {pool: a}}\n  ingress: [{fromEntities: [cluster]}]\n"
    )
    pods, nodes = facts_of(text).policies
    assert (pods.key.namespace, pods.namespaces, pods.nodes) == ("", Selector((_is(NAME, "shop"),)), None)
    assert [rule.action for rule in pods.ingress] == ["Deny"]
    assert nodes.nodes == Selector((_is("pool", "a"),))


@pytest.mark.parametrize(
    ("spec", "note"),
    [
        ("ingress: [{}]", "it needs endpointSelector or nodeSelector, and not both: Cilium refuses it"),
        ("endpointSelector: {}", "it has no ingress or egress rules: Cilium refuses it"),
        ("nodeSelector: {}\ningress: [{}]", "only a clusterwide policy selects nodes"),
        ("endpointSelector: {}\negress: [{toEntities: [internet]}]", "'internet' is no entity that Cilium knows"),
        ("endpointSelector: {}\negress: [{toCIDRSet: [{cidr: 10.0.0.1}]}]", "'10.0.0.1' is no address range"),
        ("endpointSelector: {}\negress: [{toFQDNs: [{}]}]", "it names nothing"),
        ("endpointSelector: {}\negress: [{toEndpoint: [{}]}]", "there is no field toEndpoint here"),
        ("endpointSelector: {}\negress: [{fromEndpoints: [{}]}]", "there is no field fromEndpoints here"),
        ("endpointSelector: {}\negress: [{toCIDR: [10.0.0.0/8], toEntities: [world]}]", "stand in one rule"),
        ("endpointSelector: {}\negress: [{icmps: [{fields: [{type: 8}]}], toPorts: [{ports: [{port: '1'}]}]}]",
         "icmps and toPorts stand in one rule"),
        ("endpointSelector: {}\negress: [{toPorts: [{ports: [{port: '70000'}]}]}]", "70000 is no port"),
        ("endpointSelector: {}\negress: [{toPorts: [{ports: [{port: 80}]}]}]", "port must be text, not a number"),
        ("endpointSelector: {}\negress: [{toPorts: [{ports: [{port: '80', protocol: QUIC}]}]}]", "'QUIC' is no"),
    ],
)  # fmt: skip
def test_what_cilium_refuses_is_said(spec: str, note: str) -> None:
    (found,) = notes_of(document("CiliumNetworkPolicy", spec, version=API))
    assert note in found


def test_a_policy_without_spec_is_said() -> None:
    assert notes_of("apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: x}\n") == [
        "1:1 it has neither spec nor specs: Cilium refuses it"
    ]
