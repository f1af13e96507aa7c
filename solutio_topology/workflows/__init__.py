"""One module a use case, each its few named steps: the Python API."""
