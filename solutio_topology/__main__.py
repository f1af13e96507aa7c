"""The entry point. ``--version`` answers before anything else is imported."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command line and exit with its code."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from solutio_topology import __version__

        sys.stdout.write(f"solutio {__version__}\n")
        return
    import gc

    # One short run makes many objects and drops few of them: looking for garbage every 700 finds none.
    gc.set_threshold(200_000, 20, 20)

    from solutio_topology.cli.app import run

    # Closed by whoever started us: there is nobody to be told.
    sys.stdout, sys.stderr = (each or open(os.devnull, "w") for each in (sys.stdout, sys.stderr))  # noqa: PTH123, SIM115
    _end(run(sys.argv[1:]))


def _end(code: int) -> None:
    """Exit at once: to take every module and object apart first takes as long as a short command does."""
    if sys.getprofile() is not None or sys.gettrace() is not None:
        sys.exit(code)  # Whoever watches has something to say when the program ends.
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):  # Nobody is there any more to be told.
            continue
    os._exit(code)


if __name__ == "__main__":
    main()
