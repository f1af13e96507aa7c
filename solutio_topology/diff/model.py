"""What a comparison is made of, and what it finds."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from solutio_topology.diff.objects import ObjectChange

if TYPE_CHECKING:
    from decimal import Decimal

    from solutio_topology.checks.inputs import Evidence
    from solutio_topology.findings import Finding, Location
    from solutio_topology.graph.model import EnvironmentGraph
    from solutio_topology.manifests.facts import Key, Object
    from solutio_topology.reach.compare import Change


class Side(Struct, frozen=True):
    """One of two states that are compared."""

    name: str
    """What people call it: ``HEAD (1a2b3c4)``, ``topology.yaml now``, ``folder export``."""
    evidence: Evidence
    graph: EnvironmentGraph | None = None
    """Its topology, expanded; None where it has none."""
    findings: tuple[Finding, ...] | None = None
    """What the rules find in it; None where they could not be asked."""
    room: Mapping[tuple[str, str], str] | None = None
    """Whether its pods fit, by pool and when (`diff.capacity`); None where it has no topology."""
    whole: Mapping[Key, Object] = field(default_factory=dict)
    """Objects as they are, of which the evidence has only what speaks of those that are looked at."""

    @property
    def objects(self) -> tuple[Object, ...]:
        """Every object of the evidence, those that it has in part as a whole."""
        objects = self.evidence.facts.objects
        return tuple(self.whole.get(each.key, each) for each in objects) if self.whole else objects


class Cause(Struct, frozen=True):
    """A place of the topology that was changed, and how."""

    pointer: str
    location: Location
    before: object
    after: object


class Disruption(StrEnum):
    """What happens to the pods of a workload."""

    ROLLING = "rolling"
    """Replaced one after the other."""
    RECREATED = "recreated"
    """All stop before new ones start."""
    SCALED = "scaled"
    """More or fewer of the same."""
    STARTED = "started"
    """New."""
    STOPPED = "stopped"
    """Gone."""
    RUN = "run"
    """A Job that runs once."""
    NEXT_RUN = "next run"
    """A CronJob: what starts from now on is different."""
    ON_DELETE = "on delete"
    """Nothing until somebody deletes the pods."""
    OPERATED = "by its controller"
    """An operator or a Helm release decides: what is known of it is told."""
    UNNOTICED = "unnoticed"
    """What it reads changes, and nothing restarts it."""


class Rollout(Struct, frozen=True):
    """What one workload goes through."""

    key: Key
    pod: str
    service: str
    disruption: Disruption
    pods: str
    """How many pods: ``3``, ``2 to 8``, ``2 → 3``, or ``one a node``."""
    manner: str
    """How many at a time, and what may be missing meanwhile."""
    reasons: tuple[str, ...]
    """The places that cause it."""
    stage: str = ""
    """The Flux Kustomization that applies it."""


class Danger(Struct, frozen=True):
    """Something that cannot be undone, that fails, or that takes people down."""

    code: str
    """What kind: ``immutable-field``, ``data-lost`` … (`dangers.KINDS`)."""
    subject: Key
    pod: str
    service: str
    message: str
    remedy: str
    approved: str = ""
    """The reason with which the topology approves it; empty where it does not."""


class Exposure(Struct, frozen=True):
    """Connections that open, close and change, and what is public."""

    opened: tuple[Change, ...] = ()
    closed: tuple[Change, ...] = ()
    changed: tuple[Change, ...] = ()
    crossing: tuple[Change, ...] = ()
    """Of those opened or widened: between two tenant pods, with no edge that says so."""
    hosts_added: tuple[str, ...] = ()
    hosts_removed: tuple[str, ...] = ()
    owners: Mapping[str, str] = field(default_factory=dict)
    """The tenant pod of each workload by the name under which the changes know it."""

    def of(self, pod: str) -> Exposure:
        """What of it has a tenant pod on one of its ends."""

        def kept(changes: tuple[Change, ...]) -> tuple[Change, ...]:
            return tuple(each for each in changes if pod in (self.owners.get(each.src), self.owners.get(each.dst)))

        return replace(
            self,
            opened=kept(self.opened),
            closed=kept(self.closed),
            changed=kept(self.changed),
            crossing=kept(self.crossing),
        )

    def __bool__(self) -> bool:
        return bool(self.opened or self.closed or self.changed or self.hosts_added or self.hosts_removed)


class Amount(Struct, frozen=True):
    """One line of the bill, or a tenant pod's part of it (no `item`), before and after. None: it is not there."""

    item: str
    pod: str
    before: Decimal | None
    after: Decimal | None

    @property
    def difference(self) -> Decimal:
        """How much more it costs a month."""
        from decimal import Decimal

        return (self.after or Decimal(0)) - (self.before or Decimal(0))


class Money(Struct, frozen=True):
    """The bill of a month, before and after."""

    currency: str
    before: Decimal
    after: Decimal
    items: tuple[Amount, ...]
    """Those that differ."""
    pods: tuple[Amount, ...] = ()
    """Tenant pods that cost more or less, their part of what is shared included."""

    @property
    def difference(self) -> Decimal:
        """How much more a month costs."""
        return self.after - self.before


class Room(Struct, frozen=True):
    """Whether pods fit into a pool, before and after; empty where the pool is not there."""

    pool: str
    when: str
    """``at minimum replicas``, ``with a node lost``."""
    before: str
    after: str

    def __str__(self) -> str:
        return f"pool {self.pool} {self.when}: {self.before or 'not there'} → {self.after or 'not there'}"


class Blast(Struct, frozen=True):
    """Whom a change touches."""

    services: tuple[str, ...] = ()
    depending: tuple[str, ...] = ()
    """Services that are not changed and need one that is, directly or not."""
    paths: tuple[str, ...] = ()
    pods: tuple[str, ...] = ()
    orgs: tuple[str, ...] = ()


class Difference(Struct, frozen=True):
    """Everything that a change does."""

    environment: str
    before: str
    after: str
    objects: tuple[ObjectChange, ...] = ()
    rollouts: tuple[Rollout, ...] = ()
    order: tuple[str, ...] = ()
    """The Flux Kustomizations in which something changes, in the order in which they are applied."""
    dangers: tuple[Danger, ...] = ()
    exposure: Exposure | None = None
    money: Money | None = None
    introduced: tuple[Finding, ...] = ()
    fixed: tuple[Finding, ...] = ()
    blast: Blast = field(default_factory=Blast)
    causes: Mapping[Key, tuple[Cause, ...]] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    """Other files that differ, such as ``outside.md``."""
    notes: tuple[str, ...] = ()
    """What could not be compared, and why."""
    capacity: tuple[Room, ...] | None = None
    """Pools into which pods no longer fit, or fit now; None where a side has no topology."""

    @property
    def empty(self) -> bool:
        """Whether nothing differs."""
        return not (self.objects or self.files)

    @property
    def unapproved(self) -> tuple[Danger, ...]:
        """The dangers that nobody has accepted."""
        return tuple(each for each in self.dangers if not each.approved)
