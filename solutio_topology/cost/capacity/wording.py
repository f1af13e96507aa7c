"""Amounts in people's words."""

from __future__ import annotations

_GIB = 1 << 30
_MIB = 1 << 20


def told(resource: str, number: int) -> str:
    """An amount with its unit: ``1.4 CPU``, ``17.3 GiB of memory``, ``9 volumes``."""
    match resource:
        case "cpu":
            return f"{cores(number)} CPU"
        case "memory":
            return f"{memory(number)} of memory"
        case "pods" | "volumes":
            return f"{number} {resource if number != 1 else resource[:-1]}"
        case _:
            return f"{number} place{'' if number == 1 else 's'}"


def cores(millicores: int) -> str:
    """Millicores as CPUs."""
    return f"{millicores / 1000:.3f}".rstrip("0").rstrip(".")


def memory(number: int) -> str:
    """Bytes as GiB, or as MiB below one."""
    if abs(number) < _GIB:
        return f"{number / _MIB:.0f} MiB"
    return f"{number / _GIB:.2f}".rstrip("0").rstrip(".") + " GiB"
