"""JSON Feed 1.1 as rendered from feeds made by hand."""

import json

import pytest
from feed_checks import parse_json
from feed_strategies import categories, entries, lines, plain_texts, related_links, steadily
from hypothesis import given
from hypothesis import strategies as st
from jsonfeed_schema import SCHEMA, json_feed_faults
from jsonschema import Draft202012Validator
from support import DAY, entry, feed, image

from feedpub.article import Person
from feedpub.feed import Category, RelatedLink
from feedpub.formats import jsonfeed


def rendered(*entries, **fields):
    return parse_json(jsonfeed.render(feed(*entries, **fields)).data)


def item_of(**fields):
    (item,) = rendered(entry(**fields))["items"]
    return item


SMALLEST = """{
 "version": "https://jsonfeed.org/version/1.1",
 "title": "Libraries – Example Every Day",
 "home_page_url": "https://feeds.example.org/topics/libraries/",
 "feed_url": "https://feeds.example.org/topics/libraries/feed.json",
 "description": "Articles on Libraries",
 "language": "en",
 "authors": [
  {
   "name": "Example Every Day",
   "url": "https://feeds.example.org/"
  }
 ],
 "items": [
  {
   "id": "tag:feeds.example.org,2026:a",
   "url": "https://www.example.com/a",
   "title": "Title of a",
   "content_html": "<p>Summary of a.</p>",
   "summary": "Summary of a.",
   "date_published": "2026-01-30T13:53:00Z",
   "date_modified": "2026-01-30T13:53:00Z",
   "authors": [
    {
     "name": "Example Daily",
     "url": "https://example.com/"
    }
   ],
   "_feedpub": {
    "about": "https://feeds.example.org/#feedpub",
    "provider": {
     "name": "Example Daily",
     "domain": "example.com"
    }
   }
  }
 ]
}
"""


def test_schema_is_a_sound_json_schema():
    Draft202012Validator.check_schema(SCHEMA)


def test_feed_of_one_entry_is_these_bytes():
    assert jsonfeed.render(feed(entry())).data.decode() == SMALLEST


def test_document_has_the_path_and_the_media_type_of_json_feed():
    document = jsonfeed.render(feed())
    assert (document.path, document.media_type) == (
        "topics/libraries/feed.json",
        "application/feed+json",
    )


def test_feed_without_entries_has_an_empty_list():
    assert rendered()["items"] == []


def test_items_are_the_last_key_so_that_a_reader_knows_the_feed_first():
    assert list(rendered(entry()))[-1] == "items"


def test_entries_keep_their_order():
    items = rendered(entry("b"), entry("a"), entry("c"))["items"]
    assert [item["id"][-1] for item in items] == ["b", "a", "c"]


def test_entry_without_any_option_has_the_least_of_keys():
    assert list(item_of(summary=None, provider_name=None, provider_domain=None)) == [
        "id",
        "url",
        "title",
        "content_html",
        "date_published",
        "date_modified",
        "authors",
    ]


def test_dates_of_publication_and_change_are_told_apart():
    item = item_of(updated=DAY.replace(month=5))
    assert (item["date_published"], item["date_modified"]) == (
        "2026-01-30T13:53:00Z",
        "2026-05-30T13:53:00Z",
    )


@pytest.mark.parametrize(
    ("key", "fields"),
    [
        ("icon", {"logo": "https://feeds.example.org/logo.png"}),
        ("favicon", {"icon": "https://feeds.example.org/icon.png"}),
    ],
)
def test_logo_and_icon_have_the_names_json_feed_gives_them(key, fields):
    assert rendered(**fields)[key] == next(iter(fields.values()))
    assert key not in rendered()


def test_author_without_address_has_a_name_alone():
    assert item_of(authors=(Person(name="Ann Exempel"),))["authors"] == [{"name": "Ann Exempel"}]


@pytest.mark.parametrize(("language", "shown"), [("de", "de"), ("en", None), (None, None)])
def test_language_stands_on_an_item_that_differs_from_its_feed(language, shown):
    assert item_of(language=language).get("language") == shown


def test_language_in_another_case_is_no_other_language():
    assert "language" not in item_of(language="EN")


def test_tags_are_the_terms():
    assert item_of(categories=(Category(term="C++"), Category(term="C")))["tags"] == ["C++", "C"]


def test_image_is_the_lead_and_every_picture_an_attachment():
    film = image("https://images.example.com/a.mp4", media_type="video/mp4")
    item = item_of(images=(film, image(title="Caption", width=9)), lead=image())
    assert item["image"] == "https://images.example.com/a.jpg"
    assert item["attachments"] == [
        {"url": "https://images.example.com/a.mp4", "mime_type": "video/mp4"},
        {"url": "https://images.example.com/a.jpg", "mime_type": "image/jpeg"},
    ]


def test_length_of_a_picture_is_told_where_it_is_known():
    pictures = (image(length_bytes=1234), image("https://images.example.com/b.jpg"))
    found = [a.get("size_in_bytes") for a in item_of(images=pictures)["attachments"]]
    assert found == [1234, None]


def test_via_is_the_external_address():
    assert item_of(via="https://www.example.net/v")["external_url"] == "https://www.example.net/v"


def test_extension_holds_provider_related_articles_and_earlier_ids():
    item = item_of(
        related=(
            RelatedLink(href="https://www.example.net/r", title="R", provider="P", published=DAY),
            RelatedLink(href="https://www.example.net/s", title="S"),
        ),
        merged_ids=("tag:feeds.example.org,2026:old",),
    )
    assert item["_feedpub"] == {
        "about": "https://feeds.example.org/#feedpub",
        "provider": {"name": "Example Daily", "domain": "example.com"},
        "related": [
            {
                "url": "https://www.example.net/r",
                "title": "R",
                "provider": "P",
                "date_published": "2026-01-30T13:53:00Z",
            },
            {"url": "https://www.example.net/s", "title": "S"},
        ],
        "merged_ids": ["tag:feeds.example.org,2026:old"],
    }


def test_number_that_json_does_not_know_is_never_written():
    assert jsonfeed.json_bytes({"a": float("nan")}) == b'{\n "a": null\n}\n'


def test_bytes_are_readable_text_that_ends_in_a_line_feed():
    assert jsonfeed.json_bytes({"ü": "👩‍🔧"}) == '{\n "ü": "👩‍🔧"\n}\n'.encode()


@pytest.mark.parametrize("after", [None, {"c": [2], "d": {"e": "f"}}], ids=["last", "not last"])
@pytest.mark.parametrize(
    "items", [[], [{}], [{"a": [1, {"b": "x"}]}, {"c": []}]], ids=["none", "one", "two"]
)
def test_a_list_written_item_by_item_is_as_one_written_whole(items, after):
    document = jsonfeed.with_list({"a": 1}, "b", map(jsonfeed.in_list, items), after)
    assert document == jsonfeed.json_bytes({"a": 1, "b": items, **(after or {})})


@steadily
@given(lines)
def test_any_title_survives(text):
    assert item_of(title=text)["title"] == text


@steadily
@given(plain_texts)
def test_any_summary_survives(text):
    assert item_of(summary=text)["summary"] == text


@steadily
@given(lines)
def test_any_author_survives(text):
    assert item_of(authors=(Person(name=text),))["authors"] == [{"name": text}]


@steadily
@given(st.lists(categories, max_size=4))
def test_any_category_survives(found):
    assert item_of(categories=tuple(found)).get("tags", []) == [c.term for c in found]


@steadily
@given(st.lists(related_links, max_size=4))
def test_any_related_link_survives(found):
    related = item_of(related=tuple(found)).get("_feedpub", {}).get("related", [])
    assert [(k["title"], k["url"]) for k in related] == [(k.title, k.href) for k in found]


@steadily
@given(entries("a"), entries("b"))
def test_any_entries_give_a_sound_document(first, second):
    document = rendered(first, second)
    # Of equal topics, one is left before a feed is made: see compose.
    for item in document["items"]:
        item["tags"] = list(dict.fromkeys(item.get("tags", ["none"])))
    assert json_feed_faults(document) == []


@steadily
@given(entries())
def test_document_reads_back_as_it_was_written(made):
    data = jsonfeed.render(feed(made)).data
    assert jsonfeed.json_bytes(json.loads(data)) == data


@steadily
@given(entries())
def test_content_of_any_entry_survives(made):
    (item,) = rendered(made)["items"]
    assert item["content_html"] == made.content
