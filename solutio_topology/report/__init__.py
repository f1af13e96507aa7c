"""One module a format. They say what was found; they decide nothing."""
