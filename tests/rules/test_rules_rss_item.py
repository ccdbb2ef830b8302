"""Feed rules §3: the RSS 2.0 item."""

import html

import feedparser
import pytest
from feed_checks import ENCODED, PREFIXES, children, html_faults, is_address
from support import CONFIG, record

ORDER = [
    "title",
    "link",
    "guid",
    "pubDate",
    "dc:creator",
    "source",
    "category",
    "description",
    "content:encoded",
    "enclosure",
    "media:content",
    "media:thumbnail",
    "atom:link",
]
BARE = "https://www.example.com/news/bare"


def links(item, rel):
    return item.xpath(f"atom:link[@rel='{rel}']", namespaces=PREFIXES)


@pytest.mark.rule(25)
@pytest.mark.parametrize("name", ["title", "link", "guid", "pubDate"])
def test_every_item_has_one_of_what_readers_expect(feeds, name):
    assert {len(item.findall(name)) for item in feeds.items} == {1}


@pytest.mark.rule(25)
def test_every_item_with_an_excerpt_has_a_description(site):
    without = {item.findtext("guid") for item in site.items if item.find("description") is None}
    assert without == {"tag:feeds.example.org,2026:bare", "tag:feeds.example.org,2026:blank"}


@pytest.mark.rule(26)
def test_elements_of_an_item_stand_in_the_order_readers_need(feeds):
    for item in feeds.items:
        ranks = [ORDER.index(name) for name in children(item)]
        assert ranks == sorted(ranks), children(item)


@pytest.mark.rule(26)
def test_one_item_of_the_site_has_every_element(site):
    assert list(dict.fromkeys(children(site.item("addresses")))) == ORDER


@pytest.mark.rule(26)
def test_link_precedes_every_atom_link(feeds):
    for item in feeds.items:
        names = children(item)
        assert names.index("link") < min(
            i for i, n in enumerate([*names, "atom:link"]) if n == "atom:link"
        )


@pytest.mark.rule(26)
def test_description_precedes_the_encoded_content(site):
    names = children(site.item("entities"))
    assert names.index("description") < names.index("content:encoded")


@pytest.mark.rule(26, 75)
def test_feedparser_tells_summary_and_content_apart(site):
    parsed = feedparser.parse(site.files["all/rss.xml"])
    entry = next(e for e in parsed.entries if e.id.endswith(":markdown"))
    assert entry.summary == "Three branches now lend tool boxes."
    assert "A heading &amp; more" in entry.content[0].value


@pytest.mark.rule(27)
def test_guid_says_in_lower_case_that_it_is_no_permalink(feeds):
    assert {item.find("guid").get("isPermaLink") for item in feeds.items} == {"false"}


@pytest.mark.rule(27)
def test_guid_is_unique_in_its_feed(feeds):
    for path, root in feeds.rss.items():
        guids = [guid.text for guid in root.iter("guid")]
        assert len(set(guids)) == len(guids), path


@pytest.mark.rule(27)
def test_guid_is_an_absolute_uri_and_no_short_number(feeds):
    assert {item.findtext("guid").partition(":")[0] for item in feeds.items} <= {
        "tag",
        "urn",
        "https",
    }


@pytest.mark.rule(28)
def test_every_link_is_an_absolute_address(feeds):
    assert [
        item.findtext("link") for item in feeds.items if not is_address(item.findtext("link"))
    ] == []


@pytest.mark.rule(28)
def test_item_whose_id_is_an_address_has_its_link_all_the_same(workspace):
    workspace.write("a.md", record(id='"https://www.example.com/ids/1"'))
    workspace.build()
    data = workspace.destination.files["all/rss.xml"]
    assert feedparser.parse(data).entries[0].link == "https://www.example.com/news/repair-kits"


@pytest.mark.rule(29)
@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("entities", 'AT&T’s R&D: 5 < 6 & 7 > 3, bold "said"'),
        ("ticker", "Shares of <EXMP.O> rise, <https://www.example.com/> says"),
        ("spaces", "Ten books, twohundred readers"),
        ("emoji", "👩‍👩‍👧 reads 📚 in 🇩🇪 — ﷽"),
        ("cdata", "Ends ]]> in the middle"),
        ("hostile", 'Hostile "onmouseover=x" page'),
        ("arabic", "المكتبات العامة"),
        ("long", f"{'Very long ' * 29}title end"),
    ],
)
def test_title_is_the_plain_text_the_record_means(site, name, title):
    assert site.item(name).findtext("title") == title


@pytest.mark.rule(30)
@pytest.mark.parametrize(
    ("name", "description"),
    [
        ("entities", "Q&amp;A — A &amp; B &lt; C; stripped"),
        ("ticker", "Up: &lt;EXMP.O&gt; 5 %"),
        ("cdata", "]]&gt; and --&gt; too"),
        ("spaces", "First paragraph<br>with a line.<br><br>Second paragraph."),
    ],
)
def test_description_is_the_excerpt_as_html(site, name, description):
    assert site.item(name).findtext("description") == description


@pytest.mark.rule(30)
def test_ampersand_of_an_excerpt_is_escaped_once_for_html_and_once_for_xml(site):
    assert b"<description>Q&amp;amp;A " in site.files["all/rss.xml"]


@pytest.mark.rule(30)
@pytest.mark.parametrize("name", ["bare", "blank"])
def test_blank_excerpt_leaves_the_description_out(site, name):
    assert site.item(name).find("description") is None


@pytest.mark.rule(30)
@pytest.mark.parametrize(
    ("name", "content"),
    [
        (
            "bare",
            f'<p><a href="{BARE}">No excerpt, no body, no picture</a></p>',
        ),
        ("blank", "<p>The body speaks.</p>"),
    ],
)
def test_item_without_description_keeps_its_content(site, name, content):
    assert site.item(name).findtext(ENCODED) == content


@pytest.mark.rule(31)
@pytest.mark.parametrize("name", ["description", ENCODED])
def test_html_of_an_item_is_a_clean_fragment(feeds, name):
    fragments = {item.findtext(name, "") for item in feeds.items}
    assert {
        fragment: html_faults(fragment) for fragment in fragments if html_faults(fragment)
    } == {}


@pytest.mark.rule(32)
def test_item_has_at_most_one_enclosure(feeds):
    assert {len(item.findall("enclosure")) for item in feeds.items} == {0, 1}


@pytest.mark.rule(32)
def test_enclosure_of_several_pictures_is_the_first(site):
    item = site.item("addresses")
    contents = item.findall("media:content", PREFIXES)
    assert len(contents) == 3
    assert item.find("enclosure").get("url") == contents[0].get("url")


@pytest.mark.rule(33)
def test_enclosure_has_url_length_and_type(site):
    assert dict(site.item("addresses").find("enclosure").attrib) == {
        "url": "https://images.example.com/a%20b/laptop%E2%80%99s.jpg?auto=webp&quality=85,70",
        "length": "0",
        "type": "image/jpeg",
    }


@pytest.mark.rule(33)
def test_enclosure_length_is_a_whole_number(feeds):
    lengths = [e.get("length") for item in feeds.items for e in item.iter("enclosure")]
    assert lengths
    assert [length for length in lengths if not length.isdecimal()] == []


@pytest.mark.rule(33)
@pytest.mark.parametrize(
    "address",
    [
        "http://localhost/a.jpg",
        "ftp://images.example.com/a.jpg",
        "data:image/png;base64,AA",
        "http://[::1]/a.jpg",
    ],
)
def test_picture_without_a_public_address_is_no_enclosure(workspace, address):
    workspace.write("a.md", record(images=f'[{{url: "{address}"}}]'))
    workspace.build()
    assert "<enclosure" not in workspace.text("all/rss.xml")


@pytest.mark.rule(34)
def test_enclosure_is_always_a_picture_by_its_type(feeds):
    kinds = {
        e.get("type").partition("/")[0] for item in feeds.items for e in item.iter("enclosure")
    }
    assert kinds == {"image"}


@pytest.mark.rule(34)
@pytest.mark.parametrize("declared", ["application/octet-stream", "", "jpeg", "text/html"])
def test_declared_type_that_is_no_picture_type_is_not_believed(workspace, declared):
    workspace.write(
        "a.md",
        record(images=f'[{{url: "https://images.example.com/a.png", type: "{declared}"}}]'),
    )
    workspace.build()
    assert 'length="0" type="image/png"/>' in workspace.text("all/rss.xml")


@pytest.mark.rule(35)
def test_provider_is_the_creator(site):
    assert site.item("entities").findtext("dc:creator", None, PREFIXES) == "Example Daily"


@pytest.mark.rule(35)
def test_authors_are_the_creators_in_their_order(site):
    creators = [element.text for element in site.item("deutsch").iterfind("dc:creator", PREFIXES)]
    assert creators == ["Jo Beispiel", "Ann Exempel"]


@pytest.mark.rule(35)
def test_every_item_has_a_creator(feeds):
    assert [i for i in feeds.items if not i.findtext("dc:creator", "", PREFIXES).strip()] == []


@pytest.mark.rule(36)
def test_source_is_the_configured_feed_of_the_provider(site):
    source = site.item("entities").find("source")
    assert (source.get("url"), source.text) == (
        "https://www.example.com/feed.xml?a=1&b=2",
        "Example Daily",
    )


@pytest.mark.rule(36)
@pytest.mark.parametrize("name", ["deutsch", "arabic", "nobody"])
def test_provider_without_a_configured_feed_is_no_source(site, name):
    assert site.item(name).find("source") is None


@pytest.mark.rule(37)
def test_categories_are_the_readable_names_of_the_topics(site):
    names = [element.text for element in site.item("cdata").iter("category")]
    assert names == ["C", "C++", "C#", "Künstliche Intelligenz", "AI & Law"]


@pytest.mark.rule(37)
def test_category_is_not_repeated_in_another_spelling(site):
    assert [element.text for element in site.item("long").iter("category")] == [
        "Repair",
        "Libraries",
    ]


@pytest.mark.rule(37)
def test_category_has_no_domain(feeds):
    assert [c for item in feeds.items for c in item.iter("category") if c.attrib] == []


@pytest.mark.rule(38)
def test_related_links_are_atom_links_with_title_and_type(site):
    assert [dict(link.attrib) for link in links(site.item("addresses"), "related")] == [
        {
            "rel": "related",
            "type": "text/html",
            "title": 'R&D <EXMP.O>: “drills” "and" 👩‍🔧',
            "href": "https://www.example.net/a%20b?x=1&y=%E2%80%992%E2%80%99",
        },
        {
            "rel": "related",
            "type": "text/html",
            "title": "Another",
            "href": "https://www.example.org/other",
        },
    ]


@pytest.mark.rule(38)
def test_related_links_are_a_list_in_the_content_too(feeds):
    for item in feeds.items:
        for link in links(item, "related"):
            address = html.escape(link.get("href"), quote=False)
            title = html.escape(link.get("title"), quote=False).replace('"', "&quot;")
            assert f'<li><a href="{address}">{title}</a>' in item.findtext(ENCODED)


@pytest.mark.rule(38)
def test_related_list_names_the_provider(site):
    assert "👩‍🔧</a> (Example, Net)</li>" in site.item("addresses").findtext(ENCODED)


@pytest.mark.rule(38)
def test_related_list_follows_an_excerpt_where_bodies_are_not_shown(workspace):
    workspace.configure(CONFIG + "content: excerpt\n")
    related = '[{title: Other, webUrl: "https://www.example.net/o"}]'
    workspace.write("a.md", record(related=related, body="The body."))
    workspace.build()
    assert '&lt;li&gt;&lt;a href="https://www.example.net/o"&gt;Other&lt;/a&gt;' in workspace.text(
        "all/rss.xml"
    )


@pytest.mark.rule(39)
def test_no_item_has_an_alternate_atom_link(feeds):
    assert [item.findtext("guid") for item in feeds.items if links(item, "alternate")] == []


@pytest.mark.rule(39)
def test_feedparser_finds_the_link_of_every_item(feeds):
    for path, root in feeds.rss.items():
        parsed = feedparser.parse(feeds.files[path])
        assert [e.link for e in parsed.entries] == [i.findtext("link") for i in root.iter("item")]


@pytest.mark.rule(40)
def test_original_address_is_a_via_link(site):
    assert [link.get("href") for link in links(site.item("addresses"), "via")] == [
        "https://original.example.net/a?b=1&c=%C2%AE"
    ]


@pytest.mark.rule(40)
def test_original_address_equal_to_the_link_is_not_repeated(workspace):
    address = '"https://www.example.com/news/repair-kits"'
    workspace.write("a.md", record(originalUrl=address))
    workspace.build()
    assert 'rel="via"' not in workspace.text("all/rss.xml")


@pytest.mark.rule(40)
@pytest.mark.parametrize("path", ["all/rss.xml", "all/atom.xml", "all/feed.json"])
def test_amp_addresses_are_nowhere(workspace, path):
    workspace.write(
        "a.md",
        record(
            ampWebUrl='"https://www.example.com/amp/a"',
            cdnAmpWebUrl='"https://cdn.example.net/c/s/a"',
        ),
    )
    workspace.build()
    assert "/amp/" not in workspace.text(path)
    assert "/c/s/" not in workspace.text(path)
