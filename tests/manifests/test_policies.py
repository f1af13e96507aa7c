from __future__ import annotations

import pytest

from solutio_topology.manifests.facts import Operator, Policy, PolicyRule, Requirement, Selector

from .reading import document, facts_of, notes_of

API = "networking.k8s.io/v1"
WEB = Selector((Requirement("app", Operator.IN, ("web",)),))


def _policy(spec: str) -> Policy:
    (policy,) = facts_of(document("NetworkPolicy", spec, version=API)).policies
    return policy


def _rule(spec: str) -> PolicyRule:
    (rule,) = _policy(f"podSelector: {{}}\ningress:\n- {spec}").ingress
    return rule


@pytest.mark.parametrize(
    ("spec", "closed"),
    [
        ("podSelector: {}", (True, False)),
        ("podSelector: {}\npolicyTypes: []", (True, False)),
        ("podSelector: {}\negress: []", (True, False)),
        ("podSelector: {}\negress: [{}]", (True, True)),
        ("podSelector: {}\npolicyTypes: [Egress]", (False, True)),
        ("podSelector: {}\npolicyTypes: [Ingress, Egress]", (True, True)),
    ],
)
def test_what_a_policy_closes_follows_its_types_and_their_defaults(spec: str, closed: tuple[bool, bool]) -> None:
    policy = _policy(spec)
    assert (policy.isolates_ingress, policy.isolates_egress) == closed


def test_rules_of_a_direction_that_the_types_leave_out_mean_nothing() -> None:
    policy = _policy("podSelector: {}\npolicyTypes: [Egress]\ningress: [{}]")
    assert (policy.ingress, policy.egress) == ((), ())


def test_an_absent_selector_selects_everything_as_an_empty_one() -> None:
    assert _policy("policyTypes: [Ingress]").pods == _policy("podSelector: {}").pods == Selector()


@pytest.mark.parametrize("spec", ["{}", "{from: [], ports: []}", "{from: null, ports: null}"])
def test_absent_and_empty_peers_and_ports_admit_everything(spec: str) -> None:
    rule = _rule(spec)
    assert (rule.peers, rule.ports) == (None, None)


def test_selectors_in_one_peer_and_in_two() -> None:
    both = _rule("from: [{podSelector: {matchLabels: {app: web}}, namespaceSelector: {}}]").peers
    each = _rule("from: [{podSelector: {matchLabels: {app: web}}}, {namespaceSelector: {}}]").peers
    assert both is not None
    assert each is not None
    assert [(peer.pods, peer.namespaces) for peer in both] == [(WEB, Selector())]
    assert [(peer.pods, peer.namespaces) for peer in each] == [(WEB, None), (None, Selector())]


def test_addresses_ports_ranges_and_names() -> None:
    rule = _rule(
        "{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}, {ipBlock: {cidr: '::/0'}}],\n"
        "   ports: [{}, {port: 80}, {port: http, protocol: UDP}, {port: 1000, endPort: 2000, protocol: SCTP}]}"
    )
    assert rule.peers is not None
    assert rule.ports is not None
    assert [(peer.cidr, peer.except_) for peer in rule.peers] == [("10.0.0.0/8", ("10.1.0.0/16",)), ("::/0", ())]
    assert [(port.protocol, port.port, port.end_port) for port in rule.ports] == [
        ("TCP", None, None),
        ("TCP", 80, None),
        ("UDP", "http", None),
        ("SCTP", 1000, 2000),
    ]


@pytest.mark.parametrize(
    ("rule", "note"),
    [
        ("from: [{}]", "8:12 an empty peer: the API server refuses it"),
        ("from: {podSelector: {}}", "8:11 from must be a list, not a map"),
        ("from: [{ipBlock: {cidr: 10.0.0.1}}]", "8:22 '10.0.0.1' is no address range: the API server refuses it"),
        ("from: [{ipBlock: {cidr: 10.0.0.0/255.0.0.0}}]", "8:22 '10.0.0.0/255.0.0.0' is no address range: the API "
         "server refuses it"),
        ("from: [{ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/16]}}]",
         "8:22 except 11.0.0.0/16 is not inside 10.0.0.0/8: the API server refuses it"),
        ("from: [{ipBlock: {cidr: 10.0.0.0/8}, podSelector: {}}]",
         "8:12 ipBlock and a selector stand in one peer: the API server refuses it"),
        ("ports: [{port: '80'}]", '8:20 "80" in quotes is a port name without a letter'),
        ("ports: [{port: 0}]", "8:13 ports are 1 to 65535: the API server refuses this one"),
        ("ports: [{port: 80, endPort: 0}]", "8:13 ports are 1 to 65535: the API server refuses this one"),
        ("ports: [{port: 80.5}]", "8:20 port must be a whole number or a name, not a number"),
        ("ports: [{port: 1:20}]", "8:20 '1:20' cannot name a port: the API server refuses it"),
        ("ports: [{port: a-name-of-17-long}]",
         "8:20 'a-name-of-17-long' cannot name a port: the API server refuses it"),
        ("from: [{ipBlock: {cidr: 'fe80::1%eth0/64'}}]",
         "8:22 'fe80::1%eth0/64' is no address range: the API server refuses it"),
        ("from: [{ipBlock: {cidr: '::ffff:10.0.0.0/104'}}]",
         "8:22 '::ffff:10.0.0.0/104' is a range of IPv4 written as IPv6: network plugins disagree on it"),
        ("form: [{podSelector: {}}]", "8:11 there is no field form here: what it says is not done"),
        ("from: [{podSelector: {}, podselector: {}}]",
         "8:43 there is no field podselector here: what it says is not done"),
        ("from: [{podSelector: {app: web}}]", "8:32 there is no field app here: what it says is not done"),
        ("from: [{podSelector: {matchLabels: {a b: c}}}]",
         "8:26 'a b' cannot be the key of a label: the API server refuses it"),
        ("from: [{podSelector: {matchLabels: {a: c!}}}]",
         "8:26 'c!' cannot be the value of a label: the API server refuses it"),
        ("from: [{podSelector: {matchExpressions: [{operator: Exists}]}}]",
         "8:26 '' cannot be the key of a label: the API server refuses it"),
        ("ports: [{port: 80, endPort: 70000}]", "8:13 ports are 1 to 65535: the API server refuses this one"),
        ("ports: [{port: 80, endPort: 79}]", "8:33 endPort needs a numeric port that is not larger"),
        ("ports: [{port: 80, protocol: HTTP}]", "8:34 'HTTP' is no protocol of a policy"),
        ("from: [{podSelector: {matchExpressions: [{key: a, operator: Gt, values: ['1']}]}}]",
         "8:65 'Gt' is no operator of a label selector"),
        ("from: [{podSelector: {matchExpressions: [{key: a, operator: In}]}}]",
         "8:46 In needs values: the API server refuses this selector"),
        ("from: [{podSelector: {matchLabels: {app: 1}}}]", "8:46 app must be text, not a number"),
    ],
)  # fmt: skip
def test_what_the_api_server_refuses_is_said_with_its_place(rule: str, note: str) -> None:
    assert notes_of(document("NetworkPolicy", f"podSelector: {{}}\ningress:\n- {rule}", version=API)) == [note]


def test_a_peer_that_cannot_be_read_admits_no_one() -> None:
    from solutio_topology.manifests import read_files

    text = document("NetworkPolicy", "podSelector: {}\ningress:\n- from: [{ipBlock: {cidr: x}}]", version=API)
    (policy,) = read_files({"a.yaml": text.encode()}).policies
    assert policy.ingress[0].peers == ()


def test_a_port_that_cannot_be_read_opens_none() -> None:
    from solutio_topology.manifests import read_files

    text = document("NetworkPolicy", "podSelector: {}\ningress:\n- ports: [{port: true}]", version=API)
    (policy,) = read_files({"a.yaml": text.encode()}).policies
    assert policy.ingress[0].ports == ()


def test_numbers_of_json_are_ports() -> None:
    rule = _rule("ports: [{port: 8080.0}]")
    assert rule.ports is not None
    assert [port.port for port in rule.ports] == [8080]
