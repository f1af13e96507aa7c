"""Starting a topology."""

from __future__ import annotations

from pathlib import Path

from solutio_topology.errors import FileError

STARTER = Path(__file__).parent / "starter.yaml"


def start(path: Path) -> None:
    """Write a small, complete, commented topology. Raises FileError when the file exists or cannot be written."""
    try:
        with path.open("xb") as file:
            file.write(STARTER.read_bytes())
    except FileExistsError:
        raise FileError(f"{path} exists already, and is left as it is", remedy="name another file") from None
    except OSError as error:
        raise FileError(f"{path} cannot be written: {error.strerror}", remedy="name another file") from None
