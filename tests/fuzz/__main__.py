"""make fuzz: each parser under libFuzzer for FUZZ_SECONDS of CPU, as many at once as there are cores.

    FUZZ="smtp_bdat mail_xtext"    these only           FUZZ_SECONDS=1800    so long each, in place of 60

What it finds is left in regressions/NAME, where make test finds it. RESULTS.md adds up what each has had, over all runs."""

import collections
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import threading

HERE = pathlib.Path(__file__).resolve().parent
BUILD = HERE.parent.parent / "build-fuzz"
RESULTS = HERE / "RESULTS.md"
HEAD = """# What the fuzzer has had

`make fuzz` adds to this file. Minutes are of CPU, over all runs and machines; edges are the code that its inputs reached when it ended last.

| parser | minutes | inputs, millions | edges | finds |
|---|---:|---:|---:|---:|
"""
SLICE = 300         # seconds; what was had is written down after each

Had = collections.namedtuple("Had", "minutes millions edges finds", defaults=(0.0, 0.0, 0, 0))


class Results:
    def __init__(self):
        self.lock = threading.Lock()

    def add(self, name, seconds, inputs, edges, found):
        with self.lock:
            all_of_them = self._read()
            had = all_of_them.get(name, Had())
            all_of_them[name] = Had(had.minutes + seconds / 60, had.millions + inputs / 1e6, edges or had.edges, had.finds + found)
            lines = (f"| {n} | {h.minutes:.2f} | {h.millions:.3f} | {h.edges} | {h.finds} |\n" for n, h in sorted(all_of_them.items()))
            RESULTS.write_text(HEAD + "".join(lines))

    @staticmethod
    def _read():
        rows = re.findall(r"^\| (\w+) \| ([\d.]+) \| ([\d.]+) \| (\d+) \| (\d+) \|$", RESULTS.read_text() if RESULTS.exists() else "", re.M)
        return {name: Had(float(minutes), float(millions), int(edges), int(finds)) for name, minutes, millions, edges, finds in rows}


def last(pattern, text):
    return int(([0] + re.findall(pattern, text))[-1])


def run(name, seconds):
    """(seconds of CPU, inputs, edges, whether it found something, what it said)"""
    corpus, found = BUILD / "corpus" / name, HERE / "regressions" / name
    corpus.mkdir(parents=True, exist_ok=True)
    found.mkdir(parents=True, exist_ok=True)
    places = [place for place in (corpus, HERE / "seeds" / name, found) if place.is_dir()]
    log = BUILD / "corpus" / f"{name}.log"
    with log.open("wb") as to:
        target = subprocess.Popen([BUILD / "tests" / "fuzz" / name, f"-max_total_time={seconds}", "-timeout=60", "-rss_limit_mb=1024",
                                   "-max_len=4096", "-close_fd_mask=3", "-print_final_stats=1", f"-artifact_prefix={found}/", *places],
                                  stdin=subprocess.DEVNULL, stdout=to, stderr=to)
        _, status, usage = os.wait4(target.pid, 0)
    target.returncode = status
    if not any(found.iterdir()):
        found.rmdir()
    said = log.read_text(errors="replace")
    return (usage.ru_utime + usage.ru_stime, last(r"number_of_executed_units: *(\d+)", said), last(r"cov: (\d+)", said), status != 0, said)


def fuzz(name, seconds, results):
    """What was found, or nothing."""
    had = 0
    while had < seconds:
        used, inputs, edges, found, said = run(name, max(1, min(SLICE, round(seconds - had))))
        results.add(name, used, inputs, edges, found)
        if found:
            return said
        had += max(used, 0.5)
    return ""


def main():
    seconds = float(sys.argv[1])
    known = sorted(path.stem for path in HERE.glob("*.c"))
    wanted = sys.argv[2:] or known
    for name in wanted:
        if name not in known:
            sys.exit(f"fuzz: no parser {name}; there are: {' '.join(known)}")
    results, failed = Results(), []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = {pool.submit(fuzz, name, seconds, results): name for name in wanted}
        for done in concurrent.futures.as_completed(runs):
            print(f"{runs[done]}: {'found something' if done.result() else 'nothing found'}", flush=True)
            if done.result():
                failed.append(runs[done])
                print(done.result()[-3000:], flush=True)
    sys.exit(f"found something: {' '.join(failed)}" if failed else 0)


if __name__ == "__main__":
    main()
