"""How the preview bears clients that are slow, large or many."""

import socket
from contextlib import ExitStack
from ipaddress import ip_address
from threading import Event

import pytest

from feedpub.errors import AddressError
from feedpub.preview import server
from feedpub.preview.server import MOST_CONNECTIONS, listen


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(server, "CONNECTION_SECONDS", 0.3)


def connected(client):
    return socket.create_connection(("127.0.0.1", client.port), timeout=30)


def received(connection):
    """Return what the server sends until it ends the connection, in whatever way."""
    data = b""
    try:
        while more := connection.recv(65_536):
            data += more
    except ConnectionResetError:
        pass
    return data


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "beginning", [b"", b"G", b"GET /all/ HTTP/1.1\r\n", b"POST / HTTP/1.1\r\nContent-Length: 9\r\n"]
)
def test_client_that_says_no_more_is_cut(client, beginning):
    with connected(client) as connection:
        connection.sendall(beginning)
        assert received(connection) == b""
    assert client.ask("/all/").status == 200


@pytest.mark.usefixtures("impatient")
def test_client_that_goes_on_slowly_is_cut(client):
    with connected(client) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n")
        connection.settimeout(0.02)
        while not _is_cut(connection):
            pass


def _is_cut(connection):
    """Say a little more, and tell whether it is still wanted."""
    try:
        connection.sendall(b"X: 1\r\n")
        return connection.recv(100) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


@pytest.mark.usefixtures("impatient")
def test_client_that_reads_nothing_is_cut(client, output, monkeypatch):
    size, ended = 20_000_000, Event()
    lost = server.Connection.connection_lost
    monkeypatch.setattr(server.Connection, "connection_lost", lambda *of: (lost(*of), ended.set()))
    (output / "large.bin").write_bytes(b" " * size)
    with connected(client) as connection:
        connection.sendall(b"GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\n")
        assert ended.wait(30)
        assert 0 < len(received(connection)) < size


def test_endless_headers_are_refused(client):
    with connected(client) as connection:
        try:
            for _ in range(200):
                connection.sendall(b"X-Large: " + b"a" * 10_000 + b"\r\n")
        except OSError:
            pass
        assert received(connection)[:12] in {b"", b"HTTP/1.1 400"}
    assert client.ask("/all/").status == 200


@pytest.mark.parametrize("request_line", [b"\x16\x03\x01", b"GET /"])
def test_what_is_no_request_is_refused(client, request_line):
    with connected(client) as connection:
        connection.sendall(request_line + b"\r\n\r\n")
        assert received(connection)[:12] == b"HTTP/1.1 400"
    assert client.ask("/all/").status == 200


def test_one_connection_too_many_is_told_so(client):
    with ExitStack() as held:
        for _ in range(MOST_CONNECTIONS):
            held.enter_context(connected(client))
        assert client.ask("/all/").status == 503


def test_as_many_connections_as_are_allowed_are_served(client):
    with ExitStack() as held:
        for _ in range(MOST_CONNECTIONS - 1):
            held.enter_context(connected(client))
        assert client.ask("/all/").status == 200


def test_address_in_use_is_said(client):
    with pytest.raises(AddressError, match=f"port {client.port}: Address already in use"):
        listen(ip_address("127.0.0.1"), client.port)


def test_address_may_be_one_of_ipv6():
    with listen(ip_address("::1"), 0) as listening:
        assert listening.getsockname()[0] == "::1"
