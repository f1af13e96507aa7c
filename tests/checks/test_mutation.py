"""A mutant of every operator: caught by a rule, or explained by a reason that is measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.mutation.judge import sound, try_out
from tools.mutation.operator import Mutant, Operator
from tools.mutation.operators import OPERATORS
from tools.mutation.reasons import REASONS, reason_of
from tools.mutation.report import Result, line, remembered
from tools.mutation.sample import blocks, chosen, every
from tools.mutation.tree import SOURCES, load

SMALLEST_FIRST = ("shop", "staging", "prod")


def _one(operator: Operator) -> Mutant | None:
    """The first mutant in the smallest tree that has a place for it."""
    return next((mutant for name in SMALLEST_FIRST for mutant in operator.mutants(load(name))), None)


@pytest.mark.parametrize("name", SOURCES)
def test_the_trees_are_sound_before_they_are_damaged(name: str) -> None:
    found = [each for each in sound(name).found.values() if each.severity == "error"]
    assert found == []


@pytest.mark.parametrize("operator", OPERATORS, ids=lambda operator: operator.name)
def test_a_mutant_is_caught_or_explained(operator: Operator) -> None:
    mutant = _one(operator)
    if mutant is not None:
        trial = try_out(mutant)
        assert trial.catching or reason_of(trial), str(mutant)


def test_the_operators_and_reasons_have_names_of_their_own() -> None:
    names = [operator.name for operator in OPERATORS]
    assert len(names) >= 40
    assert len(set(names)) == len(names)
    assert len({reason.name for reason in REASONS}) == len(REASONS)


def test_a_mutant_that_nothing_explains_has_no_reason() -> None:
    """A fault that is known to be real, as it would stand if its rule were missing."""
    trials = [try_out(mutant) for mutant in chosen([each for each in OPERATORS if each.name in _REAL], 1, seed=1)]
    assert [bool(trial.catching) for trial in trials] == [True] * len(_REAL)
    assert [reason_of(trial) for trial in trials] == [""] * len(_REAL)


_REAL = ("ingress-backend", "service-target-port", "env-host", "database-instances", "flux-path", "secret-key")


def test_what_was_logged_is_taken_over(tmp_path: Path) -> None:
    some = chosen([operator for operator in OPERATORS if operator.name.startswith("ingress-path")], 2, seed=7)
    results = [Result(mutant, ("P001",), "") for mutant in some[:2]] + [Result(some[2], (), "same-traffic")]
    log = tmp_path / "log.jsonl"
    log.write_text("".join(f"{line(each)}\n" for each in results))
    assert list(remembered(some, [log]).values()) == results


def test_blocks_hold_mutants_of_one_operator() -> None:
    some = chosen([operator for operator in OPERATORS if operator.name.startswith("ingress-path")], 3, seed=7)
    found = list(blocks(some, 2))
    assert [mutant for block in found for mutant in block] == some
    assert max(len(block) for block in found) == 2
    assert all(len({mutant.operator for mutant in block}) == 1 for block in found)


def test_the_sample_is_the_same_every_time() -> None:
    some = [operator for operator in OPERATORS if operator.name.startswith("ingress-")]
    first = [str(mutant) for mutant in chosen(some, 3, seed=7)]
    assert first == [str(mutant) for mutant in chosen(some, 3, seed=7)]
    assert first != [str(mutant) for mutant in chosen(some, 3, seed=8)]
    assert len(chosen(some, None, seed=7)) == sum(len(every(operator)) for operator in some)
