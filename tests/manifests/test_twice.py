from __future__ import annotations

from solutio_topology.manifests import Facts
from solutio_topology.manifests.twice import contradictions

from .reading import facts_of

ONE = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {x: z}}\ndata: {k: v}\n"


def _found(facts: Facts) -> list[tuple[int, int]]:
    return [(first.place.document, other.place.document) for first, other in contradictions(facts)]


def test_only_what_differs_contradicts() -> None:
    other = ONE.replace("{k: v}", "{k: w}")
    assert _found(facts_of(f"{ONE}---\n{ONE}---\n{other}---\n{other.replace('name: a', 'name: b')}")) == [(0, 2)]


def test_labels_differ_too_and_what_the_server_writes_does_not_count() -> None:
    exported = ONE.replace("name: a", "name: a, uid: u, resourceVersion: '7'") + "status: {}\n"
    labelled = ONE.replace("x: z", "x: w")
    assert _found(facts_of(f"{ONE}---\n{exported}---\n{labelled}")) == [(0, 2)]


def test_every_object_of_a_generated_name_is_another_one() -> None:
    jobs = "apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: a-}\ndata: {k: %s}\n"
    assert _found(facts_of(jobs % "v" + "---\n" + jobs % "w")) == []
