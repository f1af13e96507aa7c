"""From records to decisions: those that were exported, and those that people wrote by the template."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, get_args

from msgspec import Struct, field

from solutio_topology.errors import InputError
from solutio_topology.findings import Location
from solutio_topology.spec.decisions import Decision, Status
from solutio_topology.spec.madr.text import BLOCK, CONTEXT, OPTIONS, OUTCOME, PROS, unguarded
from solutio_topology.spec.rules import UNREADABLE
from solutio_topology.spec.source import SourceFile, SourceMap
from solutio_topology.spec.translate import translate
from solutio_topology.yamlio import Positions, read_document

if TYPE_CHECKING:
    from collections.abc import Mapping


class Imported(Struct, frozen=True):
    """A decision that was read, its key, what the format has no place for, and the record that replaced it."""

    key: str
    decision: Decision
    left: tuple[str, ...] = ()
    """Parts of the record that were not taken over, as people call them."""
    superseded_by: str = ""
    """What its status says of the newer one: a key, a file name or a number."""
    name: str = ""
    """The name of its file."""


class _Section(Struct):
    """A heading and the lines below it, up to the next heading."""

    title: str
    level: int
    line: int
    lines: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The lines without the empty ones around them."""
        return "\n".join(self.lines).strip("\n")

    def bullets(self) -> list[str]:
        """The items of its lists; lines that go on are joined."""
        found: list[str] = []
        for line in self.lines:
            if match := re.match(r"[*+-] +(.*?)[ \t]*$", line):
                found.append(match[1])
            elif found and line.strip() and not line.startswith("<!--"):
                found[-1] = f"{found[-1]} {line.strip()}"
        return found


def read_record(data: bytes, name: str) -> Imported:
    """The decision in a MADR file. Raises InputError with every fault that stands in the way."""
    text = data.decode("utf-8", errors="replace").removeprefix("\ufeff").replace("\r\n", "\n")
    front, body, first = _split(text, name)
    block = front.get(BLOCK) if isinstance(front.get(BLOCK), dict) else None
    sections = _sections(body, first, own=block is not None)
    plain = _plain(front, block, sections, name)
    status = str(front.get("status", _listed(sections).get("status", "")))
    decision = _validated(plain, name, text)
    key = str(block["key"]) if block and "key" in block else _key(name, decision)
    left = () if block else tuple(_left(front, sections))
    return Imported(key, decision, left, _successor(status), PurePath(name).name)


def _split(text: str, name: str) -> tuple[dict[str, Any], list[str], int]:
    """The front matter, the lines after it, and the number of the first of them."""
    match = re.match(r"---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", text, re.DOTALL | re.MULTILINE)
    if match is None:
        return {}, text.split("\n"), 1
    value, _, faults = read_document(match[1].encode())
    if faults:
        fault = faults[0]
        raise _error(name, fault.line + 1, f"the front matter is {fault.message}", fault.remedy)
    if value is not None and not isinstance(value, dict):
        raise _error(name, 1, "the front matter is no map", "write keys such as status and date")
    return value or {}, text[match.end() :].split("\n"), match[0].count("\n") + 1


def _error(name: str, line: int, message: str, remedy: str) -> InputError:
    where = Location(name, line, 1)
    return InputError([UNREADABLE.finding(f"this is no MADR record: {message}", where, subject=name, remedy=remedy)])


def _sections(lines: list[str], first: int, *, own: bool) -> list[_Section]:
    """The record by headings. In one of ours every line that is no heading was guarded, in code blocks too."""
    found = [_Section("", 0, first)]
    fence = ""
    for number, line in enumerate(lines, first):
        marker = None if own else re.match(r" {0,3}(```+|~~~+)", line)
        if marker:
            fence = "" if fence and marker[1].startswith(fence) else fence or marker[1]
        heading = None if fence else re.match(r"(#{1,3}) +(.*?)[ \t]*$", line)
        if heading:
            found.append(_Section(heading[2], len(heading[1]), number))
        else:
            found[-1].lines.append(line)
    return found


def _plain(front: dict[str, Any], block: dict[str, Any] | None, sections: list[_Section], name: str) -> dict[str, Any]:
    """The decision as plain data, in the words of the topology."""
    title = next((each for each in sections if each.level == 1), None)
    if title is None or not title.title:
        raise _error(name, 1, "it has no title", "start it with: # Title")
    options = _section(sections, OPTIONS).bullets()
    chosen, why = _outcome(_section(sections, OUTCOME), options, name, title.line)
    given = {**(block or {}), **_listed(sections), **front}
    found: dict[str, Any] = {
        "title": _title(title.title, chosen, own=block is not None),
        "chosen": chosen,
        "why": why,
        "context": _context(_section(sections, CONTEXT).text, own=block is not None),
        "status": _status(str(given.get("status") or "accepted")),
        "date": given.get("date"),
        "rejected": _rejected(options, chosen, block, sections),
        **{key: value for key, value in (block or {}).items() if key not in {"key", "rejected"}},
    }
    number = re.match(r"0*([1-9][0-9]{0,3})-", PurePath(name).name)
    if block is None and number:
        found["id"] = int(number[1])
    return {key: value for key, value in found.items() if value is not None}


def _context(text: str, *, own: bool) -> str | None:
    return (unguarded(text) if own else text).strip(" \t\n") or None


def _section(sections: list[_Section], title: str) -> _Section:
    wanted = title.lower()
    return next((each for each in sections if each.title.lower() == wanted), _Section(title, 2, 0))


def _listed(sections: list[_Section]) -> dict[str, str]:
    """``* Status: accepted`` under the title: how MADR wrote it before it had a front matter."""
    title = next((each for each in sections if each.level == 1), None)
    pairs = (bullet.partition(":") for bullet in (title.bullets() if title else ()))
    return {key.strip().lower(): value.strip() for key, _, value in pairs if key.strip().lower() in {"status", "date"}}


_QUOTES = "\"“”'*_`"


def _outcome(section: _Section, options: list[str], name: str, line: int) -> tuple[str, str | None]:
    """The chosen option and why: of the options that are listed the first that fits, else what stands there."""
    first, *others = section.text.split("\n\n")[0].split("\n")
    text = " ".join([first, *(each.strip() for each in others)])
    match = re.match(r"Chosen options?: *", text, re.IGNORECASE)
    if match is None:
        remedy = 'write below "## Decision Outcome": Chosen option: "…", because …'
        raise _error(name, section.line or line, "it does not say which option was chosen", remedy)
    rest = text[match.end() :]
    for option in options:
        for quoted in (f'"{option}"', f"“{option}”", f"**{option}**", option):
            if rest.startswith(quoted):
                return option, _because(rest[len(quoted) :])
    found = re.match(r"[\"“*'`]*(.+?)[\"”*'`]*(?:,? because (.*)|\.?)$", rest)
    if found is None:
        raise _error(name, section.line, "it does not say which option was chosen", "name it behind: Chosen option:")
    return found[1], found[2] or None


def _because(rest: str) -> str | None:
    match = re.match(r",? because (.*)$", rest, re.DOTALL)
    return match[1].strip(" \t") or None if match else None


def _title(text: str, chosen: str, *, own: bool) -> str:
    if own:
        return text.removesuffix(f": {chosen}")
    return re.sub(r"^(?:ADR[- ]?)?[0-9]+[.:] +", "", text)


def _status(text: str) -> str:
    """The first word of the template that the status begins with; what it says else stays, to be refused."""
    low = text.strip().lower()
    return next((word for word in get_args(Status) if low.startswith(word)), low)


def _successor(status: str) -> str:
    """``0005-example.md`` of ``superseded by [ADR-0005](0005-example.md)``, ``ADR-0005`` where there is no link."""
    match = re.match(r"superseded by (?:\[[^\]]*\]\(([^)]+)\)|(\S+))", status.strip(), re.IGNORECASE)
    return (match[1] or match[2]) if match else ""


def _rejected(
    options: list[str], chosen: str, block: dict[str, Any] | None, sections: list[_Section]
) -> dict[str, Any] | None:
    more: Mapping[str, Any] = (block or {}).get("rejected") or {}
    found: dict[str, Any] = {}
    for name in (option for index, option in enumerate(options) if option != chosen or options.index(option) != index):
        reason = _reason(name, sections)
        found[name] = {**({"reason": reason} if reason else {}), **more[name]} if name in more else reason
    return found or None


def _reason(name: str, sections: list[_Section]) -> str | None:
    """What is bad about an option; several arguments become one line."""
    start = next((index for index, each in enumerate(sections) if each.title.lower() == PROS.lower()), len(sections))
    of_it = next((each for each in sections[start + 1 :] if each.level == 3 and each.title == name), None)
    found = [re.match(r"Bad,? because (.*)$", each, re.IGNORECASE) for each in (of_it.bullets() if of_it else ())]
    return "; ".join(match[1] for match in found if match) or None


def _validated(plain: dict[str, Any], name: str, text: str) -> Decision:
    from pydantic import ValidationError

    try:
        return Decision.model_validate(plain)
    except ValidationError as error:
        source = SourceMap(SourceFile(name, tuple(text.splitlines()), Positions(None)), {})
        raise InputError(list(translate(error.errors(), plain, source))) from None


def _key(name: str, decision: Decision) -> str:
    """A key for a decision that has none: its file's name, or its title."""
    stem = PurePath(name).stem if name.endswith(".md") else decision.title
    words = re.sub(r"[^a-z0-9]+", "-", re.sub(r"^[0-9]+-", "", stem.lower())).strip("-")
    return words[:40].strip("-") or "decision"


_TAKEN = {CONTEXT.lower(), OPTIONS.lower(), OUTCOME.lower(), PROS.lower()}


def _left(front: dict[str, Any], sections: list[_Section]) -> Iterator[str]:
    """What a record says that a decision has no place for."""
    yield from (str(key) for key in front if key not in {"status", "date"})
    level_two = ""
    for each in sections:
        level_two = each.title.lower() if each.level == 2 else level_two
        is_option = each.level == 3 and level_two == PROS.lower()
        if each.level > 1 and each.title.lower() not in _TAKEN and not is_option and each.text:
            yield each.title
        if is_option and any(not re.match(r"Bad,? because ", bullet, re.IGNORECASE) for bullet in each.bullets()):
            yield f"what is good or neutral about {each.title}"
