"""The entry point. ``--version`` answers before anything else is imported."""

from __future__ import annotations

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

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
