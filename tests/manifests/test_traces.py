"""What pieces of YAML give away, and that nothing else of them is taken out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solutio_topology.manifests.traces import KINDS, Trace, Traces, pieces, split_image, traces
from solutio_topology.yamlio import read_value


def _found(text: str, **options: Any) -> set[tuple[str, str]]:
    value, _ = read_value(text.encode())
    return {(each.kind, each.value) for each in traces(value, **options)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("image: mongo:7", {("image", "mongo")}),
        (
            "image: {registry: docker.io, repository: bitnami/mongodb, tag: 7}",
            {("image", "docker.io/bitnami/mongodb"), ("host", "docker.io")},
        ),
        ("image: {name: solutio-api, tag: 1.0.1}", {("image", "solutio-api")}),
        ("imageCatalogRef: {name: pg, major: 17}", {("image", "postgres")}),
        ("chart: {spec: {chart: mongodb}}", {("chart", "mongodb")}),
        ("chartRef: {kind: OCIRepository, name: mongodb}", {("chart", "mongodb")}),
        ("env: [{name: TWILIO_SID, value: x}]", {("variable", "TWILIO_SID")}),
        ("env: {TWILIO_SID: x}", {("variable", "TWILIO_SID")}),
        ("env: TWILIO_SID", {("variable", "TWILIO_SID")}),
        ("args: [--queue=all]", {("package", "--queue"), ("package", "all")}),
        ("command: [npx, 'astro preview']", {("package", "npx"), ("package", "astro"), ("package", "preview")}),
        ("extensions: [vector]", {("extension", "vector")}),
        ("extensions: [{name: vector}, {name: gone, ensure: absent}]", {("extension", "vector")}),
        ("extensions: {vector: public}", {("extension", "vector")}),
        ("sql: ['create extension if not exists \"vector\" cascade']", {("extension", "vector")}),
        ("shared_preload_libraries: [vectors.so]", {("preload", "vectors"), ("host", "vectors.so")}),
        (
            "parameters: {shared_preload_libraries: 'timescaledb, pg_cron'}",
            {("preload", "timescaledb"), ("preload", "pg_cron")},
        ),
        (
            "conf: \"shared_preload_libraries = 'timescaledb,pg_cron'\"",
            {("preload", "timescaledb"), ("preload", "pg_cron")},
        ),
        ("annotations: {eks.amazonaws.com/role-arn: arn}", {("key", "eks.amazonaws.com/role-arn")}),
        ("nodeSelector: {eks.amazonaws.com/nodegroup: a}", {("key", "eks.amazonaws.com/nodegroup")}),
        ("provisioner: ebs.csi.aws.com", {("key", "ebs.csi.aws.com"), ("host", "ebs.csi.aws.com")}),
        ("toFQDNs: [{matchPattern: '*.twilio.com'}]", {("host", "*.twilio.com")}),
        ("ports: [{port: '27017'}]", {("port", "27017")}),
        ("status: {image: mongo}", set()),
        ("text: |\n  kind: Pod\n  image: mongo:7\n", {("image", "mongo")}),
        ("password: plain words without anything", set()),
    ],
)
def test_what_is_found(text: str, expected: set[tuple[str, str]]) -> None:
    assert _found(text) == expected


def test_of_an_address_only_the_scheme_and_the_host() -> None:
    text = "value: 'mongodb+srv://root:hunter2@c0.mongodb.net:27017/db?key=hunter2'"
    assert _found(text) == {("scheme", "mongodb+srv"), ("host", "c0.mongodb.net")}


def test_the_values_below_an_opaque_key_are_not_read() -> None:
    text = "stringData: {TOKEN: 'https://api.twilio.com', image: mongo}"
    assert _found(text, opaque=frozenset({"stringData"})) == {("variable", "TOKEN"), ("variable", "image")}


def test_a_copy_of_the_object_in_an_annotation_is_not_read() -> None:
    text = "annotations: {kubectl.kubernetes.io/last-applied-configuration: 'https://api.twilio.com'}"
    assert _found(text) == {("key", "kubectl.kubernetes.io/last-applied-configuration")}


def test_it_says_where() -> None:
    value, _ = read_value(b"spec: {containers: [{image: 'mongo:7.0'}]}")
    assert list(traces(value)) == [Trace("image", "mongo", ("spec", "containers", 0, "image"), "7.0")]


def test_a_program_in_a_path_is_found_by_its_name_and_its_package() -> None:
    found = {
        value for kind, value in _found("command: [node, node_modules/@nestjs/cli/bin/nest.js]") if kind == "package"
    }
    assert found == {"node", "node_modules/@nestjs/cli/bin/nest.js", "nest.js", "nest", "@nestjs/cli"}


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("mongo", ("mongo", "")),
        ("mongo:7", ("mongo", "7")),
        ("localhost:5000/mongo", ("localhost:5000/mongo", "")),
        ("localhost:5000/mongo:7@sha256:ab", ("localhost:5000/mongo", "7")),
    ],
)
def test_an_image_and_its_tag(image: str, expected: tuple[str, str]) -> None:
    assert split_image(image) == expected


_leaf = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
_key = (
    st.sampled_from(["image", "env", "extensions", "chart", "args", "labels", "port", "imageCatalogRef", "x"])
    | st.text()
)
_tree = st.recursive(_leaf, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_key, inner, max_size=3))


@given(_tree)
def test_any_tree_can_be_read_and_every_trace_stands_where_it_says(tree: Any) -> None:
    for each in traces(tree):
        assert each.kind in KINDS
        value = tree
        for step in each.pointer:
            is_key = isinstance(value, dict) and step in value
            assert is_key or (isinstance(value, list) and isinstance(step, int))
            value = value[step]


@given(_tree, st.sets(st.sampled_from(KINDS)), st.sampled_from([frozenset(), frozenset({"env", "x"})]))
def test_what_is_wanted_of_trees_that_share_parts_is_what_each_has(
    tree: Any, kinds: set[str], opaque: frozenset[str]
) -> None:
    reader = Traces(lambda each: each.kind in kinds, opaque)
    for whole in (tree, {"x": tree, "env": [tree]}, [tree, tree]):
        assert list(reader.of(whole)) == [each for each in traces(whole, opaque=opaque) if each.kind in kinds]


@given(st.text())
def test_a_piece_is_a_part_of_its_text(text: str) -> None:
    assert all(value.lower() in text.lower() for _, value in pieces(text))
