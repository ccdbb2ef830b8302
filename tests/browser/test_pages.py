"""The pages in a real browser: usable by everybody, with and without JavaScript."""

import gzip

import pytest
from axe_playwright_python.sync_playwright import Axe
from support import CONFIG, PROJECT, Workspace, record

PAGES = ["index.html", "topics/libraries/index.html"]
# A phone, a desktop.
WIDTHS = [360, 1280]


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """Return the output of a site of 450 feeds with long names and titles."""
    workspace = Workspace(tmp_path_factory.mktemp("many"))
    workspace.configure(f"{CONFIG}min_entries: 1000\n")
    for number in range(225):
        name, title = "Provider number", "How a small town learned to mend what it had thrown away"
        address = f"www.example.com/news/2026/01/how-a-small-town-learned-to-mend-{number}"
        domain = f"provider-{number}.example.com"
        workspace.write(
            f"{number}.md",
            record(
                title=f"'{title} {number}'",
                webUrl=f'"https://{address}"',
                images=f"[{{url: 'https://images.example.com/2026/01/{number}.jpg'}}]",
                provider=f"{{name: {name} {number}, domain: {domain}}}",
                topics=f"['A subject of some length {number % 224}']",
            ),
        )
    workspace.build()
    return workspace.destination.files


@pytest.fixture
def site(serve):
    return serve(PROJECT / "feeds")


def written(files, folder):
    for path, data in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return folder


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_to_complain_about(site, new_page, path, scheme):
    page = new_page(color_scheme=scheme, bypass_csp=True)
    page.goto(site + path)
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []


@pytest.mark.parametrize("path", PAGES)
def test_policy_of_the_page_stops_nothing_of_its_own(site, new_page, path):
    page, messages = new_page(), []
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    page.goto(site + path)
    assert [text for text in messages if "ERR_FAILED" not in text] == []
    assert page.evaluate("getComputedStyle(document.body).maxWidth") != "none"


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("width", WIDTHS)
def test_page_fits_the_screen(site, new_page, path, width):
    page = new_page(viewport={"width": width, "height": 800})
    page.goto(site + path)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("path", PAGES)
def test_keyboard_alone_reaches_everything(site, new_page, path):
    page = new_page()
    page.goto(site + path)
    wanted = page.evaluate(
        "[...document.querySelectorAll('a, button, input, summary')]"
        ".filter(e => e.checkVisibility()).length"
    )
    seen = set()
    for _ in range(wanted + 5):
        page.keyboard.press("Tab")
        seen.add(
            page.evaluate(
                "[...document.querySelectorAll('a, button, input, summary')]"
                ".indexOf(document.activeElement)"
            )
        )
    assert len(seen - {-1}) == wanted


@pytest.mark.parametrize("path", PAGES)
def test_everything_is_there_without_javascript(site, new_page, path):
    shown = []
    for enabled in (True, False):
        page = new_page(java_script_enabled=enabled)
        page.goto(site + path)
        links = [link.get_attribute("href") for link in page.locator("a:visible").all()]
        shown.append((page.locator("main").inner_text(), links))
    assert shown[0] == shown[1]


def test_search_narrows_to_what_has_the_name(site, new_page):
    page = new_page()
    page.goto(site)
    page.get_by_role("searchbox").fill("künstliche")
    shown = page.locator(".name:visible").all_text_contents()
    assert shown == ["Künstliche Intelligenz"]
    assert page.get_by_role("status").text_content() == "1 feed"


def test_search_keeps_the_parents_of_what_it_finds(site, new_page):
    page = new_page()
    page.goto(site)
    page.get_by_role("searchbox").fill("ai & law")
    shown = page.locator(".name:visible").all_text_contents()
    assert shown == ["Künstliche Intelligenz", "AI & Law"]


def test_search_for_nothing_there_says_so(site, new_page):
    page = new_page()
    page.goto(site)
    page.get_by_role("searchbox").fill("no such thing")
    assert page.locator(".name:visible").count() == 0
    assert page.get_by_role("status").text_content() == "No feed has this name."


def test_button_copies_the_address_of_the_feed(site, new_page):
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto(site + "topics/libraries/index.html")
    page.get_by_role("button", name="Copy the address of RSS").click()
    address = page.evaluate("navigator.clipboard.readText()")
    assert address == "https://feeds.example.org/topics/libraries/rss.xml"


@pytest.mark.parametrize("file", ["rss.xml", "atom.xml"])
def test_feed_opened_directly_is_readable(site, new_page, file):
    page = new_page()
    page.goto(f"{site}topics/libraries/{file}")
    root = "document.documentElement"
    banner = page.evaluate(f"getComputedStyle({root}, '::before').content")
    shown = page.evaluate(
        "[...document.querySelectorAll('item > *, entry > *')]"
        ".filter(e => getComputedStyle(e).display !== 'none').map(e => e.localName)"
    )
    assert "web feed" in banner
    assert set(shown) in (
        {"title", "pubDate", "description"},
        {"title", "published", "summary"},
    )


def test_index_of_450_feeds_is_small(many):
    assert sum(path.endswith("rss.xml") for path in many) == 450
    index = many["index.html"]
    whole = index + many["pages.css"] + many["pages.js"]
    assert (len(index) < 300_000, len(gzip.compress(whole)) < 60_000) == (True, True)


def test_empty_feed_says_so_in_the_language_of_the_site(serve, new_page, tmp_path):
    workspace = Workspace(tmp_path)
    workspace.configure(CONFIG.replace("language: en", "language: de"))
    workspace.build()
    page = new_page()
    page.goto(serve(written(workspace.destination.files, tmp_path / "feeds")) + "all/")
    assert page.locator("main").text_content().strip() == "Zurzeit keine Artikel."


def test_right_to_left_site_is_laid_out_so(serve, new_page, tmp_path):
    workspace = Workspace(tmp_path)
    workspace.configure(CONFIG.replace("language: en", "language: ar"))
    workspace.write("a.md", record(title="عنوان"))
    workspace.build()
    page = new_page()
    page.goto(serve(written(workspace.destination.files, tmp_path / "feeds")))
    assert page.evaluate("getComputedStyle(document.body).direction") == "rtl"


def test_search_in_450_feeds_shows_the_one(many, serve, new_page, tmp_path):
    page = new_page()
    page.goto(serve(written(many, tmp_path)))
    page.get_by_role("searchbox").fill("length 217")
    assert page.locator(".name:visible").all_text_contents() == ["A subject of some length 217"]
