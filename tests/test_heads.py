"""Which record leads: the best, then the oldest, until an editor changes something."""

import json
from datetime import timedelta
from itertools import count

import pytest
from support import CONFIG, DAY, NOW, article, record

from feedpub import editorial, recollection
from feedpub.heads import Head, Heads, editorial_key
from feedpub.state import State

LATER = NOW + timedelta(days=1)


def telling(name, quality=0.0, hours=0, text=b"as it was"):
    published = DAY + timedelta(hours=hours)
    return article(name, id=name, quality=quality, published=published, fingerprint=text)


def chosen(*articles):
    return Heads(moment=NOW).choose("all", "story", articles)


def next_run(*articles, before=()):
    """Return the head of some articles a day after that of those before was chosen."""
    return Heads(moment=LATER, last={("all", "story"): chosen(*before)}).choose(
        "all", "story", articles
    )


@pytest.mark.parametrize("order", ["abc", "bca", "cba", "acb"])
def test_the_best_leads(order):
    quality = {"a": 1, "b": 3, "c": 2}
    assert chosen(*(telling(name, quality[name]) for name in order)).id == "b"


@pytest.mark.parametrize("order", ["abc", "bca", "cba", "acb"])
def test_of_equally_good_ones_the_oldest_leads(order):
    hours = {"a": 3, "b": 2, "c": 1}
    assert chosen(*(telling(name, 5, hours[name]) for name in order)).id == "c"


@pytest.mark.parametrize("order", ["abc", "bca", "cba", "acb"])
def test_of_equally_good_and_old_ones_the_first_by_id_leads(order):
    assert chosen(*map(telling, order)).id == "a"


def test_the_first_head_took_nobodys_place():
    assert chosen(telling("a"), telling("b")).since is None


def test_the_same_records_keep_their_head_though_quality_moved():
    before = (telling("a", 2), telling("b", 1))
    assert next_run(telling("a", 1), telling("b", 2), before=before) == chosen(*before)


def test_the_same_records_keep_their_head_in_any_order():
    before = (telling("a", 2), telling("b", 1))
    assert next_run(*before[::-1], before=before) == chosen(*before)


def test_the_same_records_keep_their_head_though_a_date_moved():
    before = (telling("a", 1, 0), telling("b", 1, 1))
    assert next_run(telling("a", 1, 2), telling("b", 1, 1), before=before).id == "a"


@pytest.mark.parametrize("edited", ["a", "b"])
def test_an_edit_of_any_record_lets_the_best_lead(edited):
    before = (telling("a", 2), telling("b", 1))
    after = {"a": telling("a", 1), "b": telling("b", 2)}
    quality = after[edited].quality
    after[edited] = telling(edited, quality, text=b"edited")
    assert next_run(*after.values(), before=before).id == "b"


def test_a_record_that_joins_may_lead():
    before = (telling("a", 2), telling("b", 1))
    assert next_run(*before, telling("c", 3), before=before).id == "c"


def test_a_head_that_left_is_followed_by_the_best_of_the_rest():
    before = (telling("a", 3), telling("b", 1), telling("c", 2))
    assert next_run(*before[1:], before=before).id == "c"


def test_a_change_of_head_is_as_old_as_the_run():
    before = (telling("a", 1), telling("b", 2))
    assert next_run(telling("a", 1), before=before).since == LATER


def test_an_edit_that_leaves_the_head_in_its_place_is_no_change_of_head():
    before = (telling("a", 2), telling("b", 1))
    assert next_run(telling("a", 2), telling("b", 1, text=b"new"), before=before).since is None


def test_a_head_remembers_since_when_through_edits_of_the_story():
    earlier = Head(key=b"other", id="a", since=DAY)
    heads = Heads(moment=LATER, last={("all", "story"): earlier})
    assert heads.choose("all", "story", [telling("a", 2), telling("b", 1)]).since == DAY


@pytest.mark.parametrize("place", [("all", "other"), ("topics/else", "story")])
def test_each_feed_and_story_has_a_choice_of_its_own(place):
    last = {("all", "story"): chosen(telling("a", 1), telling("b"))}
    head = Heads(moment=LATER, last=last).choose(*place, [telling("a", 1), telling("b", 2)])
    assert head.id == "b"


def test_choices_are_kept_for_the_next_run():
    heads = Heads(moment=NOW)
    head = heads.choose("all", "story", [telling("a")])
    assert heads.chosen == {("all", "story"): head}


def test_what_moves_all_day_changes_no_key():
    moved = telling("a", quality=9, hours=9)
    assert editorial_key([telling("a")]) == editorial_key([moved])


def test_what_an_editor_changes_changes_the_key():
    assert editorial_key([telling("a")]) != editorial_key([telling("a", text=b"edited")])


# From here on, what readers get.
def text_of(name, hour, quality, *, lists="ab", title=None, **fields):
    items = (f'{{title: Copy, webUrl: "https://e.example/{other}"}}' for other in lists)
    return record(
        title=title or f"Title of {name}",
        webUrl=f'"https://e.example/{name}"',
        publishedDateTime=f"2026-10-30T{hour:02}:00:00Z",
        provider=f"{{name: {name}, domain: {name}.example}}",
        quality=quality,
        related=f"[{', '.join(items)}]",
        **fields,
    )


@pytest.fixture
def site(workspace):
    """Make a site that `build` builds a day after it was last built, and returns its entries."""
    state, days = State.in_memory(), count()

    def build():
        workspace.build(now=NOW + timedelta(days=next(days)), state=state)
        return json.loads(workspace.text("all/feed.json"))["items"]

    workspace.build_next = build
    return workspace


def test_a_head_chosen_by_an_edit_dates_the_entry_by_the_run(site):
    site.write("a.md", text_of("a", 1, 1))
    site.write("b.md", text_of("b", 2, 2))
    site.build_next()
    site.write("a.md", text_of("a", 1, 3, title="Anew", updatedDateTime="2026-10-30T03:00:00Z"))
    (entry,) = site.build_next()
    assert (entry["title"], entry["date_modified"]) == ("Anew", "2026-11-02T12:00:00Z")


def test_a_record_that_joins_one_alone_and_leads_dates_the_entry_by_the_run(site):
    site.write("a.md", text_of("a", 1, 1, updatedDateTime="2026-11-01T10:00:00Z"))
    site.build_next()
    site.write("b.md", text_of("b", 2, 2))
    (entry,) = site.build_next()
    assert (entry["title"], entry["date_modified"]) == ("Title of b", "2026-11-02T12:00:00Z")


def test_the_last_of_a_story_that_follows_its_head_dates_the_entry_by_the_run(site):
    site.write("a.md", text_of("a", 1, 1))
    site.write("b.md", text_of("b", 2, 2))
    site.build_next()
    (site.folder / "articles/b.md").unlink()
    (entry,) = site.build_next()
    assert (entry["title"], entry["date_modified"]) == ("Title of a", "2026-11-02T12:00:00Z")


def test_a_head_that_returns_to_the_last_of_its_story_dates_the_entry_by_the_run(site):
    site.write("a.md", text_of("a", 1, 1))
    site.write("b.md", text_of("b", 2, 2))
    site.build_next()
    (site.folder / "articles/b.md").unlink()
    site.build_next()
    site.write("b.md", text_of("b", 2, 2))
    (entry,) = site.build_next()
    assert (entry["title"], entry["date_modified"]) == ("Title of b", "2026-11-03T12:00:00Z")


def test_a_story_that_was_away_as_a_whole_returns_with_the_head_it_had(site):
    site.write("a.md", text_of("a", 1, 1))
    site.write("b.md", text_of("b", 2, 2))
    site.build_next()
    for name in "ab":
        site.write(f"{name}.md", text_of(name, 1, 1, removed="true"))
    site.build_next()
    site.write("a.md", text_of("a", 1, 9))
    site.write("b.md", text_of("b", 2, 2))
    assert site.build_next()[0]["title"] == "Title of b"


def test_quality_does_not_choose_between_records_with_one_link(site):
    site.write("a.md", text_of("a", 1, 2))
    site.write("b.md", text_of("a", 2, 1, title="Twin"))
    site.build_next()
    site.write("b.md", text_of("a", 2, 9, title="Twin"))
    assert site.build_next()[0]["title"] == "Title of a"


def test_quality_does_not_choose_between_records_with_one_id(site):
    own = "https://e.example/id"
    site.write("a.md", text_of("a", 1, 2, id=own))
    site.write("b.md", text_of("b", 2, 1, id=own))
    site.build_next()
    site.write("b.md", text_of("b", 2, 9, id=own))
    assert site.build_next()[0]["title"] == "Title of a"


def test_a_new_fingerprint_lets_no_other_record_lead(site, monkeypatch):
    site.write("a.md", text_of("a", 1, 1))
    site.write("b.md", text_of("b", 2, 2))
    site.build_next()
    site.write("a.md", text_of("a", 1, 9))
    parts = editorial._parts
    monkeypatch.setattr(editorial, "_parts", lambda article: ["anew", *parts(article)])
    for module in (editorial, recollection):
        monkeypatch.setattr(module, "VERSION", editorial.VERSION + 1)
    monkeypatch.setattr("feedpub.survey.code_fingerprint", lambda: b"the next version")
    assert site.build_next()[0]["title"] == "Title of b"


def test_a_story_that_is_no_longer_told_by_a_provider_is_withdrawn_from_its_feed(site):
    site.write("a.md", text_of("a", 1, 1))
    site.write("b.md", text_of("b", 2, 2))
    site.build_next()
    site.write("a.md", text_of("a", 1, 1, removed="true"))
    site.build_next()
    assert "at:deleted-entry" in site.text("providers/a.example/atom.xml")


def test_a_record_of_a_story_that_is_no_longer_folded_is_told_of_when_it_is_withdrawn(site):
    site.write("a.md", text_of("a", 1, 1))
    site.write("b.md", text_of("b", 2, 2))
    site.build_next()
    site.configure(CONFIG + "stories: all\n")
    site.build_next()
    site.write("b.md", text_of("b", 2, 2, removed="true"))
    site.build_next()
    assert 'ref="tag:feeds.example.org,2026:b"' in site.text("all/atom.xml")
