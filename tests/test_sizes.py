"""How large a feed may be."""

from support import CONFIG, article, record

from feedpub.groups import Group
from feedpub.sizes import fitting

MEGABYTE = 1_000_000
ARTICLES = tuple(article(str(number)) for number in range(6))


def fitted(*, size=MEGABYTE, articles=ARTICLES, **fields):
    group = Group(kind="all", path="all", name=None, articles=articles, **{"limit": 50, **fields})
    return group, fitting(group, lambda _: 4 * size, lambda _: (size, size // 2))


def test_small_feed_stays_as_it_is():
    group, shown = fitted(size=1_000)
    assert shown is group


def test_feed_shows_its_newest_entries_that_fit():
    _, shown = fitted()
    assert shown.window == ARTICLES[:4]


def test_feed_whose_bound_is_too_large_and_whose_files_are_not_shows_all():
    group, shown = fitted(size=700_000)
    assert shown is group


def test_articles_past_the_window_stay_known():
    _, shown = fitted()
    assert shown.articles == ARTICLES


def test_limit_below_what_fits_holds():
    _, shown = fitted(limit=3)
    assert shown.window == ARTICLES[:3]


def test_late_articles_go_first():
    _, shown = fitted(articles=ARTICLES[:3], limit=3, late=ARTICLES[3:])
    assert (shown.limit, shown.late) == (3, ARTICLES[3:4])


def test_entry_too_large_for_any_feed_is_shown_alone():
    _, shown = fitted(size=9 * MEGABYTE)
    assert shown.window == ARTICLES[:1]


def write_long_articles(workspace):
    body = f"<p>{'Many words. ' * 9}</p>\n" * 8_000
    for number in range(6):
        address = f'"https://www.example.com/{number}"'
        workspace.write(f"{number}.html", record(webUrl=address, body=body))


def test_feed_that_cannot_show_all_is_named(workspace):
    write_long_articles(workspace)
    summary = workspace.build().summary
    (problem,) = (problem for problem in summary.problems if problem.source == "all")
    assert problem.message.startswith("shows 4 of 6 entries")
    assert problem.severity == "warning"


def test_site_with_archives_shows_all_though_there_is_no_archive_yet(workspace):
    """What a feed leaves out must be in an archive, and a month goes there as a whole."""
    workspace.configure(CONFIG + "archive: true\n")
    write_long_articles(workspace)
    report = workspace.build()
    assert [len(group.window) for group in report.groups if group.path == "all"] == [6]
    assert report.summary.problems == ()
