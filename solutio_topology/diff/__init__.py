"""What a change of manifests means: objects, rollout, danger, exposure, money. Reads two sides, changes nothing."""
