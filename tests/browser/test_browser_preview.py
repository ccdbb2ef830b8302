"""The live preview in a real browser, under the policy of its pages."""

from ipaddress import ip_address

from support import NOW, Workspace, record

from feedpub.preview.server import listen, serving
from feedpub.run import Wish, run


def test_open_page_shows_what_was_built_meanwhile(tmp_path, new_page):
    site = Workspace(tmp_path)

    def build(title):
        site.write("a.md", record(title=title))
        run(tmp_path / "config.yaml", Wish(), NOW)

    build("First")
    page = new_page()
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    with (
        listen(ip_address("127.0.0.1"), 0) as listening,
        serving(tmp_path / "feeds", listening, live=True),
    ):
        page.goto(f"http://127.0.0.1:{listening.getsockname()[1]}/all/")
        assert "First" in page.inner_text("main")
        build("Second")
        page.get_by_text("Second").wait_for()
    assert not [each for each in complaints if "Content Security Policy" in each]
