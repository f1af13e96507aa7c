from __future__ import annotations

import pytest

from solutio_topology.manifests.facts import Operator, Requirement, Selector

from .reading import document, facts_of, notes_of

API = "policy.networking.k8s.io/v1alpha1"
RULES = """\
priority: 7
subject: {pods: {namespaceSelector: {matchLabels: {team: a}}, podSelector: {matchLabels: {app: web}}}}
ingress:
- {action: Pass, from: [{namespaces: {}}, {pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: x}}}}]}
egress:
- action: Deny
  to: [{networks: [10.0.0.0/8, '::/0']}, {domainNames: ['*.Example.com.']}]
  ports: [{portNumber: {protocol: UDP, port: 53}}, {portRange: {protocol: TCP, start: 1, end: 9}}, {namedPort: dns}]
"""


def _label(key: str, value: str) -> Selector:
    return Selector((Requirement(key, Operator.IN, (value,)),))


def test_an_admin_policy_is_read_whole() -> None:
    (policy,) = facts_of(document("AdminNetworkPolicy", RULES, version=API)).policies
    assert (policy.priority, policy.namespaces, policy.pods) == (7, _label("team", "a"), _label("app", "web"))
    assert (policy.isolates_ingress, policy.isolates_egress) == (False, False)
    (ingress,), (egress,) = policy.ingress, policy.egress
    assert (ingress.action, ingress.ports) == ("Pass", None)
    assert [(peer.namespaces, peer.pods) for peer in ingress.peers or ()] == [
        (Selector(), Selector()),
        (Selector(), _label("app", "x")),
    ]
    assert [(peer.cidr, peer.fqdns) for peer in egress.peers or ()] == [
        ("10.0.0.0/8", ()),
        ("::/0", ()),
        ("", ("*.example.com",)),
    ]
    assert [(port.protocol, port.port, port.end_port) for port in egress.ports or ()] == [
        ("UDP", 53, None),
        ("TCP", 1, 9),
        ("", "dns", None),
    ]


def test_the_baseline_selects_namespaces() -> None:
    spec = "subject: {namespaces: {matchLabels: {team: a}}}\ningress: [{action: Deny, from: [{namespaces: {}}]}]"
    (policy,) = facts_of(document("BaselineAdminNetworkPolicy", spec, version=API, name="default")).policies
    assert (policy.key.kind, policy.namespaces, policy.pods) == (
        "BaselineAdminNetworkPolicy",
        _label("team", "a"),
        Selector(),
    )


@pytest.mark.parametrize(
    ("spec", "note"),
    [
        ("subject: {}", "6:12 a subject is either namespaces or pods: the API server refuses this one"),
        ("subject: {namespaces: {}}\ningress: [{action: deny, from: [{namespaces: {}}]}]",
         "7:13 'deny' is no action: the API server refuses it"),
        ("subject: {namespaces: {}}\ningress: [{action: Deny}]",
         "7:13 a rule needs from: the API server refuses one without"),
        ("subject: {namespaces: {}}\negress: [{action: Deny, from: [{namespaces: {}}], to: [{namespaces: {}}]}]",
         "7:33 there is no field from here: what it says is not done"),
        ("subject: {namespaces: {}}\ningress: [{action: Deny, from: [{namespaces: {}}], "
         "ports: [{portRange: {start: 9, end: 3}}]}]",
         "7:62 ports are 1 to 65535, and a range ends behind its start"),
        ("subject: {namespaces: {}}\ningress: [{action: Deny, from: [{namespaces: {}}], "
         "ports: [{portNumber: {port: 0}}]}]",
         "7:62 ports are 1 to 65535, and a range ends behind its start"),
    ],
)  # fmt: skip
def test_what_the_api_server_refuses_is_said(spec: str, note: str) -> None:
    assert notes_of(document("AdminNetworkPolicy", spec, version=API)) == [note]
