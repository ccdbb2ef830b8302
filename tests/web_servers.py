"""Web servers of Debian, run without privileges on loopback with what `feedpub snippet` prints."""

import getpass
import re
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

NGINX = """\
daemon off;
user {user};
pid {folder}/nginx.pid;
error_log {folder}/errors warn;
events {{ }}
http {{
    include /etc/nginx/mime.types;
    access_log off;
    client_body_temp_path {folder}/temporary;
    proxy_temp_path {folder}/temporary;
    fastcgi_temp_path {folder}/temporary;
    uwsgi_temp_path {folder}/temporary;
    scgi_temp_path {folder}/temporary;
    include {folder}/snippet;
}}
"""
MODULES = "mpm_event authz_core alias mime dir filter deflate headers rewrite".split()
APACHE = """\
ServerRoot {folder}
ServerName localhost
DefaultRuntimeDir {folder}
PidFile {folder}/apache.pid
ErrorLog {folder}/errors
TypesConfig /etc/mime.types
AddType application/x-gzip .gz
{modules}
Listen 127.0.0.1:{port}
Include {folder}/snippet
"""
CADDY = """\
{{
	admin off
	auto_https off
	storage file_system {folder}/storage
}}
import {folder}/snippet
"""
# Kind -> program, Debian package, its configuration around the snippet, and how it is started.
SERVERS = {
    "nginx": ("nginx", "nginx-light", NGINX, "-e {folder}/errors -p {folder} -c {folder}/main"),
    "apache": ("apache2", "apache2-bin", APACHE, "-X -d {folder} -f {folder}/main"),
    "caddy": ("caddy", "caddy", CADDY, "run --adapter caddyfile --config {folder}/main"),
}


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def program(kind: str) -> str:
    """Return where a server is; skip the test if it is not."""
    name, package, *_ = SERVERS[kind]
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    if found is None:
        pytest.skip(f"needs the Debian package {package}")
    return found


@contextmanager
def serving(kind: str, snippet: str, port: int, folder: Path):
    """Run a server with a snippet until the block ends; it must listen at once."""
    executable = program(kind)
    *_, frame, arguments = SERVERS[kind]
    folder.mkdir()
    modules = "\n".join(
        f"LoadModule {m}_module /usr/lib/apache2/modules/mod_{m}.so" for m in MODULES
    )
    folder.joinpath("main").write_text(
        frame.format(folder=folder, port=port, modules=modules, user=getpass.getuser())
    )
    # Not every machine has IPv6.
    folder.joinpath("snippet").write_text(re.sub(r"(?m)^ *listen \[::\].*\n", "", snippet))
    with (folder / "said").open("wb") as said:
        server = subprocess.Popen(
            [executable, *arguments.format(folder=folder).split()],
            env={"HOME": str(folder), "PATH": "/usr/bin:/usr/sbin"},
            stdout=said,
            stderr=subprocess.STDOUT,
        )
    try:
        _await(server, port, folder)
        yield
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _await(server: subprocess.Popen, port: int, folder: Path) -> None:
    for _ in range(600):
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        if server.poll() is not None:
            break
        time.sleep(0.05)
    logs = "".join(p.read_text() for p in folder.glob("[es]*r*") if p.is_file())
    pytest.fail(f"no server: {(folder / 'said').read_text()}{logs}")
