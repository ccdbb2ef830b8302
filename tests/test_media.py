import mimetypes

import pytest

from feedpub.article import Image
from feedpub.media import declared_type, media_type


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.jpg", "image/jpeg"),
        ("a.jpeg", "image/jpeg"),
        ("a.JPG", "image/jpeg"),
        ("a.png", "image/png"),
        ("a.gif", "image/gif"),
        ("a.webp", "image/webp"),
        ("a.avif", "image/avif"),
        ("a.svg", "image/svg+xml"),
        ("a.ico", "image/vnd.microsoft.icon"),
        ("a.mp4", "video/mp4"),
        ("a.mp3", "audio/mpeg"),
        ("a.b.png", "image/png"),
        ("a%2Epng", "image/png"),
        ("a%20b.webp", "image/webp"),
    ],
)
def test_extension_gives_the_type(name, expected):
    assert media_type(f"https://images.example.com/{name}") == expected


@pytest.mark.parametrize(
    "tail", ["?x=a.gif", "?auto=webp", "?format=png", "?auto=webp&quality=85,70", "#b.gif"]
)
def test_query_does_not_hide_the_extension(tail):
    assert media_type(f"https://images.example.com/a.jpg{tail}") == "image/jpeg"


@pytest.mark.parametrize("query", ["fm=png", "format=png", "w=3&FM=x&fm=PNG"])
def test_format_in_the_query_counts_where_the_path_has_no_extension(query):
    assert media_type(f"https://images.example.com/photo?{query}") == "image/png"


@pytest.mark.parametrize("query", ["auto=webp", "auto=format", "format=auto", "fm=", "format=exe"])
def test_negotiation_in_the_query_proves_nothing(query):
    assert media_type(f"https://images.example.com/photo?{query}") == "image/jpeg"


@pytest.mark.parametrize("name", ["", "photo", "pixel.php", "handler.ashx", "a.2024", "v1.2/photo"])
def test_unknown_address_counts_as_jpeg(name):
    assert media_type(f"https://images.example.com/{name}") == "image/jpeg"


def test_extension_of_a_folder_is_not_that_of_the_picture():
    assert media_type("https://images.example.com/a.png/photo") == "image/jpeg"


def test_host_is_no_extension():
    assert media_type("https://images.example.png/") == "image/jpeg"


@pytest.mark.parametrize("declared", ["image/webp", " Image/WEBP "])
def test_declared_type_wins_over_the_extension(declared):
    assert media_type("https://images.example.com/a.jpg", declared) == "image/webp"


@pytest.mark.parametrize(
    "declared",
    [
        "",
        "text/html",
        "application/octet-stream",
        "image",
        "image/",
        'image/x"><script>',
        "image/ü",
    ],
)
def test_declared_type_that_is_no_picture_is_ignored(declared):
    assert media_type("https://images.example.com/a.png", declared) == "image/png"


def test_tables_of_the_machine_are_not_asked(monkeypatch):
    mimetypes.init()
    monkeypatch.setitem(mimetypes.types_map, ".webp", "application/x-wrong")
    assert media_type("https://images.example.com/a.webp") == "image/webp"


@pytest.mark.parametrize(
    ("declared", "medium"),
    [("image/png", "image"), ("video/mp4", "video"), ("audio/mpeg", "audio")],
)
def test_medium_is_the_first_half_of_the_type(declared, medium):
    assert Image(url="https://images.example.com/a", media_type=declared).medium == medium


@pytest.mark.parametrize(
    ("said", "known"),
    [
        (" Image/PNG ", "image/png"),
        ("video/mp4", "video/mp4"),
        ("image/png; q=1", None),
        ('image/png"><script>', None),
        ("image/" + "p" * 99, None),
        ("text/html", None),
        ("", None),
        (None, None),
    ],
)
def test_declared_type_is_one_of_a_picture_video_or_sound(said, known):
    assert declared_type(said) == known
