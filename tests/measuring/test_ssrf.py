"""Whatever a record, a redirect or a name server says: nothing private is connected to."""

import socket
from itertools import chain, repeat

import pytest
from hostile_server import BEHAVIOURS, PRIVATE, PUBLIC, picture, redirect, serving

from feedpub.links import clean_url
from feedpub.measurements import Measurement
from feedpub.measuring import client as module
from feedpub.measuring.client import Client, Reach
from feedpub.measuring.measure import examined

SPELLINGS = """127.0.0.1 127.1 127.0.1 2130706433 0x7f.1 0x7f000001 0177.0.0.1 017700000001 0
    0.0.0.0 127.0.0.1. 127.000.000.001 localhost LOCALHOST localhost. [::1] [0:0:0:0:0:0:0:1] [::]
    [::ffff:127.0.0.1] [::ffff:7f00:1] [::127.0.0.1] [64:ff9b::7f00:1] [2002:7f00:1::]
    %31%32%37.0.0.1 ①②⑦.⓪.⓪.① 127。0。0。1 x@127.0.0.1 example.com@127.0.0.1 127.0.0.2 127.3.2.1
    169.254.169.254 10.0.0.1 192.168.0.1 100.64.0.1 192.0.0.9 224.0.0.1 [fec0::1] [fe80::1]
    [fe80::1%25lo]""".split()


@pytest.fixture
def loopback():
    """Yield a server at 127.0.0.1 and, where there is IPv6, one at ::1 on the same port."""
    with serving() as server:
        try:
            with serving(host="::1", port=server.port) as other:
                yield server, other
        except OSError:
            yield (server,)


@pytest.mark.parametrize("host", SPELLINGS)
def test_no_spelling_of_a_private_address_is_connected_to(loopback, host):
    port = loopback[0].port
    client = Client(reach=Reach(ports=frozenset({port})))
    address = f"http://{host}:{port}/ok"
    for url in {address, clean_url(address) or address}:
        assert examined(Measurement(url), client, seconds=4, now=1).failure
    assert [server.connections for server in loopback] == [0] * len(loopback)


@pytest.mark.parametrize(
    "scheme", ["file:///etc/passwd", "ftp://{}/x", "gopher://{}/x", "//{}/x", ""]
)
def test_only_http_is_spoken(examine, public, scheme):
    assert examine(scheme.format(f"{PUBLIC}:{public.port}")).failure
    assert public.connections == 0


def test_a_backslash_deceives_nobody(examine, public, private):
    assert examine(f"http://{PRIVATE}:{private.port}\\@{PUBLIC}:{public.port}/ok").failure
    assert private.connections == 0


@pytest.mark.parametrize("port", [22, 25, 6379, 8080])
def test_only_the_ports_of_the_web_are_connected_to(port):
    found = examined(Measurement(f"http://{PUBLIC}:{port}/"), Client(), seconds=4, now=1)
    assert found.failure == f"is on port {port}"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "target",
    [
        "http://{private}/ok",
        "//{private}/ok",
        "HTTP://{private}/ok",
        "http://x:y@{private}/ok",
        "http://{private}\\@{public}/ok",
        "\\\\{private}/ok",
        "/{private}/../twice",
        "http://[::ffff:127.0.0.2]:{port}/ok",
        "http://[64:ff9b::7f00:2]:{port}/ok",
        "http://2130706434:{port}/ok",
        "http://0x7f.2:{port}/ok",
        "http:{private}/ok",
        "http://{private}#@{public}/ok",
    ],
)
def test_no_redirect_leads_to_a_private_address(examine, public, private, status, target):
    places = {
        "public": f"{PUBLIC}:{public.port}",
        "private": f"{PRIVATE}:{public.port}",
        "port": public.port,
    }
    public.behaviours = {
        "ok": redirect(target.format(**places), f"{status} Look there"),
        "twice": redirect(private.url()),
    }
    assert examine(public.url()).failure
    assert (private.connections, public.connections > 0) == (0, True)


def test_redirects_are_followed_twice(examine, public):
    public.behaviours = {"a": redirect("/b"), "b": redirect("/ok"), **BEHAVIOURS}
    assert examine(public.url("a")).facts == (1234, "image/png", 640, 480)
    # HEAD leads there; GET begins there.
    assert [head.split()[1] for head in public.requests] == [b"/a", b"/b", b"/ok", b"/ok"]


def test_a_third_redirect_is_one_too_many(examine, public):
    public.behaviours = {
        "a": redirect("/b"),
        "b": redirect("/c"),
        "c": redirect("/ok"),
        **BEHAVIOURS,
    }
    assert examine(public.url("a")).failure == "redirects too often"


def test_redirects_of_a_get_count_with_those_of_the_head(examine, public):
    """The two requests of a visit together follow no more than two."""

    def only_get(connection, head, go_on):
        chosen = BEHAVIOURS["ok"] if head.startswith(b"HEAD") else redirect("/a")
        chosen(connection, head, go_on)

    public.behaviours = {"a": redirect("/b"), "b": redirect("/c"), "c": only_get}
    assert examine(public.url("a")).failure == "redirects too often"


MAPPED = f"::ffff:{PRIVATE}"


@pytest.mark.parametrize(
    "answers",
    [
        [PRIVATE],
        [PUBLIC, PRIVATE],
        [PRIVATE, PUBLIC],
        [PUBLIC] * 30 + [PRIVATE],
        [MAPPED],
        [PUBLIC, MAPPED],
        ["::127.0.0.2", PUBLIC],
        ["64:ff9b::7f00:2"],
        ["2002:7f00:2::"],
        ["fe80::1%lo"],
        ["0.0.0.0"],
        ["::"],
        ["127.2"],
        ["not an address"],
        [],
    ],
    ids=str,
)
def test_one_private_answer_of_the_name_server_condemns_the_name(examine, public, private, answers):
    found = examine(public.url(host="pictures.example.com"), resolve=lambda _h, _p: answers)
    assert found.failure in {"is not on the public network", "has no address"}
    assert (public.connections, private.connections) == (0, 0)


def test_a_name_is_resolved_once_a_visit(examine, public, private):
    answers = chain([[PUBLIC]], repeat([PRIVATE]))
    found = examine(public.url(host="pictures.example.com"), resolve=lambda _h, _p: next(answers))
    assert found.facts == (1234, "image/png", 640, 480)
    assert (public.connections, private.connections) == (2, 0)


def test_a_name_that_turns_private_is_not_visited_again(client_for, public, private):
    answers = chain([[PUBLIC]], repeat([PRIVATE]))
    client = client_for(resolve=lambda _h, _p: next(answers))
    picture = Measurement(public.url(host="pictures.example.com"))
    found = [examined(picture, client, seconds=4, now=1).failure for _ in range(2)]
    assert found == [None, "is not on the public network"]
    assert private.connections == 0


def test_a_redirect_to_a_name_is_resolved_and_looked_at(examine, public, private):
    addresses = {"pictures.example.com": [PUBLIC], "inside.example.com": [PRIVATE]}
    public.behaviours = {"ok": redirect(public.url(host="inside.example.com"))}
    found = examine(
        public.url(host="pictures.example.com"), resolve=lambda host, _p: addresses[host]
    )
    assert found.failure == "is not on the public network"
    assert private.connections == 0


def test_the_other_end_of_a_connection_is_looked_at(examine, public, private, monkeypatch):
    """As where a rule of the kernel sends the packets elsewhere."""
    real = socket.create_connection

    def elsewhere(_address, timeout):
        return real((PRIVATE, private.port), timeout=timeout)

    monkeypatch.setattr(module.socket, "create_connection", elsewhere)
    assert examine(public.url()).failure == "is not on the public network"
    assert private.requests == []


def test_an_address_that_does_not_answer_gives_way_to_the_next(examine, public):
    unused = "127.0.0.3"
    reach = Reach(ports=frozenset({public.port}), also=frozenset({PUBLIC, unused}))
    found = examine(
        public.url(host="pictures.example.com"),
        reach=reach,
        resolve=lambda _h, _p: [unused, PUBLIC],
    )
    assert found.failure is None


def test_no_proxy_and_no_password_are_taken_from_the_machine(
    examine, public, private, monkeypatch, tmp_path
):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.setenv(name, private.url(""))
    tmp_path.joinpath("netrc").write_text("default login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert examine(public.url()).failure is None
    assert private.connections == 0
    assert not any(b"authorization" in head.lower() for head in public.requests)


def test_no_cookie_is_sent_back(examine, public):
    cookie = picture(more=("Set-Cookie: a=b",))
    public.behaviours = {"a": redirect("/ok"), "ok": cookie}
    assert examine(public.url("a")).failure is None
    assert len(public.requests) == 3
    assert not any(b"cookie" in head.lower() for head in public.requests)
