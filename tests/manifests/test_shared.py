"""Files that several tenant pods share, read as if some of them were not there."""

from __future__ import annotations

import pytest

from solutio_topology.manifests.shared import InseparableError, Shares, read_shares, without_pods
from solutio_topology.manifests.tokens import names_of
from solutio_topology.yamlio import read_manifests

NAMES = names_of((name, None, None) for name in ("one", "two", "six"))
POLICY = """\
# Generated
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: gate
spec:
  egress:
  - to:
    - namespaceSelector:
        matchLabels:
          name: ns-one
      podSelector: {}
    - namespaceSelector:
        matchLabels:
          name: ns-two

    - namespaceSelector: {matchLabels: {name: ns-six}}
    - ipBlock: {cidr: 10.0.0.0/8}
    ports:
    - port: 80
"""


def said(text: str) -> Shares:
    found = Shares()
    read_shares("gate.yaml", text.encode(), NAMES, found)
    return found


def test_an_item_that_goes_leaves_its_lines_empty() -> None:
    text = without_pods(POLICY.encode(), NAMES, frozenset({"two"})).decode()
    assert text.count("\n") == POLICY.count("\n")
    assert text.splitlines()[12:15] == ["", "", ""]
    (document,), faults = read_manifests(text.encode())
    assert faults == []
    (rule,) = document.value["spec"]["egress"]
    assert [*rule["to"][0]["namespaceSelector"]["matchLabels"].values()] == ["ns-one"]
    assert len(rule["to"]) == 3


def test_nobody_goes_who_is_not_named() -> None:
    assert without_pods(POLICY.encode(), NAMES, frozenset()) == POLICY.encode()


@pytest.mark.parametrize(
    "text",
    [
        "spec:\n  to:\n  - ns-two\n",
        "spec: {to: [ns-one, ns-two]}\n",
        "spec:\n  to: [ns-one, ns-two]\n",
        "a: ns-two\nb: [1]\n",
        "ns-two: 1\n",
    ],
    ids=["the last of a list", "flow style", "flow style below", "a value", "a key"],
)
def test_what_cannot_be_taken_out_is_refused_or_told_to_be_inseparable(text: str) -> None:
    try:
        found = without_pods(text.encode(), NAMES, frozenset({"two"}))
    except InseparableError:
        return
    assert found == text.encode()
    assert said(text).inseparable == {"two"}


def test_equal_words_are_said_of_equals() -> None:
    found = said(POLICY.replace("      podSelector: {}\n", "").replace("{matchLabels: {name: ns-six}}", "\n" + SIX))
    assert found.inseparable == set()
    assert found.of("one") == found.of("two") == found.of("six")
    assert len(found.of("one")) == 1


SIX = "        matchLabels:\n          name: ns-six\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("ns-two\n", "ns-two-b\n"),
        ("    - namespaceSelector:\n        matchLabels:\n          name: ns-two\n", ""),
        (
            "    - namespaceSelector:\n        matchLabels:\n          name: ns-two\n",
            "    - ipBlock: {cidr: 1.1.1.1/32}\n",
        ),
    ],
    ids=["other words", "nothing", "nothing, and everybody else moved"],
)
def test_other_words_are_said_of_others(old: str, new: str) -> None:
    found = said(POLICY.replace("      podSelector: {}\n", "").replace(old, new))
    assert found.of("one") != found.of("two")


@pytest.mark.parametrize("comment", ["# about one\n", "a: 1 # two\n"])
def test_a_comment_says_nothing_and_stops_nothing_but_equality(comment: str) -> None:
    assert said(comment + POLICY.replace("ns-one", "x").replace("ns-two", "y")).inseparable <= {"one", "two", "six"}


def test_several_in_one_item_are_looked_at_one_level_deeper() -> None:
    text = "spec:\n  rules:\n  - hosts:\n    - a.one.example\n    - a.two.example\n    - a.six.example\n"
    assert said(text).of("one") == said(text).of("six")
    left = without_pods(text.encode(), NAMES, frozenset({"six"}))
    assert read_manifests(left)[0][0].value == {"spec": {"rules": [{"hosts": ["a.one.example", "a.two.example"]}]}}


def test_what_cannot_be_read_is_inseparable() -> None:
    assert said("a: [ns-one\n").inseparable == {"one"}
