"""The comment on a pull request: never too long, never broken."""

from __future__ import annotations

from solutio_topology.diff.model import Blast, Danger, Difference
from solutio_topology.manifests.facts import Key
from solutio_topology.report.diff_markdown import LIMIT, render
from solutio_topology.report.diff_summary import summary
from solutio_topology.report.diff_text import Extent
from solutio_topology.report.diff_text import render as as_text
from tests.diff.hand import compared, replaced
from tests.diff.test_meaning import APP


def _many(count: int) -> str:
    return "---".join(
        APP.replace("name: desk, namespace", f"name: desk-{number}, namespace") for number in range(count)
    )


def test_a_long_comment_is_cut_with_a_count() -> None:
    found = replaced(_many(600), ("desk:1", "desk:2"))
    text = render(found)
    assert len(text) <= LIMIT
    assert "more, cut for want of room" in text
    assert text.count("<details>") == text.count("</details>")


def test_a_short_comment_holds_everything() -> None:
    text = render(replaced(_many(3), ("desk:1", "desk:2")), failing=("any",))
    assert "**Fails**: any" in text
    assert "cut" not in text
    assert text.count("`spec.template.spec.containers[desk].image`") == 3


def test_even_the_head_can_be_too_long() -> None:
    dangers = tuple(
        Danger("downtime", Key("apps", "Deployment", "x" * 200, f"d{number}"), "", "", "m" * 300, "r")
        for number in range(400)
    )
    assert len(render(Difference("prod", "a", "b", objects=compared(APP, "").objects, dangers=dangers))) <= LIMIT


def test_what_people_write_breaks_no_table() -> None:
    found = replaced(APP, ('image: "desk:1"', 'image: "desk|`<b>`"'))
    text = render(found)
    assert "<b>" not in text.replace("<b>'", "")


def test_the_text_tells_the_answers_first() -> None:
    found = replaced(APP, ("desk:1", "desk:2"))
    lines = as_text(found, extent=Extent.STAT).splitlines()
    assert [line.split()[0] for line in lines[1:8]] == [
        "objects",
        "rollout",
        "dangers",
        "exposure",
        "money",
        "capacity",
        "findings",
    ]
    assert as_text(found).startswith("\n".join(lines))


def test_a_service_of_many_tenant_pods_is_told_with_their_count() -> None:
    services = (*(f"customer-{number}/api" for number in range(20)), "default/ing")
    found = Difference("prod", "a", "b", objects=compared(APP, "").objects, blast=Blast(services=services))
    assert dict(summary(found))["services"] == "api of 20 tenant pods, default/ing"
