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
    # Closed by whoever started us: there is nobody to be told.
    sys.stdout, sys.stderr = (each or open(os.devnull, "w") for each in (sys.stdout, sys.stderr))  # noqa: PTH123, SIM115
    from solutio_topology.errors import Ended

    try:
        code = _run()
    except Ended as error:
        code = 128 + error.number
    except KeyboardInterrupt:  # While modules were loaded.
        code = 130
    _end(code)


def _run() -> int:
    import gc
    import signal

    # One short run makes many objects and drops few of them: looking for garbage every 700 finds none.
    gc.set_threshold(200_000, 20, 20)
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == signal.SIG_DFL:  # nohup ignores one of them.
            signal.signal(number, _ended)

    from solutio_topology.cli.app import run

    return run(sys.argv[1:])


def _ended(number: int, _frame: object) -> None:
    from solutio_topology.errors import Ended

    raise Ended(number)


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
