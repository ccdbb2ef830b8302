"""A hub, and a site that names it."""

from collections.abc import Iterator

import pytest
from support import Workspace
from websub_hub import Hub, Site, running_hub


@pytest.fixture
def hub() -> Iterator[Hub]:
    with running_hub() as hub:
        yield hub


@pytest.fixture
def site(workspace: Workspace, hub: Hub) -> Site:
    """Make a site of two topics, of which the hub knows."""
    site = Site(workspace)
    site.configure(hub.url)
    site.write("a", topics="[Libraries]", provider="{name: One, domain: one.example}")
    site.write("b", topics="[Tools]", provider="{name: Two, domain: two.example}")
    return site


@pytest.fixture
def known_site(site: Site, hub: Hub) -> Site:
    """Return the site once the hub was told of all of it."""
    assert site.build().returncode == 0
    hub.forms.clear()
    return site
