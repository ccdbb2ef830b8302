"""A feed on pages of others, in a real browser."""

import json

import pytest
from support import CONFIG, PROJECT, record

TITLES = [
    item["title"] for item in json.loads((PROJECT / "feeds/all/feed.json").read_bytes())["items"]
]
STATIC = PROJECT / "feedpub" / "pages" / "static"


@pytest.fixture
def feeds(serve):
    return serve(PROJECT / "feeds")


@pytest.fixture
def elsewhere(serve, new_page, tmp_path):
    """Return what opens a page of another origin with some markup."""

    def opened(markup):
        (tmp_path / "index.html").write_text(
            f"<!doctype html><title>x</title><body>{markup}", "utf-8"
        )
        page = new_page()
        page.goto(serve(tmp_path))
        return page

    return opened


def tag(feeds, feed="all/feed.json", **data):
    attributes = "".join(f' data-{name}="{value}"' for name, value in data.items())
    return f'<script src="{feeds}embed.js" data-feed="{feeds}{feed}"{attributes}></script>'


def test_newest_entries_are_shown_on_a_page_of_another_origin(feeds, elsewhere):
    page = elsewhere(tag(feeds))
    page.locator(".feedpub-item").first.wait_for()
    assert page.locator(".feedpub-link").all_text_contents() == TITLES[:5]
    assert page.locator("time.feedpub-date").count() == 5


def test_as_many_are_shown_as_are_asked_for(feeds, elsewhere):
    page = elsewhere(tag(feeds, count=2, dates="false"))
    page.locator(".feedpub-item").first.wait_for()
    assert page.locator(".feedpub-item").count() == 2
    assert page.locator("time").count() == 0


def test_two_feeds_on_a_page_stand_where_their_tags_stand(feeds, elsewhere):
    one = tag(feeds, "topics/c/feed.json", count=1, title="One")
    page = elsewhere(f"{one}<hr>{tag(feeds, count=1, title='Two')}")
    page.locator(".feedpub-item").nth(1).wait_for()
    assert page.locator(".feedpub-title, hr").evaluate_all(
        "all => all.map(e => e.textContent)"
    ) == [
        "One",
        "",
        "Two",
    ]


def test_feed_that_is_not_there_leaves_a_link_to_its_page(feeds, elsewhere):
    page = elsewhere(tag(feeds, "gone/feed.json", title="Gone"))
    link = page.locator("a.feedpub-link")
    link.wait_for()
    assert (link.text_content(), link.get_attribute("href")) == ("Gone", f"{feeds}gone/")


def test_hostile_feed_stays_text(serve, elsewhere, tmp_path):
    folder = tmp_path / "hostile"
    folder.mkdir()
    (folder / "embed.js").write_bytes((STATIC / "embed.js").read_bytes())
    markup = "<img src=x onerror='document.title=1'>"
    item = {"title": markup, "url": "javascript:document.title=1", "summary": markup,
            "image": "javascript:x", "date_published": "x"}  # fmt: skip
    (folder / "feed.json").write_text(json.dumps({"title": markup, "items": [item]}))
    page = elsewhere(tag(serve(folder), "feed.json", images="true", summary="true"))
    page.locator(".feedpub-item").wait_for()
    assert page.locator("img, .feedpub a").count() == 0
    assert page.locator(".feedpub-link").text_content() == markup
    assert page.title() == "x"


def test_frame_shows_a_feed_of_its_site(feeds, elsewhere):
    page = elsewhere(f'<iframe src="{feeds}embed.html?feed=all&amp;count=3"></iframe>')
    frame = page.frame_locator("iframe")
    frame.locator(".feedpub-item").first.wait_for()
    assert frame.locator(".feedpub-link").all_text_contents() == TITLES[:3]
    assert not frame.locator("#usage").is_visible()


@pytest.mark.parametrize("feed", ["//example.com/x", "https://example.com/x", "../..//x", ""])
def test_frame_shows_no_feed_of_another_site(feeds, new_page, feed):
    page = new_page()
    page.goto(f"{feeds}embed.html?feed={feed}")
    page.wait_for_load_state("networkidle")
    assert page.locator("a[href^='https://example.com']").count() == 0
    assert page.locator(".feedpub-item").count() == 0


def test_script_is_under_four_kilobytes():
    assert (STATIC / "embed.js").stat().st_size < 4096


def test_usage_names_the_site(workspace):
    workspace.configure(CONFIG)
    workspace.write("a.md", record())
    workspace.build()
    assert "https://feeds.example.org/all/feed.json" in workspace.text("embed.html")
