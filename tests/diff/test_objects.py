"""Objects that differ, on manifests that are written by hand."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from solutio_topology.diff.objects import ObjectChange, compare_objects
from solutio_topology.manifests import read_files

SHOP = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: till, namespace: shop}
spec:
  selector: {matchLabels: {app: till}}
  template:
    metadata: {labels: {app: till}}
    spec:
      containers:
      - {name: till, image: "till:1", env: [{name: MODE, value: day}, {name: DB_PASSWORD, value: s3cret-one}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop}
data:
  a.yaml: "x: 1\\ny: [1, 2]\\n"
  b.json: '{"k": 1}'
  c.toml: "a = 1\\n"
  d.ini: "[s]\\nk = v\\n"
  e.txt: "one\\ntwo\\n"
---
apiVersion: v1
kind: Secret
metadata: {name: keys, namespace: shop}
stringData: {key: s3cret-two}
---
apiVersion: v1
kind: Service
metadata: {name: till, namespace: shop}
spec: {selector: {app: till}, ports: [{port: 80}, {port: 443}]}
"""


def changes(before: str, after: str) -> tuple[ObjectChange, ...]:
    old, new = (read_files({"kit.yaml": text.encode()}).objects for text in (before, after))
    return compare_objects(old, new)


def told(before: str, after: str) -> list[tuple[str, str, list[tuple[str, object, object]]]]:
    return [
        (each.action.value, str(each.key), [(one.pointer, one.before, one.after) for one in each.changes])
        for each in changes(before, after)
    ]


def test_nothing_differs() -> None:
    assert told(SHOP, SHOP) == []


def test_documents_in_another_order_and_layout() -> None:
    parts = SHOP.strip().split("\n---\n")
    assert told(SHOP, "\n---\n".join(reversed(parts))) == []


def test_a_configuration_file_that_says_the_same() -> None:
    after = SHOP.replace('"x: 1\\ny: [1, 2]\\n"', '"y:\\n- 1\\n- 2\\nx: 1 # one\\n"').replace('{"k": 1}', '{ "k":1 }')
    after = after.replace("[s]\\nk = v", "[s]\\nk=v").replace('"a = 1\\n"', '"# a\\na = 1\\n"')
    assert told(SHOP, after) == []


def test_a_configuration_file_that_says_something_else() -> None:
    after = (
        SHOP.replace("x: 1\\n", "x: 2\\n")
        .replace('{"k": 1}', '{"k": 2}')
        .replace("k = v", "k = w")
        .replace("a = 1", "a = 2")
    )
    (found,) = changes(SHOP, after.replace("one\\ntwo", "one\\nthree"))
    assert [(each.pointer, [(one.pointer, one.before, one.after) for one in each.inner]) for each in found.changes] == [
        ("data.a.yaml", [("[0].x", 1, 2)]),
        ("data.b.json", [("k", 1, 2)]),
        ("data.c.toml", [("a", 1, 2)]),
        ("data.d.ini", [("s.k", "v", "w")]),
        ("data.e.txt", []),
    ]


def test_secrets_never_show_but_that_they_changed_does() -> None:
    found = changes(SHOP, SHOP.replace("s3cret", "other-s3cret"))
    assert [(str(each.key), [(one.pointer, one.before, one.after) for one in each.changes]) for each in found] == [
        ("Secret shop/keys", [("stringData.key", "(hidden)", "(hidden)")]),
        (
            "Deployment shop/till",
            [("spec.template.spec.containers[till].env[DB_PASSWORD].value", "(hidden)", "(hidden)")],
        ),
    ]


def test_secrets_do_not_show_in_what_comes_whole() -> None:
    after = SHOP.replace(
        "containers:\n",
        "initContainers: [{name: w, env: [{name: API_TOKEN, value: s3cret-three}]}]\n      containers:\n",
    )
    (found,) = changes(SHOP, after)
    assert "s3cret" not in str(found.changes)
    assert "(hidden)" in str(found.changes)


def test_addresses_keep_their_passwords_to_themselves() -> None:
    before = SHOP.replace("value: day", "value: 'postgres://till:s3cret@db:5432/x'")
    (found,) = changes(before, before.replace("db:5432", "db:5433"))
    assert [(one.before, one.after) for one in found.changes] == [
        ("postgres://till:(hidden)@db:5432/x", "postgres://till:(hidden)@db:5433/x")
    ]


def test_a_reference_to_a_secret_is_shown() -> None:
    before = SHOP.replace("value: s3cret-one", "value: $(OTHER)")
    (found,) = changes(before, before.replace("$(OTHER)", "$(ANOTHER)"))
    assert [(one.before, one.after) for one in found.changes] == [("$(OTHER)", "$(ANOTHER)")]


def test_a_rename_is_one_change() -> None:
    assert told(SHOP, SHOP.replace("metadata: {name: settings,", "metadata: {name: settings-2,")) == [
        ("renamed", "ConfigMap shop/settings-2", [])
    ]


def test_a_move_to_another_namespace_is_one_change() -> None:
    after = SHOP.replace(
        "{name: till, namespace: shop}\nspec: {selector", "{name: till, namespace: mall}\nspec: {selector"
    )
    assert told(SHOP, after) == [("renamed", "Service mall/till", [])]


def test_what_is_too_different_is_no_rename() -> None:
    after = SHOP.replace("metadata: {name: till, namespace: shop}\nspec: {selector: {app: till}, ports: [{port: 80}, {port: 443}]}",
                         "metadata: {name: hall, namespace: shop}\nspec: {selector: {x: y}, clusterIP: None, ports: [{port: 1}]}")  # fmt: skip
    assert [(action, key) for action, key, _ in told(SHOP, after)] == [
        ("added", "Service shop/hall"),
        ("removed", "Service shop/till"),
    ]


def test_another_version_of_the_same_object_is_a_change() -> None:
    before = "apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: a, namespace: b}\nspec: {minAvailable: 1}\n"
    assert told(before, before.replace("v1beta1", "v1")) == [
        ("changed", "PodDisruptionBudget b/a", [("apiVersion", "policy/v1beta1", "policy/v1")])
    ]


@given(st.lists(st.sampled_from(SHOP.strip().split("\n---\n")), unique=True), st.randoms(use_true_random=False))
def test_what_comes_one_way_goes_the_other(kept: list[str], source: random.Random) -> None:
    source.shuffle(kept)
    there, back = changes(SHOP, "\n---\n".join(kept)), changes("\n---\n".join(kept), SHOP)
    assert [(each.key, each.before, each.after) for each in there] == [
        (each.key, each.after, each.before) for each in back
    ]
