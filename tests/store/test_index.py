"""What is remembered between runs: quick where nothing changed, and never wrong where something did."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from solutio_topology import store
from solutio_topology.store.index import times_of

OLD_ENOUGH = 5_000_000_000


def remembered(root: Path, files: dict[str, bytes]) -> store.Index:
    """An index that saw the files long after they were written: as sources, and as one part."""
    for path, data in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
        now = (root / path).stat().st_mtime_ns - OLD_ENOUGH
        os.utime(root / path, ns=(now, now))
    seen = store.look(root, files)
    store.save_index(root, "prod", store.Index(sources=seen, parts={"p": store.Part.of(seen, "inputs", "outside")}))
    return store.load_index(root, "prod")


def told(index: store.Index) -> object:
    """What an index says, without when it was written and how its parts stand there."""
    return replace(index, saved=0, parts={name: replace(part, line="") for name, part in index.parts.items()})


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    (tmp_path / "ä b").write_text("1")
    seen = store.look(tmp_path, ["ä b"])
    index = store.Index(
        renderer="r",
        patterns=("x/*.yaml",),
        sources=seen,
        shared={"base": "b", "pods": {"x/1.yaml": ["one"]}},
        parts={"one": store.Part.of(seen, "i", "o"), "two": store.Part.of({}, "j")},
        complete=True,
    )
    store.save_index(tmp_path, "prod", index)
    found = store.load_index(tmp_path, "prod")
    assert told(found) == told(index)
    assert found.parts["one"].seen() == seen
    assert found.hashes() == {"ä b": store.look(tmp_path, ["ä b"])["ä b"][4]}
    store.save_index(tmp_path, "again", found)
    assert told(store.load_index(tmp_path, "again")) == told(index)


def test_what_is_as_it_was_holds_and_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = remembered(tmp_path, {"a": b"1", "b/c": b"2"})
    index.saved += OLD_ENOUGH  # as if the run had ended later
    monkeypatch.setattr(Path, "read_bytes", lambda self: pytest.fail(f"{self} is read"))
    assert index.holds(tmp_path, "p")
    assert index.changed_sources(tmp_path) == frozenset()


@pytest.mark.parametrize("data", [b"other", b"longer than before", b""], ids=["same size", "longer", "shorter"])
def test_what_changed_does_not_hold(tmp_path: Path, data: bytes) -> None:
    index = remembered(tmp_path, {"a": b"first", "b": b"second"})
    (tmp_path / "a").write_bytes(data)
    assert not index.holds(tmp_path, "p")
    assert index.changed_sources(tmp_path) == {"a"}


@pytest.mark.parametrize("later", [0, OLD_ENOUGH])
def test_a_change_of_the_same_size_with_the_time_set_back_is_seen(tmp_path: Path, later: int) -> None:
    index = remembered(tmp_path, {"a": b"first"})
    before = (tmp_path / "a").stat()
    (tmp_path / "a").write_bytes(b"other")
    os.utime(tmp_path / "a", ns=(before.st_atime_ns, before.st_mtime_ns))
    index.saved += later
    assert not index.holds(tmp_path, "p")
    assert index.changed_sources(tmp_path) == {"a"}


def test_a_change_within_one_tick_of_the_clock_is_seen(tmp_path: Path) -> None:
    """As git's racy entries: what was changed just before the index was written may have changed once more."""
    index = remembered(tmp_path, {"a": b"first"})
    (tmp_path / "a").write_bytes(b"other")
    seen = {"a": (*times_of(f"{tmp_path}/a"), index.sources["a"][4])}
    index.sources, index.parts = seen, {"p": store.Part.of(seen, "inputs")}
    index.saved = (tmp_path / "a").stat().st_mtime_ns
    assert not index.holds(tmp_path, "p")
    assert index.changed_sources(tmp_path) == {"a"}


def test_touched_but_equal_holds_and_is_remembered_anew(tmp_path: Path) -> None:
    index = remembered(tmp_path, {"a": b"1"})
    os.utime(tmp_path / "a")
    assert index.holds(tmp_path, "p")
    assert index.changed_sources(tmp_path) == frozenset()
    now = (tmp_path / "a").stat().st_mtime_ns
    assert (index.sources["a"][1], index.parts["p"].seen()["a"][1]) == (now, now)
    store.save_index(tmp_path, "prod", index)
    assert store.load_index(tmp_path, "prod").parts["p"].seen()["a"][1] == now


def test_what_is_gone_or_unknown_does_not_hold(tmp_path: Path) -> None:
    index = remembered(tmp_path, {"a": b"1"})
    assert not index.holds(tmp_path, "q")
    (tmp_path / "a").unlink()
    assert not index.holds(tmp_path, "p")
    assert index.changed_sources(tmp_path) == {"a"}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 99}', '{"format": 2, "sum": 0}\n', '{"format": 1}\n{}\n'])
def test_a_damaged_memory_is_none(tmp_path: Path, text: str) -> None:
    remembered(tmp_path, {"a": b"1"})
    (tmp_path / ".solutio/prod.jsonl").write_text(text)
    assert store.load_index(tmp_path, "prod") == store.Index()


def test_a_memory_of_which_any_byte_is_another_is_none(tmp_path: Path) -> None:
    remembered(tmp_path, {"a": b"1"})
    path = tmp_path / ".solutio/prod.jsonl"
    data = path.read_bytes()
    for at in range(data.index(b"\n") + 1, len(data)):
        path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        assert store.load_index(tmp_path, "prod") == store.Index(), data[at - 10 : at + 10]
    path.write_bytes(data[:-1])
    assert store.load_index(tmp_path, "prod") == store.Index()


def test_the_time_of_an_earlier_look_is_kept(tmp_path: Path) -> None:
    index = remembered(tmp_path, {"a": b"1"})
    store.save_index(tmp_path, "prod", index, at=index.saved - OLD_ENOUGH)
    assert store.load_index(tmp_path, "prod").saved == index.saved - OLD_ENOUGH


def test_it_is_never_committed_and_can_be_forgotten(tmp_path: Path) -> None:
    remembered(tmp_path, {"a": b"1"})
    assert (tmp_path / ".solutio/.gitignore").read_text() == "*\n"
    assert json.loads((tmp_path / ".solutio/prod.jsonl").read_text().splitlines()[0])["format"] == 2
    store.forget(tmp_path, "prod")
    assert store.load_index(tmp_path, "prod") == store.Index()


@pytest.mark.parametrize(
    "pattern", ["*.yaml", "in/*.yaml", "in/*", "in/.h*", "i?/*.yaml", "**/*.yaml", "in/[ab].yaml", "no/*", "a.yaml/*"]
)
def test_patterns_name_what_they_name_to_pathlib(tmp_path: Path, pattern: str) -> None:
    for name in ("a.yaml", "in/a.yaml", "in/b.yml", "in/.hidden.yaml", "in/deep/c.yaml", "in/A.YAML"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / "in/link.yaml").symlink_to("a.yaml")
    (tmp_path / "in/broken.yaml").symlink_to("nowhere")
    (tmp_path / "in/folder.yaml").mkdir()
    found = {path.relative_to(tmp_path).as_posix() for path in tmp_path.glob(pattern) if path.is_file()}
    assert store.matching(tmp_path, [pattern]) == found
