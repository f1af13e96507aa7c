"""What no pattern can say about a value: each function returns it, or raises ValueError in people's words."""

from __future__ import annotations

import difflib
import re
from decimal import Decimal

PLACEHOLDERS = ("url", "scheme", "host", "port", "database", "username", "password", "public", "secret:KEY")
_PLACEHOLDER = re.compile(r"(?<!\$)\{([a-zA-Z][a-zA-Z_:-]*[^{}\s\"',]*)\}")
_SECRET = re.compile(r"secret:[-._a-zA-Z0-9]+")

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS: tuple[tuple[str, int, int, tuple[str, ...]], ...] = (
    ("second", 0, 59, ()),
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("day of the week", 0, 7, _DAYS),
)
_PART = re.compile(r"(\*|\?|[0-9]+|[a-z]{3})(?:-([0-9]+|[a-z]{3}))?(?:/([1-9][0-9]*))?")


def unique(names: list[str]) -> list[str]:
    """Names, each of them once."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ValueError(f"{name!r} stands in it twice")
        seen.add(name)
    return names


def network(text: str) -> str:
    """A range of addresses that begins where a range of its size can begin."""
    import ipaddress

    try:
        found = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ValueError(f"{text!r} is no range of addresses") from None
    if str(found.network_address) != str(ipaddress.ip_address(text.partition("/")[0])):
        raise ValueError(f"{text!r} names an address inside of the range {found}")
    return text


def fixed_tag(tag: str) -> str:
    """A tag that names one version."""
    if tag == "latest":
        raise ValueError("the tag latest moves: what runs would change without a commit; name a version")
    return tag


def without_parents(path: str) -> str:
    """A path that does not climb."""
    if ".." in path.split("/"):
        raise ValueError(f"{path!r} climbs out with ..")
    return path


def template(text: str) -> str:
    """Text whose placeholders are all known to bindings."""
    for name in _PLACEHOLDER.findall(text):
        if name not in PLACEHOLDERS[:-1] and not _SECRET.fullmatch(name):
            near = difflib.get_close_matches(name, PLACEHOLDERS, n=1)
            known = ", ".join(f"{{{each}}}" for each in PLACEHOLDERS)
            guess = f"did you mean {{{near[0]}}}?" if near else f"there is {known}"
            raise ValueError(f"nothing fills {{{name}}}; {guess}")
    return text


def cron(text: str) -> str:
    """A schedule of five fields whose numbers exist."""
    return text if text.startswith("@") else _schedule(text, _FIELDS[1:])


def cron_with_seconds(text: str) -> str:
    """A schedule of six fields, seconds first, whose numbers exist."""
    return _schedule(text, _FIELDS)


def _schedule(text: str, fields: tuple[tuple[str, int, int, tuple[str, ...]], ...]) -> str:
    for field, (name, low, high, words) in zip(text.lower().split(), fields, strict=True):
        for part in field.split(","):
            match = _PART.fullmatch(part)
            ends = [_number(end, words) for end in match.groups()[:2] if end not in {None, "*", "?"}] if match else []
            if match is None or any(not low <= end <= high for end in ends) or ends != sorted(ends):
                raise ValueError(f"{part!r} is no {name} of a schedule: {low} to {high}")
    return text


def _number(text: str, words: tuple[str, ...]) -> int:
    if text.isdigit():
        return int(text)
    return words.index(text) if words is _DAYS and text in words else words.index(text) + 1 if text in words else -1


_UNITS = {"m": Decimal("0.001"), "": Decimal(1)}
_UNITS |= {unit: Decimal(1000) ** power for power, unit in enumerate("kMGTP", 1)}
_UNITS |= {f"{unit}i": Decimal(1024) ** power for power, unit in enumerate("KMGTP", 1)}


def amount(quantity: str) -> Decimal:
    """A Kubernetes quantity as a number, exactly."""
    digits = quantity.rstrip("mkMGTPKi")
    return Decimal(digits) * _UNITS[quantity[len(digits) :]]
