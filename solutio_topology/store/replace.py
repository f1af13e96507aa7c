"""Replacing files that people write too: whole or not at all, and never over what somebody changed meanwhile."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from solutio_topology.errors import FileError
from solutio_topology.store.disk import explained, locked, reason_of


class Replacement(Struct, frozen=True):
    """The content of a file as it was read, and as it shall be."""

    before: bytes | None
    """None: there is no such file yet."""
    after: bytes


def replace_files(root: Path, changes: Mapping[Path, Replacement]) -> None:
    """Give each file its new content; a link stays one, and its target keeps its mode.

    Raises FileError, with every file as it was, where one is no longer what was read, where another run writes below
    `root`, and where the disk refuses.
    """
    with explained(root), locked(root), contextlib.ExitStack() as undo:
        staged = []
        for path, change in changes.items():
            target = path.resolve()
            if _content(target) != change.before:
                raise FileError(
                    f"{path} was changed by somebody else meanwhile, and is left as they made it",
                    remedy="look at what they changed, and run the command again",
                )
            draft = target.with_name(f".{target.name}.new")
            undo.callback(draft.unlink, missing_ok=True)
            with _told(path):
                target.parent.mkdir(parents=True, exist_ok=True)
                _write(draft, change.after, target)
            staged.append((path, draft, target, change.before))
        _move(staged)


def _move(staged: Iterable[tuple[Path, Path, Path, bytes | None]]) -> None:
    """Put each draft in its place; where one cannot be put there, take those before it back."""
    with contextlib.ExitStack() as undo:
        for path, draft, target, before in staged:
            with _told(path):
                draft.replace(target)
            undo.callback(_restore, draft, target, before)
        undo.pop_all()


def _restore(draft: Path, target: Path, before: bytes | None) -> None:
    if before is None:
        target.unlink()
    else:
        _write(draft, before, target)
        draft.replace(target)


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    """Errors of the disk in people's words, about the file that they name and not about its draft."""
    try:
        yield
    except OSError as error:
        raise FileError(
            f"{path} cannot be written: {reason_of(error)}; every file is as it was",
            remedy="make room, or check the permissions, and run again",
        ) from None


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def _write(draft: Path, data: bytes, target: Path) -> None:
    with draft.open("wb") as file:
        file.write(data)
        if target.exists():
            like = target.stat()
            os.fchmod(file.fileno(), stat.S_IMODE(like.st_mode))
            with contextlib.suppress(PermissionError):
                os.fchown(file.fileno(), like.st_uid, like.st_gid)
        file.flush()
        os.fsync(file.fileno())
