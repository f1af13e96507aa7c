"""Editing a topology: read, edit in memory, judge the whole of what it becomes, and only then replace the files."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field
from msgspec.structs import replace

from solutio_topology import catalog, store
from solutio_topology.errors import InputError, RefusedError, SolutioError
from solutio_topology.spec.source import dotted
from solutio_topology.workflows.project import Project, expand_environment, find_topology
from solutio_topology.yamlio import read_document
from solutio_topology.yamlio.compose import FaultError
from solutio_topology.yamlio.edit import Edit, edit_document

if TYPE_CHECKING:
    from solutio_topology.findings import Finding

MAX_TOLD = 10
MAX_NAMESPACE = 63
"""Characters of a DNS label."""


class Draft(Struct, frozen=True):
    """A topology as it was read, and the content of each of its files."""

    path: Path
    project: Project
    files: Mapping[Path, bytes]

    @property
    def data(self) -> dict[str, Any]:
        """The main file's plain data, with the tenant pods of the files that it includes."""
        value: dict[str, Any] = read_document(self.files[self.path])[0]
        included = {file.name: file for file in self.project.source.pods.values()}
        more = [read_document(self.files[Path(name)])[0]["pods"] for name in included]
        pods = {name: pod for each in (value.get("pods") or {}, *more) for name, pod in each.items()}
        return {**value, "pods": pods}

    def file_of(self, edit: Edit) -> Path:
        """The file in which an edit's place stands. Raises SolutioError for a place in a file that is not edited."""
        source = self.project.source
        for mount in source.mounts:
            if mount.holds(edit.pointer) and mount.pointer != edit.pointer:
                raise SolutioError(f"{dotted(edit.pointer)} stands in {mount.file.name}", remedy="edit it there")
        pod = source.pods.get(str(edit.pointer[1])) if edit.pointer[0] == "pods" and len(edit.pointer) > 1 else None
        return Path(pod.name) if pod else self.path


class Change(Struct, frozen=True):
    """What an edit makes of a topology; nothing is written before `write`."""

    before: Draft
    after: Draft
    told: tuple[Finding, ...] = ()
    """What the rules find in it now and did not before, and what does not forbid it."""
    notes: tuple[str, ...] = field(default=())

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that change."""
        return tuple(path for path, data in self.after.files.items() if data != self.before.files.get(path))

    @property
    def diff(self) -> str:
        """The change as a unified diff."""
        return "".join(_diff(path, self.before.files.get(path), self.after.files[path]) for path in self.files)

    def write(self) -> None:
        """Replace the files. Raises FileError, with every file as it was, where one is no longer as it was read."""
        changes = {path: store.Replacement(self.before.files.get(path), self.after.files[path]) for path in self.files}
        if changes:
            store.replace_files(self.before.path.parent, changes)


def _diff(path: Path, before: bytes | None, after: bytes) -> str:
    old, new = ((data or b"").decode().replace("\r\n", "\n").splitlines(keepends=True) for data in (before, after))
    found = difflib.unified_diff(old, new, str(path) if before is not None else "/dev/null", str(path), n=1)
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in found)


def open_draft(given: Path | None) -> Draft:
    """The topology to edit. Raises FileError and InputError, and SolutioError for standard input."""
    if given is not None and str(given) == "-":
        raise SolutioError("what comes through standard input cannot be edited in place", remedy="name the file")
    path = find_topology(given)
    return _load(path, {})


def _load(path: Path, edited: Mapping[Path, bytes]) -> Draft:
    from solutio_topology.spec.load import load_text, read_bytes

    files: dict[Path, bytes] = {}
    new = [file for file in edited if not file.exists()]

    def read(file: Path) -> bytes:
        files[file] = edited[file] if file in edited else read_bytes(file)
        return files[file]

    data = read(path)
    loaded = load_text(data, str(path), folder=path.parent, known_components=catalog.names(), read=read, new=new)
    return Draft(path, Project(path.parent, loaded.topology, loaded.source), files)


def plan(draft: Draft, edits: Iterable[Edit], *, created: Mapping[Path, bytes] | None = None) -> Change:
    """What the edits make of the topology, judged as a whole. `created`: files that come to be, or get this content.

    Raises SolutioError, with what is wrong, where it could not be read any more or would contradict itself.
    """
    files = {**draft.files, **(created or {})}
    order = dict.fromkeys(created or ())
    for edit in edits:
        path = draft.file_of(edit)
        files[path] = edited(path, files[path], edit)
        order[path] = None
    try:
        after = _load(draft.path, files)
    except InputError as error:
        raise _refusal(error.findings) from None
    new = _new_findings(draft, after)
    wrong = [finding for finding in new if _forbids(finding)]
    if wrong:
        raise _refusal(wrong)
    _check_names(draft.project, after.project)
    # Written in the order of the edits: whoever makes them knows what may stand alone, should the machine stop.
    first = {path: after.files[path] for path in order if path in after.files}
    after = replace(after, files={**first, **after.files})
    return Change(draft, after, tuple(finding for finding in new if finding not in wrong))


def edited(path: Path, data: bytes, edit: Edit) -> bytes:
    """A file's content after an edit. Raises SolutioError, with the place in the file, where it cannot be done."""
    try:
        return edit_document(data, [edit])
    except FaultError as error:
        fault = error.fault
        place = f"{path}:{fault.line}:{fault.column}"
        raise SolutioError(f"{place}: {fault.message}; the file is left as it is", remedy=fault.remedy) from None


def _refusal(findings: Iterable[Finding]) -> RefusedError:
    found = list(findings)
    told = [f"  {each.code} {each.message}" for each in found[:MAX_TOLD]]
    if len(found) > MAX_TOLD:
        told.append(f"  and {len(found) - MAX_TOLD} more")
    lines = "\n".join(told)
    message = f"the topology would not be valid, and is left as it is:\n{lines}"
    return RefusedError(message, found, remedy=found[0].remedy)


def _forbids(finding: Finding) -> bool:
    """Whether a finding says that the topology contradicts itself; others ask for a decision, and are told."""
    from solutio_topology.findings import Severity

    contradicts = finding.code[0] in "SG" or finding.code in {"T003", "T004"}
    return finding.severity is Severity.ERROR and contradicts


def _new_findings(before: Draft, after: Draft) -> list[Finding]:
    """What the rules over the graph find after an edit and did not find before it."""
    found = _graph_findings(after.project)
    known = {_identity(each) for each in _graph_findings(before.project)} if found else set()
    return [finding for finding in found if _identity(finding) not in known]


def _identity(finding: Finding) -> tuple[str, str, str]:
    return finding.code, finding.subject, finding.message


def _graph_findings(project: Project) -> list[Finding]:
    """What is left to report of the topology's graph in all environments, without what is acknowledged."""
    import datetime

    from solutio_topology.checks.inputs import Intent
    from solutio_topology.checks.run import check_graph
    from solutio_topology.checks.suppress import suppress

    graphs = (expand_environment(project, name) for name in project.topology.environments)
    found = [finding for graph in graphs for finding in check_graph(Intent(graph, project.source.locate))]
    entries = project.topology.ignore
    everything = frozenset(range(len(entries)))
    today = datetime.date.today()
    left = suppress(tuple(dict.fromkeys(found)), entries, project.source.locate, today, used_elsewhere=everything)
    return list(left.findings)


def _check_names(before: Project, after: Project) -> None:
    """Raise SolutioError for a tenant pod that is new or renamed and from whose name no namespace can be made."""
    long = _long_namespaces(after)
    known = _long_namespaces(before) if long else {}
    for space, pod in long.items():
        if space not in known:
            raise SolutioError(
                f"tenant pod {pod}: its namespace {space} would have {len(space)} characters; {MAX_NAMESPACE} is the "
                "limit, and the topology is left as it is",
                remedy="choose a shorter name, or give it a `namespace` of its own",
            )


def _long_namespaces(project: Project) -> dict[str, str]:
    from solutio_topology.render.names import namespaces

    graphs = (expand_environment(project, name) for name in project.topology.environments)
    spaces = {space: pod.pod for graph in graphs for pod in graph.pods for space in namespaces(graph, pod).values()}
    return {space: pod for space, pod in spaces.items() if len(space) > MAX_NAMESPACE}


def require(kind: str, name: str, known: Iterable[str]) -> None:
    """Raise SolutioError, with what was probably meant, for a name that nothing has."""
    from solutio_topology.spec.translate import did_you_mean

    names = list(known)
    if name not in names:
        guess = did_you_mean(name, names) or f": there is {', '.join(names[:MAX_TOLD]) or 'none'}"
        raise SolutioError(f"there is no {kind} {name!r}{guess}", remedy="name one of the topology's")
