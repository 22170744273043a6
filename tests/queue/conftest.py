import pytest

from tests.queue.send_rig import Rig


@pytest.fixture
def rig(host):
    """qmail-send between spawners that the test plays."""
    r = Rig(host)
    yield r
    r.end()
