"""What refreshes the price book, on answers of the shape that the provider's OpenAPI description gives."""

from __future__ import annotations

import datetime
import importlib.util
import json
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from solutio_topology.yamlio import read_value

ROOT = Path(__file__).parents[2]
ANSWERS = Path(__file__).parent / "answers"
BOOK = (ROOT / "solutio_topology" / "cost" / "prices.yaml").read_text()
TODAY = datetime.date(2027, 1, 31)


def _tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("prices_tool", ROOT / "tools" / "prices.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TOOL = _tool()


def _answer(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ANSWERS / f"{name}.json").read_text(), parse_float=Decimal)
    return found


def _refreshed() -> str:
    text: str = TOOL.refreshed(BOOK, _answer("sizes"), _answer("registry"), TODAY)
    return text


def test_sizes_and_plans_have_the_prices_of_the_answers() -> None:
    book, faults = read_value(_refreshed().encode())
    assert faults == []
    assert book["machines"]["s-4vcpu-8gb"] == {
        "amount": "50.5",
        "unit": "node-month",
        "vcpu": 4,
        "memory": "8",
        "included": "5000",
        "source": "api-sizes",
    }
    assert book["machines"]["s-1vcpu-512mb-10gb"]["memory"] == "0.5"
    assert book["prices"]["registry-starter"] == {
        "amount": "0",
        "unit": "account-month",
        "included": "0.488",
        "repositories": 1,
        "source": "api-registry",
    }
    assert book["sources"]["api-sizes"] == {"text": "api.digitalocean.com/v2/sizes", "date": "2027-01-31"}


def test_what_is_new_is_added_and_what_is_not_told_stays_with_its_date() -> None:
    old, new = read_value(BOOK.encode())[0], read_value(_refreshed().encode())[0]
    told = {"s-1vcpu-512mb-10gb", "s-4vcpu-8gb", "s-9vcpu-18gb"}
    assert new["machines"].keys() - old["machines"].keys() == {"s-9vcpu-18gb"}
    assert {key: value for key, value in new["machines"].items() if key not in told} == {
        key: value for key, value in old["machines"].items() if key not in told
    }
    plans = {"registry-starter", "registry-basic", "registry-professional"}
    assert {key: value for key, value in new["prices"].items() if key not in plans} == {
        key: value for key, value in old["prices"].items() if key not in plans
    }


def test_comments_stay_and_a_second_run_changes_nothing() -> None:
    once = _refreshed()
    assert [line for line in BOOK.splitlines() if line.startswith("#")] == [
        line for line in once.splitlines() if line.startswith("#")
    ]
    assert TOOL.refreshed(once, _answer("sizes"), _answer("registry"), TODAY) == once


def test_a_page_of_the_answer_is_not_taken_for_the_whole() -> None:
    part = {**_answer("sizes"), "meta": {"total": 64}}
    with pytest.raises(SystemExit, match="4 of 64 sizes"):
        TOOL.refreshed(BOOK, part, _answer("registry"), TODAY)


def test_the_command_writes_the_book(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    book = tmp_path / "prices.yaml"
    book.write_text(BOOK)
    monkeypatch.delenv("DIGITALOCEAN_TOKEN", raising=False)
    answers = ["--sizes", str(ANSWERS / "sizes.json"), "--registry", str(ANSWERS / "registry.json")]
    monkeypatch.setattr("sys.argv", ["prices.py", *answers, "--book", str(book)])
    assert TOOL.main() == 0
    assert "lines of prices.yaml changed" in capsys.readouterr().out
    assert read_value(book.read_bytes())[0]["machines"]["s-9vcpu-18gb"]["vcpu"] == 9
    monkeypatch.setattr("sys.argv", ["prices.py"])
    assert TOOL.main() == 2
