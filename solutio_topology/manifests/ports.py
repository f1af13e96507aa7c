"""What the API server takes for a port, its name and its protocol."""

from __future__ import annotations

import re

PROTOCOLS = ("TCP", "UDP", "SCTP")
LAST_PORT = 65535
_NAME = re.compile(r"(?=[-0-9]*[a-z])[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST_NAME = 15


def is_port(number: int) -> bool:
    """Whether a number is a port."""
    return 1 <= number <= LAST_PORT


def is_port_name(name: str) -> bool:
    """Whether a text can name a port of a container: small letters and digits, a letter among them, single hyphens."""
    return len(name) <= _LONGEST_NAME and _NAME.fullmatch(name) is not None
