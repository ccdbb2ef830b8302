"""Feed rules §11: JSON Feed 1.1."""

import pytest
from feed_checks import PREFIXES, html_faults, is_rfc3339, parse_json
from jsonfeed_schema import json_feed_faults
from support import CONFIG, record


def feed_of(workspace, path="all/feed.json"):
    return parse_json(workspace.destination.files[path])


@pytest.mark.rule(101)
def test_every_feed_fits_the_schema(feeds):
    found = {path: json_feed_faults(document) for path, document in feeds.json.items()}
    assert {path: faults for path, faults in found.items() if faults} == {}


@pytest.mark.rule(101)
def test_version_is_the_first_key(feeds):
    assert {next(iter(document.items())) for document in feeds.json.values()} == {
        ("version", "https://jsonfeed.org/version/1.1")
    }


@pytest.mark.rule(101)
@pytest.mark.parametrize("key", ["title", "items", "home_page_url", "feed_url"])
def test_feed_has_what_readers_expect(feeds, key):
    assert [path for path, document in feeds.json.items() if key not in document] == []


@pytest.mark.rule(101)
def test_empty_feed_has_an_empty_list_of_items(site):
    assert site.json["nothing/feed.json"]["items"] == []


@pytest.mark.rule(101)
def test_feed_url_is_the_address_the_feed_is_served_at(site):
    for path, document in site.json.items():
        encoded = path.replace("ü", "%C3%BC")
        assert document["feed_url"] == f"https://feeds.example.org/site/{encoded}"


@pytest.mark.rule(101)
def test_home_page_is_the_link_of_the_sister_feeds(feeds):
    for path, document in feeds.json.items():
        channel = feeds.channels[path.replace("feed.json", "rss.xml")]
        assert document["home_page_url"] == channel.findtext("link")


@pytest.mark.rule(102)
def test_every_item_has_id_content_and_address(feeds):
    for item in feeds.json_items:
        assert isinstance(item["id"], str)
        assert item["content_html"].strip()
        assert item["url"]


@pytest.mark.rule(102)
def test_numeric_id_of_a_record_becomes_a_text(workspace):
    workspace.write(
        "a.yaml", "{id: 42, title: T, date: 2026-01-01, url: 'https://www.example.com/a'}"
    )
    workspace.build()
    assert feed_of(workspace)["items"][0]["id"] == "tag:feeds.example.org,2026:a"


@pytest.mark.rule(103)
@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("entities", 'AT&T’s R&D: 5 < 6 & 7 > 3, bold "said"'),
        ("ticker", "Shares of <EXMP.O> rise, <https://www.example.com/> says"),
        ("emoji", "👩‍👩‍👧 reads 📚 in 🇩🇪 — ﷽"),
        ("cdata", "Ends ]]> in the middle"),
    ],
)
def test_title_is_plain_text(site, name, title):
    assert site.json_item(name)["title"] == title


@pytest.mark.rule(103)
def test_summary_is_plain_text(site):
    assert site.json_item("entities")["summary"] == "Q&A — A & B < C; stripped"


@pytest.mark.rule(103)
def test_html_stands_in_the_html_content_only(feeds):
    assert [item for item in feeds.json_items if "content_text" in item] == []
    assert [fault for item in feeds.json_items for fault in html_faults(item["content_html"])] == []


@pytest.mark.rule(103)
def test_content_is_that_of_the_atom_entry(site):
    for name in ("addresses", "hostile", "markdown", "bare"):
        content = site.entry(name).findtext("a:content", None, PREFIXES)
        assert site.json_item(name)["content_html"] == content


@pytest.mark.rule(104)
def test_url_and_original_address(site):
    item = site.json_item("addresses")
    assert (item["url"], item["external_url"]) == (
        "https://www.example.com/news/a%20b%E2%80%99s?id=1&lang=en",
        "https://original.example.net/a?b=1&c=%C2%AE",
    )


@pytest.mark.rule(104)
def test_original_address_equal_to_the_url_is_left_out(workspace):
    workspace.write("a.md", record(originalUrl='"https://www.example.com/news/repair-kits"'))
    workspace.build()
    assert "external_url" not in feed_of(workspace)["items"][0]


@pytest.mark.rule(104)
def test_attachments_have_address_and_type_and_no_size(site):
    assert site.json_item("addresses")["attachments"] == [
        {
            "url": "https://images.example.com/a%20b/laptop%E2%80%99s.jpg?auto=webp&quality=85,70",
            "mime_type": "image/jpeg",
        },
        {"url": "https://images.example.com/two.PNG?w=600", "mime_type": "image/png"},
        {"url": "https://images.example.com/clip.mp4", "mime_type": "video/mp4"},
    ]


@pytest.mark.rule(104)
def test_image_is_the_first_picture(feeds):
    for item in feeds.json_items:
        pictures = [
            a["url"] for a in item.get("attachments", ()) if a["mime_type"].startswith("image/")
        ]
        assert [item[key] for key in ("image",) if key in item] == pictures[:1]


@pytest.mark.rule(104)
def test_dates_are_rfc_3339_and_those_of_the_atom_entry(site):
    item, entry = site.json_item("edited"), site.entry("edited")
    assert is_rfc3339(item["date_published"])
    assert [item["date_published"], item["date_modified"]] == [
        entry.findtext(f"a:{name}", None, PREFIXES) for name in ("published", "updated")
    ]


@pytest.mark.rule(105)
def test_authors_are_an_array_of_objects_on_feed_and_item(site):
    assert site.json["all/feed.json"]["authors"] == [
        {"name": "The Editors", "url": "https://feeds.example.org/editors"}
    ]
    assert site.json_item("deutsch")["authors"] == [
        {"name": "Jo Beispiel", "url": "https://xn--bcher-kva.example.net/jo"},
        {"name": "Ann Exempel"},
    ]


@pytest.mark.rule(105)
def test_single_author_of_version_1_is_not_written(feeds):
    assert [d for d in (*feeds.json.values(), *feeds.json_items) if "author" in d] == []


@pytest.mark.rule(105)
def test_tags_are_the_names_of_the_topics(site):
    assert site.json_item("cdata")["tags"] == [
        "C",
        "C++",
        "C#",
        "Künstliche Intelligenz",
        "AI & Law",
    ]


@pytest.mark.rule(105)
def test_languages_of_feed_and_items(site):
    assert site.json["all/feed.json"]["language"] == "en-GB"
    assert site.json_item("deutsch")["language"] == "de-DE"
    assert "language" not in site.json_item("entities")


@pytest.mark.rule(106)
def test_extensions_are_objects_that_say_what_they_are_about(feeds):
    found = [(k, v) for i in feeds.json_items for k, v in i.items() if k.startswith("_")]
    assert {key for key, _ in found} == {"_feedpub"}
    assert all(isinstance(value, dict) and value["about"] for _, value in found)


@pytest.mark.rule(106)
def test_explanation_of_the_extension_is_a_section_of_the_index_page(feeds):
    (about,) = {item["_feedpub"]["about"] for item in feeds.json_items if "_feedpub" in item}
    assert about.partition("#")[0] == feeds.json["all/feed.json"]["feed_url"].removesuffix(
        "all/feed.json"
    )
    assert f'id="{about.partition("#")[2]}"'.encode() in feeds.files["index.html"]


@pytest.mark.rule(106)
def test_related_articles_stand_in_the_extension(site):
    assert site.json_item("addresses")["_feedpub"]["related"] == [
        {
            "url": "https://www.example.net/a%20b?x=1&y=%E2%80%992%E2%80%99",
            "title": 'R&D <EXMP.O>: “drills” "and" 👩‍🔧',
            "provider": "Example, Net",
            "date_published": "2026-01-02T03:04:05Z",
        },
        {"url": "https://www.example.org/other", "title": "Another"},
    ]


@pytest.mark.rule(107)
def test_every_json_file_is_utf_8_without_mark_and_strict_json(feeds):
    for path, data in feeds.files.items():
        if path.endswith(".json"):
            assert not data.startswith(b"\xef\xbb\xbf")
            assert isinstance(parse_json(data), dict), path


@pytest.mark.rule(107)
def test_text_beyond_ascii_is_not_escaped(site):
    assert "👩‍👩‍👧 reads 📚".encode() in site.files["all/feed.json"]


@pytest.mark.rule(107)
def test_number_that_is_no_number_stays_out_of_the_feed(workspace):
    workspace.write(
        "a.md", record(quality=".nan", heat=".inf", images='[{url: "/a.png", width: .nan}]')
    )
    workspace.build()
    assert len(feed_of(workspace)["items"]) == 1


@pytest.mark.rule(107)
def test_ordinary_feed_has_no_next_page_and_no_hub(feeds):
    assert [d for d in feeds.json.values() if {"next_url", "hubs"} & set(d)] == []


@pytest.mark.rule(107)
def test_site_of_json_alone_has_no_other_feed(workspace):
    workspace.configure(CONFIG + "formats: [json]\n")
    workspace.write("a.md", record())
    workspace.build()
    assert [path for path in workspace.destination.files if path.endswith(".xml")] == []
