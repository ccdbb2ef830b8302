import json
import re
import unicodedata
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from support import record

from feedpub.article import Article, Person
from feedpub.dates import rfc3339
from feedpub.errors import ConfigError, RecordError
from feedpub.fields import merged_names
from feedpub.limits import DEFAULT_LIMITS
from feedpub.records import Record, RecordRules, Unusable, language_tag, read_article
from feedpub.sources.files import SourceFile
from feedpub.sources.front_matter import read_records
from feedpub.tree import Mapping, parse_json

RULES = RecordRules(tag="feeds.example.org,2026", base="https://feeds.example.org/")
FILE = SourceFile(location="articles/a.md", shown="articles/a.md", path="a")
# RFC 3986, and RFC 4151 in front.
TAG_URI = re.compile(r"tag:[a-z0-9.,-]+:(?:[A-Za-z0-9._~!$&'()*+,;=@/-]|%[0-9A-F]{2})*")


def read(text, path=FILE.path):
    """Return the one record of a file."""
    [found] = filter(None, read_records(text.encode(), replace(FILE, path=path), DEFAULT_LIMITS))
    return found


def reading(rules=RULES, **fields):
    """Return what becomes of a front-matter record: the article or why not, and the problems."""
    found = read(record(**fields))
    return read_article(found, rules)


def article_of(rules=RULES, **fields):
    article, _ = reading(rules, **fields)
    assert isinstance(article, Article), article
    return article


def refusal_of(rules=RULES, **fields):
    refused, _ = reading(rules, **fields)
    assert isinstance(refused, Unusable), refused
    return refused.problem


def warnings_of(**fields):
    return [problem.code for problem in reading(**fields)[1] if problem.severity == "warning"]


def article_of_json(rules=RULES, **fields):
    known = {
        "title": "A title",
        "publishedDateTime": "2026-01-30T13:53:00Z",
        "webUrl": "https://www.example.com/a",
    }
    tree = parse_json(json.dumps(known | fields))
    article, _ = read_article(Record(source="a.json", path="a", fields=tree), rules)
    assert isinstance(article, Article), article
    return article


def error_of(text):
    with pytest.raises(RecordError) as raised:
        list(read_records(text.encode(), FILE, DEFAULT_LIMITS))
    return raised.value.code


def id_of_path(path):
    found = read(record(), path)
    article, _ = read_article(found, RULES)
    return article.id


# Title and texts


@pytest.mark.parametrize(
    "title", "No off 12:30 1.10 0123 2024-01-30 = true 1e3 C++ <EXMP.O>".split()
)
def test_title_is_the_text_that_was_written(title):
    assert article_of(title=title).title == title


@pytest.mark.parametrize("title", ['"null"', "'~'", '"No"'])
def test_quoted_title_is_its_text(title):
    assert article_of(title=title).title == title[1:-1]


@pytest.mark.parametrize("title", [None, "null", "~", "", '""', '" "', '"<br>"', '"\\u200b"'])
def test_record_without_title_is_refused(title):
    assert refusal_of(title=title).code == "no-title"


@pytest.mark.parametrize("title", ["[a]", "{a: b}"])
def test_title_that_is_no_text_is_refused(title):
    assert refusal_of(title=title).code == "not-a-text"


def test_title_is_cleaned():
    assert article_of(title='"  It&#8217;s <b>a</b>\\u00a0kit\\u00ad\\r\\n "').title == "It’s a kit"


def test_title_is_cut_at_a_thousand_characters():
    assert len(article_of(title=f'"{"word " * 2000}"').title) <= 1000


@pytest.mark.parametrize("excerpt", [None, "null", '""', '" &nbsp; "'])
def test_blank_excerpt_is_no_summary(excerpt):
    assert article_of(excerpt=excerpt).summary is None


def test_excerpt_keeps_its_paragraphs():
    assert article_of(excerpt='"one\\r\\n\\r\\ntwo"').summary == "one\n\ntwo"


def test_excerpt_is_cut_at_ten_thousand_characters():
    assert len(article_of(excerpt=f'"{"word " * 5000}"').summary) <= 10_000


@given(st.text(max_size=60))
def test_any_title_of_json_gives_an_article_or_a_reason(title):
    tree = parse_json(json.dumps({"title": title, "date": "2026-01-01", "url": "/a"}))
    result, _ = read_article(Record(source="a.json", path="a", fields=tree), RULES)
    assert isinstance(result, Article) or result.problem.code == "no-title"


@given(
    st.dictionaries(
        st.sampled_from(
            "id title publishedDateTime updatedDateTime webUrl originalUrl provider authors topics "
            "tags images related quality heat published draft removed locale type body".split()
        ),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=12),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from("name domain images url title webUrl related width".split()),
                    inner,
                    max_size=3,
                )
            ),
            max_leaves=6,
        ),
        max_size=12,
    )
)
def test_any_fields_give_an_article_or_a_reason(fields):
    complete = {"title": "a", "date": "2026-01-01", "link": "https://example.com/"} | fields
    tree = parse_json(json.dumps(complete))
    result, _ = read_article(Record(source="a.json", path="a", fields=tree), RULES)
    assert isinstance(result, Article | Unusable)


# Dates


@pytest.mark.parametrize("date", [None, "null", "~", ""])
def test_record_without_date_is_refused(date):
    assert refusal_of(publishedDateTime=date).code == "no-date"


@pytest.mark.parametrize("date", ["2024-13-45", "January", "12:30", "now", "01/02/2024", '""'])
def test_record_with_a_doubtful_date_is_refused(date):
    assert refusal_of(publishedDateTime=date).code == "bad-date"


@pytest.mark.parametrize("date", ["[]", "{}", "[2026-01-01]"])
def test_date_that_is_no_text_is_refused(date):
    assert refusal_of(publishedDateTime=date).code == "not-a-text"


def test_refused_record_is_named_with_file_and_line():
    assert str(refusal_of(publishedDateTime="soon")).startswith(
        "articles/a.md:4: publishedDateTime: 'soon' is not a date"
    )


@pytest.mark.parametrize(
    "date",
    [
        "2026-01-30T13:53:00Z",
        "'2026-01-30 13:53'",
        "2026-01-30T06:53:00-07:00",
        "Fri, 30 Jan 2026 13:53:00 GMT",
    ],
)
def test_date_becomes_utc(date):
    assert rfc3339(article_of(publishedDateTime=date).published) == "2026-01-30T13:53:00Z"


def test_date_without_zone_is_in_the_zone_of_the_site():
    rules = replace(RULES, zone=ZoneInfo("Asia/Tokyo"))
    article = article_of(rules, publishedDateTime="2026-01-30")
    assert rfc3339(article.published) == "2026-01-29T15:00:00Z"


def test_date_before_1990_is_warned_of():
    assert warnings_of(publishedDateTime="1989-12-31") == ["old-date"]


def test_missing_update_is_none():
    assert article_of().updated is None


def test_update_is_never_before_the_publication():
    article = article_of(updatedDateTime="2020-01-01")
    assert article.updated == article.published


def test_later_update_counts():
    assert rfc3339(article_of(updatedDateTime="2026-02-01").updated) == "2026-02-01T00:00:00Z"


# What is withheld: published and removed as they stand in the record, and how the two are written.

HELD_BACK = [
    ("false", None, "unpublished"),
    ("'false'", None, "unpublished"),
    ("no", None, "unpublished"),
    ("0", None, "unpublished"),
    ("off", None, "unpublished"),
    ("False", None, "unpublished"),
    ("FALSE", None, "unpublished"),
    ("'no'", None, "unpublished"),
    ("null", None, "doubtful"),
    ("", None, "doubtful"),
    ("''", None, "doubtful"),
    ("[]", None, "doubtful"),
    ("{}", None, "doubtful"),
    ("[true]", None, "doubtful"),
    ("2", None, "doubtful"),
    ("maybe", None, "doubtful"),
    ("2024-01-01", None, "doubtful"),
    ("true", "true", "removed"),
    ("true", "'true'", "removed"),
    ("true", "yes", "removed"),
    ("true", "1", "removed"),
    ("true", "2024-01-01", "doubtful"),
    ("true", "[x]", "doubtful"),
    ("true", "''", "doubtful"),
    ("false", "true", "removed"),
    ("maybe", "true", "removed"),
    ("false", "maybe", "doubtful"),
]


@pytest.mark.parametrize(("published", "removed", "reason"), HELD_BACK)
def test_doubt_holds_a_record_back(published, removed, reason):
    assert article_of(published=published, removed=removed).withheld == reason


@pytest.mark.parametrize("name", ["removed", "deleted"])
@pytest.mark.parametrize("removed", ["false", "no", "'false'", "off", "0", None])
@pytest.mark.parametrize("published", ["true", "yes", "'true'", "on", "1", None])
def test_clear_words_list_a_record(published, name, removed):
    assert article_of(published=published, **{name: removed}).withheld is None


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"deleted": "true"}, "removed"),
        ({"draft": "true"}, "draft"),
        ({"draft": "false"}, None),
        ({"draft": "perhaps"}, "doubtful"),
        ({"draft": "true", "published": "true"}, "draft"),
        ({"draft": "true", "published": "false"}, "draft"),
    ],
)
def test_drafts_and_deleted_records_are_held_back(fields, reason):
    assert article_of(**fields).withheld == reason


@pytest.mark.parametrize("first", ["published: false", "published: true"])
def test_record_that_says_published_twice_is_refused(first):
    other = "false" if "true" in first else "true"
    text = record(published=other).replace("---\n", f"---\n{first}\n", 1)
    assert error_of(text) == "duplicate-key"


def test_published_from_a_merge_key_is_refused():
    text = record().replace("---\n", "---\nx: &x {published: false}\n<<: *x\n", 1)
    assert error_of(text) == "yaml-alias"


def test_doubt_is_warned_of():
    assert warnings_of(published="maybe") == ["doubtful-flag"]


def test_withheld_record_that_is_unusable_is_still_withheld():
    refused, _ = reading(title=None, published="false")
    assert refused.withheld == "unpublished"


def test_flag_under_a_name_of_the_site_is_heard():
    rules = replace(RULES, names=merged_names({"published": "listed"}))
    assert article_of(rules, listed="false").withheld == "unpublished"


# Identity


@pytest.mark.parametrize(
    "own",
    [
        "https://example.com/a",
        "http://example.com/?p=1",
        "tag:example.com,2026:a",
        "urn:uuid:1b4e28ba-2fa1-11d2-883f-0016d3cca427",
    ],
)
def test_absolute_uri_of_a_record_is_its_id(own):
    assert article_of(id=f'"{own}"').id == own


@pytest.mark.parametrize("own", ["HTTPS://example.com/a", "doi:10.5555/12345678", "URN:ISBN:1"])
def test_absolute_uri_of_any_scheme_is_the_id(own):
    assert article_of(id=f'"{own}"').id == own


@pytest.mark.parametrize(
    "own",
    [
        "42", "a", "/a", "example.com/a", '"https://example.com/a b"', '"https://example.com/ü"',
        '"javascript:alert(1)"', '"tag:x%zz"', '"http://"', "[a]", '"urn:\\u202e"', "null", '""',
    ],
)  # fmt: skip
def test_other_ids_leave_the_id_to_the_path(own):
    assert article_of(id=own).id == "tag:feeds.example.org,2026:a"


def test_guid_is_an_id():
    assert article_of(guid="urn:x:1").id == "urn:x:1"


@pytest.mark.parametrize(
    ("path", "tail"),
    [
        ("2026/a-b_c.d~e", "2026/a-b_c.d~e"),
        ("a b", "a%20b"),
        ("a:b", "a%3Ab"),
        ("a#b?c%d", "a%23b%3Fc%25d"),
        ("ü", "%C3%BC"),
        ("日本", "%E6%97%A5%E6%9C%AC"),
        ('a"b<c>', "a%22b%3Cc%3E"),
        ("a\nb", "a%0Ab"),
        ("\udcff", "%FF"),
    ],
)
def test_path_becomes_a_tag_uri(path, tail):
    assert id_of_path(path) == f"tag:feeds.example.org,2026:{tail}"


def test_both_forms_of_an_accented_path_are_one_id():
    forms = {unicodedata.normalize(form, "ümläut") for form in ("NFC", "NFD")}
    assert (len(forms), len({id_of_path(path) for path in forms})) == (2, 1)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30))
def test_id_of_any_path_is_a_tag_uri(path):
    assert TAG_URI.fullmatch(id_of_path(path))


@given(
    st.lists(
        st.text(max_size=8)
        .map(lambda path: unicodedata.normalize("NFC", path))
        .filter(lambda path: not any("\ud800" <= c <= "\udfff" for c in path)),
        min_size=2,
        max_size=2,
        unique=True,
    )
)
def test_different_paths_have_different_ids(paths):
    assert id_of_path(paths[0]) != id_of_path(paths[1])


@pytest.mark.parametrize(
    "change",
    [
        {"title": "other"},
        {"webUrl": "https://www.example.net/other"},
        {"publishedDateTime": "2020-02-02"},
        {"topics": "[Other]"},
        {"provider": "{name: B, domain: example.net}"},
        {"originalUrl": "https://www.example.net/o"},
    ],
)
def test_no_edit_changes_the_id(change):
    assert article_of(**change).id == article_of().id


# Addresses


def test_web_url_is_the_link():
    assert article_of(originalUrl="https://www.example.org/o").link == (
        "https://www.example.com/news/repair-kits"
    )


@pytest.mark.parametrize("missing", [None, "null", "~", ""])
@pytest.mark.parametrize("name", ["originalUrl", "website", "url", "link"])
def test_another_address_stands_in_for_the_web_url(name, missing):
    assert article_of(webUrl=missing, **{name: "https://example.org/o"}).link == (
        "https://example.org/o"
    )


def test_null_of_json_is_no_link():
    assert article_of_json(webUrl=None, url="https://example.org/o").link == "https://example.org/o"


def test_different_original_url_is_kept():
    assert article_of(originalUrl="https://www.example.org/o").via == "https://www.example.org/o"


@pytest.mark.parametrize(
    "original", [None, "null", "https://www.example.com/news/repair-kits", "javascript:alert(1)"]
)
def test_original_url_that_says_nothing_new_is_left_out(original):
    assert article_of(originalUrl=original).via is None


def test_original_url_that_is_the_link_is_left_out():
    assert article_of(webUrl=None, originalUrl="https://example.org/o").via is None


@pytest.mark.parametrize("name", ["ampWebUrl", "cdnAmpWebUrl"])
def test_amp_address_is_no_link(name):
    assert refusal_of(webUrl=None, **{name: "https://example.org/amp"}).code == "no-link"


def test_record_without_address_is_refused():
    assert refusal_of(webUrl=None).code == "no-link"


@pytest.mark.parametrize(
    "link",
    [
        "'javascript:alert(1)'", "'ftp://example.org/x'", "'https://user:pass@example.org/'",
        "[x]", "{a: b}", '"https://example.org/\\r\\nX: 1"', "'data:text/html,x'", "'https://[::1'",
    ],
)  # fmt: skip
def test_record_with_nothing_but_a_bad_address_is_refused(link):
    problem = refusal_of(webUrl=link)
    assert (problem.code, problem.line) == ("bad-link", 5)


def test_bad_address_beside_a_good_one_is_warned_of():
    fields = {"webUrl": "'javascript:alert(1)'", "url": "https://example.org/o"}
    assert (article_of(**fields).link, warnings_of(**fields)) == (
        "https://example.org/o",
        ["bad-link"],
    )


def test_refusal_of_an_address_does_not_quote_it():
    problem = refusal_of(webUrl="'https://reader:hunter2@example.org/'")
    assert "hunter2" not in str(problem)


def test_relative_address_is_one_of_the_site():
    assert article_of(webUrl="/a").link == "https://feeds.example.org/a"


@pytest.mark.parametrize(
    ("template", "link"),
    [
        ("/{path}/", "https://feeds.example.org/2026/2026-01-30-a%20b/"),
        ("https://example.net/{name}.html", "https://example.net/2026-01-30-a%20b.html"),
        ("/{year}/{month}/{day}/{slug}/", "https://feeds.example.org/2026/01/30/a%20b/"),
    ],
)
def test_template_of_the_source_makes_missing_links(template, link):
    found = read(record(webUrl=None), "2026/2026-01-30-a b")
    article, _ = read_article(found, replace(RULES, link=template))
    assert article.link == link


def test_slug_of_the_record_stands_in_the_template():
    assert article_of(replace(RULES, link="/{slug}/"), webUrl=None, slug="kits").link == (
        "https://feeds.example.org/kits/"
    )


def test_address_of_the_record_wins_over_the_template():
    assert article_of(replace(RULES, link="/{slug}/")).link.startswith("https://www.example.com/")


def test_template_copes_with_a_file_name_that_is_not_utf_8():
    found = read(record(webUrl=None), "caf\udce9")
    article, _ = read_article(found, replace(RULES, link="/{path}/"))
    assert article.link == "https://feeds.example.org/caf%E9/"


def test_unknown_word_in_a_template_is_a_mistake_of_the_configuration(workspace):
    workspace.configure(
        """
        site: {title: a, url: "https://feeds.example.org/", tag: "feeds.example.org,2026"}
        sources:
          - {path: articles/, link: "/{title}/"}
        """
    )
    workspace.write("a.md", record(webUrl=None))
    with pytest.raises(ConfigError, match="title"):
        workspace.build()


# Body


def test_body_is_what_follows_the_front_matter():
    article = article_of(body="*Hello*\n")
    assert (article.body, article.body_format) == ("*Hello*\n", "markdown")


@pytest.mark.parametrize("body", ["", "\n", " \n\t\n"])
def test_blank_body_is_none(body):
    assert article_of(body=body).body is None


@pytest.mark.parametrize(
    ("name", "body_format"),
    [("content_html", "html"), ("content", "markdown"), ("body", "markdown")],
)
def test_body_may_be_a_field(name, body_format):
    article = article_of_json(**{name: "<p>Hello</p>"})
    assert (article.body, article.body_format) == ("<p>Hello</p>", body_format)


def test_body_of_the_file_wins_over_the_field():
    tree = Mapping()
    tree.update({"title": "a", "date": "2026-01-01", "url": "/a", "content": "field"})
    found = Record(source="a.md", path="a", fields=tree, body="file")
    assert read_article(found, RULES)[0].body == "file"


def test_huge_body_is_refused():
    tree = parse_json('{"title": "a", "date": "2026-01-01", "url": "/a"}')
    found = Record(source="a.md", path="a", fields=tree, body="w " * 600_000)
    refused, _ = read_article(found, RULES)
    assert refused.problem.code == "too-large"


# Provider and people


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("Example%2c Inc.", "Example, Inc."),
        ("Example%2C%20Inc.", "Example, Inc."),
        ("R&amp;D Daily", "R&D Daily"),
        ("100% Example", "100% Example"),
        ("50%", "50%"),
        ("%C3%BCber", "über"),
        ("No", "No"),
    ],
)
def test_name_of_a_provider_is_decoded(raw, name):
    assert article_of(provider=f'{{name: "{raw}", domain: example.com}}').provider.name == name


@pytest.mark.parametrize(
    ("provider", "domain"),
    [
        ("{name: A, domain: WWW.Example.COM}", "example.com"),
        ("{name: A, domain: 'https://www.example.com/about'}", "example.com"),
        ("{name: A}", "example.com"),
        ("{domain: example.net}", "example.net"),
        ("example.net", "example.net"),
        ("Example Net", "example.com"),
        ("A. Publisher", "example.com"),
    ],
)
def test_provider_has_a_domain(provider, domain):
    assert article_of(provider=provider).provider.domain == domain


@pytest.mark.parametrize("domain", ["'../../etc'", "'exa mple'", "localhost"])
def test_domain_that_is_none_makes_no_group(domain):
    assert article_of(provider=f"{{name: A, domain: {domain}}}").provider.domain is None


@pytest.mark.parametrize("provider", [None, "null", "''", "[]"])
def test_record_may_have_no_provider(provider):
    assert article_of(provider=provider).provider is None


def test_logo_of_a_provider_is_resolved_against_the_site():
    article = article_of(provider="{name: A, domain: example.com, images: [{url: /logo.png}]}")
    assert [logo.url for logo in article.provider.logos] == ["https://feeds.example.org/logo.png"]


@pytest.mark.parametrize(
    ("authors", "names"),
    [
        ("author: Ana", ["Ana"]),
        ("authors: [Ana, Ben]", ["Ana", "Ben"]),
        ("authors: [{name: Ana}, {name: Ben}]", ["Ana", "Ben"]),
        ("authors: [Ana, Ana, null, '', {}]", ["Ana"]),
        ("author: 'Ana <ana@example.org>'", ["Ana"]),
        ("author: ana@example.org", []),
        ("author: null", []),
        ("authors: []", []),
    ],
)
def test_people_are_read_without_their_mail_addresses(authors, names):
    key, _, value = authors.partition(": ")
    assert [person.name for person in article_of(**{key: value}).authors] == names


def test_author_in_the_form_of_rss_is_a_name():
    assert article_of(author="'ana@example.org (Ana Ruiz)'").authors == (Person(name="Ana Ruiz"),)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("{name: null, domain: example.com}", '{name: "null", domain: example.com}'),
        ("{name: A, images: []}", "{name: A, images: [{url: /a.png}]}"),
        ("{name: A, domain: example.com}", "{name: A, domain: example.net}"),
        ("{name: A, domain: ~}", "{name: A, domain: example.net}"),
    ],
)
def test_what_was_said_of_a_provider_is_no_answer_to_something_else(one, other):
    first, second = article_of(provider=one).provider, article_of(provider=other).provider
    assert first != second
    assert (article_of(provider=one).provider, article_of(provider=other).provider) == (
        first,
        second,
    )


def test_provider_without_a_domain_has_that_of_each_link():
    links = ["https://www.example.com/a", "https://www.example.net/a"]
    domains = [article_of(provider="{name: A}", webUrl=link).provider.domain for link in links]
    assert domains == ["example.com", "example.net"]


def test_provider_is_read_by_the_rules_of_its_source():
    base = "https://other.example.org/"
    said = "{name: A, domain: example.com, images: [{url: /logo.png}]}"
    for rules in (RULES, replace(RULES, base=base), RULES):
        [logo] = article_of(rules, provider=said).provider.logos
        assert logo.url == f"{rules.base}logo.png"


def test_authors_of_the_provider_come_first():
    article = article_of(
        provider="{name: A, domain: example.com, authors: [{name: Ana}]}", author="Ben"
    )
    assert article.authors == (Person(name="Ana"),)


def test_author_may_have_an_address():
    article = article_of(author="{name: Ana, url: 'https://example.org/ana'}")
    assert article.authors == (Person(name="Ana", uri="https://example.org/ana"),)


def test_address_of_an_author_is_no_script():
    article = article_of(author="{name: Ana, url: 'javascript:alert(1)'}")
    assert article.authors == (Person(name="Ana"),)


def test_null_address_of_an_author_lets_the_other_name_speak():
    article = article_of_json(author={"name": "Ana", "url": None, "uri": "https://example.org/a"})
    assert article.authors == (Person(name="Ana", uri="https://example.org/a"),)


# Topics


@pytest.mark.parametrize(
    ("topics", "names"),
    [
        ("AI", ("AI",)),
        ("[AI, Law]", ("AI", "Law")),
        ("'AI, ML'", ("AI, ML",)),
        ("[1, 2]", ("1", "2")),
        ("[true, no, on]", ("true", "no", "on")),
        ("[AI, AI, AI]", ("AI",)),
        ("[{name: AI}]", ("AI",)),
        ("[null, AI, '', ' ']", ("AI",)),
        ("[[AI], {a: b}, Law]", ("Law",)),
        ('["-", "\\u200b", "\\u200d", "_ -", AI]', ("AI",)),
        ("[C, C++, 'C#', .NET]", ("C", "C++", "C#", ".NET")),
        ('["a\\u0000b\\nc"]', ("ab c",)),
        ("[]", ()),
        ("null", ()),
        ("{a: b}", ()),
    ],
)
def test_topics_are_names(topics, names):
    assert article_of(topics=topics).topics == names


def test_spellings_stay_as_written():
    assert article_of(topics="[Management Tools, Management tools]").topics == (
        "Management Tools",
        "Management tools",
    )


def test_tags_and_categories_stand_in_for_topics():
    assert article_of(topics=None, tags="[a, b]", categories="[b, c]").topics == ("a", "b", "c")


def test_topics_silence_tags():
    assert article_of(topics="[a]", tags="[b]").topics == ("a",)


def test_category_is_no_topic():
    assert article_of(topics=None, category="news").topics == ()


def test_only_twenty_topics_are_used():
    many = ", ".join(f"t{number}" for number in range(5000))
    assert article_of(topics=f"[{many}]").topics == tuple(f"t{number}" for number in range(20))


def test_too_many_topics_are_warned_of():
    many = ", ".join(f"t{number}" for number in range(21))
    assert warnings_of(topics=f"[{many}]") == ["too-many-topics"]


def test_long_topic_is_cut_at_a_hundred_characters():
    assert len(article_of(topics=f"[{'a' * 300}]").topics[0]) == 100


# Pictures


@pytest.mark.parametrize(
    "images",
    [
        "[{url: 'https://images.example.com/a.jpg'}]",
        "{url: 'https://images.example.com/a.jpg'}",
        "https://images.example.com/a.jpg",
        "['https://images.example.com/a.jpg']",
        "[{src: 'https://images.example.com/a.jpg'}]",
    ],
)
def test_pictures_come_in_many_shapes(images):
    assert [image.url for image in article_of(images=images).images] == [
        "https://images.example.com/a.jpg"
    ]


def test_relative_picture_is_one_of_the_site():
    assert article_of(images="/a.jpg").images[0].url == "https://feeds.example.org/a.jpg"


def test_picture_listed_twice_is_one():
    images = "['https://images.example.com/a b.jpg', 'https://images.example.com/a%20b.jpg']"
    assert len(article_of(images=images).images) == 1


@pytest.mark.parametrize(
    "images", ["['javascript:x']", "[{url: 'data:image/png,x'}]", "[{}]", "[{url: ''}]", "[[a]]"]
)
def test_picture_without_usable_address_is_dropped(images):
    assert article_of(images=images).images == ()


def test_picture_with_a_null_address_is_dropped():
    assert article_of_json(images=[{"url": None, "width": 3}]).images == ()


@pytest.mark.parametrize(
    ("size", "pixels"),
    [
        ("800", 800), ("'800'", 800), ("0", None), ("-1", None), ("8.5", None), ("100%", None),
        ("[]", None), ("null", None), ("999999", None), ("0x10", None),
    ],
)  # fmt: skip
def test_size_of_a_picture_is_a_positive_number_or_unknown(size, pixels):
    images = f"[{{url: 'https://images.example.com/a.jpg', width: {size}, height: {size}}}]"
    image = article_of(images=images).images[0]
    assert (image.width, image.height) == (pixels, pixels)


def test_declared_type_of_a_picture_counts():
    images = "[{url: 'https://images.example.com/a', type: image/webp}]"
    assert article_of(images=images).images[0].media_type == "image/webp"


@pytest.mark.parametrize("name", ["title", "alt"])
def test_picture_has_a_caption(name):
    images = f"[{{url: 'https://images.example.com/a.jpg', {name}: 'A &amp; b'}}]"
    assert article_of(images=images).images[0].title == "A & b"


def test_pictures_beyond_fifty_are_dropped():
    many = ", ".join(f"/{number}.jpg" for number in range(60))
    assert len(article_of(images=f"[{many}]").images) == 50


# Related articles


def related_of(*items):
    return article_of_json(related=list(items)).related


ITEM = {"title": "A related article", "webUrl": "https://www.example.net/r"}


def test_related_article_is_read():
    [item] = related_of(
        ITEM
        | {
            "publishedDateTime": "2026-01-29",
            "quality": 57,
            "provider": {"name": "Example%2c Net", "domain": "example.net"},
            "images": [{"url": "https://images.example.net/r.jpg"}],
        }
    )
    assert (item.title, item.link, item.quality, item.provider.name, len(item.images)) == (
        "A related article",
        "https://www.example.net/r",
        57,
        "Example, Net",
        1,
    )


@pytest.mark.parametrize(
    "item",
    [
        {"title": "no address"},
        {"webUrl": "https://www.example.net/r"},
        {"title": "", "webUrl": "https://www.example.net/r"},
        {"title": "bad", "webUrl": "javascript:alert(1)"},
        {"title": ["x"], "webUrl": "https://www.example.net/r"},
        "https://www.example.net/r",
        None,
        [],
    ],
)
def test_related_article_without_title_or_address_is_dropped(item):
    assert related_of(item, ITEM) == related_of(ITEM)


def test_related_article_with_a_bad_date_is_kept():
    [item] = related_of(ITEM | {"publishedDateTime": "soon"})
    assert item.published is None


def test_null_address_of_a_related_article_lets_the_original_one_speak():
    [item] = related_of({"title": "a", "webUrl": None, "originalUrl": "https://www.example.net/o"})
    assert item.link == "https://www.example.net/o"


def test_null_title_of_a_related_article_lets_its_name_speak():
    [item] = related_of(ITEM | {"title": None, "name": "b"})
    assert item.title == "b"


@pytest.mark.parametrize(
    "flags",
    [
        {"published": False},
        {"published": "maybe"},
        {"published": []},
        {"removed": True},
        {"deleted": "yes"},
        {"draft": True},
        {"removed": "2026-01-01"},
    ],
)
def test_withheld_related_article_is_marked(flags):
    [item] = related_of(ITEM | flags)
    assert item.withheld


@pytest.mark.parametrize(
    "flags", [{}, {"published": True}, {"removed": False}, {"draft": "no", "deleted": None}]
)
def test_other_related_articles_are_not_withheld(flags):
    [item] = related_of(ITEM | flags)
    assert item.withheld is None


def test_related_articles_beyond_five_hundred_are_dropped():
    many = [ITEM | {"webUrl": f"https://www.example.net/{number}"} for number in range(600)]
    assert len(related_of(*many)) == 500


# The rest


@pytest.mark.parametrize(
    ("raw", "tag"),
    [
        ("en", "en"),
        ("en_US", "en-US"),
        ("pt-BR", "pt-BR"),
        ("zh-Hans", "zh-Hans"),
        ("english", None),
        ("", None),
        ("e", None),
        ("en-", None),
        ("en us", None),
        (None, None),
    ],
)
def test_language_is_a_tag_of_bcp_47_or_none(raw, tag):
    assert language_tag(raw) == tag


def test_norway_is_a_language():
    assert article_of(locale="no").language == "no"


@pytest.mark.parametrize(("raw", "kind"), [("Video", "video"), ("null", None), ("''", None)])
def test_type_is_a_word_in_lower_case(raw, kind):
    assert article_of(type=raw).type == kind


@pytest.mark.parametrize(
    ("fields", "values"),
    [
        ({"quality": "47", "heat": "-1"}, (47, -1)),
        ({"quality": None, "heat": None}, (0, None)),
        ({"quality": "null", "heat": "null"}, (0, None)),
        ({"quality": "high", "heat": "hot"}, (0, None)),
    ],
)
def test_quality_and_heat_are_numbers(fields, values):
    article = article_of(**fields)
    assert (article.quality, article.heat) == values


@pytest.mark.parametrize(
    "fields",
    [
        {"newField": "x"},
        {"__proto__": "{a: 1}"},
        {"__class__": "x"},
        {"layout": "../../x"},
        {"path": "/etc/passwd"},
        {"slug": "../../etc/x"},
        {"include": "/etc/passwd"},
    ],
)
def test_unknown_fields_change_nothing(fields):
    assert article_of(**fields) == article_of()


@pytest.mark.parametrize(
    "value", ["[]", "{}", "{a: 1}", "[1]", "'x'", "5", "true", "[{}]", "[null]"]
)
@pytest.mark.parametrize("name", ["topics", "images", "related", "provider", "category", "heat"])
def test_odd_values_of_optional_fields_cost_no_record_its_place(name, value):
    assert article_of(**{name: value}).title == "City libraries lend out repair kits"


# What leaves is exact and can be written down


def test_hostile_json_becomes_an_article_that_can_be_serialised():
    odd = "x\ud800\udfff\x00y"
    article = article_of_json(
        id=f"https://example.com/{odd}", title=odd, excerpt=odd, content_html=f"<p>{odd}</p>",
        type=odd, locale=odd, topics=[odd], provider={"name": odd, "domain": odd},
        author={"name": odd, "url": odd},
        images=[{"url": "https://example.com/a.jpg", "title": odd}],
        related=[{"title": odd, "webUrl": "https://www.example.net/r", "provider": odd}],
    )  # fmt: skip
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(article), type=Article) == article


def test_texts_of_an_article_are_plain_strings():
    article = article_of(
        title="No", id="urn:x:1", excerpt="12", type="a", topics="[AI]", author="Ana"
    )
    texts = (article.title, article.id, article.summary, article.type, *article.topics,
             article.link, article.authors[0].name)  # fmt: skip
    assert {type(text) for text in texts} == {str}


@pytest.mark.parametrize("own", ["javascript:x", "data:x", "VBScript:x", "file:///x", "blob:x"])
def test_id_of_a_harmful_scheme_is_not_used_and_named(own):
    found = read(record(id=f'"{own}"'))
    article, problems = read_article(found, RULES)
    assert (article.id, problems[0].code) == ("tag:feeds.example.org,2026:a", "bad-id")
