import pytest

from tests.sqlstore.servers import SERVERS, install
from tests.vdomains.test_domains import run


def installed(host, server):
    """Until the test is over."""
    try:
        install(host, server)
        yield server
    finally:
        server.end()


@pytest.fixture(params=SERVERS, ids=lambda server: server.name)
def server(request, host):
    yield from installed(host, request.param(host))


@pytest.fixture
def site(host, server):
    """A domain with a user, whom the server knows."""
    host.user("max")
    run(host, "vadddomain", "example.net", "secret")
    run(host, "vadduser", "joe@example.net", "pass word")
    return host
