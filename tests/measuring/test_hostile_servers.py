"""Servers that answer badly cost their own picture, and no more than its time."""

import socket
import ssl
import threading
from urllib.parse import quote

import pytest
import trustme
from hostile_server import BEHAVIOURS, ENDLESS, ODD, PUBLIC, for_ever, serving

from feedpub.measurements import Measurement
from feedpub.measuring.client import Client, Reach
from feedpub.measuring.measure import examined

HOST = "pictures.example.com"


@pytest.mark.parametrize("name", ENDLESS)
def test_what_never_ends_is_ended(examine, public, name):
    public.behaviours = {"ok": ENDLESS[name]}
    found = examine(public.url(), seconds=0.5)
    assert found == Measurement(public.url(), moment=1000, failure=found.failure)
    assert found.failure
    assert not public.was_endured


@pytest.mark.parametrize("name", ODD)
def test_an_odd_answer(examine, public, name):
    behaviour, expected = ODD[name]
    public.behaviours = {quote(name): behaviour, **BEHAVIOURS}
    found = examine(public.url(quote(name)))
    if isinstance(expected, str):
        assert found.failure
        assert expected in {"", found.failure}
        assert not any(found.facts)
    else:
        assert found.failure is None
        assert found.facts[:2] == expected


def test_no_more_of_a_body_is_taken_than_it_needs(examine, public):
    """And nothing is unpacked: the server is asked for the file as it is."""
    taken = []

    def endless(connection, _head, go_on):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n")
        while go_on():
            taken.append(connection.send(b"x" * 65536))

    public.behaviours = {"ok": endless}
    assert examine(public.url()).failure is None
    public.stop()
    assert sum(taken) < 20_000_000
    assert all(b"Accept-Encoding: identity" in head for head in public.requests)


def test_a_failure_is_one_line_without_control_characters(examine, public):
    public.behaviours = {"ok": for_ever(b"\x1b[2J\r\n")}
    failure = examine(public.url(), seconds=0.5).failure
    assert failure.isprintable()


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


def served_with(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return serving(tls=context)


def examined_over_tls(server, trusted):
    reach = Reach(ports=frozenset({server.port}), also=frozenset({PUBLIC}))
    client = Client(reach=reach, resolve=lambda _h, _p: [PUBLIC], verify=trusted)
    url = server.url(host=HOST, scheme="https")
    return examined(Measurement(url), client, seconds=4, now=1)


@pytest.fixture
def trusted(authority, tmp_path):
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    return str(tmp_path / "authority.pem")


def test_a_certificate_for_the_name_is_believed(authority, trusted):
    with served_with(authority.issue_cert(HOST)) as server:
        assert examined_over_tls(server, trusted).facts == (1234, "image/png", 640, 480)


@pytest.mark.parametrize("name", ["other.example.com", PUBLIC])
def test_a_certificate_for_another_name_is_not_believed(authority, trusted, name):
    with served_with(authority.issue_cert(name)) as server:
        assert examined_over_tls(server, trusted).failure == "SSLError"
    assert server.requests == []


def test_a_certificate_of_nobody_known_is_not_believed(authority):
    with served_with(authority.issue_cert(HOST)) as server:
        assert examined_over_tls(server, trusted=True).failure == "SSLError"


def test_what_is_no_tls_is_a_failure(public):
    assert examined_over_tls(public, trusted=True).failure == "SSLError"


def test_a_handshake_that_drips_is_ended():
    """The timer must cut a socket that TLS has wrapped."""
    listener = socket.create_server((PUBLIC, 0))
    stopped, endured = threading.Event(), []

    def accept():
        connection, _ = listener.accept()
        with connection:
            for byte in b"\x16\x03\x03\x40\x00" + b"\x02" * 200:
                if stopped.wait(0.05):
                    return
                try:
                    connection.send(bytes([byte]))
                except OSError:
                    return
        endured.append(True)

    thread = threading.Thread(target=accept)
    thread.start()
    port = listener.getsockname()[1]
    client = Client(reach=Reach(ports=frozenset({port}), also=frozenset({PUBLIC})))
    found = examined(Measurement(f"https://{PUBLIC}:{port}/"), client, seconds=0.5, now=1)
    stopped.set()
    thread.join()
    listener.close()
    assert (found.failure, endured) == ("takes too long", [])
