"""What names a service everywhere else."""

from __future__ import annotations

from msgspec import Struct


class Ref(Struct, frozen=True, order=True):
    """A service of a tenant pod."""

    pod: str
    service: str

    def __str__(self) -> str:
        return f"{self.pod}/{self.service}"
