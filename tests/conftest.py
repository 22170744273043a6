"""Fixtures, C unit tests and dialogues (*.talk) as pytest items."""

import os
import pathlib
import signal
import subprocess
import threading

import pytest

from tests.host import Base, Host, Wire, missing_power
from tests.host.machine import BUILD, ENVIRONMENT
from tests.host.talk import Talk

TESTS = pathlib.Path(__file__).resolve().parent
_trouble = missing_power()
_shared = {}


def _base():
    if "base" not in _shared:
        _shared["base"] = Base()
    return _shared["base"]


def _talk_host():
    if "talk" not in _shared:
        _shared["talk"] = Host(_base(), "mail.example.org")
    return _shared["talk"]


def pytest_configure(config):
    if _trouble and os.geteuid() == 0:
        pytest.exit(_trouble, returncode=1)
    # xdist has a worker start in another thread where its first one is late: there nothing can be said of signals.
    if threading.current_thread() is not threading.main_thread():
        return
    # Started with nohup, or behind a shell's &, the tests would hand ignored signals down to all they start.
    for number in (signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: not item.get_closest_marker("slow"))


def pytest_unconfigure(config):
    for name in ("talk", "base"):
        if name in _shared:
            _shared.pop(name).end()


def finish(machines):
    said = "".join(machine.accusations() for machine in machines)
    for machine in machines:
        machine.end()
    assert not said, said


@pytest.fixture
def host():
    if _trouble:
        pytest.skip(_trouble)
    machine = Host(_base(), "mail.example.org")
    yield machine
    finish([machine])


@pytest.fixture
def bare_host():
    """A machine without mailtree."""
    if _trouble:
        pytest.skip(_trouble)
    machine = Host(_base(), "bare.example.org", lower=Base.BARE)
    yield machine
    finish([machine])


@pytest.fixture
def hosts():
    if _trouble:
        pytest.skip(_trouble)
    wire, made = None, []

    def make(*names):
        nonlocal wire
        wire = Wire()
        for name in names:
            machine = Host(_base(), name)
            made.append(machine)
            for control in ("me", "locals", "rcpthosts"):
                machine.control(control, name + "\n")
            wire.join(machine)
        return made

    yield make
    if wire:
        wire.end()
    finish(made)


def pytest_terminal_summary(terminalreporter):
    """One line about the fault sweep (tests/faults), whoever ran its parts."""
    told = [value for reports in terminalreporter.stats.values() for report in reports
            for name, value in getattr(report, "user_properties", ()) if name == "faults" and report.when == "call"]
    if told:
        calls, injected, violations = (sum(numbers) for numbers in zip(*(t[1:] for t in told)))
        terminalreporter.write_line(f"faults: {calls} calls swept, {injected} faults injected, {violations} violations")


def pytest_collect_file(parent, file_path):
    if file_path.suffix == ".talk":
        return TalkFile.from_parent(parent, path=file_path)
    if file_path.name.endswith("_test.c"):
        return UnitFile.from_parent(parent, path=file_path)
    return None


class TalkFile(pytest.File):
    def collect(self):
        yield TalkItem.from_parent(self, name=self.path.stem)


class TalkItem(pytest.Item):
    def runtest(self):
        if _trouble:
            pytest.skip(_trouble)
        host = _talk_host()
        try:
            Talk(self.path).hold(host)
        finally:
            said = host.accusations()
            assert not said, said

    def repr_failure(self, excinfo):
        return str(excinfo.value) if excinfo.errisinstance(AssertionError) else super().repr_failure(excinfo)

    def reportinfo(self):
        return self.path, 0, f"{self.path.parent.name}/{self.path.name}"


class UnitFile(pytest.File):
    def collect(self):
        yield UnitItem.from_parent(self, name=self.path.stem)


class UnitItem(pytest.Item):
    def runtest(self):
        program = BUILD / "tests" / self.path.relative_to(TESTS).with_suffix("")
        done = subprocess.run([str(program)], capture_output=True, text=True, timeout=120,
                              env=ENVIRONMENT)
        if done.returncode:
            raise AssertionError(f"{program.name} exited {done.returncode}\n{done.stdout}{done.stderr}")

    def repr_failure(self, excinfo):
        return str(excinfo.value) if excinfo.errisinstance(AssertionError) else super().repr_failure(excinfo)

    def reportinfo(self):
        return self.path, 0, f"{self.path.parent.name}/{self.path.name}"
