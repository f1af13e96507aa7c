"""Whether rollouts find room: the pods that a Deployment starts before its old ones stop, and Jobs that run beside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from solutio_topology.cost.capacity.place import Verdict

if TYPE_CHECKING:
    from solutio_topology.cost.capacity.fit import Fit
    from solutio_topology.cost.capacity.model import Machine


class Rollout(Struct, frozen=True):
    """One that does not find room, alone beside what usually runs."""

    group: int
    more: int
    """Pods that it adds."""
    verdict: Verdict
    pools: tuple[str, ...]


def rollouts(
    fit: Fit, groups: Sequence[int], base: Mapping[int, int], machines: Sequence[Machine]
) -> Iterator[Rollout]:
    """Those that find no room. Where all at once do, each alone does; and a larger one speaks for a smaller."""
    more = {at: _more(fit, at) for at in groups}
    if fit.answer({at: base[at] + more[at] for at in groups}, machines).verdict is not Verdict.SHORT:
        return
    fitting: list[int] = []
    for at in sorted((at for at in groups if more[at]), key=lambda at: (-_size(fit, at, more[at]), at)):
        if any(_covers(fit, larger, at, more) for larger in fitting):
            continue
        verdict = fit.answer({**base, at: base[at] + more[at]}, machines).verdict
        if verdict.rank < Verdict.UNDECIDED.rank:
            fitting.append(at)
        else:
            yield Rollout(at, more[at], verdict, fit.pools_of(at))


def _more(fit: Fit, at: int) -> int:
    group = fit.groups[at]
    return group.high if group.passing else group.surge


def _size(fit: Fit, at: int, number: int) -> int:
    return number * fit.groups[at].shape.request.memory


def _covers(fit: Fit, larger: int, at: int, more: dict[int, int]) -> bool:
    """Whether room for one shows that there is room for the other: plain pods, no larger and no more of them."""
    one, other = fit.groups[larger].shape, fit.groups[at].shape
    plain = not (other.host_ports or other.apart or other.spread) and fit.pools_of(larger) == fit.pools_of(at)
    return plain and more[at] <= more[larger] and other.request.within(one.request)
