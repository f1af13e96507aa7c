"""The command tree, and the one place where errors become exit codes."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Collection, Sequence
from importlib import import_module

import typer
from typer.exceptions import TyperException

from solutio_topology.cli.plain import Command, tree
from solutio_topology.errors import InputError, RefusedError, SolutioError

COMMANDS = (
    "init", "validate", "render", "diff", "path", "isolation", "reach", "cost", "decisions", "set", "pod", "rules",
    "schema",
)  # fmt: skip
_MODULES = {name: {"set": "set_values"}.get(name, name) for name in COMMANDS}
_UNWRITABLE = frozenset({errno.ENOSPC, errno.EIO, errno.EBADF, errno.EFBIG, errno.EDQUOT})
_GROUPS = frozenset({"pod", "decisions"})


def build(wanted: Collection[str] = COMMANDS) -> typer.Typer:
    """The command tree with the commands that are wanted."""
    app = tree("solutio", "One typed topology, rendered for Flux, and proved from the rendered YAML.")

    @app.callback()
    def common(
        version: bool = typer.Option(False, "--version", "-V", help="Print the version and exit.", is_eager=True),
    ) -> None:
        """One typed topology, rendered for Flux, and proved from the rendered YAML."""
        if version:
            from solutio_topology import __version__

            sys.stdout.write(f"solutio {__version__}\n")
            raise typer.Exit

    for name in filter(wanted.__contains__, _MODULES):
        module = import_module(f"solutio_topology.cli.{_MODULES[name]}")
        if name in _GROUPS:
            app.add_typer(module.build())
        else:
            app.command(name=name, cls=Command)(module.command)
    return app


def run(arguments: Sequence[str]) -> int:
    """Run one command line; the exit code."""
    try:
        # To make every command takes as long as a short one runs: the one that is named will do.
        wanted = arguments[:1] if set(arguments[:1]) & set(COMMANDS) else COMMANDS
        program = typer.main.get_command(build(wanted))
        found = program.main(args=list(arguments), prog_name="solutio", standalone_mode=False)
        sys.stdout.flush()
    except typer.Exit as error:
        return error.exit_code
    except (typer.Abort, KeyboardInterrupt):
        sys.stderr.write("stopped; every file is whole\n")
        return 130
    except BrokenPipeError:
        # The reader has seen enough. Python would complain once more when it closes standard output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except OSError as error:
        if error.filename is not None or error.errno not in _UNWRITABLE:
            return _tell_defect(arguments, error)
        sys.stderr.write(
            f"solutio: standard output: {error.strerror}\n  make room where it goes to, or write elsewhere\n"
        )
        return 2
    except InputError as error:
        return _tell_input_error(arguments, error)
    except SolutioError as error:
        return _tell_error(arguments, error)
    except TyperException as error:
        return _tell_usage(error)
    except Exception as error:
        return _tell_defect(arguments, error)
    return found if isinstance(found, int) else 0


def _tell_usage(error: TyperException) -> int:
    """A command line that cannot be understood: typer says what is wrong with it."""
    show = getattr(error, "show", None)
    if show is None:
        raise error
    show()
    return 2


def _wants_json(arguments: Sequence[str]) -> bool:
    text = " ".join(arguments)
    return "--format json" in text or "--format=json" in text or "-f json" in text


def _command(arguments: Sequence[str]) -> str:
    """The command as results name it: of a group with its second word."""
    words = [each for each in arguments if not each.startswith("-")]
    if not words or words[0] not in COMMANDS:
        return ""
    return " ".join(words[: 2 if words[0] in _GROUPS else 1])


def _tell_input_error(arguments: Sequence[str], error: InputError) -> int:
    from solutio_topology.report.model import Report
    from solutio_topology.report.write import render

    command = _command(arguments)
    report = Report(command, error.findings, error="the topology cannot be read")
    if _wants_json(arguments):
        sys.stdout.write(render(report, "json"))
    else:
        sys.stderr.write(render(report, "human", color=sys.stderr.isatty() and not os.environ.get("NO_COLOR")))
    return 2


def _tell_error(arguments: Sequence[str], error: SolutioError) -> int:
    from solutio_topology.report.model import Report
    from solutio_topology.report.write import render

    if _wants_json(arguments):
        command = _command(arguments)
        findings = error.findings if isinstance(error, RefusedError) else ()
        sys.stdout.write(render(Report(command, findings, error=str(error)), "json"))
    sys.stderr.write(f"solutio: {error}\n")
    return 2


def _tell_defect(arguments: Sequence[str], error: Exception) -> int:
    if "--verbose" in arguments or "-v" in arguments:
        import traceback

        traceback.print_exc()
    sys.stderr.write(
        f"solutio: this is a defect in solutio: {type(error).__name__}: {error}\n"
        "  please report it with the topology that provokes it; --verbose shows where it happened\n"
    )
    return 2
