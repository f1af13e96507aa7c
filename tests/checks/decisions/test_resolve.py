"""What a decision holds: by the names in it, by what it says itself, by both, or by neither."""

from __future__ import annotations

from typing import Any

from solutio_topology.checks.decisions import held
from solutio_topology.spec.decisions import Decision


def _parts(**fields: Any) -> list[list[tuple[str, str]]]:
    (found,) = held({"x": Decision.model_validate({"title": "T", **fields})})
    return [[(each.name, each.version) for each in part.members] for part in found.parts]


def _marks(rejected: Any, chosen: str = "nothing known") -> list[str]:
    """The images that give an alternative away."""
    (found,) = held({"x": Decision.model_validate({"title": "T", "chosen": chosen, "rejected": rejected})})
    return [mark for each in found.alternatives for marks in each.marks for mark in marks.images]


def test_every_part_of_a_choice_is_held() -> None:
    assert _parts(chosen="PostgreSQL 16 + TimescaleDB") == [[("PostgreSQL", "16")], [("TimescaleDB", "")]]


def test_of_two_that_will_do_either_is_enough() -> None:
    assert _parts(chosen="Qdrant ou Pinecone") == [[("Qdrant", ""), ("Pinecone", "")]]


def test_components_say_what_an_unknown_choice_is() -> None:
    assert _parts(chosen="Ours", components=["ours"]) == [[("Ours", "")]]
    assert _parts(chosen="Ours") == []


def test_known_components_of_a_known_choice_add_no_part() -> None:
    assert _parts(chosen="go2rtc + MediaMTX", components=["go2rtc", "mediamtx"]) == [
        [("go2rtc", "")],
        [("MediaMTX", "")],
    ]


def test_marks_of_one_s_own_are_added_to_what_is_known_or_replace_it() -> None:
    def images(known: bool) -> list[list[str]]:
        recognise = {"images": ["ours"], "known": known}
        (found,) = held({"x": Decision.model_validate({"title": "T", "chosen": "go2rtc", "recognise": recognise})})
        return [member.marks.images for part in found.parts for member in part.members]

    assert images(known=True) == [["alexxit/go2rtc", "ours"]]
    assert images(known=False) == [["ours"]]


def test_an_alternative_is_known_by_its_name_by_its_own_marks_or_by_both() -> None:
    assert _marks({"canyan": None}) == []
    known = _marks({"Janus": None})
    assert "canyan/janus-gateway" in known
    assert _marks({"Janus": {"recognise": {"images": ["ours"]}}}) == [*known, "ours"]
    assert _marks({"Janus": {"recognise": {"images": ["ours"], "known": False}}}) == ["ours"]


def test_of_several_names_in_an_alternative_the_first_is_meant() -> None:
    assert _marks({"pgvector in PostgreSQL": None}) == _marks({"pgvector": None})


def test_a_variant_of_what_was_chosen_is_not_what_was_chosen() -> None:
    assert _marks({"Redis without persistence": None}, chosen="Redis") == []


def test_a_provider_brings_what_is_known_of_it() -> None:
    (found,) = held(
        {
            "x": Decision.model_validate(
                {"title": "T", "chosen": "x", "rejected": {"Theirs": {"recognise": {"providers": ["eks"]}}}}
            )
        }
    )
    ((marks,),) = (each.marks for each in found.alternatives)
    assert "ebs.csi.aws.com" in marks.keys
