"""Values of the command line are converted as typer would, without what typer loads for it."""

from __future__ import annotations

import subprocess
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer

from solutio_topology.cli.plain import Command


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


def called(cls: type[Any] | None, arguments: list[str]) -> object:
    """What a command of every kind of parameter is called with, or what is said instead."""
    found: list[object] = []
    app = typer.Typer(add_completion=False, rich_markup_mode=None)

    @app.command(cls=cls)
    def command(
        name: str,
        paths: Annotated[list[Path] | None, typer.Argument()] = None,
        file: Path | None = None,
        texts: Annotated[list[str] | None, typer.Option("--text")] = None,
        colour: Colour = Colour.RED,
        number: int = 3,
        loud: bool = False,
        where: Path = Path("here"),
    ) -> None:
        found.append((name, paths, file, texts, colour, number, loud, where))

    try:
        typer.main.get_command(app).main(args=arguments, prog_name="it", standalone_mode=False)
    except Exception as error:
        return type(error), str(error)
    return found


@pytest.mark.parametrize(
    "arguments",
    [
        ["x"],
        ["x", "a", "b"],
        [
            "x",
            "--file",
            "f",
            "--text",
            "1",
            "--text",
            "2",
            "--colour",
            "blue",
            "--number",
            "4",
            "--loud",
            "--where",
            "/",
        ],
        ["x", "--file", "", "--text", ""],
        ["x", "--colour", "green"],
        ["x", "--colour", "RED"],
        ["x", "--number", "many"],
        ["x", "--nothing"],
        [],
        [""],
    ],
)
def test_as_typer_does(arguments: list[str]) -> None:
    assert called(Command, arguments) == called(None, arguments)


@pytest.mark.parametrize("command", [["reach", "{}"], ["pod", "--help"], ["-h"]])
def test_pydantic_is_not_loaded_for_it(tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "a.yaml").write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n")
    code = (
        "import sys\nfrom solutio_topology.cli.app import run\nassert run(sys.argv[1:]) == 0\n"
        "sys.exit(int('pydantic' in sys.modules))"
    )
    words = [each.format(tmp_path) for each in command]
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
