"""What was chosen and what was rejected, and how both are recognised."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from solutio_topology.spec.amounts import Date
from solutio_topology.spec.base import Host, Model, Name, Names, Placement, PortNumber, shaped

Line = Annotated[
    str, shaped(r"^[^\s]([^\n\r]*[^\s])?$", "one line of text, with neither blanks nor line breaks at its ends")
]
Text = Annotated[str, shaped(r"^[^\s]([^\r]*[^\s])?$", "text, with neither blanks nor line breaks at its ends")]
Mark = Annotated[
    str, shaped(r"^[^\s?\[\]]*[^\s*?\[\]][^\s?\[\]]*$", "a name without blanks and brackets; * stands for any text")
]
"""What is looked for, in which ``*`` stands for anything."""
Status = Literal["proposed", "accepted", "rejected", "deprecated", "superseded"]


class Recognition(Model):
    """What gives a technology away, in the topology and in manifests. ``*`` stands for any text."""

    components: Names = []
    """Components that are it."""
    titles: list[Line] = []
    """Words in the title of a service that is it; nothing else shows what runs on people's devices."""
    images: list[Mark] = []
    """Repositories of container images, without registry and tag: ``mongo``, ``bitnami/mongodb*``."""
    charts: list[Mark] = []
    """Helm charts."""
    extensions: list[Mark] = []
    """PostgreSQL extensions that are created."""
    preload: list[Mark] = []
    """PostgreSQL libraries that are loaded at the start."""
    hosts: list[Host] = []
    """Names of hosts that are connected to: ``*.mongodb.net``."""
    schemes: list[Mark] = []
    """Schemes of addresses: ``mongodb+srv``."""
    variables: list[Mark] = []
    """Environment variables: ``TWILIO_*``."""
    packages: list[Mark] = []
    """Programs and packages on command lines: ``astro``, ``@nestjs/*``."""
    keys: list[Mark] = []
    """Keys of labels and annotations, API groups, storage classes and drivers: ``eks.amazonaws.com/*``."""
    ports: list[PortNumber] = []
    """Ports that nothing else uses."""
    providers: Names = []
    """Whose cloud it is: ``platform.orchestrator``, and what solutio knows of that provider."""
    known: bool = True
    """Whether what solutio knows of the name counts as well."""


class Rejected(Model):
    """An alternative that was rejected."""

    reason: Line | None = None
    """Why. A word for discontinued (``descontinuado``) makes every use of it a finding, whoever allows it."""
    recognise: Recognition | None = None
    """What gives it away, beside what solutio knows of its name."""
    allowed: dict[Name, Line] = {}
    """Services that may use it all the same, each with the reason."""
    unseen: Line | None = None
    """Why nothing could ever show it, where that is so: it is a way to write code."""


class Decision(Model):
    """What was chosen, what was rejected and why, and how both are recognised."""

    title: Line
    """What was decided."""
    chosen: Line
    """What was chosen. Names that solutio knows are recognised in it, with the version behind them."""
    why: Line | None = None
    """Why it was chosen."""
    context: Text | None = None
    """The problem that it solves."""
    rejected: dict[Line, Line | Rejected | None] = {}
    """Alternative: its reason, or more than that."""
    components: Names = []
    """Components that realize the choice."""
    recognise: Recognition | None = None
    """What gives the choice away, beside what solutio knows of its name."""
    placement: Placement | None = None
    """Where it must run: ``external`` is a finding when it runs in the cluster."""
    unseen: Line | None = None
    """Why nothing could ever show the choice, where that is so."""
    status: Status = "accepted"
    """Where it stands, in MADR's words. Only what is accepted is held."""
    date: Date | None = None
    """When it was decided, or last changed."""
    supersedes: Names = []
    """Decisions that no longer hold because of it."""
    id: Annotated[int, Field(ge=1, le=9999)] | None = None
    """Number of its file under ``docs/adr/``; without one the file is named after the key alone."""

    def alternatives(self) -> dict[str, Rejected]:
        """The rejected ones, the short forms spelled out."""
        return {
            name: each if isinstance(each, Rejected) else Rejected(reason=each) for name, each in self.rejected.items()
        }
