from support import record


def test_one_record_reaches_all_its_feeds(workspace):
    workspace.write("a.md", record())
    report = workspace.build()
    assert [group.path for group in report.groups] == [
        "all",
        "topics/libraries",
        "providers/example.com",
    ]
