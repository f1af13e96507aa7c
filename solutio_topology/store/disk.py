"""The disk as everything that writes sees it: one run at a time, and errors in people's words."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from solutio_topology.errors import FileError


@contextlib.contextmanager
def locked(root: Path) -> Iterator[None]:
    """One run at a time per folder. The lock is the folder itself, so that nothing is left behind."""
    handle = os.open(root, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FileError("another run of solutio is writing here", remedy="wait until it has ended") from None
        yield
    finally:
        os.close(handle)


@contextlib.contextmanager
def explained(root: Path) -> Iterator[None]:
    """Errors of the disk in people's words."""
    try:
        yield
    except OSError as error:
        place = Path(error.filename).name if error.filename else root.resolve().name
        raise FileError(
            f"{place} cannot be written: {reason_of(error)}; every file is as it was, or the next run finishes",
            remedy="make room, or check the permissions, and run again",
        ) from None


def reason_of(error: OSError) -> str:
    """Why the disk refuses, in people's words."""
    reasons = {errno.ENOSPC: "the disk is full", errno.EROFS: "the file system is read-only"}
    return reasons.get(error.errno or 0, error.strerror or "it failed")
