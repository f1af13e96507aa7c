"""Rendering a fleet part by part: only what changed, one tenant pod, shares of it, and cut off in the middle."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bench import fleet
from solutio_topology import store
from solutio_topology.errors import FileError, SolutioError
from solutio_topology.workflows import render, spread
from solutio_topology.workflows.project import open_project
from solutio_topology.workflows.render import Scope, check_environment, write_topology

COUNT = 4
NAMES = tuple(fleet.name_of(index) for index in range(COUNT))


def tree(folder: Path) -> dict[str, bytes]:
    """Everything that is to be committed."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for top in ("overlays", "rendered")
        for path in sorted((folder / top).rglob("*"))
        if path.is_file()
    }


def bump(folder: Path, pod: str) -> None:
    at = folder / f"customers/{pod}.yaml"
    at.write_text(at.read_text().replace("50Gi", "70Gi"))


def write(folder: Path, scope: Scope = render.ALL) -> store.Written:
    return write_topology(folder / "topology.yaml", "prod", scope=scope)


def rendered_parts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The parts that are rendered from now on."""
    found: list[str] = []
    original = render.Renderer.part

    def part(self: render.Renderer, name: str, *, only_lists: bool = False) -> tuple[dict[str, bytes], dict[str, str]]:
        found.append(name)
        return original(self, name, only_lists=only_lists)

    monkeypatch.setattr(render.Renderer, "part", part)
    return found


def test_nothing_to_do_opens_no_topology(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = write(copied)  # a copy has other times: it is looked at once
    monkeypatch.setattr(render, "open_project", lambda _given: pytest.fail("the topology is opened"))
    assert write(copied) == first == store.Written((), (), first.unchanged)
    assert first.unchanged == len(tree(copied)) - COUNT - 2


def test_one_that_changed_is_rendered_and_no_other_customer(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(copied)
    bump(copied, NAMES[2])
    parts = rendered_parts(monkeypatch)
    assert write(copied).written == tuple(
        f"{top}/prod/{NAMES[2]}/data/{name}"
        for top, name in (("overlays", "kustomization.yaml"), ("rendered", "pg.yaml"))
    )
    assert parts == [NAMES[2]]


def test_what_is_written_in_steps_is_what_is_written_at_once(copied: Path, tmp_path: Path) -> None:
    bump(copied, NAMES[1])
    write(copied)
    (copied / f"customers/{NAMES[3]}.yaml").unlink()
    write(copied)
    fresh = Path(shutil.copytree(copied, tmp_path / "fresh", ignore=shutil.ignore_patterns("rendered", "overlays")))
    shutil.rmtree(fresh / ".solutio")
    write(fresh)
    assert tree(fresh) == tree(copied)


@pytest.mark.parametrize("how", ["edited", "same size", "removed", "inventory removed"])
def test_a_file_that_is_not_as_it_was_is_never_missed(copied: Path, how: str) -> None:
    write(copied)
    before = tree(copied)
    path = f"rendered/prod/{NAMES[1]}/apps/api.yaml"
    if how == "inventory removed":
        path = f"rendered/prod/.inventory/{NAMES[1]}.json"
    data = (copied / path).read_bytes()
    if "removed" in how:
        (copied / path).unlink()
        write(copied)
        assert tree(copied) == before
        return
    times = (copied / path).stat()
    (copied / path).write_bytes(data + b"# mine\n" if how == "edited" else data.replace(b"api", b"apj", 1))
    os.utime(copied / path, ns=(times.st_atime_ns, times.st_mtime_ns))
    with pytest.raises(FileError, match=f"{path}: changed by hand"):
        write(copied)
    assert check_environment(open_project(copied / "topology.yaml"), "prod").edited == (path,)


def test_a_new_file_of_a_pattern_is_seen(copied: Path) -> None:
    write(copied)
    (copied / "customers/new.yaml").write_text("pods: {new: {tier: enterprise, orgs: [org-new]}}\n")
    assert "rendered/prod/new/apps/api.yaml" in write(copied).written


def test_one_tenant_pod_alone(copied: Path) -> None:
    for pod in NAMES[:2]:
        bump(copied, pod)
    write(copied, Scope(pod=NAMES[0]))
    drift = check_environment(open_project(copied / "topology.yaml"), "prod")
    assert drift.changed == tuple(sorted(f"{top}/prod/{NAMES[1]}/data/{name}" for top, name in PAIRS))
    write(copied)
    assert check_environment(open_project(copied / "topology.yaml"), "prod").clean


PAIRS = (("overlays", "kustomization.yaml"), ("rendered", "pg.yaml"))


def test_a_new_tenant_pod_alone_is_listed_for_flux(copied: Path) -> None:
    (copied / "customers/new.yaml").write_text("pods: {new: {tier: enterprise, orgs: [org-new]}}\n")
    written = write(copied, Scope(pod="new")).written
    assert {path.split("/")[2] for path in written if "/new" not in path} == {"platform", "flux"}
    assert "- new.yaml" in (copied / "rendered/prod/flux/kustomization.yaml").read_text()
    assert "- tenant-new.yaml" in (copied / "rendered/prod/platform/controllers/kustomization.yaml").read_text()


def test_an_unknown_tenant_pod_is_said(copied: Path) -> None:
    with pytest.raises(SolutioError, match="there is no tenant pod 'cust-0000'") as caught:
        write(copied, Scope(pod="cust-0000"))
    assert "cust-0000" in (caught.value.remedy or "")


@pytest.mark.parametrize("count", [2, 3, 8])
def test_shares_together_are_the_whole(copied: Path, tmp_path: Path, count: int) -> None:
    """Each share is rendered in a folder of its own, as jobs of a CI do; then the folders are laid over each other."""
    merged = tmp_path / "merged"
    seen: dict[str, int] = {}
    for number in range(1, count + 1):
        job = tmp_path / f"job{number}"
        shutil.copytree(copied, job, ignore=shutil.ignore_patterns("rendered", "overlays", ".solutio"))
        write(job, Scope(shard=(number, count)))
        for path in tree(job) if (job / "rendered").exists() else ():
            seen[path] = seen.get(path, 0) + 1
        shutil.copytree(job, merged, dirs_exist_ok=True)
    assert set(seen.values()) == {1}
    assert tree(merged) == tree(copied)


def test_a_tenant_pod_that_is_gone_is_removed_by_the_share_it_fell_to(copied: Path) -> None:
    (copied / f"customers/{NAMES[3]}.yaml").unlink()
    removed = [path for number in (1, 2, 3) for path in write(copied, Scope(shard=(number, 3))).removed]
    assert {path for path in removed if "/flux/" not in path and "/platform/" not in path}
    assert not (copied / f"rendered/prod/{NAMES[3]}").exists()
    assert check_environment(open_project(copied / "topology.yaml"), "prod").clean


def test_several_processes_write_the_same(copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spread, "ENOUGH", 2)
    monkeypatch.setattr(spread, "_CHUNK", 2)
    fresh = tmp_path / "fresh"
    shutil.copytree(copied, fresh, ignore=shutil.ignore_patterns("rendered", "overlays", ".solutio"))
    write(fresh)
    assert tree(fresh) == tree(copied)


@pytest.mark.parametrize(
    ("after", "number"),
    [
        (0.2, signal.SIGINT),
        (0.5, signal.SIGINT),
        (0.8, signal.SIGINT),
        (1.1, signal.SIGINT),
        (0.3, signal.SIGTERM),
        (0.6, signal.SIGHUP),
    ],
)
def test_whatever_ends_it_leaves_a_whole_tree(copied: Path, after: float, number: signal.Signals) -> None:
    text = (copied / "topology.yaml").read_text()
    (copied / "topology.yaml").write_text(text.replace("tag: 2026.11.1", "tag: 2026.12.1"))
    before = tree(copied)
    command = [sys.executable, "-m", "solutio_topology", "render", "prod"]
    run = subprocess.Popen(command, cwd=copied, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    time.sleep(after)
    os.killpg(run.pid, number)
    _, said = run.communicate(timeout=60)
    assert b"Traceback" not in said
    assert not (copied / "rendered/prod/.staging").exists()
    if run.returncode != 0:
        assert run.returncode == 128 + number
        assert tree(copied) == before
    else:
        assert check_environment(open_project(copied / "topology.yaml"), "prod").clean
    write(copied)
    assert check_environment(open_project(copied / "topology.yaml"), "prod").clean


def test_what_was_told_is_counted_to_the_end(copied: Path) -> None:
    shutil.rmtree(copied / ".solutio")
    told: list[tuple[str, int, int]] = []
    write_topology(copied / "topology.yaml", "prod", tell=lambda *each: told.append(each))
    assert told[0] == ("reading the topology", 0, 0)
    assert told[-1] == ("writing", 0, 0)
    counted = [each[1:] for each in told if each[0] == "rendering tenant pods"]
    assert counted == [(number, COUNT + 2) for number in range(1, COUNT + 3)]
