"""What no parser can read is never published."""

import pytest

from feedpub.destinations.verification import verify
from feedpub.feed import Document


def document(media_type, data):
    return Document(path="all/file", media_type=media_type, data=data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<a>",
        b"<a/><b/>",
        b"<x:a/>",
        b'<a b="1" b="2"/>',
        b"<a>&x;</a>",
        b"<a>\x0b</a>",
        b"<a>\xff</a>",
        b"<a>\xef\xbf\xbe</a>",
        b"<a>\xed\xa0\x80</a>",
    ],
)
@pytest.mark.parametrize(
    "media_type", ["application/rss+xml", "application/atom+xml", "text/x-opml"]
)
def test_xml_that_is_not_well_formed_is_refused(media_type, data):
    with pytest.raises(Exception, match="line 1, column"):
        verify(document(media_type, data))


@pytest.mark.parametrize(
    "data", [b"", b"{", b'{"a": 1,}', b'{"a": "\x01"}', b'{"a": "\xff"}', b"{} x"]
)
def test_json_that_is_none_is_refused(data):
    with pytest.raises(ValueError, match=r".+"):
        verify(document("application/feed+json", data))


@pytest.mark.parametrize(
    ("media_type", "data"),
    [
        ("application/atom+xml", '<a xmlns:x="urn:x"><x:b>é</x:b></a>'.encode()),
        ("application/feed+json", '{"a": "é"}'.encode()),
        ("text/html; charset=utf-8", b"<p>"),
    ],
)
def test_what_can_be_read_passes(media_type, data):
    verify(document(media_type, data))
