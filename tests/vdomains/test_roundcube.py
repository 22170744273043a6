"""Roundcube's own driver for vpopmaild, as Debian has it, changes passwords."""

import pytest

from tests.host import eventually
from tests.host.machine import TOP
from tests.vdomains.test_domains import run

PLACE = TOP / "build/tools/usr/share"
DRIVER = PLACE / "roundcube/plugins/password/drivers/vpopmaild.php"
# What of Roundcube it leans on.
PAGE = f"""<?php
error_reporting(E_ALL & ~E_DEPRECATED);
set_include_path('{PLACE}/php');
class config {{
  function get($name, $otherwise = null) {{
    return ['password_vpopmaild_host' => '127.0.0.1', 'password_vpopmaild_port' => 89, 'password_vpopmaild_timeout' => 20][$name] ?? $otherwise;
  }}
}}
class rcmail {{
  public $config;
  static function get_instance() {{ $it = new rcmail; $it->config = new config; return $it; }}
}}
define('PASSWORD_SUCCESS', 'changed');
define('PASSWORD_ERROR', 'refused');
define('PASSWORD_CONNECT_ERROR', 'not there');
require_once 'Net/Socket.php';
require_once '{DRIVER}';
$driver = new rcube_vpopmaild_password;
echo $driver->save($argv[1], $argv[2], $argv[3]);
"""


@pytest.fixture
def site(virtual):
    if not DRIVER.exists():
        pytest.skip("Roundcube's driver is not in build/tools")
    run(virtual, "vadddomain", "example.net", "secret")
    run(virtual, "vadduser", "max@example.net", "mine")
    virtual.sh("sh /var/qmail/doc/vpopmaild-service.sh; rm /var/qmail/supervise/vpopmaild/down")
    virtual.start("qmail-users", "vpopmaild")
    assert eventually(lambda: "127.0.0.1:89" in virtual.sh("ss -ltnH").stdout)
    virtual.write("/run/page.php", PAGE)
    return virtual


def save(host, now, new, user="max@example.net"):
    return host.run(["php", "/run/page.php", now, new, user]).stdout.decode()


def test_a_user_changes_his_password(site):
    for now, new in (("mine", "another one"), ("another one", "\"quoted\" and: 'more'")):
        assert save(site, now, new) == "changed"
        assert run(site, "vverifypw", "max@example.net", new) == "User authenticated.\n"
    run(site, "vverifypw", "max@example.net", "mine", code=1)


def test_who_may_not_is_told(site):
    assert save(site, "wrong", "new") == save(site, "mine", "new", user="nobody@example.net") == "refused"
    run(site, "vmoduser", "-d", "max@example.net")
    assert save(site, "mine", "new") == "refused" and run(site, "vverifypw", "max@example.net", "mine") == "User authenticated.\n"
    site.sh("svc -d /service/vpopmaild")
    assert eventually(lambda: save(site, "mine", "new") == "not there")
