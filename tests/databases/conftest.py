import pytest
from postgres_server import postgres_server


@pytest.fixture(scope="session")
def server():
    """Yield the address of a PostgreSQL server."""
    with postgres_server() as url:
        yield url
