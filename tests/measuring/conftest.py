"""A public server and a private one, as far as loopback has them, and who measures."""

import pytest
from hostile_server import PRIVATE, PUBLIC, serving

from feedpub.measurements import Measurement
from feedpub.measuring.client import Client, Reach
from feedpub.measuring.measure import examined


@pytest.fixture
def public():
    """Yield a server that stands for the public network."""
    with serving(host=PUBLIC) as server:
        yield server


@pytest.fixture
def private(public):
    """Yield a server that must never be reached, on the same port of another address."""
    with serving(host=PRIVATE, port=public.port) as server:
        yield server


@pytest.fixture
def client_for(public):
    """Return what makes clients that may reach the public server."""

    def make(**options):
        reach = Reach(ports=frozenset({public.port}), also=frozenset({PUBLIC}))
        return Client(**{"reach": reach, **options})

    return make


@pytest.fixture
def examine(client_for):
    """Return what examines the picture at an address."""

    def examine(url, *, seconds=4.0, known=None, **options):
        return examined(known or Measurement(url), client_for(**options), seconds=seconds, now=1000)

    return examine
