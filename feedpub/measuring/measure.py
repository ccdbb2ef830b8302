"""Measuring pictures: many at a time, few at a server, all within a budget of time."""

import re
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from urllib.parse import urlsplit

from feedpub.errors import printable
from feedpub.measurements import Measurement
from feedpub.measuring.client import MOST_BYTES, Answer, Client, Visit, VisitError
from feedpub.measuring.dimensions import dimensions, media_type_of
from feedpub.media import declared_type

_AT_A_TIME, _AT_A_HOST = 8, 2
_PICTURE_SECONDS = 4.0
_LENGTH = re.compile(r"[0-9]{1,15}", re.ASCII)
_RANGE = re.compile(r"bytes 0-[0-9]{1,15}/([0-9]{1,15})", re.ASCII)
_ETAG = re.compile(r'(?:W/)?"[!#-~]{0,200}"', re.ASCII)
_MODIFIED = re.compile(r"[A-Za-z0-9 ,:+-]{1,40}", re.ASCII)
# HEAD was answered, and there is no picture.
_GONE = frozenset({404, 410})

# Pictures of one host, one after the other.
_Lane = deque[Measurement]


def measure(
    pictures: Sequence[Measurement], client: Client, *, budget: float, now: int
) -> Iterator[Measurement]:
    """Yield what is found out about pictures, as it is, until the `budget` (in seconds) is spent.

    Pictures that are not done by then are left out. Nothing a server does raises.
    """
    end = monotonic() + budget
    last_call = end - min(0.2, budget / 10)  # so that what is cut then still counts
    fair = min(_PICTURE_SECONDS, budget / 2)
    waiting: SimpleQueue[_Lane] = SimpleQueue()
    done: SimpleQueue[Measurement] = SimpleQueue()
    lanes = _lanes(pictures)
    for lane in lanes:
        waiting.put(lane)

    def work() -> None:
        while (left := last_call - monotonic()) > 0:
            try:
                lane = waiting.get_nowait()
            except Empty:
                return  # the other lanes are at work, and go on there
            found = examined(lane.popleft(), client, seconds=min(left, _PICTURE_SECONDS), now=now)
            was_cut = left < fair and monotonic() >= last_call
            if not (found.failure and was_cut):
                done.put(found)
            if lane:
                waiting.put(lane)

    # Not a pool: that waits for its threads, however long the last of them takes to end.
    for _ in lanes[:_AT_A_TIME]:
        Thread(target=work, daemon=True).start()
    for _ in pictures:
        try:
            yield done.get(timeout=max(0.0, end - monotonic()))
        except Empty:
            return


def _lanes(pictures: Sequence[Measurement]) -> list[_Lane]:
    """Return the pictures of each host, in at most so many lanes as it may be asked at a time."""
    by_host = defaultdict(list)
    for picture in pictures:
        by_host[urlsplit(picture.url).hostname].append(picture)
    lanes = (deque(items[n::_AT_A_HOST]) for items in by_host.values() for n in range(_AT_A_HOST))
    return [lane for lane in lanes if lane]


def examined(known: Measurement, client: Client, *, seconds: float, now: int) -> Measurement:
    """Return what a server says of a picture; a failure keeps what was known."""
    try:
        with client.visit(seconds) as visit:
            return _found(known, visit)._replace(moment=now)
    except VisitError as error:
        failure = str(error)
    except Exception as error:  # noqa: BLE001 - whatever a server provokes costs this picture alone
        failure = type(error).__name__
    return known._replace(moment=now, failure=printable(failure))


def _found(known: Measurement, visit: Visit) -> Measurement:
    head = visit.ask("HEAD", known.url, _validators(known))
    if head.status == 304 and any(known.facts):
        return known._replace(failure=None)
    if head.status in _GONE:
        raise VisitError(f"is answered with status {head.status}")
    # A server that knows no HEAD may know GET.
    url = head.url if head.status == 200 else known.url
    start = visit.ask("GET", url, {"Range": f"bytes=0-{MOST_BYTES - 1}"})
    if start.status not in {200, 206}:
        raise VisitError(f"is answered with status {start.status}")
    if _is_encoded(start):
        raise VisitError("is sent encoded, though asked for as it is")
    if not start.body or len(start.body) < min(_declared_length(start) or 0, MOST_BYTES):
        raise VisitError("is empty, or cut short")
    media_type = media_type_of(start.body) or _declared_type(start) or _declared_type(head)
    if media_type is None:
        raise VisitError("is no picture")
    width, height = dimensions(start.body) or (None, None)
    return Measurement(
        known.url,
        length=_length(start) or (_declared_length(head) if head.status == 200 else None),
        media_type=media_type,
        width=width,
        height=height,
        etag=_matching(_ETAG, start.headers.get("ETag")),
        modified=_matching(_MODIFIED, start.headers.get("Last-Modified")),
    )


def _validators(known: Measurement) -> Mapping[str, str]:
    """Return the headers that ask for a picture only if it is another now (RFC 9110 §13.1)."""
    headers = {"If-None-Match": known.etag, "If-Modified-Since": known.modified}
    return {name: value for name, value in headers.items() if value and any(known.facts)}


def _length(start: Answer) -> int | None:
    """Return the length in bytes of what an answer to a GET is the start of."""
    if start.status == 206:
        match = _RANGE.fullmatch(start.headers.get("Content-Range", ""))
        length = int(match[1]) if match else None
    elif "Content-Length" in start.headers or len(start.body) == MOST_BYTES:
        length = _declared_length(start)
    else:
        length = len(start.body)  # all of it
    return length if length and length >= len(start.body) else None


def _declared_length(answer: Answer) -> int | None:
    length = _matching(_LENGTH, answer.headers.get("Content-Length"))
    return int(length) or None if length and not _is_encoded(answer) else None


def _is_encoded(answer: Answer) -> bool:
    return answer.headers.get("Content-Encoding", "identity").strip().lower() != "identity"


def _declared_type(answer: Answer) -> str | None:
    return declared_type(answer.headers.get("Content-Type", "").partition(";")[0])


def _matching(form: re.Pattern[str], header: str | None) -> str | None:
    """Return a header if it has the form it should have."""
    return header if header and form.fullmatch(header) else None
