"""Where intent meets evidence: rules over the topology's graph, over manifests, and over both."""
