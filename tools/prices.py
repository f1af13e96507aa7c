"""Refresh the machine sizes and the registry's plans of the price book from the provider's API.

With ``DIGITALOCEAN_TOKEN`` set it asks the API; ``--sizes FILE --registry FILE`` read its answers from files instead
(``curl -H "Authorization: Bearer $DIGITALOCEAN_TOKEN" "$API/sizes?per_page=200"``). Prices that the API does not tell
(control plane, load balancers, volumes, object storage, traffic) are edited by hand in the book.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import re
import sys
import urllib.request
from decimal import Decimal
from pathlib import Path
from typing import Any

API = "https://api.digitalocean.com/v2"
BOOK = Path(__file__).parent.parent / "solutio_topology" / "cost" / "prices.yaml"
SOURCES = {"api-sizes": "api.digitalocean.com/v2/sizes", "api-registry": "api.digitalocean.com/v2/registry/options"}
GIB = 1024**3
_ENTRY = re.compile(r"^  ([a-z0-9][a-z0-9_.-]*): \{")


def main() -> int:
    """Write the book anew, and say what has changed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=Path, help="answer of GET /v2/sizes?per_page=200")
    parser.add_argument("--registry", type=Path, help="answer of GET /v2/registry/options")
    parser.add_argument("--book", type=Path, default=BOOK)
    given = parser.parse_args()
    token = os.environ.get("DIGITALOCEAN_TOKEN", "")
    if not token and not (given.sizes and given.registry):
        print("set DIGITALOCEAN_TOKEN, or name --sizes and --registry", file=sys.stderr)
        return 2
    sizes = _answer(given.sizes, "sizes?per_page=200", token)
    registry = _answer(given.registry, "registry/options", token)
    old = given.book.read_text()
    new = refreshed(old, sizes, registry, datetime.date.today())
    given.book.write_text(new)
    changed = [line for line in new.splitlines() if line not in old.splitlines()]
    print(f"{len(changed)} lines of {given.book.name} changed; look at them before you commit")
    return 0


def _answer(file: Path | None, path: str, token: str) -> dict[str, Any]:
    if file is not None:
        return _parsed(file.read_bytes())
    request = urllib.request.Request(f"{API}/{path}", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=30) as response:
        return _parsed(response.read())


def _parsed(data: bytes) -> dict[str, Any]:
    """An answer, its numbers exact."""
    found: dict[str, Any] = json.loads(data, parse_float=Decimal)
    return found


def refreshed(book: str, sizes: dict[str, Any], registry: dict[str, Any], today: datetime.date) -> str:
    """The text of the book with the prices of the answers. What they do not tell stays, with its own date."""
    _refuse_a_part(sizes)
    prices = {**registry_entries(registry)}
    machines = dict(sorted(machine_entries(sizes).items()))
    text = _with_sources(book, today)
    return _with_entries(_with_entries(text, "prices", prices), "machines", machines)


def _refuse_a_part(sizes: dict[str, Any]) -> None:
    whole = sizes.get("meta", {}).get("total", len(sizes["sizes"]))
    if whole != len(sizes["sizes"]):
        raise SystemExit(f"the answer holds {len(sizes['sizes'])} of {whole} sizes: ask with per_page=200")


def machine_entries(answer: dict[str, Any]) -> dict[str, str]:
    """The line of each size that can be ordered."""
    return {
        size["slug"]: _entry(
            amount=f'"{_plain(size["price_monthly"])}"',
            unit="node-month",
            vcpu=str(size["vcpus"]),
            memory=f'"{_plain(Decimal(size["memory"]) / 1024)}"',
            included=f'"{_plain(Decimal(size["transfer"]) * 1000)}"',
            source="api-sizes",
        )
        for size in answer["sizes"]
        if size["available"]
    }


def registry_entries(answer: dict[str, Any]) -> dict[str, str]:
    """The line of each plan of the registry."""
    found = {}
    for plan in answer["options"]["subscription_tiers"]:
        found[f"registry-{plan['slug']}"] = _entry(
            amount=f'"{_plain(Decimal(plan["monthly_price_in_cents"]) / 100)}"',
            unit="account-month",
            included=f'"{_plain(Decimal(plan["included_storage_bytes"]) / GIB)}"',
            repositories=str(plan["included_repositories"]),
            source="api-registry",
        )
    return found


def _entry(**fields: str) -> str:
    return "{" + ", ".join(f"{key}: {value}" for key, value in fields.items()) + "}"


def _plain(number: Any) -> str:
    """A number without needless zeros, rounded where a unit does not go into another: 0.48828125 is 0.488."""
    return f"{round(Decimal(str(number)), 3).normalize():f}"


def _with_sources(text: str, today: datetime.date) -> str:
    lines = {key: f'{{text: "{name}", date: "{today}"}}' for key, name in SOURCES.items()}
    return _with_entries(text, "sources", lines)


def _with_entries(text: str, section: str, entries: dict[str, str]) -> str:
    """The text with entries of a section replaced in their places, and new ones at its end."""
    head, start, rest = text.partition(f"\n{section}:\n")
    if not start:
        raise SystemExit(f"the book has no section {section}")
    left = dict(entries)
    lines: list[str] = []
    body = rest.splitlines()
    end = next((number for number, line in enumerate(body) if line and not line.startswith((" ", "#"))), len(body))
    for line in body[:end]:
        match = _ENTRY.match(line)
        known = match.group(1) if match else ""
        lines.append(f"  {known}: {left.pop(known)}" if known in left else line)
    lines += [f"  {key}: {value}" for key, value in left.items()]
    return head + start + "\n".join([*lines, *body[end:]]) + "\n"


if __name__ == "__main__":
    sys.exit(main())
