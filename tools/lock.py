"""Pin the dependencies of pyproject.toml with the hashes of all their files, for every platform; names no registry."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent


def main() -> None:
    """Write requirements/run.txt and requirements/dev.txt."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    run = project["project"]["dependencies"]
    dev = project["dependency-groups"]["dev"]
    compile_to("run", run)
    compile_to("dev", [*run, *dev])


def compile_to(name: str, requirements: list[str]) -> None:
    """Resolve and pin one list."""
    options = (
        "--universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-annotate --quiet"
    )
    command = [sys.executable, "-m", "uv", "pip", "compile", "-", *options.split(), "-o", f"requirements/{name}.txt"]
    subprocess.run(command, input="\n".join(requirements), text=True, check=True, cwd=ROOT)


if __name__ == "__main__":
    main()
