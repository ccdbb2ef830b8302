"""Real records: what is counted here with PyYAML's own loader, feedpub must have found too.

The records stay where they are, beside the project; nothing of their texts stands here.
"""

import html
import json
import re
import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from lxml import etree
from support import CORPUS, needs_corpus, run_feedpub

pytestmark = needs_corpus

ATOM = {"a": "http://www.w3.org/2005/Atom"}
SEED = CORPUS / "seed"
POWERAPPS, AZURE = CORPUS / "powerapps", CORPUS / "azure-sample"

TWO_SITES = f"""\
site:
  title: Two sites
  url: https://feeds.example.org/
  description: Real records
  language: en
  tag: feeds.example.org,2026
sources:
  - {{path: "{POWERAPPS}/_news", prefix: powerapps/}}
  - {{path: "{AZURE}/_news", prefix: azure/}}
output: feeds/
"""
_FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(.*?)^---[ \t]*\r?$", re.DOTALL | re.MULTILINE)

Fields = dict[str, Any]


def front_matter(location: Path) -> Fields | None:
    match = _FRONT_MATTER.match(location.read_text("utf-8-sig"))
    return yaml.load(match[1], yaml.CSafeLoader) if match else None


def records_in(folder: Path) -> dict[Path, Fields]:
    found = {path: front_matter(path) for path in sorted(folder.rglob("*.md"))}
    return {path: fields for path, fields in found.items() if fields is not None}


def link_of(fields: Fields) -> str:
    return str(fields.get("webUrl") or fields["originalUrl"]).strip()


def merged_by_link(records: list[Fields]) -> list[Fields]:
    """Keep the better quality, then the older, of the records with one link."""
    by_link = defaultdict(list)
    for fields in records:
        by_link[link_of(fields).partition("://")[2]].append(fields)
    return [
        min(same, key=lambda f: (-(f.get("quality") or 0), f["publishedDateTime"]))
        for same in by_link.values()
    ]


def configured(folder: Path, config: str) -> Path:
    folder.joinpath("config.yaml").write_text(config, "utf-8")
    return folder


def one_source(path: Path) -> str:
    head = TWO_SITES.partition("sources:")[0]
    return f'{head}sources:\n  - "{path}"\n'


@dataclass(frozen=True, kw_only=True)
class Run:
    """What a build said and left behind."""

    folder: Path
    code: int
    said: str
    complained: str

    def root(self, path: str) -> Any:
        return etree.fromstring((self.folder / "feeds" / path).read_bytes())

    def entries(self, path: str) -> list[Any]:
        return list(self.root(f"{path}/atom.xml").iterfind("a:entry", ATOM))

    def outputs(self) -> Iterator[str]:
        for path in sorted((self.folder / "feeds").rglob("*")):
            if path.is_file():
                yield path.read_text("utf-8")


def run(folder: Path, *arguments: str) -> Run:
    result = run_feedpub("build", *arguments, cwd=folder)
    return Run(folder=folder, code=result.returncode, said=result.stdout, complained=result.stderr)


def listed(folder: Path, what: str) -> dict[str, dict[str, Any]]:
    """Return what `feedpub list … --format json` says, by path."""
    result = run_feedpub("list", what, "--format", "json", cwd=folder)
    assert result.returncode == 0, result.stderr
    return {row["path"]: row for row in json.loads(result.stdout)}


class TestSeed:
    """The one record this project was created from, `published: false`."""

    @pytest.fixture(scope="class")
    @classmethod
    def fields(cls) -> Fields:
        (fields,) = records_in(SEED).values()
        return fields

    @pytest.fixture(scope="class")
    @classmethod
    def plain(cls, tmp_path_factory: pytest.TempPathFactory) -> Run:
        return run(configured(tmp_path_factory.mktemp("seed"), one_source(SEED)))

    @pytest.fixture(scope="class")
    @classmethod
    def lifted(cls, tmp_path_factory: pytest.TempPathFactory) -> Run:
        folder = tmp_path_factory.mktemp("seed")
        return run(configured(folder, one_source(SEED)), "--unpublished")

    def test_without_a_switch_the_run_succeeds(self, plain):
        assert plain.code == 0

    def test_without_a_switch_one_record_is_held_back(self, plain):
        assert "1 record read; held back: 1 unpublished" in plain.said

    def test_without_a_switch_the_message_says_why(self, plain):
        assert "`published: false`" in plain.complained

    def test_without_a_switch_the_message_says_what_to_turn(self, plain):
        assert "feedpub build --unpublished" in plain.complained
        assert "select: {unpublished: true}" in plain.complained

    def test_without_a_switch_no_feed_has_an_entry(self, plain):
        assert plain.entries("all") == []

    def test_without_a_switch_nothing_of_the_record_is_published(self, plain, fields):
        held_back = (fields["title"], link_of(fields), fields["secured"][:30])
        assert [text for output in plain.outputs() for text in held_back if text in output] == []

    def test_with_the_switch_nobody_is_advised_any_more(self, lifted):
        assert (lifted.code, lifted.complained) == (0, "")

    @pytest.mark.parametrize("feed", ["all", "topics/ai", "providers/businessinsider.com"])
    def test_with_the_switch_the_record_stands_in_its_feeds(self, lifted, fields, feed):
        titles = [entry.findtext("a:title", None, ATOM) for entry in lifted.entries(feed)]
        assert titles == [fields["title"]]

    def test_the_switch_in_the_configuration_does_the_same(self, lifted, tmp_path):
        config = one_source(SEED) + "select: {unpublished: true}\n"
        assert list(run(configured(tmp_path, config)).outputs()) == list(lifted.outputs())

    def test_the_entry_links_to_the_article(self, lifted, fields):
        (item,) = lifted.root("topics/ai/rss.xml").iter("item")
        assert item.findtext("link") == fields["webUrl"]

    def test_the_id_is_made_of_the_path(self, lifted):
        (record,) = (path for path in records_in(SEED))
        (item,) = lifted.root("topics/ai/rss.xml").iter("item")
        path = record.relative_to(SEED).with_suffix("").as_posix()
        assert item.findtext("guid") == f"tag:feeds.example.org,2026:{path}"

    def test_rss_has_the_related_link(self, lifted, fields):
        (item,) = lifted.root("topics/ai/rss.xml").iter("item")
        links = item.xpath("a:link[@rel='related']", namespaces=ATOM)
        assert [(link.get("href"), link.get("title")) for link in links] == [
            (related["webUrl"], related["title"]) for related in fields["related"]
        ]

    def test_atom_has_the_related_link(self, lifted, fields):
        (entry,) = lifted.entries("topics/ai")
        links = entry.xpath("a:link[@rel='related']", namespaces=ATOM)
        assert [(link.get("href"), link.get("title")) for link in links] == [
            (related["webUrl"], related["title"]) for related in fields["related"]
        ]

    def test_json_has_the_related_link(self, lifted, fields):
        feed = json.loads((lifted.folder / "feeds/topics/ai/feed.json").read_bytes())
        related = feed["items"][0]["_feedpub"]["related"]
        assert [(link["url"], link["title"]) for link in related] == [
            (item["webUrl"], item["title"]) for item in fields["related"]
        ]

    def test_the_content_lists_the_related_article(self, lifted, fields):
        (entry,) = lifted.entries("topics/ai")
        content = entry.findtext("a:content", None, ATOM)
        assert all(f'<a href="{item["webUrl"]}">' in content for item in fields["related"])

    def test_the_record_has_no_picture_of_its_own(self, fields):
        assert "images" not in fields

    def test_the_related_picture_is_enclosed_in_rss(self, lifted, fields):
        (item,) = lifted.root("topics/ai/rss.xml").iter("item")
        (enclosure,) = item.iter("enclosure")
        assert enclosure.get("url") == fields["related"][0]["images"][0]["url"]

    def test_the_related_picture_is_enclosed_in_atom(self, lifted, fields):
        (entry,) = lifted.entries("topics/ai")
        (enclosure,) = entry.xpath("a:link[@rel='enclosure']", namespaces=ATOM)
        assert enclosure.get("href") == fields["related"][0]["images"][0]["url"]

    def test_the_related_picture_is_attached_in_json(self, lifted, fields):
        feed = json.loads((lifted.folder / "feeds/topics/ai/feed.json").read_bytes())
        url = fields["related"][0]["images"][0]["url"]
        assert feed["items"][0]["attachments"] == [{"url": url, "mime_type": "image/jpeg"}]

    def test_a_query_that_says_webp_does_not_decide_the_type(self, lifted):
        (enclosure,) = lifted.root("topics/ai/rss.xml").iter("enclosure")
        query = urlsplit(enclosure.get("url")).query
        assert ("webp" in query, enclosure.get("type")) == (True, "image/jpeg")

    def test_heat_of_minus_one_alone_hides_nothing(self, fields, tmp_path):
        (record,) = records_in(SEED)
        text = record.read_text("utf-8")
        assert fields["heat"] == -1
        (tmp_path / "articles").mkdir()
        published = text.replace("\npublished: false\n", "\npublished: true\n")
        (tmp_path / "articles" / "a.md").write_text(published, "utf-8")
        assert len(run(configured(tmp_path, one_source(tmp_path / "articles"))).entries("all")) == 1


class TestTwoSites:
    """Two sites of a real publisher, in one run, with ten lines of configuration."""

    @pytest.fixture(scope="class")
    @classmethod
    def run(cls, tmp_path_factory: pytest.TempPathFactory) -> Run:
        return run(configured(tmp_path_factory.mktemp("two"), TWO_SITES))

    @pytest.fixture(scope="class")
    @classmethod
    def records(cls) -> list[Fields]:
        return [f for site in (POWERAPPS, AZURE) for f in records_in(site / "_news").values()]

    @pytest.fixture(scope="class")
    @classmethod
    def published(cls, records: list[Fields]) -> list[Fields]:
        return [f for f in records if f["published"] is True and not f.get("removed")]

    @pytest.fixture(scope="class")
    @classmethod
    def kept(cls, published: list[Fields]) -> list[Fields]:
        return merged_by_link(published)

    @pytest.fixture(scope="class")
    @classmethod
    def providers(cls, run: Run) -> dict[str, dict[str, Any]]:
        return listed(run.folder, "providers")

    @pytest.fixture(scope="class")
    @classmethod
    def topics(cls, run: Run) -> dict[str, dict[str, Any]]:
        return listed(run.folder, "topics")

    def test_the_configuration_has_ten_lines(self):
        assert len(TWO_SITES.splitlines()) == 10

    def test_the_run_succeeds_without_a_word_of_complaint(self, run):
        assert (run.code, run.complained) == (0, "")

    def test_every_record_is_read(self, run, records):
        assert len(records) == 674 + 60
        assert run.said.startswith("734 records read; ")

    def test_the_unpublished_are_held_back(self, run, records):
        unpublished = sum(fields["published"] is False for fields in records)
        assert f"held back: {unpublished} unpublished; " in run.said

    def test_records_with_one_link_are_merged(self, run, published, kept):
        assert f"; {len(published) - len(kept)} merged; " in run.said

    def test_all_the_others_are_listed(self, run, kept):
        assert f"; {len(kept)} listed; " in run.said

    def test_the_feed_of_everything_holds_the_newest_fifty(self, run, kept):
        newest = sorted((f["publishedDateTime"] for f in kept), reverse=True)[:50]
        found = [entry.findtext("a:published", None, ATOM) for entry in run.entries("all")]
        assert found == [f"{date:%Y-%m-%dT%H:%M:%SZ}" for date in newest]

    def test_no_link_is_twice_in_a_feed(self, run):
        twice = []
        for path in sorted((run.folder / "feeds").rglob("rss.xml")):
            links = Counter(item.findtext("link") for item in etree.parse(path).iter("item"))
            twice += [link for link, count in links.items() if count > 1]
        assert twice == []

    def test_every_domain_has_its_articles(self, providers, kept):
        counted = Counter(fields["provider"]["domain"] for fields in kept)
        assert {path: row["articles"] for path, row in providers.items()} == {
            f"providers/{domain}": count for domain, count in counted.items()
        }

    def test_every_name_of_a_domain_is_counted(self, providers, kept):
        names: dict[str, Counter[str]] = defaultdict(Counter)
        for fields in kept:
            provider = fields["provider"]
            names[f"providers/{provider['domain']}"][unquote(provider["name"])] += 1
        assert {path: row["spellings"] for path, row in providers.items()} == names

    def test_a_domain_goes_by_its_commonest_name(self, providers):
        assert [row["name"] for row in providers.values()] == [
            max(row["spellings"], key=row["spellings"].get) for row in providers.values()
        ]

    def test_every_topic_has_its_articles_whatever_their_case(self, topics, kept):
        counted = Counter(topic for f in kept for topic in {t.casefold() for t in f["topics"]})
        found = {row["name"].casefold(): row["articles"] for row in topics.values()}
        assert found == counted

    def test_every_spelling_of_a_topic_is_counted(self, topics, kept):
        counted = Counter(topic for fields in kept for topic in set(fields["topics"]))
        found = (Counter(row["spellings"]) for row in topics.values())
        assert sum(found, Counter()) == counted

    def test_pairs_of_topic_and_domain_have_five_articles_or_more(self, run, kept):
        pairs = Counter((t, f["provider"]["domain"]) for f in kept for t in set(f["topics"]))
        large = sum(count >= 5 for count in pairs.values())
        assert len(list((run.folder / "feeds" / "topics").glob("*/*/rss.xml"))) == large

    def test_no_secret_is_in_any_output(self, run, records):
        text = "".join(run.outputs()) + run.said
        assert [f["secured"][:12] for f in records if f["secured"][:40] in text] == []

    def test_no_link_of_an_unpublished_record_is_in_any_output(self, run, records, published):
        shown = {link_of(fields) for fields in published}
        hidden = {link_of(f) for f in records if f["published"] is False} - shown
        text = html.unescape("".join(run.outputs()))
        linked = set(re.findall(r'https?://[^\s"<>]+', text))
        assert sorted(hidden & linked) == []

    def test_every_feed_is_well_formed(self, run):
        feeds = [etree.parse(path) for path in (run.folder / "feeds").rglob("*.xml")]
        assert len(feeds) == 2 * len(list((run.folder / "feeds").rglob("feed.json")))

    def test_a_second_run_writes_nothing(self, run):
        again = run_feedpub("build", cwd=run.folder)
        assert ": 0 written, " in again.stdout

    def test_one_site_alone_lists_428_of_674(self, tmp_path):
        records = records_in(POWERAPPS / "_news").values()
        published = [fields for fields in records if fields["published"] is True]
        said = run(configured(tmp_path, one_source(POWERAPPS / "_news"))).said
        assert (len(records), len(published)) == (674, 428)
        assert said.startswith("674 records read; held back: 246 unpublished; 3 merged;")


class TestWholeSite:
    """A whole site, with collections that were never meant for a feed."""

    @pytest.fixture(scope="class")
    @classmethod
    def run(cls, tmp_path_factory: pytest.TempPathFactory) -> Run:
        return run(configured(tmp_path_factory.mktemp("whole"), one_source(POWERAPPS)))

    @pytest.fixture(scope="class")
    @classmethod
    def checked(cls, run: Run) -> subprocess.CompletedProcess[str]:
        return run_feedpub("check", "--format", "json", cwd=run.folder)

    @pytest.fixture(scope="class")
    @classmethod
    def report(cls, checked: subprocess.CompletedProcess[str]) -> dict[str, Any]:
        return json.loads(checked.stdout)

    @pytest.fixture(scope="class")
    @classmethod
    def refused(cls, report: dict[str, Any]) -> dict[str, str]:
        errors = [f for f in report["findings"] if f["severity"] == "error"]
        assert len({f["source"] for f in errors}) == len(errors)
        prefix = f"{POWERAPPS}/"
        return {f["source"].removeprefix(prefix): f["code"] for f in errors}

    def test_the_run_ends_with_code_3(self, run):
        assert run.code == 3

    def test_the_check_ends_with_code_3(self, checked):
        assert checked.returncode == 3

    def test_there_is_no_traceback(self, run):
        assert "Traceback" not in run.complained
        assert "internal error" not in run.complained

    def test_every_record_without_a_date_is_refused_for_it(self, refused):
        undated = set()
        for path, fields in records_in(POWERAPPS).items():
            if not fields.get("publishedDateTime") and fields.get("published") is not False:
                undated.add(path)
        undated.update((POWERAPPS / "_data" / "topics").glob("*.yaml"))
        names = {path.relative_to(POWERAPPS).as_posix() for path in undated}
        assert {name for name, code in refused.items() if code == "no-date"} == names

    def test_a_template_that_is_no_json_is_refused_for_that(self, refused):
        assert refused["api/topics-template.json"] == "json"

    def test_nothing_else_is_refused(self, refused):
        assert Counter(refused.values()) == {"no-date": 92, "json": 1}

    @pytest.mark.parametrize("folder", ["_people", "_learning/courses", "_learning/collections"])
    def test_collections_without_dates_are_named_one_by_one(self, refused, folder):
        files = {path.relative_to(POWERAPPS).as_posix() for path in (POWERAPPS / folder).iterdir()}
        assert files <= set(refused)

    def test_every_refusal_has_a_reason_and_a_line(self, report):
        errors = [finding for finding in report["findings"] if finding["severity"] == "error"]
        assert [f["source"] for f in errors if not f["message"] or f["line"] is None] == []

    def test_the_withdrawn_video_is_held_back(self, report):
        withdrawn = [
            path
            for path, fields in records_in(POWERAPPS).items()
            if fields.get("removed") or fields.get("deleted")
        ]
        assert (len(withdrawn), report["held_back"]["removed"]) == (1, 1)

    def test_the_newsletters_are_listed(self, run):
        for path in sorted((POWERAPPS / "_newsletters").iterdir()):
            explained = run_feedpub("explain", str(path), cwd=run.folder)
            assert "in these feeds:" in explained.stdout

    def test_the_pages_of_the_api_are_the_same_articles_again(self, report):
        pages = [json.loads(path.read_bytes()) for path in (POWERAPPS / "api/news").iterdir()]
        again = sum(len(page["value"]) for page in pages)
        own = merged_by_link(
            [f for f in records_in(POWERAPPS / "_news").values() if f["published"] is True]
        )
        assert (again, report["merged"]) == (50, 50 + 428 - len(own))

    def test_every_record_is_somewhere(self, report):
        errors = sum(finding["severity"] == "error" for finding in report["findings"])
        held_back = sum(report["held_back"].values())
        assert report["records"] == report["listed"] + report["merged"] + held_back + errors

    def test_metadata_gives_topics_their_slugs(self, tmp_path):
        config = TWO_SITES + f'topics: "{POWERAPPS}/_data/topics"\n'
        slugs = {
            fields["name"]: fields["_id"]
            for path in (POWERAPPS / "_data" / "topics").iterdir()
            if (fields := yaml.load(path.read_bytes(), yaml.CSafeLoader))
        }
        rows = listed(configured(tmp_path, config), "topics")
        assert {row["name"]: path for path, row in rows.items() if row["name"] in slugs} == {
            name: f"topics/{slug}" for name, slug in slugs.items()
        }

    def test_metadata_gives_providers_their_names(self, tmp_path):
        config = TWO_SITES + f'providers: "{POWERAPPS}/_data/organizations"\n'
        names = {
            f"providers/{fields['domain']}": fields["name"]
            for fields in records_in(POWERAPPS / "_data" / "organizations").values()
        }
        rows = listed(configured(tmp_path, config), "providers")
        known = {path: row["name"] for path, row in rows.items() if path in names}
        assert known == {path: names[path] for path in known}
        assert known

    def test_a_prefix_of_a_source_is_a_prefix_of_every_id(self, tmp_path):
        config = one_source(POWERAPPS / "api" / "news").replace(
            f'  - "{POWERAPPS}/api/news"', f'  - {{path: "{POWERAPPS}/api/news", prefix: api/}}'
        )
        ids = [
            e.findtext("a:id", None, ATOM) for e in run(configured(tmp_path, config)).entries("all")
        ]
        assert [i for i in ids if not i.startswith("tag:feeds.example.org,2026:api/")] == []
