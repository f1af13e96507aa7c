"""Writing one file of a person's: the old one or the new one, whole, whatever happens in between."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

from solutio_topology.errors import FileError


def replace_file(path: Path, data: bytes) -> None:
    """Put `data` in place of a file, or start it; its permissions stay. Raises FileError, with the file as it was."""
    target = path.resolve()
    draft = target.with_name(f".{target.name}.{os.getpid()}.draft")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, draft)
        draft.replace(target)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise FileError(
            f"{path} cannot be written: {error.strerror}; it is as it was", remedy="check the folder and the disk"
        ) from None
