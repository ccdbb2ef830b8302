"""An HTTP client for addresses that strangers wrote: public servers only, and never for long.

A name is resolved once a visit and every answer must be public; the connection goes to an address
that was looked at, and its other end is looked at again. There is no session, and so there are no
cookies, no credentials (`~/.netrc`), no proxies from the environment and no redirects but those
followed here. A timer shuts the sockets: the timeouts of requests begin anew with every byte.
"""

import socket
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread, Timer
from time import monotonic
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import requests
from msgspec import Struct
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool

from feedpub.links import clean_url
from feedpub.measuring.addresses import is_public

# Of a body; the headers of all formats we know are shorter, but for some JPEGs.
MOST_BYTES = 64 * 1024
_CONNECT_SECONDS = 2.0
_REDIRECTS = 2
_REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})
_HEADERS = {
    "User-Agent": "feedpub",
    "Accept": "*/*",
    "Accept-Encoding": "identity",
    "Connection": "close",
}

Resolve = Callable[[str, int], list[str]]


class VisitError(Exception):
    """A visit brings nothing; the message says what is the matter with the picture."""


class Reach(Struct, frozen=True, kw_only=True):
    """What may be connected to: these ports, at public addresses and at those of `also`.

    For pictures there is no way to widen it from a configuration; `anywhere` is for an address that
    stands in the configuration itself.
    """

    ports: frozenset[int] = frozenset({80, 443})
    also: frozenset[str] = frozenset()
    anywhere: bool = False

    @classmethod
    def trusted(cls, address: str) -> "Reach":
        """Return the reach that an address of the configuration needs, wherever it leads."""
        parts = urlsplit(address)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        return cls(ports=frozenset({port}), anywhere=True)

    def allows(self, address: str) -> bool:
        """Tell whether an IP address may be connected to."""
        return self.anywhere or address in self.also or is_public(address)


class Answer(Struct, frozen=True, kw_only=True):
    """What a server said; `body` is at most its first `MOST_BYTES`."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes = b""


def resolved(host: str, port: int) -> list[str]:
    """Return the IP addresses of a host; raise OSError if it has none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(item[4][0]) for item in found]


class Client:
    """Makes visits; `verify` is True, or a file of certificates to trust instead."""

    def __init__(
        self,
        *,
        reach: Reach | None = None,
        resolve: Resolve = resolved,
        verify: bool | str = True,
    ) -> None:
        self.reach = reach or Reach()
        self.resolve = resolve
        self.verify = verify

    def visit(self, seconds: float) -> "Visit":
        """Begin a visit that takes no longer than this, whatever happens."""
        return Visit(self, seconds)


class Visit:
    """A few requests within one deadline; to be closed."""

    def __init__(self, client: Client, seconds: float) -> None:
        self._client = client
        self._deadline = _Deadline(seconds)
        self._adapter = _Adapter(self._connected)
        self._addresses: dict[tuple[str, int], list[str]] = {}
        self._redirects = _REDIRECTS

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._deadline.close()

    def ask(self, method: str, url: str, headers: Mapping[str, str]) -> Answer:
        """Send a request, follow redirects, and return the answer that is none.

        Raises `VisitError`, and whatever requests, urllib3 and http.client raise for an answer
        that is not HTTP.
        """
        place = clean_url(url)
        while place is not None:
            answer = self._asked(method, place, headers)
            if answer.status not in _REDIRECT_STATUSES:
                return answer
            if not self._redirects:
                raise VisitError("redirects too often")
            self._redirects -= 1
            place = clean_url(_as_utf8(answer.headers.get("Location", "")), place)
        raise VisitError("is, or redirects to, what is no address")

    def post(self, url: str, form: Mapping[str, str]) -> Answer:
        """Send a form and return the answer, be it a redirect; raises what `ask` raises."""
        return self._asked("POST", url, {}, form)

    def _asked(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        form: Mapping[str, str] | None = None,
    ) -> Answer:
        headers = {**_HEADERS, **headers}
        request = requests.Request(method, url, headers=headers, data=form).prepare()
        try:
            with self._adapter.send(
                request, stream=True, timeout=self._deadline.left(), verify=self._client.verify
            ) as response:
                body = response.raw.read(MOST_BYTES, decode_content=False)
        except Exception:
            self._deadline.left()  # what a shut socket leads to is not worth telling
            raise
        finally:
            self._adapter.close()  # what else is sent here is no answer to the next request
        self._deadline.left()  # headers that were cut short read like whole ones
        return Answer(url=url, status=response.status_code, headers=response.headers, body=body)

    def _connected(self, host: str, port: int) -> socket.socket:
        """Return a socket connected to an address of a host that was looked at."""
        last: OSError | None = None
        for address in self._looked_at(host, port):
            try:
                return self._opened(address, port)
            except OSError as error:
                last = error
        raise last or VisitError("has no address")

    def _opened(self, address: str, port: int) -> socket.socket:
        limit = min(_CONNECT_SECONDS, self._deadline.left())
        connection = socket.create_connection((address, port), timeout=limit)
        try:
            self._check([connection.getpeername()[0]])
            self._deadline.watch(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _looked_at(self, host: str, port: int) -> list[str]:
        """Return the addresses of a host; one that is not public condemns them all."""
        if port not in self._client.reach.ports:
            raise VisitError(f"is on port {port}")
        if (host, port) not in self._addresses:
            addresses = self._resolved(host, port)
            self._check(addresses)
            self._addresses[host, port] = addresses
        return self._addresses[host, port]

    def _resolved(self, host: str, port: int) -> list[str]:
        """Resolve a name in a thread of its own, which is left alone when the time is up."""
        answers: SimpleQueue[list[str] | Exception] = SimpleQueue()

        def resolve() -> None:
            try:
                answers.put(self._client.resolve(host, port))
            except Exception as error:  # noqa: BLE001 - raised again below
                answers.put(error)

        Thread(target=resolve, daemon=True).start()
        with suppress(Empty):
            answer = answers.get(timeout=self._deadline.left())
            if isinstance(answer, Exception):
                raise answer
            return answer
        raise VisitError("takes too long")

    def _check(self, addresses: Iterable[str]) -> None:
        if not all(map(self._client.reach.allows, addresses)):
            raise VisitError("is not on the public network")


def _as_utf8(text: str) -> str:
    """Return a header, which http.client reads as Latin-1, as what browsers read it as."""
    return text.encode("latin-1", "replace").decode("utf-8", "replace")


class _Deadline:
    """The end of a visit, on the clock of the wall: it shuts every socket."""

    def __init__(self, seconds: float) -> None:
        self._end = monotonic() + seconds
        self._sockets: list[socket.socket] = []
        self._timer = Timer(seconds, self._shut)
        self._timer.daemon = True
        self._timer.start()

    def left(self) -> float:
        """Return the seconds that are left; raise `VisitError` if none are."""
        left = self._end - monotonic()
        if left <= 0:
            raise VisitError("takes too long")
        return left

    def watch(self, connection: socket.socket) -> None:
        """Shut this one too; raise `VisitError` if it is too late."""
        # A twin: TLS takes the socket itself away.
        self._sockets.append(connection.dup())
        self.left()

    def close(self) -> None:
        """Let the sockets be."""
        self._timer.cancel()
        for connection in self._sockets:
            connection.close()

    def _shut(self) -> None:
        for connection in tuple(self._sockets):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Adapter(HTTPAdapter):
    """requests' adapter, with sockets that are connected by us (as urllib3's SOCKS support is)."""

    def __init__(self, connect: Callable[[str, int], socket.socket]) -> None:
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)
        self.poolmanager.pool_classes_by_scheme = {
            "http": _pool_class(HTTPConnectionPool, connect),
            "https": _pool_class(HTTPSConnectionPool, connect),
        }


def _pool_class(
    pool: type[HTTPConnectionPool], connect: Callable[[str, int], socket.socket]
) -> type[HTTPConnectionPool]:
    """Return a kind of pool whose connections begin with `connect`."""

    def _new_conn(self: Any) -> socket.socket:
        return connect(self._dns_host, self.port)

    connection = type(pool.ConnectionCls.__name__, (pool.ConnectionCls,), {"_new_conn": _new_conn})
    return type(pool.__name__, (pool,), {"ConnectionCls": connection})
