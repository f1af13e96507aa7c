"""Try mutants out and report: ``python -m tools.mutation --sample 12 --write docs/mutation.md``."""

from __future__ import annotations

import argparse
import gc
import sys
from contextlib import nullcontext
from multiprocessing import get_context
from pathlib import Path
from typing import TextIO

from tools.mutation.judge import Order, Trial, sound, try_out
from tools.mutation.operator import Mutant
from tools.mutation.operators import OPERATORS
from tools.mutation.reasons import reason_of
from tools.mutation.report import Result, key, line, markdown, remembered, summary
from tools.mutation.sample import blocks, chosen
from tools.mutation.tree import SOURCES, load


def main() -> int:
    """Choose, try, report. Fails when a mutant survives for no reason that is known."""
    parser = argparse.ArgumentParser(prog="python -m tools.mutation", description=__doc__)
    parser.add_argument("--sample", type=int, metavar="N", help="at most N mutants of each operator; default: all")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="which of them are drawn; default 0")
    parser.add_argument("--operator", action="append", metavar="NAME", help="only operators whose name begins so")
    parser.add_argument("--processes", type=int, default=2, metavar="P", help="default 2")
    parser.add_argument(
        "--log", type=Path, metavar="FILE", help="write each result there as it comes, a JSON line each"
    )
    parser.add_argument(
        "--read", type=Path, action="append", default=[], metavar="FILE", help="take what it logged, and try the rest"
    )
    parser.add_argument("--no-more", action="store_true", help="try nothing: report what was logged alone")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the report there, as Markdown")
    given = parser.parse_args()
    wanted = tuple(given.operator or ("",))
    operators = tuple(each for each in OPERATORS if each.name.startswith(wanted))
    if not operators:
        parser.error(f"no operator begins with {' or '.join(wanted)}")
    mutants = chosen(operators, given.sample, given.seed)
    known = remembered(mutants, given.read)
    left = [each for each in mutants if key(each) not in known and not given.no_more]
    with given.log.open("w") if given.log else nullcontext() as log:
        known |= {key(each.mutant): each for each in _tried(left, given.processes, log)}
    results = [known[key(each)] for each in mutants if key(each) in known]
    if given.write:
        given.write.write_text(markdown(operators, results, given.sample, given.seed))
    print(summary(results))
    return 1 if any(not each.caught and not each.reason for each in results) else 0


def _tried(mutants: list[Mutant], processes: int, log: TextIO | None) -> list[Result]:
    for name in SOURCES:
        sound(name), load(name).items  # Read once, before the processes part.
    gc.freeze()  # What stays is not looked through again for each mutant.
    found: list[Result] = []
    with get_context("fork").Pool(processes) as pool:
        for results in pool.imap(results_of, blocks(mutants, 50)):
            found += results
            for each in results:
                if log:
                    print(line(each), file=log, flush=True)
                if not each.caught and not each.reason:
                    print(f"survives for no known reason: {each.mutant}", flush=True)
            print(f"{len(found)} of {len(mutants)}", file=sys.stderr, flush=True)
    return found


def results_of(mutants: list[Mutant]) -> list[Result]:
    """Whether each of the mutants of one operator is caught, by which rule first, or why not."""
    order = Order()
    return [_result(try_out(mutant, order)) for mutant in mutants]


def _result(trial: Trial) -> Result:
    codes = tuple(dict.fromkeys(each.code for each in trial.catching))
    return Result(trial.mutant, codes, "" if codes else reason_of(trial))


if __name__ == "__main__":
    sys.exit(main())
