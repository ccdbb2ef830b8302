import json
import string

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from support import call_feedpub

from feedpub.cli.init import CONFIG, _scalar
from feedpub.config_file import load_config, parse_config


def loaded(folder):
    return load_config(folder / "config.yaml", "config.yaml").config


def test_init_makes_a_configuration_and_a_record(tmp_path):
    ended = call_feedpub("init", cwd=tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")
    made = sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file())
    assert made == ["articles/hello.md", "config.yaml"]


def test_init_says_what_it_wrote_and_what_comes_next(tmp_path):
    said = call_feedpub("init", cwd=tmp_path).stdout
    assert "wrote config.yaml" in said
    assert "wrote articles/hello.md" in said
    assert "feedpub build" in said


def test_what_init_made_is_published_at_once(tmp_path):
    call_feedpub("init", cwd=tmp_path)
    ended = call_feedpub("build", cwd=tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")
    feed = json.loads((tmp_path / "feeds/all/feed.json").read_text())
    assert [item["title"] for item in feed["items"]] == ["Hello, feed readers"]


def test_what_init_made_is_published_at_once_by_the_clock(tmp_path):
    clock = {"SOURCE_DATE_EPOCH": None}
    call_feedpub("init", cwd=tmp_path, env=clock)
    ended = call_feedpub("build", "--quiet", cwd=tmp_path, env=clock)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def test_what_init_made_passes_the_check(tmp_path):
    call_feedpub("init", cwd=tmp_path)
    ended = call_feedpub("check", cwd=tmp_path)
    assert ended.returncode == 0
    assert "0 errors, 0 warnings" in ended.stdout


def test_init_makes_the_folder_it_is_given(tmp_path):
    assert call_feedpub("init", "new/site", cwd=tmp_path).returncode == 0
    assert (tmp_path / "new/site/config.yaml").exists()


def test_configuration_that_is_there_is_left_alone(tmp_path):
    (tmp_path / "config.yaml").write_text("mine")
    ended = call_feedpub("init", cwd=tmp_path)
    assert ended.returncode == 0
    assert "config.yaml is there already, left alone" in ended.stdout
    assert (tmp_path / "config.yaml").read_text() == "mine"


def test_articles_that_are_there_are_left_alone(tmp_path):
    (tmp_path / "articles").mkdir()
    call_feedpub("init", cwd=tmp_path)
    assert list((tmp_path / "articles").iterdir()) == []


def test_second_init_changes_nothing(tmp_path):
    def contents():
        return {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    call_feedpub("init", cwd=tmp_path)
    before = contents()
    assert call_feedpub("init", "--title", "Another", cwd=tmp_path).returncode == 0
    assert contents() == before


def test_tag_is_the_host_and_the_year(tmp_path):
    call_feedpub("init", "--url", "https://News.Example.org:8080/feeds", cwd=tmp_path)
    assert loaded(tmp_path).site.tag == "news.example.org,2026"


def test_address_of_the_site_ends_in_a_slash(tmp_path):
    call_feedpub("init", "--url", "https://news.example.org/feeds", cwd=tmp_path)
    assert loaded(tmp_path).site.url == "https://news.example.org/feeds/"


TITLES = [
    "News: all of them",
    'He said "no"',
    "It's # not a comment",
    "Bücher & Käse – 図書館",
    "no",
    "null",
    "12:30",
    "- a list?",
    "{braces} and [brackets]",
    "a \\ backslash",
    "*alias &anchor !tag",
    "@at `tick` %percent",
    "x" * 300,
    "   outer blanks   ",
]


@pytest.mark.parametrize("title", TITLES)
def test_title_survives(tmp_path, title):
    assert call_feedpub("init", "--title", title, cwd=tmp_path).returncode == 0
    assert loaded(tmp_path).site.title == title


@pytest.mark.parametrize("title", TITLES)
def test_title_means_the_same_to_any_yaml_parser(tmp_path, title):
    call_feedpub("init", "--title", title, cwd=tmp_path)
    assert yaml.safe_load((tmp_path / "config.yaml").read_text("utf-8"))["site"]["title"] == title


@pytest.mark.parametrize("title", TITLES)
def test_description_survives(tmp_path, title):
    assert call_feedpub("init", "--description", title, cwd=tmp_path).returncode == 0
    assert loaded(tmp_path).site.description == title


@pytest.mark.parametrize("language", ["no", "de", "pt-BR"])
def test_language_survives(tmp_path, language):
    call_feedpub("init", "--language", language, cwd=tmp_path)
    assert loaded(tmp_path).site.language == language


def configured(title):
    """Return the site of the configuration `init` makes for a title."""
    text = CONFIG.format(
        title=_scalar(title),
        url="https://feeds.example.org/",
        description=_scalar(title),
        language="en",
        tag="feeds.example.org,2026",
    )
    return parse_config(text.encode(), "config.yaml").site


_PRINTABLE = st.characters(exclude_categories=["Cc", "Cs", "Cn", "Co"])
_TITLES = st.text(_PRINTABLE | st.sampled_from(string.punctuation), min_size=1)


@given(_TITLES.filter(lambda title: title.strip() and (title == title.strip() or title.isascii())))
def test_any_text_is_a_title(title):
    site = configured(title)
    assert (site.title, site.description) == (title, title)


@pytest.mark.parametrize("title", ["\u00a0News", "News\u00a0", "\u3000News"], ids=ascii)
def test_odd_outer_space_of_a_title_survives(title):
    assert configured(title).title == title


@pytest.mark.parametrize(
    "options",
    [
        ["--url", "feeds.example.org"],
        ["--url", "ftp://feeds.example.org/"],
        ["--language", "deutsch"],
        ["--title", ""],
    ],
    ids=" ".join,
)
def test_value_that_cannot_be_used_is_refused_and_nothing_is_made(tmp_path, options):
    ended = call_feedpub("init", *options, cwd=tmp_path)
    assert ended.returncode in {2, 78}
    assert options[0].strip("-") in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_address_that_is_none_is_refused(tmp_path):
    assert call_feedpub("init", "--url", "http://[feeds", cwd=tmp_path).returncode in {2, 78}


def test_host_beyond_ascii_is_no_obstacle(tmp_path):
    ended = call_feedpub("init", "--url", "https://bücher.example.org/", cwd=tmp_path)
    assert ended.returncode == 0
    assert loaded(tmp_path).site.tag == "xn--bcher-kva.example.org,2026"


def test_file_instead_of_a_folder_is_a_wrong_command_line(tmp_path):
    (tmp_path / "site").touch()
    assert call_feedpub("init", "site", cwd=tmp_path).returncode == 2


def test_folder_that_cannot_be_made_is_no_internal_error(tmp_path):
    (tmp_path / "file").touch()
    ended = call_feedpub("init", "file/site", cwd=tmp_path)
    assert ended.returncode in {2, 74}
    assert "internal error" not in ended.stderr
