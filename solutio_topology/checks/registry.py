"""Every check, in one explicit tuple."""

from __future__ import annotations

from solutio_topology.checks import (
    availability_rules,
    build_rules,
    capacity_rules,
    chart_rules,
    cost_rules,
    data_rules,
    decision_evidence_rules,
    decision_rules,
    discontinued_rules,
    doors_rules,
    edge_rules,
    egress_rules,
    exposure_rules,
    extension_rules,
    flux_rules,
    graph_rules,
    isolation_rules,
    layout_rules,
    mapping_rules,
    mention_rules,
    metadata_rules,
    name_rules,
    network_rules,
    order_rules,
    path_rules,
    platform_rules,
    pool_rules,
    release_rules,
    replica_rules,
    rights_rules,
    ring_rules,
    rollout_rules,
    same_rules,
    schema_rules,
    secret_rules,
    security_rules,
    shard_rules,
    size_rules,
    spread_rules,
    suppress,
    tenancy_rules,
    twice_rules,
    unready_rules,
    values_rules,
    variable_rules,
    wiring_rules,
)
from solutio_topology.checks.check import Check
from solutio_topology.findings import Rule
from solutio_topology.spec import rules as spec_rules

CHECKS: tuple[Check, ...] = (
    *schema_rules.CHECKS,
    *metadata_rules.CHECKS,
    *wiring_rules.CHECKS,
    *mention_rules.CHECKS,
    *variable_rules.CHECKS,
    *flux_rules.CHECKS,
    *build_rules.CHECKS,
    *order_rules.CHECKS,
    *rights_rules.CHECKS,
    *pool_rules.CHECKS,
    *same_rules.CHECKS,
    *replica_rules.CHECKS,
    *doors_rules.CHECKS,
    *secret_rules.CHECKS,
    *rollout_rules.CHECKS,
    *data_rules.CHECKS,
    *extension_rules.CHECKS,
    *shard_rules.CHECKS,
    *size_rules.CHECKS,
    *security_rules.CHECKS,
    *availability_rules.CHECKS,
    *unready_rules.CHECKS,
    *spread_rules.CHECKS,
    *network_rules.CHECKS,
    *egress_rules.CHECKS,
    *exposure_rules.CHECKS,
    *name_rules.CHECKS,
    *platform_rules.CHECKS,
    *mapping_rules.CHECKS,
    *release_rules.CHECKS,
    *chart_rules.CHECKS,
    *values_rules.CHECKS,
    *twice_rules.CHECKS,
    *graph_rules.CHECKS,
    *edge_rules.CHECKS,
    *ring_rules.CHECKS,
    *tenancy_rules.CHECKS,
    *cost_rules.CHECKS,
    *decision_rules.CHECKS,
    *decision_evidence_rules.CHECKS,
    *discontinued_rules.CHECKS,
    *isolation_rules.CHECKS,
    *capacity_rules.CHECKS,
)


def rules() -> tuple[Rule, ...]:
    """Every rule there is, by code. Raises ValueError when two have one code."""
    found = [
        *spec_rules.RULES,
        *suppress.RULES,
        *path_rules.RULES,
        *layout_rules.RULES,
        *(check.rule for check in CHECKS),
    ]
    by_code = {rule.code: rule for rule in found}
    if len(by_code) != len(found):
        twice = sorted({rule.code for rule in found if sum(other.code == rule.code for other in found) > 1})
        raise ValueError(f"two rules have the code {', '.join(twice)}")
    return tuple(by_code[code] for code in sorted(by_code))
