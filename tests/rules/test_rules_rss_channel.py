"""Feed rules §2: the RSS 2.0 channel."""

from email.utils import parsedate_to_datetime

import pytest
from feed_checks import PREFIXES, children, is_address, is_rfc822, parse_xml
from support import CONFIG, record

from feedpub.errors import ConfigError

LOGO = "  logo: https://feeds.example.org/{}\nsources:"


def channel_of(workspace, path="all/rss.xml"):
    return parse_xml(workspace.destination.files[path])[0]


@pytest.mark.rule(11)
def test_document_is_rss_2_0_with_one_channel(feeds):
    assert {(root.tag, root.get("version"), len(root)) for root in feeds.rss.values()} == {
        ("rss", "2.0", 1)
    }


@pytest.mark.rule(11)
@pytest.mark.parametrize("name", ["title", "link", "description"])
def test_channel_has_one_of_each_required_element_and_none_is_blank(feeds, name):
    for path, channel in feeds.channels.items():
        texts = [element.text for element in channel.findall(name)]
        assert len(texts) == 1, path
        assert texts[0].strip(), path


@pytest.mark.rule(11)
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("title: Example Every Day", 'title: "  "'),
        ("description: What the world writes", 'description: "  "'),
    ],
)
def test_blank_title_or_description_of_the_site_never_reaches_the_channel(workspace, before, after):
    workspace.configure(CONFIG.replace(before, after))
    workspace.write("a.md", record())
    try:
        workspace.build()
    except ConfigError:
        return
    channel = channel_of(workspace)
    assert all(channel.findtext(name).strip() for name in ("title", "description"))


@pytest.mark.rule(11)
def test_site_without_description_still_describes_its_feeds(workspace):
    workspace.configure(CONFIG.replace("  description: What the world writes\n", ""))
    workspace.write("a.md", record())
    workspace.build()
    assert channel_of(workspace).findtext("description") == "Example Every Day"


@pytest.mark.rule(12)
def test_link_is_the_html_page_of_the_feed(feeds):
    for path, channel in feeds.channels.items():
        link = channel.findtext("link")
        assert is_address(link), path
        assert link.endswith("/"), path
        assert f"{path.rpartition('/')[0]}/index.html" in feeds.files


@pytest.mark.rule(12)
def test_link_is_never_the_feed_itself(feeds):
    for path, channel in feeds.channels.items():
        addresses = channel.xpath("atom:link/@href", namespaces=PREFIXES)
        assert channel.findtext("link") not in addresses, path


@pytest.mark.rule(13)
def test_channel_has_one_self_link_with_the_type_of_rss(feeds):
    for path, channel in feeds.channels.items():
        links = channel.xpath("atom:link[@rel='self']", namespaces=PREFIXES)
        assert [link.get("type") for link in links] == ["application/rss+xml"], path


@pytest.mark.rule(13)
def test_self_link_is_the_address_the_feed_is_served_at(site):
    for path, channel in site.channels.items():
        (href,) = channel.xpath("atom:link[@rel='self']/@href", namespaces=PREFIXES)
        encoded = path.replace("ü", "%C3%BC")
        assert href == f"https://feeds.example.org/site/{encoded}"


@pytest.mark.rule(14)
def test_metadata_stands_before_the_first_item(feeds):
    for path, channel in feeds.channels.items():
        names = children(channel)
        first = names.index("item") if "item" in names else len(names)
        assert set(names[first:]) <= {"item"}, path


@pytest.mark.rule(15)
def test_language_of_the_site_is_the_language_of_the_channel(site):
    assert {channel.findtext("language") for channel in site.channels.values()} == {"en-GB"}


@pytest.mark.rule(15)
@pytest.mark.parametrize(("written", "tag"), [("en_US", "en-US"), ("zh-Hans", "zh-Hans")])
def test_language_is_written_with_a_hyphen(workspace, written, tag):
    workspace.configure(CONFIG.replace("language: en", f"language: {written}"))
    workspace.build()
    assert channel_of(workspace).findtext("language") == tag


@pytest.mark.rule(15)
@pytest.mark.parametrize("written", ["english", "'e'", "'12'", "en-", "'en us'"])
def test_language_that_is_no_tag_is_refused(workspace, written):
    workspace.configure(CONFIG.replace("language: en", f"language: {written}"))
    with pytest.raises(ConfigError, match="language"):
        workspace.build()


@pytest.mark.rule(16)
def test_last_build_date_is_the_newest_change_among_the_items(site):
    assert site.channels["all/rss.xml"].findtext("lastBuildDate") == "Wed, 01 Apr 2026 10:00:00 GMT"


@pytest.mark.rule(16)
def test_last_build_date_is_the_updated_of_the_atom_feed(feeds):
    for path, channel in feeds.channels.items():
        sister = feeds.atom[path.replace("rss.xml", "atom.xml")]
        built = parsedate_to_datetime(channel.findtext("lastBuildDate"))
        assert f"{built:%Y-%m-%dT%H:%M:%SZ}" == sister.findtext("a:updated", None, PREFIXES)


@pytest.mark.rule(16)
def test_date_of_publication_of_a_channel_is_that_of_its_newest_item(feeds):
    for path, channel in feeds.channels.items():
        dates = [item.findtext("pubDate") for item in channel.iterfind("item")]
        newest = max(dates, key=parsedate_to_datetime, default=None)
        assert channel.findtext("pubDate") == newest, path


@pytest.mark.rule(17)
def test_every_date_is_rfc_822_with_gmt_and_the_day_that_fits(feeds):
    for root in feeds.rss.values():
        for element in (*root.iter("lastBuildDate"), *root.iter("pubDate")):
            assert is_rfc822(element.text), element.text
            assert element.text.endswith(" GMT"), element.text


@pytest.mark.rule(17)
def test_date_with_an_offset_is_written_as_the_same_instant_in_gmt(site):
    assert site.item("edited").findtext("pubDate") == "Fri, 23 Jan 2026 06:00:00 GMT"


@pytest.mark.rule(18)
def test_image_repeats_title_and_link_of_the_channel(site):
    image = site.channels["all/rss.xml"].find("image")
    assert {child.tag: child.text for child in image} == {
        "url": "https://feeds.example.org/logo.png?v=1&w=2",
        "title": "R&D <Every> Day",
        "link": "https://feeds.example.org/site/all/",
    }


@pytest.mark.rule(18)
@pytest.mark.parametrize("name", ["logo.svg", "logo.webp", "logo.ico"])
def test_logo_of_a_type_rss_does_not_know_is_left_out(workspace, name):
    workspace.configure(CONFIG.replace("sources:", LOGO.format(name)))
    workspace.build()
    assert channel_of(workspace).find("image") is None


@pytest.mark.rule(18)
@pytest.mark.parametrize("name", ["logo.png", "logo.gif", "logo.jpg"])
def test_logo_of_a_type_rss_knows_is_the_image(workspace, name):
    workspace.configure(CONFIG.replace("sources:", LOGO.format(name)))
    workspace.build()
    assert channel_of(workspace).findtext("image/url") == f"https://feeds.example.org/{name}"


@pytest.mark.rule(18)
def test_image_never_names_a_size_beyond_the_limit(feeds):
    for channel in feeds.channels.values():
        assert int(channel.findtext("image/width", "0")) <= 144
        assert int(channel.findtext("image/height", "0")) <= 400


@pytest.mark.rule(21)
def test_generator_is_feedpub_without_a_version(feeds):
    assert {channel.findtext("generator") for channel in feeds.channels.values()} == {"feedpub"}


@pytest.mark.rule(21)
def test_docs_is_the_address_of_the_specification(feeds):
    assert {channel.findtext("docs") for channel in feeds.channels.values()} == {
        "https://www.rssboard.org/rss-specification"
    }


@pytest.mark.rule(22)
@pytest.mark.parametrize("name", ["managingEditor", "webMaster", "author"])
def test_element_that_wants_an_email_address_is_left_out(feeds, name):
    assert [path for path, root in feeds.rss.items() if root.find(f".//{name}") is not None] == []


@pytest.mark.rule(23)
@pytest.mark.parametrize("name", ["textInput", "rating"])
def test_element_of_no_use_is_not_written(feeds, name):
    assert [path for path, root in feeds.rss.items() if root.find(f".//{name}") is not None] == []


@pytest.mark.rule(23)
def test_dublin_core_says_nothing_that_rss_says_too(feeds):
    for root in feeds.rss.values():
        names = {name for element in root.iter() for name in children(element)}
        assert {name for name in names if name.startswith("dc:")} <= {"dc:creator"}
        assert "author" not in names


# Rules 19 and 20 do not apply as long as this holds; see test_rules_coverage.py.
@pytest.mark.parametrize(
    "name", ["ttl", "skipHours", "skipDays", "sy:updatePeriod", "sy:updateFrequency"]
)
def test_channel_gives_no_advice_on_when_to_fetch(feeds, name):
    assert [path for path, channel in feeds.channels.items() if name in children(channel)] == []


@pytest.mark.rule(24)
def test_sister_feeds_are_alternates_of_the_channel(site):
    channel = site.channels["topics/c/rss.xml"]
    links = channel.xpath("atom:link[@rel='alternate']", namespaces=PREFIXES)
    assert [(link.get("type"), link.get("href")) for link in links] == [
        ("application/atom+xml", "https://feeds.example.org/site/topics/c/atom.xml"),
        ("application/feed+json", "https://feeds.example.org/site/topics/c/feed.json"),
    ]


@pytest.mark.rule(24)
def test_channel_names_no_sister_that_was_not_written(workspace):
    workspace.configure(CONFIG + "formats: [rss]\n")
    workspace.write("a.md", record())
    workspace.build()
    links = channel_of(workspace).xpath("atom:link/@rel", namespaces=PREFIXES)
    assert links == ["self"]
