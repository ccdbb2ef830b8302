"""Many pictures within a budget of time."""

import threading

import pytest
from hostile_server import BEHAVIOURS, ENDLESS, answer, picture

from feedpub.measurements import Measurement
from feedpub.measuring.measure import measure


@pytest.fixture
def measured(client_for):
    def measured(urls, budget=30.0, **options):
        pictures = [Measurement(url) for url in urls]
        return list(measure(pictures, client_for(**options), budget=budget, now=1000))

    return measured


def names(server, count, host="pictures{}.example.com"):
    return [server.url("ok", host=host.format(n)) for n in range(count)]


def test_nothing_to_measure_is_nothing_found(measured):
    assert measured([]) == []


def test_every_picture_is_measured_once(measured, public):
    urls = [public.url(f"ok?{n}") for n in range(20)]
    found = measured(urls)
    assert sorted(item.url for item in found) == sorted(urls)
    assert {item.facts for item in found} == {(1234, "image/png", 640, 480)}
    assert {item.moment for item in found} == {1000}


def test_a_host_is_asked_for_two_pictures_at_a_time(measured, public):
    measured([public.url(f"ok?{n}") for n in range(12)])
    assert public.most_at_once <= 2


def test_eight_pictures_are_asked_for_at_a_time(measured, public):
    """Sixteen hosts wait for one another until eight are there, and never for a ninth."""
    meeting = threading.Barrier(8, timeout=20)

    def meet(connection, head, go_on):
        if head.startswith(b"HEAD"):
            meeting.wait()
        BEHAVIOURS["ok"](connection, head, go_on)

    public.behaviours = {"ok": meet}
    found = measured(names(public, 16), resolve=lambda _h, _p: [public.host])
    assert [item.failure for item in found] == [None] * 16
    assert public.most_at_once == 8


def test_a_host_that_never_answers_takes_no_time_from_others(measured, public):
    public.behaviours = {**BEHAVIOURS, **ENDLESS}
    slow = [public.url(f"silence?{n}") for n in range(30)]
    found = measured([*slow, *names(public, 20)], budget=3.0, resolve=lambda _h, _p: [public.host])
    assert sum(1 for item in found if item.failure is None) == 20


def test_what_the_budget_leaves_out_is_left_out(measured, public):
    public.behaviours = ENDLESS
    found = measured([public.url(f"silence?{n}") for n in range(50)], budget=0.5)
    assert len(found) <= 2
    assert {item.failure for item in found} <= {"takes too long"}


def test_who_was_waited_for_all_its_time_has_failed(measured, public):
    public.behaviours = ENDLESS
    (found,) = measured([public.url("silence")])
    assert found.failure == "takes too long"


def test_a_name_server_that_never_answers_is_not_waited_for(measured, public):
    answered = threading.Event()

    def resolve(host, _port):
        if host == "slow.example.com":
            answered.wait(30)
        return [public.host]

    urls = [public.url(host="slow.example.com"), public.url(host="quick.example.com")]
    found = measured(urls, resolve=resolve)
    assert not answered.is_set()
    answered.set()
    assert {item.url: item.failure for item in found} == {urls[0]: "takes too long", urls[1]: None}


def test_a_name_that_is_not_known_is_a_failure(examine, public):
    def resolve(_host, _port):
        raise OSError("no such name")

    assert examine(public.url(host="a.example.com"), resolve=resolve).failure == "ConnectionError"


def test_a_picture_that_did_not_change_is_not_fetched_again(examine, public):
    public.behaviours = {"ok": picture(more=('ETag: "v1"', "Last-Modified: Mon, 05 Jan 2026"))}
    first = examine(public.url())
    assert (first.etag, first.modified) == ('"v1"', "Mon, 05 Jan 2026")
    public.behaviours = {"ok": answer(status="304 Not Modified")}
    public.requests.clear()
    again = examine(public.url(), known=first._replace(moment=1))
    assert again == first
    (request,) = public.requests
    assert b'If-None-Match: "v1"' in request
    assert b"If-Modified-Since: Mon, 05 Jan 2026" in request


def test_a_picture_that_changed_is_measured_anew(examine, public):
    known = Measurement(public.url(), 1, 99, "image/png", 9, 9, etag='"v0"')
    found = examine(public.url(), known=known)
    assert found == Measurement(public.url(), 1000, 1234, "image/png", 640, 480)


def test_a_failure_keeps_what_was_known(examine, public):
    known = Measurement(public.url("gone"), 1, 99, "image/png", 9, 9, etag='"v0"')
    found = examine(public.url("gone"), known=known)
    assert found == known._replace(moment=1000, failure="is answered with status 404")


@pytest.mark.parametrize("etag", ["v1", '"a\tb"', '"' + "x" * 300 + '"', '"é"'])
def test_a_validator_of_no_known_form_is_not_kept(examine, public, etag):
    public.behaviours = {"ok": picture(more=(f"ETag: {etag}", f"Last-Modified: {'x' * 99}"))}
    found = examine(public.url())
    assert (found.failure, found.etag, found.modified) == (None, None, None)
