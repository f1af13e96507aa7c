"""What was probably meant by the name of a Service that does not exist."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache


class Suggestions:
    """Names by namespace, to suggest one of."""

    def __init__(self, known: Iterable[tuple[str, str]]) -> None:
        """`known` are (namespace, name), each once."""
        self._homes: dict[str, list[str]] = {}
        names: dict[str, list[str]] = {}
        for namespace, name in known:
            self._homes.setdefault(name, []).append(namespace)
            names.setdefault(namespace, []).append(name)
        self._names = {namespace: tuple(sorted(each)) for namespace, each in names.items()}

    def missing(self, namespace: str, name: str) -> str:
        """That there is no such Service, and what was probably meant."""
        return f"namespace {namespace} has no Service {name}{self.hint(namespace, name)}"

    def hint(self, namespace: str, name: str) -> str:
        """Words to put behind a statement: where the name is known, or which name of the namespace is like it."""
        homes = [home for home in self._homes.get(name, ()) if home != namespace]
        if homes:
            one = len(homes) == 1
            return f"; namespace{'' if one else 's'} {' and '.join(sorted(homes)[:3])} {'has' if one else 'have'} one"
        return _like(name, self._names.get(namespace, ()))


@lru_cache(maxsize=4096)
def _like(name: str, names: tuple[str, ...]) -> str:
    """Tenant pods have services of the same names, and ask for the same that are not there."""
    from difflib import get_close_matches

    like = get_close_matches(name, names, 1, 0.75)
    return f"; did you mean {like[0]}?" if like else ""
