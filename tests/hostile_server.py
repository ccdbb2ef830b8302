"""Servers on loopback that behave as badly as strangers' do; they stop by themselves."""

import socket
import ssl
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

# The second stands for the network within, which is never to be reached.
PUBLIC, PRIVATE = "127.0.0.1", "127.0.0.2"
PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sIIBBBBB", 13, b"IHDR", 640, 480, 8, 2, 0, 0, 0)
PICTURE = PNG + b"\0" * (1234 - len(PNG))
# So long does a server that would go on for ever go on when nobody stops it.
_FOR_EVER = 10

# Gets a connection, the request's head, and what tells whether to go on.
Behaviour = Callable[[socket.socket, bytes, Callable[[], bool]], None]


class Server:
    """Answers every connection with a behaviour, chosen by path; counts what comes in.

    `requests` are the heads that came, `connections` how many there were; `was_endured` if somebody
    waited until it grew tired of what it would have done for ever.
    """

    def __init__(
        self, behaviours: dict[str, Behaviour], host: str, tls: ssl.SSLContext | None, port: int
    ):
        self.behaviours = dict(behaviours)
        self.requests: list[bytes] = []
        self.connections = 0
        self.was_endured = False
        self.at_once = self.most_at_once = 0
        self._tls = tls
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, port), family=family, backlog=64)
        self._open: list[socket.socket] = []
        self.host = f"[{host}]" if ":" in host else host
        self.port = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def url(self, path: str = "ok", host: str | None = None, scheme: str = "http") -> str:
        return f"{scheme}://{host or self.host}:{self.port}/{path}"

    def stop(self) -> None:
        self._stopped.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        end = time.monotonic() + _FOR_EVER

        def go_on() -> bool:
            if time.monotonic() < end:
                return not self._stopped.wait(0.02)
            self.was_endured = True
            return False

        with connection, suppress(OSError, ssl.SSLError):
            connection.settimeout(_FOR_EVER)
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            with connection:
                head = connection.recv(65536)
                if not head:
                    return
                path = head.split(b" ")[1].decode("latin-1").strip("/").partition("?")[0]
                with self._lock:
                    self.requests.append(head)
                    self.at_once += 1
                    self.most_at_once = max(self.at_once, self.most_at_once)
                try:
                    behave = self.behaviours.get(path, NOT_FOUND)
                    behave(connection, head, go_on)
                finally:
                    with self._lock:
                        self.at_once -= 1


@contextmanager
def serving(
    behaviours: dict[str, Behaviour] | None = None,
    host: str = PUBLIC,
    tls: ssl.SSLContext | None = None,
    port: int = 0,
) -> Iterator[Server]:
    server = Server(BEHAVIOURS if behaviours is None else behaviours, host, tls, port)
    try:
        yield server
    finally:
        server.stop()


def answer(*headers: str | bytes, status: str = "200 OK", body: bytes = b"") -> Behaviour:
    """Return a behaviour: this head, and to a GET this body."""
    lines = [
        f"HTTP/1.1 {status}".encode(),
        *(h.encode() if isinstance(h, str) else h for h in headers),
    ]
    whole = b"\r\n".join([*lines, b"Connection: close", b"", b""])

    def behave(connection, head, _go_on):
        connection.sendall(whole + (b"" if head.startswith(b"HEAD") else body))

    return behave


def picture(
    data: bytes = PICTURE, media_type: str = "image/png", more: tuple[str, ...] = ()
) -> Behaviour:
    """Return a behaviour: a server that knows ranges."""

    def behave(connection, head, go_on):
        common = (f"Content-Type: {media_type}", *more)
        if b"Range: bytes=0-65535" in head:
            part = data[:65536]
            answer(
                f"Content-Length: {len(part)}",
                f"Content-Range: bytes 0-{len(part) - 1}/{len(data)}",
                *common,
                status="206 Partial Content",
                body=part,
            )(connection, head, go_on)
        else:
            answer(f"Content-Length: {len(data)}", *common, body=data)(connection, head, go_on)

    return behave


def redirect(target: str | bytes, status: str = "302 Found") -> Behaviour:
    location = target.encode() if isinstance(target, str) else target
    return answer(b"Location: " + location, "Content-Length: 0", status=status)


def for_ever(chunk: bytes, prefix: bytes = b"") -> Behaviour:
    def behave(connection, _head, go_on):
        connection.sendall(prefix)
        while go_on():
            connection.sendall(chunk)

    return behave


def drip(data: bytes, prefix: bytes = b"") -> Behaviour:
    def behave(connection, _head, go_on):
        connection.sendall(prefix)
        for byte in data:
            if not go_on():
                return
            connection.sendall(bytes([byte]))

    return behave


def silence(_connection, _head, go_on) -> None:
    while go_on():
        pass


def reset(connection, _head, _go_on) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def bomb() -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(b"\0" * (1 << 20)) for _ in range(64)) + packer.flush()


OK = b"HTTP/1.1 200 OK\r\n"
TYPE = "Content-Type: image/png"
NOT_FOUND = answer("Content-Length: 0", status="404 Not Found")

BEHAVIOURS: dict[str, Behaviour] = {"ok": picture()}
# None of these lets a visit end by itself.
ENDLESS: dict[str, Behaviour] = {
    "silence": silence,
    "header drip": drip(b"X-A: " + b"a" * 3000, OK),
    "status drip": drip(OK * 100),
    "headers without end": for_ever(b"X-A: b\r\n", OK),
    "header line without end": for_ever(b"a" * 1000, OK + b"X-A: "),
    "100 for ever": for_ever(b"HTTP/1.1 100 Continue\r\n\r\n"),
    "100 for ever, fast": for_ever(b"HTTP/1.1 100 Continue\r\n\r\n" * 5000),
    "102 for ever": for_ever(b"HTTP/1.1 102 Processing\r\n\r\n"),
    "body drip": drip(b"x" * 5000, OK + b"Content-Type: image/png\r\nContent-Length: 5000\r\n\r\n"),
    "chunk drip": drip(
        b"1\r\nx\r\n" * 999, OK + b"Content-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n"
    ),
}
_ANY = ""
_NO_ADDRESS = "is, or redirects to, what is no address"
# Odd answers, and what is made of them: length and media type, or why there are none (any reason).
ODD: dict[str, tuple[Behaviour, tuple[int | None, str | None] | str]] = {
    "HEAD unknown": (
        lambda c, head, go: (
            answer(status="405 No")(c, head, go)
            if head.startswith(b"HEAD")
            else picture()(c, head, go)
        ),
        (1234, "image/png"),
    ),
    "no range": (answer("Content-Length: 1234", TYPE, body=PICTURE), (1234, "image/png")),
    "no length": (answer(TYPE, body=PICTURE), (1234, "image/png")),
    "body without end": (
        for_ever(b"x" * 65536, OK + b"Content-Type: image/png\r\n\r\n"),
        (None, "image/png"),
    ),
    "truncated body": (
        answer("Content-Length: 99999", TYPE, body=PICTURE),
        "is empty, or cut short",
    ),
    "no body": (answer("Content-Length: 5", TYPE), _ANY),
    "length 1_000": (answer("Content-Length: 1_000", TYPE, body=b"x" * 70000), (None, "image/png")),
    "negative length": (answer("Content-Length: -5", TYPE, body=b"x" * 70000), (None, "image/png")),
    "length +5": (answer("Content-Length: +5", TYPE, body=b"x" * 70000), (None, "image/png")),
    "length of 30 digits": (
        answer("Content-Length: " + "9" * 30, TYPE, body=b"x" * 70000),
        (None, "image/png"),
    ),
    "length of 5000 digits": (
        answer("Content-Length: " + "9" * 5000, TYPE, body=b"x"),
        (None, "image/png"),
    ),
    "length in words": (
        answer("Content-Length: abc", TYPE, body=b"x" * 70000),
        (None, "image/png"),
    ),
    "length in Arabic digits": (
        answer("Content-Length: ٣", TYPE, body=b"x" * 70000),
        (None, "image/png"),
    ),
    "two lengths": (answer("Content-Length: 5", "Content-Length: 7", TYPE), _ANY),
    "length 0": (answer("Content-Length: 0", TYPE), "is empty, or cut short"),
    "a range of 1_0": (
        answer(TYPE, "Content-Range: bytes 0-1233/1_0", status="206 Partial", body=PICTURE),
        (None, "image/png"),
    ),
    "a bomb": (
        answer("Content-Encoding: gzip", TYPE, body=bomb()),
        "is sent encoded, though asked for as it is",
    ),
    "a page": (answer("Content-Type: text/html; charset=utf-8", body=b"<p>Hello"), "is no picture"),
    "no type": (answer("Content-Length: 5", body=b"hello"), "is no picture"),
    "no type, but a picture": (answer("Content-Length: 1234", body=PICTURE), (1234, "image/png")),
    "a type that lies": (answer("Content-Type: image/gif", body=PICTURE), (1234, "image/png")),
    "a script for a type": (
        answer('Content-Type: image/png"><script>alert(1)</script>', body=b"hello"),
        "is no picture",
    ),
    "a folded type": (
        answer("Content-Type: image/svg+xml\r\n X: 1", body=b"<svg/>"),
        "is no picture",
    ),
    "control characters": (answer(b"Content-Type: image/\x01png", body=b"x"), "is no picture"),
    "NUL": (answer(b"Content-Type: image/\x00png", body=b"x"), "is no picture"),
    "Latin-1": (answer(b"Content-Type: image/\xff\xfe", body=b"x"), "is no picture"),
    "a long type": (answer("Content-Type: image/" + "p" * 60000, body=b"x"), "is no picture"),
    "two types": (answer(TYPE, "Content-Type: text/html", body=b"x"), "is no picture"),
    "HTTP 0.9": (lambda c, _h, _g: c.sendall(b"hello\n"), _ANY),
    "closed": (lambda _c, _h, _g: None, _ANY),
    "reset": (reset, _ANY),
    "garbage": (for_ever(b"H" * 65536), _ANY),
    "status abc": (answer(status="abc x"), _ANY),
    "status 999": (answer(status="999 x", body=PICTURE), "is answered with status 999"),
    "status -200": (answer(status="-200 x"), _ANY),
    "upgrade": (
        answer("Upgrade: h2c", status="101 Switching Protocols"),
        "is answered with status 101",
    ),
    "gone": (answer(status="410 Gone"), "is answered with status 410"),
    "asks for a password": (
        answer('WWW-Authenticate: Basic realm="x"', status="401 No"),
        "is answered with status 401",
    ),
    "not changed, though not asked": (
        answer(status="304 Not Modified"),
        "is answered with status 304",
    ),
    "redirects to itself": (redirect("redirects to itself"), "redirects too often"),
    "redirects to a file": (redirect("file:///etc/passwd"), _NO_ADDRESS),
    "redirects to FTP": (redirect("ftp://127.0.0.1/x"), _NO_ADDRESS),
    "redirects to garbage": (redirect("http://[::1"), _NO_ADDRESS),
    "redirects with a password": (
        redirect("http://u:p@127.0.0.1/"),
        _NO_ADDRESS,
    ),
    "redirects to binary": (redirect(b"/\xff\xfe\x80"), "is answered with status 404"),
    "redirects to a long address": (
        redirect("/ok?" + "a" * 60000),
        _NO_ADDRESS,
    ),
    "redirects to a long label": (
        redirect(f"http://{'a' * 64}.com/"),
        _NO_ADDRESS,
    ),
    "redirects nowhere": (answer(status="302 Found"), _NO_ADDRESS),
}
