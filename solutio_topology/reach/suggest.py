"""What was probably meant by the name of a Service that does not exist."""

from __future__ import annotations

from collections.abc import Iterable


def hint(known: Iterable[tuple[str, str]], namespace: str, name: str) -> str:
    """Words to put behind a statement: where the name is known, or which name of the namespace is like it.

    `known` are (namespace, name).
    """
    names, homes = [], []
    for each in known:
        if each[1] == name and each[0] != namespace:
            homes.append(each[0])
        elif each[0] == namespace:
            names.append(each[1])
    if homes:
        one = len(homes) == 1
        return f"; namespace{'' if one else 's'} {' and '.join(sorted(homes)[:3])} {'has' if one else 'have'} one"
    from difflib import get_close_matches

    like = get_close_matches(name, sorted(names), 1, 0.75)
    return f"; did you mean {like[0]}?" if like else ""
