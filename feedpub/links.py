"""Cleaning rules for addresses: what leaves here is absolute, http or https, and pure ASCII.

RFC 3986 for the form; the repair of an address that breaks it is requests', so that a link means
what an HTTP client would fetch.
"""

import re
from urllib.parse import unquote, urljoin, urlsplit

_MAX_LENGTH = 2048
# An address nothing has to be done to, as nearly all are: RFC 3986 characters, whole escapes, a
# plain lower-case host with a path. It is passed on byte for byte, signatures and all.
_CLEAN = re.compile(
    r"https?://(?=.{1,253}[:/])(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*"
    r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?::\d{1,5})?"
    r"/(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*"
    r"(?:#(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?",
    re.ASCII,
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_HOST = re.compile(
    r"[0-9a-f:.]*:[0-9a-f:.]*|(?=.{1,253}$)(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}\.?"
)
_DOMAIN = re.compile(
    r"(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?",
    re.ASCII,
)


def clean_url(raw: str, base: str | None = None) -> str | None:
    """Return `raw` as an absolute http(s) address in ASCII, or None if it cannot be one.

    A relative address is resolved against `base`. Control characters, credentials and every
    other scheme (`javascript:`, `data:`, …) are refused; blanks, quotes and letters beyond ASCII
    are percent-encoded, the host becomes its IDNA form, whole escapes stay as they are.
    """
    url = raw.strip()
    if not url or len(url) > _MAX_LENGTH or _CONTROL.search(url):
        return None
    if base is not None:
        try:
            url = urljoin(base, url)
        except ValueError:
            return None
    if not re.match(r"https?://[^/?#\\]", url, re.IGNORECASE):
        return None
    return url if _CLEAN.fullmatch(url) and not _bad_port(url) else _repaired(url)


def _repaired(url: str) -> str | None:
    import requests  # 170 ms that clean addresses never pay

    try:
        prepared = requests.Request("GET", _STRAY_PERCENT.sub("%25", url)).prepare().url
    except (ValueError, requests.RequestException):  # urllib3 and idna raise beside requests
        return None
    if prepared is None or len(prepared) > _MAX_LENGTH or not prepared.isascii():
        return None
    parts = urlsplit(prepared)
    if "@" in parts.netloc or not _HOST.fullmatch(parts.hostname or ""):
        return None
    return _without_default_port(prepared)


def _bad_port(url: str) -> bool:
    try:
        port = urlsplit(url).port
    except ValueError:
        return True
    return port in {80, 443}


def _without_default_port(url: str) -> str:
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}[parts.scheme]
    if parts.port != default:
        return url
    return url.replace(f":{default}", "", 1)


def same_address(url: str) -> str:
    """Return a key under which two spellings of one address meet: http and https do."""
    return url.partition("://")[2]


def host_has_dot(url: str) -> bool:
    """Tell whether the host could be on the public network, as RSS enclosures require."""
    return "." in (urlsplit(url).hostname or "")


def host_of(url: str) -> str | None:
    """Return the host of a clean address as a provider domain: without `www.`."""
    return clean_domain(urlsplit(url).hostname or "")


def clean_domain(raw: str) -> str | None:
    """Return a host name in lower-case ASCII without `www.`, or None if `raw` is none.

    An address is accepted for its host, since records mix the two up.
    """
    text = raw.strip().rstrip(".").casefold()
    if "://" in text or text.startswith("//"):
        text = text.partition("//")[2]
    text = re.split(r"[/?#:]", text, maxsplit=1)[0].removeprefix("www.")
    if not text.isascii():
        text = _idna(text) or ""
    return text if _DOMAIN.fullmatch(text) else None


def _idna(host: str) -> str | None:
    url = clean_url(f"https://{host}/")
    return urlsplit(url).hostname if url else None


def path_of(url: str) -> str:
    """Return the percent-decoded path of a clean address."""
    return unquote(urlsplit(url).path)
