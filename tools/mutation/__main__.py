"""Try mutants out and report: ``python -m tools.mutation --sample 12 --write docs/mutation.md``."""

from __future__ import annotations

import argparse
import sys
from multiprocessing import get_context
from pathlib import Path

from tools.mutation.judge import sound, try_out
from tools.mutation.operator import Mutant
from tools.mutation.operators import OPERATORS
from tools.mutation.reasons import reason_of
from tools.mutation.report import Result, markdown, summary
from tools.mutation.sample import chosen
from tools.mutation.tree import SOURCES, load


def main() -> int:
    """Choose, try, report. Fails when a mutant survives for no reason that is known."""
    parser = argparse.ArgumentParser(prog="python -m tools.mutation", description=__doc__)
    parser.add_argument("--sample", type=int, metavar="N", help="at most N mutants of each operator; default: all")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="which of them are drawn; default 0")
    parser.add_argument("--operator", action="append", metavar="NAME", help="only operators whose name begins so")
    parser.add_argument("--processes", type=int, default=2, metavar="P", help="default 2")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the report there, as Markdown")
    given = parser.parse_args()
    wanted = tuple(given.operator or ("",))
    operators = tuple(each for each in OPERATORS if each.name.startswith(wanted))
    if not operators:
        parser.error(f"no operator begins with {' or '.join(wanted)}")
    results = _tried(chosen(operators, given.sample, given.seed), given.processes)
    if given.write:
        given.write.write_text(markdown(operators, results, given.sample, given.seed))
    print(summary(results))
    return 1 if any(not each.caught and not each.reason for each in results) else 0


def _tried(mutants: list[Mutant], processes: int) -> list[Result]:
    for name in SOURCES:
        sound(name), load(name).items  # Read once, before the processes part.
    found = []
    with get_context("fork").Pool(processes) as pool:
        for result in pool.imap(result_of, mutants, chunksize=4):
            found.append(result)
            if not result.caught and not result.reason:
                print(f"survives for no known reason: {result.mutant}", flush=True)
            if len(found) % 200 == 0:
                print(f"{len(found)} of {len(mutants)}", file=sys.stderr, flush=True)
    return found


def result_of(mutant: Mutant) -> Result:
    """Whether a mutant is caught, by which rules, or why not."""
    trial = try_out(mutant)
    codes = tuple(dict.fromkeys(each.code for each in trial.catching))
    return Result(mutant, codes, "" if codes else reason_of(trial))


if __name__ == "__main__":
    sys.exit(main())
