"""No record costs more than its share of processor time, whatever it is made of."""

import subprocess
import sys

import pytest
from support import record

# Ends a record that takes ten times what any may take; where that is measured, it is a second.
SECONDS = 10
_READ = f"""
import resource, sys, time
resource.setrlimit(resource.RLIMIT_CPU, ({SECONDS}, {SECONDS}))
from feedpub.content import entry_content
from feedpub.article import Article
from feedpub.errors import Problem
from feedpub.limits import DEFAULT_LIMITS
from feedpub.records import RecordRules, read_article
from feedpub.sources.files import SourceFile
from feedpub.sources.readers import read_data
from feedpub.steps import done
rules = RecordRules(tag="example.org,2026", base="https://feeds.example.org/")
entry_content  # what only the first record pays for is no cost of any
data, name = sys.stdin.buffer.read(), sys.argv[1]
file = SourceFile(location=name, shown=name, path="a")
start = time.process_time()
for item in done(read_data(data, file, DEFAULT_LIMITS, whole=True)):
    if isinstance(item, Problem):
        continue
    article, _ = read_article(item, rules)
    if isinstance(article, Article):
        entry_content(article, lead=None, related=(), full=True)
print(time.process_time() - start)
"""
NESTED = "".join(f"<b a{number}>" for number in range(20_000))


def listed(item, count):
    return "[" + ", ".join([item] * count) + "]"


COSTLY = {
    "brackets in a title": record(title="'" + "<" * 200_000 + "'"),
    "tags in a title": record(title="'" + "<scr<b>ipt>" * 20_000 + "'"),
    "open tags in an excerpt": record(excerpt="'" + "<a =" * 50_000 + "'"),
    "comments in an excerpt": record(excerpt="'" + "<!--" * 50_000 + "-->'"),
    "references in an excerpt": record(excerpt="'" + "&amp;" * 50_000 + "'"),
    "spaces in an excerpt": record(excerpt='"' + "\\u00a0 " * 30_000 + '"'),
    "marks in a title": record(title="'" + "e" + "\u0301" * 100_000 + "'"),
    "flags in a title": record(title="'" + "\U0001f1e6" * 60_000 + "'"),
    "a long date": record(publishedDateTime="'" + "1" * 200_000 + "'"),
    "a long address": record(webUrl="'https://example.com/" + "%" * 200_000 + "'"),
    "many addresses": record(images=listed("{url: 'http://ü.example/ %'}", 5_000)),
    "many topics": record(topics=listed("a", 19_000)),
    "many related articles": record(related=listed("{title: a, url: 'http://ü.example/ü'}", 6_000)),
    "many keys": record(extra="{" + ", ".join(f"k{n}: 1" for n in range(9_000)) + "}"),
    "brackets in YAML": record(extra="[" * 100_000),
    "dashes": "---\n" + "--- \n" * 100_000,
    "nested lists in a body": record(body="<ul><li>" * 100_000),
    "lines in a body": record(body="a\n" * 400_000),
    "paragraphs in a body": record(body="a\n\n" * 300_000),
    "references in Markdown": record(body="&amp;" * 190_000),
    "attributes in a body": record(body="<b " + "a=b " * 150_000 + ">"),
    "tags in a body": record(body="<b>" * 300_000),
    "nested tags in a body": record(body=NESTED),
    "emphasis in a body": record(body="*a _b " * 100_000),
    "brackets in a body": record(body="[" * 50_000),
    "links in a body": record(body="[a](b" * 100_000),
    "quotations in a body": record(body=">" * 50_000 + " a"),
    "lists in a body": record(body="- " * 10_000 + "a"),
    "backquotes in a body": record(body="".join("`" * n + " " for n in range(1_000))),
    "tables in a body": record(body="|a" * 20_000 + "\n" + "|-" * 20_000 + "\n" + "|b\n" * 1_000),
    "references in a body": record(body="".join(f"[{n}]: /x\n" for n in range(30_000))),
    "a secret in a body": record(body=" - ? " * 100_000 + "secured"),
}  # fmt: skip


def test_body_made_to_cost_gives_way_to_the_excerpt(workspace):
    workspace.write("a.md", record(body=NESTED))
    report = workspace.build()
    assert [problem.code for problem in report.survey.problems] == ["costly-body"]
    assert "Three branches now lend tool boxes." in workspace.text("all/rss.xml")


@pytest.mark.parametrize("name", ["a.md", "a.html"])
def test_long_article_is_no_body_made_to_cost(workspace, name):
    part = "A [link](/x) and *a word*, <b>b</b> & `c`.\n\n" + "Plain words. " * 100 + "\n\n"
    workspace.write(name, record(body=part * 600))
    assert workspace.build().survey.problems == ()
    assert workspace.text("all/rss.xml").count("Plain words.") > 50_000


@pytest.mark.parametrize("text", COSTLY.values(), ids=COSTLY)
def test_record_takes_its_share_of_time_at_most(text, record_property):
    """How long it took is a property of the test, for those who want to know."""
    done = subprocess.run(
        [sys.executable, "-c", _READ, "a.md"], input=text.encode(), capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    record_property("seconds", float(done.stdout))
