"""Feed rules §6: images, Media RSS, media types."""

import html
import mimetypes
import re

import feedparser
import pytest
from feed_checks import ENCODED, MEDIA, PREFIXES, media_faults, parse_json, parse_xml
from support import CONFIG, record

LEAD = "https://images.example.com/a%20b/laptop%E2%80%99s.jpg?auto=webp&quality=85,70"
ALL = [LEAD, "https://images.example.com/two.PNG?w=600", "https://images.example.com/clip.mp4"]
IMG = re.compile(r'<img src="([^"]*)"')


def built(workspace, images):
    workspace.write("a.md", record(images=images))
    workspace.build()
    return parse_xml(workspace.destination.files["all/rss.xml"]).find("channel/item")


def media(parent, name):
    return parent.findall(f"media:{name}", PREFIXES)


def pictures(fragment):
    return [html.unescape(address) for address in IMG.findall(fragment)]


@pytest.mark.rule(71)
def test_every_picture_is_a_media_content_of_the_item(site):
    assert [element.get("url") for element in media(site.item("addresses"), "content")] == ALL


@pytest.mark.rule(71)
def test_every_picture_is_a_media_content_of_the_atom_entry(site):
    assert [element.get("url") for element in media(site.entry("addresses"), "content")] == ALL


@pytest.mark.rule(71)
@pytest.mark.parametrize("format", ["item", "entry"])
def test_first_picture_alone_is_the_thumbnail(site, format):
    parent = getattr(site, format)("addresses")
    assert [element.get("url") for element in media(parent, "thumbnail")] == [LEAD]


@pytest.mark.rule(71)
def test_first_picture_heads_the_content(site):
    assert site.item("addresses").findtext(ENCODED).startswith("<p><img src=")


@pytest.mark.rule(71)
def test_picture_the_body_shows_already_is_not_shown_twice(workspace):
    address = "https://images.example.com/a.jpg"
    workspace.write("a.md", record(images=f'[{{url: "{address}"}}]', body=f"Text ![x]({address})"))
    workspace.build()
    (item,) = parse_json(workspace.destination.files["all/feed.json"])["items"]
    assert pictures(item["content_html"]) == [address]


@pytest.mark.rule(71)
@pytest.mark.parametrize(
    "body",
    [
        "See [the picture](https://images.example.com/a.jpg).",
        "See [the page](https://images.example.com/a.jpg.html).",
        "![a small one](https://images.example.com/a.jpg?w=20)",
        "`https://images.example.com/a.jpg`",
    ],
)
def test_picture_the_body_only_mentions_heads_the_content(workspace, body):
    address = "https://images.example.com/a.jpg"
    workspace.write("a.md", record(images=f'[{{url: "{address}"}}]', body=body))
    workspace.build()
    (item,) = parse_json(workspace.destination.files["all/feed.json"])["items"]
    assert pictures(item["content_html"])[:1] == [address]


@pytest.mark.rule(71)
def test_article_without_picture_borrows_the_first_related_one(site):
    item = site.item("borrowed")
    assert item.find("enclosure").get("url") == "https://images.example.net/borrowed.webp"


@pytest.mark.rule(71)
def test_feedparser_finds_enclosure_thumbnail_and_contents(site):
    parsed = feedparser.parse(site.files["all/rss.xml"])
    entry = next(e for e in parsed.entries if e.id.endswith(":addresses"))
    assert [e.href for e in entry.enclosures] == [LEAD]
    assert [thumbnail["url"] for thumbnail in entry.media_thumbnail] == [LEAD]
    assert [content["url"] for content in entry.media_content] == ALL


@pytest.mark.rule(72)
def test_picture_has_the_same_address_in_all_places(site):
    item, entry = site.item("addresses"), site.entry("addresses")
    json_item = site.json_item("addresses")
    places = {
        "rss enclosure": item.find("enclosure").get("url"),
        "rss media:content": media(item, "content")[0].get("url"),
        "rss media:thumbnail": media(item, "thumbnail")[0].get("url"),
        "rss content": pictures(item.findtext(ENCODED))[0],
        "atom enclosure": entry.xpath("a:link[@rel='enclosure']/@href", namespaces=PREFIXES)[0],
        "atom media:content": media(entry, "content")[0].get("url"),
        "atom media:thumbnail": media(entry, "thumbnail")[0].get("url"),
        "atom content": pictures(entry.findtext("a:content", None, PREFIXES))[0],
        "json image": json_item["image"],
        "json attachment": json_item["attachments"][0]["url"],
        "json content": pictures(json_item["content_html"])[0],
    }
    assert {place: url for place, url in places.items() if url != LEAD} == {}


@pytest.mark.rule(72)
def test_enclosure_of_every_item_is_its_first_picture_everywhere(feeds):
    for item in feeds.items:
        enclosure = item.find("enclosure")
        if enclosure is None:
            continue
        images = [e.get("url") for e in media(item, "content") if e.get("medium") == "image"]
        thumbnails = [e.get("url") for e in media(item, "thumbnail")]
        assert [images[0], *thumbnails] == [enclosure.get("url")] * 2
        assert enclosure.get("url") in pictures(item.findtext(ENCODED))


@pytest.mark.rule(73)
def test_no_picture_stands_in_a_group(feeds):
    groups = [path for path, root in feeds.xml.items() if list(root.iter(f"{{{MEDIA}}}group"))]
    assert groups == []


@pytest.mark.rule(74)
def test_sizes_are_positive_whole_numbers(feeds):
    found = {path: media_faults(root) for path, root in feeds.xml.items()}
    assert {path: faults for path, faults in found.items() if faults} == {}


@pytest.mark.rule(74)
@pytest.mark.parametrize(
    "size", ["0", "-1", "1.5", "'100%'", "auto", "12px", "''", "null", "[1]", "1e3"]
)
def test_size_that_is_no_positive_number_is_left_out(workspace, size):
    images = f'[{{url: "https://images.example.com/a.jpg", width: {size}, height: 30}}]'
    (content,) = media(built(workspace, images), "content")
    assert (content.get("width"), content.get("height")) == (None, "30")


@pytest.mark.rule(74)
def test_size_of_a_file_is_left_out_since_nobody_measured_it(feeds):
    contents = [e for root in feeds.xml.values() for e in root.iter(f"{{{MEDIA}}}content")]
    assert [e for e in contents if "fileSize" in e.attrib] == []


@pytest.mark.rule(75)
@pytest.mark.parametrize("name", ["title", "description"])
def test_media_elements_have_no_texts_that_feedparser_takes_for_the_entrys(feeds, name):
    found = [path for path, root in feeds.xml.items() if list(root.iter(f"{{{MEDIA}}}{name}"))]
    assert found == []


@pytest.mark.rule(75)
def test_caption_goes_to_the_alternative_text(site):
    assert 'alt="The “laptop” &amp; &lt;EXMP.O&gt;"' in site.item("addresses").findtext(ENCODED)


@pytest.mark.rule(75)
@pytest.mark.parametrize("path", ["all/rss.xml", "all/atom.xml"])
def test_feedparser_keeps_the_title_of_an_entry_with_caption_and_source(site, path):
    parsed = feedparser.parse(site.files[path])
    entry = next(e for e in parsed.entries if e.id.endswith(":addresses"))
    assert (entry.title, entry.title_detail.value) == ("Addresses with blanks",) * 2


@pytest.mark.rule(76)
def test_media_elements_stand_in_items_only(feeds):
    for root in feeds.xml.values():
        for element in root.iter(f"{{{MEDIA}}}*"):
            assert element.getparent().tag.rpartition("}")[2] in {"item", "entry"}


@pytest.mark.rule(76)
def test_no_credit_is_given(feeds):
    assert [path for path, r in feeds.xml.items() if list(r.iter(f"{{{MEDIA}}}credit"))] == []


@pytest.mark.rule(77, 78)
@pytest.mark.parametrize(
    ("address", "declared", "expected"),
    [
        ("a.png", "image/gif", "image/gif"),
        ("a.png", "IMAGE/GIF", "image/gif"),
        ("a.png", "nonsense", "image/png"),
        ("a.PNG", "", "image/png"),
        ("a.jpeg", "", "image/jpeg"),
        ("a.webp", "", "image/webp"),
        ("a.avif", "", "image/avif"),
        ("a.svg", "", "image/svg+xml"),
        ("a%2Ewebp", "", "image/webp"),
        ("a.png?x=b.gif", "", "image/png"),
        ("a.gif?auto=webp", "", "image/gif"),
        ("a?auto=webp", "", "image/jpeg"),
        ("a?format=auto", "", "image/jpeg"),
        ("a?fm=png", "", "image/png"),
        ("a?w=1&format=webp", "", "image/webp"),
        ("a.jpg?fm=png", "", "image/jpeg"),
        ("a.ashx", "", "image/jpeg"),
        ("a.cgi?fm=png", "", "image/jpeg"),
        ("a.b/c", "", "image/jpeg"),
    ],
)
def test_type_of_a_picture(workspace, address, declared, expected):
    images = f'[{{url: "https://images.example.com/{address}", type: "{declared}"}}]'
    assert built(workspace, images).find("enclosure").get("type") == expected


@pytest.mark.rule(77)
def test_type_does_not_depend_on_the_tables_of_the_machine(workspace, monkeypatch):
    monkeypatch.setattr(mimetypes, "guess_type", lambda *_, **__: ("text/plain", None))
    item = built(workspace, '[{url: "https://images.example.com/a.webp"}]')
    assert item.find("enclosure").get("type") == "image/webp"


@pytest.mark.rule(79)
@pytest.mark.parametrize(
    ("file", "medium", "kind"),
    [
        ("a.mp4", "video", "video/mp4"),
        ("a.webm", "video", "video/webm"),
        ("a.mp3", "audio", "audio/mpeg"),
    ],
)
def test_film_or_sound_among_the_pictures_has_its_own_type(workspace, file, medium, kind):
    item = built(workspace, f'[{{url: "https://images.example.com/{file}"}}]')
    (content,) = media(item, "content")
    assert (content.get("medium"), content.get("type")) == (medium, kind)


@pytest.mark.rule(79)
def test_film_is_never_an_img_a_thumbnail_or_the_image(site):
    item = site.item("film")
    assert "<img" not in item.findtext(ENCODED)
    assert media(item, "thumbnail") == []
    assert "image" not in site.json_item("film")


@pytest.mark.rule(79)
def test_picture_after_a_film_leads(workspace):
    item = built(
        workspace,
        '[{url: "https://images.example.com/a.mp4"}, {url: "https://images.example.com/b.jpg"}]',
    )
    assert item.find("enclosure").get("url") == "https://images.example.com/b.jpg"


@pytest.mark.rule(80)
def test_pictures_without_usable_address_and_repeats_are_dropped(site):
    assert len(media(site.item("addresses"), "content")) == 3


@pytest.mark.rule(80)
@pytest.mark.parametrize(
    "images",
    [
        '["https://images.example.com/a b.jpg", "https://images.example.com/a%20b.jpg"]',
        '["https://images.example.com/a.jpg", "HTTPS://IMAGES.example.com:443/a.jpg"]',
    ],
)
def test_two_spellings_of_an_address_are_one_picture(workspace, images):
    assert len(media(built(workspace, images), "content")) == 1


@pytest.mark.rule(80)
def test_pictures_beyond_the_configured_number_are_dropped(workspace):
    workspace.configure(CONFIG + "images: {limit: 2}\n")
    images = [f'"https://images.example.com/{number}.jpg"' for number in range(5)]
    assert len(media(built(workspace, f"[{', '.join(images)}]"), "content")) == 2
