"""Who can talk to whom, from the facts of manifests alone: exact over every port, protocol and address."""
