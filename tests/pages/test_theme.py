"""Templates, words and readers of the user's own."""

import pytest
from support import CONFIG, feed, record, run_feedpub

from feedpub.errors import ConfigError
from feedpub.pages import html_pages, stylesheets
from feedpub.pages.theme import READERS, Reader, Theme, direction


def css(theme):
    return {document.path: document.data.decode() for document in stylesheets.documents(theme)}


def test_words_are_those_of_the_language():
    assert Theme(language="de-AT").texts["topics"] == "Themen"


def test_words_of_a_language_that_is_not_there_are_english():
    assert Theme(language="fr").texts["topics"] == "Topics"


def test_every_translation_has_every_word():
    assert set(Theme(language="de").texts) == set(Theme().texts)


def test_no_word_hides_behind_a_method_of_the_table():
    assert [key for key in Theme().texts if hasattr(Theme().texts, key)] == []


def test_words_of_the_user_come_first(tmp_path):
    (tmp_path / "texts.toml").write_text('topics = "Subjects"\n')
    texts = Theme(folder=str(tmp_path)).texts
    assert (texts["topics"], texts["providers"]) == ("Subjects", "Providers")


@pytest.mark.parametrize("text", ["topics = 1\n", "topics: Subjects\n"])
def test_file_of_words_that_is_none_is_named(tmp_path, text):
    (tmp_path / "texts.toml").write_text(text)
    with pytest.raises(ConfigError, match=r"texts\.toml"):
        _ = Theme(folder=str(tmp_path)).texts


def test_template_of_the_user_stands_in_for_the_own_one(tmp_path):
    (tmp_path / "feed.html").write_text("mine: {{ feed.title }}")
    page = html_pages.render_feed_page(feed(title="A & B"), theme=Theme(folder=str(tmp_path)))
    assert page.data == b"mine: A &amp; B\n"


def test_stylesheet_of_the_user_stands_in_for_the_own_one(tmp_path):
    (tmp_path / "pages.css").write_text("p {}")
    assert css(Theme(folder=str(tmp_path)))["pages.css"] == "p {}"


def test_words_in_the_stylesheet_of_feeds_cannot_end_their_string(tmp_path):
    (tmp_path / "texts.toml").write_text("feed_banner = 'a\"} * {x} \\\\ '\n")
    assert 'content: "a\\22 } * {x} \\5c \\5c  ";' in css(Theme(folder=str(tmp_path)))["feed.css"]


def test_readers_get_the_address_of_the_feed_encoded():
    theme = Theme(readers=(Reader(name="R & D", url="https://reader.example.com/?u={url}"),))
    page = html_pages.render_feed_page(feed(), theme=theme).data.decode()
    address = "https%3A%2F%2Ffeeds.example.org%2Ftopics%2Flibraries%2Frss.xml"
    assert (
        f'href="https://reader.example.com/?u={address}" rel="nofollow noopener">R &amp; D<' in page
    )


@pytest.mark.parametrize(
    ("language", "expected"), [("ar", "rtl"), ("he-IL", "rtl"), ("en", "ltr"), ("arn", "ltr")]
)
def test_direction_of_a_language(language, expected):
    assert direction(language) == expected


@pytest.fixture
def themed(workspace):
    workspace.configure(f"{CONFIG}pages: {{templates: templates/}}\n")
    (workspace.folder / "templates").mkdir()
    workspace.write("a.md", record())
    return workspace


def test_edit_of_a_template_is_published_by_the_next_run(themed):
    template = themed.folder / "templates" / "feed.html"
    pages = []
    for text in ("one", "two", "two"):
        template.write_text(text)
        assert run_feedpub("build", cwd=themed.folder).returncode == 0
        pages.append((themed.folder / "feeds" / "all" / "index.html").read_text())
    assert pages == ["one\n", "two\n", "two\n"]


def test_folder_of_templates_that_is_not_there_is_named(workspace):
    workspace.configure(f"{CONFIG}pages: {{templates: templates/}}\n")
    result = run_feedpub("build", cwd=workspace.folder)
    assert result.returncode == 78
    assert "pages.templates: there is no templates/ beside the configuration" in result.stderr


def test_reader_without_a_place_for_the_address_is_refused(workspace):
    workspace.configure(f"{CONFIG}pages: {{readers: [{{name: R, url: 'https://r.example/'}}]}}\n")
    result = run_feedpub("build", cwd=workspace.folder)
    assert (result.returncode, "{url}" in result.stderr) == (78, True)


def test_readers_by_default_are_shown_with_the_configuration(workspace):
    shown = run_feedpub("config", "show", cwd=workspace.folder).stdout
    assert [f"name: {reader.name}" in shown for reader in READERS] == [True] * len(READERS)
