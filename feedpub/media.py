"""Media types of pictures (feed-reader rules: the address decides, not the machine's tables)."""

import re
from urllib.parse import parse_qs, urlsplit

from feedpub.links import last_segment

# A table of our own: `mimetypes` reads /etc/mime.types, and knows no WebP where that is missing.
_BY_EXTENSION = {
    "apng": "image/apng", "avif": "image/avif", "bmp": "image/bmp", "gif": "image/gif",
    "heic": "image/heic", "ico": "image/vnd.microsoft.icon", "jfif": "image/jpeg",
    "jpe": "image/jpeg", "jpeg": "image/jpeg", "jpg": "image/jpeg", "jxl": "image/jxl",
    "png": "image/png", "svg": "image/svg+xml", "tif": "image/tiff", "tiff": "image/tiff",
    "webp": "image/webp",
    "m4v": "video/mp4", "mov": "video/quicktime", "mp4": "video/mp4", "ogv": "video/ogg",
    "webm": "video/webm",
    "aac": "audio/aac", "m4a": "audio/mp4", "mp3": "audio/mpeg", "oga": "audio/ogg",
    "ogg": "audio/ogg", "wav": "audio/wav",
}  # fmt: skip
_DECLARED = re.compile(r"(?:image|video|audio)/[a-z0-9][a-z0-9.+-]{0,60}", re.ASCII)


def declared_type(declared: str | None) -> str | None:
    """Return a declared media type of a picture, video or sound in lower case, or None."""
    if declared is None:  # as of nearly all
        return None
    known = declared.strip().lower()
    return known if _DECLARED.fullmatch(known) else None


def media_type(url: str, declared: str | None = None) -> str:
    """Return the media type of a picture's address.

    In this order: what the record declares, the extension of the path, `fm=` or `format=` of the
    query where the path has no extension, `image/jpeg`. `auto=webp` proves nothing: the server
    decides by the request.
    """
    known = declared_type(declared)
    if known:
        return known
    name = last_segment(url)
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    if extension in _BY_EXTENSION:
        return _BY_EXTENSION[extension]
    if not extension:
        query = parse_qs(urlsplit(url).query)
        for parameter in ("fm", "format"):
            for value in query.get(parameter, ()):
                if value.lower() in _BY_EXTENSION:
                    return _BY_EXTENSION[value.lower()]
    return "image/jpeg"
