from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solutio_topology.errors import FileError
from solutio_topology.manifests import locate, read_files, read_tree
from solutio_topology.yamlio import emit

from .reading import facts_of, notes_of, told

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: %s}\nspec: {containers: []}\n"
CASES = Path(__file__).parents[3] / "shared" / "cases" / "reach"


def _write(root: Path, **files: str) -> None:
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_a_tree_is_read_in_the_order_of_its_paths_without_what_is_hidden_or_foreign(tmp_path: Path) -> None:
    _write(tmp_path, b_dot_yml=POD % "b", a__x_dot_yaml=POD % "a", c_dot_json='{"apiVersion": "v1", "kind": "List"}')
    _write(tmp_path, _dot_hidden__x_dot_yaml="]", a___dot_sops_dot_yaml="]", a__README_dot_md="]")
    _write(tmp_path, a__kustomization_dot_yaml="resources: [x.yaml]\n")
    facts = read_tree(tmp_path, display="tree")
    assert told(facts) == []
    assert [str(each.key) for each in facts.workloads] == ["Pod default/a", "Pod default/b"]
    assert [each.folder for each in facts.builds] == ["tree/a"]
    assert [each.file for each in facts.documents] == [
        "tree/a/kustomization.yaml",
        "tree/a/x.yaml",
        "tree/b.yml",
        "tree/c.json",
    ]


def test_a_link_to_nothing_is_an_error_and_one_to_a_folder_is_passed_over(tmp_path: Path) -> None:
    _write(tmp_path, a_dot_yaml=POD % "a")
    (tmp_path / "loop").symlink_to(".")
    assert len(read_tree(tmp_path).workloads) == 1
    for target in ("nowhere.yaml", "b.yaml"):
        (tmp_path / "b.yaml").unlink(missing_ok=True)
        (tmp_path / "b.yaml").symlink_to(target)
        with pytest.raises(FileError, match=r"b\.yaml: "):
            read_tree(tmp_path)


def test_a_folder_that_is_none_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="is not a folder"):
        read_tree(tmp_path / "none", display="")


def test_lists_are_unpacked_and_places_go_through_their_items() -> None:
    text = """\
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Service
  metadata: {name: a}
  spec: {ports: [{port: 80}]}
- kind: DeploymentList
  apiVersion: apps/v1
  items: [{metadata: {name: b}, spec: {template: {spec: {containers: []}}}}]
"""
    facts = facts_of(text)
    assert [str(each.key) for each in facts.objects] == ["Service default/a", "Deployment default/b"]
    place = locate(facts, facts.services[0].ports[0].place)
    assert (place.line, place.column, place.pointer) == (7, 18, "/items/0/spec/ports/0")
    assert facts_of("apiVersion: v1\nkind: List\nitems: null\n").objects == ()


def test_namespaces_are_declared_or_mentioned() -> None:
    text = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {team: a}}\n---\n" + POD % "x"
    assert facts_of(text).namespaces == {
        "default": {"kubernetes.io/metadata.name": "default"},
        "shop": {"kubernetes.io/metadata.name": "shop", "team": "a"},
    }
    lie = text.replace("team: a", "kubernetes.io/metadata.name: other")
    assert facts_of(lie).namespaces["shop"] == {"kubernetes.io/metadata.name": "shop"}


def test_instructions_for_kustomize_are_no_objects() -> None:
    text = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches: []\n"
    assert facts_of(text).objects == ()


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("a: [\n", "2:1 not YAML: did not find expected node content while parsing a flow node"),
        ("- a\n", "1:1 a Kubernetes object must be a map, not a list"),
        ("just text\n", "1:1 a Kubernetes object must be a map, not text"),
        ("a: 1\n", "1:1 this is no Kubernetes object: it has no apiVersion"),
        ("apiVersion: v1\n", "1:1 this is no Kubernetes object: it has no kind"),
        ("apiVersion: v1\nkind: Pod\n", "1:1 Pod has no metadata.name"),
        ("apiVersion: v1\nkind: Pod\nmetadata: []\n", "3:11 metadata must be a map, not a list"),
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: x, name: x}\n",
         "3:21 the key 'name' stands twice in one map, first on line 3"),
        ("apiVersion: v1\nkind: Pod\n---\n\na: 1\na: 2\n", "6:1 the key 'a' stands twice in one map, first on line 5"),
        ("apiVersion: v1\nkind: List\nitems: text\n", "1:1 the items of a List must be a list"),
        ("apiVersion: v1\nkind: List\nitems: [1]\n", "3:9 a Kubernetes object must be a map, not a number"),
    ],
)  # fmt: skip
def test_what_is_no_object_is_said_with_its_place(text: str, note: str) -> None:
    assert note in notes_of(text)


def test_a_bad_document_hides_no_other() -> None:
    facts = read_files({"a.yaml": f"{POD % 'a'}---\nb: [\n---\n{POD % 'c'}".encode(), "b.yaml": (POD % "d").encode()})
    assert [each.key.name for each in facts.workloads] == ["a", "c", "d"]
    assert [note.split(" ")[0] for note in told(facts)] == ["7:1"]


VALUE = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 70000), st.text(max_size=6)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)),
    max_leaves=10,
)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(st.dictionaries(st.text(max_size=6), VALUE, min_size=1, max_size=3), min_size=1, max_size=3))
def test_what_is_emitted_is_read_as_the_same_objects(specs: list[dict[str, object]]) -> None:
    objects = [
        {"apiVersion": "example.com/v1", "kind": "Any", "metadata": {"name": f"o{index}"}, "spec": spec}
        for index, spec in enumerate(specs)
    ]
    facts = read_files({"a.yaml": emit(objects, header="made")})
    assert [each.body for each in facts.objects] == objects


@pytest.mark.skipif(not CASES.is_dir(), reason="the shared corpus is not here")
def test_the_corpus_is_read_without_anything_unreadable() -> None:
    cases = sorted(path for path in CASES.iterdir() if path.is_dir())
    unread = {case.name: notes for case in cases if (notes := told(read_tree(case / "manifests", display="")))}
    assert unread == {}
    assert len(cases) == 48


def test_equal_texts_of_different_files_are_one_and_nothing_else_becomes_equal() -> None:
    text = (
        b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\nx: {true: [1, 1.0, true, '1'], 1: one, long: a b c}\n"
    )
    first, second = read_files({"a.yaml": text % b"a", "b.yaml": text % b"b"}).objects
    assert first.body["x"] == second.body["x"]
    assert [repr(item) for item in first.body["x"].values()] == ["[1, 1.0, True, '1']", "'one'", "'a b c'"]
    assert first.body["x"]["long"] is second.body["x"]["long"]
    assert [key for key in first.body if key not in second.body] == []
    assert all(one is other for one, other in zip(first.body, second.body, strict=True))
