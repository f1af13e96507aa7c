"""solutio: one typed topology, rendered for Flux, and proved from the rendered YAML."""

__version__ = "0.1.0"
