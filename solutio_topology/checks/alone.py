"""The rules over the manifests alone: they need nothing of the topology, not even its types.

So they can begin before it is read.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from solutio_topology.checks import (
    availability_rules,
    build_rules,
    data_rules,
    doors_rules,
    exposure_rules,
    extension_rules,
    flux_rules,
    mention_rules,
    metadata_rules,
    network_rules,
    order_rules,
    release_rules,
    rights_rules,
    rollout_rules,
    schema_rules,
    secret_rules,
    security_rules,
    twice_rules,
    unready_rules,
    values_rules,
    variable_rules,
    wiring_rules,
)
from solutio_topology.checks.check import Check, ManifestCheck, guarded
from solutio_topology.findings import Finding

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence

_CHECKS: tuple[Check, ...] = (
    *schema_rules.CHECKS,
    *metadata_rules.CHECKS,
    *wiring_rules.CHECKS,
    *mention_rules.CHECKS,
    *variable_rules.CHECKS,
    *flux_rules.CHECKS,
    *build_rules.CHECKS,
    *order_rules.CHECKS,
    *rights_rules.CHECKS,
    *doors_rules.CHECKS,
    *secret_rules.CHECKS,
    *rollout_rules.CHECKS,
    *data_rules.CHECKS,
    *extension_rules.CHECKS,
    *security_rules.CHECKS,
    *availability_rules.CHECKS,
    *unready_rules.CHECKS,
    *network_rules.CHECKS,
    *exposure_rules.CHECKS,
    *release_rules.CHECKS,
    *values_rules.CHECKS,
    *twice_rules.CHECKS,
)
CHECKS = tuple(check for check in _CHECKS if isinstance(check, ManifestCheck))


def check_each(evidence: Evidence) -> tuple[tuple[Finding, ...], ...]:
    """What each rule over the evidence alone finds."""
    return tuple(tuple(guarded(check.rule, partial(check.find, evidence))) for check in CHECKS)
