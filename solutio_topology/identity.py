"""The one thing that intent and evidence share: the labels that say whose an object is.

The renderer writes them on every object and pod template; the checks read them. Nothing else about an
object (its name, its ports, its other labels) may be assumed by a check.
"""

DOMAIN = "topology.solutio.dev"
SERVICE = f"{DOMAIN}/service"
"""Label: the key of the service in the topology, such as ``api``."""
TENANT_POD = f"{DOMAIN}/pod"
"""Label: the key of the tenant pod in the topology, such as ``default``; ``platform`` for what serves all."""
PROCESS = f"{DOMAIN}/process"
"""Label: the process or job of the service (``web``, ``worker``, ``migrate``)."""
HOOK = "helm-hook"
"""The value of `PROCESS` on what runs for a moment while a Helm release is installed: it opens none of the edges."""
PLATFORM = "platform"
"""The value of `TENANT_POD` on what no tenant pod owns: the ingress controller, operators, Flux objects."""
POOL = f"{DOMAIN}/pool"
"""Label of every node of a pool, and key of the taint of a dedicated one: what the topology asks of whoever makes the
nodes. The renderer selects by it; capacity takes the nodes to have it."""
