"""Documents in every style that people write, for hypothesis."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

WORDS = st.sampled_from(["org-a", "2026.11.1", "1.10", "yes", "it's", "", "a: b", "x #y", "ü", "012", "null", "{a}"])
VALUES = st.one_of(WORDS, st.integers(-9, 999), st.booleans(), st.none())
TREES = st.recursive(
    VALUES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["a", "b-c", "d", "tag", "1"]), inner, max_size=4)
    ),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(st.sampled_from(["pods", "services", "x", "y"]), TREES, min_size=1, max_size=4)


class _Writer:
    """Writes a value in a style that `draw` chooses line by line."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self._count = 0

    def _one_of(self, *choices: str) -> str:
        return self._draw(st.sampled_from(choices))

    def comment(self) -> str:
        self._count += 1
        return self._one_of("", "", f"   # note {self._count}: {{x: [\t'y", f" #\ttab {self._count}\t{{")

    def between(self, indent: str) -> Iterator[str]:
        self._count += 1
        yield from self._draw(st.sampled_from([[], [], [""], [f"{indent}# own {self._count}"], ["# left", "", ""]]))

    def scalar(self, value: Any) -> str:
        if isinstance(value, str):
            double = '"' + value.replace('"', '\\"') + '"'
            plain = [value] if value in {"org-a", "2026.11.1", "ü"} else []
            return self._one_of(double, "'" + value.replace("'", "''") + "'", *plain)
        return (
            {None: "null", True: "true", False: "false"}.get(value, str(value))
            if not isinstance(value, int) or isinstance(value, bool)
            else str(value)
        )

    def flow(self, value: Any) -> str:
        pad, comma = self._one_of("", " "), self._one_of(", ", ",  ", " , ")
        if isinstance(value, dict):
            return (
                "{"
                + pad
                + comma.join(f"{self.scalar(key)}: {self.flow(each)}" for key, each in value.items())
                + pad
                + "}"
            )
        if isinstance(value, list):
            return "[" + pad + comma.join(self.parts(value)) + pad + "]"
        return self.scalar(value)

    def parts(self, value: dict[str, Any] | list[Any]) -> list[str]:
        """The entries of a flow collection."""
        if isinstance(value, list):
            return [self.flow(each) for each in value]
        return [f"{self.scalar(key)}: {self.flow(each)}" for key, each in value.items()]

    def wide(self, value: dict[str, Any] | list[Any], indent: str) -> list[str]:
        """A flow collection over several lines."""
        ends = "[]" if isinstance(value, list) else "{}"
        *before, last = self.parts(value)
        inner = [*(f"{part}," for part in before), last + self._one_of("", ",")]
        return [ends[0] + self.comment(), *(f"{indent}  {part}{self.comment()}" for part in inner), indent + ends[1]]

    def entry(self, lead: str, value: Any, indent: str) -> Iterator[str]:
        style = self._one_of("block", "block", "flow", "wide")
        if isinstance(value, (dict, list)) and value and style == "block":
            yield lead.rstrip() + self.comment()
            yield from self.block(value, indent + self._one_of("  ", "    "))
        elif isinstance(value, (dict, list)) and value and style == "wide":
            first, *rest = self.wide(value, indent + " ")
            yield f"{lead}{first}"
            yield from rest
        elif isinstance(value, str) and value.isalpha() and style == "wide":
            yield f"{lead}|-{self.comment()}"
            yield f"{indent}    {value}"
        else:
            yield f"{lead}{self._one_of('', '  ')}{self.flow(value)}{self.comment()}"

    def block(self, value: Any, indent: str) -> Iterator[str]:
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from self.between(indent)
            lead = f"{indent}{self.scalar(key)}: " if isinstance(value, dict) else f"{indent}- "
            yield from self.entry(lead, each, indent + ("" if isinstance(value, dict) else "  "))


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    lines = list(_Writer(draw).block(draw(DOCUMENTS), ""))
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    text = newline.join(lines) + draw(st.sampled_from(["", newline, newline + newline]))
    return (draw(st.sampled_from(["", "\ufeff"])) + text).encode()
