"""A run that remembers the last one does what a run does that remembers nothing."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import fleet
from solutio_topology import store
from solutio_topology.errors import InputError, SolutioError
from solutio_topology.workflows import partial, render
from solutio_topology.workflows.inputs import changes
from solutio_topology.workflows.render import Scope, write_topology
from tests.workflows.test_parts import NAMES, tree

Edit = Callable[[Path], None]


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fleet with rings, rendered, and with the memory of it."""
    folder = tmp_path_factory.mktemp("fleet")
    fleet.write(folder, len(NAMES))
    main = folder / "topology.yaml"
    text = main.read_text().replace("\npods:\n", "\nrings: [canary, all]\npods:\n", 1)
    main.write_text(text)
    write(folder)
    return folder


def write(folder: Path, scope: Scope = render.ALL) -> store.Written:
    return write_topology(folder / "topology.yaml", "prod", scope=scope)


def customer(pod: str, *lines: str, top: str = "") -> Edit:
    """A customer's file with other services, below further lines."""
    text = f"pods:\n  {pod}:\n    tier: enterprise\n    orgs: [org-{pod}]\n{top}"
    services = "".join(f"      {line}\n" for line in lines)

    def edit(folder: Path) -> None:
        (folder / f"customers/{pod}.yaml").write_text(text + (f"    services:\n{services}" if lines else ""))

    return edit


def put(path: str, text: str) -> Edit:
    def edit(folder: Path) -> None:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)

    return edit


def append(path: str, text: str) -> Edit:
    def edit(folder: Path) -> None:
        if (folder / path).exists():
            (folder / path).write_text((folder / path).read_text() + text)

    return edit


def replace(path: str, old: str, new: str) -> Edit:
    def edit(folder: Path) -> None:
        (folder / path).write_text((folder / path).read_text().replace(old, new))

    return edit


def remove(path: str) -> Edit:
    return lambda folder: (folder / path).unlink(missing_ok=True)


A, B, C, _ = NAMES
OWN = [
    customer(A, "pg: {storage: 61Gi}"),
    customer(A, "api: {replicas: {min: 3, max: 9}}", "pg: {storage: 61Gi}"),
    customer(A, "api: {replicas: {min: 2, max: 7}, env: {LOG: loud}}"),
    customer(A, "api: {secrets: {TOKEN: token/value}, image: {tag: 2026.12.1}}"),
    customer(A, "voice: {size: large}", "api: {files: {/etc/note: {content: hello}}}"),
    customer(B),
    customer(B, "pg: {storage: 62Gi}"),
    append(f"customers/{B}.yaml", "# a note\n"),
]
"""What changes nothing of what others see."""
SEEN = [
    customer(A, top="    domain: own.example.com\n"),
    customer(A, top="    ring: canary\n"),
    customer(B, top="    ring: canary\n"),
    customer(B, top="    namespace: adopted\n"),
    customer(A, "api: {replicas: 3}"),  # no longer by the use of CPU, for which the platform has a controller
    customer(B, "models: {hosts: [eu.example.com]}"),
    remove(f"customers/{C}.yaml"),
    customer(C, "pg: {storage: 63Gi}"),
    put("customers/new.yaml", "pods: {new: {tier: enterprise, orgs: [org-new]}}\n"),
    remove("customers/new.yaml"),
    replace("topology.yaml", "tag: 2026.11.1", "tag: 2026.12.7"),
    replace("topology.yaml", "rings: [canary, all]", "rings: [canary, early, all]"),
]
FAULTS = [
    customer(A, "api: {replicas: -1}"),
    customer(A, "nothing: {replicas: 1}"),
    customer(A, "api: {pool: nowhere, unknown: 1}"),
    customer(A, top="    namespace: adopted\n"),
    customer(A, top="    tier: gold\n"),
    put(f"customers/{A}.yaml", f"pods:\n  {B}: {{tier: enterprise}}\n"),
    put(f"customers/{A}.yaml", "pods: [\n"),
    put(f"customers/{A}.yaml", "services: {}\n"),
    append(f"rendered/prod/{B}/apps/api.yaml", "# mine\n"),
    append(f"rendered/prod/{A}/apps/api.yaml", "# mine\n"),
    remove(f"rendered/prod/{B}/apps/api.yaml"),
    remove(f"overlays/prod/{A}/apps/kustomization.yaml"),
    put(f"rendered/prod/.inventory/{A}.json", "{"),
]
MEMORY = [
    put(".solutio/prod.jsonl", "{}"),
    remove(".solutio/prod.jsonl"),
    append(".solutio/prod.jsonl", "["),
]
STEP = st.tuples(
    st.one_of(st.sampled_from(OWN), st.sampled_from([*OWN, *SEEN]), st.sampled_from([*FAULTS, *MEMORY])),
    st.sampled_from([render.ALL, render.ALL, Scope(pod=A), Scope(pod=B)]),
)


def outcome(folder: Path, scope: Scope) -> object:
    """What a run says, without where it ran, and what is on disk then."""
    try:
        said: object = write(folder, scope)
    except InputError as error:
        said = [str(finding) for finding in error.findings]
    except SolutioError as error:
        said = (str(error), error.remedy)
    return str(said).replace(str(folder), ""), tree(folder)


@settings(max_examples=8, deadline=None, derandomize=True)
@given(st.lists(STEP, min_size=1, max_size=3))
def test_with_a_memory_as_without(rendered: Path, steps: list[tuple[Edit, Scope]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        with_memory = Path(shutil.copytree(rendered, Path(name) / "a"))
        without = Path(shutil.copytree(rendered, Path(name) / "b"))
        write(with_memory)  # the copies have other times
        for edit, scope in steps:
            for folder in (with_memory, without):
                edit(folder)
            shutil.rmtree(without / ".solutio", ignore_errors=True)
            assert outcome(with_memory, scope) == outcome(without, scope)


def opened(folder: Path, only: str = "") -> tuple[str, ...] | None:
    """The tenant pods that are opened of what changed; None where all of it is."""
    topology = folder / "topology.yaml"
    index = store.load_index(folder, "prod")
    changed = changes(topology, "prod", index)
    assert changed is not None
    found = partial.open_changed(topology, "prod", index, changed, only)
    return found.changed if found else None


@pytest.fixture
def remembered(rendered: Path, tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(rendered, tmp_path / "fleet"))
    write(folder)
    return folder


@pytest.mark.parametrize("edit", OWN[:-1])
def test_what_others_do_not_see_opens_one(remembered: Path, edit: Edit) -> None:
    edit(remembered)
    assert opened(remembered) in ((A,), (B,))


@pytest.mark.parametrize("edit", [*SEEN[:6], *FAULTS[:8]])
def test_what_others_see_and_what_is_wrong_opens_all(remembered: Path, edit: Edit) -> None:
    edit(remembered)
    assert opened(remembered) is None


def test_one_that_is_asked_for_is_opened_alone_if_no_other_changed(remembered: Path) -> None:
    OWN[0](remembered)
    (remembered / f"rendered/prod/{C}/apps/api.yaml").unlink()
    assert opened(remembered) is None
    assert opened(remembered, only=A) == (A,)
    assert opened(remembered, only=B) is None
    OWN[6](remembered)
    assert opened(remembered, only=A) is None


def test_a_link_that_leads_out_is_told(remembered: Path, tmp_path: Path) -> None:
    path = remembered / f"customers/{A}.yaml"
    path.rename(tmp_path / "elsewhere.yaml")
    (tmp_path / "elsewhere.yaml").write_text((tmp_path / "elsewhere.yaml").read_text().replace("Gi", "Ti"))
    path.symlink_to(tmp_path / "elsewhere.yaml")
    with pytest.raises(InputError, match="is a link"):
        write(remembered)
