"""``K``: whether what the manifests ask for fits into the node pools that are paid for."""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import TYPE_CHECKING

from solutio_topology.checks.check import BothCheck
from solutio_topology.cost.capacity.eligible import why_nowhere
from solutio_topology.cost.capacity.fit import Fit, Level, fit
from solutio_topology.cost.capacity.place import Verdict
from solutio_topology.cost.capacity.thrift import spare
from solutio_topology.cost.capacity.wording import lacking, pools_named, told, waiting
from solutio_topology.cost.prices import book_of
from solutio_topology.findings import Finding, Location, Rule, Severity

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence, Intent
    from solutio_topology.cost.capacity.place import Answer, Part
    from solutio_topology.cost.capacity.thrift import Spare
    from solutio_topology.spec.platform import Pool

MINIMUM = Rule(
    code="K001",
    name="pool-too-small",
    severity=Severity.ERROR,
    summary="What always runs does not fit into the nodes that may take it.",
    rationale="Pods stay Pending from the first day on: the environment never comes up whole.",
    example="three pods that request 2Gi each, for one node with 5Gi to give",
    remedy="take a larger size or more nodes, or let the pods request less",
)
MAXIMUM = Rule(
    code="K002",
    name="pool-too-small-at-maximum",
    severity=Severity.WARNING,
    summary="What runs at the limit of the autoscalers does not fit into the nodes that may take it.",
    rationale="Under load the autoscaler asks for pods that stay Pending: the limit that is declared is never reached.",
    example="replicas: {min: 2, max: 8} of 1Gi each, for nodes with 6Gi to give",
    remedy="take more nodes, or lower the maximum to what there is room for",
)
NODE_LOSS = Rule(
    code="K003",
    name="no-room-after-node-loss",
    severity=Severity.WARNING,
    summary="When a node goes, what always runs does not fit into the rest.",
    rationale="Nodes fail, and every upgrade of the cluster replaces them one by one: pods wait meanwhile.",
    example="a pool of one node that nothing outside of it can stand in for",
    remedy="take one node more, or accept the gap with a reason",
)
ROLLOUT = Rule(
    code="K004",
    name="no-room-for-rollout",
    severity=Severity.WARNING,
    summary="A rollout starts pods before the old ones stop, and there is no room for them; or a Job has none.",
    rationale="The new pods stay Pending and the old ones wait for them: the rollout hangs, and the release with it.",
    example="maxSurge: 1 of a pod that requests more than is left on any node",
    remedy="leave room for one more pod, or use maxSurge: 0 with maxUnavailable: 1",
)
EMPTY = Rule(
    code="K005",
    name="pool-mostly-empty",
    severity=Severity.INFO,
    summary="A pool that stays more than half empty, and something smaller would do.",
    rationale="What stands empty is paid for every month.",
    example="four nodes of 16 GiB for pods that request 6Gi at most",
    remedy="take the smaller size or fewer nodes, or accept it with a reason",
)
VOLUMES = Rule(
    code="K006",
    name="too-many-volumes",
    severity=Severity.ERROR,
    summary="More block volumes than the nodes can attach.",
    rationale="A machine attaches only so many; the next pod with a volume waits, however much CPU and memory is free.",
    example="nine databases on one node that attaches seven volumes",
    remedy="spread what holds data over more nodes",
)
NOWHERE = Rule(
    code="K007",
    name="pod-without-pool",
    severity=Severity.ERROR,
    summary="A pod that no pool ever takes.",
    rationale="It stays Pending for ever: labels, taints or its mere size keep it from every node.",
    example="nodeSelector: {disk: ssd}, and no pool with that label",
    remedy="name a pool that exists, tolerate its taint, or let the pod request less than a node has",
)
UNUSED = Rule(
    code="K008",
    name="pool-unused",
    severity=Severity.WARNING,
    summary="A pool that nothing may use.",
    rationale="Its nodes are paid for, and its taint keeps everything away.",
    example="a dedicated pool that no service names",
    remedy="let a service name it, or take it out",
)
UNKNOWN_SIZE = Rule(
    code="K009",
    name="node-size-unknown",
    severity=Severity.WARNING,
    summary="Nobody knows what a node of this pool offers.",
    rationale="Whether anything fits into it cannot be said: a size is never guessed.",
    example="size: a-name-of-ones-own without allocatable",
    remedy="say it in the pool: allocatable: {cpu, memory, pods, volumes}, as `kubectl describe node` prints it",
)
UNCOUNTED = Rule(
    code="K010",
    name="request-unknown",
    severity=Severity.WARNING,
    summary="Pods that request nothing, or of which nobody knows what they request.",
    rationale="The scheduler takes them for nothing and fills the node, which then runs out of what they really use.",
    example="a container without resources.requests",
    remedy="request what they use: resources.requests, or the chart's values",
)
UNDECIDED = Rule(
    code="K011",
    name="fit-undecided",
    severity=Severity.WARNING,
    summary="Whether what always runs fits could not be decided.",
    rationale="No placement was found and no proof that there is none: it may fit or not.",
    example="hundreds of different pods that fill their nodes to the last percent",
    remedy="leave more room, or look at `solutio cost ENV --fit`",
)
TIGHT = Rule(
    code="K012",
    name="fits-only-when-packed",
    severity=Severity.INFO,
    summary="What always runs fits only in an arrangement that the scheduler does not look for.",
    rationale="It spreads pods over the emptiest nodes; then none has room for the largest, although the sum would do.",
    example="two nodes half full, and a pod that needs a whole one",
    remedy="leave more room, or give the large pods a higher priority",
)


def capacity(intent: Intent, evidence: Evidence) -> Fit:
    """The capacity of the environment; computed once for all rules."""
    found = evidence.memo.get("capacity")
    if found is None:
        found = evidence.memo["capacity"] = fit(intent.graph.platform, evidence.facts)
    assert isinstance(found, Fit)
    return found


def where(intent: Intent, pool: str) -> Location:
    """Where a pool is declared: of a tier, in the environment, or in the platform."""
    graph, tier = intent.graph, _tier(intent, pool)
    if tier:
        return intent.locate(f"tiers.{tier}.pool")
    own = pool in graph.environment.platform.pools
    return intent.locate(f"environments.{graph.name}.platform.pools.{pool}" if own else f"platform.pools.{pool}")


def _tier(intent: Intent, pool: str) -> str:
    """The tier that gives a tenant pod the pool; empty for a pool of the platform."""
    return next((each.tier_name for each in intent.graph.pods if each.pod == pool and each.tier.pool), "")


def _subject(intent: Intent, pool: str) -> str:
    """A pool of one environment: what is accepted of one is not accepted of all."""
    return f"pool {pool} of {intent.graph.name}"


def _minimum(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    found = capacity(intent, evidence)
    yield from _short(MINIMUM, intent, found, Level.MINIMUM)


def _maximum(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    found = capacity(intent, evidence)
    known = _short_pools(found.levels[Level.MINIMUM])
    for level in (Level.USUAL, Level.MAXIMUM):
        yield from _short(MAXIMUM, intent, found, level, without=known)
        known |= _short_pools(found.levels[level])


def _short_pools(answer: Answer) -> set[tuple[str, ...]]:
    return {part.pools for part in answer.parts if part.verdict is Verdict.SHORT}


def _short(
    rule: Rule,
    intent: Intent,
    found: Fit,
    level: Level,
    without: Set[tuple[str, ...]] = frozenset(),
) -> Iterator[Finding]:
    answer = found.levels[level]
    for part in answer.parts:
        if part.verdict is Verdict.SHORT and part.pools not in without and not _is_volumes(part):
            yield rule.finding(
                f"at {level} replicas {lacking(found, part, answer)}",
                where(intent, part.pools[0]),
                subject=_subject(intent, part.pools[0]),
            )


def _is_volumes(part: Part) -> bool:
    return part.short is not None and part.short.resource == "volumes"


def _node_loss(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    found = capacity(intent, evidence)
    broken = {pool for pools in _short_pools(found.levels[Level.MINIMUM]) for pool in pools}
    told_already: set[str] = set()
    for lost in found.lost:
        # How many nodes a pool of a tier has is the tier's decision: it is told once for all of its tenant pods.
        subject = f"pool of tier {tier} of {intent.graph.name}" if (tier := _tier(intent, lost.pool)) else ""
        subject = subject or _subject(intent, lost.pool)
        is_short = lost.stranded and lost.answer.verdict is Verdict.SHORT
        if is_short and lost.pool not in broken and subject not in told_already:
            told_already.add(subject)
            number = sum(machine.pool == lost.pool for machine in found.machines)
            only = "its only node" if number == 1 else f"one of its {number} nodes"
            yield NODE_LOSS.finding(
                f"when pool {lost.pool} loses {only}, no place is left for {waiting(found, lost.stranded)}",
                where(intent, lost.pool),
                subject=subject,
            )


def _rollouts(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    found = capacity(intent, evidence)
    for rollout in found.rollouts:
        group = found.groups[rollout.group]
        if group.place is None or rollout.verdict is not Verdict.SHORT:
            continue
        more = f"{rollout.more} more pod{'' if rollout.more == 1 else 's'}"
        each = f"{told('cpu', group.shape.request.cpu)}, {told('memory', group.shape.request.memory)} each"
        does = f"a rollout of {group.name} starts" if not group.passing else f"{group.name} runs"
        yield ROLLOUT.finding(
            f"{does} {more} ({each}), and beside what usually runs {pools_named(rollout.pools)} has no room for that",
            evidence.locate(group.place),
            subject=group.name,
        )


def _empty(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    for each in spare(capacity(intent, evidence), intent.graph.platform):
        pool = intent.graph.platform.pools[each.pool]
        would = each.size if each.size != pool.size else f"{each.nodes} instead of {pool.nodes} nodes"
        yield EMPTY.finding(
            f"of pool {each.pool} at most {each.cpu:.0%} of CPU and {each.memory:.0%} of memory are asked for; "
            f"{would} would do as well{_saving(intent, pool, each)}",
            where(intent, each.pool),
            subject=_subject(intent, each.pool),
        )


def _saving(intent: Intent, pool: Pool, less: Spare) -> str:
    """What it saves a month, where both prices are known."""
    topology, platform = intent.graph.topology, intent.graph.platform
    book = book_of(topology, platform.orchestrator)
    now, then = book.price(pool.size), book.price(less.size)
    if now is None or then is None:
        return ", and what that saves is not known: the price book lacks the size"
    saved = pool.nodes * now.amount - less.nodes * then.amount
    return f" and saves {saved:.2f} {now.currency} a month"


def _volumes(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    found = capacity(intent, evidence)
    known: set[tuple[str, ...]] = set()
    for level in Level:
        answer = found.levels[level]
        for part in answer.parts:
            if part.verdict is Verdict.SHORT and _is_volumes(part) and part.pools not in known:
                known.add(part.pools)
                yield VOLUMES.finding(
                    f"at {level} replicas {lacking(found, part, answer)}",
                    where(intent, part.pools[0]),
                    subject=_subject(intent, part.pools[0]),
                    severity=None if level is Level.MINIMUM else Severity.WARNING,
                )


def _nowhere(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    found = capacity(intent, evidence)
    pools = list(intent.graph.platform.pools)
    for at, _ in found.levels[Level.MAXIMUM].homeless if pools else ():
        group = found.groups[at]
        location = evidence.locate(group.place) if group.place else where(intent, pools[0])
        yield NOWHERE.finding(
            f"no node takes {group.name}: {why_nowhere(group.shape, found.machines)}", location, subject=group.name
        )


def _unused(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    found = capacity(intent, evidence)
    written = [at for at, group in enumerate(found.groups) if group.place is not None and not group.everywhere]
    used = {pool for at in written for pool in found.pools_of(at)}
    for name in dict.fromkeys(machine.pool for machine in found.machines):
        if name not in used:
            yield UNUSED.finding(
                f"nothing may run on pool {name}: no pod names it, and its taint or size keeps all others away",
                where(intent, name),
                subject=_subject(intent, name),
            )


def _unknown_sizes(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    for name in dict.fromkeys(machine.pool for machine in capacity(intent, evidence).supply.blind):
        size = intent.graph.platform.pools[name].size
        yield UNKNOWN_SIZE.finding(
            f"what a node of size {size} offers is not known: whether pool {name} has room cannot be said",
            where(intent, name),
            subject=_subject(intent, name),
        )


def _uncounted(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    found = capacity(intent, evidence)
    for group in found.groups:
        if group.missing and group.place is not None:
            yield UNCOUNTED.finding(
                f"{group.name} requests no {' and no '.join(group.missing)}: capacity leaves it out",
                evidence.locate(group.place),
                subject=group.name,
            )
    for each in found.uncounted:
        subject = next((str(one.key) for one in evidence.facts.objects if one.place == each.place), "")
        yield UNCOUNTED.finding(
            f"{each.message}: capacity leaves its pods out", evidence.locate(each.place), subject=subject
        )


def _undecided(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    yield from _parts(
        UNDECIDED, intent, evidence, Verdict.UNDECIDED, "whether what always runs fits into {} is not decided"
    )


def _tight(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    yield from _parts(
        TIGHT, intent, evidence, Verdict.PACKED, "what always runs fits into {} only when packed with care"
    )


def _parts(rule: Rule, intent: Intent, evidence: Evidence, verdict: Verdict, message: str) -> Iterator[Finding]:
    for part in capacity(intent, evidence).levels[Level.MINIMUM].parts:
        if part.verdict is verdict:
            yield rule.finding(
                message.format(pools_named(part.pools)),
                where(intent, part.pools[0]),
                subject=_subject(intent, part.pools[0]),
            )


CHECKS = (
    BothCheck(MINIMUM, _minimum),
    BothCheck(MAXIMUM, _maximum),
    BothCheck(NODE_LOSS, _node_loss),
    BothCheck(ROLLOUT, _rollouts),
    BothCheck(EMPTY, _empty),
    BothCheck(VOLUMES, _volumes),
    BothCheck(NOWHERE, _nowhere),
    BothCheck(UNUSED, _unused),
    BothCheck(UNKNOWN_SIZE, _unknown_sizes),
    BothCheck(UNCOUNTED, _uncounted),
    BothCheck(UNDECIDED, _undecided),
    BothCheck(TIGHT, _tight),
)
