"""The typed topology: what a person writes down once, and nothing that can be derived from it."""
