"""A real API server for checks: etcd and kube-apiserver on this machine, and kube-scheduler where it is asked for.

`tools/build.sh control-plane` builds all three. Nothing runs pods: it validates, defaults, stores and schedules, as a
cluster does, and is gone when the check is over.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

BIN = Path(__file__).parents[1] / ".tools" / "bin"
TOKEN = "check"
_KUBECONFIG = """
apiVersion: v1
kind: Config
clusters: [{{name: it, cluster: {{server: "https://127.0.0.1:{port}", insecure-skip-tls-verify: true}}}}]
users: [{{name: it, user: {{token: {token}}}}}]
contexts: [{{name: it, context: {{cluster: it, user: it}}}}]
current-context: it
"""


@contextlib.contextmanager
def control_plane(*, scheduler: bool = False) -> Iterator[Path]:
    """A running API server (and `scheduler`); its kubeconfig.

    Raises SystemExit where none is built, RuntimeError when it is silent.
    """
    if not (BIN / "kube-apiserver").exists():
        raise SystemExit("there is no API server: make control-plane builds it (needs Go)")
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as running:
        folder = Path(name)
        store, port = _free_port(), _free_port()
        peer = f"http://127.0.0.1:{_free_port()}"
        client = f"http://127.0.0.1:{store}"
        _start(running, folder, "etcd", [
            "--data-dir", str(folder / "etcd"), "--listen-client-urls", client, "--advertise-client-urls", client,
            "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", f"default={peer}",
        ])  # fmt: skip
        _start(running, folder, "kube-apiserver", _server_options(folder, client, port))
        path = folder / "kubeconfig"
        path.write_text(_KUBECONFIG.format(port=port, token=TOKEN))
        _await(path)
        if scheduler:
            _start(running, folder, "kube-scheduler", _scheduler_options(path))
        yield path


def _server_options(folder: Path, store: str, port: int) -> list[str]:
    key = folder / "account.key"
    subprocess.run(["openssl", "genrsa", "-out", str(key), "2048"], check=True, capture_output=True)
    (folder / "tokens.csv").write_text(f'{TOKEN},admin,1,"system:masters"\n')
    return [
        f"--etcd-servers={store}", f"--secure-port={port}", "--bind-address=127.0.0.1",
        f"--cert-dir={folder / 'certs'}",
        f"--service-account-key-file={key}", f"--service-account-signing-key-file={key}",
        "--service-account-issuer=https://kubernetes.default.svc", f"--token-auth-file={folder / 'tokens.csv'}",
        "--authorization-mode=RBAC", "--service-cluster-ip-range=10.245.0.0/16",
        # No controller makes accounts here.
        "--disable-admission-plugins=ServiceAccount",
    ]  # fmt: skip


def _scheduler_options(path: Path) -> list[str]:
    kubeconfig = [f"--{name}kubeconfig={path}" for name in ("", "authentication-", "authorization-")]
    return [*kubeconfig, "--leader-elect=false", "--bind-address=127.0.0.1", f"--secure-port={_free_port()}"]


def _start(running: contextlib.ExitStack, folder: Path, name: str, options: list[str]) -> None:
    log = running.enter_context((folder / f"{name}.log").open("wb"))
    process = subprocess.Popen([str(BIN / name), *options], stdout=log, stderr=log)
    running.callback(process.wait)
    running.callback(process.terminate)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _await(path: Path, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if kubectl(path, "get", "--raw", "/readyz").returncode == 0:
            return
        time.sleep(0.3)
    raise RuntimeError("the API server does not answer")


def kubectl(path: Path, *arguments: str, given: object = None) -> subprocess.CompletedProcess[str]:
    """Ask the server; `given` is written to standard input as JSON."""
    return subprocess.run(
        ["kubectl", *arguments],
        input=None if given is None else json.dumps(given),
        env={**os.environ, "KUBECONFIG": str(path)},
        capture_output=True,
        text=True,
        check=False,
    )
