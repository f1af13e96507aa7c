"""``M``: objects against the schema of their kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from solutio_topology.checks import schemas
from solutio_topology.checks.check import ManifestCheck
from solutio_topology.checks.walk import closest, maps, part
from solutio_topology.findings import Finding, Rule, Severity
from solutio_topology.manifests.cursor import describe

if TYPE_CHECKING:
    import jsonschema_rs

    from solutio_topology.checks.inputs import Evidence
    from solutio_topology.manifests.facts import Object

UNKNOWN_FIELD = Rule(
    code="M001",
    name="unknown-field",
    severity=Severity.ERROR,
    summary="A field that the kind does not have.",
    rationale="Strict servers refuse the object; others drop the field silently, and what it was to do is not done.",
    example="spec: {replica: 2} in a Deployment",
    remedy="correct the field's name or its indentation, or remove it",
)
MISSING_FIELD = Rule(
    code="M002",
    name="missing-field",
    severity=Severity.ERROR,
    summary="A field that the kind requires is missing.",
    rationale="The API server refuses the object, and Flux stops at it.",
    example="a container without an image",
    remedy="add the field",
)
WRONG_VALUE = Rule(
    code="M003",
    name="invalid-value",
    severity=Severity.ERROR,
    summary="A value of the wrong type, or none of those that the field takes.",
    rationale="The API server refuses the object, and Flux stops at it.",
    example='replicas: "2"',
    remedy="write a value that the field takes",
)
UNKNOWN_KIND = Rule(
    code="M004",
    name="kind-without-schema",
    severity=Severity.ERROR,
    summary="A kind of which no schema is at hand, or that this version of Kubernetes does not have.",
    rationale="It cannot be checked, and a check that is skipped must not look like one that passed.",
    example="apiVersion: batch/v1beta1, kind: CronJob",
    remedy="correct apiVersion and kind, put its CustomResourceDefinition beside it, or generate its schema",
)
_FOREIGN = frozenset({"kustomize.config.k8s.io"})
"""Groups of files that are read by tools and never sent to a cluster."""


def schema_findings(evidence: Evidence) -> Iterator[Finding]:
    """Every fault of every object, in the order of the manifests."""
    for source in evidence.facts.objects:
        if source.key.group in _FOREIGN:
            continue
        validator = _validator(evidence, source)
        if validator is None:
            yield _unknown(evidence, source)
        else:
            yield from _violations(evidence, source, validator)


def _validator(evidence: Evidence, source: Object) -> jsonschema_rs.Validator | None:
    kind = (source.key.group, source.version, source.key.kind)
    version = schemas.version_for(evidence.kubernetes)
    name = schemas.core_kinds(version).get(kind) if version else None
    if version and name:
        return schemas.core_validator(version, name)
    if custom := schemas.custom_kinds().get(kind):
        return schemas.custom_validator(custom.path)
    inline = _inline(evidence).get(kind)
    return schemas.inline_validator(inline) if inline else None


def _inline(evidence: Evidence) -> dict[tuple[str, str, str], dict[str, Any]]:
    """The schemas of CustomResourceDefinitions among the manifests."""
    found = {}
    for each in evidence.of_kind("CustomResourceDefinition", "apiextensions.k8s.io"):
        spec = part(each.body, "spec")
        for _, version in maps(part(spec, "versions")):
            schema = part(version, "schema", "openAPIV3Schema")
            if isinstance(schema, dict):
                found[str(part(spec, "group")), str(version.get("name")), str(part(spec, "names", "kind"))] = schema
    return found


def _unknown(evidence: Evidence, source: Object) -> Finding:
    version = schemas.version_for(evidence.kubernetes) or ""
    known = [*(schemas.core_kinds(version) if version else ()), *schemas.custom_kinds(), *_inline(evidence)]
    written = str(source.body.get("apiVersion"))
    return UNKNOWN_KIND.finding(
        f"{source.key}: no schema of kind {source.key.kind} of {written} is at hand{_hint(source, known)}",
        evidence.locate(source.place.at("kind")),
        subject=str(source.key),
    )


def _hint(source: Object, known: list[tuple[str, str, str]]) -> str:
    group, kind = source.key.group, source.key.kind
    same = sorted(_api(g, v) for g, v, k in known if k == kind)
    if same:
        return f"; {kind} is of {' or '.join(same)}"
    return closest(kind, (k for g, v, k in known if (g, v) == (group, source.version)))


def _api(group: str, version: str) -> str:
    return f"{group}/{version}" if group else version


def _violations(evidence: Evidence, source: Object, validator: jsonschema_rs.Validator) -> Iterator[Finding]:
    body = source.body
    if source.key.kind == "Secret" and "sops" in body:
        body = {key: value for key, value in body.items() if key != "sops"}
    # The status is the server's own: exports have it, and what is written there is ignored.
    body = {key: value for key, value in body.items() if key != "status"}
    for error in validator.iter_errors(body):
        yield from _violation(evidence, source, error)


def _violation(evidence: Evidence, source: Object, error: jsonschema_rs.ValidationError) -> Iterator[Finding]:
    at, kind, details = source.place.at(*error.instance_path), error.kind.name, error.kind.as_dict()
    if kind == "additionalProperties":
        for name in details["unexpected"]:
            near = closest(name, _fields(evidence, error))
            message = f"{source.key}: there is no field {_dotted(error, name)}{near}"
            yield UNKNOWN_FIELD.finding(message, evidence.locate(at.at(name)), subject=str(source.key))
    elif kind == "required":
        message = f"{source.key}: {_dotted(error, details['property'])} is missing"
        yield MISSING_FIELD.finding(message, evidence.locate(at), subject=str(source.key))
    else:
        message = f"{source.key}: {_dotted(error) or 'the object'} {_expected(kind, details, error.instance)}"
        yield WRONG_VALUE.finding(message, evidence.locate(at), subject=str(source.key))


def _dotted(error: jsonschema_rs.ValidationError, *more: str) -> str:
    text = ""
    for step in (*error.instance_path, *more):
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text


def _fields(evidence: Evidence, error: jsonschema_rs.ValidationError) -> list[str]:
    """The fields that the place has, where the schema names its definition."""
    version = schemas.version_for(evidence.kubernetes)
    steps = [str(step) for step in error.schema_path]
    if version is None or len(steps) < 3 or steps[-3] != "$defs":
        return []
    return schemas.fields_of(version, steps[-2])


_WORDS = {"string": "text", "integer": "a whole number", "object": "a map", "array": "a list", "null": ""}
_WORDS |= {"boolean": "true or false", "number": "a number"}


def _expected(kind: str, details: dict[str, Any], value: Any) -> str:
    """What the place takes. Values are told by their type alone: they may be secret."""
    found = describe(value)
    if kind == "type":
        wanted = " or ".join(_WORDS.get(name, name) for name in sorted(details["types"]) if _WORDS.get(name, name))
        return f"must be {wanted}, not {found}"
    if kind == "enum":
        return f"must be one of {', '.join(str(each) for each in details['options'])}"
    if kind == "oneOf":
        return f"cannot be {found}"
    said = {key: each for key, each in details.items() if key not in {"context", "value"}}
    return f"does not satisfy {kind} {', '.join(str(each) for each in said.values())}".rstrip()


def _of(rule: Rule) -> ManifestCheck:
    """One pass finds the faults of all four rules; each reports its own."""
    return ManifestCheck(rule, lambda evidence: (each for each in evidence.schema_findings if each.code == rule.code))


CHECKS = (_of(UNKNOWN_FIELD), _of(MISSING_FIELD), _of(WRONG_VALUE), _of(UNKNOWN_KIND))
