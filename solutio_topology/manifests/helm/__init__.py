"""HelmReleases expanded by helm from charts at hand: what they make is evidence, where models only speak for them."""

from solutio_topology.manifests.helm.charts import Chart, Charts, open_charts

__all__ = ["Chart", "Charts", "open_charts"]
