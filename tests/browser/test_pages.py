"""The pages in a real browser."""

from support import PROJECT


def test_page_opens_in_a_browser(serve, new_page):
    page = new_page()
    page.goto(serve(PROJECT / "feeds"))
    assert page.get_by_role("heading", level=1).count() == 1
