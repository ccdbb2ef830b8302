import json
import subprocess
import sys
import textwrap
import unicodedata

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from feedpub.errors import RecordError
from feedpub.tree import (
    Defect,
    Limits,
    Mapping,
    Plain,
    Sequence,
    is_null,
    is_secret,
    parse_json,
    parse_yaml,
)

CANARY = "CANARY4JkpfCGj8tVbkbazyLrckVk648tfpIao=="
SPELLINGS = ("secured", "Secured", "SECURED", "sEcUrEd", '"secured"', "'Secured'", '" secured "')


def tree(text):
    [document] = parse_yaml(text)
    return document


def code_of(read, *arguments, **options):
    with pytest.raises(RecordError) as raised:
        read(*arguments, **options)
    return raised.value.code


@pytest.mark.parametrize(
    "text",
    """No NO no Yes yes On off true False y n 12:30 190:20:30 1.10 0123 0o17 0x1F 1_000 1e3 .5 .inf
    .nan 2024-01-30 2024-01-30T13:53:00Z = C++ <MSFT.O> -5 1.0 a#b""".split(),
)
def test_unquoted_scalar_stays_the_text_that_was_written(text):
    assert tree(f"title: {text}") == {"title": text}


@pytest.mark.parametrize("text", ["null", "Null", "NULL", "~", ""])
@pytest.mark.parametrize("quote", ["'", '"'])
def test_quoted_null_is_a_text(text, quote):
    assert not is_null(tree(f"title: {quote}{text}{quote}")["title"])


@pytest.mark.parametrize("text", ["null", "Null", "NULL", "~", "", " # nothing"])
def test_unquoted_null_is_absent(text):
    assert is_null(tree(f"title: {text}")["title"])


def test_unquoted_scalar_is_marked():
    assert isinstance(tree("a: 5")["a"], Plain)


@pytest.mark.parametrize("scalar", ["'5'", '"5"', "|-\n  5", ">-\n  5", "! 5", "!!str 5"])
def test_quoted_scalar_is_not_marked(scalar):
    value = tree(f"a: {scalar}")["a"]
    assert (value, isinstance(value, Plain)) == ("5", False)


@pytest.mark.parametrize("word", ["nUll", "none", "None", "nil", "0", "-", "false"])
def test_other_words_are_not_null(word):
    assert not is_null(Plain(word))


def test_comment_is_no_part_of_a_text():
    assert tree("topics: [C #1\n]") == {"topics": ["C"]}


def test_keys_and_items_know_their_lines():
    root = tree("a: 1\nb:\n  - x\n\n  - y\n")
    assert (root.lines, root["b"].lines) == ({"a": 1, "b": 2}, [3, 5])


def test_lines_count_from_where_the_text_stood():
    [root] = parse_yaml("a: 1\nb: 2\n", first_line=10)
    assert root.lines == {"a": 10, "b": 11}


def test_documents_come_in_their_order():
    assert parse_yaml("---\na: 1\n---\nb: 2\n") == [{"a": "1"}, {"b": "2"}]


@pytest.mark.parametrize("text", ["", "\n", "# only a comment\n"])
def test_empty_text_has_no_documents(text):
    assert parse_yaml(text) == []


@pytest.mark.parametrize("key", SPELLINGS)
@pytest.mark.parametrize(
    "shape",
    [
        "KEY: SECRET\ntitle: a",
        "title: a\nprovider:\n  KEY: SECRET\n  name: b",
        "related: [{title: a, KEY: SECRET}]",
        "related:\n  - title: a\n    images:\n      - url: b\n        KEY: SECRET",
        "KEY: {a: SECRET, b: [SECRET]}\ntitle: a",
        "KEY: [SECRET, {x: SECRET}]\ntitle: a",
        "KEY: >-\n  SECRET\ntitle: a",
        "? KEY\n: SECRET\ntitle: a",
    ],
)
def test_secured_is_dropped_from_yaml(key, shape):
    assert CANARY not in repr(parse_yaml(shape.replace("KEY", key).replace("SECRET", CANARY)))


@pytest.mark.parametrize("key", ["secured", "Secured", "SECURED", " secured "])
@pytest.mark.parametrize(
    "shape",
    [
        {"KEY": "SECRET", "title": "a"},
        {"provider": {"KEY": "SECRET"}},
        {"related": [{"a": [{"KEY": "SECRET"}]}]},
        {"KEY": {"a": ["SECRET"]}},
    ],
)
def test_secured_is_dropped_from_json(key, shape):
    text = json.dumps(shape).replace("KEY", key).replace("SECRET", CANARY)
    assert CANARY not in repr(parse_json(text))


@pytest.mark.parametrize("key", ["secure", "unsecured", "secured_by", "insecured", "se cured"])
def test_other_keys_are_no_secrets(key):
    assert not is_secret(key)


def test_text_that_says_secured_stays():
    assert tree("title: secured") == {"title": "secured"}


@pytest.mark.parametrize(
    "text",
    [
        f'title: [unclosed\nsecured: "{CANARY}"\n',
        f'title: a\nsecured: "{CANARY}\n',
        f"title: a\nsecured: '{CANARY}\n",
        f'title: "a\nsecured: "{CANARY}"\n',
        f'secured: "{CANARY}"\nsecured: "{CANARY}"\n',
        f"secured: {CANARY}: {CANARY}\n",
        f"secured: *{CANARY}\n",
        f"secured: &{CANARY} a\nb: *{CANARY}\n",
        f"secured: !{CANARY} a\n",
        f"secured: %{CANARY}\n",
        f"secured: @{CANARY}\n",
        f'secured: "\\q{CANARY}"\n',
        f"secured: [{CANARY}\n",
        f"secured: {CANARY}\n\tb: c\n",
        f"secured:\n  {CANARY}: 1\n  {'x: [' * 20}",
        f"secured: {CANARY}\x00\n",
    ],
)
def test_error_message_never_holds_a_secret_of_yaml(text):
    with pytest.raises(RecordError) as raised:
        parse_yaml(text)
    assert CANARY not in f"{raised.value.problem('a.md')}{raised.value.help}"


@pytest.mark.parametrize(
    "text",
    [
        f'{{"secured": "{CANARY}',
        f'{{"secured": "{CANARY}", "secured": "{CANARY}"}}',
        f'{{"secured": {CANARY}}}',
        f'{{"secured": "\\q{CANARY}"}}',
        f'{{"secured": "{CANARY}" "x"}}',
        f'{{"secured": "{CANARY}\n"}}',
    ],
)
def test_error_message_never_holds_a_secret_of_json(text):
    with pytest.raises(RecordError) as raised:
        parse_json(text)
    assert CANARY not in f"{raised.value.problem('a.json')}{raised.value.help}"


@pytest.mark.parametrize(
    "text", ["a: 1\na: 2", "a: 1\n'a': 2", '{a: 1, "a": 2}', "x: {b: 1, b: 2}", "a: 1\n? a\n: 2"]
)
def test_repeated_key_of_yaml_is_refused(text):
    assert code_of(parse_yaml, text) == "duplicate-key"


@pytest.mark.parametrize("text", ['{"a": 1, "a": 2}', '[{"x": {"b": 1, "b": 1}}]'])
def test_repeated_key_of_json_is_refused(text):
    assert code_of(parse_json, text) == "duplicate-key"


def test_repeated_key_is_named_with_its_line():
    with pytest.raises(RecordError, match="'title' appears twice") as raised:
        parse_yaml("title: a\nexcerpt: b\ntitle: c\n")
    assert raised.value.line == 3


def test_name_of_a_repeated_key_cannot_forge_a_line():
    with pytest.raises(RecordError) as raised:
        parse_yaml('"a\\nERROR \\e[31m\\u202e": 1\n"a\\nERROR \\e[31m\\u202e": 2\n')
    assert not {unicodedata.category(c) for c in raised.value.message} & {"Cc", "Cf"}


@pytest.mark.parametrize(
    "text",
    [
        "a: &x 1\nb: *x",
        "a: &x [*x]",
        "a0: &a0 [lol]\na1: &a1 [*a0, *a0]\na2: [*a1, *a1]",
        "*x : 1",
        "a: {b: 1}\n<<: {c: 2}",
        "a: &x {b: 1}\n<<: *x",
        "a: &x {b: 1}\n<<: [*x, *x]",
    ],
)
def test_alias_and_merge_keys_are_refused(text):
    assert code_of(parse_yaml, text) == "yaml-alias"


def test_quoted_merge_key_is_a_key():
    assert tree("'<<': x") == {"<<": "x"}


@pytest.mark.parametrize(
    "text",
    [
        "a: !!binary aGVsbG8=",
        "a: !!int 5",
        "a: !!bool abc",
        "a: !!timestamp abc",
        "a: !foo bar",
        "a: !!set {b}",
        "a: !!python/object/apply:os.system ['true']",
        "!!map {a: b}",
        "%TAG ! tag:example.org,2026:\n---\na: !foo b",
    ],
)
def test_tags_are_refused(text):
    assert code_of(parse_yaml, text) == "yaml-tag"


@pytest.mark.parametrize(
    "text",
    ["[a]: x", "{b: c}: y", "? [a]\n: x", "? {a: b}\n: x"],
)
def test_key_that_is_no_word_is_refused(text):
    assert code_of(parse_yaml, text) == "yaml"


@pytest.mark.parametrize(
    "text", ["title: [x", "a: 'x", "\ta: b", "a: b: c", "a: @x", "a: b\n c: d", "%YAML 9.9\n"]
)
def test_malformed_yaml_is_refused(text):
    assert code_of(parse_yaml, text) == "yaml"


def test_malformed_yaml_is_named_with_its_line():
    with pytest.raises(RecordError) as raised:
        parse_yaml("title: a\nexcerpt: b: c\n", first_line=2)
    assert raised.value.line == 3


@pytest.mark.parametrize("character", ["\x00", "\x01", "\x1b", "\ud800", "\ufffe"])
def test_character_that_yaml_does_not_allow_is_refused(character):
    assert code_of(parse_yaml, f"title: a{character}b") == "yaml"


def nested(opening, closing, depth):
    return opening * depth + closing * depth


@pytest.mark.parametrize(
    ("opening", "closing"), [("[", "]"), ("{a: ", "}"), ("- ", ""), ("? ", "")]
)
def test_deep_yaml_is_refused(opening, closing):
    assert code_of(parse_yaml, nested(opening, closing, 17)) == "too-deep"


def test_sixteen_levels_are_not_too_deep():
    assert tree(nested("[", "]", 16))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (nested("[", "]", 17), "too-deep"),
        (nested('{"a":', "}", 17).replace(":}", ":1}"), "too-deep"),
        (nested("[", "]", 100_000), "too-deep"),
        ("[" * 100_000, "too-deep"),
    ],
)
def test_deep_json_is_refused(text, code):
    assert code_of(parse_json, text) == code


@pytest.mark.parametrize("stack", ["0", "256 * 1024"], ids=["main stack", "256 KiB"])
def test_hostile_depth_does_not_kill_the_interpreter(stack):
    code = f"""
        import threading
        from feedpub.errors import RecordError
        from feedpub.tree import parse_json, parse_yaml

        def attempt():
            for text in (
                "[" * 100_000, "[" * 100_000 + "]" * 100_000, "- " * 100_000 + "x",
                "? " * 100_000, "{{a: " * 40_000 + "}}" * 40_000, "a: " + "[" * 100_000,
            ):
                for parse in (parse_yaml, parse_json):
                    try:
                        parse(text)
                    except RecordError:
                        print("refused")

        threading.stack_size({stack})
        thread = threading.Thread(target=attempt)
        thread.start()
        thread.join()
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout.count("refused")) == (0, 12)


def test_too_many_values_are_refused():
    assert code_of(parse_yaml, "[1, 2, 3, 4]", limits=Limits(nodes=4)) == "too-large"


def test_too_many_values_of_json_are_refused():
    assert code_of(parse_json, "[1, 2, 3, 4]", limits=Limits(nodes=4)) == "too-large"


@pytest.mark.parametrize("parse", [parse_yaml, parse_json])
def test_too_long_text_is_refused_unread(parse):
    assert code_of(parse, "[" * 101, limits=Limits(size_bytes=100)) == "too-large"


@pytest.mark.parametrize("parse", [parse_yaml, parse_json])
def test_size_is_counted_in_bytes(parse):
    assert code_of(parse, '"' + "é" * 60 + '"', limits=Limits(size_bytes=100)) == "too-large"


def test_many_aliases_cost_nothing():
    bomb = "".join(f"m{i}: &m{i} {{<<: [{','.join([f'*m{i - 1}'] * 10)}]}}\n" for i in range(1, 10))
    assert code_of(parse_yaml, "m0: &m0 {k: v}\n" + bomb) == "yaml-alias"


def test_without_libyaml_feedpub_does_not_start_to_read():
    code = """
        import sys
        sys.modules["yaml._yaml"] = None
        from feedpub.errors import EnvironmentUnfitError
        from feedpub.tree import parse_yaml
        try:
            parse_yaml("a: b")
        except EnvironmentUnfitError as error:
            sys.exit(error.exit_code)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=False, timeout=60)
    assert done.returncode == 78


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ('"a"', "a"),
        ("[]", []),
        ("{}", {}),
        ("1.10", "1.10"),
        ("1e400", "1e400"),
        ("-0", "-0"),
        ("true", "true"),
        ("false", "false"),
        ("9" * 5000, "9" * 5000),
        ("NaN", "NaN"),
        ('{"a": [1, "b"]}', {"a": ["1", "b"]}),
        ('"\\u00e9"', "é"),
    ],
)
def test_json_gives_the_texts_that_were_written(text, node):
    assert parse_json(text) == node


@pytest.mark.parametrize("text", ["1", "true", "null", "1.5", "NaN"])
def test_scalar_of_json_that_is_no_string_is_marked(text):
    assert isinstance(parse_json(text), Plain)


def test_string_of_json_is_not_marked():
    assert not isinstance(parse_json('"null"'), Plain)


def test_null_of_json_is_absent():
    assert is_null(parse_json("null"))


def test_containers_of_json_have_the_types_of_yaml():
    node = parse_json('[{"a": {}}]')
    assert (type(node), type(node[0]), type(node[0]["a"])) == (Sequence, Mapping, Mapping)


@pytest.mark.parametrize(
    "text", ["", "{", "[1,]", "{'a': 1}", '{"a" 1}', "nul", '"\n"', "\ufeff{}"]
)
def test_malformed_json_is_refused(text):
    assert code_of(parse_json, text) == "json"


def test_malformed_json_is_named_with_its_line():
    with pytest.raises(RecordError) as raised:
        parse_json('{\n"a": 1,\n}')
    assert raised.value.line == 3


def test_line_of_json_lines_wins_over_the_one_within():
    with pytest.raises(RecordError) as raised:
        parse_json("{", line=7)
    assert raised.value.line == 7


YAMLISH = st.one_of(
    st.text(max_size=80),
    st.text(alphabet="ab:-[]{},&*!|>'\"%@`#?\n\t \\<.~0=", max_size=60),
)


@given(YAMLISH)
def test_any_text_is_yaml_or_a_record_error(text):
    try:
        documents = parse_yaml(text)
    except RecordError:
        return
    assert all(isinstance(node, str | Mapping | Sequence) for node in documents)


@given(st.one_of(st.text(max_size=60), st.text(alphabet='ab[]{},:"\\0e-+. nulltrfs', max_size=40)))
def test_any_text_is_json_or_a_record_error(text):
    try:
        node = parse_json(text)
    except RecordError:
        return
    assert isinstance(node, str | Mapping | Sequence)


@given(st.text(max_size=60), st.sampled_from(['"', "'"]))
def test_quoted_string_reads_as_pyyaml_reads_it(text, style):
    written = yaml.dump({"key": text}, default_style=style, allow_unicode=True)
    assert tree(written)["key"] == yaml.load(written, yaml.CSafeLoader)["key"]


@given(
    st.text(
        alphabet=st.characters(max_codepoint=0xFFFD, exclude_categories=["Cs", "Cc"]),
        max_size=60,
    )
)
def test_double_quoted_string_of_json_is_one_of_yaml(text):
    written = json.dumps(text)
    assert tree(f"key: {written}")["key"] == text


JSON_VALUES = st.recursive(
    st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(max_size=5).filter(lambda key: not is_secret(key)), inner, max_size=4
        )
    ),
    max_leaves=10,
)


@given(JSON_VALUES)
def test_strings_of_json_come_through_unchanged(value):
    assert parse_json(json.dumps(value)) == value


# Item by item


def texts_and_codes(nodes):
    return [node.error.code if isinstance(node, Defect) else node for node in nodes]


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("{b: 1, b: 2}", "duplicate-key"), ("*x", "yaml-alias"), ("!t x", "yaml-tag"),
        ("{c: [{d: *x}]}", "yaml-alias"), ("!t [a, {b: c}]", "yaml-tag"), ("{[a]: b}", "yaml"),
        ("[" * 20 + "]" * 20, "too-deep"), ("{<<: {a: b}}", "yaml-alias"),
    ],
)  # fmt: skip
def test_fault_of_one_item_costs_that_item(fault, code):
    [items] = parse_yaml(f"- {{a: 1}}\n- {fault}\n- {{z: 1}}\n", itemwise=True)
    assert texts_and_codes(items) == [{"a": "1"}, code, {"z": "1"}]
    assert items.lines == [1, 2, 3]


def test_fault_of_one_document_costs_that_document():
    documents = parse_yaml("a: 1\n---\nb: *x\nc: [1]\n---\n*x\n---\nd: 1\n", itemwise=True)
    assert texts_and_codes(documents) == [{"a": "1"}, "yaml-alias", "yaml-alias", {"d": "1"}]


@pytest.mark.parametrize("key", ["value", "items"])
def test_fault_of_one_item_of_a_page_costs_that_item(key):
    [page] = parse_yaml(f"{key}: [{{a: 1}}, {{b: 1, b: 2}}, *x]\nnext: 2\n", itemwise=True)
    tree = parse_json(f'{{"{key}": [{{"a": 1}}, {{"b": 1, "b": 2}}], "next": 2}}', itemwise=True)
    assert texts_and_codes(page[key]) == [{"a": "1"}, "duplicate-key", "yaml-alias"]
    assert (texts_and_codes(tree[key]), tree["next"]) == ([{"a": "1"}, "duplicate-key"], "2")


def test_fault_beside_the_items_of_a_page_costs_the_page():
    assert texts_and_codes(parse_yaml("value: [{a: 1}]\nb: *x\n", itemwise=True)) == ["yaml-alias"]


def test_defect_knows_the_line_of_the_fault():
    [[defect]] = parse_yaml("- a: 1\n  b:\n    c: *x\n", itemwise=True, first_line=5)
    assert defect.error.line == 7


def test_fault_of_one_item_of_json_costs_that_item():
    deep = "[" * 20 + "]" * 20
    text = f'[{{"a": 1}}, {{"b": 1, "b": 2}}, {{"c": {deep}}}, {{"z": 1}}]'
    assert texts_and_codes(parse_json(text, itemwise=True)) == [
        {"a": "1"}, "duplicate-key", "too-deep", {"z": "1"},
    ]  # fmt: skip


def test_single_record_of_json_may_be_a_defect():
    assert parse_json('{"a": 1, "a": 2}', itemwise=True).error.code == "duplicate-key"


@pytest.mark.parametrize(
    ("parse", "text"), [(parse_yaml, "- 1\n- *x\n- [2, 3, 4]"), (parse_json, "[1, 2, 3, 4]")]
)
def test_too_many_values_end_the_whole_file(parse, text):
    assert code_of(parse, text, limits=Limits(nodes=4), itemwise=True) == "too-large"


@pytest.mark.parametrize("text", ["- a: 1\n- *x\n", "a: !t x\n", "- a: 1\n  a: 2\n"])
def test_fault_is_raised_where_nobody_asked_for_items(text):
    with pytest.raises(RecordError):
        parse_yaml(text)


# Texts that swallow a secret

CIPHERTEXT = "4JkpfCGqRZtV0123456789=="


@pytest.mark.parametrize(
    "text",
    [
        f"title: 'It\nsecured: \"{CIPHERTEXT}\"\nexcerpt: '",
        f'title: "It\n  secured: {CIPHERTEXT}"',
        f"excerpt: |\n  A text.\n  secured: {CIPHERTEXT}\n",
        f"excerpt: >\n  A text.\n  Secured:\n    {CIPHERTEXT}\n",
        f'excerpt: "A text.\\nsecured: {CIPHERTEXT}"',
    ],
)
def test_text_that_swallows_a_secret_is_refused_unquoted(text):
    with pytest.raises(RecordError) as caught:
        parse_yaml(text)
    assert (caught.value.code, CIPHERTEXT in str(caught.value)) == ("stray-front-matter", False)


def test_text_of_json_that_swallows_a_secret_is_refused():
    assert code_of(parse_json, f'{{"a": "x\\nsecured: {CIPHERTEXT}"}}') == "stray-front-matter"


@pytest.mark.parametrize(
    "text", ["The site is secured: nobody enters", "Secured: a place", "secured"]
)
def test_text_that_speaks_of_security_is_a_text(text):
    assert parse_json(json.dumps({"a": text}))["a"] == text
