"""Work in other processes gives what it gives in this one."""

from __future__ import annotations

import os
from typing import Any

import pytest

from solutio_topology.workflows import spread
from solutio_topology.workflows.spread import beside, waiting


@pytest.fixture(params=[1, 2])
def processors(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    number: int = request.param
    monkeypatch.setattr(spread, "_processors", lambda: number)
    return number


def test_the_result_is_that_of_the_work(processors: int) -> None:
    own = os.getpid()
    waiting = beside(lambda: (os.getpid(), list(range(100_000))))
    process, found = waiting()
    assert found == list(range(100_000))
    assert (process == own) is (processors == 1)


def test_an_error_is_raised_here(processors: int) -> None:
    def fail() -> int:
        raise ValueError(str(processors))

    with pytest.raises(ValueError, match=str(processors)):
        beside(fail)()


def test_what_ends_the_process_or_cannot_be_sent_is_done_here(processors: int) -> None:
    own = os.getpid()

    def work() -> Any:
        if os.getpid() != own:
            os.kill(os.getpid(), 9)
        return lambda: processors

    assert beside(work)()() == processors
    assert beside(lambda: work)()()() == processors


def test_a_process_that_waits_tells_what_it_prepared_and_answers_a_question() -> None:
    own = os.getpid()
    with waiting(lambda: (["ready"] * 300_000, lambda question: (os.getpid() == own, question * 100_000))) as other:
        if other is not None:  # There is a second processor.
            assert other.prepared() == ["ready"] * 300_000
            assert other.ask([7])() == (False, [7] * 100_000)


def test_a_process_that_nobody_asks_ends_with_the_block() -> None:
    with waiting(lambda: ("x" * 3_000_000, len)):
        pass
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


@pytest.mark.parametrize("late", [False, True])
def test_a_process_that_fails_gives_no_answer(late: bool) -> None:
    def fail(*_: object) -> Any:
        raise ValueError("by hand")

    with waiting(lambda: ("ready", fail) if late else fail()) as other:
        if other is not None:
            assert other.prepared() == ("ready" if late else None)
            assert other.ask("any")() is None


def test_without_a_second_processor_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spread, "_processors", lambda: 1)
    with waiting(lambda: ("ready", len)) as other:
        assert other is None
