"""Every operator, by subject."""

from __future__ import annotations

from tools.mutation.operator import Operator
from tools.mutation.operators import config, flux, objects, policies, routes, services, workloads

OPERATORS: tuple[Operator, ...] = (
    *services.OPERATORS,
    *routes.OPERATORS,
    *workloads.OPERATORS,
    *config.OPERATORS,
    *flux.OPERATORS,
    *objects.OPERATORS,
    *policies.OPERATORS,
)
