"""Spreading work over processes, where there is enough of it and the platform can fork."""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")
_CHUNK = 8
ENOUGH = 32
"""Items from which on a second process pays, in chunks of so many: below, starting it takes longer than the work."""

_work: Callable[[Any], Any] | None = None
"""What the processes do; they are forked, so that it need not be pickled."""


def spread(work: Callable[[T], R], items: Sequence[T], *, chunk: int = _CHUNK) -> Iterator[R]:
    """What `work` gives for each item, in their order. Results are pickled; what `work` refers to is not.

    A process takes a `chunk` of items at a time.

    An error of one item is raised here, and ends the processes, as Ctrl-C does.
    """
    processes = min(_processors(), len(items) // chunk)
    # Only Linux forks safely whatever was loaded before.
    if len(items) * _CHUNK < ENOUGH * chunk or processes < 2 or sys.platform != "linux":
        yield from map(work, items)
        return
    global _work  # noqa: PLW0603 - the forked processes find it here
    _work = work
    import multiprocessing

    gc.freeze()  # What is there is shared as long as nobody writes to it.
    with multiprocessing.get_context("fork").Pool(processes, _start) as pool:
        yield from pool.imap(_one, items, chunksize=chunk)


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
