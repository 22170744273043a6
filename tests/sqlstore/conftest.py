import pytest

from tests.sqlstore.servers import SERVERS, install
from tests.vdomains.test_domains import run


@pytest.fixture(params=SERVERS, ids=lambda server: server.name)
def server(request, host):
    server = request.param(host)
    try:
        install(host, server)
        yield server
    finally:
        server.end()


@pytest.fixture
def site(host, server):
    """A domain with a user, whom the server knows."""
    host.user("max")
    run(host, "vadddomain", "example.net", "secret")
    run(host, "vadduser", "joe@example.net", "pass word")
    return host
