"""Checks of how a file is served, whatever is in it."""

import re
import ssl
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from socket import create_connection
from urllib.parse import urlsplit

from msgspec import Struct

from feedpub.doctor.fetching import ORIGIN, Answer, Fetcher, FetchError
from feedpub.doctor.findings import Finding, ok

_WORTH_COMPRESSING = 1400  # bytes: what fits into one packet gains nothing
_CERTIFICATE_DAYS = 14
_PERMANENT = frozenset({301, 308})


class Media(Struct, frozen=True, kw_only=True):
    """The media types of a file, the best first, and others that clients take for them."""

    good: tuple[str, ...]
    tolerated: frozenset[str] = frozenset()


_XML = ("application/xml", "text/xml")
MEDIA = {
    "rss": Media(good=(*_XML, "application/rss+xml")),
    "atom": Media(good=(*_XML, "application/atom+xml")),
    "json": Media(good=("application/feed+json",), tolerated=frozenset({"application/json"})),
    "manifest": Media(good=("application/json",)),
    # OPML has no registered type; this is what browsers hand on to feed readers.
    "opml": Media(
        good=("text/x-opml",), tolerated=frozenset({*_XML, "text/x-opml+xml", "text/plain"})
    ),
}


def fetched(url: str, fetcher: Fetcher) -> tuple[Answer | None, list[Finding]]:
    """Fetch an address; return its answer if the status is 200, and what is to say so far."""
    try:
        answer = fetcher.get(url)
    except FetchError as error:
        return None, [failed(url, error)]
    if answer.status != 200:
        failure = Finding(
            level="failure",
            check="status",
            url=url,
            seen=f"{answer.status}",
            expected="200",
            advice="publish the file, or see what the server makes of its path",
        )
        return None, [failure, *_redirects(answer)]
    return answer, [ok("status", url, "200"), *_redirects(answer)]


def failed(url: str, error: FetchError) -> Finding:
    """Return the finding an address that brings no whole answer is."""
    return Finding(
        level="failure", check=error.check, url=url, seen=error.seen, advice=error.advice
    )


def served(answer: Answer, media: Media, fetcher: Fetcher) -> Iterator[Finding]:
    """Check how a file is served that could be fetched."""
    yield _media_type(answer, media)
    yield from _charset(answer)
    yield _gzip(answer)
    yield _cors(answer)
    yield from _validators(answer, fetcher)


def _redirects(answer: Answer) -> Iterator[Finding]:
    if not answer.redirects:
        return
    status, target = answer.redirects[-1]
    seen = f"{status} to {target}"
    if answer.url.startswith("https:") and not answer.place.startswith("https:"):
        advice = "let it answer by itself: from https to http is no way back"
        yield Finding(level="failure", check="redirects", url=answer.url, seen=seen, advice=advice)
    elif any(status in _PERMANENT for status, _ in answer.redirects):
        advice = "readers move to the new address for good: set site.url to it if that is meant"
        yield Finding(level="warning", check="redirects", url=answer.url, seen=seen, advice=advice)
    else:
        advice = "every poll costs two requests: announce the address that answers"
        yield Finding(level="warning", check="redirects", url=answer.url, seen=seen, advice=advice)


def _media_type(answer: Answer, media: Media) -> Finding:
    seen = answer.media_type or "none"
    if seen in media.good:
        return ok("media type", answer.url, seen)
    return Finding(
        level="warning" if seen in media.tolerated else "failure",
        check="media type",
        url=answer.url,
        seen=seen,
        expected=media.good[0],
        advice=f"have the web server send Content-Type: {media.good[0]} for files of this name",
    )


def _charset(answer: Answer) -> Iterator[Finding]:
    """Say so if the header names another encoding than UTF-8: it wins over the file's own word."""
    content_type = answer.headers.get("Content-Type", "")
    match = re.search(r"charset\s*=\s*\"?([^\s\";]+)", content_type, re.IGNORECASE)
    if match and match[1].lower() not in {"utf-8", "utf8"}:
        yield Finding(
            level="failure",
            check="charset",
            url=answer.url,
            seen=match[1],
            expected="utf-8, or none",
            advice="the files are UTF-8: mend the server's default charset",
        )


def _gzip(answer: Answer) -> Finding:
    encoding = answer.headers.get("Content-Encoding", "").lower()
    if encoding == "gzip":
        return ok("gzip", answer.url, "gzip")
    if not encoding and len(answer.body) < _WORTH_COMPRESSING:
        return ok("gzip", answer.url, "too small to need it")
    return Finding(
        level="warning",
        check="gzip",
        url=answer.url,
        seen=f"not compressed ({encoding})" if encoding else "not compressed",
        expected="Content-Encoding: gzip for who accepts it",
        advice="turn compression on for this media type; feeds shrink to a fifth",
    )


def _cors(answer: Answer) -> Finding:
    allowed = answer.headers.get("Access-Control-Allow-Origin", "")
    if allowed in {"*", ORIGIN}:
        return ok("CORS", answer.url, allowed)
    return Finding(
        level="warning",
        check="CORS",
        url=answer.url,
        seen=allowed or "no Access-Control-Allow-Origin",
        expected="*",
        advice="add the header, or embed.js and readers in browsers cannot load the file",
    )


def _validators(answer: Answer, fetcher: Fetcher) -> Iterator[Finding]:
    conditions = {
        "If-None-Match": answer.headers.get("ETag"),
        "If-Modified-Since": answer.headers.get("Last-Modified"),
    }
    asked = {name: value for name, value in conditions.items() if value}
    if not asked:
        yield Finding(
            level="warning",
            check="validators",
            url=answer.url,
            seen="neither ETag nor Last-Modified",
            expected="one of them, better both",
            advice="without them every poll loads the whole file",
        )
    for name, value in asked.items():
        yield _conditional(answer.url, name, value, fetcher)


def _conditional(url: str, name: str, value: str, fetcher: Fetcher) -> Finding:
    check = f"304 to {name}"
    try:
        status = fetcher.get(url, {name: value}).status
    except FetchError as error:
        return failed(url, error)
    if status == 304:
        return ok(check, url, "304")
    return Finding(
        level="warning",
        check=check,
        url=url,
        seen=f"{status}",
        expected="304, as nothing changed",
        advice="the server, or what stands before it, ignores its own validators",
    )


def transport(url: str, fetcher: Fetcher, now: datetime) -> Iterator[Finding]:
    """Check that the site is served by https, and for how long its certificate is good."""
    parts = urlsplit(url)
    if parts.scheme != "https":
        yield Finding(
            level="warning",
            check="https",
            url=url,
            seen="http",
            expected="https",
            advice="get a certificate; several aggregators refuse plain http",
        )
        return
    try:
        end = _certificate_end(parts.hostname or "", parts.port or 443, fetcher)
    except OSError:
        return  # the same is met, and told, when the address is fetched
    left = (end - now).days
    if left >= _CERTIFICATE_DAYS:
        yield ok("certificate", url, f"good until {end:%Y-%m-%d}")
        return
    yield Finding(
        level="warning",
        check="certificate",
        url=url,
        seen=f"ends on {end:%Y-%m-%d}",
        expected=f"{_CERTIFICATE_DAYS} days or more to go",
        advice="see why it was not renewed by itself",
    )


def _certificate_end(host: str, port: int, fetcher: Fetcher) -> datetime:
    from requests.utils import DEFAULT_CA_BUNDLE_PATH

    context = ssl.create_default_context(
        cafile=fetcher.verify if isinstance(fetcher.verify, str) else DEFAULT_CA_BUNDLE_PATH
    )
    with closing(create_connection((host, port), timeout=fetcher.seconds)) as connection:
        connection.settimeout(fetcher.seconds)
        with context.wrap_socket(connection, server_hostname=host) as secured:
            certificate = secured.getpeercert() or {}
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
