"""Stories: which records are one, and what an entry that stands for several says."""

import json
from datetime import timedelta
from pathlib import Path

import hypothesis.strategies as st
import pytest
import yaml
from hypothesis import given
from msgspec.structs import replace
from support import CORPUS, DAY, NOW, Workspace, article, call_feedpub, needs_corpus, provider
from support import record as record_text

from feedpub.catalog import build_catalog
from feedpub.corpus import sort_out
from feedpub.digests import address_key
from feedpub.groups import Editing, GroupRules, groups_of
from feedpub.heads import Heads
from feedpub.selection import Selection
from feedpub.state import State
from feedpub.stories import StoryRules, assigned, stories_of

RULES = StoryRules(window=timedelta(days=14), limit=5)
HOUR = timedelta(hours=1)
ANY = Selection()


def telling(name, hours=0, *others, **fields):
    """Return an article some hours after `DAY` that lists others by their names."""
    links = (f"https://www.example.com/{other}" for other in others)
    keys = b"".join(map(address_key, links))
    fields.setdefault("id", name)
    return article(name, published=DAY + hours * HOUR, related_keys=keys, **fields)


def clusters(articles, rules=RULES, known=None):
    """Return the stories as texts of the sorted ids in them."""
    names = assigned(articles, rules, known)
    return {"".join(sorted(id_ for id_ in names if names[id_] == name)) for name in names.values()}


def test_records_that_list_each_other_are_one_story():
    assert clusters([telling("a", 0, "b"), telling("b", 1, "a")]) == {"ab"}


def test_a_link_in_one_direction_makes_no_story():
    assert clusters([telling("a", 0, "b"), telling("b", 1, "c")]) == {"a", "b"}


def test_a_link_to_a_record_that_lists_nothing_makes_no_story():
    assert clusters([telling("a", 0, "b"), telling("b", 1)]) == {"a", "b"}


def test_stories_grow_from_link_to_link():
    chain = [telling("a", 0, "b"), telling("b", 1, "a", "c"), telling("c", 2, "b")]
    assert clusters(chain) == {"abc"}


def test_a_record_that_lists_itself_is_no_story_of_its_own():
    assert stories_of([telling("a", 0, "a")], {"a": "a"}).members == {}


def test_a_link_by_the_original_address_counts():
    original = "https://wire.example.org/b"
    one = replace(telling("a"), related_keys=address_key(original))
    assert clusters([one, telling("b", 1, "a", via=original)]) == {"ab"}


def test_a_link_by_http_to_an_address_by_https_counts():
    one = replace(telling("a"), related_keys=address_key("http://www.example.com/b"))
    assert clusters([one, telling("b", 1, "a")]) == {"ab"}


def test_a_story_goes_by_its_oldest_record():
    assert assigned([telling("a", 5, "b"), telling("b", 1, "a")], RULES) == {"a": "b", "b": "b"}


def test_of_records_of_one_time_the_story_goes_by_the_first_id():
    assert assigned([telling("b", 0, "a"), telling("a", 0, "b")], RULES) == {"a": "a", "b": "a"}


def test_a_story_spans_no_more_than_the_window():
    assert clusters([telling("a", 0, "b"), telling("b", 14 * 24 + 1, "a")]) == {"a", "b"}


def test_a_story_may_span_the_whole_window():
    assert clusters([telling("a", 0, "b"), telling("b", 14 * 24, "a")]) == {"ab"}


def test_the_window_splits_a_chain_at_its_widest_gap():
    days = {"a": 0, "b": 4 * 24, "c": 12 * 24, "d": 15 * 24}
    names = "".join(days)
    chain = [telling(name, hours, *names.replace(name, "")) for name, hours in days.items()]
    assert clusters(chain) == {"ab", "cd"}


def test_a_story_holds_no_more_records_than_the_limit():
    names = "abcdefgh"
    sizes = [len(found) for found in clusters([telling(n, 0, *names) for n in names])]
    assert max(sizes) == RULES.limit


def test_without_folding_every_record_is_a_story_of_its_own():
    rules = replace(RULES, fold=False)
    assert clusters([telling("a", 0, "b"), telling("b", 1, "a")], rules) == {"a", "b"}


def test_a_known_story_stays_though_its_records_list_each_other_no_more():
    assert clusters([telling("a"), telling("b", 1)], known={"a": "a", "b": "a"}) == {"ab"}


def test_known_stories_stay_apart_though_their_records_list_each_other_now():
    both = [telling("a", 0, "b"), telling("b", 1, "a")]
    assert clusters(both, known={"a": "a", "b": "b"}) == {"a", "b"}


def test_a_new_record_does_not_make_two_known_stories_one():
    chain = [telling("a", 0, "b"), telling("b", 1, "a", "c"), telling("c", 3, "b")]
    assert clusters(chain, known={"a": "a", "c": "c"}) == {"ab", "c"}


def test_a_new_record_joins_the_nearest_story():
    some = [telling("a", 0, "n"), telling("b", 30, "n"), telling("n", 20, "a", "b")]
    assert clusters(some, known={"a": "a", "b": "b"}) == {"a", "bn"}


def test_a_known_story_keeps_its_name_when_an_older_record_joins():
    late = [telling("z", -50, "b"), telling("b", 0, "z")]
    assert assigned(late, RULES, {"b": "b"}) == {"b": "b", "z": "b"}


def test_a_known_story_keeps_its_name_without_the_record_it_goes_by():
    assert assigned([telling("b")], RULES, {"b": "gone"}) == {"b": "gone"}


def test_a_record_that_a_full_story_has_no_room_for_stands_alone():
    rules = replace(RULES, limit=2)
    some = [telling("a"), telling("b", 0, "n"), telling("n", 1, "b")]
    assert clusters(some, rules, known={"a": "a", "b": "a"}) == {"ab", "n"}


GRAPHS = st.lists(
    st.tuples(st.integers(0, 600), st.sets(st.sampled_from("abcdefgh"))), min_size=2, max_size=8
)


@given(GRAPHS, st.dictionaries(st.sampled_from("abcd"), st.sampled_from(["a", "x"])), st.randoms())
def test_the_order_records_come_in_does_not_matter(graph, known, random):
    some = [
        telling(name, hours, *links)
        for name, (hours, links) in zip("abcdefgh", graph, strict=False)
    ]
    shuffled = random.sample(some, len(some))
    assert assigned(shuffled, RULES, known) == assigned(some, RULES, known)


def joined_one_by_one(articles, rules, known):
    """Return the stories of articles as the rules tell them, pair after pair."""
    listed = {a.id: {b.id for b in articles if address_key(b.link) in keys_of(a)} for a in articles}
    pairs = [
        (abs(a.published - b.published), a.id, b.id)
        for a in articles
        for b in articles
        if a.id < b.id and a.id in listed[b.id] and b.id in listed[a.id]
    ]
    story = {a.id: known.get(a.id, a.id) for a in articles}
    for _, one, other in sorted(pairs):
        both = [a for a in articles if story[a.id] in {story[one], story[other]}]
        if {one, other} <= known.keys() or len({known[a.id] for a in both if a.id in known}) > 1:
            continue
        dates = [a.published for a in both]
        if max(dates) - min(dates) <= rules.window and len(both) <= rules.limit:
            name = next((known[a.id] for a in both if a.id in known), story[one])
            story.update((a.id, name) for a in both)
    return {frozenset(id_ for id_ in story if story[id_] == name) for name in story.values()}


def keys_of(article):
    keys = article.related_keys
    return {keys[start : start + 8] for start in range(0, len(keys), 8)}


@given(
    st.lists(st.tuples(st.integers(0, 400), st.sets(st.sampled_from("abcdefgh"), min_size=5))),
    st.dictionaries(st.sampled_from("abcd"), st.sampled_from(["x", "y"])),
    st.integers(2, 8),
)
def test_articles_that_join_at_once_would_have_joined_one_by_one(graph, known, limit):
    some = [
        telling(name, hours, *links)
        for name, (hours, links) in zip("abcdefgh", graph, strict=False)
    ]
    rules = replace(RULES, limit=limit)
    names = assigned(some, rules, known)
    found = {frozenset(id_ for id_ in names if names[id_] == name) for name in names.values()}
    assert found == joined_one_by_one(some, rules, known)


@given(GRAPHS)
def test_stories_that_are_remembered_are_what_they_were(graph):
    some = [
        telling(name, hours, *links)
        for name, (hours, links) in zip("abcdefgh", graph, strict=False)
    ]
    names = assigned(some, RULES)
    assert assigned(some, RULES, names) == names


def folded(*articles):
    names = assigned(articles, RULES)
    return stories_of(articles, names).folded("all", tuple(articles), Heads(moment=NOW))


def test_heads_are_chosen_only_where_there_are_feeds():
    fields = {"topics": ("AI",), "provider": provider("Daily", "example.com")}
    corpus = sort_out([telling("a", 0, "b", **fields), telling("b", 1, "a", **fields)], ANY, NOW)
    stories = stories_of(corpus.listed, assigned(corpus.listed, RULES))
    heads = Heads(moment=NOW)
    rules = GroupRules(kinds=frozenset({"all", "topic", "topic-provider"}), min_entries=3)
    editing = Editing(heads=heads, stories=stories)
    groups_of(corpus, build_catalog(corpus.listed), rules, NOW, editing=editing)
    assert {path for path, _ in heads.chosen} == {"all", "topics/ai"}


def test_an_entry_has_the_id_of_its_story_and_the_words_of_its_head():
    entry = folded(telling("a", 0, "b", quality=1), telling("b", 1, "a", quality=2))[0]
    assert (entry.id, entry.title) == ("a", "Title of b")


def test_a_record_alone_is_an_entry_without_a_story():
    assert folded(telling("a"))[0].story is None


def test_outlets_of_a_story_are_counted_by_their_domains():
    twice = provider("The Same", "example.com")
    some = (telling("a", 0, "b"), telling("b", 1, "a", "c", provider=twice))
    other = telling("c", 2, "b", provider=provider("Other", "example.net"))
    assert folded(*some, other)[0].story.outlets == 2


def test_entries_of_stories_are_newest_first_by_their_heads():
    lead = telling("b", 9, "a", quality=5)
    ids = [entry.id for entry in folded(telling("a", 0, "b"), lead, telling("c", 5))]
    assert ids == ["a", "c"]


# From here on, what readers get.
def telling_text(name, *others, outlet=None, hour=0, **fields):
    items = "".join(f', {{title: "Copy of {o}", webUrl: "https://e.example/{o}"}}' for o in others)
    return record_text(
        title=f"Title of {name}",
        webUrl=f'"https://e.example/{name}"',
        publishedDateTime=f"2026-01-30T{hour:02}:00:00Z",
        provider=f"{{name: {outlet or name}, domain: {outlet or name}.example}}",
        related=f"[{items[2:]}]" if others else None,
        **fields,
    )


def three(workspace):
    workspace.write("a.md", telling_text("a", "b", "c", quality=1))
    workspace.write("b.md", telling_text("b", "a", hour=1, quality=9))
    workspace.write("c.md", telling_text("c", "a", "x", hour=2, quality=5))
    return workspace


def item(workspace, path="all"):
    (found,) = json.loads(workspace.text(f"{path}/feed.json"))["items"]
    return found


def test_json_feed_tells_the_story_of_an_entry(workspace):
    three(workspace).build()
    tag = "tag:feeds.example.org,2026:"
    members = [tag + name for name in "abc"]
    story = {"id": members[0], "members": members, "outlets": 3}
    assert item(workspace)["_feedpub"]["story"] == story


def test_a_feed_is_led_by_the_best_of_its_own_records(workspace):
    three(workspace).build()
    titles = {path: item(workspace, path)["title"] for path in ("all", "providers/c.example")}
    assert titles == {"all": "Title of b", "providers/c.example": "Title of c"}


def test_the_others_of_a_story_are_listed_under_the_number_of_outlets(workspace):
    three(workspace).build()
    assert "<p>Also at 2 outlets:</p><ul><li>" in item(workspace)["content_html"]


def test_the_records_take_the_place_of_their_embedded_copies(workspace):
    three(workspace).build()
    related = [link["title"] for link in item(workspace)["_feedpub"]["related"]]
    assert related == ["Title of c", "Title of a"]


def test_the_others_of_a_story_come_one_provider_first(workspace):
    names = "abcd"
    for name, outlet, quality in zip(names, "pqqr", (9, 8, 7, 6), strict=True):
        others = names.replace(name, "")
        text = telling_text(name, *others, outlet=outlet, quality=quality)
        workspace.write(f"{name}.md", text)
    workspace.build()
    related = [link["title"] for link in item(workspace)["_feedpub"]["related"]]
    assert related == ["Title of b", "Title of d", "Title of c"]


def test_the_others_of_a_story_are_capped(workspace):
    for name in "abcdefghi":
        workspace.write(f"{name}.md", telling_text(name, *"abcdefghi".replace(name, "")))
    workspace.build()
    assert len(item(workspace)["_feedpub"]["related"]) == 5


def test_stories_all_shows_every_record(workspace):
    three(workspace).configure((workspace.folder / "config.yaml").read_text() + "stories: all\n")
    workspace.build()
    ids = [entry["id"][-1] for entry in json.loads(workspace.text("all/feed.json"))["items"]]
    assert ids == ["c", "b", "a"]


def test_explain_tells_the_story_of_a_record(workspace):
    three(workspace)
    said = call_feedpub("explain", "articles/a.md", cwd=workspace.folder).stdout
    assert "story: 3 records from 3 outlets, as tag:feeds.example.org,2026:a" in said


def test_explain_tells_which_record_leads(workspace):
    three(workspace)
    said = call_feedpub("explain", "articles/a.md", cwd=workspace.folder).stdout
    assert "led by articles/b.md: Title of b" in said


NEWS = CORPUS / "azure-sample" / "_news"


@pytest.fixture(scope="module")
def azure(tmp_path_factory):
    """Return the entries of `all` made from the real records, the unpublished ones too."""
    workspace = Workspace(tmp_path_factory.mktemp("azure"))
    config = (workspace.folder / "config.yaml").read_text().replace("articles/", f'"{NEWS}"')
    workspace.configure(config + "select: {unpublished: true}\nlimit: 100\n")
    workspace.build(state=State.in_memory())
    return json.loads(workspace.text("all/feed.json"))["items"]


def by_mutual_lists():
    """Return the sizes of the clusters that PyYAML and a walk along mutual links find."""
    lists = {}
    for location in NEWS.glob("*.md"):
        fields = yaml.load(location.read_text("utf-8").split("\n---")[0], yaml.CSafeLoader)
        lists[fields["webUrl"]] = {
            o["webUrl"] for o in fields.get("related") or () if "webUrl" in o
        }
    sizes, left = [], set(lists)
    while left:
        cluster, edge = set(), {left.pop()}
        while edge:
            url = edge.pop()
            cluster.add(url)
            edge |= {o for o in lists[url] & lists.keys() if url in lists[o]} - cluster
        left -= cluster
        sizes.append(len(cluster))
    return sorted(sizes, reverse=True)


def stories_in(items):
    return [
        found["_feedpub"].get("story", {"members": [found["id"]]})["members"] for found in items
    ]


@needs_corpus
def test_real_stories_are_those_of_the_mutual_lists(azure):
    assert sorted(map(len, stories_in(azure)), reverse=True) == by_mutual_lists()


@needs_corpus
def test_real_stories_are_as_large_as_they_were_counted(azure):
    sizes = sorted(map(len, stories_in(azure)), reverse=True)
    assert [size for size in sizes if size > 1] == [30, 6, 5, 4, 3, 3]


@needs_corpus
def test_each_real_record_is_in_one_entry_of_all(azure):
    members = [id_ for story in stories_in(azure) for id_ in story]
    assert (len(members), len(set(members))) == (60, len(list(Path(NEWS).glob("*.md"))))
