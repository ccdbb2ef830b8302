"""The layers of the house: who may import whom, what is imported when, and how long a thing is."""

import ast
import json
import subprocess
import sys
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from support import PROJECT

PACKAGE = PROJECT / "feedpub"

# No clock, no files, no network.
CORE = frozenset(
    {
        "archives", "article", "bodies", "catalog", "comments", "compose", "compressed", "content",
        "corpus",
        "dates", "digests", "editorial", "entries", "errors", "feed", "fields", "groups", "heads",
        "last_good", "limits", "links", "measurements", "media", "mutual_links", "nodes", "parts",
        "pictures",
        "recollection", "records", "related", "renames", "retirement", "roundups", "selection",
        "sizes", "slugs", "steps", "stories", "story_notes", "text", "tree", "withdrawals",
    }
)  # fmt: skip
PLUG_INS = frozenset(
    {
        "buckets",
        "destinations",
        "doctor",
        "formats",
        "hosting",
        "measuring",
        "pages",
        "sources",
    }
)
SHELL = frozenset(
    {
        "beside",
        "build",
        "checking",
        "config",
        "course",
        "databases",
        "engines",
        "healthcheck",
        "metrics",
        "run_report",
        "config_file",
        "config_parts",
        "config_types",
        "cli",
        "fingerprints",
        "guard",
        "keeping",
        "kept_settings",
        "last_run",
        "fetching",
        "file_reading",
        "syncing",
        "plan",
        "preview",
        "progress",
        "publication",
        "workers",
        "reading",
        "same_bytes",
        "related_reader",
        "renderings",
        "report",
        "run",
        "safekeeping",
        "settings",
        "memory",
        "only_run",
        "picture_task",
        "pinging",
        "pins",
        "configured",
        "sourcing",
        "state",
        "survey",
        "this_run",
        "topics",
        "unfinished",
        "unseen",
        "validity",
        "watching",
        "__main__",
        "__init__",
    }
)

FORBIDDEN_TO_CORE = frozenset(
    """os pathlib io glob shutil tempfile stat sqlite3 socket http ssl time subprocess threading
    asyncio signal locale random secrets uuid getpass platform logging importlib mimetypes
    lxml feedgen jinja2 click pydantic""".split()
)
CLOCKS = frozenset({"now", "utcnow", "today"})
MAX_FUNCTION, MAX_MODULE = 50, 350


class Module:
    """A module of the package, parsed."""

    def __init__(self, location: Path) -> None:
        self.location = location
        parts = location.relative_to(PROJECT).with_suffix("").parts
        self.name = ".".join(parts)
        self.place = parts[1]
        self.source = location.read_text("utf-8")
        self.tree = ast.parse(self.source)

    def imports(self) -> frozenset[str]:
        """Return the full names imported anywhere in the module, in functions too."""
        names: set[str] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                names.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{self.name}:{node.lineno} imports relatively"
                names.add(str(node.module))
                names.update(f"{node.module}.{alias.name}" for alias in node.names)
        return frozenset(names)

    def own_imports(self) -> frozenset[str]:
        """Return the places in the package (`text`, `sources`, …) that the module imports."""
        parts = (name.split(".") for name in self.imports())
        return frozenset(part[1] for part in parts if part[0] == "feedpub" and len(part) > 1)

    def foreign_imports(self) -> frozenset[str]:
        return frozenset(name.partition(".")[0] for name in self.imports()) - {"feedpub"}


MODULES = [Module(location) for location in sorted(PACKAGE.rglob("*.py"))]
CORE_MODULES = [module for module in MODULES if module.place in CORE]
PLUG_IN_MODULES = [module for module in MODULES if module.place in PLUG_INS]

every_module = pytest.mark.parametrize("module", MODULES, ids=lambda m: m.name)
every_core_module = pytest.mark.parametrize("module", CORE_MODULES, ids=lambda m: m.name)
every_plug_in = pytest.mark.parametrize("module", PLUG_IN_MODULES, ids=lambda m: m.name)


@cache
def imported_by(code: str) -> frozenset[str]:
    """Return the modules a fresh interpreter has loaded after running `code`."""
    tail = "\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    result = subprocess.run(
        [sys.executable, "-c", code + tail],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return frozenset(json.loads(result.stdout.splitlines()[-1]))


def imported_by_command(*arguments: str) -> frozenset[str]:
    code = f"""
import sys
sys.argv = ["feedpub", *{arguments!r}]
from feedpub.cli.main import main
try:
    main()
except SystemExit as ended:
    assert not ended.code, ended.code"""
    return imported_by(code)


def test_every_module_belongs_to_a_layer():
    """A new module is put into CORE, PLUG_INS or SHELL: where its imports are then watched."""
    assert {module.place for module in MODULES} <= CORE | PLUG_INS | SHELL


@every_core_module
def test_the_core_imports_the_core_alone(module):
    assert module.own_imports() <= CORE


@every_core_module
def test_the_core_imports_no_files_clock_or_network(module):
    assert module.foreign_imports() & FORBIDDEN_TO_CORE == frozenset()


@every_core_module
def test_the_core_asks_no_clock(module):
    asked = [
        f"{module.name}:{node.lineno} .{node.attr}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and node.attr in CLOCKS
    ]
    assert asked == []


@every_core_module
def test_the_core_opens_and_prints_nothing(module):
    called = [
        f"{module.name}:{node.lineno} {node.func.id}()"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"open", "print", "input", "eval", "exec", "__import__"}
    ]
    assert called == []


def test_the_core_imports_itself_without_a_circle():
    graph = {module.place: module.own_imports() - {module.place} for module in CORE_MODULES}
    assert set(TopologicalSorter(graph).static_order()) >= set(graph)


@every_plug_in
def test_a_plug_in_imports_no_pipeline_and_no_command(module):
    assert module.own_imports() & (SHELL - {"__init__"}) == frozenset()


@every_module
def test_only_the_commands_import_the_commands(module):
    if module.place not in {"cli", "__main__"}:
        assert "cli" not in module.own_imports()


@every_module
def test_no_module_hides_one_of_the_standard_library(module):
    assert module.location.stem not in sys.stdlib_module_names


@every_module
def test_every_module_says_what_it_is_for(module):
    assert ast.get_docstring(module.tree)


@every_module
def test_no_function_is_longer_than_a_screen(module):
    long = [
        f"{node.name}: {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > MAX_FUNCTION
    ]
    assert long == []


@every_module
def test_no_module_is_too_long_to_read_in_one_go(module):
    assert len(module.source.splitlines()) <= MAX_MODULE


@pytest.mark.parametrize(
    "library",
    [
        "requests",
        "obstore",
        "distributed",
        "psycopg",
        "concurrent.futures.process",
        "dateutil.parser",
        "markdown_it",
        "feedgen",
        "jinja2",
        "idna",
        "urllib3",
        "imagesize",
        "slugify",
        "email.utils",
        "feedpub.measuring",
        "feedpub.pinging",
    ],
)
def test_the_pipeline_is_imported_without(library):
    assert library not in imported_by("import feedpub.build")


@pytest.mark.parametrize("name", ["formats.rss", "formats.atom", "formats.jsonfeed"])
def test_a_format_is_imported_when_it_is_asked_for(name):
    assert f"feedpub.{name}" not in imported_by("import feedpub.formats")


@pytest.mark.parametrize("name", ["sources.front_matter", "sources.data_files"])
def test_a_reader_of_files_is_imported_when_a_file_asks_for_it(name):
    assert f"feedpub.{name}" not in imported_by("import feedpub.sources")


def test_a_check_of_the_configuration_loads_nothing_to_read_render_or_keep_with():
    """On a first run all else waits for it."""
    loaded = imported_by("import feedpub.configured")
    assert "pydantic" in loaded
    tools = {"sqlite3", "nh3", "lxml", "jinja2", "feedgen", "dateutil", "requests"}
    assert loaded & (tools | {"feedpub.state", "feedpub.file_reading"}) == set()


@pytest.mark.parametrize("library", ["feedgen", "lxml", "pydantic", "jinja2", "yaml", "requests"])
def test_the_version_is_told_without(library):
    assert library not in imported_by_command("--version")


@pytest.mark.parametrize("library", ["feedgen", "jinja2", "requests", "markdown_it"])
def test_help_is_given_without(library):
    assert library not in imported_by_command("--help")


@pytest.mark.parametrize("library", ["lxml", "pydantic"])
def test_help_is_given_without_what_the_commands_need(library):
    assert library not in imported_by_command("--help")


def test_a_run_over_clean_records_needs_no_slow_parser(tmp_path):
    """requests mends addresses, markdown-it renders bodies; feedgen itself brings dateutil."""
    code = f"""
import sys
sys.path.insert(0, {str(PROJECT / "tests")!r})
from pathlib import Path
from support import Workspace, record
workspace = Workspace(Path({str(tmp_path)!r}))
workspace.write("a.md", record())
workspace.build()"""
    unneeded = {
        "obstore",
        "distributed",
        "psycopg",
        "requests",
        "markdown_it",
        "imagesize",
        "feedpub.measuring",
    }
    assert imported_by(code) & unneeded == frozenset()
