"""A small built site, served well by https on loopback, and what examines it."""

import ssl

import pytest
import trustme
from site_server import put_site, serving_site
from support import NOW

from feedpub.doctor.examination import examine
from feedpub.doctor.fetching import Fetcher


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    """Return a certificate authority, and the file that makes clients trust it."""
    ca = trustme.CA()
    location = tmp_path_factory.mktemp("ca") / "ca.pem"
    ca.cert_pem.write_to_path(str(location))
    return ca, str(location)


def tls_of(ca, *names, **options):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(*names, **options).configure_cert(context)
    return context


@pytest.fixture
def live(tmp_path, authority):
    """Yield a server that serves a good site."""
    with serving_site(tls_of(authority[0], "127.0.0.1")) as server:
        put_site(tmp_path, server)
        yield server


@pytest.fixture
def fetcher(authority):
    fetcher = Fetcher(seconds=10, verify=authority[1])
    yield fetcher
    fetcher.close()


@pytest.fixture
def amiss(live, authority):
    """Return what examines the live site: findings that are not ok, as (level, check, path)."""

    def look(*, seconds=10.0, most_bytes=1_000_000, **options):
        fetcher = Fetcher(seconds=seconds, most_bytes=most_bytes, verify=authority[1])
        try:
            diagnosis = examine(live.url, fetcher, now=NOW, **options)
        finally:
            fetcher.close()
        return [
            (finding.level, finding.check, finding.url.removeprefix(live.url))
            for finding in diagnosis.findings
            if finding.level != "ok"
        ]

    return look
