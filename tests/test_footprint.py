"""What a run holds: nothing twice, and nothing longer than it is needed."""

import pytest
from support import always_several, record, related_list

from feedpub import renderings, survey
from feedpub.engines import Engine
from feedpub.sources.files import FileSource, Scans

RELATED = 'related:\n  - title: "B"\n    webUrl: "https://other.example/b"\n'


def test_the_files_that_were_found_are_let_go_once_they_are_read(workspace):
    scans = Scans()
    location = workspace.write("a.md", record())
    workspace.build(scans=scans)
    location.unlink()
    (source,) = workspace.settings.sources
    assert scans.of(source.files, (".md",)) == {}


def test_files_in_which_related_lists_were_left_are_looked_for_once(workspace, monkeypatch):
    scan, scanned = FileSource.scan, []

    def noted(source, *arguments):
        scanned.append(source.shown)
        return scan(source, *arguments)

    monkeypatch.setattr(FileSource, "scan", noted)
    workspace.write("a.md", record().replace("topics:", f"{RELATED}topics:"))
    workspace.build()
    assert (scanned, "other.example" in workspace.text("all/rss.xml")) == (["articles/"], True)


@pytest.mark.parametrize("lists", ["", RELATED])
def test_articles_are_indexed_once_for_all_processes_that_render(workspace, monkeypatch, lists):
    always_several(monkeypatch)
    workspace.write("a.md", record().replace("topics:", f"{lists}topics:"))
    corpus = workspace.build(engine=Engine(processes=2)).survey.corpus
    assert ("by_address" in vars(corpus)) == bool(lists)


@pytest.fixture
def few_are_many(monkeypatch):
    monkeypatch.setattr(survey, "MANY", 1)


@pytest.mark.usefixtures("few_are_many")
def test_what_two_records_both_say_is_held_once(workspace):
    pictures = "[{url: https://images.example.com/%s.jpg, width: 1200, height: 800}]"
    for name in "ab":
        fields = {"webUrl": f"/{name}", "images": pictures % name, "quality": 640.5, "heat": 720.5}
        workspace.write(f"{name}.md", record(type="article", language="de", **fields))
    a, b = workspace.build().survey.corpus.listed
    assert [id(value) for value in parts(a)] == [id(value) for value in parts(b)]


def parts(article):
    (image,) = article.images
    mine = (article.provider, article.topics, article.type, article.language)
    return (*mine, article.quality, article.heat, image.media_type, image.width, image.height)


@pytest.mark.usefixtures("few_are_many")
def test_a_score_that_equals_a_width_is_not_taken_for_it(workspace):
    pictures = "[{url: https://images.example.com/a.jpg, width: 1200, height: 800}]"
    workspace.write("a.md", record(images=pictures, quality=1200, heat=800))
    (article,) = workspace.build().survey.corpus.listed
    assert [type(value) for value in (article.quality, article.images[0].width)] == [float, int]


def test_articles_of_stories_are_indexed_once_for_all_processes_that_render(workspace, monkeypatch):
    always_several(monkeypatch)
    for name, other in ("ab", "ba"):
        listed = related_list(other).replace("www.example.net", "www.example.com")
        link = f'"https://www.example.com/{name}"'
        workspace.write(f"{name}.md", record(title=name, webUrl=link, related=listed))
    survey = workspace.build(engine=Engine(processes=2)).survey
    assert len(survey.editing.stories.members) == 1
    assert {"by_address", "by_id"} <= vars(survey.corpus).keys()


def test_entries_at_hand_take_no_more_than_they_may(workspace, monkeypatch):
    for name in "abc":
        link = f'"https://www.example.com/{name}"'
        workspace.write(f"{name}.md", record(title=name, webUrl=link))
    workspace.build()
    expected = workspace.text("all/rss.xml")
    monkeypatch.setattr(renderings, "_AT_HAND", 1)
    held = []
    hold = renderings.Renderings._hold

    def noted(self, key, encoded):
        fragments = hold(self, key, encoded)
        held.append(len(self._fragments))
        return fragments

    monkeypatch.setattr(renderings.Renderings, "_hold", noted)
    workspace.build()
    assert (set(held), workspace.text("all/rss.xml")) == ({1}, expected)
