"""An entry is rendered once for all its feeds: that gives the bytes of the plain way."""

import json

import pytest
from support import entry, feed, image

from feedpub.feed import RelatedLink
from feedpub.formats import atom, jsonfeed, rss
from feedpub.formats.feedgen_document import atom_bytes, rss_bytes, styled

ENTRIES = (
    entry("plain"),
    entry("pictured", images=(image(title='The "bench" & more'),), lead=image()),
    entry("bare", summary=None, language="de", content="<p>Zeile\n  zwei</p>"),
    entry(
        "related",
        title="5 < 6 & 7 > 3 ]]>",
        via="https://www.example.org/original",
        related=(RelatedLink(href="https://www.example.net/r", title="R & D <EXMP.O>"),),
    ),
)


def test_rss_of_fragments_is_the_document_feedgen_makes_of_all_entries():
    whole = rss._frame(feed(*ENTRIES), media=True)
    for one in ENTRIES:
        rss._add_item(whole, one)
    assert rss.render(feed(*ENTRIES)).data == styled(rss_bytes(whole), feed().path)


def test_atom_of_fragments_is_the_document_feedgen_makes_of_all_entries():
    whole = atom._frame(feed(*ENTRIES), media=True)
    for one in ENTRIES:
        atom._add_entry(whole, one, feed(*ENTRIES))
    assert atom.render(feed(*ENTRIES)).data == styled(atom_bytes(whole), feed().path)


def test_json_of_fragments_is_the_document_json_makes_of_all_items():
    rendered = jsonfeed.render(feed(*ENTRIES)).data
    assert rendered == jsonfeed.json_bytes(json.loads(rendered))


@pytest.mark.parametrize("module", [rss, atom, jsonfeed])
def test_fragments_of_an_entry_are_the_same_in_every_feed_of_a_site(module):
    other = feed(title="Another", path="all", subtitle="Of everything")
    alone = [module.render_entries([one], other)[0] for one in ENTRIES]
    assert alone == module.render_entries(ENTRIES, feed(*ENTRIES))
