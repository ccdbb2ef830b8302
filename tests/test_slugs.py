import itertools
import re
import unicodedata

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from slugify import slugify

from feedpub.slugs import declared_slug, domain_folder, suffixed, topic_key, topic_slug

HOSTILE = [
    "C", "C++", "C#", "F#", ".NET", "Node.js", "A/B", "A\\B", "..", ".", "...", "/", "\\",
    "../../etc/passwd", "..%2f..%2fx", "~", "--help", "CON", "nul", "com1", "aux.xml", "index",
    "index.html", "feed", "state", "all", ".htaccess", ".git", "robots.txt", "AI", "ΑΙ", "АІ",
    "Á", "ß", "ı", "日本語", "机器学习", "العربية", "😀",
    "🏳️‍🌈", "👩‍🔧", "a" * 300, "ü" * 200, '"', "'",
    "<script>alert(1)</script>", "&amp;", "%", "%00", "?", "*", "|", ":", "a:b", "$HOME", "`id`",
    "$(id)", ";id", "{{7*7}}", "0", "123", "1.5", "a.", "x.xml", "con.xml", "AI & ML", "AI ML",
    "R&D", "R D", "topics", "providers", "archive", "prn", "lpt9", "topic",
]  # fmt: skip
TOPIC_NAMES = st.one_of(
    st.text(min_size=1, max_size=30),
    st.text(alphabet="Cc+#./\\-_ 0É éßſİi日😀\u200d\u200b\u0301%~", min_size=1, max_size=12),
    st.sampled_from(HOSTILE),
)


@pytest.mark.parametrize(
    "names",
    [
        ("AI", "ai", "Ai", " ai ", "A\u200bI", "\ufeffAI", "ＡＩ"),
        ("Management Tools", "management tools", "MANAGEMENT  TOOLS", "Management\u00a0Tools"),
        ("AI ML", "AI-ML", "ai_ml", "AI - ML", "-ai ml-"),
        ("Straße", "STRASSE", "strasse"),
        ("\u00e1rbol", "a\u0301rbol", "ÁRBOL"),
        ("ﬁsh", "FISH"),
    ],
)
def test_spellings_of_one_topic_have_one_key(names):
    assert len({topic_key(name) for name in names}) == 1


@pytest.mark.parametrize("name", ["-", "_", " ", "", "\u200b", "\u202e", "- _"])
def test_name_of_nothing_visible_has_no_key(name):
    assert topic_key(name) == ""


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Libraries", "libraries"),
        ("Management Tools", "management-tools"),
        ("Künstliche Intelligenz", "künstliche-intelligenz"),
        ("日本語", "日本語"),
        ("C", "c"),
        ("AI-ML", "ai-ml"),
        ("2026", "2026"),
        ("Straße", "strasse"),
    ],
)
def test_slug_of_an_ordinary_name_is_its_words(name, slug):
    assert topic_slug(name) == slug


@pytest.mark.parametrize(
    "pair", list(itertools.combinations(["C", "C++", "C#", ".C", "C/", "c!"], 2))
)
def test_names_that_differ_in_signs_have_different_slugs(pair):
    assert topic_slug(pair[0]) != topic_slug(pair[1])


def test_hostile_names_have_different_slugs():
    keys = {topic_key(name) for name in HOSTILE}
    assert len({topic_slug(key) for key in keys}) == len(keys)


@pytest.mark.parametrize(
    "name", ["CON", "nul", "com1", "index", "all", "topics", "Providers", "lpt9"]
)
def test_reserved_name_gets_a_suffix(name):
    assert re.fullmatch(rf"{name.lower()}-[0-9a-f]{{8}}", topic_slug(name))


@pytest.mark.parametrize("name", ["😀", "🏳️‍🌈", "++", "...", "..", "/", "%", "\\"])
def test_name_without_letters_gets_a_slug_of_its_own(name):
    assert re.fullmatch(r"topic-[0-9a-f]{8}", topic_slug(name))


def test_slug_does_not_change_from_run_to_run():
    assert topic_slug("C++") == "c-cedb1bac"


def test_long_name_is_cut_and_suffixed():
    slugs = {topic_slug("word " * 30 + end) for end in ("a", "b")}
    assert len(slugs) == 2
    assert all(slug.startswith("word-word-") and len(slug) <= 69 for slug in slugs)


@given(TOPIC_NAMES)
@example("../../etc/passwd")
@example("..")
def test_slug_is_one_safe_folder_name(name):
    assume(topic_key(name))
    slug = topic_slug(name)
    assert re.fullmatch(r"[\w-]+", slug)
    assert not slug.startswith(("-", "_", "."))


@given(TOPIC_NAMES)
def test_slug_fits_every_file_system(name):
    assert len(topic_slug(name).encode()) <= 255


@given(TOPIC_NAMES)
def test_slug_is_normalised(name):
    assert unicodedata.is_normalized("NFC", topic_slug(name))


@given(TOPIC_NAMES, TOPIC_NAMES)
def test_slugs_of_different_topics_differ_even_without_case(one, other):
    assume(topic_key(one) != topic_key(other))
    assert topic_slug(one).casefold() != topic_slug(other).casefold()


@given(TOPIC_NAMES)
def test_slug_does_not_depend_on_case_of_ascii(name):
    folded = "".join(c.lower() if c.isascii() else c for c in name)
    assert topic_slug(folded) == topic_slug(name)


@given(st.text(alphabet="Cc+# ./-_éßſİi日😀%~aAǰﬁ\u200d\u202e", max_size=12))
def test_key_of_a_key_is_itself(name):
    assert topic_key(topic_key(name)) == topic_key(name)


@pytest.mark.parametrize("name", ["a\u200d\u0301", "a\u00ad\u0301", "ß\u0301"])
def test_key_of_a_key_with_accents_is_itself(name):
    assert topic_key(topic_key(name)) == topic_key(name)


@given(st.text(alphabet="az09 ", min_size=1, max_size=60))
def test_slug_of_plain_words_is_what_slugify_makes_of_them(name):
    assume(topic_key(name))
    slug = slugify(name)
    assert topic_slug(name) in {slug, suffixed(slug, topic_key(name))}


def test_name_that_looks_like_a_suffixed_slug_does_not_take_its_place():
    assert topic_slug("C cedb1bac") != topic_slug("C++")


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("cpp", "cpp"),
        (" Ai ", "ai"),
        ("node.js", "node.js"),
        ("künstliche-intelligenz", "künstliche-intelligenz"),
        ("a_b", "a_b"),
        ("e\u0301t\u00e9", "été"),
        ("x" * 60, "x" * 60),
    ],
)
def test_declared_slug_is_kept(text, slug):
    assert declared_slug(text) == slug


@pytest.mark.parametrize(
    "text",
    [
        "", " ", ".", "..", "a/b", "../a", "a\\b", "a..b", ".git", "-a", "a-", "a.", "a b", "C++",
        "a\nb", "a\x00b", "a%2fb", "con", "CON.txt", "index", "index.html", "all", "topics",
        "nul.x", "x" * 61, "\u202ea", "😀",
    ],
)  # fmt: skip
def test_declared_slug_that_is_no_folder_name_is_refused(text):
    assert declared_slug(text) is None


@given(st.text(max_size=20))
def test_declared_slug_is_a_safe_folder_name_or_none(text):
    slug = declared_slug(text)
    assert slug is None or (re.fullmatch(r"\w[\w.-]*", slug) and ".." not in slug)


def test_suffix_depends_on_the_key_alone():
    assert suffixed("a", "key").removeprefix("a") == suffixed("b", "key").removeprefix("b")


def test_folder_of_a_provider_is_its_domain():
    assert domain_folder("news.example.com") == "news.example.com"


@pytest.mark.parametrize("domain", ["con.example.com", "aux.example.org", "index.example.net"])
def test_domain_that_windows_takes_for_a_device_gets_a_suffix(domain):
    assert re.fullmatch(r"[a-z-]+-[0-9a-f]{8}", domain_folder(domain))
