"""What never leaves: values of Secrets, and whatever looks like one in plain text. That it changed is told."""

from __future__ import annotations

import re
from typing import Any

from solutio_topology.diff.values import ABSENT, Item, ValueChange

HIDDEN = "(hidden)"
_NAME = re.compile(
    r"(?:(?:^|[-_.])(?:password|passwd|pwd|secret|token|api[-_]?key|private[-_]?key|master[-_]?key|access[-_]?key|"
    r"credentials?|dsn)|[a-z0-9](?:Password|Secret|Token|ApiKey|PrivateKey|AccessKey))$",
    re.IGNORECASE,
)
_REFERENCE = re.compile(r"\$\([A-Za-z_][A-Za-z0-9_]*\)")
_USERINFO = re.compile(r"(://[^:/@\s]*:)(?!\$\()([^@/\s]+)(@)")
_POINTING = frozenset({"secretName", "secretKey", "imagePullSecret", "passwordSecret"})
"""Fields that name a Secret and hold none."""
_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def mask(kind: tuple[str, str], change: ValueChange) -> ValueChange:
    """A change with its secret values hidden; `kind` is the object's group and kind."""
    fields = change.fields
    if (kind == ("", "Secret") and fields and fields[0] in {"data", "stringData"}) or _APPLIED in fields:
        return ValueChange(change.path, _hide(change.before), _hide(change.after))
    name = _name(change)
    if any(_is_secret(name, each) for each in (change.before, change.after)):
        return ValueChange(change.path, _hide(change.before), _hide(change.after))
    inner = tuple(mask(kind, each) for each in change.inner)
    if any(HIDDEN in (each.before, each.after) for each in inner):
        return ValueChange(change.path, HIDDEN, HIDDEN, inner)
    return ValueChange(change.path, clean(change.before), clean(change.after), inner)


def clean(value: Any) -> Any:
    """A value with every secret inside of it hidden, at every depth."""
    if isinstance(value, dict):
        named = str(value.get("name", ""))
        return {
            key: HIDDEN if _is_secret(named if key == "value" else str(key), inner) else clean(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [clean(each) for each in value]
    return _USERINFO.sub(rf"\1{HIDDEN}\3", value) if isinstance(value, str) else value


def _name(change: ValueChange) -> str:
    """What the place is called: of a variable's value, the variable."""
    field = change.fields[-1] if change.fields else ""
    items = [step for step in change.path if isinstance(step, Item)]
    return str(items[-1].key[0]) if field == "value" and items else field


def _is_secret(name: str, value: Any) -> bool:
    """Whether a scalar stands under a name that promises a secret, and refers to none."""
    if not isinstance(value, str) or name in _POINTING or not _NAME.search(name):
        return False
    return not _REFERENCE.fullmatch(value)


def _hide(value: Any) -> Any:
    if value is ABSENT:
        return value
    return dict.fromkeys(value, HIDDEN) if isinstance(value, dict) else HIDDEN
