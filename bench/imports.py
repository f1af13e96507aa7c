"""How many modules the commands load, by package: the budget of start-up, which no clock's noise touches."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent
COMMANDS = (
    ["--version"],
    ["rules"],
    ["validate", "prod"],
    ["render", "prod", "--check"],
    ["cost", "prod"],
    ["set", "services.api.size", "small", "--dry-run"],
    ["pod", "list"],
)
NEVER = {
    "--version": {"typer", "pydantic", "networkx", "yaml"},
    "validate": {"ruamel", "rich", "highspy", "numpy"},
    "render": {"networkx"},
    "cost": {"networkx", "rich", "highspy", "numpy", "ruamel", "jinja2", "jsonschema_rs"},
    "set": {"networkx", "rich"},
    "pod": {"networkx", "jsonschema_rs"},
}


def main() -> int:
    """Print the table; 1 when a command loads what it must not."""
    late = 0
    for arguments in COMMANDS:
        loaded = modules(arguments)
        top = Counter(name.partition(".")[0] for name in loaded)
        told = ", ".join(f"{name} {count}" for name, count in top.most_common(6))
        print(f"solutio {' '.join(arguments):<22} {len(loaded):>5} modules: {told}")
        for name in sorted(NEVER.get(arguments[0], set()) & top.keys()):
            print(f"  loads {name}, which it must not")
            late = 1
    return late


def modules(arguments: list[str]) -> list[str]:
    """The modules that a command has loaded when it ends."""
    code = (
        # Watched, the program does not end before the modules are told.
        "import sys\nsys.setprofile(lambda *_: None)\nsys.argv = ['solutio', *sys.argv[1:]]\n"
        "from solutio_topology.__main__ import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\nsys.stderr.write('\\n'.join(sorted(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, cwd=ROOT, check=True)
    return run.stderr.splitlines()


if __name__ == "__main__":
    sys.exit(main())
