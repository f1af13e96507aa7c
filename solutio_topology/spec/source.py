"""Where everything in a topology stands: pointers to file, line and column, across included files."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from solutio_topology.findings import Location
from solutio_topology.yamlio import Pointer, Positions


class SourceFile(Struct, frozen=True):
    """One file: what people call it, its lines, and the positions in it."""

    name: str
    lines: tuple[str, ...]
    positions: Positions
    sha256: str = ""
    """Hash of the bytes that were read."""

    def locate(self, pointer: Pointer, *, key: bool = False) -> Location:
        """The place of what `pointer` names, or of its nearest parent that exists."""
        line, column = self.positions.find(pointer, key=key)
        return Location(self.name, line, column, dotted(pointer))

    def excerpt(self, line: int) -> str:
        """The text of a line; empty for one that does not exist."""
        return self.lines[line - 1].rstrip() if 0 < line <= len(self.lines) else ""


class Mount(Struct, frozen=True):
    """A part of the topology that stands elsewhere: in a file of its own, or in an argument of the command line."""

    pointer: Pointer
    file: SourceFile
    is_argument: bool = False
    """Whether it is a single value from the command line: what is wrong with the map around it is its doing."""

    def holds(self, pointer: Pointer) -> bool:
        """Whether `pointer` is this part, stands in it, or is the map that it was laid into."""
        around = self.is_argument and pointer == self.pointer[:-1]
        return around or pointer[: len(self.pointer)] == self.pointer


class SourceMap(Struct, frozen=True):
    """The topology's file and the files it includes, by the tenant pods that each defines."""

    main: SourceFile
    pods: dict[str, SourceFile]
    mounts: tuple[Mount, ...] = ()
    """Of two that hold a place, the later one says it."""

    @property
    def files(self) -> tuple[SourceFile, ...]:
        """Every file once."""
        found = (self.main, *self.pods.values(), *(mount.file for mount in self.mounts))
        return tuple({file.name: file for file in found}.values())

    def file_of(self, pointer: Pointer) -> SourceFile:
        """The file in which `pointer` stands."""
        mount = self._mount(pointer)
        if mount is not None:
            return mount.file
        if len(pointer) > 1 and pointer[0] == "pods":
            return self.pods.get(str(pointer[1]), self.main)
        return self.main

    def _mount(self, pointer: Pointer) -> Mount | None:
        return next((mount for mount in reversed(self.mounts) if mount.holds(pointer)), None)

    def locate(self, pointer: str | Pointer, *, key: bool = False) -> Location:
        """The place of a dotted pointer such as ``services.api.ports``, or of a tuple where a key holds dots."""
        steps = tuple(pointer.split(".")) if isinstance(pointer, str) else pointer
        mount = self._mount(steps)
        if mount is None:
            return self.file_of(steps).locate(steps, key=key)
        found = mount.file.locate(steps[len(mount.pointer) :], key=key)
        return replace(found, pointer=dotted(steps))

    def excerpt(self, location: Location) -> str:
        """The line that a location of this topology names."""
        for file in self.files:
            if file.name == location.file:
                return file.excerpt(location.line)
        return ""


def dotted(pointer: Pointer) -> str:
    """A pointer as people write it: ``edges.api-pg.ports[0]``."""
    text = ""
    for step in pointer:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text
