"""Spreading work over processes, where there is enough of it and the platform can fork."""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO, Generic, TypeVar

T = TypeVar("T")
A = TypeVar("A")
Q = TypeVar("Q")
R = TypeVar("R")
_CHUNK = 8
_PIPE = 1 << 20
"""Bytes that a process can say before anybody listens."""
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
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    # Results are told through a pipe. What is said besides is that the first one is gone.
    sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115


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


class Waiting(Generic[A, Q, R]):
    """A process that has prepared something, and waits for a question about it."""

    def __init__(self, told: BinaryIO, found: BinaryIO) -> None:
        self._told, self._found = told, found

    def prepared(self) -> A | None:
        """What it has prepared; None where it failed. To be asked for once, before anything else."""
        found: A | None = self._next()
        return found

    def ask(self, question: Q) -> Callable[[], R | None]:
        """Ask, once. What is returned waits for the answer: None where the process failed."""
        with contextlib.suppress(BrokenPipeError):
            pickle.dump(question, self._told)
            self._told.flush()
        return self._next

    def _next(self) -> Any:
        try:
            return pickle.load(self._found)
        except (EOFError, pickle.UnpicklingError):
            return None


@contextlib.contextmanager
def waiting(prepare: Callable[[], tuple[A, Callable[[Q], R]]]) -> Iterator[Waiting[A, Q, R] | None]:
    """Start a process that prepares something, if there is a second processor. It ends with the block.

    What is prepared, asked and answered is pickled.
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
        _serve(prepare, questions, tell)
    os.close(questions)
    os.close(tell)
    try:
        with open(answers, "rb") as found, contextlib.suppress(BrokenPipeError), open(ask, "wb") as told:  # noqa: PTH123
            yield Waiting(told, found)
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)


def _serve(prepare: Callable[[], tuple[object, Callable[[Any], object]]], questions: int, answers: int) -> None:
    """The life of such a process."""
    import fcntl

    _start()
    try:
        with contextlib.suppress(OSError):  # That it need not wait until somebody listens.
            fcntl.fcntl(answers, fcntl.F_SETPIPE_SZ, _PIPE)
        with open(questions, "rb") as told, open(answers, "wb") as found:
            prepared, answer = prepare()
            pickle.dump(prepared, found, pickle.HIGHEST_PROTOCOL)
            found.flush()
            pickle.dump(answer(pickle.load(told)), found, pickle.HIGHEST_PROTOCOL)
            found.flush()
    finally:
        os._exit(0)


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
