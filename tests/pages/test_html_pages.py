"""The HTML pages, from whole builds and from feeds made by hand."""

import html as escaping
import re
from html.parser import HTMLParser

import pytest
from feed_checks import is_address
from feed_strategies import entries, lines, steadily
from hypothesis import given
from lxml import html
from support import CONFIG, entry, feed, record

from feedpub.feed import RelatedLink
from feedpub.pages import html_pages

VOID = {"meta", "link", "br", "hr", "img", "input"}
HARMLESS = {
    "html",
    "head",
    "meta",
    "title",
    "link",
    "body",
    "header",
    "main",
    "article",
    "h1",
    "h2",
    "p",
    "a",
    "ul",
    "li",
    "time",
    "code",
    "section",
    "footer",
    "nav",
    "details",
    "summary",
    "label",
    "input",
    "output",
    "span",
    "img",
    "svg",
    "path",
    "script",
}


def page(*entries, **fields):
    return html.document_fromstring(html_pages.render_feed_page(feed(*entries, **fields)).data)


def pages_of(workspace):
    files = workspace.destination.files
    return {path: files[path] for path in sorted(files) if path.endswith("index.html")}


def parsed(workspace):
    return {path: html.document_fromstring(data) for path, data in pages_of(workspace).items()}


def addresses(document):
    """Return all addresses on a page, but for those of its stylesheet and script and its places."""
    found = [e for e in document.iter() if e.tag != "script" and e.get("rel") != "stylesheet"]
    names = ("href", "src", "action")
    every = [e.get(name) for e in found for name in names if name in e.attrib]
    return [address for address in every if not address.startswith("#")]


class Nesting(HTMLParser):
    """Notes what is not closed in the order it was opened, and every element and attribute."""

    def __init__(self, data):
        super().__init__()
        self.open, self.faults, self.elements, self.attributes = [], [], set(), set()
        self.feed(data.decode())
        self.close()
        self.faults += self.open

    def handle_starttag(self, tag, attrs):
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"/{tag}")


def test_page_has_the_path_and_the_media_type_of_html():
    document = html_pages.render_feed_page(feed())
    assert (document.path, document.media_type) == ("topics/libraries/index.html", "text/html")


def test_index_is_at_the_root(hostile_site):
    assert "index.html" in hostile_site.destination.files


def test_every_page_is_html5_in_utf_8(hostile_site):
    for path, data in pages_of(hostile_site).items():
        assert data.startswith(b"<!doctype html>\n<html lang="), path
        assert data.find(b'<meta charset="utf-8">') in range(1024), path


def test_every_page_is_strictly_nested(hostile_site):
    found = {path: Nesting(data).faults for path, data in pages_of(hostile_site).items()}
    assert {path: faults for path, faults in found.items() if faults} == {}


def test_no_page_holds_an_element_that_acts_or_loads(hostile_site):
    for path, data in pages_of(hostile_site).items():
        assert Nesting(data).elements <= HARMLESS, path


def test_no_page_holds_an_attribute_that_acts(hostile_site):
    for path, data in pages_of(hostile_site).items():
        acting = {
            n for n in Nesting(data).attributes if n.startswith("on") or n in {"style", "srcdoc"}
        }
        assert acting == set(), path


def test_every_page_forbids_all_but_pictures_and_its_own_files(hostile_site):
    for path, document in parsed(hostile_site).items():
        (policy,) = document.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
        assert policy.startswith("default-src 'none'"), path
        assert "unsafe" not in policy
        assert "script-src 'self';" in policy, path


def test_no_page_has_a_script_but_its_own(hostile_site):
    for path, document in parsed(hostile_site).items():
        (script,) = document.iter("script")
        own = f"{'../' * path.count('/')}pages.js"
        assert dict(script.attrib) == {"src": own, "defer": "defer"}
        assert script.text is None


def test_policy_stands_before_everything_that_could_load(hostile_site):
    for path, data in pages_of(hostile_site).items():
        assert data.index(b"Content-Security-Policy") < data.index(b"<title>"), path


def test_reading_a_page_tells_nobody_where_the_reader_came_from(hostile_site):
    for document in parsed(hostile_site).values():
        assert document.xpath("//meta[@name='referrer']/@content") == ["no-referrer"]


def test_every_address_on_every_page_is_absolute(hostile_site):
    for path, document in parsed(hostile_site).items():
        assert [a for a in addresses(document) if not is_address(a)] == [], path


def test_every_address_within_the_site_leads_to_a_file(hostile_site, served):
    for path, document in parsed(hostile_site).items():
        own = [a for a in addresses(document) if a.startswith("https://feeds.example.org/")]
        assert own, path
        assert [address for address in own if not served(address)] == [], path


def test_canonical_address_of_a_page_is_where_it_is_served(hostile_site):
    for path, document in parsed(hostile_site).items():
        folder = path.removesuffix("index.html").replace("ü", "%C3%BC")
        assert document.xpath("//link[@rel='canonical']/@href") == [
            f"https://feeds.example.org/a%20site/{folder}"
        ]


def test_title_and_heading_of_a_page_are_the_title_of_the_feed():
    document = page(title="A <b> & \"B\" 'C' {{ x }}")
    assert document.findtext(".//title") == "A <b> & \"B\" 'C' {{ x }}"
    assert document.findtext(".//h1") == "A <b> & \"B\" 'C' {{ x }}"


def test_hostile_title_of_the_site_is_text(hostile_site):
    document = parsed(hostile_site)["index.html"]
    assert document.findtext(".//h1") == "Every <b>Day</b> \"&\" 'Night' <EXMP.O>"


def test_hostile_description_of_the_site_is_text(hostile_site):
    document = parsed(hostile_site)["index.html"]
    assert document.xpath("//meta[@name='description']/@content") == [
        "</p><script>alert('site')</script> & more"
    ]


def test_hostile_record_is_text(hostile_site):
    document = parsed(hostile_site)["topics/bicycles/index.html"]
    (article,) = document.iter("article")
    assert article.findtext("h2/a") == '"onmouseover=alert(1) <EXMP.O> & {{ 7*7 }} {% raw %}'
    assert article.find("h2/a").get("href") == (
        "https://www.example.com/a?b=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&c=1"
    )
    assert article.xpath("string(p[2])") == "javascript:alert(1) ' <x.y> & {{ 7*7 }}"


def test_names_of_the_configuration_are_text(hostile_site):
    names = {a.text for a in parsed(hostile_site)["index.html"].iter("a")}
    assert {'Most <discussed> & "hot"', "Daily <script>alert('provider')</script> & Co."} <= names


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"title": "X"}, ".//article/h2/a"),
        ({"summary": "X"}, ".//article/p[2]"),
        (
            {"related": (RelatedLink(href="https://www.example.net/", title="X"),)},
            ".//article/ul/li/a",
        ),
    ],
    ids=["title", "summary", "related"],
)
@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "</title></a></p>",
        "{{ 7*7 }}",
        "&lt;b&gt;",
    ],
)
def test_text_of_an_entry_is_never_markup(fields, place, text):
    ((name, value),) = fields.items()
    value = (RelatedLink(href=value[0].href, title=text),) if name == "related" else text
    assert page(entry(**{name: value})).findtext(place) == text


def test_address_that_would_end_its_attribute_does_not():
    document = page(entry(link='https://www.example.com/"onclick="x'))
    (link,) = document.iterfind(".//article/h2/a")
    assert dict(link.attrib) == {"href": 'https://www.example.com/"onclick="x'}


def test_page_of_a_feed_announces_its_own_feeds_only(hostile_site):
    for path, document in parsed(hostile_site).items():
        if path == "index.html":
            continue
        base = document.xpath("//link[@rel='canonical']/@href")[0]
        assert document.xpath("//link[@rel='alternate']/@href") == [
            f"{base}rss.xml",
            f"{base}atom.xml",
            f"{base}feed.json",
        ]


def test_index_announces_the_feed_of_everything_only(hostile_site):
    document = parsed(hostile_site)["index.html"]
    base = "https://feeds.example.org/a%20site/all/"
    assert document.xpath("//link[@rel='alternate']/@href") == [
        f"{base}rss.xml",
        f"{base}atom.xml",
        f"{base}feed.json",
    ]


def test_index_of_a_site_without_the_feed_of_everything_announces_none(workspace):
    workspace.configure(f"{CONFIG}groups: [topic]\n")
    workspace.write("a.md", record())
    workspace.build()
    assert parsed(workspace)["index.html"].xpath("//link[@rel='alternate']") == []


@pytest.mark.parametrize(
    ("formats", "types"),
    [
        ("[rss]", ["application/rss+xml"]),
        ("[json, atom]", ["application/atom+xml", "application/feed+json"]),
    ],
)
def test_only_formats_that_exist_are_announced_and_linked(workspace, formats, types):
    workspace.configure(f"{CONFIG}formats: {formats}\n")
    workspace.write("a.md", record())
    workspace.build()
    document = parsed(workspace)["all/index.html"]
    assert document.xpath("//link[@rel='alternate']/@type") == types
    assert document.xpath("//header//a/@type") == types


def test_index_lists_every_feed_once_in_every_format(hostile_site):
    document = parsed(hostile_site)["index.html"]
    linked = [a.get("href") for a in document.iter("a")]
    for path in hostile_site.destination.files:
        name = path.rpartition("/")[2]
        if name in {"rss.xml", "atom.xml", "feed.json"}:
            address = f"https://feeds.example.org/a%20site/{path.replace('ü', '%C3%BC')}"
            assert linked.count(address) == 1, path


def test_index_links_to_the_page_of_every_feed(hostile_site):
    linked = {a.get("href") for a in parsed(hostile_site)["index.html"].iter("a")}
    for path in pages_of(hostile_site):
        folder = path.removesuffix("index.html").replace("ü", "%C3%BC")
        assert folder == "" or f"https://feeds.example.org/a%20site/{folder}" in linked


def test_index_lists_feeds_of_topic_and_provider_where_topics_have_none(workspace):
    workspace.configure(f"{CONFIG}groups: [all, topic-provider]\nmin_entries: 1\n")
    workspace.write("a.md", record())
    workspace.build()
    assert "topics/libraries/example.com/rss.xml" in workspace.text("index.html")


def test_index_nests_topics_by_their_parents(hostile_site):
    document = parsed(hostile_site)["index.html"]
    bicycles = document.xpath("//a[text()='Bicycles']/ancestor::li/a[1]/text()")
    assert bicycles == ["Libraries", "Repair", "Bicycles"]


def test_index_links_to_the_list_and_the_manifest(hostile_site):
    linked = {a.get("href") for a in parsed(hostile_site)["index.html"].iter("a")}
    assert {
        "https://feeds.example.org/a%20site/feeds.opml",
        "https://feeds.example.org/a%20site/feeds.json",
    } <= linked


def test_index_of_an_empty_site_lists_the_feed_of_everything(workspace):
    workspace.build()
    linked = [a.get("href") for a in parsed(workspace)["index.html"].iter("a")]
    assert "https://feeds.example.org/all/" in linked


def test_every_page_says_its_language(hostile_site):
    assert {document.get("lang") for document in parsed(hostile_site).values()} == {"en"}


def test_entry_of_another_language_says_so(hostile_site):
    document = parsed(hostile_site)["all/index.html"]
    languages = {a.findtext("h2/a"): a.get("lang") for a in document.iter("article")}
    assert (languages["Dritter"], languages["رابع"], languages["Second"]) == ("de", "ar", None)


def test_page_has_the_language_of_its_feed():
    assert page(language="pt-BR").get("lang") == "pt-BR"


def test_empty_feed_says_that_it_is_empty():
    assert page().find(".//main").text_content().strip() == "No current articles."


def test_entries_keep_their_order():
    titles = page(entry("b"), entry("a"), entry("c")).xpath("//article/h2/a/text()")
    assert titles == ["Title of b", "Title of a", "Title of c"]


def test_entry_shows_its_day_with_the_whole_date_for_programs():
    (time,) = page(entry()).iter("time")
    assert (time.text, time.get("datetime")) == ("2026-01-30", "2026-01-30T13:53:00Z")


def test_entry_without_summary_has_no_empty_paragraph():
    document = page(entry(summary=None))
    assert [p for p in document.iterfind(".//article/p") if not p.text_content().strip()] == []


def test_related_link_names_its_provider():
    link = RelatedLink(href="https://www.example.net/r", title="R", provider="P & Q")
    (row,) = page(entry(related=(link,))).iterfind(".//article/ul/li")
    assert row.text_content() == "R (P & Q)"


def test_page_leads_back_to_the_site():
    (link,) = page(site_title="A & B").iterfind(".//header/p[1]/a")
    assert (link.get("href"), link.text) == ("https://feeds.example.org/", "A & B")


def test_rendering_twice_gives_the_same_page():
    assert html_pages.render_feed_page(feed(entry())) == html_pages.render_feed_page(feed(entry()))


@steadily
@given(lines)
def test_any_title_survives(text):
    data = html_pages.render_feed_page(feed(entry(title=text))).data.decode()
    (shown,) = re.findall(r'<h2><a href="https://www\.example\.com/a">(.*)</a></h2>', data)
    assert ("<" not in shown, escaping.unescape(shown)) == (True, text)


@steadily
@given(entries("a"), entries("b"))
def test_any_entries_give_a_harmless_page(first, second):
    found = Nesting(html_pages.render_feed_page(feed(first, second)).data)
    assert (found.faults, found.elements - HARMLESS) == ([], set())
    assert not {name for name in found.attributes if name.startswith("on")}
