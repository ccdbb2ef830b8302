"""Pages that load themselves anew, which only `--watch` makes of them."""

import re
from base64 import b64encode
from hashlib import sha256

from feedpub.preview.reloading import VERSION_PATH, reloading, version

META = '<meta http-equiv="Content-Security-Policy" content="{}">'
PAGE = META + "<body></body>"


def policy_of(policy, page=PAGE):
    sent = reloading(page.format(policy).encode(), "1").decode()
    script = re.search("<script>(.*)</script>", sent, re.DOTALL)[1]
    hashed = b64encode(sha256(script.encode()).digest()).decode()
    return re.search('content="(.*?)"', sent)[1].replace(hashed, "HASH")


def test_policy_allows_the_script_and_its_requests_alone():
    assert policy_of("default-src 'none'; img-src http: https:") == (
        "default-src 'none'; img-src http: https:; script-src 'sha256-HASH'; connect-src 'self'"
    )


def test_policy_keeps_what_it_allowed():
    assert policy_of("default-src 'self'; script-src 'sha256-abc'; connect-src 'none';") == (
        "default-src 'self'; script-src 'sha256-abc' 'sha256-HASH'; connect-src 'self'"
    )


def test_page_without_a_policy_gets_none():
    sent = reloading(b"<p>Short</p>", "1")
    assert sent.startswith(b"<script>")
    assert b"Security" not in sent


def test_script_stands_at_the_end_of_the_page():
    sent = reloading(PAGE.format("default-src 'none'").encode(), "1")
    assert sent.endswith(b"</script>\n</body>")


def test_version_changes_with_the_list_of_files(output):
    before = version(output)
    (output / ".feedpub").write_text("1111  index.html\n")
    assert version(output) not in {before, ""}


def test_output_that_was_never_built_has_a_version(tmp_path):
    assert version(tmp_path) == ""


def test_page_served_live_knows_the_version_served_beside_it(live_client):
    current = live_client.ask(VERSION_PATH)
    assert current.status == 200
    assert f'"{current.body.decode()}"'.encode() in live_client.ask("/").body


def test_feed_is_served_live_byte_for_byte(live_client, output):
    assert live_client.ask("/all/rss.xml").body == (output / "all/rss.xml").read_bytes()


def test_list_of_files_is_hidden_from_a_live_preview_too(live_client):
    assert live_client.ask("/.feedpub").status == 404
