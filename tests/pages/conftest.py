"""A site whose names and titles are hostile, built once for the tests of all pages."""

from collections.abc import Callable
from urllib.parse import unquote, urldefrag

import pytest
from support import Workspace, record

BASE = "https://feeds.example.org/a%20site/"
CONFIG = """
site:
  title: "Every <b>Day</b> \\"&\\" 'Night' <EXMP.O>"
  url: https://feeds.example.org/a%20site/
  description: "</p><script>alert('site')</script> & more"
  language: en
  tag: feeds.example.org,2026
sources: [articles/]
min_entries: 2
include_children: true
topics:
  - {name: Libraries, slug: libraries}
  - {name: Repair, parent: Libraries, description: "<i>Mending</i> & \\"more\\""}
  - {name: Bicycles, parent: Repair}
  - {name: Orphan, parent: Absent}
  - {name: Chicken, parent: Egg}
  - {name: Egg, parent: Chicken}
providers:
  - {domain: example.com, name: "Daily <script>alert('provider')</script> & Co."}
named:
  hot: {min_heat: 100, title: "Most <discussed> & \\"hot\\"", description: "<b>Hot</b>"}
"""
RECORDS = {
    "hostile.md": record(
        title="'\"onmouseover=alert(1) <EXMP.O> & {{ 7*7 }} {% raw %}'",
        excerpt='"javascript:alert(1) \' <x.y> & {{ 7*7 }}"',
        webUrl="'https://www.example.com/a?b=\"><script>alert(1)</script>&c=1'",
        topics="[Bicycles, Orphan, '\"C\" <++> &']",
        related="[{title: '\"R\" <EXMP.O> &', webUrl: 'https://www.example.net/\"onclick=\"x',"
        " provider: {name: '\"P\" <p.q>'}}]",
        authors="[{name: '\"A\" <a.b> & C'}]",
        heat="200",
    ),
    "second.md": record(
        title='"Second"',
        topics="[Repair, Chicken]",
        webUrl='"https://www.example.com/2"',
        publishedDateTime="2026-02-01T00:00:00Z",
    ),
    "third.md": record(
        title='"Dritter"',
        topics="[Libraries, Egg]",
        locale="de",
        webUrl='"https://www.example.com/3"',
        provider="{name: Zeitung, domain: bücher.example.net}",
    ),
    "fourth.md": record(
        title='"رابع"',
        topics="[Künstliche Intelligenz, C, C++]",
        locale="ar",
        webUrl='"https://www.example.com/4"',
        excerpt=None,
    ),
}


@pytest.fixture(scope="session")
def hostile_site(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The built workspace; its files are in `destination.files`."""
    workspace = Workspace(tmp_path_factory.mktemp("pages"), CONFIG)
    for name, text in RECORDS.items():
        workspace.write(name, text)
    workspace.build()
    return workspace


@pytest.fixture(scope="session")
def served(hostile_site: Workspace) -> Callable[[str], bool]:
    """Return a function that tells whether an address of the site leads to a file of the build."""

    def leads_to_a_file(address: str) -> bool:
        path = unquote(urldefrag(address.removeprefix(BASE)).url)
        path = f"{path}index.html" if path == "" or path.endswith("/") else path
        return address.startswith(BASE) and path in hostile_site.destination.files

    return leads_to_a_file
