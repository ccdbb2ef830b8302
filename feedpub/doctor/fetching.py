"""Fetches addresses of the site under examination: as a stranger, within limits.

Unlike `measuring.client` it goes where it is sent, to private addresses too: the address is the
user's own. It sends no credentials (nothing of `~/.netrc`), keeps no cookies and uses no proxy.
"""

from collections.abc import Mapping
from contextlib import closing
from http.cookiejar import DefaultCookiePolicy
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic

import requests
from msgspec import Struct

from feedpub.links import clean_url

ORIGIN = "https://example.org"
_REDIRECTS = 5
_REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})
_HEADERS = {
    "User-Agent": "feedpub doctor",
    "Accept": "*/*",
    "Accept-Encoding": "gzip",
    "Origin": ORIGIN,  # browsers send it for embed.js, and servers answer it with CORS headers
}


class FetchError(Exception):
    """An address brings no whole answer; `check` says which check of the doctor that fails."""

    def __init__(self, check: str, seen: str, advice: str) -> None:
        super().__init__(seen)
        self.check = check
        self.seen = seen
        self.advice = advice


class Answer(Struct, frozen=True, kw_only=True):
    """What the server said in the end; `body` is unpacked.

    `redirects` are the statuses and targets on the way, `url` is the address that was asked for.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    redirects: tuple[tuple[int, str], ...] = ()

    @property
    def media_type(self) -> str:
        """The media type without its parameters, in lower case."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    @property
    def place(self) -> str:
        """The address that answered in the end."""
        return self.redirects[-1][1] if self.redirects else self.url


class Fetcher:
    """Fetches; `verify` is True, or a file of certificates to trust instead."""

    def __init__(
        self,
        *,
        seconds: float = 20.0,
        most_bytes: int = 32 * 1024 * 1024,
        verify: bool | str = True,
    ) -> None:
        self.seconds = seconds
        self.most_bytes = most_bytes
        self.verify = verify
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._session.close()

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Fetch an address and follow its redirects; raise `FetchError` if that does not end well.

        It is done in a thread that is left alone when the time is up: the timeouts of requests
        begin anew with every byte.
        """
        outcome: SimpleQueue[Answer | Exception] = SimpleQueue()
        end = monotonic() + self.seconds

        def fetch() -> None:
            try:
                outcome.put(self._followed(url, {**_HEADERS, **(headers or {})}, end))
            except Exception as error:  # noqa: BLE001 - raised again below
                outcome.put(error)

        Thread(target=fetch, daemon=True).start()
        try:
            found = outcome.get(timeout=self.seconds)
        except Empty:
            raise self._too_slow() from None
        if isinstance(found, FetchError | Answer):
            if isinstance(found, Answer):
                return found
            raise found
        raise self._explained(found) from found

    def _followed(self, url: str, headers: Mapping[str, str], end: float) -> Answer:
        redirects: list[tuple[int, str]] = []
        place = url
        while True:
            with closing(
                self._session.get(
                    place,
                    headers=headers,
                    stream=True,
                    allow_redirects=False,
                    timeout=self.seconds,
                    verify=self.verify,
                )
            ) as response:
                if response.status_code not in _REDIRECT_STATUSES:
                    return Answer(
                        url=url,
                        status=response.status_code,
                        headers=response.headers,
                        body=self._body(response, end),
                        redirects=tuple(redirects),
                    )
                target = clean_url(response.headers.get("Location", ""), place)
                redirects.append((response.status_code, target or "no address"))
            if target is None or len(redirects) > _REDIRECTS:
                raise _lost(redirects)
            place = target

    def _body(self, response: requests.Response, end: float) -> bytes:
        body = bytearray()
        for chunk in response.iter_content(16 * 1024):
            body += chunk
            if len(body) > self.most_bytes:
                raise FetchError(
                    "size",
                    f"more than {self.most_bytes} bytes",
                    "lower `limit`, or find out what the server sends without end",
                )
            if monotonic() > end:
                raise self._too_slow()
        return bytes(body)

    def _too_slow(self) -> FetchError:
        return FetchError(
            "reachable",
            f"no whole answer within {self.seconds:g} seconds",
            "readers give up too; look at the server's load and its log",
        )

    def _explained(self, error: Exception) -> FetchError:
        if isinstance(error, requests.exceptions.SSLError):
            return FetchError(
                "certificate",
                f"refused: {_cause(error)}",
                "renew the certificate, for this name and with its chain",
            )
        if isinstance(error, requests.Timeout):
            return self._too_slow()
        if isinstance(error, requests.exceptions.ContentDecodingError):
            return FetchError(
                "gzip", "compressed, and cannot be unpacked", "mend the server's compression"
            )
        return FetchError(
            "reachable", _cause(error), "see that the server runs and the name leads there"
        )


def _lost(redirects: list[tuple[int, str]]) -> FetchError:
    way = ", ".join(f"{status} to {target}" for status, target in redirects[:3])
    return FetchError(
        "redirects", f"lead nowhere: {way}…", "let the address answer by itself, without a redirect"
    )


def _cause(error: BaseException) -> str:
    """Return what lies at the bottom of an error, in few words."""
    while True:
        inner = error.__cause__ or error.__context__
        if inner is None:
            return f"{error or type(error).__name__}"
        error = inner
