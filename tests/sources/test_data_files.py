import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedpub.errors import Problem
from feedpub.limits import DEFAULT_LIMITS
from feedpub.records import Record
from feedpub.sources.files import FileSource
from feedpub.sources.readers import READERS, read_file


@pytest.fixture
def read(tmp_path):
    """Return a reader of one file that is all a source has."""

    def read_one(name, text, **source):
        location = tmp_path / name
        location.write_bytes(text if isinstance(text, bytes) else text.encode())
        files = FileSource(pattern=str(location), shown=f"data/{name}", **source)
        return [found for file in files.files(READERS) for found in read_file(file, DEFAULT_LIMITS)]

    return read_one


def paths(found):
    return [record.path for record in found if isinstance(record, Record)]


def titles(found):
    return [record.fields["title"] for record in found if isinstance(record, Record)]


def problems(found):
    return [str(problem) for problem in found if isinstance(problem, Problem)]


def listing(*items):
    return json.dumps(list(items))


# Shapes


@pytest.mark.parametrize(
    ("name", "text"),
    [("a.yaml", "title: x\n"), ("a.yml", "title: x"), ("a.json", '{"title": "x"}')],
)
def test_file_of_one_record_is_that_record(read, name, text):
    [record] = read(name, text)
    assert (record.fields, record.path, record.source) == ({"title": "x"}, "a", f"data/{name}")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.yaml", "- title: x\n- title: y\n"),
        ("a.yaml", "---\ntitle: x\n---\ntitle: y\n"),
        ("a.yaml", "value:\n  - title: x\n  - title: y\n"),
        ("a.json", '[{"title": "x"}, {"title": "y"}]'),
        ("a.json", '{"value": [{"title": "x"}, {"title": "y"}]}'),
        ("a.json", '{"version": "1", "items": [{"title": "x"}, {"title": "y"}]}'),
        ("a.jsonl", '{"title": "x"}\n{"title": "y"}\n'),
        ("a.ndjson", '{"title": "x"}\r\n\n{"title": "y"}'),
    ],
)
def test_file_of_many_records_is_all_of_them(read, name, text):
    assert titles(read(name, text)) == ["x", "y"]


@pytest.mark.parametrize("text", ['{"title": "x", "value": 5}', '{"title": "x", "items": ["a"]}'])
def test_record_with_a_field_called_like_a_page_s_is_a_record(read, text):
    assert titles(read("a.json", text)) == ["x"]


@pytest.mark.parametrize("text", ['{"value": []}', "[]"])
def test_empty_page_has_no_records(read, text):
    assert read("a.json", text) == []


@pytest.mark.parametrize(
    ("name", "text"), [("a.yaml", ""), ("a.yaml", "---\n---\n"), ("a.jsonl", "\n")]
)
def test_empty_file_has_no_records(read, name, text):
    assert read(name, text) == []


def test_lines_of_listed_records_are_known_in_yaml(read):
    found = read("a.yaml", "- title: x\n  date: 1\n\n- title: y\n")
    assert [record.line for record in found] == [1, 4]


def test_lines_of_json_lines_are_known(read):
    assert [record.line for record in read("a.jsonl", '{"a": 1}\n\n{"a": 2}\n')] == [1, 3]


def test_places_of_listed_records_are_known_in_json(read):
    found = read("a.json", '[{"title": "x"}, {"title": "y"}]')
    assert [record.source for record in found] == ["data/a.json[0]", "data/a.json[1]"]


# Defects


def test_bad_line_costs_no_other_line_its_place(read):
    found = read("a.jsonl", '{"title": "x"}\n{bad\n[1]\n5\n{"title": "y"}\n')
    assert titles(found) == ["x", "y"]
    assert [problem.split(": ")[0] for problem in problems(found)] == [
        "data/a.jsonl:2",
        "data/a.jsonl:3",
        "data/a.jsonl:4",
    ]


def test_item_that_is_no_record_costs_no_other_item_its_place(read):
    found = read("a.yaml", "- title: x\n- hello\n- [a]\n- title: y\n")
    assert (titles(found), problems(found)) == (
        ["x", "y"],
        ["data/a.yaml:2: item 1 is not a record", "data/a.yaml:3: item 2 is not a record"],
    )


def test_first_item_that_is_no_record_is_named(read):
    [problem] = problems(read("a.json", '["hello", {"title": "y"}]'))
    assert "0" in problem


@pytest.mark.parametrize("text", ["title: x\n---\nhello\n", "hello\n---\ntitle: x\n"])
def test_document_that_is_no_record_costs_no_other_document_its_place(read, text):
    assert titles(read("a.yaml", text)) == ["x"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.yaml", "- title: x\n- title: y\n  title: z\n"),
        ("a.yaml", "title: x\n---\ntitle: y\ntitle: z\n"),
        ("a.yaml", "- title: x\n- title: &y y\n  excerpt: *y\n"),
        ("a.yaml", f"- title: x\n- deep: {'[' * 20}{']' * 20}\n"),
        ("a.json", '[{"title": "x"}, {"title": "y", "title": "z"}]'),
        ("a.json", f'[{{"title": "x"}}, {{"deep": {"[" * 20}{"]" * 20}}}]'),
    ],
)
def test_defect_of_one_record_costs_no_other_its_place(read, name, text):
    assert "x" in titles(read(name, text))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", "5"),
        ("a.json", '"x"'),
        ("a.json", "null"),
        ("a.yaml", "hello\n"),
        ("a.json", ""),
        ("a.json", '{"title": '),
        ("a.yaml", "title: [x\n"),
        ("a.json", b'{"title": "caf\xe9"}'),
        ("a.json", b"\xff\xfe{\x00}\x00"),
    ],
)
def test_file_that_holds_no_record_is_a_problem(read, name, text):
    found = read(name, text)
    assert (len(problems(found)), titles(found)) == (1, [])


def test_template_that_is_no_json_is_named(read):
    [problem] = read("a.json", "---\nlayout: none\n---\n[{% for post in site.posts %}]\n")
    assert (problem.code, problem.message) == ("json", "front matter, not JSON")


def test_byte_order_mark_is_no_defect(read):
    assert titles(read("a.json", '\ufeff{"title": "x"}')) == ["x"]


def test_secrets_of_listed_records_are_dropped(read):
    found = read(
        "a.json", listing({"title": "x", "Secured": "CANARY", "r": [{"secured": "CANARY"}]})
    )
    assert "CANARY" not in repr(found)


def test_secret_of_a_bad_line_is_not_told(read):
    assert "CANARY" not in repr(read("a.jsonl", '{"secured": "CANARY", "secured": "CANARY"}\n'))


# Identity


@pytest.mark.parametrize(
    ("item", "own"),
    [
        ({"id": "x-1"}, "x-1"),
        ({"id": 17}, "17"),
        ({"guid": "g"}, "g"),
        ({"_id": "u"}, "u"),
        ({"path": "_news/2026-01-30-a.md"}, "_news/2026-01-30-a"),
        ({"path": "/x/a.html"}, "x/a"),
        ({"slug": "kits"}, "kits"),
        ({"id": "x", "_id": "u", "path": "p", "slug": "s"}, "x"),
        ({"_id": "u", "path": "p", "slug": "s"}, "u"),
        ({"path": "p", "slug": "s"}, "p"),
        ({"id": None, "slug": "s"}, "s"),
    ],
)
def test_listed_record_is_told_by_its_own_id_path_or_slug(read, item, own):
    assert paths(read("a.json", listing(item | {"title": "x"}))) == [f"a/{own}"]


def test_records_of_a_page_move_between_files(read):
    page = json.dumps({"value": [{"id": "x", "title": "x"}]})
    assert paths(read("page1.json", page)) == paths(read("page2.json", page)) == ["x"]


def test_records_of_two_lists_are_told_apart_by_their_files(read):
    text = listing({"id": "x"})
    assert paths(read("a.json", text)) != paths(read("b.json", text))


@pytest.mark.parametrize("shape", ["list", "lines", "documents"])
def test_prefix_of_the_source_tells_listed_records_apart(read, shape):
    name, text = {
        "list": ("a.json", '[{"id": "x"}]'),
        "lines": ("a.jsonl", '{"id": "x"}'),
        "documents": ("a.yaml", "id: x\n---\nid: y\n"),
    }[shape]
    assert paths(read(name, text, prefix="p/"))[0] == "p/a/x"


def test_prefix_of_the_source_tells_records_of_pages_apart(read):
    page = json.dumps({"value": [{"id": "x", "title": "x"}]})
    assert paths(read("a.json", page, prefix="p/")) != paths(read("a.json", page, prefix="q/"))


NEW = {"title": "New", "webUrl": "https://example.com/new"}
OLD = {"title": "Old", "webUrl": "https://example.com/old"}


def test_new_record_in_front_moves_no_other(read):
    assert paths(read("a.json", listing(NEW, OLD)))[1:] == paths(read("a.json", listing(OLD)))


@pytest.mark.parametrize("change", [{"title": "Other"}, {"quality": 5}, {"date": "2026-01-01"}])
def test_edit_of_a_listed_record_without_id_moves_it_not(read, change):
    assert paths(read("a.json", listing(OLD | change))) == paths(read("a.json", listing(OLD)))


def test_record_without_address_is_told_by_its_title(read):
    one, two = paths(read("a.json", listing({"title": "One"}, {"title": "Two"})))
    assert one != two


def test_null_address_does_not_make_records_the_same(read):
    items = [{"webUrl": None, "originalUrl": f"https://example.com/{n}"} for n in range(2)]
    one, two = paths(read("a.json", listing(*items)))
    assert one != two


def test_id_that_is_an_address_is_no_folder_on_disk(read):
    [path] = paths(read("a.json", listing({"id": "https://example.com/x"})))
    assert path == "a/https://example.com/x"


@given(
    st.lists(
        st.fixed_dictionaries(
            {"title": st.text(max_size=5)},
            optional={
                "id": st.sampled_from(["1", "2", "3"]),
                "slug": st.sampled_from(["s", "t"]),
                "url": st.sampled_from(["https://example.com/1", "https://example.com/2"]),
            },
        ),
        max_size=5,
    ),
    st.randoms(use_true_random=False),
)
@settings(max_examples=50)
def test_place_in_the_list_is_no_part_of_the_identity(tmp_path_factory, items, random):
    folder = tmp_path_factory.mktemp("lists")
    read = []
    for order in (items, random.sample(items, len(items))):
        (folder / "a.json").write_text(listing(*order))
        files = FileSource(pattern=str(folder), shown="data/").files(READERS)
        read.append(
            sorted(paths([found for file in files for found in read_file(file, DEFAULT_LIMITS)]))
        )
    assert read[0] == read[1]


@pytest.mark.parametrize("kind", READERS)
def test_every_kind_of_file_has_a_reader(read, kind):
    text = (
        '{"title": "x"}'
        if kind not in {".md", ".markdown", ".html", ".htm"}
        else "---\ntitle: x\n---\n"
    )
    assert titles(read(f"a{kind}", text)) == ["x"]


def test_kind_of_a_file_is_told_in_any_letter_case(read):
    assert titles(read("a.JSON", '{"title": "x"}')) == ["x"]
