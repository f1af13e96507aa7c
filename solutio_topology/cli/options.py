"""Options that several commands take, and where results go."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from solutio_topology.errors import FileError, SolutioError

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from solutio_topology.report.model import Report
    from solutio_topology.workflows.render import Tell


class Format(StrEnum):
    """The formats of a report."""

    HUMAN = "human"
    JSON = "json"
    SARIF = "sarif"
    JUNIT = "junit"
    GITHUB = "github"
    MARKDOWN = "markdown"


def completing(field: str) -> Callable[[str], list[str]]:
    """Completes, in the shell, what the topology at hand declares under a key."""

    def complete(incomplete: str) -> list[str]:
        from solutio_topology.workflows.names import names

        return [name for name in names(field) if name.startswith(incomplete)]

    return complete


complete_environment = completing("environments")


Environment = Annotated[
    str, typer.Argument(help="Environment.", metavar="ENV", autocompletion=complete_environment, show_default=False)
]
Environments = Annotated[
    list[str] | None,
    typer.Argument(
        help="Environments; all when none is named.", metavar="[ENV]...", autocompletion=complete_environment
    ),
]
TopologyFile = Annotated[
    Path | None,
    typer.Option("--topology", "-t", help="Topology; default: topology.yaml here or in a parent.", metavar="FILE"),
]
Charts = Annotated[
    Path | None,
    typer.Option(
        "--charts",
        help="Charts at hand (folders, .tgz, OCI layouts): HelmReleases are expanded by helm.",
        metavar="DIR",
        show_default=False,
    ),
]
FormatOption = Annotated[Format, typer.Option("--format", "-f", help="Format of the result.")]
Outputs = Annotated[
    list[str] | None,
    typer.Option(
        "--output", "-o", help="Write a format to a file, too; several times if need be.", metavar="FORMAT=FILE"
    ),
]
Strict = Annotated[bool, typer.Option("--strict", help="Warnings fail as well.")]
ExitZero = Annotated[bool, typer.Option("--exit-zero", help="Report, and exit with 0.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing when all is well.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Say more.")]
NoColor = Annotated[bool, typer.Option("--no-color", help="No colours.")]


@contextmanager
def working(text: str) -> Iterator[None]:
    """Show on a terminal that something is being done; say nothing in a pipe."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(text):
        yield


@contextmanager
def progress(text: str) -> Iterator[Tell]:
    """Show on a terminal what is being done, how far it is and how long it will take; say nothing in a pipe."""
    if not sys.stderr.isatty():
        yield lambda _what, _done, _of: None
        return
    bar = Bar(text)
    try:
        yield bar.tell
    finally:
        bar.stop()


class Bar:
    """A line on standard error that counts. It has no thread, because processes are forked while it stands there."""

    PATIENCE = 0.4
    """Seconds in which nobody misses it: to load what draws it takes a quarter of that."""

    def __init__(self, text: str) -> None:
        self._text, self._what = text, ""
        self._since = time.monotonic()
        self._task: TaskID | None = None

    @cached_property
    def _progress(self) -> Progress:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        found = Progress(*columns, console=Console(stderr=True), transient=True, auto_refresh=False)
        found.start()
        return found

    def tell(self, what: str, done: int, of: int) -> None:
        """Show that `done` of `of` are done; `of` 0: nobody knows how many."""
        if self._task is None and time.monotonic() - self._since < self.PATIENCE:
            return
        if self._task is None or what != self._what:  # Another count, with a time of its own.
            if self._task is not None:
                self._progress.remove_task(self._task)
            self._task, self._what = self._progress.add_task(f"{self._text}: {what}", total=of or None), what
        self._progress.update(self._task, completed=done)
        self._progress.refresh()

    def stop(self) -> None:
        """Take the line away."""
        if self._task is not None:
            self._progress.stop()


def use_color(*, no_color: bool) -> bool:
    """Whether to colour standard output."""
    return not no_color and not os.environ.get("NO_COLOR") and sys.stdout.isatty()


def tell(report: Report, form: Format, outputs: list[str] | None, *, quiet: bool, verbose: bool, no_color: bool) -> str:
    """Write the report to standard output, and to every file that was named; what standard output was told."""
    from solutio_topology.report.write import render

    text = ""
    if not (quiet and report.ok and form is Format.HUMAN):
        color = form is Format.HUMAN and use_color(no_color=no_color)
        text = render(report, form.value, color=color, verbose=verbose)
        sys.stdout.write(text)
    for output in outputs or ():
        name, _, file = output.partition("=")
        if name not in set(Format) or not file:
            raise SolutioError(
                f"--output {output}: FORMAT=FILE is needed", remedy=f"FORMAT is one of {', '.join(Format)}"
            )
        _write(Path(file), render(report, name))
    return text


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise FileError(f"{path} cannot be written: {error.strerror}", remedy="name another file") from None


def exit_code(report: Report, *, strict: bool, exit_zero: bool) -> int:
    """0 clean, 1 findings of severity error (or warning, with strict), 2 when something is undecided."""
    from solutio_topology.findings import Severity

    if exit_zero:
        return 0
    if report.error:
        return 2
    if report.count(Severity.ERROR) or (strict and report.count(Severity.WARNING)):
        only_undecided = all(
            finding.code == "P002" for finding in report.findings if finding.severity is Severity.ERROR
        )
        return 2 if only_undecided and report.count(Severity.ERROR) else 1
    return 0
