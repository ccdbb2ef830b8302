"""The server of the preview: uvicorn, with the limits that it does not have of its own."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from threading import Thread

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from feedpub.errors import AddressError
from feedpub.preview.application import MOST_READ_BYTES, Preview

MOST_CONNECTIONS = 64
CONNECTION_SECONDS = 10.0


class Connection(H11Protocol):
    """A connection that is cut after some seconds, whichever side of it is slow."""

    def connection_made(  # type: ignore[override] # as uvicorn has it
        self, transport: asyncio.Transport
    ) -> None:
        """Start the clock."""
        super().connection_made(transport)
        self._deadline = self.loop.call_later(CONNECTION_SECONDS, transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._deadline.cancel()
        super().connection_lost(exc)


def listen(address: IPv4Address | IPv6Address, port: int) -> socket.socket:
    """Return a socket that listens, at any free port for 0; raise `AddressError` if none can."""
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    try:
        return socket.create_server((str(address), port), family=family)
    except OSError as error:
        raise AddressError(
            f"cannot listen at {address}, port {port}: {error.strerror}"
            " (name another with --port N, or let --port 0 choose)"
        ) from error


@contextmanager
def serving(root: Path, listening: socket.socket, *, live: bool = False) -> Iterator[Thread]:
    """Serve a folder from a thread until the end of the `with`; the thread lasts as long.

    The main thread stays free for signals, and for building.
    """
    config = uvicorn.Config(
        Preview(root, live=live),
        http=Connection,
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_config=None,
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        h11_max_incomplete_event_size=MOST_READ_BYTES,
        limit_concurrency=MOST_CONNECTIONS + 1,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, kwargs={"sockets": [listening]}, name="preview", daemon=True)
    thread.start()
    try:
        yield thread
    finally:
        server.should_exit = True
        thread.join()
