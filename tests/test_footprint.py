"""What a run holds: nothing twice, and nothing longer than it is needed."""

from support import record

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
