"""What `feedpub snippet` prints is right in the syntax of whoever reads it."""

import re
import shlex
import shutil
import stat
import subprocess
import sys

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from feedpub.errors import ConfigError
from feedpub.hosting import KINDS, Hosting, snippet

SITE = Hosting(
    url="https://feeds.example.org/news%20room/",
    formats=("rss", "atom", "json"),
    precompress=False,
    folder="/srv/my site",
    config="/srv/my site/config.yaml",
    output="/srv/my site/feeds",
    state="/srv/my site/.feedpub",
    outside=("/srv/records",),
    command=("/opt/feedpub/bin/feedpub",),
)
every_kind = pytest.mark.parametrize("kind", KINDS)


def printed(kind, **facts):
    return snippet(kind, replace(SITE, **facts))


@every_kind
def test_snippet_begins_with_where_it_goes_and_ends_with_a_newline(kind):
    text = printed(kind)
    assert re.match(r"# .+\n# Goes into ", text)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


@every_kind
def test_snippet_names_the_site(kind):
    assert SITE.url in printed(kind)


@every_kind
def test_snippet_has_nothing_left_of_its_template(kind):
    assert not re.search(r"\{%|\{#|(?<!\$)\{\{|Undefined", printed(kind))


@every_kind
def test_path_that_would_break_the_syntax_is_refused(kind):
    for text in ('/srv/"quoted"', "/srv/two\nlines", "/srv/back\\slash", "/srv/`run`"):
        with pytest.raises(ConfigError, match="choose another path"):
            printed(kind, output=text)


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("nginx", "/srv/$uri"),
        ("apache", "/srv/${HOME}"),
        ("apache", "/srv/%{ENV:HOME}"),
        ("caddy", "/srv/{$HOME}"),
        ("cron", "/srv/100%"),
        ("systemd", "/srv/%h"),
        ("systemd", "/srv/$HOME"),
        ("systemd", "/srv/it's"),
        ("github-pages", "/srv/my site/${{ x }}"),
        ("docker", "/srv/a,b"),
    ],
)
def test_path_that_would_mean_something_else_is_refused(kind, path):
    with pytest.raises(ConfigError, match="has a meaning"):
        printed(kind, output=path)


def test_address_that_would_match_others_is_refused():
    with pytest.raises(ConfigError, match=r"has a meaning: choose another path"):
        printed("headers", url="https://example.org/a*b/")


@every_kind
@pytest.mark.parametrize("name", ["a b", "ä", "a;b", "a#b", "(a)", "[a]", "~a", "a&b", "a@b"])
def test_odd_path_is_quoted(kind, name):
    folder = f"/srv/{name}"
    printed(
        kind,
        folder=folder,
        config=f"{folder}/c.yaml",
        output=f"{folder}/out",
        state=f"{folder}/.feedpub",
    )


# Headers of static hosts.


def headers(**facts):
    """Return the headers of each path."""
    rules = {}
    for line in printed("headers", **facts).splitlines():
        if line.startswith("/"):
            rules[line] = rule = {}
        elif line.startswith("  "):
            name, value = line.strip().split(": ", 1)
            assert rule.setdefault(name, value) == value
        else:
            assert not line or line.startswith("#")
    return rules


def test_headers_tell_the_type_of_each_format():
    types = {
        path: rule.get("Content-Type") for path, rule in headers(url="https://a.example/").items()
    }
    assert types == {
        "/*": None,
        "/*/rss.xml": "application/xml; charset=utf-8",
        "/*/atom.xml": "application/xml; charset=utf-8",
        "/*/feed.json": "application/feed+json; charset=utf-8",
        "/feeds.opml": "text/x-opml; charset=utf-8",
        "/feeds.json": "application/json; charset=utf-8",
    }


def test_headers_are_those_of_the_published_formats():
    paths = headers(url="https://a.example/", formats=("atom",))
    assert set(paths) == {"/*", "/*/atom.xml", "/feeds.opml", "/feeds.json"}


def test_headers_allow_other_pages_and_short_caching():
    rule = headers()["/*"]
    assert rule["Access-Control-Allow-Origin"] == "*"
    assert rule["Cache-Control"] == "public, max-age=300"
    assert rule["X-Content-Type-Options"] == "nosniff"


def test_no_header_is_set_by_two_rules():
    """Cloudflare would join their values."""
    names = [name for rule in headers().values() for name in rule if name != "Content-Type"]
    assert len(names) == len(set(names))


def test_headers_are_for_the_path_of_the_site():
    assert "/news%20room/*/rss.xml" in headers()


HUBS = ("https://hub.example.org/?a=%20", "https://hub.example.net/")


def test_headers_name_the_hubs_of_feeds_alone():
    rules = headers(url="https://a.example/", hubs=HUBS)
    links = {path: rule["Link"] for path, rule in rules.items() if "Link" in rule}
    expected = f'<{HUBS[0]}>; rel="hub", <{HUBS[1]}>; rel="hub"'
    assert links == dict.fromkeys(["/*/rss.xml", "/*/atom.xml", "/*/feed.json"], expected)


@every_kind
def test_nothing_is_told_of_hubs_where_there_are_none(kind):
    assert not re.search(r'WebSub|Link\b|"hub|\bping\b', printed(kind))


@pytest.mark.parametrize("kind", ["nginx", "apache"])
def test_hub_that_would_mean_something_else_is_refused(kind):
    with pytest.raises(ConfigError, match="has a meaning: choose another hub"):
        printed(kind, hubs=("https://hub.example.org/$uri",))


@pytest.mark.parametrize("kind", ["headers", "cron", "github-pages"])
def test_hub_is_no_trouble_where_it_means_nothing(kind):
    assert printed(kind, hubs=("https://hub.example.org/$uri",))


# GitHub Pages.


def workflow(**facts):
    text = printed("github-pages", **facts)
    return yaml.load(text, yaml.BaseLoader)


def test_workflow_has_the_shape_github_documents():
    flow = workflow()
    assert set(flow) == {"name", "on", "permissions", "concurrency", "jobs"}
    assert set(flow["on"]) == {"push", "schedule", "workflow_dispatch"}
    assert re.fullmatch(r"[\d,]+ \* \* \* \*", flow["on"]["schedule"][0]["cron"])
    (job,) = flow["jobs"].values()
    assert {"runs-on", "environment", "steps"} <= set(job)
    assert all(len({"uses", "run"} & set(step)) == 1 for step in job["steps"])


@pytest.mark.parametrize("facts", [{}, {"hubs": HUBS}])
def test_workflow_is_valid_by_the_schema_of_workflows(tmp_path, facts):
    """The schema is schemastore's, which the tool carries: no internet is needed."""
    file = tmp_path / "publish.yml"
    file.write_text(printed("github-pages", **facts))
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema"]
    judged = subprocess.run(
        [*command, "vendor.github-workflows", str(file)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert judged.returncode == 0, judged.stdout


def test_workflow_may_deploy_and_no_more():
    permissions = {"contents": "read", "pages": "write", "id-token": "write"}
    assert workflow()["permissions"] == permissions


def test_workflow_deploys_with_the_official_actions_in_their_order():
    steps = workflow()["jobs"]["publish"]["steps"]
    used = [step["uses"] for step in steps if "uses" in step]
    assert all(re.fullmatch(r"actions/[a-z-]+@v\d+", action) for action in used)
    names = [action.partition("@")[0].removeprefix("actions/") for action in used]
    assert (
        names
        == "checkout setup-python cache configure-pages upload-pages-artifact deploy-pages".split()
    )


def test_workflow_tells_hubs_once_the_feeds_are_deployed():
    steps = workflow(hubs=HUBS)["jobs"]["publish"]["steps"]
    commands = [step["run"] for step in steps if "feedpub " in step.get("run", "")]
    assert commands[0].startswith("feedpub build --no-ping ")
    assert commands[1] == "feedpub ping --config config.yaml"
    assert [step.get("uses") for step in steps[-2:]] == ["actions/deploy-pages@v4", None]


def test_workflow_names_the_environment_and_its_address():
    job = workflow()["jobs"]["publish"]
    assert job["environment"]["name"] == "github-pages"
    step = re.search(r"steps\.(\w+)\.outputs\.page_url", job["environment"]["url"])[1]
    assert [each["uses"] for each in job["steps"] if each.get("id") == step] == [
        "actions/deploy-pages@v4"
    ]


def test_workflow_keeps_state_and_output_between_runs():
    (cache,) = (
        step for step in workflow()["jobs"]["publish"]["steps"] if "cache" in step.get("uses", "")
    )
    assert cache["with"]["path"].splitlines() == [".feedpub", "feeds"]
    assert cache["with"]["key"].startswith(cache["with"]["restore-keys"])


def test_workflow_publishes_although_some_records_cannot_be_used(tmp_path):
    steps = workflow()["jobs"]["publish"]["steps"]
    (build,) = (step["run"] for step in steps if "feedpub build" in step.get("run", ""))
    feedpub = tmp_path / "feedpub"
    for code, fails in [(0, False), (3, False), (1, True), (78, True)]:
        feedpub.write_text(f"#!/bin/sh\nexit {code}\n")
        feedpub.chmod(stat.S_IRWXU)
        ended = subprocess.run(
            ["/bin/sh", "-e", "-c", build], env={"PATH": str(tmp_path)}, check=False
        )
        assert bool(ended.returncode) == fails


def test_workflow_needs_the_output_in_the_repository():
    with pytest.raises(ConfigError, match=r"not below .*/srv/my site.*a repository holds both"):
        workflow(output="/var/www")


# cron, systemd, docker.


@pytest.mark.parametrize("command", [("/opt/x y/feedpub",), ("/usr/bin/python3", "-m", "feedpub")])
def test_cron_line_runs_feedpub_on_this_configuration(command):
    (line,) = (x for x in printed("cron", command=command).splitlines() if not x.startswith("#"))
    times, words = line.split(maxsplit=5)[:5], shlex.split(line.split(maxsplit=5)[5])
    assert times == ["*/10", "*", "*", "*", "*"]
    assert words == [*command, "build", "--quiet", "--config", SITE.config]


def units(**facts):
    """Return the units by file name."""
    _, *parts = re.split(
        r"^# /etc/systemd/system/(.+)\n", printed("systemd", **facts), flags=re.MULTILINE
    )
    return dict(zip(parts[::2], parts[1::2], strict=True))


@pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="needs the Debian package systemd"
)
@pytest.mark.parametrize("name", ["site", "my site", "~ (ä) [a]; #1"])
def test_systemd_finds_no_fault_with_the_units(tmp_path, name):
    folder = tmp_path / name
    folder.mkdir()
    feedpub = folder / "feedpub"
    feedpub.write_text("#!/bin/sh\n")
    feedpub.chmod(0o755)
    found = units(
        command=(str(feedpub),),
        config=str(folder / "config.yaml"),
        output=str(folder / "feeds"),
        state=str(folder / ".feedpub"),
    )
    for unit, text in found.items():
        (tmp_path / unit).write_text(text)
    ended = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / unit) for unit in found)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, [x for x in ended.stderr.splitlines() if "feedpub" in x]) == (0, [])


def test_systemd_service_writes_where_feedpub_does():
    service = units()["feedpub.service"]
    assert '\nReadWritePaths="/srv/my site/.feedpub" "/srv/my site/feeds"\n' in service
    assert "\nProtectSystem=strict\n" in service


def test_systemd_timer_starts_the_service_of_its_name():
    assert set(units()) == {"feedpub.service", "feedpub.timer"}
    assert "[Install]" in units()["feedpub.timer"]


def run_line(**facts):
    (line,) = (x for x in printed("docker", **facts).splitlines() if x.startswith("#   docker run"))
    return shlex.split(line[1:])


def test_docker_image_runs_feedpub_on_this_configuration():
    lines = [line for line in printed("docker").splitlines() if not line.startswith("#")]
    assert [line.split()[0] for line in lines] == ["FROM", "RUN", "ENTRYPOINT", "CMD"]
    assert lines[-1] == 'CMD ["build", "--quiet", "--config", "/srv/my site/config.yaml"]'


def test_docker_run_sees_the_folders_under_their_names():
    mounts = [word for word in run_line() if word.startswith("type=")]
    assert mounts == [
        "type=bind,src=/srv/my site,dst=/srv/my site",
        "type=bind,readonly,src=/srv/records,dst=/srv/records",
    ]


def test_docker_run_may_write_an_output_elsewhere():
    assert "type=bind,src=/var/www,dst=/var/www" in run_line(output="/var/www")


# What is told of a site.


@pytest.mark.parametrize(
    ("url", "host", "port", "path", "origin"),
    [
        ("https://a.example/", "a.example", 80, "/", "https://a.example"),
        ("https://a.example:8443/x/", "a.example", 80, "/x/", "https://a.example:8443"),
        ("http://a.example:8080/x%20y/", "a.example", 8080, "/x y/", "http://a.example:8080"),
        ("http://[::1]/", "[::1]", 80, "/", "http://[::1]"),
    ],
)
def test_address_is_taken_apart(url, host, port, path, origin):
    site = replace(SITE, url=url)
    assert (site.host, site.port, site.path, site.origin) == (host, port, path, origin)


@given(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.sampled_from(sorted(KINDS))
)
def test_any_path_is_quoted_or_refused(name, kind):
    """Whatever it is, the workflow stays YAML and a line stays a line."""
    try:
        text = printed(kind, output=f"/srv/my site/{name}")
    except ConfigError:
        return
    assert len(text.split("\n")) == len(printed(kind).split("\n"))
    if kind == "github-pages":
        yaml.safe_load(text)
