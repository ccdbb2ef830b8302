import re
import subprocess
import sys
import unicodedata
from html import escape

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from feedpub.text import (
    one_line,
    paragraphs,
    plain_text,
    shortened,
    without_forbidden,
    without_markup,
)

# XML 1.0 §2.2, Char.
XML_TEXT = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")

# Texts that look like markup, hold entities, and are full of odd characters.
PIECES = st.sampled_from(
    [
        "<", ">", "&", "</", "/>", "b", "script", "img src=x onerror=y", "&lt;", "&amp;", "&#8217;",
        "&nbsp;", "&#0;", "<!--", "-->", "<br>", " ", "\n", "\r\n", "\t", "\0", "\ud800",
        "\ufffe", "\u200b", "\u00ad", "\u202e", "\u2066", "\u2028", "\x85", "\u00a0",
        "\ufeff", "é", "👩\u200d👧",
    ]
)  # fmt: skip
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=12).map("".join))
CLEANERS = pytest.mark.parametrize("clean", [plain_text, one_line])


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("It&#8217;s", "It’s"),
        ("&quot;a&quot; &ndash; b", '"a" – b'),
        ("R&amp;D", "R&D"),
        ("R&D", "R&D"),
        ("5 &lt; 6", "5 < 6"),
        ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
        ("&amp;amp;", "&amp;"),
        ("&bogus; &", "&bogus; &"),
    ],
)
def test_entities_are_decoded_once(raw, text):
    assert one_line(raw) == text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("a <b>bold</b> word", "a bold word"),
        ("&lt;b&gt;bold&lt;/b&gt;", "bold"),
        ("<script>alert(1)</script>after", "after"),
        ("<STYLE>p{}</STYLE>after", "after"),
        ("<img src=x onerror=alert(1)>after", "after"),
        ("<svg/onload=alert(1)>after", "after"),
        ("a<!-- remark -->b", "ab"),
        ("<!DOCTYPE html>a", "a"),
        ("<?php x ?>a", "a"),
        ("<x onclick=alert(1)>a", "a"),
        ('<a href="https://example.org/">link</a>', "link"),
        ("cut <img src=x onerror=alert(1)", "cut"),
    ],
)
def test_markup_is_stripped(raw, text):
    assert one_line(raw) == text


@pytest.mark.parametrize(
    "text",
    [
        "<EXMP.O> fell",
        "<https://example.org>",
        "1 < 2 > 0",
        "a<b",
        "I <3 libraries",
        "list<string>",
        "x <- y",
        "if a < b and c > d",
    ],
)
def test_angle_brackets_that_are_text_stay(text):
    assert one_line(text) == text


def test_address_with_a_query_in_angle_brackets_stays():
    assert one_line("see <https://example.org/?a=b>") == "see <https://example.org/?a=b>"


@pytest.mark.parametrize(
    "raw",
    [
        "<scr<b>ipt>alert(1)</scr</b>ipt>",
        "<scr<script>x</script>ipt>alert(1)</script>",
        "&lt;scr&lt;b&gt;ipt&gt;x&lt;/script&gt;",
        "<<b>script>",
        "<scr\x00ipt>alert(1)</script>",
    ],
)
@CLEANERS
def test_stripping_markup_leaves_no_new_markup(raw, clean):
    assert not re.search(r"<\s*/?\s*script", clean(raw), re.IGNORECASE)


@pytest.mark.parametrize("mark", ["\u200b", "\u00ad", "\u2060", "\ufeff"])
@CLEANERS
def test_a_mark_that_is_dropped_hides_no_markup(mark, clean):
    assert clean(f"<{mark}script>alert(1)</{mark}script>") == ""


@pytest.mark.parametrize("mark", ["\u202e", "\u2066", "\u200f"])
def test_an_override_that_is_dropped_hides_no_markup(mark):
    assert one_line(f"<{mark}img src=x onerror=alert(1)>") == ""


def test_a_bracket_among_the_attributes_hides_no_markup():
    assert "onerror" not in one_line("<img src=x onerror=alert(1) < 5 >")


@pytest.mark.parametrize(
    "raw",
    [
        "<https://a.example/onclick=alert(1)>", "<https://onclick=alert(1)/>",
        "<https://example.org/ onclick=x>", "<x.y onclick=alert(1)>", "<script < 5 >alert(1)",
        "<!<b>-- <img src=x onerror=alert(1)> -->", "<scr<!-- a > b -->ipt>",
    ],
)  # fmt: skip
def test_disguised_markup_is_stripped(raw):
    assert not re.search(r"onclick|onerror|<\s*/?\s*script", one_line(raw))


def test_script_that_only_stripping_brings_to_light_is_dropped_whole():
    assert one_line("a <scr<b>ipt>alert(1)</script> b") == "a b"


def test_breaking_tags_separate_words():
    assert one_line("<p>one</p><p>two<br>three</p>") == "one two three"


@pytest.mark.parametrize("space", "\t\u00a0\u2007\u2009\u202f\u3000")
def test_odd_spaces_become_spaces(space):
    assert plain_text(f"a{space}b") == "a b"


@pytest.mark.parametrize("mark", ["\u00ad", "\u200b", "\u2060", "\ufeff"])
def test_zero_width_marks_are_dropped(mark):
    assert plain_text(f"li{mark}brary") == "library"


@pytest.mark.parametrize("text", ["👩\u200d👩\u200d👧", "می\u200cخواهم"])
def test_joiners_that_spell_stay(text):
    assert one_line(text) == text


@pytest.mark.parametrize(
    "character",
    [
        "\0", "\x08", "\x0b", "\x1b", "\x7f", "\x9b", chr(0xD800), chr(0xDFFF), "\ufdd0", "\ufffd",
        "\ufffe", "\uffff", "\U0001fffe", "\U0010ffff",
    ],
)  # fmt: skip
@CLEANERS
def test_characters_no_author_meant_are_dropped(character, clean):
    assert clean(f"a{character}b").replace(" ", "") == "ab"


@pytest.mark.parametrize("reference", ["&#0;", "&#x1;", "&#xD800;", "&#xFFFE;", "&#99999999999;"])
@CLEANERS
def test_references_to_forbidden_characters_leave_nothing(reference, clean):
    assert clean(f"a{reference}b") == "ab"


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r", "\u2028", "\u2029", "\x85"])
def test_every_kind_of_line_break_is_one(line_break):
    assert plain_text(f"a{line_break}b") == "a\nb"


def test_many_blank_lines_are_one():
    assert plain_text("a\n \n\t\n\n b") == "a\n\nb"


@pytest.mark.parametrize("mark", ["\u200e", "\u200f", "\u202e", "\u2066", "\u2069"])
def test_titles_hold_no_marks_that_reorder(mark):
    assert one_line(f"a{mark}b") == "ab"


def test_paragraphs_keep_the_marks_of_right_to_left_text():
    assert plain_text("a\u200fb") == "a\u200fb"


def test_blank_lines_separate_paragraphs():
    assert paragraphs("one\nstill one\n\n\n\ntwo\n\n") == ("one\nstill one", "two")


def test_blank_text_has_no_paragraphs():
    assert paragraphs(" \n\n ") == ()


@given(TEXTS)
@CLEANERS
def test_cleaned_text_holds_only_characters_of_xml(clean, raw):
    assert XML_TEXT.fullmatch(clean(raw))


@given(TEXTS)
@CLEANERS
def test_cleaned_text_survives_xml(clean, raw):
    element = etree.Element("title")
    element.text = clean(raw)
    assert (etree.fromstring(etree.tostring(element)).text or "") == clean(raw)


@given(TEXTS)
def test_a_line_survives_an_xml_attribute(raw):
    element = etree.Element("link", title=one_line(raw))
    assert etree.fromstring(etree.tostring(element)).get("title") == one_line(raw)


@given(TEXTS)
def test_a_line_has_no_line_breaks_and_no_double_blanks(raw):
    line = one_line(raw)
    assert line == " ".join(line.split())


@given(TEXTS)
def test_a_line_holds_nothing_that_could_forge_a_log(raw):
    assert not {unicodedata.category(c) for c in one_line(raw)} & {"Cc", "Cs", "Zl", "Zp"}


@given(TEXTS)
def test_stripping_markup_twice_changes_nothing(raw):
    assert without_markup(without_markup(raw)) == without_markup(raw)


@given(TEXTS)
def test_dropping_forbidden_characters_twice_changes_nothing(raw):
    assert without_forbidden(without_forbidden(raw)) == without_forbidden(raw)


@given(st.text(alphabet="ab <>&;\n\"'lt#38", max_size=40))
@example("&lt;b&gt;")
def test_escaped_plain_text_reads_as_itself(raw):
    text = plain_text(raw)
    assert plain_text(escape(text)) == text


@given(st.text(max_size=60), st.integers(min_value=1, max_value=50))
def test_shortened_text_is_never_longer_than_the_limit(text, limit):
    assert len(shortened(text, limit)) <= limit


@given(st.text(max_size=40))
@settings(max_examples=50)
def test_text_within_the_limit_stays_whole(text):
    assert shortened(text, len(text) + 1) == text


def test_text_is_cut_between_words():
    assert shortened("one two three four", 15) == "one two three…"


@pytest.mark.parametrize(
    "cluster",
    [
        "e\u0301",
        "👩\u200d🔧",
        "❤\ufe0f",
        "👍🏽",
        "🇺🇳",
    ],
)
def test_combined_characters_are_not_cut(cluster):
    text = "a" * 10 + cluster + "b" * 10
    cut = [shortened(text, limit)[:-1] for limit in range(8, len(text))]
    whole = [text[: 10 + len(cluster) + extra] for extra in range(10)]
    assert all(head in whole or set(head) == {"a"} for head in cut)


@pytest.mark.parametrize(
    "raw",
    [
        "'<!--' * 50_000",
        "'<script>' * 25_000",
        "'<' * 200_000 + '>'",
        "'<b <' * 50_000 + '>' * 50_000",
        "'<x ' * 50_000 + '= < >'",
        "'<b ' * 50_000 + '>' * 50_000",
    ],
)
def test_unclosed_markup_does_not_stop_the_run(raw):
    code = f"from feedpub.text import plain_text; plain_text({raw})"
    subprocess.run([sys.executable, "-c", code], timeout=60, check=True)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("x <script y", "x"),
        ("x <SCRIPT/", "x"),
        ("x <b/", "x"),
        ("x <c onclick=y", "x"),
        ("x <c< ON =y", "x"),
        ("x <1 <c/href=y", "x <1"),
        ("x <c y", "x <c y"),
        ("P(x <y) = 1", "P(x <y) = 1"),
        ("<c y <d z = 1", "<c y <d z = 1"),
    ],
)
def test_a_tag_that_never_ends_goes_if_it_could_come_alive(raw, shown):
    assert one_line(raw) == shown


@pytest.mark.parametrize(
    "raw", ["\u200c", "\u200d \u200c", "\ufe0f", "\u0301", "\ue000"], ids=ascii
)
def test_a_line_of_which_nothing_can_be_seen_is_empty(raw):
    assert one_line(raw) == ""


@pytest.mark.parametrize("element", ["link", "base", "form", "select", "button", "iframe", "meta"])
def test_unclosed_tag_that_needs_no_attribute_is_cut(element):
    assert plain_text(f"before <{element} !DOC") == "before"


def test_unclosed_tag_that_does_nothing_without_attributes_is_text():
    assert plain_text("1 <b 2 and a <p") == "1 <b 2 and a <p"
