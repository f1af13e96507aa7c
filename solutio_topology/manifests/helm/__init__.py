"""HelmReleases expanded by helm from charts at hand: what they make is evidence, where models only speak for them."""
