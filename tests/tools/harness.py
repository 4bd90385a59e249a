# SPDX-License-Identifier: Apache-2.0
"""What the end-to-end tests share: the programs of the build, a scratch folder, a generated library.

The environment says where things are: SEMBLANCE_BIN (the build's programs), SEMBLANCE_TEST_DATA
(the conformance data, which may be absent) and SEMBLANCE_SANITIZE (empty in a plain build).
"""
import json
import os
import shutil
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

BIN = Path(os.environ["SEMBLANCE_BIN"])
DATA = Path(os.environ.get("SEMBLANCE_TEST_DATA", "/nonexistent"))
SANITIZED = bool(os.environ.get("SEMBLANCE_SANITIZE"))
SOURCE = Path(__file__).resolve().parents[2]
SEMBLANCE = str(BIN / "semblance")
EXTRACT = str(BIN / "semblance-extract")
DATASETS = str(BIN / "semblance-datasets")
TIMEOUT_S = 240

# What a shell runs in the background ignores SIGINT, and so would all that is started here.
signal.signal(signal.SIGINT, signal.default_int_handler)


class Ran:
    """What one run of the command gave."""

    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    @property
    def records(self):
        """Standard output as JSON lines; fails if any line is something else."""
        return [json.loads(line) for line in self.out.decode("utf-8").splitlines()]

    @property
    def errors(self):
        return self.err.decode("utf-8", "replace")


def command(*arguments, store=None):
    words = [SEMBLANCE, *arguments]
    return [w if isinstance(w, bytes) else str(w) for w in words], environment(store)


def shell(script, *arguments, store=None):
    """Runs `script` by sh, where "$@" is the command with its arguments: for its redirections."""
    words, env = command(*arguments, store=store)
    done = subprocess.run(["sh", "-c", script, "sh", *words], stdin=subprocess.DEVNULL,
                          capture_output=True, env=env, timeout=TIMEOUT_S, check=False)
    return Ran(done.returncode, done.stdout, done.stderr)


def environment(store=None):
    env = {k: v for k, v in os.environ.items() if k != "SEMBLANCE_STORE"}
    if store:
        env["SEMBLANCE_STORE"] = str(store)
    return env


def run(*arguments, store=None, stdin=b"", cwd=None):
    words, env = command(*arguments, store=store)
    done = subprocess.run(words, input=stdin, capture_output=True, env=env, cwd=cwd,
                          timeout=TIMEOUT_S, check=False)
    return Ran(done.returncode, done.stdout, done.stderr)


def parent_of(pid):
    """The process that `pid` is a child of, or None if there is no such process."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as stat:
            return int(stat.read().rpartition(b")")[2].split()[1])
    except (OSError, IndexError):
        return None


def children(pid):
    """The processes whose parent is `pid`, in order of their numbers."""
    numbers = sorted(int(name) for name in os.listdir("/proc") if name.isdigit())
    return [number for number in numbers if parent_of(number) == pid]


def kill_child(parent, pid):
    """Kills `pid`, unless it is no longer a child of `parent`: its number may be another's by now.

    Returns whether it was killed.
    """
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return False
    try:
        if parent_of(pid) != parent:
            return False
        signal.pidfd_send_signal(process, signal.SIGKILL)
        return True
    except ProcessLookupError:
        return False
    finally:
        os.close(process)


def ran_out_of_time(*records):
    """Whether how far one of them came was the clock's doing, as it can be under the sanitizers."""
    return SANITIZED and any(record.get("reason") == "timed_out" for record in records)


def make_library(folder, count=3, copies=4, unrelated=2, size="240x180", seed=5):
    subprocess.run([DATASETS, "library", str(folder), "--count", str(count), "--copies",
                    str(copies), "--unrelated", str(unrelated), "--size", size, "--seed",
                    str(seed)], check=True, capture_output=True, timeout=TIMEOUT_S)


class ToolTest(unittest.TestCase):
    """A test with a scratch folder and a store in it."""

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="semblance-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.store = self.folder / "banks.db"

    def run_ok(self, *arguments, expect=0, **more):
        ran = run(*arguments, store=self.store, **more)
        self.assertEqual(ran.status, expect, f"{arguments}: {ran.errors}")
        return ran

    def assert_plain_errors(self, ran):
        """Every line on standard error is ours: `semblance: ...`, or part of a summary."""
        for line in ran.errors.splitlines():
            self.assertRegex(line, r"^(semblance: |scan: |case: |  |bank export )", ran.errors)


class LibraryTest(ToolTest):
    """A test with a small generated library, made once for the class, and its originals banked."""

    @classmethod
    def setUpClass(cls):
        cls.shared = Path(tempfile.mkdtemp(prefix="semblance-library-"))
        cls.addClassCleanup(shutil.rmtree, cls.shared, ignore_errors=True)
        cls.library = cls.shared / "library"
        make_library(cls.library)
        cls.banked = cls.shared / "banks.db"
        for words in (["bank", "create", "demo"],
                      ["bank", "add", "demo", cls.library / "originals", "--label", "known"]):
            ran = run(*words, store=cls.banked)
            assert ran.status == 0, ran.errors
            cls.added = ran.records

    def setUp(self):
        super().setUp()
        shutil.copy(self.banked, self.store)
