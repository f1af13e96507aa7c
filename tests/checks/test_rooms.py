"""What the checks may know: never the renderer; and what they do with a rule that breaks."""

from __future__ import annotations

import pickle
import subprocess
import sys

import pytest

from solutio_topology.checks import alone, registry, run
from solutio_topology.checks.check import GraphCheck, ManifestCheck
from solutio_topology.checks.inputs import Evidence, Intent
from solutio_topology.findings import Rule, Severity
from tests.checks.world import Edit, evidence, intent, judge, sound


def test_the_renderer_is_not_loaded() -> None:
    code = (
        "import sys, pkgutil, solutio_topology.checks as checks\n"
        "for each in pkgutil.walk_packages(checks.__path__, 'solutio_topology.checks.'): __import__(each.name)\n"
        "print([name for name in sys.modules if name.startswith(('solutio_topology.render', 'kubernetes_validate'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_codes_and_names_are_unique_and_well_formed() -> None:
    found = registry.rules()
    assert len({rule.code for rule in found}) == len(found)
    assert len({rule.name for rule in found}) == len(found)
    for rule in found:
        assert rule.code[0] in "SGTRMPNXACKDF"
        assert rule.name == rule.name.lower().replace("_", "-").replace(" ", "-")
        assert all((rule.summary, rule.rationale, rule.example, rule.remedy)), rule.code


def test_the_rules_over_the_manifests_alone_are_all_of_them() -> None:
    assert tuple(check for check in registry.CHECKS if isinstance(check, ManifestCheck)) == alone.CHECKS


BROKEN = Rule("G999", "broken", Severity.INFO, "s", "r", "e", "m")


def test_two_rules_of_one_code_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "CHECKS", (*registry.CHECKS, registry.CHECKS[0]))
    with pytest.raises(ValueError, match="M001"):
        registry.rules()


def test_a_rule_that_crashes_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(_: object) -> list[object]:
        raise ZeroDivisionError("by hand")

    monkeypatch.setattr(run, "CHECKS", (GraphCheck(BROKEN, crash),))  # type: ignore[arg-type]
    found = run.check_graph(intent())
    assert [(each.name, each.severity) for each in found] == [("rule-crashed", Severity.ERROR)]
    assert "G999" in found[0].message
    assert "ZeroDivisionError" in found[0].message


def test_the_same_world_gives_the_same_findings() -> None:
    assert judge().findings == sound().findings


@pytest.mark.parametrize("numbers", [run.AWAY, frozenset(run.OVER_MANIFESTS), frozenset()])
def test_what_is_checked_elsewhere_is_found_in_its_place(numbers: frozenset[int]) -> None:
    def begin(topology: Intent, seen: Evidence) -> run.Begun:
        return run.Begun(numbers, lambda: pickle.loads(pickle.dumps(run.check_some(topology, seen, numbers))))

    edit = Edit("kind: NetworkPolicy", "kind: NetworkPolice")
    here = run.check_all(intent(), evidence(edit))
    assert run.check_all(intent(), evidence(edit), begin=begin) == here
    assert {"N", "M"} <= {each.code[0] for each in here.findings}
