"""``D``: what was rejected because it is discontinued, wherever it is named, whoever allows it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from solutio_topology.checks.check import BothCheck
from solutio_topology.checks.decision_evidence_rules import place
from solutio_topology.checks.decisions import Alternative, Decided, Found, decided
from solutio_topology.checks.decisions.found import Owner, strongest
from solutio_topology.findings import Finding, Location, Related, Rule, Severity

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence, Intent
    from solutio_topology.manifests.facts import Object, Place

DISCONTINUED = Rule(
    code="D014",
    name="discontinued-in-use",
    severity=Severity.ERROR,
    summary="A use or a mention of what a decision rejected because it is discontinued.",
    rationale="What is discontinued gets no security fixes; no exception and no newer decision changes that.",
    example="image: tools/janus-recorder while Janus is rejected as discontinued",
    remedy="take something that is kept alive; if it is alive after all, correct the reason in the decision",
)
_SECRETS = frozenset({"Secret", "SealedSecret"})


def discontinued(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    """Uses that no other rule tells, and mentions by name."""
    all_of_them = decided(intent)
    for held in all_of_them.held:
        for alternative in held.alternatives:
            if alternative.discontinued:
                yield from _chosen(intent, all_of_them, alternative)
                yield from _used(intent, evidence, all_of_them, alternative)


def _chosen(intent: Intent, all_of_them: Decided, alternative: Alternative) -> Iterator[Finding]:
    """Choices of it that no contradiction tells: the decision that rejected it no longer holds, or allows it."""
    for held in all_of_them.in_force:
        members = [member for part in held.parts for member in part.members]
        is_it = alternative.technology and any(each.technology is alternative.technology for each in members)
        silent = not all_of_them.by_key[alternative.decision].in_force or alternative.rejected.allowed
        if is_it and silent:
            message = f"decision {held.key} is for {held.decision.chosen}, and {alternative.why}"
            where = intent.locate(f"{held.pointer}.chosen")
            yield _finding(intent, alternative, message, where, f"decision {held.key}")


def _used(intent: Intent, evidence: Evidence, all_of_them: Decided, alternative: Alternative) -> Iterator[Finding]:
    owner = Owner(alternative.decision, alternative.name)
    here = [each for each in all_of_them.in_topology(intent) if each.owner == owner]
    there = [each for each in all_of_them.in_manifests(evidence) if each.owner == owner]
    silent = [each for each in (*here, *there) if _is_silent(all_of_them, alternative, each)]
    for (subject, _), pieces in strongest(silent).items():
        message = f"{subject} uses {alternative.name} ({pieces[0].said}): {alternative.why}"
        yield _finding(intent, alternative, message, place(intent, evidence, pieces[0]), subject)
    yield from _named(intent, evidence, alternative, frozenset(each.subject for each in there))


def _named(intent: Intent, evidence: Evidence, alternative: Alternative, told: frozenset[str]) -> Iterator[Finding]:
    """Objects that only name it, once a file: what serves one program names it many times."""
    by_file: dict[str, dict[str, Place]] = {}
    for source, pointer in _mentions(evidence, alternative):
        if str(source.key) not in told:
            file = evidence.facts.documents[source.place.document].file
            by_file.setdefault(file, {}).setdefault(str(source.key), source.place.at(*pointer))
    for objects in by_file.values():
        (subject, place_of_it), *others = objects.items()
        more = f" and {len(others)} more of its file" if others else ""
        message = f"{subject}{more} names {alternative.name}: {alternative.why}"
        yield _finding(intent, alternative, message, evidence.locate(place_of_it), subject)


def _is_silent(all_of_them: Decided, alternative: Alternative, found: Found[Owner]) -> bool:
    """Whether no other rule tells of it: it is allowed there, or its decision does not hold."""
    in_force = all_of_them.by_key[alternative.decision].in_force
    return not in_force or bool(found.services & alternative.rejected.allowed.keys())


def _mentions(evidence: Evidence, alternative: Alternative) -> Iterator[tuple[Object, tuple[str | int, ...]]]:
    """Where manifests name it as a word of its own. The values of Secrets are not looked at."""
    pattern = _pattern(alternative)
    if pattern.search(_words(evidence)) is None:
        return
    raw = re.compile(pattern.pattern.encode(), re.IGNORECASE)
    named = {index for index, document in enumerate(evidence.facts.documents) if raw.search(document.text)}
    for source in evidence.facts.objects:
        if source.place.document in named and source.key.kind not in _SECRETS:
            yield from ((source, pointer) for pointer in _places(source.body, pattern))


def _words(evidence: Evidence) -> str:
    """Every text and key of the manifests, each once: most of what is discontinued is named nowhere."""
    found: str | None = evidence.memo.get("words")
    if found is None:
        texts: set[str] = set()
        seen: set[int] = set()
        for source in evidence.facts.objects:
            _add_words(source.body, texts, seen)
        found = evidence.memo["words"] = "\n".join(sorted(texts))
    return found


def _add_words(value: Any, texts: set[str], seen: set[int]) -> None:
    """Add the texts below a value but for parts that were `seen`: the manifests hold equal ones once."""
    if isinstance(value, str):
        texts.add(value)
    elif isinstance(value, (dict, list)) and id(value) not in seen:
        seen.add(id(value))
        for inner in (*value, *value.values()) if isinstance(value, dict) else value:
            _add_words(inner, texts, seen)


def _pattern(alternative: Alternative) -> re.Pattern[str]:
    return re.compile(rf"(?<![a-z0-9])(?:{'|'.join(map(re.escape, _names(alternative)))})(?![a-z0-9])", re.IGNORECASE)


def _names(alternative: Alternative) -> Sequence[str]:
    return alternative.technology.names if alternative.technology else [alternative.name]


_LABELS = frozenset({"labels", "matchLabels", "selector", "podLabels"})


def _places(value: Any, pattern: re.Pattern[str], at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Pointers to keys and texts that the pattern is found in. Labels say what things are called, not what they are."""
    items: Iterable[tuple[str | int, Any]] = ()
    if isinstance(value, dict):
        items = ((key, inner) for key, inner in value.items() if key not in _LABELS)
    elif isinstance(value, list):
        items = enumerate(value)
    elif isinstance(value, str) and pattern.search(value):
        yield at
    for key, inner in items:
        if isinstance(key, str) and pattern.search(key):
            yield (*at, key)
        yield from _places(inner, pattern, (*at, key))


def _finding(intent: Intent, alternative: Alternative, message: str, where: Location, subject: str) -> Finding:
    also = (Related(intent.locate(alternative.pointer), "rejected here as discontinued"),)
    return DISCONTINUED.finding(message, where, subject=subject, related=also)


CHECKS: tuple[BothCheck, ...] = (BothCheck(DISCONTINUED, discontinued),)
