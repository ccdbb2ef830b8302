"""A feed on pages of others, in a real browser."""

import json
import re
import shutil
from datetime import datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from support import CONFIG, PROJECT, record

FEED = json.loads((PROJECT / "feeds/all/feed.json").read_bytes())
ITEMS = FEED["items"]
TITLES = [item["title"] for item in ITEMS]
STATIC = PROJECT / "feedpub" / "pages" / "static"
EMBED_FILES = ("embed.css", "embed.js", "embed-frame.js")


@pytest.fixture
def feeds(serve):
    return serve(PROJECT / "feeds")


@pytest.fixture
def elsewhere(serve, new_page, tmp_path):
    """Return what opens a page of another origin with some markup."""

    def opened(markup, head="", lang="en", **options):
        (tmp_path / "index.html").write_text(
            f"<!doctype html><html lang={lang}><title>x</title>{head}<body>{markup}", "utf-8"
        )
        page = new_page(**options)
        page.goto(serve(tmp_path))
        return page

    return opened


@pytest.fixture
def hostile(serve, elsewhere, tmp_path):
    """Return what opens a page that shows a feed of our making."""

    def opened(document, **data):
        folder = tmp_path / "hostile"
        folder.mkdir()
        (folder / "embed.js").write_bytes((STATIC / "embed.js").read_bytes())
        (folder / "feed.json").write_text(json.dumps(document))
        page = elsewhere(tag(serve(folder), "feed.json", **data))
        page.locator(".feedpub-item, .feedpub-message").first.wait_for()
        return page

    return opened


def tag(feeds, feed="all/feed.json", **data):
    attributes = "".join(f' data-{name}="{value}"' for name, value in data.items())
    return f'<script src="{feeds}embed.js" data-feed="{feeds}{feed}"{attributes} async></script>'


def attributes(locator, name):
    return locator.evaluate_all("(all, name) => all.map(e => e.getAttribute(name))", name)


def test_newest_entries_are_shown_on_a_page_of_another_origin(feeds, elsewhere):
    page = elsewhere(tag(feeds), timezone_id="UTC")
    page.locator(".feedpub-item").first.wait_for()
    links, dates = page.locator("a.feedpub-link"), page.locator("time.feedpub-date")
    assert links.all_text_contents() == TITLES[:5]
    assert attributes(links, "href") == [item["url"] for item in ITEMS[:5]]
    assert set(attributes(links, "rel")) == {"noopener"}
    found = [datetime.fromisoformat(moment) for moment in attributes(dates, "datetime")]
    published = [datetime.fromisoformat(item["date_published"]) for item in ITEMS[:5]]
    assert found == published
    assert page.locator(".feedpub-item").first.text_content().startswith(f"{TITLES[0]} ")
    assert dates.all_text_contents() == [f"{d.month}/{d.day}/{d.year}" for d in published]


def test_dates_are_written_in_the_language_of_the_page(feeds, elsewhere):
    page = elsewhere(tag(feeds), lang="de", timezone_id="UTC")
    page.locator(".feedpub-item").first.wait_for()
    published = [datetime.fromisoformat(item["date_published"]) for item in ITEMS[:5]]
    assert page.locator("time").all_text_contents() == [
        f"{d.day}.{d.month}.{d.year}" for d in published
    ]


def test_page_of_a_language_no_browser_knows_shows_dates_all_the_same(feeds, elsewhere):
    page = elsewhere(tag(feeds), lang="en_US!")
    page.locator(".feedpub-item").first.wait_for()
    assert page.locator("time").count() == 5


def test_entries_are_a_list_in_a_section_named_after_the_feed(feeds, elsewhere):
    page = elsewhere(tag(feeds))
    page.locator(".feedpub-item").first.wait_for()
    section = page.get_by_role("region", name=FEED["title"])
    assert section.get_by_role("list").get_by_role("listitem").count() == 5


def test_axe_finds_nothing_to_complain_about(feeds, elsewhere):
    page = elsewhere(tag(feeds, images="true", summary="true"))
    page.locator(".feedpub-item").first.wait_for()
    found = Axe().run(page, ".feedpub").response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []


def test_pictures_are_shown_when_asked_for_and_load_late(feeds, elsewhere):
    page = elsewhere(tag(feeds, images="true", count=50))
    page.locator(".feedpub-item").first.wait_for()
    images = page.locator("img.feedpub-image")
    assert attributes(images, "src") == [item["image"] for item in ITEMS if "image" in item]
    assert set(attributes(images, "loading")) == {"lazy"}
    assert set(attributes(images, "alt")) == {""}


def test_summaries_are_shown_when_asked_for(feeds, elsewhere):
    page = elsewhere(tag(feeds, count=2, summary="true"))
    page.locator(".feedpub-item").first.wait_for()
    assert page.locator(".feedpub-summary").all_text_contents() == [
        item["summary"] for item in ITEMS[:2]
    ]


def test_page_needs_to_allow_the_host_of_the_feeds_alone(feeds, elsewhere):
    policy = f"default-src 'none'; script-src {feeds}; connect-src {feeds}"
    page = elsewhere(
        tag(feeds, count=1),
        head=f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
    )
    page.locator(".feedpub-item").wait_for()
    assert page.locator(".feedpub-link").text_content() == TITLES[0]


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


def test_feed_that_is_not_there_leaves_a_message_and_a_link_to_its_page(feeds, elsewhere):
    page = elsewhere(tag(feeds, "gone/feed.json", title="Gone"))
    link = page.locator(".feedpub-message a")
    link.wait_for()
    assert page.locator(".feedpub").text_content() == "This feed cannot be shown here: Gone"
    assert link.get_attribute("href") == f"{feeds}gone/"


def test_link_to_a_feed_without_a_title_is_its_address(feeds, elsewhere):
    page = elsewhere(tag(feeds, "gone/feed.json"))
    page.locator(".feedpub-message a").wait_for()
    assert page.locator(".feedpub-message a").text_content() == f"{feeds}gone/"


def test_message_is_in_the_words_of_the_page(feeds, elsewhere):
    page = elsewhere(tag(feeds, "gone/feed.json", title="Weg", message="Gerade nicht da:"))
    page.locator(".feedpub-message a").wait_for()
    assert page.locator(".feedpub").text_content() == "Gerade nicht da: Weg"


@pytest.mark.parametrize("document", [None, [], {}, {"items": 5}, {"items": [{"url": "x"}, None]}])
def test_what_is_no_feed_leaves_nothing_but_the_message(hostile, document):
    page = hostile(document)
    assert page.locator(".feedpub > *").count() == 1


def test_hostile_feed_stays_text(hostile):
    markup = "<img src=x onerror='document.title=1'>"
    item = {"title": markup, "url": "javascript:document.title=1", "summary": markup,
            "image": "javascript:x", "date_published": "x"}  # fmt: skip
    document = {"title": markup, "home_page_url": "data:text/html,x", "items": [item]}
    page = hostile(document, images="true", summary="true")
    assert page.locator("img, .feedpub a, time").count() == 0
    assert page.locator(".feedpub-link").text_content() == markup
    assert page.locator(".feedpub-title").text_content() == markup
    assert page.title() == "x"


@pytest.mark.parametrize("address", [
    "JaVaScRiPt:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)", "vbscript:x",
    "data:text/html,x", "blob:x", "file:///etc/passwd", "ftp://example.com/", "http://[", 5, None,
])  # fmt: skip
def test_only_addresses_of_the_web_are_links(hostile, address):
    page = hostile({"items": [{"title": "One", "url": address, "image": address}]}, images="true")
    assert page.locator(".feedpub a, img").count() == 0
    assert page.locator(".feedpub-item").text_content() == "One"


@pytest.mark.parametrize("mark", ["?", "#"])
def test_frame_shows_a_feed_of_its_site(feeds, elsewhere, mark):
    page = elsewhere(f'<iframe src="{feeds}embed.html{mark}feed=all&amp;count=3"></iframe>')
    frame = page.frame_locator("iframe")
    frame.locator(".feedpub-item").first.wait_for()
    links = frame.locator("a.feedpub-link")
    assert links.all_text_contents() == TITLES[:3]
    assert set(attributes(links, "target")) == {"_top"}
    assert set(attributes(links, "rel")) == {"noopener"}
    assert not frame.locator("#usage").is_visible()


def test_frame_follows_what_stands_after_the_hash(feeds, new_page):
    page = new_page()
    page.goto(f"{feeds}embed.html#feed=all&count=1")
    page.locator(".feedpub-item").wait_for()
    page.evaluate("location.hash = 'feed=all&count=2'")
    page.locator(".feedpub-item").nth(1).wait_for()


@pytest.mark.parametrize(("scheme", "colour"), [("light", 0), ("dark", 255)])
def test_frame_is_light_or_dark(feeds, new_page, scheme, colour):
    page = new_page(color_scheme=scheme)
    page.goto(f"{feeds}embed.html?feed=all")
    page.locator(".feedpub-item").first.wait_for()
    found = page.locator("a.feedpub-link").first.evaluate("e => getComputedStyle(e).color")
    assert found == f"rgb({colour}, {colour}, {colour})"


def test_policy_of_the_frame_stops_nothing_of_its_own(feeds, new_page):
    page = new_page()
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{feeds}embed.html?feed=all")
    page.locator(".feedpub-item").first.wait_for()
    assert said == []


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("de-AT", "Dieser Feed lässt sich hier nicht zeigen:"),
        ("en", "This feed cannot be shown here:"),
    ],
)
def test_frame_says_in_the_language_of_the_site_that_a_feed_is_not_there(
    serve, new_page, workspace, language, words
):
    workspace.configure(CONFIG.replace("language: en", f"language: {language}"))
    workspace.write("a.md", record())
    workspace.build()
    for name in ("embed.html", *EMBED_FILES):
        (workspace.folder / name).write_bytes(workspace.destination.files[name])
    page = new_page()
    page.goto(f"{serve(workspace.folder)}embed.html?feed=gone")
    message = page.locator(".feedpub-message")
    message.wait_for()
    assert message.text_content().startswith(f"{words} ")


def test_frame_without_a_feed_shows_how_to_use_it(feeds, new_page):
    page = new_page()
    page.goto(f"{feeds}embed.html")
    usage = page.locator("pre").text_content()
    assert "/embed.html?feed=all&count=5" in usage
    assert '/embed.js" data-feed="' in usage
    page.locator(".feedpub-item").first.wait_for()
    assert page.locator("a.feedpub-link").all_text_contents() == TITLES[:5]


@pytest.mark.parametrize("feed", [
    "//example.com/x", r"\\example.com\x", "https://example.com/x", "javascript:x", "http://[",
    "../../x", "../elsewhere", "%2e%2e/elsewhere", "",
])  # fmt: skip
def test_frame_shows_no_feed_of_another_site(serve, new_page, tmp_path, feed):
    for name in ("site", "elsewhere"):
        shutil.copytree(PROJECT / "feeds" / "all", tmp_path / name)
    for name in ("embed.html", *EMBED_FILES):
        shutil.copy(PROJECT / "feeds" / name, tmp_path / "site")
    page = new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    base = f"{serve(tmp_path)}site/"
    page.goto(f"{base}embed.html?feed={feed}")
    page.wait_for_load_state("networkidle")
    assert [address for address in asked if not address.startswith(base)] == []
    assert page.locator(".feedpub-item").count() == 0


def test_script_is_under_four_kilobytes():
    assert (STATIC / "embed.js").stat().st_size < 4096


def test_every_attribute_and_class_is_documented():
    documented = (PROJECT / "docs" / "embedding.md").read_text("utf-8")
    script = (STATIC / "embed.js").read_text("utf-8")
    names = {f"`data-{name}" for name in re.findall(r"\basked\.(\w+)", script)}
    names |= {f"`feedpub-{name}`" for name in re.findall(r'add\(\w+, "\w+", "(\w+)"', script)}
    assert len(names) > 12
    assert [name for name in sorted(names) if name not in documented] == []


def test_usage_names_the_site(workspace):
    workspace.configure(CONFIG)
    workspace.write("a.md", record())
    workspace.build()
    assert "https://feeds.example.org/all/feed.json" in workspace.text("embed.html")
