"""The related list that is split off unparsed means what the parser would make of it."""

from datetime import UTC

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import CORPUS, needs_corpus

from feedpub.limits import DEFAULT_LIMITS
from feedpub.parts import embedded
from feedpub.sources import related_block
from feedpub.sources.front_matter import _embedded, _fields_around, _links_in, split
from feedpub.sources.related_block import find_block, parse_item, proven_items
from feedpub.tree import Mapping, parse_yaml

BLOCK = """\
related:
  - title: "One \\"quoted\\" title"
    excerpt: ""
    publishedDateTime: 2024-01-29T10:36:00Z
    webUrl: "https://www.example.net/article/77"
    type: article
    provider:
      name: Example Net - Latest
      domain: example.net
      images:
        - url: "https://static.example.org/a.jpg"
          width: 50
          height: 50
    quality: -57
    images:
      - url: "https://images.example.net/large.jpg?auto=webp&quality=85,70"
        width: 1200
        height: 800
        isCached: true
  - title: No
    webUrl: "https://www.example.org/b"
"""


def kinds(node):
    if isinstance(node, Mapping):
        return {key: kinds(value) for key, value in node.items()}
    return [kinds(item) for item in node] if isinstance(node, list) else (type(node), str(node))


def assert_means_the_same(header):
    """Check the short way against the full parse, types included; tell whether it was taken."""
    parts = split(f"---\n{header}---\n".encode(), DEFAULT_LIMITS, whole=False)
    short = _fields_around(parts, DEFAULT_LIMITS) if parts.related else None
    if short is None:
        return False
    [whole] = parse_yaml(header, first_line=2)
    listed = whole.pop("related")
    del whole.lines["related"]
    assert [kinds(parse_item(item)) for item in parts.related.items()] == kinds(listed)
    assert (kinds(short), short.lines) == (kinds(whole), whole.lines)
    assert_sketches_rank_the_same(parts.related, listed)
    items = [item[0] for item in parts.related.items()]
    assert [item[0] for item in proven_items(f"---\n{header}---\n")] == items
    return True


def assert_sketches_rank_the_same(block, listed):
    """Check that what is known of an item before it is read is what reading it gives."""
    base, items = "https://feeds.example.org/", list(block.items())
    ranked = [_embedded(item, base, UTC, DEFAULT_LIMITS) for item in items]
    full = [embedded(node, base, UTC, DEFAULT_LIMITS) for node in listed]
    assert list(map(facts, ranked)) == list(map(facts, full))
    assert _links_in(block, DEFAULT_LIMITS, base) == [item.link for item in full if item]


def facts(item):
    return item and (item.link, item.quality, item.who, item.withheld, item.full())


def test_list_of_the_known_shape_is_split_off():
    assert assert_means_the_same(f'title: "a"\n\n{BLOCK}\nsecured: "x"\n')


def test_list_at_the_end_is_split_off():
    assert assert_means_the_same(f'title: "a"\n{BLOCK}')


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    type: article\n", "    type: [article]\n"),
        ("    type: article\n", "    type: article # a kind\n"),
        ("    type: article\n", "    type: &a article\n"),
        ("    type: article\n", "    type: a: b\n"),
        ("    type: article\n", '    type: "article\n'),
        ("    type: article\n", "    type: article\n    type: video\n"),
        ("    type: article\n", "\ttype: article\n"),
        ("    type: article\n", "    <<: {a: b}\n"),
        ('excerpt: ""', "excerpt: |\n      text"),
        ('excerpt: ""', 'excerpt: "\\x41"'),
        ('excerpt: ""', 'excerpt: "a\\nsecured: 4JkpfCGj8tVbkbazyLrc=="'),
        ("  - title: No\n", "  - No\n"),
        ("  - title: No\n", "   - title: No\n"),
        ("related:\n", "related: # all\n"),
    ],
)
def test_any_doubt_leaves_the_list_to_the_parser(old, new):
    header = f'title: "a"\n{BLOCK}secured: "x"\n'.replace(old, new, 1)
    assert header.count(new) == 1
    assert find_block(f"---\n{header}---\n".encode()) is None


@pytest.mark.parametrize(
    "behind", ["topics:\n  - AI\n", 'images:\n  - url: "https://example.com/a.jpg"\n']
)
def test_list_before_another_list_is_split_off(behind):
    assert assert_means_the_same(f'title: "a"\n{BLOCK}{behind}secured: "x"\n')


def test_list_before_another_one_of_titles_is_left_to_the_parser():
    header = f'title: "a"\n{BLOCK}actions:\n  - title: "b"\n    url: "https://example.com/"\n'
    assert not assert_means_the_same(header)


def listing(*titles):
    items = (f'  - title: "{title}"\n    webUrl: "https://example.org/"\n' for title in titles)
    return f"---\nrelated:\n{''.join(items)}---\n".encode()


@pytest.fixture
def proofs(monkeypatch):
    """Begin with nothing known; return how many items had to prove themselves, list by list."""
    monkeypatch.setattr(related_block, "_KNOWN", {})
    numbers = []
    prove = related_block._prove

    def counted(items):
        numbers.append(len(items))
        return prove(items)

    monkeypatch.setattr(related_block, "_prove", counted)
    return numbers


def test_item_that_is_in_several_lists_proves_itself_once(proofs):
    for titles in ("ab", "bc", "acb"):
        addresses = find_block(listing(*titles)).addresses(9, 2000)
        assert addresses == ["https://example.org/"] * len(titles)
    assert proofs == [2, 1]


def test_known_items_prove_nothing_for_what_is_between_them(proofs):
    assert find_block(listing("a", "b"))
    for between in ("    type: [article]\n", "    webUrl: again\n", "  - No\n", "x: y\n"):
        data = listing("a", "b").replace(b'  - title: "b', between.encode() + b'  - title: "b')
        assert find_block(data) is None
    assert proofs[0] == 2


def test_known_items_are_few_and_short(monkeypatch, proofs):
    monkeypatch.setattr(related_block, "_MAX_KNOWN", 10)
    for number in range(0, 100, 2):
        assert find_block(listing(f"{number}", f"{number + 1}"))
        assert len(related_block._KNOWN) <= 12
    for _ in range(2):
        assert find_block(listing("a" * 3000, "b" * 10))
    assert proofs[-2:] == [2, 1]


@needs_corpus
def test_real_records_mean_the_same_either_way():
    found = 0
    for location in sorted(CORPUS.glob("*/_news/*.md")):
        header = split(location.read_bytes(), DEFAULT_LIMITS).header
        found += assert_means_the_same(header)
    assert found >= 59


LINES = BLOCK.splitlines(keepends=True)
EDITS = st.lists(
    st.tuples(
        st.integers(0, len(LINES) - 1),
        st.sampled_from(["drop", "twice", "swap", "char"]),
        st.integers(0, 40),
        st.sampled_from([*"\"'\\:#-[]{}&*!|>%@`, \tü\u2028\x85", "\n", ": ", " #"]),
    ),
    min_size=1,
    max_size=3,
)


@settings(max_examples=300)
@given(EDITS)
def test_mutated_list_goes_the_long_way_or_means_the_same(edits):
    lines = list(LINES)
    for at, what, column, character in edits:
        index = at % len(lines)
        if what == "drop" and len(lines) > 1:
            del lines[index]
        elif what == "twice":
            lines.insert(index, lines[index])
        elif what == "swap":
            lines[index - 1], lines[index] = lines[index], lines[index - 1]
        else:
            line = lines[index]
            lines[index] = line[:column] + character + line[column:]
    header = 'title: "a"\n' + "".join(lines) + 'secured: "x"\n'
    assert_means_the_same(header)
