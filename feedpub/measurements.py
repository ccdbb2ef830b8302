"""What was found out about pictures by asking their servers, and what of it a feed says."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from msgspec.structs import replace

from feedpub.article import Image

_DAY = 24 * 60 * 60
# Pictures rarely change under their address, and servers that failed may have been mended.
_KEPT_SECONDS, _FAILURE_KEPT_SECONDS = 90 * _DAY, 7 * _DAY


class Measurement(NamedTuple):
    """What is known of the picture at an address; `moment` is in seconds since 1970.

    `length` is in bytes, `width` and `height` are in pixels. `etag` and `modified` are what its
    server calls this version of it (RFC 9110 §8.8). With a `failure`, the last attempt brought
    nothing; what an earlier one brought still stands.
    """

    url: str
    moment: int = 0
    length: int | None = None
    media_type: str | None = None
    width: int | None = None
    height: int | None = None
    etag: str | None = None
    modified: str | None = None
    failure: str | None = None

    @property
    def facts(self) -> tuple[int | str | None, ...]:
        """Return what a feed may say of it."""
        return (self.length, self.media_type, self.width, self.height)

    @property
    def due(self) -> int:
        """Return when the picture is to be measured next."""
        if not self.moment:
            return 0
        return self.moment + (_FAILURE_KEPT_SECONDS if self.failure else _KEPT_SECONDS)


def to_measure(
    urls: Iterable[str], known: Mapping[str, Measurement], now: int
) -> list[Measurement]:
    """Return the pictures to measure: those never measured first, in the order they are shown."""
    wanted = (known.get(url) or Measurement(url) for url in urls)
    return sorted((item for item in wanted if item.due <= now), key=lambda item: item.due)


def with_measurement(image: Image, found: Measurement | None) -> Image:
    """Return a picture with what was measured where its record says nothing else.

    A record that gives one side is believed as long as it agrees; a picture stays a picture, and a
    video a video.
    """
    if found is None:
        return image
    measured = replace(image, length_bytes=found.length)
    media_type = found.media_type or ""
    if media_type.partition("/")[0] == image.medium and not image.type_declared:
        measured = replace(measured, media_type=media_type)
    sides = ((image.width, found.width), (image.height, found.height))
    if found.width and found.height and all(said in (None, side) for said, side in sides):
        measured = replace(measured, width=found.width, height=found.height)
    return measured
