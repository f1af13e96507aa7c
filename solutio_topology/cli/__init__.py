"""One module a command: parse, call one workflow, choose the exit code."""
