"""Width, height and type from the first bytes of a file."""

import struct

import pytest
from hostile_server import PNG
from hypothesis import given
from hypothesis import strategies as st

from feedpub.measuring.dimensions import dimensions, media_type_of


def box(name, *parts):
    data = b"".join(parts)
    return struct.pack(">I", len(data) + 8) + name + data


def jpeg(orientation=None):
    exif = b""
    if orientation:
        tag = struct.pack(">HHLHH", 0x0112, 3, 1, orientation, 0)
        tiff = b"MM\0*" + struct.pack(">LH", 8, 1) + tag + bytes(4)
        exif = b"\xff\xe1" + struct.pack(">H", len(tiff) + 8) + b"Exif\0\0" + tiff
    return b"\xff\xd8" + exif + b"\xff\xc0" + struct.pack(">HBHHB", 17, 8, 480, 640, 3) + bytes(9)


def avif(*more):
    size = box(b"ispe", bytes(4), struct.pack(">II", 640, 480))
    links = box(b"ipma", bytes(4), struct.pack(">IHB", 1, 1, 1), b"\x81")
    properties = box(b"iprp", box(b"ipco", size), links)
    meta = box(b"meta", bytes(4), box(b"pitm", bytes(4), b"\0\1"), *more, properties)
    return box(b"ftyp", b"avif", bytes(4), b"avifmif1") + meta + box(b"mdat", bytes(100_000))


def webp(name, data):
    return b"RIFF" + struct.pack("<I", len(data) + 12) + b"WEBP" + name + bytes(4) + data


PICTURES = {
    "png": ("image/png", PNG),
    "gif": ("image/gif", b"GIF89a" + struct.pack("<HH", 640, 480) + bytes(20)),
    "jpeg": ("image/jpeg", jpeg()),
    "webp": ("image/webp", webp(b"VP8X", bytes(4) + b"\x7f\x02\0\xdf\x01\0" + bytes(9))),
    "lossy webp": ("image/webp", webp(b"VP8 ", bytes(6) + struct.pack("<HH", 640, 480) + bytes(9))),
    "lossless webp": ("image/webp", webp(b"VP8L", b"\x2f\x7f\xc2\x77\0" + bytes(20))),
    "avif": ("image/avif", avif()),
}


@pytest.mark.parametrize("name", PICTURES)
def test_type_and_size_are_read_from_the_first_64_kib(name):
    media_type, data = PICTURES[name]
    head = data[:65536]
    assert (media_type_of(head), dimensions(head)) == (media_type, (640, 480))


def test_a_jpeg_that_lies_on_its_side_is_turned():
    assert dimensions(jpeg(orientation=6)) == (480, 640)


@pytest.mark.parametrize("name", PICTURES)
def test_a_file_that_is_cut_short_has_no_size_or_the_right_one(name):
    data = PICTURES[name][1]
    found = {dimensions(data[:n]) for n in range(min(len(data), 400))}
    assert found <= {None, (640, 480)}


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"<svg width='9' height='9'/>",
        b"P6 9 9 255 ",
        b"BM" + bytes(60),
        b"\x89PNG\r\n\x1a\n" + bytes(20),
        PNG[:16] + b"\xff" * 13,
        PNG[:16] + bytes(13),
        b"GIF89a\xff\xff\xff\xff",
    ],
)
def test_there_is_no_size_where_there_is_none_to_be_believed(head):
    assert dimensions(head) is None


def test_an_avif_that_claims_a_billion_extents_takes_no_time():
    """Each of them is nothing wide; reading them all would take minutes and gigabytes."""
    item = struct.pack(">HHH", 1, 0, 65535)
    claims = box(b"iloc", bytes(6), struct.pack(">H", 9_000), item * 9_000)
    assert dimensions(avif(claims)[:65536]) == (640, 480)


@given(st.sampled_from(sorted(PICTURES)), st.binary(max_size=60), st.integers(0, 200))
def test_no_bytes_make_it_fail(name, noise, place):
    data = PICTURES[name][1][:4096]
    damaged = data[:place] + noise + data[place + len(noise) :]
    found = dimensions(damaged)
    assert found is None or all(0 < side < 100_000 for side in found)
