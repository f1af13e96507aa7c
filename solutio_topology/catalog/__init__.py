"""What each component is: data files in ``components/``, one per component, validated when they are used."""

from solutio_topology.catalog.load import cloudflare_ranges, component, names

__all__ = ["cloudflare_ranges", "component", "names"]
