"""Spreading work over processes, where there is enough of it and the platform can fork."""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

T = TypeVar("T")
Q = TypeVar("Q")
R = TypeVar("R")
ENOUGH = 32
"""Items from which on a second process pays: below, starting it takes longer than the work."""
_CHUNK = 8

_work: Callable[[Any], Any] | None = None
"""What the processes do; they are forked, so that it need not be pickled."""


def spread(work: Callable[[T], R], items: Sequence[T]) -> Iterator[R]:
    """What `work` gives for each item, in their order. Results are pickled; what `work` refers to is not.

    An error of one item is raised here, and ends the processes, as Ctrl-C does.
    """
    processes = min(_processors(), len(items) // _CHUNK)
    # Only Linux forks safely whatever was loaded before.
    if len(items) < ENOUGH or processes < 2 or sys.platform != "linux":
        yield from map(work, items)
        return
    global _work  # noqa: PLW0603 - the forked processes find it here
    _work = work
    import multiprocessing

    gc.freeze()  # What is there is shared as long as nobody writes to it.
    with multiprocessing.get_context("fork").Pool(processes, _start) as pool:
        yield from pool.imap(_one, items, chunksize=_CHUNK)


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _start() -> None:
    # Ctrl-C reaches every process of the terminal: the first one ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _one(item: Any) -> Any:
    assert _work is not None
    return _work(item)


def beside(work: Callable[[], R]) -> Callable[[], R]:
    """Start `work` in a process of its own, if there is a second processor; what is returned waits for its result.

    The result is pickled. Where the process fails, whatever the reason, the work is done here.
    """
    if _processors() < 2 or sys.platform != "linux":
        return work
    gc.freeze()
    reader, writer = os.pipe()
    process = os.fork()
    if not process:
        _answer(work, writer)
    os.close(writer)

    def result() -> R:
        with open(reader, "rb") as told:  # noqa: PTH123 - a pipe
            data = told.read()
        _, status = os.waitpid(process, 0)
        found: R = pickle.loads(data) if not status else work()
        return found

    return result


@contextlib.contextmanager
def waiting(prepare: Callable[[], Callable[[Q], R]]) -> Iterator[Callable[[Q], Callable[[], R | None]] | None]:
    """Start a process that prepares itself and then waits for a question, if there is a second processor.

    Asking gives what waits for the answer: None where the process failed, whatever the reason. Questions and answers
    are pickled. The process ends with the block.
    """
    if _processors() < 2 or sys.platform != "linux":
        yield None
        return
    questions, ask = os.pipe()
    answers, tell = os.pipe()
    process = os.fork()
    if not process:
        os.close(ask)
        os.close(answers)
        _answer(lambda: _asked(prepare(), questions), tell)
    os.close(questions)
    os.close(tell)
    with open(ask, "wb") as told, open(answers, "rb") as found:  # noqa: PTH123 - pipes

        def begin(question: Q) -> Callable[[], R | None]:
            with contextlib.suppress(BrokenPipeError):
                told.write(pickle.dumps(question))
                told.close()
            return lambda: pickle.loads(data) if (data := found.read()) else None

        try:
            yield begin
        finally:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)


def _asked(answer: Callable[[Q], R], questions: int) -> R:
    with open(questions, "rb") as told:
        return answer(pickle.loads(told.read()))


def _answer(work: Callable[[], object], writer: int) -> None:
    """The life of such a process: nothing of what it does is seen but its result."""
    _start()
    status = 1
    try:
        data = pickle.dumps(work())
        with open(writer, "wb") as told:
            told.write(data)
        status = 0
    finally:
        os._exit(status)
