"""The synthetic records of the benchmarks have the proportions of real ones."""

import re
import statistics
from collections import Counter

import pytest
import yaml

from benchmarks.corpus import generate, leads, record
from feedpub.limits import DEFAULT_LIMITS
from feedpub.sources.files import SourceFile
from feedpub.sources.readers import read_file

TOTAL = 5000


def texts(numbers, *, light=False):
    return [record(number, TOTAL, light=light, seed=1)[1] for number in numbers]


@pytest.fixture(scope="module")
def heavy():
    """Return the fields of some records, which share their stories."""
    return [yaml.load(text.split("\n---\n")[0], yaml.CSafeLoader) for text in texts(range(500))]


def url_of(text):
    return text.partition('\nwebUrl: "')[2].partition('"')[0]


def listed_in(text):
    return re.findall(r'\n    webUrl: "(.*)"', text)


def items(records):
    return [item for fields in records for item in fields.get("related", ())]


def test_no_record_of_half_a_million_is_to_come():
    name, _ = record(499_999, 500_000, light=True, seed=1)
    assert "2025" < name < "2026"


def test_lists_are_as_long_as_real_ones():
    lengths = [text.count("\n  - title:") for text in texts(range(TOTAL))]
    assert 31 < statistics.mean(lengths) < 35


def test_longest_list_names_each_other_record_of_the_largest_story():
    listed = {url_of(text): set(listed_in(text)) for text in texts(range(TOTAL))}
    url, longest = max(listed.items(), key=lambda item: (len(item[1]), item[0]))
    assert len(longest) == 179  # as in the longest real one, of 4,958 records
    assert {other for other, urls in listed.items() if url in urls} - {url} == longest - {url}


def test_most_bytes_are_those_of_lists():
    heavy, light = texts(range(500)), texts(range(500), light=True)
    assert len("".join(light)) < 0.08 * len("".join(heavy))


def test_records_of_a_story_list_one_another(heavy):
    listed = {
        fields["webUrl"]: {item["webUrl"] for item in fields.get("related", ())} for fields in heavy
    }
    for url, urls in listed.items():
        assert all(url in listed[other] for other in urls)


def test_same_item_is_in_many_lists_word_for_word(heavy):
    copies = Counter(map(repr, items(heavy)))
    assert len(copies) < len(items(heavy)) / 10
    assert len({item["webUrl"] for item in items(heavy)}) < len(copies)  # some lag behind


def test_texts_are_no_more_ascii_than_real_ones():
    found = {item for text in texts(range(TOTAL)) for item in text.split("\n  - title:")[1:]}
    assert 0.25 < sum(not item.isascii() for item in found) / len(found) < 0.4
    assert 0.005 < sum("\\" in item for item in found) / len(found) < 0.03


def test_each_story_has_one_record_that_leads_it(heavy):
    leading = {number for number in range(500) if leads(number, TOTAL, seed=1)}
    for number, fields in enumerate(heavy):
        urls = {fields["webUrl"], *(item["webUrl"] for item in fields.get("related", ()))}
        story = [n for n, other in enumerate(heavy) if other["webUrl"] in urls]
        assert number in story
        assert sum(n in leading for n in story) == 1


def test_revision_changes_what_editors_do_not():
    before, after = (record(7, TOTAL, light=False, seed=1, revision=n)[1] for n in (0, 1))
    changed = {
        line.partition(":")[0]
        for line, other in zip(before.splitlines(), after.splitlines(), strict=True)
        if line != other
    }
    assert changed == {"heat", "secured"}


def test_same_seed_gives_the_same_records(tmp_path):
    for name in "ab":
        generate(tmp_path / name, 3)
    a, b = ({p.name: p.read_bytes() for p in (tmp_path / n).iterdir()} for n in "ab")
    assert a == b
    assert len(a) == 3


def test_records_can_be_read(tmp_path):
    generate(tmp_path, 20)
    for path in tmp_path.iterdir():
        file = SourceFile(location=str(path), path=path.name, shown=path.name)
        [found] = read_file(file, DEFAULT_LIMITS)
        assert found.fields["title"]
