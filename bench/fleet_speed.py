"""A fleet, side by side with its peers in one run: whole processes, each with the CPU time of all that it starts.

python bench/fleet_speed.py [--pods 1000] [--write]

Prints a markdown table; with ``--write`` it becomes docs/benchmarks.md. The peers are those that tools/build.sh builds.
Times are CPU seconds (user and system, children included), because the clock of a busy machine measures the others;
the clock stands beside them. Each command runs once, warm: the files have just been written. Short ones, and rendering
from nothing, run several times, and the fastest counts. The program runs as an installed one does: its bytecode is
there before anything is measured, whatever the environment says of writing it.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
TOOLS = ROOT / ".tools" / "bin"
SOLUTIO = [sys.executable, "-m", "solutio_topology"]
SIZES = ("171Gi", "172Gi", "173Gi", "174Gi", "175Gi")
"""What the storage of a tenant pod is changed to, one after the other."""
PEERS = frozenset({"kustomize", "kubeconform", "helm"})
BUILDS = 15
"""Tenant pods that kustomize builds, evenly spread: its time a tenant pod does not depend on how many there are."""


@dataclass(frozen=True)
class Run:
    """What one process took: seconds by the clock, CPU seconds, and its memory at most in MiB."""

    clock: float
    cpu: float
    memory: float


class Bench:
    """Runs commands and keeps what they took."""

    def __init__(self) -> None:
        self.runs: dict[str, Run] = {}

    def run(self, name: str, command: list[str], folder: Path, *, codes: tuple[int, ...] = (0,)) -> Run:
        """Run a command in a process of its own; its memory is that of the largest process among its children."""
        sys.stderr.write(f"{name} …\n")
        start = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        _, status, used = os.wait4(process.pid, 0)
        code = os.waitstatus_to_exitcode(status)
        process.returncode = code
        if code not in codes:
            raise SystemExit(f"{name}: {' '.join(command)} ended with {code}")
        found = Run(time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
        self.runs[name] = found
        return found

    def best(
        self,
        name: str,
        command: list[str],
        folder: Path,
        times: int = 5,
        *,
        before: Callable[[], None] = lambda: None,
    ) -> Run:
        """The fastest of several runs: of short ones the clock shows mostly what else the machine does.

        `before` is done before each of them, and not measured.
        """
        runs = []
        for _ in range(times):
            before()
            runs.append(self.run(name, command, folder, codes=(0, 1)))
        self.runs[name] = min(runs, key=lambda run: run.clock)
        return self.runs[name]

    def changing(self, name: str, command: list[str], folder: Path, pod: int, values: Iterable[str]) -> Run:
        """The least CPU of several runs, each after a tenant pod got another value for its storage."""
        runs = []
        for value in values:
            _edit(folder, pod, "storage: .*", f"storage: {value}")
            runs.append(self.run(name, command, folder))
        self.runs[name] = min(runs, key=lambda run: run.cpu)
        return self.runs[name]

    def sum(self, name: str, runs: list[Run]) -> Run:
        """Several runs as one."""
        self.runs[name] = Run(sum(r.clock for r in runs), sum(r.cpu for r in runs), max(r.memory for r in runs))
        return self.runs[name]


def _environment() -> dict[str, str]:
    """The environment of a user, who has bytecode."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _compile() -> None:
    """Write the bytecode of the program and of what it stands on, as installing does."""
    libraries = Path(sysconfig.get_path("purelib"))
    command = [sys.executable, "-m", "compileall", "-q", str(ROOT / "solutio_topology"), str(libraries)]
    subprocess.run(command, env=_environment(), check=False, stdout=subprocess.DEVNULL)


def main() -> int:
    """Measure, and print or write the table."""
    options = _options()
    _compile()
    bench = Bench()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lines = [
            *_head(options.pods),
            *_equal(bench, folder / "equal", options.pods),
            *_growth(bench, folder / "small", options.pods),
            *_different(bench, folder / "different", options.different),
            *_start(bench),
        ]
    text = "\n".join(lines) + "\n"
    if options.write:
        (ROOT / "docs" / "benchmarks.md").write_text(text)
    sys.stdout.write(text)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pods", type=int, default=1000)
    parser.add_argument("--different", type=int, default=1000, help="tenant pods of the fleet in which all differ")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    return parser.parse_args()


def _head(count: int) -> list[str]:
    command = f".venv/bin/python bench/fleet_speed.py --pods {count} --write"
    return [
        "# Benchmarks of a fleet",
        "",
        f"Made by `{command}` on {platform.machine()} with {len(os.sched_getaffinity(0))} processors and Python "
        f"{platform.python_version()}, everything in one run, one command after the other. "
        f"{os.getloadavg()[0]:.0f} processes wanted those processors when it began.",
        "",
        "CPU is user and system time of a command and of all that it starts; the machine was shared, so the clock",
        "beside it says what the others did, too. A goal is met or missed by CPU, and by the clock where it is one of",
        "seconds. Bytecode is there before anything is measured, as in an installed package.",
        "`netpol-analyzer`, the peer for reachability, cannot be had by `make tools`: it is left out, which makes the",
        "comparison with it harder for us, not easier (docs/reach.md measures it beside `solutio reach`).",
        "",
    ]


def _equal(bench: Bench, folder: Path, count: int) -> Iterator[str]:
    """The fleet of equals: rendering, validating, comparing, and the peers on the same output."""
    from bench import fleet

    full, folder = _from_nothing(bench, "render, from nothing", folder, count)
    _commit(folder)
    nothing = bench.best("render, nothing changed", [*SOLUTIO, "render", "prod"], folder)
    builds = bench.sum("kustomize", list(_builds(bench, folder, count)))
    charts = bench.sum("helm", list(_charts(bench, folder, count)))
    validate = bench.run("validate", [*SOLUTIO, "validate", "prod", "--quiet"], folder)
    again = bench.run("validate again", [*SOLUTIO, "validate", "prod", "--quiet"], folder)
    with _schemas() as schemas:
        peer = bench.run("kubeconform", [*_kubeconform(schemas), str(folder / "rendered")], folder, codes=(0, 1))
    schema = bench.run("schemas", [sys.executable, str(ROOT / "bench/fleet_schemas.py"), str(folder)], folder)
    with _without_memory(folder):
        cold = bench.run("validate, without memory", [*SOLUTIO, "validate", "prod", "--quiet"], folder)
    one = bench.changing("render, one changed", [*SOLUTIO, "render", "prod"], folder, count // 2, SIZES)
    diff = bench.run("diff, one changed", [*SOLUTIO, "diff", "prod"], folder, codes=(0, 1))
    (folder / ".solutio" / "prod.prints.json").unlink()
    anew = bench.run("diff, one changed, anew", [*SOLUTIO, "diff", "prod"], folder, codes=(0, 1))
    command = [*SOLUTIO, "render", "prod", "--pod", fleet.name_of(count // 3)]
    alone = bench.changing("render --pod", command, folder, count // 3, SIZES)
    files = sum(path.is_file() for top in ("overlays", "rendered") for path in (folder / top).rglob("*"))
    each = builds.cpu / BUILDS
    yield f"## {count:,} equal tenant pods: {files:,} files, some {count * 45:,} objects"
    yield from _table()
    yield _row("`solutio render prod`, from nothing", full)
    yield _row("`solutio render prod`, nothing changed", nothing)
    yield _row("`solutio render prod`, one tenant pod changed", one)
    yield _row("`solutio render prod --pod NAME`, that one changed", alone)
    yield _row(f"`kustomize build` of the stages of {BUILDS} tenant pods", builds)
    yield _row(f"`helm template` of {BUILDS} tenant pods, from a chart of the same manifests", charts)
    yield _row("`solutio validate prod`", validate)
    yield _row("`solutio validate prod`, the same once more", again)
    yield _row("`solutio validate prod`, nothing remembered (as in a new clone)", cold)
    yield _row("schemas alone, parsing included (`bench/fleet_schemas.py`)", schema)
    yield _row("`kubeconform` on `rendered/`, same schemas", peer)
    yield _row("`solutio diff prod`, one tenant pod changed since a `validate`", diff)
    yield _row("`solutio diff prod`, the same without a `validate` before", anew)
    yield from ["", "| goal | measured | |", "|---|---|---|"]
    times = each * count / full.cpu
    yield _goal(
        "render at least 20 times faster than kustomize a tenant pod, by CPU", f"{times:.0f} times", times >= 20
    )
    times = builds.clock / BUILDS * count / full.clock
    yield _goal("the same by the clock", f"{times:.0f} times", times >= 20)
    times = charts.cpu / BUILDS * count / full.cpu
    yield _goal("render faster than `helm template` a tenant pod", f"{times:.0f} times", times > 1)
    text = f"{nothing.clock:.2f} s, CPU {nothing.cpu:.2f} s"
    yield _goal("nothing to do in under 1 s", text, nothing.clock < 1)
    share = one.cpu / full.cpu
    yield _goal("one changed in under 5 % of the full time", f"{share:.1%} ({one.cpu:.2f} s)", share < 0.05)
    share = alone.cpu / full.cpu
    yield _goal("the same with --pod", f"{share:.1%} ({alone.cpu:.2f} s)", share < 0.05)
    text = f"{schema.cpu:.2f} s against {peer.cpu:.2f} s"
    yield _goal("schema validation, parsing included, faster than kubeconform", text, schema.cpu < peer.cpu)
    text = f"{validate.cpu:.2f} s against {peer.cpu:.2f} s"
    yield _goal("the full validate faster than kubeconform and a reachability peer", text, validate.cpu < peer.cpu)
    text = f"{cold.cpu:.2f} s against {peer.cpu:.2f} s"
    yield _goal("the same with nothing remembered", text, cold.cpu < peer.cpu)
    memory = max(
        run.memory for name, run in bench.runs.items() if name.split()[0] not in {"kustomize", "kubeconform", "helm"}
    )
    yield _goal("memory under 1 GiB, in the largest process", f"{memory:.0f} MiB", memory < 1024)
    for name, found in (("", diff), (", without a `validate` before", anew)):
        text = f"{found.clock:.2f} s, CPU {found.cpu:.2f} s"
        yield _goal(f"`diff` with one changed in at most 3 s{name}", text, found.clock <= 3)
    yield ""


def _growth(bench: Bench, folder: Path, count: int) -> Iterator[str]:
    """A tenth of it, for how the time grows."""

    few = count // 10
    render, folder = _from_nothing(bench, f"render {few}", folder, few)
    validate = bench.run(f"validate {few}", [*SOLUTIO, "validate", "prod", "--quiet"], folder)
    yield f"## From {few} to {count:,}"
    yield from _table()
    yield _row(f"`solutio render prod` of {few}, from nothing", render)
    yield _row(f"`solutio validate prod` of {few}", validate)
    yield from ["", "| goal | measured | |", "|---|---|---|"]
    for name, small in (("render, from nothing", render), ("validate", validate)):
        times = bench.runs[name].cpu / small.cpu
        yield _goal(f"{name}: at most 11 times the time", f"{times:.1f} times", times <= 11)
    yield ""


def _different(bench: Bench, folder: Path, count: int) -> Iterator[str]:
    """A fleet of which no two are equal: everything is judged together."""
    from bench import fleet

    fleet.write(folder, count, different=True)
    render = bench.run("render different", [*SOLUTIO, "render", "prod"], folder)
    validate = bench.run("validate different", [*SOLUTIO, "validate", "prod", "--quiet"], folder, codes=(0, 1))
    one = bench.changing("render different, one changed", [*SOLUTIO, "render", "prod"], folder, count // 2, SIZES)
    yield f"## {count:,} tenant pods of which no two are equal"
    yield from _table()
    yield _row("`solutio render prod`, from nothing", render)
    yield _row("`solutio render prod`, one tenant pod changed", one)
    yield _row("`solutio validate prod`", validate)
    yield ""
    yield "Nobody stands for anybody here: every tenant pod is read, proved and held against all others."
    yield from ["", "| goal | measured | |", "|---|---|---|"]
    share = one.cpu / render.cpu
    yield _goal("one changed in under 5 % of the full time", f"{share:.1%} ({one.cpu:.2f} s)", share < 0.05)
    most = max(render.memory, one.memory, validate.memory)
    yield _goal("memory under 1 GiB, in the largest process", f"{most:.0f} MiB", most < 1024)
    yield ""


def _start(bench: Bench) -> Iterator[str]:
    """Start-up, on the user's topology: the fastest of several runs."""
    yield "## Start-up, on the topology of this repository: the fastest of 9 runs"
    yield from _table()
    for name in ("prod", "staging"):
        bench.run(f"start {name}", [*SOLUTIO, "render", name], ROOT)
    commands = {
        "--version": ["--version"],
        "validate prod": ["validate", "prod", "--quiet"],
        "render prod": ["render", "prod"],
    }
    found = {}
    for name, arguments in commands.items():
        found[name] = bench.best(f"start {name}", [*SOLUTIO, *arguments], ROOT, 9)
    version, validate = found["--version"], found["validate prod"]
    answers = ROOT / ".solutio" / "answers.json"
    cold = bench.best("start validate anew", [*SOLUTIO, "validate", "prod", "--quiet"], ROOT, 9, before=answers.unlink)
    memory = ROOT / ".solutio"
    clone = bench.best(
        "start validate in a clone",
        [*SOLUTIO, "validate", "prod", "--quiet"],
        ROOT,
        9,
        before=lambda: shutil.rmtree(memory, ignore_errors=True),
    )
    yield _row("`solutio --version`", version)
    yield _row("`solutio validate prod`, nothing changed since it was asked", validate)
    yield _row("`solutio validate prod`, judged anew", cold)
    yield _row("`solutio validate prod`, nothing remembered (as in a new clone)", clone)
    yield _row("`solutio render prod`, nothing changed", found["render prod"])
    yield from ["", "| goal | measured | |", "|---|---|---|"]
    yield _goal("`--version` in at most 80 ms", f"{version.clock * 1000:.0f} ms", version.clock <= 0.08)
    text = f"{validate.clock:.2f} s, CPU {validate.cpu:.2f} s"
    yield _goal("`validate` in at most 0.4 s, nothing changed", text, validate.clock <= 0.4)
    text = f"{cold.clock:.2f} s, CPU {cold.cpu:.2f} s"
    yield _goal("`validate` in at most 0.4 s, judged anew", text, cold.clock <= 0.4)
    text = f"{clone.clock:.2f} s, CPU {clone.cpu:.2f} s"
    yield _goal("`validate` in at most 0.4 s, nothing remembered", text, clone.clock <= 0.4)


def _table() -> Iterator[str]:
    yield from ["", "| command | clock, s | CPU, s | memory, MiB |", "|---|---|---|---|"]


def _row(name: str, run: Run) -> str:
    return f"| {name} | {run.clock:.2f} | {run.cpu:.2f} | {run.memory:.0f} |"


def _goal(name: str, measured: str, met: bool) -> str:
    return f"| {name} | {measured} | {'met' if met else '**missed**'} |"


def _sample(count: int) -> range:
    """As many tenant pods as are built, evenly spread."""
    return range(0, count, max(1, count // BUILDS))[:BUILDS]


def _builds(bench: Bench, folder: Path, count: int) -> Iterator[Run]:
    from bench import fleet

    for index in _sample(count):
        pod = folder / "overlays" / "prod" / fleet.name_of(index)
        for stage in sorted(path for path in pod.iterdir() if path.is_dir()):
            yield bench.run(f"kustomize {pod.name}", [str(TOOLS / "kustomize"), "build", str(stage)], folder)


def _charts(bench: Bench, folder: Path, count: int) -> Iterator[Run]:
    from bench import fleet
    from bench.helm_chart import write_chart

    chart = folder.parent / "chart"
    write_chart(chart, folder / "rendered" / "prod" / fleet.name_of(0))
    for index in _sample(count):
        name = fleet.name_of(index)
        yield bench.run(
            f"helm {name}", [str(TOOLS / "helm"), "template", name, str(chart), "--set", f"pod={name}"], folder
        )


def _kubeconform(schemas: Path) -> list[str]:
    crds = ROOT / "schemas" / "crds" / "{{.Group}}" / "{{.ResourceKind}}_{{.ResourceAPIVersion}}.json"
    core = schemas / "all" / "{{.ResourceKind}}{{.KindSuffix}}.json"
    options = ["-schema-location", str(core), "-schema-location", str(crds), "-summary", "-skip", "Kustomization"]
    return [str(TOOLS / "kubeconform"), "-ignore-missing-schemas", *options]


@contextmanager
def _schemas() -> Iterator[Path]:
    """The schemas of Kubernetes as kubeconform reads them, the same that we judge by."""
    from tools import conformance

    with tempfile.TemporaryDirectory() as name:
        conformance.write_schemas(Path(name))
        yield Path(name)


def _from_nothing(bench: Bench, name: str, folder: Path, count: int) -> tuple[Run, Path]:
    """The fastest of three renders, and the folder of the last one.

    Each is in a folder of its own, as a first render is: where thousands of files have just been removed, ext4 takes
    several times as long to make others, because it keeps the places of the old ones free for a while.
    """
    from bench import fleet

    runs = []
    for number in range(3):
        where = folder.with_name(f"{folder.name}-{number}")
        fleet.write(where, count)
        os.sync()  # What the disk still has to do is not the next one's.
        runs.append(bench.run(name, [*SOLUTIO, "render", "prod"], where))
    bench.runs[name] = min(runs, key=lambda run: run.clock)
    return bench.runs[name], where


@contextmanager
def _without_memory(folder: Path) -> Iterator[None]:
    memory, aside = folder / ".solutio", folder / ".aside"
    memory.rename(aside)
    try:
        yield
    finally:
        shutil.rmtree(memory, ignore_errors=True)
        aside.rename(memory)


def _edit(folder: Path, index: int, old: str, new: str) -> None:
    from bench import fleet

    at = folder / fleet.PARTS / f"{fleet.name_of(index)}.yaml"
    at.write_text(re.sub(old, new, at.read_text()))


def _commit(folder: Path) -> None:
    """What `diff` compares with. The identity is the benchmark's own."""
    own = ["-c", "user.name=bench", "-c", "user.email=bench@example.com", "-c", "commit.gpgsign=false"]
    for arguments in (["init", "-q"], ["add", "-A"], [*own, "commit", "-qm", "A fleet"]):
        subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)


if __name__ == "__main__":
    sys.exit(main())
