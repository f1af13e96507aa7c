"""What can be wrong with a topology as a file: the ``S`` rules."""

from __future__ import annotations

from solutio_topology.findings import Rule, Severity

UNREADABLE = Rule(
    code="S001",
    name="unreadable-file",
    severity=Severity.ERROR,
    summary="The file is no YAML document.",
    rationale="Nothing can be said about a topology that cannot be read; guessing would render something else.",
    example="services: [",
    remedy="correct the place that is named; an editor with YAML support shows it too",
)
DUPLICATE_KEY = Rule(
    code="S002",
    name="duplicate-key",
    severity=Severity.ERROR,
    summary="A key stands twice in one map.",
    rationale="YAML readers silently keep one of the two, and not all of them the same one.",
    example="services: {api: {…}, api: {…}}",
    remedy="keep one of them, or give the second a name of its own",
)
UNKNOWN_KEY = Rule(
    code="S003",
    name="unknown-key",
    severity=Severity.ERROR,
    summary="A key that the format does not know.",
    rationale="A misspelled key would be ignored, and what it was to change would stay as it is.",
    example="services: {api: {replica: 2}}",
    remedy="correct the key, or remove it",
)
MISSING_KEY = Rule(
    code="S004",
    name="missing-key",
    severity=Severity.ERROR,
    summary="A key that the format needs is missing.",
    rationale="There is no value that would be right for everyone.",
    example="edges: {api-pg: {from: api}}",
    remedy="add the key",
)
WRONG_VALUE = Rule(
    code="S005",
    name="wrong-value",
    severity=Severity.ERROR,
    summary="A value of the wrong type or shape.",
    rationale="It would be refused by Kubernetes later, or mean something else than it says.",
    example="services: {api: {ports: {http: 70000}}}",
    remedy="correct the value",
)
DANGLING_NAME = Rule(
    code="S006",
    name="dangling-name",
    severity=Severity.ERROR,
    summary="A name that nothing in the topology has.",
    rationale="The edge, path or override would be without effect.",
    example="edges: {api-pg: {from: api, to: postgres}}",
    remedy="correct the name, or declare what it names",
)
CONFLICTING_INCLUDE = Rule(
    code="S007",
    name="conflicting-include",
    severity=Severity.ERROR,
    summary="An included file that is missing, outside the folder, or says something twice.",
    rationale="Which of two definitions holds would depend on the order of files.",
    example="include: [../other/*.yaml]",
    remedy="include files below the topology's folder; define each tenant pod once",
)

SAID_TWICE = Rule(
    code="S010",
    name="said-twice",
    severity=Severity.ERROR,
    summary="A variable, path, port or name that two parts of the topology give, each in its own way.",
    rationale="Only one of them can hold, and which one would depend on the order in which they are read.",
    example="env: {TOKEN: abc} beside secrets: {TOKEN: api/token}",
    remedy="keep one of the two",
)
RESERVED_NAME = Rule(
    code="S011",
    name="reserved-name",
    severity=Severity.ERROR,
    summary="A name that the rendered tree needs for something else.",
    rationale="Two things would be written to one folder or namespace, and one would overwrite the other.",
    example="pods: {platform: {tier: enterprise}}",
    remedy="choose another name",
)

RULES = (
    UNREADABLE,
    DUPLICATE_KEY,
    UNKNOWN_KEY,
    MISSING_KEY,
    WRONG_VALUE,
    DANGLING_NAME,
    CONFLICTING_INCLUDE,
    SAID_TWICE,
    RESERVED_NAME,
)
