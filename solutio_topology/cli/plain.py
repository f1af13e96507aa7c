"""Values of the command line that need no conversion.

typer loads pydantic to convert even what is not given, which takes longer than some commands do.
"""

from __future__ import annotations

from enum import Enum, EnumType
from functools import partial
from pathlib import Path
from typing import Any

from typer import Typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption


class Command(TyperCommand):
    """A command whose texts, paths and defaults are taken as they are; typer converts what is left."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Every parameter, the one for help included."""
        return [_plain(each) for each in super().get_params(ctx)]


class Group(TyperGroup):
    """A group of such commands."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Every parameter, the one for help included."""
        return [_plain(each) for each in super().get_params(ctx)]


def tree(name: str, about: str) -> Typer:
    """A program, or a group of commands, that tells how to use it when no command is named."""
    return Typer(
        cls=Group,
        name=name,
        help=about,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )


def _plain(parameter: Any) -> Any:
    if isinstance(parameter, TyperArgument | TyperOption) and "process_value" not in vars(parameter):
        parameter.process_value = partial(_process, parameter, parameter.process_value)  # type: ignore[method-assign]
    return parameter


def _process(parameter: TyperArgument | TyperOption, convert: Any, ctx: Any, given: Any) -> Any:
    if (parameter.required and not given) or not _is_plain(parameter, given):
        return convert(ctx, given)
    value = _taken(parameter, given)
    return parameter.callback(ctx, parameter, value) if parameter.callback is not None else value


def _is_plain(parameter: TyperArgument | TyperOption, given: Any) -> bool:
    wanted = parameter.type_descriptor.annotation
    if given is None or wanted in {str, Path}:
        return given is None or isinstance(given, str | Path)
    if isinstance(wanted, EnumType):
        return given in set(wanted)
    return isinstance(given, tuple | list) if wanted == list[str] else wanted is bool and isinstance(given, bool)


def _taken(parameter: TyperArgument | TyperOption, given: Any) -> Any:
    wanted = parameter.type_descriptor.annotation
    if given is None:
        return () if parameter.multiple or parameter.nargs == -1 else None
    if isinstance(wanted, type) and issubclass(wanted, Enum | Path):
        return wanted(given)
    return list(given) if wanted == list[str] else given
