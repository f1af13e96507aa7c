"""Which Kustomization applies a file, held against looking at every pair."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from solutio_topology.checks.flux import ends_of, is_any, is_same, is_within, longest_above

_step = st.sampled_from(["rendered", "prod", "a", "b", "apps"])
_path = st.lists(_step, min_size=1, max_size=4).map("/".join)
_file = st.lists(_step, min_size=0, max_size=5).map(lambda steps: "/".join([*steps, "x.yaml"]))


@settings(max_examples=300, deadline=None)
@given(st.lists(_path, max_size=5), st.lists(_file, max_size=5))
def test_the_longest_path_above_a_file_is_found(paths: list[str], files: list[str]) -> None:
    ranked = sorted(dict.fromkeys(paths), key=lambda path: -len(path))
    wanted = {}
    for file in files:
        above = [path for path in ranked if is_within(path, file)]
        if above:
            wanted[file] = above[0]
    assert longest_above(paths, files) == wanted


@settings(max_examples=300, deadline=None)
@given(_path, st.frozensets(_path, max_size=6))
def test_a_path_is_one_of_many_folders_as_it_is_one_of_each(path: str, folders: frozenset[str]) -> None:
    assert is_any(path, folders, ends_of(folders)) == any(is_same(path, folder) for folder in folders)
