import subprocess
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support import record

from feedpub.errors import RecordError
from feedpub.limits import DEFAULT_LIMITS
from feedpub.sources.files import SourceFile
from feedpub.sources.front_matter import read_records, split
from feedpub.sources.readers import read_file

CANARY = "CANARY4JkpfCGj8tVbkbazyLrckVk648tfpIao=="


def file(name="articles/a.md"):
    return SourceFile(location=name, shown=name, path="a")


def record_of(text, name="articles/a.md"):
    [found] = filter(None, read_records(text.encode(), file(name), DEFAULT_LIMITS))
    return found


def refusal(text):
    with pytest.raises(RecordError) as raised:
        list(read_records(text.encode(), file(), DEFAULT_LIMITS))
    return raised.value


def test_record_knows_where_it_stood():
    found = record_of("---\ntitle: a\n---\nbody\n")
    assert (found.source, found.line, found.path, found.fields, found.body) == (
        "articles/a.md",
        1,
        "a",
        {"title": "a"},
        "body\n",
    )


@pytest.mark.parametrize(
    ("name", "body_format"),
    [("a.md", "markdown"), ("a.markdown", "markdown"), ("a.html", "html"), ("a.HTM", "html")],
)
def test_extension_tells_what_the_body_is(name, body_format):
    assert record_of("---\ntitle: a\n---\n", name).body_format == body_format


@pytest.mark.parametrize(
    "text",
    [
        "---\ntitle: a\n---\nbody",
        "---\r\ntitle: a\r\n---\r\nbody",
        "---  \ntitle: a\n---\t \nbody",
        "---\ntitle: a\n...\nbody",
        "---\ntitle: a\n---\n\n\n\nbody",
    ],
)
def test_front_matter_ends_at_a_line_of_dashes_or_dots(text):
    found = record_of(text)
    assert (found.fields, found.body) == ({"title": "a"}, "body")


def test_front_matter_may_be_all():
    assert record_of("---\ntitle: a\n---").body == ""


@pytest.mark.parametrize(
    "title", ["a --- b", "'---'", "https://example.com/a---b", '"--- a"', "|\n  ---\n  b"]
)
def test_dashes_within_a_value_do_not_end_the_front_matter(title):
    assert "excerpt" in record_of(f"---\ntitle: {title}\nexcerpt: b\n---\n").fields


def test_dashes_of_the_body_are_the_body_s():
    assert (
        record_of("---\ntitle: a\n---\none\n---\ntwo: x\n---\n").body == "one\n---\ntwo: x\n---\n"
    )


def test_lines_count_from_the_top_of_the_file():
    assert record_of("---\ntitle: a\nexcerpt: b\n---\n").fields.lines == {"title": 2, "excerpt": 3}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "\n",
        "title: a\n",
        "\n---\ntitle: a\n---\n",
        " ---\ntitle: a\n---\n",
        "----\ntitle: a\n---\n",
        "---title: a\n---\n",
        "---",
        "---\n",
        "---\ntitle: a\n",
        "---\ntitle: a\n --- \n",
        "---\ntitle: a\n----\n",
        "---\rtitle: a\r---\r",
        '{"title": "a"}',
        "\ufeff\ufeff---\ntitle: a\n---\n",
        "\0" * 100,
    ],
)
def test_text_without_whole_front_matter_is_refused(text):
    assert refusal(text).code == "no-front-matter"


def test_toml_is_named():
    assert refusal('+++\ntitle = "a"\n+++\n').code == "toml"


@pytest.mark.parametrize(
    "header", ["", "# only a comment\n", "hello\n", "- a\n", "[a]\n", "null\n"]
)
def test_front_matter_that_is_no_mapping_is_refused(header):
    assert refusal(f"---\n{header}---\n").code == "not-a-mapping"


@pytest.mark.parametrize(
    ("header", "code", "line"),
    [
        ("title: [x\n", "yaml", 3),
        ("title: a\nexcerpt: b: c\n", "yaml", 3),
        ("title: a\ntitle: b\n", "duplicate-key", 3),
        ("title: &x a\nexcerpt: *x\n", "yaml-alias", 3),
        ("a: b\nquality: !!int abc\n", "yaml-tag", 3),
        ("x: " + "[" * 100 + "\n", "too-deep", 2),
        ("x: [" + "a," * 25_000 + "]\n", "too-large", 2),
        ("x: " + "y" * 300_000 + "\n", "too-large", None),
    ],
)
def test_defect_of_the_front_matter_is_named_with_its_line(header, code, line):
    error = refusal(f"---\n{header}---\n")
    assert (error.code, error.line) == (code, line)


@pytest.mark.parametrize("key", ["secured", "Secured", "SECURED", '"secured"', "  secured"])
@pytest.mark.parametrize("quote", ['"', "'", ""])
def test_secret_in_the_body_is_refused(key, quote):
    text = f"---\ntitle: a\n---\ntype: article\n{key}: {quote}{CANARY}{quote}\n---\n"
    assert refusal(text).code == "stray-front-matter"


@pytest.mark.parametrize(
    "lines",
    [
        f'- secured: "{CANARY}"',
        f'- {{title: a, secured: "{CANARY}"}}',
        f"secured: >-\n  {CANARY}",
        f"? secured\n: {CANARY}",
    ],
)
def test_secret_in_the_body_is_refused_however_it_is_written(lines):
    text = f"---\ntitle: a\n---\nrelated:\n{lines}\n---\n"
    assert refusal(text).code == "stray-front-matter"


def test_word_of_an_article_is_no_secret():
    body = "The door was secured: nobody came in.\nSecured: the shelf.\n"
    assert record_of(f"---\ntitle: a\n---\n{body}").body == body


@pytest.mark.parametrize(
    "text",
    [
        record(secured=f'"{CANARY}\n'),
        record(secured=f"'{CANARY}\n"),
        record(title="[unclosed", secured=f'"{CANARY}"'),
        record(secured=f'"{CANARY}"').replace("---\n", f'---\nsecured: "{CANARY}"\n', 1),
        record(secured=f'"{CANARY}"').replace("topics:", "---\ntopics:"),
        record(secured=f'"{CANARY}"')[:-4],
        record(secured=f'"{CANARY}"').replace("---\n", "----\n", 1),
        record(publishedDateTime="soon", secured=f'"{CANARY}"'),
        record(webUrl=None, secured=f'"{CANARY}"'),
    ],
)
def test_secret_never_comes_through(workspace, text):
    workspace.write("a.md", text)
    report = workspace.build()
    said = " ".join(map(str, report.survey.problems))
    assert CANARY not in said
    assert not any(CANARY.encode() in data for data in workspace.destination.files.values())


@pytest.mark.parametrize(
    "text", ["---\n" * 50_000, "---\n\n" + "\n" * 100_000, "---\n" + " \t" * 100_000]
)
def test_file_of_dashes_and_blanks_does_not_stop_the_run(text, tmp_path):
    (tmp_path / "a.md").write_text(text)
    code = """
import sys
from pathlib import Path
from feedpub.errors import RecordError
from feedpub.limits import DEFAULT_LIMITS
from feedpub.sources.files import SourceFile
from feedpub.sources.front_matter import read_records
location = Path(sys.argv[1])
file = SourceFile(location=str(location), shown="a", path="a")
try:
    list(read_records(location.read_bytes(), file, DEFAULT_LIMITS))
except RecordError:
    print("refused")
"""
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "a.md"],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.stdout == "refused\n"


@given(st.text(max_size=80) | st.text(alphabet="-. \t\r\na:", max_size=40))
@example("---\n---")
def test_any_text_is_a_record_or_a_record_error(text):
    try:
        parts = split(text.encode(), DEFAULT_LIMITS)
    except RecordError:
        return
    assert parts.header in text
    assert text.endswith(parts.body)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_body_comes_through(body):
    assert record_of(f"---\ntitle: a\n---\n{body}").body == body.lstrip("\r\n")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"---\ntitle: caf\xe9\n---\n", "not-utf-8"),
        (b"---\ntitle: a\0b\n---\n", "yaml"),
        (b"---\ntitle: a\n", "no-front-matter"),
        (b"---\ntitle: a\n---\n" + b"x" * 1024 * 1024, "too-large"),
        ("---\ntitle: a\n---\n".encode("utf-16"), "not-utf-8"),
    ],
)
def test_defect_of_a_file_is_a_value(tmp_path, data, code):
    location = tmp_path / "a.md"
    location.write_bytes(data)
    [problem] = read_file(
        SourceFile(location=str(location), shown="articles/a.md", path="a"), DEFAULT_LIMITS
    )
    assert (problem.code, problem.source, problem.severity) == (code, "articles/a.md", "error")


def test_byte_order_mark_is_no_defect(tmp_path):
    location = tmp_path / "a.md"
    location.write_text("\ufeff---\ntitle: a\n---\n", "utf-8")
    [found] = read_file(SourceFile(location=str(location), shown="a.md", path="a"), DEFAULT_LIMITS)
    assert found.fields == {"title": "a"}
