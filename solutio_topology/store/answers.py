"""What a command said last, in a file that is never committed."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

from msgspec import Struct
from msgspec.structs import asdict

from solutio_topology.store.index import FOLDER, save_local

_FILE = f"{FOLDER}/answers.json"
_FORMAT = 1
_KEPT = 8
"""Questions whose answers are remembered; the one that was asked longest ago goes first."""
_LONGEST = 1_000_000
"""Characters of an answer that is remembered."""


class Answer(Struct, frozen=True):
    """What was said to a question, and when that holds."""

    state: str
    """Hash of everything that the answer depends on."""
    environments: tuple[str, ...]
    text: str
    code: int
    """What the command exited with."""


def load_answers(root: Path) -> dict[str, Answer]:
    """Question → its last answer; nothing where none can be read."""
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        data = json.loads((root / _FILE).read_bytes())
        if data["format"] == _FORMAT:
            return {question: _answer(**found) for question, found in data["answers"].items()}
    return {}


def _answer(state: str, environments: list[str], text: str, code: int) -> Answer:
    if not (isinstance(state, str) and isinstance(text, str) and code in (0, 1, 2)):
        raise TypeError
    return Answer(state, tuple(map(str, environments)), text, code)


def save_answer(root: Path, question: str, answer: Answer) -> None:
    """Remember the answer to a question, unless it is very long."""
    if len(answer.text) > _LONGEST:
        return
    others = [(key, found) for key, found in load_answers(root).items() if key != question]
    answers = dict([*others, (question, answer)][-_KEPT:])
    told = {"format": _FORMAT, "answers": {key: asdict(found) for key, found in answers.items()}}
    save_local(root / _FILE, json.dumps(told, separators=(",", ":")))
