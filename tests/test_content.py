import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from support import article, image

from feedpub.content import entry_content, picture_html, related_html, sanitised_body
from feedpub.feed import RelatedLink

LINK = "https://www.example.com/news/a"
ADDRESSES = ("href", "src", "cite", "action", "formaction", "xlink:href", "poster", "srcset")


def content(body=None, *, body_format="html", lead=None, related=(), full=True, **fields):
    found = article(body=body, body_format=body_format, link=LINK, **fields)
    return entry_content(found, lead=lead, related=related, full=full)


def safe(body, body_format="html"):
    return sanitised_body(article(body=body, body_format=body_format, link=LINK))


def elements(fragment):
    """Return the elements of a fragment as a browser would see them."""
    return list(html.fragment_fromstring(fragment, create_parent="article").iterdescendants())


SCRIPTS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    '<a href="java\nscript:alert(1)">x</a>',
    '<a href=" \x01javascript:alert(1)">x</a>',
    '<a href="jav&#x09;ascript:alert(1)">x</a>',
    '<a href="&#106;avascript:alert(1)">x</a>',
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    '<math><mi//xlink:href="data:x,<script>alert(4)</script>">',
    '<style>@import "javascript:alert(1)"</style>',
    '<div style="background:url(javascript:alert(1))">x</div>',
    '<form action="javascript:alert(1)"><input type=submit></form>',
    '<object data="data:text/html,<script>alert(1)</script>"></object>',
    '<embed src="data:text/html;base64,PHNjcmlwdD4=">',
    '<base href="javascript:/a/+">',
    '<meta http-equiv=refresh content="0;url=javascript:alert(1)">',
    "<link rel=stylesheet href='data:,*%7bx:expression(alert(1))%7d'>",
    "]]><script>alert(1)</script><![CDATA[",
    "--><script>alert(1)</script><!--",
    "</textarea><script>alert(1)</script>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=x()&gt;'>",
    "<x onclick=alert(1)>",
    '<img src="data:image/svg+xml;base64,PHN2Zz4=">',
    "<video><source onerror=alert(1)></video>",
    "<details open ontoggle=alert(1)>x</details>",
    "<p>" * 500,
    '<a id="__proto__" name="x" class="y" target="_blank">x</a>',
    "[a](javascript:alert(1)) ![b](javascript:x) <javascript:alert(1)> [c](data:text/html,x)",
]


def assert_harmless(fragment):
    for element in elements(fragment):
        assert element.tag not in {"script", "style", "iframe", "object", "embed", "form", "svg"}
        assert element.tag not in {"math", "base", "meta", "link", "input", "video", "noscript"}
        for name, value in element.attrib.items():
            assert not name.startswith("on")
            assert name not in {"style", "id", "class", "target", "srcset", "srcdoc"}
            if name in ADDRESSES:
                assert value.startswith(("http://", "https://"))


@pytest.mark.parametrize("body", SCRIPTS)
@pytest.mark.parametrize("body_format", ["html", "markdown"])
def test_nothing_in_a_body_is_live(body, body_format):
    assert_harmless(safe(f"{body}\n\n<p>after</p>", body_format))


@given(
    st.lists(
        st.sampled_from(SCRIPTS)
        | st.sampled_from(["<", ">", '"', "'", "<p ", "<!--", "-->", "&lt;", "<a href=", "\0", "`"])
        | st.text(max_size=6),
        max_size=6,
    ).map("".join),
    st.sampled_from(["html", "markdown"]),
)
def test_nothing_in_any_body_is_live(body, body_format):
    assert_harmless(safe(body, body_format))


@given(st.lists(st.sampled_from(SCRIPTS) | st.text(max_size=10), max_size=4).map("".join))
def test_sanitising_twice_changes_nothing(body):
    once = safe(body)
    assert safe(once) == once


@pytest.mark.parametrize("body", ["<iframe></iframe>\ufeff", "<iframe></iframe>&#xFEFF;"])
def test_body_of_a_byte_order_mark_is_none(body):
    assert safe(body) == ""


@pytest.mark.parametrize("character", ["\0", "\x0b", "\x1b", "\ufffe", "\ud800", "\x9b"])
def test_characters_xml_forbids_leave_the_body(character):
    assert safe(f"<p>a{character}b</p>") == "<p>ab</p>"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<b>unclosed", "<b>unclosed</b>"),
        ("<p>a<p>b", "<p>a</p><p>b</p>"),
        ("R&D <5", "R&amp;D &lt;5"),
        ("<html><head><title>t</title></head><body><p>b</p></body></html>", "<p>b</p>"),
        ("<h2>t</h2><ul><li>a</li></ul><hr>", "<h2>t</h2><ul><li>a</li></ul><hr>"),
        ("<form><p>kept</p></form>", "<p>kept</p>"),
    ],
)
def test_body_becomes_a_well_nested_fragment(body, expected):
    assert safe(body) == expected


@pytest.mark.parametrize(
    ("address", "absolute"),
    [
        ("https://example.org/x?a=1#b", "https://example.org/x?a=1#b"),
        ("/x.html", "https://www.example.com/x.html"),
        ("x.html", "https://www.example.com/news/x.html"),
        ("../x.html", "https://www.example.com/x.html"),
        ("#part", "https://www.example.com/news/a#part"),
        ("?page=2", "https://www.example.com/news/a?page=2"),
        ("//cdn.example.net/x", "https://cdn.example.net/x"),
        ("https://example.org/a b", "https://example.org/a%20b"),
    ],
)
def test_addresses_are_resolved_against_the_article_s(address, absolute):
    assert safe(f'<a href="{address}">x</a>') == f'<a href="{absolute}">x</a>'


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('<img src="/p.png" alt="x">', '<img src="https://www.example.com/p.png" alt="x">'),
        ('<q cite="/s">x</q>', '<q cite="https://www.example.com/s">x</q>'),
        (
            '<blockquote cite="/s">x</blockquote>',
            '<blockquote cite="https://www.example.com/s">x</blockquote>',
        ),
    ],
)
def test_every_address_of_a_body_is_resolved(body, expected):
    assert safe(body) == expected


@pytest.mark.parametrize(
    "address", ["mailto:ana@example.org", "tel:123", "ftp://example.org/", "data:,x"]
)
def test_address_that_is_not_http_is_dropped_and_its_text_kept(address):
    assert safe(f'<a href="{address}">text</a>') == "<a>text</a>"


@pytest.mark.parametrize(
    ("markdown", "part"),
    [
        ("# Title", "<h1>Title</h1>"),
        ("*a* **b**", "<em>a</em> <strong>b</strong>"),
        ("[a](/b)", '<a href="https://www.example.com/b">a</a>'),
        ("![a](b.png)", '<img src="https://www.example.com/news/b.png" alt="a">'),
        ("|a|\n|-|\n|b|", "<td>b</td>"),
        ("~~a~~", "<s>a</s>"),
        ("a <b>b</b>", "<p>a <b>b</b></p>"),
        ("`<script>`", "<code>&lt;script&gt;</code>"),
        ("R&D 5 < 6", "<p>R&amp;D 5 &lt; 6</p>"),
    ],
)
def test_markdown_is_rendered(markdown, part):
    assert part in safe(markdown, "markdown")


def test_markdown_signs_in_html_stay():
    assert safe("<p>*a*</p>") == "<p>*a*</p>"


def test_body_is_the_content():
    assert content("<p>body</p>", summary="excerpt") == "<p>body</p>"


def test_excerpt_stands_in_for_a_missing_body():
    assert content(None, summary="a < b & c") == "<p>a &lt; b &amp; c</p>"


def test_excerpt_keeps_its_paragraphs():
    assert content(None, summary="one\n\ntwo") == "<p>one</p><p>two</p>"


def test_excerpt_is_the_content_on_request():
    assert content("<p>body</p>", summary="excerpt", full=False) == "<p>excerpt</p>"


def test_excerpt_stands_in_for_a_body_of_which_nothing_is_left():
    assert content("<script>x</script>", summary="excerpt") == "<p>excerpt</p>"


@pytest.mark.parametrize(
    "body",
    [
        '<div><iframe src="https://video.example.com/1"></iframe></div>',
        '<p><img src="data:image/png;base64,xx"></p>',
        "<p>&nbsp;</p>",
    ],
)
def test_excerpt_stands_in_for_a_body_of_which_only_empty_elements_are_left(body):
    assert "excerpt" in content(body, summary="excerpt")


@pytest.mark.parametrize("body", [None, "", " ", "<script>x</script>"])
def test_content_is_never_empty(body):
    assert content(body, summary=None, title="A & b") == f'<p><a href="{LINK}">A &amp; b</a></p>'


def test_lead_picture_comes_first():
    assert content("<p>body</p>", lead=image()) == (
        '<p><img src="https://images.example.com/a.jpg" alt=""></p><p>body</p>'
    )


def test_picture_alone_is_a_content():
    assert content(None, summary=None, lead=image()).startswith("<p><img ")


@pytest.mark.parametrize(
    ("url", "body"),
    [
        ("https://images.example.com/a.jpg", '<img src="https://images.example.com/a.jpg">'),
        ("https://www.example.com/a.jpg", '<img src="/a.jpg">'),
        (
            "https://images.example.com/a?b=1&c=2",
            '<img src="https://images.example.com/a?b=1&c=2">',
        ),
        ("https://images.example.com/it's", '<img src="https://images.example.com/it\'s">'),
    ],
)
def test_picture_that_the_body_shows_is_not_doubled(url, body):
    assert content(body, lead=image(url)).count("<img") == 1


@pytest.mark.parametrize(
    "body",
    [
        '<p><img src="https://images.example.com/a.jpg-thumbs/b.png"></p>',
        '<p><a href="https://images.example.com/a.jpg">full size</a></p>',
        "<p>From https://images.example.com/a.jpg</p>",
    ],
)
def test_picture_that_the_body_only_mentions_is_shown(body):
    assert '<img src="https://images.example.com/a.jpg"' in content(body, lead=image())


def test_picture_is_shown_with_the_excerpt():
    body = '<img src="https://images.example.com/a.jpg">'
    assert content(body, summary="x", lead=image(), full=False).startswith("<p><img ")


def test_picture_has_size_and_caption_where_they_are_known():
    assert picture_html(image(width=800, height=600, title='"A" & <b>')) == (
        '<p><img src="https://images.example.com/a.jpg" alt="&quot;A&quot; &amp; &lt;b&gt;"'
        ' width="800" height="600"></p>'
    )


def test_related_articles_come_last_with_their_providers():
    related = (
        RelatedLink(href="https://example.net/r?a=1&b=2", title="R & <s>", provider="A & B"),
        RelatedLink(href="https://example.net/t", title="T"),
    )
    assert content("<p>body</p>", related=related) == (
        '<p>body</p><p>Related:</p><ul><li><a href="https://example.net/r?a=1&amp;b=2">'
        'R &amp; &lt;s&gt;</a> (A &amp; B)</li><li><a href="https://example.net/t">T</a></li></ul>'
    )


def test_no_related_articles_leave_no_list():
    assert related_html(()) == ""


def test_text_is_escaped_without_numeric_references():
    assert "&#" not in content(None, summary="\"a\" & 'b' < c", title="'x'")
