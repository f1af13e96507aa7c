"""Generated clusters: a few namespaces, pods and policies in which every feature of a policy can meet another."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

Doc = dict[str, Any]

NAMESPACES = ("default", "red", "blue")
KEYS = ("app", "tier", "kubernetes.io/metadata.name")
VALUES = ("a", "b", "red")
PROTOCOLS = ("TCP", "UDP", "SCTP")
NAMES = ("web", "dns")
NUMBERS = (53, 80, 81, 8080)

CIDRS = (
    ("0.0.0.0/0", ("10.0.0.0/8", "192.0.2.128/25")),
    ("192.0.2.0/24", ("192.0.2.128/25", "192.0.2.7/32")),
    ("10.0.0.0/8", ("10.1.0.0/16",)),
    ("::/0", ("2001:db8::/32",)),
    ("2001:db8::/32", ("2001:db8:1::/48",)),
)
ADDRESSES = (
    "0.0.0.0",
    "10.0.0.1",
    "10.1.2.3",
    "192.0.2.6",
    "192.0.2.7",
    "192.0.2.127",
    "192.0.2.128",
    "255.255.255.255",
)
ADDRESSES_V6 = ("::1", "2001:db7:ffff::", "2001:db8::1", "2001:db8:1::1", "ffff::")
PORTS = (1, 53, 79, 80, 81, 82, 8080, 65535)


def _labels() -> st.SearchStrategy[dict[str, str]]:
    return st.dictionaries(st.sampled_from(KEYS[:2]), st.sampled_from(VALUES), max_size=2)


def _expression() -> st.SearchStrategy[Doc]:
    values = st.lists(st.sampled_from(VALUES), min_size=1, max_size=2, unique=True)
    key = st.sampled_from(KEYS)
    listed = st.builds(
        lambda k, o, v: {"key": k, "operator": o, "values": v}, key, st.sampled_from(("In", "NotIn")), values
    )
    bare = st.builds(lambda k, o: {"key": k, "operator": o}, key, st.sampled_from(("Exists", "DoesNotExist")))
    return listed | bare


def selectors() -> st.SearchStrategy[Doc]:
    """Label selectors with every operator; often empty."""
    return st.fixed_dictionaries(
        {}, optional={"matchLabels": _labels(), "matchExpressions": st.lists(_expression(), max_size=2)}
    )


@st.composite
def _pod(draw: st.DrawFn, number: int) -> Doc:
    ports = draw(
        st.lists(
            st.tuples(st.sampled_from(NAMES), st.sampled_from(NUMBERS), st.sampled_from(PROTOCOLS)),
            max_size=3,
            unique_by=lambda each: (each[0], each[2]),
        )
    )
    declared = [{"name": a, "containerPort": b, "protocol": c} for a, b, c in ports]
    # A port name is unique within a container, so each gets one of its own.
    containers = [{"name": f"c{i}", "image": "x", "ports": [port]} for i, port in enumerate(declared)]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": f"pod{number}", "namespace": draw(st.sampled_from(NAMESPACES)), "labels": draw(_labels())},
        "spec": {"containers": containers or [{"name": "c", "image": "x"}]},
    }


@st.composite
def _port(draw: st.DrawFn) -> Doc:
    found: Doc = {}
    if draw(st.booleans()):
        found["protocol"] = draw(st.sampled_from(PROTOCOLS))
    shape = draw(st.sampled_from(("none", "name", "number", "range")))
    if shape == "name":
        found["port"] = draw(st.sampled_from(NAMES))
    elif shape != "none":
        found["port"] = draw(st.sampled_from(NUMBERS))
    if shape == "range":
        found["endPort"] = found["port"] + draw(st.sampled_from((0, 1, 30)))
    return found


@st.composite
def _peer(draw: st.DrawFn) -> Doc:
    if draw(st.integers(0, 2)) == 0:
        cidr, holes = draw(st.sampled_from(CIDRS))
        kept = draw(st.lists(st.sampled_from(holes), max_size=2, unique=True))
        return {"ipBlock": {"cidr": cidr, **({"except": kept} if kept else {})}}
    found: Doc = {}
    if draw(st.booleans()):
        found["namespaceSelector"] = draw(selectors())
    if not found or draw(st.booleans()):
        found["podSelector"] = draw(selectors())
    return found


def _rule(peers: str) -> st.SearchStrategy[Doc]:
    return st.fixed_dictionaries(
        {}, optional={peers: st.lists(_peer(), max_size=2), "ports": st.lists(_port(), max_size=2)}
    )


@st.composite
def _policy(draw: st.DrawFn, number: int) -> Doc:
    spec: Doc = {"podSelector": draw(selectors())}
    if draw(st.booleans()):
        spec["policyTypes"] = draw(st.sampled_from((["Ingress"], ["Egress"], ["Ingress", "Egress"])))
    if draw(st.booleans()):
        spec["ingress"] = draw(st.lists(_rule("from"), max_size=2))
    if draw(st.booleans()):
        spec["egress"] = draw(st.lists(_rule("to"), max_size=2))
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": f"policy{number}", "namespace": draw(st.sampled_from(NAMESPACES))},
        "spec": spec,
    }


def _cilium_selector() -> st.SearchStrategy[Doc]:
    return st.fixed_dictionaries({}, optional={"matchLabels": _labels()})


@st.composite
def _cilium_peer(draw: st.DrawFn) -> Doc:
    found = draw(_cilium_selector())
    if draw(st.booleans()):
        name = {"k8s:io.kubernetes.pod.namespace": draw(st.sampled_from(NAMESPACES))}
        found = {"matchLabels": {**found.get("matchLabels", {}), **name}}
    return found


@st.composite
def _cilium_ports(draw: st.DrawFn) -> list[Doc]:
    first = draw(st.sampled_from(NUMBERS))
    port: Doc = {"port": str(first), "protocol": draw(st.sampled_from((*PROTOCOLS, "ANY")))}
    if draw(st.booleans()):
        port["endPort"] = first + draw(st.sampled_from((1, 30)))
    return [{"ports": [port]}]


@st.composite
def _cilium_rule(draw: st.DrawFn, prefix: str) -> Doc:
    shape = draw(st.sampled_from(("endpoints", "entities", "cidr", "none")))
    found: Doc = {}
    if shape == "endpoints":
        found[f"{prefix}Endpoints"] = draw(st.lists(_cilium_peer(), min_size=1, max_size=2))
    elif shape == "entities":
        found[f"{prefix}Entities"] = [draw(st.sampled_from(("all", "world", "cluster")))]
    elif shape == "cidr":
        found[f"{prefix}CIDR"] = [draw(st.sampled_from([cidr for cidr, _ in CIDRS]))]
    if draw(st.booleans()):
        found["toPorts"] = draw(_cilium_ports())
    return found


@st.composite
def _cilium_policy(draw: st.DrawFn, number: int) -> Doc:
    spec: Doc = {"endpointSelector": draw(_cilium_selector())}
    for section, prefix in (("ingress", "from"), ("egress", "to"), ("ingressDeny", "from"), ("egressDeny", "to")):
        if draw(st.integers(0, 2)) == 0:
            spec[section] = draw(st.lists(_cilium_rule(prefix), min_size=1, max_size=2))
    if len(spec) == 1:
        spec["ingress"] = [{}]
    if draw(st.integers(0, 3)) == 0:
        spec["enableDefaultDeny"] = {draw(st.sampled_from(("ingress", "egress"))): draw(st.booleans())}
    return {
        "apiVersion": "cilium.io/v2",
        "kind": "CiliumNetworkPolicy",
        "metadata": {"name": f"cilium{number}", "namespace": draw(st.sampled_from(NAMESPACES))},
        "spec": spec,
    }


def _admin_subject() -> st.SearchStrategy[Doc]:
    pods = st.fixed_dictionaries({"namespaceSelector": selectors(), "podSelector": selectors()})
    return st.fixed_dictionaries({"namespaces": selectors()}) | st.fixed_dictionaries({"pods": pods})


def _admin_port() -> st.SearchStrategy[Doc]:
    number, protocol = st.sampled_from(NUMBERS), st.sampled_from(PROTOCOLS)
    return (
        st.builds(lambda n, p: {"portNumber": {"port": n, "protocol": p}}, number, protocol)
        | st.builds(lambda n, p: {"portRange": {"start": n, "end": n + 30, "protocol": p}}, number, protocol)
        | st.builds(lambda name: {"namedPort": name}, st.sampled_from(NAMES))
    )


@st.composite
def _admin_rule(draw: st.DrawFn, peers: str, actions: tuple[str, ...]) -> Doc:
    peer = _admin_subject()
    if peers == "to":
        peer |= st.sampled_from(({"networks": ["0.0.0.0/0"]}, {"networks": ["192.0.2.0/24"]}))
    found: Doc = {"action": draw(st.sampled_from(actions)), peers: [draw(peer)]}
    if draw(st.booleans()):
        found["ports"] = draw(st.lists(_admin_port(), min_size=1, max_size=2))
    return found


@st.composite
def _admin_policy(draw: st.DrawFn, priority: int) -> Doc:
    """Priority -1 is the baseline."""
    actions = ("Allow", "Deny", "Pass") if priority >= 0 else ("Allow", "Deny")
    spec: Doc = {"subject": draw(_admin_subject()), **({"priority": priority} if priority >= 0 else {})}
    for section, peers in (("ingress", "from"), ("egress", "to")):
        spec[section] = draw(st.lists(_admin_rule(peers, actions), max_size=2))
    return {
        "apiVersion": "policy.networking.k8s.io/v1alpha1",
        "kind": "AdminNetworkPolicy" if priority >= 0 else "BaselineAdminNetworkPolicy",
        "metadata": {"name": f"admin{priority}" if priority >= 0 else "default"},
        "spec": spec,
    }


@st.composite
def admin_worlds(draw: st.DrawFn) -> list[Doc]:
    """A cluster with AdminNetworkPolicies and a baseline besides its NetworkPolicies."""
    docs = draw(worlds())
    docs += [draw(_admin_policy(priority)) for priority in (20, 3)[: draw(st.integers(1, 2))]]
    return docs + ([draw(_admin_policy(-1))] if draw(st.booleans()) else [])


@st.composite
def worlds(draw: st.DrawFn, *, cilium: bool = False) -> list[Doc]:
    """Documents of one cluster: some of the namespaces declared with labels, pods, policies."""
    docs: list[Doc] = []
    for name in draw(st.lists(st.sampled_from(NAMESPACES), max_size=3, unique=True)):
        docs.append({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": draw(_labels())}})
    docs += [draw(_pod(number)) for number in range(draw(st.integers(2, 4)))]
    docs += [draw(_policy(number)) for number in range(draw(st.integers(0 if cilium else 1, 3)))]
    if cilium:
        docs += [draw(_cilium_policy(number)) for number in range(draw(st.integers(1, 2)))]
    return docs
