"""Feed rules §8: HTML inside feeds."""

import pytest
from feed_checks import ENCODED, html_faults, parse_json
from hypothesis import given, settings
from hypothesis import strategies as st
from support import article, image, record

from feedpub.content import entry_content

# Deterministic: the same examples on every machine, nothing written beside the project.
steadily = settings(max_examples=60, database=None, derandomize=True)


def content_of(workspace, body, name="a.html"):
    workspace.write(name, record(body=body))
    workspace.build()
    (item,) = parse_json(workspace.destination.files["all/feed.json"])["items"]
    return item["content_html"]


@pytest.mark.rule(85)
def test_every_fragment_is_nested_escaped_and_of_known_elements(feeds):
    fragments = set(feeds.fragments)
    assert {
        fragment: html_faults(fragment) for fragment in fragments if html_faults(fragment)
    } == {}


@pytest.mark.rule(85)
def test_fragment_has_no_head_and_no_body(site):
    content = site.item("hostile").findtext(ENCODED)
    assert content.startswith("<p>A &amp; B &lt; C ]]&gt; ")


@pytest.mark.rule(85)
@pytest.mark.parametrize(
    ("body", "content"),
    [
        ("<b><i>x</b>y</i>", "<b><i>x</i></b><i>y</i>"),
        ("<ul><li>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>"),
        ("<p>a<div>b</p></div>", "<p>a</p><div>b<p></p></div>"),
        ("<table><tr><td>c", "<table><tbody><tr><td>c</td></tr></tbody></table>"),
        ("<p>A & B < C</p>", "<p>A &amp; B &lt; C</p>"),
        ("<p>&copy;&#8217;&nbsp;&amp;lt;</p>", "<p>©’&nbsp;&amp;lt;</p>"),
        ("<center><font color=red>x</font></center>", "x"),
        ("<p>x<br/>y<hr></p>", "<p>x<br>y</p><hr><p></p>"),
        ("<!-- a --><p>x</p><?php y ?>", "<p>x</p>"),
        ("<plaintext>a<b>", "a&lt;b&gt;"),
    ],
)
def test_tag_soup_becomes_strict_html(workspace, body, content):
    assert content_of(workspace, body) == content


PIECES = st.sampled_from(
    """<p> </p> <div> </div> <b> </b> <i> </i> <a href="/x?a=1&b=2"> </a> <ul> <li> </ul> <table>
    <tr> <td> </table> <img src="p.png" alt="<&>"> <br> <hr/> <h2> </h2> <pre> </pre> <script>
    </script> <style> </style> <svg> </svg> <math> </math> <title> </title> <!-- --> <![CDATA[ ]]>
    <?x ?> <!DOCTYPE&#32;html> <body&#32;onload=x> </body> <select> <option> </select>
    <p&#32;onclick='x'>
    <a&#32;href=javascript:x> <textarea> </textarea> <noscript> </noscript> <EXMP.O> < > & &amp;
    &lt;
    &#8217; &nbsp; " ' text **bold** `code` ]]&gt; [l](/m) ![i](n.png) | # > - 👩‍🔧 é""".split()
)


@pytest.mark.rule(85, 86, 87)
@steadily
@given(
    pieces=st.lists(
        PIECES | st.text(st.characters(exclude_categories=["Cs"]), max_size=4), max_size=25
    ),
    separator=st.sampled_from(["", " ", "\n", "\n\n"]),
    body_format=st.sampled_from(["html", "markdown"]),
)
def test_any_body_becomes_a_clean_fragment(pieces, separator, body_format):
    body = separator.join(piece.replace("&#32;", " ") for piece in pieces)
    made = article(body=body, body_format=body_format)
    assert html_faults(entry_content(made, lead=None, related=(), full=True)) == []


@pytest.mark.rule(86)
@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<iframe src='https://www.example.com/'></iframe>",
        "<object data='/x'></object>",
        "<embed src='/x'>",
        "<style>p{position:fixed}</style>",
        "<link rel='stylesheet' href='/x'>",
        "<meta http-equiv='refresh' content='0'>",
        "<form action='/x'><input></form>",
        "<base href='https://www.example.net/'>",
        "<svg onload='alert(1)'></svg>",
        "<math><mtext><script>alert(1)</script></mtext></math>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        "<video src='/x'></video>",
        "<template><script>alert(1)</script></template>",
        "<!--[if IE]><script>x</script><![endif]-->",
    ],
)
@pytest.mark.parametrize("name", ["a.html", "a.md"])
def test_element_that_acts_is_gone_and_the_rest_stays(workspace, name, hostile):
    content = content_of(workspace, f"<p>before</p>\n\n{hostile}\n\n<p>after</p>\n", name)
    assert html_faults(content) == []
    assert content.startswith("<p>before</p>")
    assert content.endswith("<p>after</p>")


@pytest.mark.rule(86)
@pytest.mark.parametrize(
    "attribute",
    [
        "onclick='x'",
        "ONERROR=x",
        "style='position:fixed'",
        "class=x",
        "id=x",
        "srcset='/a 2x'",
        "formaction='/x'",
        "data-x=1",
        "target=_blank",
        "background='/x'",
    ],
)
@pytest.mark.parametrize("element", ["p", "a", "img", "td", "blockquote"])
def test_attribute_that_acts_is_gone(workspace, element, attribute):
    content = content_of(workspace, f"<table><tr><td><{element} {attribute}>x")
    assert attribute.partition("=")[0].lower() not in content


@pytest.mark.rule(87)
@pytest.mark.parametrize(
    ("written", "absolute"),
    [
        ("/a", "https://www.example.com/a"),
        ("a", "https://www.example.com/news/a"),
        ("../a", "https://www.example.com/a"),
        ("//cdn.example.net/a", "https://cdn.example.net/a"),
        ("?a=1&b=2", "https://www.example.com/news/repair-kits?a=1&amp;b=2"),
        ("#a", "https://www.example.com/news/repair-kits#a"),
        ("https://www.example.net/a b’", "https://www.example.net/a%20b%E2%80%99"),
        (" https://www.example.net/a ", "https://www.example.net/a"),
    ],
)
@pytest.mark.parametrize(
    ("element", "attribute"), [("a", "href"), ("img", "src"), ("blockquote", "cite"), ("q", "cite")]
)
def test_address_in_a_body_is_resolved_against_the_article(
    workspace, element, attribute, written, absolute
):
    content = content_of(workspace, f'<{element} {attribute}="{written}">x')
    alt = ' alt=""' if element == "img" else ""  # rule 88
    assert f'<{element} {attribute}="{absolute}"{alt}>' in content


@pytest.mark.rule(87)
@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "data:image/png;base64,A", "mailto:a@example.com", "&#106;avascript:x"],
)
@pytest.mark.parametrize(("element", "attribute"), [("a", "href"), ("img", "src")])
def test_address_of_another_scheme_is_dropped(workspace, element, attribute, address):
    content = content_of(workspace, f'<p>x</p><{element} {attribute}="{address}">y')
    assert f"{attribute}=" not in content


@pytest.mark.rule(88)
def test_lead_picture_has_alternative_text_and_its_size(site):
    assert (
        site.item("addresses")
        .findtext(ENCODED)
        .startswith(
            '<p><img src="https://images.example.com/a%20b/laptop%E2%80%99s.jpg?auto=webp&amp;quality=85,70"'
            ' alt="The “laptop” &amp; &lt;EXMP.O&gt;" width="1200" height="800"></p>'
        )
    )


@pytest.mark.rule(88)
def test_lead_picture_without_caption_has_an_empty_alternative_text():
    made = entry_content(article(), lead=image(), related=(), full=True)
    assert made.startswith('<p><img src="https://images.example.com/a.jpg" alt=""></p>')


@pytest.mark.rule(88)
def test_alternative_text_and_size_of_a_picture_in_a_body_stay(workspace):
    content = content_of(workspace, '<img src="/a.png" alt="A &amp; B" width="1" height="2">')
    assert (
        content == '<img src="https://www.example.com/a.png" alt="A &amp; B" width="1" height="2">'
    )


@pytest.mark.rule(88)
def test_picture_in_a_body_without_alternative_text_gets_an_empty_one(workspace):
    assert 'alt=""' in content_of(workspace, '<img src="/a.png">')


@pytest.mark.rule(88)
@pytest.mark.parametrize("address", ["data:image/png;base64,AAAA", "javascript:alert(1)", ""])
def test_picture_in_a_body_without_usable_address_is_dropped(workspace, address):
    assert "<img" not in content_of(workspace, f'<p>x <img src="{address}" alt="y"></p>')


@pytest.mark.rule(89)
def test_no_marked_section_is_used(feeds):
    assert [path for path in feeds.xml if b"<![CDATA[" in feeds.files[path]] == []


@pytest.mark.rule(89)
@pytest.mark.parametrize("format", ["rss", "atom", "json"])
def test_end_of_a_marked_section_survives_in_a_text(site, format):
    title = {
        "rss": lambda: site.item("cdata").findtext("title"),
        "atom": lambda: site.entry("cdata").findtext("{http://www.w3.org/2005/Atom}title"),
        "json": lambda: site.json_item("cdata")["title"],
    }[format]()
    assert title == "Ends ]]> in the middle"
