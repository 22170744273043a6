"""The seeds of make fuzz, and what it once found, through every target."""

import pathlib
import subprocess

import pytest

from tests.host.machine import BUILD, ENVIRONMENT

HERE = pathlib.Path(__file__).resolve().parent


@pytest.mark.parametrize("name", sorted(path.stem for path in HERE.glob("*.c")))
def test_replay(name):
    inputs = [str(place) for place in (HERE / "seeds" / name, HERE / "regressions" / name) if place.is_dir()]
    done = subprocess.run([str(BUILD / "tests" / "fuzz" / name), *inputs], capture_output=True, timeout=120,
                          env={**ENVIRONMENT, "ASAN_OPTIONS": "detect_leaks=0"})
    assert done.returncode == 0, (done.stdout[-300:] + done.stderr[-3000:]).decode(errors="replace")
