"""What dedicated tenant pods have for themselves and what they share, read from the manifests.

Each module looks at one kind of thing and yields a `Breach` where two tenant pods meet in it although nothing declares
it; `isolation_rules` names the rules, and `statement` says for people what is dedicated and what is shared.
"""

from solutio_topology.checks.isolation.breach import Breach
from solutio_topology.checks.isolation.tenants import Tenants, tenants

__all__ = ["Breach", "Tenants", "tenants"]
