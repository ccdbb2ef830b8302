"""What the first bytes of a picture tell: its media type, its width and its height."""

import io

import imagesize

_MAX_PIXELS = 99_999
_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


def media_type_of(head: bytes) -> str | None:
    """Return the media type that the first bytes of a file prove, or None."""
    for signature, media_type in _SIGNATURES:
        if head.startswith(signature):
            return media_type
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    return "image/avif" if head[4:12] in {b"ftypavif", b"ftypavis"} else None


def dimensions(head: bytes) -> tuple[int, int] | None:
    """Return width and height in pixels from the first bytes of a file, or None.

    As the picture is seen: a JPEG that says it lies on its side is turned.
    """
    media_type = media_type_of(head)
    if media_type is None:  # imagesize knows more formats; none that we asked for
        return None
    # In AVIF, looking for the rotation takes hours where 64 KiB claim a billion extents.
    is_turnable = media_type == "image/jpeg"
    sides = imagesize.get(io.BytesIO(head), exif_rotation=is_turnable)
    return sides if all(0 < side <= _MAX_PIXELS for side in sides) else None
