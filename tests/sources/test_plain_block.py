"""Front matter of the plainest shape means what the parser would make of it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import CORPUS, PROJECT, needs_corpus

from feedpub.errors import RecordError
from feedpub.limits import DEFAULT_LIMITS
from feedpub.sources.front_matter import split
from feedpub.sources.plain_block import _KNOWN, parse_plain
from feedpub.tree import Mapping, parse_yaml

PLAIN = """\
category: news
title: "A \\"quoted\\" title"
publishedDateTime: 2024-01-30T13:53:00Z
heat: -1

provider:
  name: Example Net - Latest
  images:
    - url: "https://static.example.org/a.jpg"
      width: 50
    - url: b.jpg
topics:
- Libraries
- C++
images:
  - url: c.jpg
secured: "4JkpfCGj8tVbkbazyLrc=="
"""


def described(node):
    """Return a node with the kinds of its texts and the lines of its parts."""
    if isinstance(node, Mapping):
        return {key: described(value) for key, value in node.items()}, node.lines
    if isinstance(node, list):
        return [described(item) for item in node], node.lines
    return type(node), str(node)


def assert_means_the_same(text):
    """Check the short way against the parser; tell whether it was taken."""
    short = parse_plain(text, first_line=2)
    if short is None:
        return False
    assert [described(short)] == [described(node) for node in parse_yaml(text, first_line=2)]
    return True


def test_plain_front_matter_is_read_without_the_parser():
    assert assert_means_the_same(PLAIN)


def test_secret_is_dropped():
    assert "secured" not in parse_plain(PLAIN)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "just a text\n",
        "a: b\na: c\n",
        "a: [b]\n",
        "a: b: c\n",
        "a: b #c\n",
        "a: &b c\n",
        "a: *b\n",
        "a: !!int 1\n",
        "a: |\n  b\n",
        "a: b\n  c\n",
        "a: b\n c: d\n",
        "a:\nb: c\n",
        "a:\n",
        "a:\n  - b: c\n   d: e\n",
        "a:\n  - b:\n      c: d\n",
        "a:\n   - b\n  - c\n",
        "- a\n",
        "<<: a\n",
        'a: "b\n  c"\n',
        'a: "\\x41"\n',
        "a: 'b'\n",
        "a: b \n",
        "a:\tb\n",
        "a: b\r\n",
        "a: b\n---\n",
        "secured:\n  a: b\n",
        'title: "a secured: 4JkpfCGj8tVbkbazyLrc=="\n',
    ],
)
def test_any_doubt_leaves_the_text_to_the_parser(text):
    assert parse_plain(text) is None


@needs_corpus
def test_real_front_matter_means_the_same_either_way():
    taken = 0
    for location in sorted(CORPUS.glob("*/_news/*.md")):
        header = split(location.read_bytes(), DEFAULT_LIMITS).header
        taken += assert_means_the_same(header)
    assert taken > 500


def test_sample_records_mean_the_same_either_way():
    for location in sorted((PROJECT / "articles").glob("*.md")):
        try:
            header = split(location.read_bytes(), DEFAULT_LIMITS).header
        except RecordError:
            continue
        assert_means_the_same(header)


PIECES = st.sampled_from(
    ("a", "b", "url", "secured", ":", ": ", "- ", " ", "  ", "\n", "\n  ", "\n    ", '"', "\\", "#",
     "x y", "1", "-5", "null", "~", "a: b", "a:\n  - b", "\n- c", "[", "{", "|", "é", "\u2028")
)  # fmt: skip


@settings(max_examples=600)
@given(st.lists(PIECES, max_size=24).map("".join))
def test_texts_of_any_shape_mean_the_same_or_go_to_the_parser(text):
    assert_means_the_same(text)


LINES = PLAIN.splitlines(keepends=True)


@settings(max_examples=300)
@given(
    st.lists(st.tuples(st.integers(0, len(LINES) - 1), st.integers(0, 6)), max_size=4),
    st.permutations(range(len(LINES))) | st.just(list(range(len(LINES)))),
)
def test_lines_moved_and_indented_mean_the_same_or_go_to_the_parser(edits, order):
    lines = [LINES[number] for number in order]
    for number, spaces in edits:
        lines[number] = " " * spaces + lines[number].lstrip(" ")
    assert_means_the_same("".join(lines))


@pytest.mark.parametrize(
    "header", ['secured: "4JkpfCGj8tVbkbazyLrc=="', "secured:\n  - 4JkpfCGj8tVbkbazyLrc"]
)
def test_no_secret_is_remembered_as_a_line(header):
    parse_plain(f"title: A\n{header}\nquality: 1\n")
    assert not [line for line in _KNOWN if "ecured" in line or "4Jk" in line]
