"""A PostgreSQL server of the tests' own, on a socket in a folder, which goes with it."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_NOBODY = 65534


def _programs() -> Path | None:
    """Return the folder of the server's programs: Debian keeps them out of the PATH."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: -int(p.parent.name))
    found = shutil.which("initdb")
    candidates = [*folders, *([Path(found).parent] if found else [])]
    return next((each for each in candidates if (each / "postgres").exists()), None)


@contextmanager
def postgres_server() -> Iterator[str]:
    """Start a server; yield the address of its database. It refuses to be run by root."""
    programs = _programs()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed (Debian: postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="feedpub-pg"))  # sockets have short paths
    user = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    if user:
        os.chown(folder, _NOBODY, _NOBODY)
    data = folder / "data"
    options = ["-D", data, "-U", "feedpub", "-A", "trust", "-E", "UTF8", "--no-sync"]
    subprocess.run(
        [programs / "initdb", *options], cwd=folder, check=True, capture_output=True, **user
    )
    settings = {"listen_addresses": "", "unix_socket_directories": folder, "fsync": "off"}
    arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [programs / "postgres", "-D", data, *arguments],
            cwd=folder,
            stdout=log,
            stderr=log,
            **user,
        )
    try:
        _wait(programs, folder, server)
        yield f"postgresql://feedpub@/postgres?host={folder}"
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        shutil.rmtree(folder)


def _wait(programs: Path, folder: Path, server: subprocess.Popen[bytes]) -> None:
    ready = [programs / "pg_isready", "-q", "-h", folder, "-t", "1"]
    for _ in range(300):
        if server.poll() is not None:
            raise RuntimeError((folder / "log").read_text())
        if subprocess.run(ready, check=False).returncode == 0:
            return
    raise RuntimeError("the server does not begin")
