"""A price book of one's own in a file beside the topology."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from solutio_topology import catalog
from solutio_topology.errors import InputError
from solutio_topology.spec.load import Loaded, load, load_text

REAL = (Path(__file__).parents[2] / "topology.yaml").read_text()


def _load(folder: Path, named: str, book: str | None) -> Loaded:
    text = REAL.replace("costs:\n", f"costs:\n  prices: {named}\n", 1)
    (folder / "topology.yaml").write_text(text)
    if book is not None:
        (folder / "book.yaml").write_text(book)
    return load(folder / "topology.yaml", known_components=catalog.names())


def _faults(folder: Path, named: str, book: str | None) -> list[tuple[str, int, str]]:
    with pytest.raises(InputError) as caught:
        _load(folder, named, book)
    found = caught.value.findings
    return [(Path(each.location.file).name, each.location.line, each.message) for each in found]


GOOD = """# ours
s-4vcpu-8gb: {amount: 42.5, date: 2026-11-01, source: contract}
volume:
  {amount: 0.08, date: 2026-11-01}
"""


def test_its_prices_stand_in_the_place_of_its_name(tmp_path: Path) -> None:
    loaded = _load(tmp_path, "book.yaml", GOOD)
    prices = loaded.topology.costs.own_prices
    assert {key: price.amount for key, price in prices.items()} == {
        "s-4vcpu-8gb": Decimal("42.5"),
        "volume": Decimal("0.08"),
    }
    where = loaded.source.locate("costs.prices.volume.amount")
    assert (Path(where.file).name, where.line, where.pointer) == ("book.yaml", 4, "costs.prices.volume.amount")
    assert loaded.source.excerpt(where) == "  {amount: 0.08, date: 2026-11-01}"


@pytest.mark.parametrize(
    ("named", "book", "told"),
    [
        ("book.yaml", None, ("topology.yaml", "there is no such file")),
        ("../book.yaml", None, ("topology.yaml", "leads out of the topology's folder")),
        ("/etc/passwd", None, ("topology.yaml", "leads out of the topology's folder")),
        ("book.yaml", "a: [", ("book.yaml", "")),
        ("book.yaml", "- a", ("book.yaml", "must hold a map")),
        ("book.yaml", "volume: {amount: -1, date: 2026-11-01}", ("book.yaml", "costs.prices.volume.amount")),
        ("book.yaml", "volume: {amount: 1000001, date: 2026-11-01}", ("book.yaml", "out of range")),
        ("book.yaml", "volume: {amount: .nan, date: 2026-11-01}", ("book.yaml", ".nan is no number")),
        ("book.yaml", "volume: {amount: 1}", ("book.yaml", "lacks the key 'date'")),
        ("book.yaml", "volume: {amount: 1, date: soon}", ("book.yaml", "no day of the calendar")),
        ("book.yaml", "volume: 3", ("book.yaml", "costs.prices.volume")),
        ("book.yaml", "NOT A KEY: {amount: 1, date: 2026-11-01}", ("book.yaml", "does not have the right shape")),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(
    tmp_path: Path, named: str, book: str | None, told: tuple[str, str]
) -> None:
    found = _faults(tmp_path, named, book)
    assert len(found) == 1, found
    assert (found[0][0], told[1] in found[0][2]) == (told[0], True), found


def test_a_topology_without_a_folder_names_no_file() -> None:
    text = REAL.replace("costs:\n", "costs:\n  prices: book.yaml\n", 1)
    with pytest.raises(InputError, match="without a folder"):
        load_text(text.encode(), "x.yaml", known_components=catalog.names())
