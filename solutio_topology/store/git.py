"""Reading a git repository as objects: the working tree, the index and the configuration are not touched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec import Struct

from solutio_topology.errors import FileError, ToolError
from solutio_topology.external import run

_LINK = "120000"
_MODULE = "160000"


class Revision(Struct, frozen=True):
    """A commit of a repository, and the folder of it that is looked at."""

    folder: Path
    """A folder of the working tree; paths are relative to it."""
    asked: str
    """What the user named: ``HEAD``, ``origin/main...``."""
    commit: str

    @property
    def name(self) -> str:
        """What people call it."""
        return f"{self.asked} ({self.commit[:9]})"


def revision(folder: Path, asked: str) -> Revision:
    """A revision by any name that git knows; ``REV...`` is where the work on HEAD left REV.

    Raises ToolError where git is missing, and FileError where there is no repository or no such revision.
    """
    _require_repository(folder)
    name = asked
    if asked.endswith("..."):
        name = _text(folder, "merge-base", asked.removesuffix("...") or "HEAD", "HEAD", asked=asked)
    commit = _text(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}", asked=asked)
    return Revision(folder, asked, commit)


def _require_repository(folder: Path) -> None:
    try:
        _git(folder, "rev-parse", "--is-inside-work-tree")
    except ToolError as error:
        if "not on PATH" in error.message:
            raise ToolError(error.message, remedy="install git, or name a folder: --against DIR") from None
        raise FileError(
            "there is no git repository here to compare with",
            remedy="run it inside of one, or name a folder: --against DIR",
        ) from None


def _text(folder: Path, *arguments: str, asked: str) -> str:
    try:
        return _git(folder, *arguments).decode().strip()
    except ToolError:
        shallow = _git(folder, "rev-parse", "--is-shallow-repository").decode().strip() == "true"
        raise FileError(
            f"git knows no revision {asked!r}" + (": this clone is shallow" if shallow else ""),
            remedy="fetch it: git fetch --unshallow (in CI: fetch-depth: 0)" if shallow else "see: git log --oneline",
        ) from None


def listing(at: Revision, prefixes: Iterable[str] = ()) -> dict[str, str]:
    """The files of a revision below its folder: path → hash of the content. Links and modules are left out."""
    told = _git(at.folder, "ls-tree", "-r", "-z", at.commit, "--", *prefixes)
    found = {}
    for line in told.split(b"\0")[:-1]:
        head, _, path = line.partition(b"\t")
        mode, _, digest = head.decode().split(" ")
        if mode not in (_LINK, _MODULE):
            found[path.decode(errors="surrogateescape")] = digest
    return found


def doubtful(at: Revision, prefix: str) -> frozenset[str]:
    """The files below `prefix` of which git is not certain that they are on disk as they are in the revision.

    Of a file that the revision has and that is not among them, the content on disk is that of the revision.
    """
    options = ("--name-only", "-z", "--relative", "--no-ext-diff", "--ignore-submodules=all")
    told = _git(at.folder, "diff-index", *options, at.commit, "--", prefix)
    # Of some files the user has told git not to look at them.
    tagged = _git(at.folder, "ls-files", "-v", "-z", "--", prefix)
    unseen = (line[2:] for line in tagged.split(b"\0") if line[:1] != b"H")
    return frozenset(path.decode(errors="surrogateescape") for path in (*told.split(b"\0"), *unseen) if path)


def contents(at: Revision, files: Mapping[str, str]) -> dict[str, bytes]:
    """The content of files by path; `files` are paths with the hashes that `listing` gave."""
    if not files:
        return {}
    wanted = sorted(set(files.values()))
    told = _git(at.folder, "cat-file", "--batch", given="".join(f"{digest}\n" for digest in wanted).encode())
    by_digest: dict[str, bytes] = {}
    at_byte = 0
    while at_byte < len(told):
        end = told.index(b"\n", at_byte)
        digest, kind, *size = told[at_byte:end].decode().split(" ")
        if kind == "missing":
            raise FileError(
                f"git has not got the content of {digest}: this clone is partial",
                remedy="fetch it: git fetch --refetch",
            )
        length = int(size[0])
        by_digest[digest] = told[end + 1 : end + 1 + length]
        at_byte = end + 2 + length
    return {path: by_digest[digest] for path, digest in files.items()}


def blob_digest(data: bytes, like: str) -> str:
    """The hash by which git knows a content, in the algorithm that the hash `like` was made with."""
    import hashlib

    algorithm = hashlib.sha256 if len(like) == 64 else hashlib.sha1
    return algorithm(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _git(folder: Path, *arguments: str, given: bytes = b"") -> bytes:
    # Neither the user's pager nor a lock of the index: it only reads.
    return run(["git", "--no-optional-locks", "-C", str(folder), *arguments], given=given)
