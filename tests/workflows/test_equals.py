"""Equal tenant pods are proved once, and a fault in any of them is still found."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bench import fleet
from solutio_topology.checks.run import Outcome
from solutio_topology.diff.model import Difference
from solutio_topology.findings import Finding
from solutio_topology.manifests import classes
from solutio_topology.report import diff_json as as_json
from solutio_topology.report import diff_markdown as as_markdown
from solutio_topology.report import diff_text as as_text
from solutio_topology.workflows import equals
from solutio_topology.workflows.diff import diff
from solutio_topology.workflows.project import open_project
from solutio_topology.workflows.render import write_topology
from solutio_topology.workflows.validate import judge

COUNT = 6
NAMES = tuple(fleet.name_of(index) for index in range(COUNT))
OURS = frozenset({"F001", "F002"})
"""What the comparison with a fresh render says: here the tree is damaged on purpose."""


def judged(folder: Path) -> tuple[Outcome, tuple[Finding, ...]]:
    """What is found, without what says that the tree was damaged."""
    outcome = judge(open_project(folder / "topology.yaml"), "prod", precise=False)
    return outcome, tuple(found for found in outcome.findings if found.code not in OURS)


def edit(folder: Path, path: str, old: str, new: str, count: int = 1) -> None:
    """Damage a rendered file; `old` must be there."""
    at = folder / "rendered/prod" / path
    text = at.read_text()
    assert old in text, (old, text)
    at.write_text(text.replace(old, new, count))


def told(findings: tuple[Finding, ...], code: str) -> set[str]:
    return {found.subject for found in findings if found.code == code}


def both_ways(folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Outcome, Outcome]:
    """By classes, and with every tenant pod judged for itself."""
    by_class, _ = judged(folder)
    for module in (classes, equals):
        monkeypatch.setattr(module, "MEMBERS", 1000)
    return by_class, judged(folder)[0]


def test_three_members_stand_for_all_and_nothing_else_is_found_of_them(
    rendered: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_class, apart = both_ways(rendered, monkeypatch)
    assert by_class.stands_for == {NAMES[0]: NAMES[3:]}
    assert apart.stands_for == {}
    assert by_class.findings == apart.findings
    assert sum(by_class.weight(proof.pod) for proof in by_class.edges) == len(apart.edges)
    assert sum(by_class.weight(path.pod) for path in by_class.paths) == len(apart.paths)


@pytest.mark.parametrize("pod", [NAMES[0], NAMES[2], NAMES[5]])
def test_a_fault_in_any_one_is_found_in_that_one(copied: Path, pod: str) -> None:
    edit(copied, f"{pod}/data/pg.yaml", "port: 5432", "port: 5433")
    outcome, findings = judged(copied)
    assert outcome.stands_for
    assert pod not in {other for others in outcome.stands_for.values() for other in others}
    assert {subject.rpartition(" of ")[2] for subject in told(findings, "P001")} == {pod}


@pytest.mark.parametrize(("client", "server"), [(NAMES[4], NAMES[5]), (NAMES[1], NAMES[4]), (NAMES[5], NAMES[0])])
def test_a_connection_from_any_one_to_any_other_is_found(copied: Path, client: str, server: str) -> None:
    """The client's policy lets it out to the other's database, and the other's lets it in."""
    name = "kubernetes.io/metadata.name: solutio-"
    edit(copied, f"{client}/apps/voice.yaml", f"{name}{client}", f"{name}{server}")
    edit(copied, f"{client}/apps/voice.yaml", "topology.solutio.dev/service: api", "topology.solutio.dev/service: pg")
    edit(copied, f"{server}/data/pg.yaml", f"{name}{server}", f"{name}{client}", 9)
    _, findings = judged(copied)
    named = {found.subject for found in findings if client in found.message and server in found.message}
    assert named
    assert {found.code for found in findings} & {"N002", "R029", "R028", "P001"}


def test_a_connection_between_equal_ones_is_found_and_said_to_hold_for_each(copied: Path) -> None:
    for pod in NAMES:
        for path in ("data/redis.yaml", "apps/api.yaml"):
            own = f"kubernetes.io/metadata.name: solutio-{pod}\n"
            edit(copied, f"{pod}/{path}", own, "app.kubernetes.io/part-of: solutio\n", 9)
    outcome, findings = judged(copied)
    assert outcome.stands_for == {NAMES[0]: NAMES[3:]}
    crossing = [found for found in findings if found.code == "N002"]
    assert crossing
    between = [each for found in crossing for each in found.related if "more tenant pods are equal" in each.message]
    assert {each.message for each in between} == {
        f"3 more tenant pods are equal to {NAMES[0]}, and it holds for each of them"
    }


def test_a_fault_of_all_is_told_for_each(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for pod in NAMES:
        edit(copied, f"{pod}/data/pg.yaml", "port: 5432", "port: 5433")
    by_class, apart = both_ways(copied, monkeypatch)
    assert by_class.stands_for == {NAMES[0]: NAMES[3:]}
    assert by_class.findings == apart.findings


def test_a_shared_policy_that_forgets_one_is_found(copied: Path) -> None:
    forgotten = NAMES[4]
    path = "platform/controllers/ingress-nginx.yaml"
    edit(
        copied, path, f"kubernetes.io/metadata.name: solutio-{forgotten}\n", "kubernetes.io/metadata.name: elsewhere\n"
    )
    outcome, findings = judged(copied)
    # Those behind the item that is now everybody's are looked at for themselves: order may mean something.
    assert outcome.stands_for == {NAMES[0]: (NAMES[3],)}
    assert f"edge ing-api of {forgotten}" in told(findings, "P001")
    assert not {subject for subject in told(findings, "P001") if not subject.endswith(forgotten)}


def test_tenant_pods_that_all_differ_are_all_judged(tmp_path: Path) -> None:
    fleet.write(tmp_path, 5, different=True, inline=True)
    write_topology(tmp_path / "topology.yaml", "prod")
    outcome, findings = judged(tmp_path)
    assert outcome.stands_for == {}
    assert told(findings, "P001") == set()
    assert {proof.pod for proof in outcome.edges} == {"default", *(fleet.name_of(index) for index in range(5))}


def test_what_is_declared_otherwise_is_no_equal_though_its_bytes_are(copied: Path) -> None:
    """The files of one are as they were; its topology says something else now."""
    pod = NAMES[4]
    at = copied / f"customers/{pod}.yaml"
    at.write_text(at.read_text().replace("50Gi", "70Gi"))
    outcome, _ = judged(copied)
    assert outcome.stands_for == {NAMES[0]: (NAMES[3], NAMES[5])}


def test_a_tenant_pod_that_the_topology_maps_by_hand_stands_alone(copied: Path) -> None:
    at = copied / "topology.yaml"
    entry = f"mapping: [{{service: api, pod: {NAMES[4]}, kind: Deployment, namespace: x, name: y}}]\n"
    at.write_text(at.read_text() + entry)
    outcome, _ = judged(copied)
    assert NAMES[4] not in {other for others in outcome.stands_for.values() for other in others}


def compared(folder: Path, before: Path) -> Difference:
    return diff(open_project(folder / "topology.yaml"), "prod", against=str(before))


def all_of(folder: Path, old: str, new: str, pods: tuple[str, ...] = NAMES) -> None:
    for pod in pods:
        at = folder / f"customers/{pod}.yaml"
        text = at.read_text()
        assert old in text
        at.write_text(text.replace(old, new))


def of_everybody(folder: Path, old: str, new: str) -> None:
    at = folder / "topology.yaml"
    text = at.read_text()
    assert old in text
    at.write_text(text.replace(old, new))


def added(folder: Path, *names: str) -> None:
    for name in names:
        text = f"pods: {{{name}: {{tier: enterprise, orgs: [org-{name}]}}}}\n"
        (folder / f"customers/{name}.yaml").write_text(text)


def removed(folder: Path, *names: str) -> None:
    for name in names:
        (folder / f"customers/{name}.yaml").unlink()


EDITS: dict[str, Callable[[Path], None]] = {
    "one": lambda at: all_of(at, "50Gi", "70Gi", NAMES[4:5]),
    "all": lambda at: all_of(at, "50Gi", "70Gi"),
    "all smaller": lambda at: all_of(at, "50Gi", "30Gi"),
    "some one way, some another": lambda at: (
        all_of(at, "50Gi", "70Gi", NAMES[:4]),
        all_of(at, "max: 4", "max: 6", NAMES[4:]),
    ),
    "gone": lambda at: removed(at, NAMES[4]),
    "many gone": lambda at: removed(at, *NAMES[:5]),
    "new": lambda at: added(at, "new"),
    "many new, of all lengths": lambda at: added(at, "a1", "bravo", "charlie-long-name", "d4", "echo"),
    "a chart of the platform": lambda at: of_everybody(at, "16.0.3", "16.0.4"),
    "an image of all": lambda at: of_everybody(at, "2026.11.1", "2026.11.2"),
    "another tier's node": lambda at: of_everybody(at, "s-8vcpu-16gb", "s-4vcpu-8gb"),
}


MORE = f"some of it is told of {NAMES[0]} and goes for 3 more tenant pods that are equal to it"
DAMAGES: dict[str, Callable[[Path], None]] = {
    "a port of all": lambda at: [edit(at, f"{pod}/data/pg.yaml", "port: 5432", "port: 5433") for pod in NAMES],
    "a port of one": lambda at: edit(at, f"{NAMES[5]}/data/pg.yaml", "port: 5432", "port: 5433"),
    "a policy of all": lambda at: [
        edit(at, f"{pod}/data/redis.yaml", "topology.solutio.dev/service: api", "topology.solutio.dev/service: ai", 2)
        for pod in NAMES
    ],
    "no file of all": lambda at: [(at / f"rendered/prod/{pod}/apps/voice.yaml").unlink() for pod in NAMES],
    "a label of all": lambda at: [edit(at, f"{pod}/apps/voice.yaml", f"pod: {pod}", "pod: nobody") for pod in NAMES],
}


def alike(folder: Path, before: Path, monkeypatch: pytest.MonkeyPatch) -> Difference:
    """The difference, told the same whether some stand for others or not."""
    some = compared(folder, before)
    for module in (classes, equals):
        monkeypatch.setattr(module, "MEMBERS", 1000)
    every = compared(folder, before)
    assert as_json.render(some) == as_json.render(every)
    assert as_text.render(some, extent=as_text.Extent.FULL) == as_text.render(every, extent=as_text.Extent.FULL)
    assert as_markdown.render(some) == as_markdown.render(every)
    return some


@pytest.mark.parametrize("what", EDITS)
def test_a_difference_of_a_fleet_is_that_of_all_its_tenant_pods(
    copied: Path, rendered: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    EDITS[what](copied)
    assert alike(copied, rendered, monkeypatch) != compared(rendered, rendered)


@pytest.mark.parametrize("what", DAMAGES)
def test_a_difference_from_damaged_manifests_is_that_of_all(
    copied: Path, rendered: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    DAMAGES[what](copied)
    assert alike(rendered, copied, monkeypatch).objects


def test_connections_between_equal_ones_are_told_of_some_and_said_to_hold_for_all(copied: Path, rendered: Path) -> None:
    for pod in NAMES:
        for path in ("data/redis.yaml", "apps/api.yaml"):
            own = f"kubernetes.io/metadata.name: solutio-{pod}\n"
            edit(copied, f"{pod}/{path}", own, "app.kubernetes.io/part-of: solutio\n", 9)
    found = compared(rendered, copied)
    assert found.exposure is not None
    pairs = {(each.src.split("/")[0], each.dst.split("/")[0]) for each in found.exposure.closed}
    between = {(one, other) for one, other in pairs if one != other and other.startswith("solutio-cust")}
    assert between == {
        (f"solutio-{one}", f"solutio-{other}") for one in NAMES[:3] for other in NAMES[:3] if one != other
    }
    assert found.notes == (MORE,)


def test_what_is_found_in_a_shared_file_is_told_of_some_and_said_to_hold_for_all(copied: Path, rendered: Path) -> None:
    edit(copied, "platform/controllers/ingress-nginx.yaml", "port: 3000", "port: 3001", 99)
    found = compared(rendered, copied)
    assert {each.subject for each in found.fixed if each.code == "P001" and "cust" in each.subject} == {
        f"edge ing-api of {pod}" for pod in NAMES[:3]
    }
    assert found.notes == (MORE,)


def test_equal_ones_are_known_again_without_reading_them(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = judged(copied)
    assert first[0].stands_for
    monkeypatch.setattr(equals, "fingerprint", lambda pod, *rest: pytest.fail(f"{pod} is read"))
    assert judged(copied) == first


@pytest.mark.parametrize("pod", [NAMES[1], NAMES[5]])
def test_a_fault_in_one_that_was_known_as_equal_is_found(copied: Path, pod: str) -> None:
    judged(copied)
    edit(copied, f"{pod}/data/pg.yaml", "port: 5432", "port: 5433")
    remembered = judge(open_project(copied / "topology.yaml"), "prod", precise=False)
    shutil.rmtree(copied / ".solutio")
    assert remembered == judge(open_project(copied / "topology.yaml"), "prod", precise=False)
    assert pod not in {other for others in remembered.stands_for.values() for other in others}
