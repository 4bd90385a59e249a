#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Disks that are full, read-only or damaged: a run ends with an error, and what was written stays.

The disks are small ones in memory, mounted in a mount namespace of the test's own, so that nothing
is left behind. Where the system allows no such thing, the tests are skipped.
"""
import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import unittest

from harness import SANITIZED, TIMEOUT_S, LibraryTest, Ran, command, run

NAMESPACE = "SEMBLANCE_TEST_NAMESPACE"  # set in the environment once we are in it
PAGE = 4096
FULL = "No space left on device"


def enter_namespace():
    """Runs this script again where mounts are its own; returns if that is not possible."""
    for words in (["unshare", "--mount"], ["unshare", "--user", "--map-root-user", "--mount"]):
        tried = subprocess.run([*words, "true"], capture_output=True, check=False)
        if tried.returncode == 0:
            os.environ[NAMESPACE] = "1"
            os.execvp(words[0], [*words, sys.executable, *sys.argv])


class DiskTest(LibraryTest):
    """A test with a small disk of its own."""

    def setUp(self):
        super().setUp()
        if NAMESPACE not in os.environ:
            self.skipTest("mounting needs privileges or user namespaces")
        self.disk = self.folder / "disk"
        self.disk.mkdir()
        self.evidence = self.folder / "evidence"
        for i in range(6 if SANITIZED else 12):
            shutil.copytree(self.library / "copies", self.evidence / f"{i:03}")

    def mount(self, size):
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", self.disk],
                              capture_output=True, check=False)
        if done.returncode != 0:
            self.skipTest("this system lets no tmpfs be mounted: " + done.stderr.decode())
        self.addCleanup(subprocess.run, ["umount", "--lazy", self.disk], check=False)

    def remount_read_only(self):
        subprocess.run(["mount", "-o", "remount,bind,ro", self.disk], check=True)

    @contextlib.contextmanager
    def filled(self, free):
        """The disk with `free` bytes left, rounded to pages."""
        filler = self.disk / "filler"
        facts = os.statvfs(self.disk)
        with open(filler, "wb") as file:
            taken = facts.f_bavail * facts.f_frsize - free
            if taken > 0:
                os.posix_fallocate(file.fileno(), 0, taken)
        try:
            yield
        finally:
            filler.unlink()

    def assert_told(self, ran, words):
        """The run failed, and said so in our words."""
        self.assertEqual(ran.status, 2, ran.errors)
        self.assertIn(words, ran.errors)
        self.assert_plain_errors(ran)

    def run_on(self, store, *arguments, **more):
        words, env = command(*arguments, store=store)
        done = subprocess.run(words, env=env, stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=TIMEOUT_S, check=False, **more)
        return Ran(done.returncode, done.stdout, done.stderr)

    def assert_sound(self, store):
        """The store holds whole transactions: SQLite finds nothing amiss in it."""
        database = sqlite3.connect(store)
        try:
            self.assertEqual(database.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
        finally:
            database.close()

    def active(self, store, bank):
        """How many entries the bank has."""
        ran = self.run_on(store, "bank", "list")
        self.assertEqual(ran.status, 0, ran.errors)
        return {one["bank"]: one["entries"]["active"] for one in ran.records}[bank]

    def exported(self, store, bank):
        ran = self.run_on(store, "bank", "export", bank, "--format", "hex")
        self.assertEqual(ran.status, 0, ran.errors)
        return sorted(ran.out.splitlines())


class FullDiskTest(DiskTest):
    def test_a_case_goes_on_when_there_is_room_again(self):
        self.mount("4m")
        whole = self.folder / "whole"
        self.run_ok("scan", self.evidence, "--out", whole)
        size = sum(file.stat().st_size for file in whole.iterdir())
        begun = 0
        for share in range(10):
            case = self.disk / "case"
            with self.subTest(share=share), self.filled(share * size // 10):
                ran = self.run_on(self.store, "scan", self.evidence, "--out", case)
                self.assert_told(ran, FULL)
                begun += (case / "results.jsonl").exists()
            self.run_ok("scan", self.evidence, "--out", case, "--resume")
            for name in ("results.jsonl", "summary.json"):
                self.assertEqual(self.without_times(case / name), self.without_times(whole / name))
            shutil.rmtree(case)
        self.assertGreater(begun, 0)

    def without_times(self, file):
        if file.name != "summary.json":
            return file.read_bytes()
        summary = json.loads(file.read_text())
        del summary["times"]
        return summary

    def test_records_that_cannot_be_written_end_the_scan(self):
        with open("/dev/full", "wb") as full:
            words, env = command("scan", self.evidence, store=self.store)
            done = subprocess.run(words, env=env, stdout=full, stderr=subprocess.PIPE,
                                  timeout=TIMEOUT_S, check=False)
        self.assert_told(Ran(done.returncode, b"", done.stderr), FULL)

    def test_an_import_keeps_whole_batches(self):
        self.mount("96m")
        rows = self.folder / "rows"
        rows.write_text("".join(f"{i:064x}\n" for i in range(1, 60_001)))
        other = self.folder / "other.db"
        for store in (other, self.disk / "small.db"):
            self.assertEqual(self.run_on(store, "bank", "create", "b").status, 0)
        ran = self.run_on(other, "bank", "import", "b", rows, "--format", "hex")
        self.assertEqual(ran.status, 0, ran.errors)
        size = other.stat().st_size
        kept = []
        for share in (0, 1, 10, 19):
            store = self.disk / "banks.db"
            shutil.copy(self.disk / "small.db", store)
            with self.subTest(share=share), self.filled(share * size // 20):
                ran = self.run_on(store, "bank", "import", "b", rows, "--format", "hex")
                self.assert_told(ran, "full")
            self.assert_sound(store)
            kept.append(self.active(store, "b"))
            ran = self.run_on(store, "bank", "import", "b", rows, "--format", "hex")
            self.assertEqual(ran.status, 0, ran.errors)
            self.assert_sound(store)
            self.assertEqual(self.exported(store, "b"), self.exported(other, "b"))
            for file in self.disk.glob("banks.db*"):
                file.unlink()
        self.assertEqual(kept[0], 0)
        self.assertIn(kept[-1], range(1, 60_000))  # the first of two batches

    def test_what_bank_add_had_told_of_is_in_the_bank(self):
        self.mount("4m")
        small = self.disk / "small.db"
        self.assertEqual(self.run_on(small, "bank", "create", "b").status, 0)
        for free in (0, 8, 12):
            store = self.disk / "banks.db"
            shutil.copy(small, store)
            with self.subTest(free=free), self.filled(free * PAGE):
                ran = self.run_on(store, "bank", "add", "b", self.evidence)
                self.assert_told(ran, "full")
            self.assert_sound(store)
            told = {record["source_id"] for record in ran.records}
            ran = self.run_on(store, "bank", "export", "b", "--format", "jsonl")
            there = {record["source_id"] for record in ran.records}
            self.assertLessEqual(told, there)
            ran = self.run_on(store, "bank", "add", "b", self.evidence)
            self.assertEqual(ran.status, 0, ran.errors)
            self.assertEqual(len({record["entry"] for record in ran.records}),
                             len({record["source_id"] for record in ran.records}))
            for file in self.disk.glob("banks.db*"):
                file.unlink()

    def test_an_export_replaces_nothing_unless_it_is_whole(self):
        self.mount("1m")
        rows = "".join(f"{i:064x}\n" for i in range(1, 5_001)).encode()
        self.run_ok("bank", "create", "b")
        self.run_ok("bank", "import", "b", "-", "--format", "hex", stdin=rows)
        list_ = self.disk / "list"
        list_.write_text("an earlier list\n")
        for free in (0, 1, 40):
            with self.subTest(free=free), self.filled(free * PAGE):
                ran = self.run_on(self.store, "bank", "export", "b", "--format", "hex",
                                  "--output", list_)
                self.assert_told(ran, FULL)
                self.assertEqual({file.name for file in self.disk.iterdir()}, {"list", "filler"})
                self.assertEqual(list_.read_text(), "an earlier list\n")
        self.run_ok("bank", "export", "b", "--format", "hex", "--output", list_)
        self.assertEqual(len(list_.read_text().splitlines()), 5_000)


class ReadOnlyTest(DiskTest):
    def setUp(self):
        super().setUp()
        self.mount("16m")

    def test_evidence_and_store_are_read_where_nobody_can_write(self):
        plain = self.run_ok("scan", self.evidence, "--quiet")
        shutil.move(self.evidence, self.disk / "evidence")
        shutil.move(self.store, self.disk / "banks.db")
        self.remount_read_only()
        os.symlink(self.disk / "evidence", self.evidence)
        store = self.disk / "banks.db"
        ran = self.run_on(store, "scan", self.evidence, "--out", self.folder / "case")
        self.assertEqual(ran.status, 0, ran.errors)
        self.assertEqual((self.folder / "case" / "results.jsonl").read_bytes(), plain.out)
        self.assertGreater(self.active(store, "demo"), 0)
        rows = self.folder / "rows"
        rows.write_text("0f" * 32 + "\n")
        for change in (["create", "more"], ["add", "demo", self.evidence],
                       ["import", "demo", rows], ["withdraw", "demo", 1]):
            self.assert_told(self.run_on(store, "bank", *change), "read-only")

    def test_a_case_where_nobody_can_write(self):
        self.run_ok("scan", self.evidence, "--out", self.disk / "done")
        words, env = command("scan", self.evidence, "--out", self.disk / "half", "--jobs", 1,
                             store=self.store)
        with subprocess.Popen(words, env=env, stderr=subprocess.PIPE) as program:
            while program.poll() is None and not (self.disk / "half" / "results.jsonl").exists():
                time.sleep(0.001)
            program.send_signal(signal.SIGTERM)
            program.communicate(timeout=TIMEOUT_S)
        self.assertEqual(program.returncode, 2)
        before = (self.disk / "half" / "results.jsonl").read_bytes()
        self.remount_read_only()
        ran = self.run_on(self.store, "scan", self.evidence, "--out", self.disk / "new")
        self.assert_told(ran, "Read-only file system")
        half = ("--out", self.disk / "half", "--resume")
        ran = self.run_on(self.store, "scan", self.evidence, *half)
        self.assert_told(ran, "Read-only file system")
        done = ("--out", self.disk / "done", "--resume")
        ran = self.run_on(self.store, "scan", self.evidence, *done)
        self.assertEqual(ran.status, 0, ran.errors)
        self.assertEqual((self.disk / "half" / "results.jsonl").read_bytes(), before)

    def test_an_export_where_nobody_can_write(self):
        self.remount_read_only()
        ran = self.run_on(self.store, "bank", "export", "demo", "--output", self.disk / "list")
        self.assert_told(ran, "Read-only file system")


class DamagedStoreTest(LibraryTest):
    def test_a_bit_that_turned_is_an_error_and_never_another_answer(self):
        listed = self.run_ok("bank", "export", "demo", "--format", "hex").out
        queries = [line.split(b",")[0].decode() for line in listed.splitlines()[:3]]
        good = self.run_ok("match", *queries).out
        whole = self.store.read_bytes()
        refused = 0
        for page in range(0, len(whole), PAGE):
            damaged = bytearray(whole)
            damaged[page + PAGE - 300] ^= 16  # in the body of the page: cells begin at its end
            self.store.write_bytes(damaged)
            for words, answer in ((["match", *queries], good),
                                  (["bank", "export", "demo", "--format", "hex"], listed)):
                ran = run(*words, store=self.store)
                if ran.status == 0:
                    self.assertEqual(ran.out, answer, f"page at {page}")
                    continue
                self.assertEqual(ran.status, 2, ran.errors)
                self.assertIn("a page differs from its checksum", ran.errors)
                refused += 1
        self.assertGreater(refused, 4)


@unittest.skipIf(os.geteuid() != 0, "only root can run the command as somebody else")
class ForbiddenFolderTest(LibraryTest):
    """Folders in which the user who runs the command may not write."""

    def setUp(self):
        super().setUp()
        self.folder.chmod(0o755)
        self.evidence = self.folder / "evidence"
        shutil.copytree(self.library / "copies", self.evidence)
        self.open = self.folder / "open"
        self.open.mkdir(mode=0o777)
        self.open.chmod(0o777)

    def run_as_nobody(self, store, *arguments):
        words, env = command(*arguments, store=store)
        try:
            done = subprocess.run(words, env=env, stdin=subprocess.DEVNULL, capture_output=True,
                                  timeout=TIMEOUT_S, check=False, user=65534, group=65534,
                                  extra_groups=[])
        except (PermissionError, OSError) as error:
            self.skipTest(f"nobody may not run the programs of this build: {error}")
        return Ran(done.returncode, done.stdout, done.stderr)

    def test_evidence_is_read_and_a_case_is_refused(self):
        store = self.open / "banks.db"
        shutil.copy(self.store, store)
        store.chmod(0o666)
        ran = self.run_as_nobody(store, "scan", self.evidence, "--out", self.open / "case")
        self.assertEqual(ran.status, 0, ran.errors)
        ran = self.run_as_nobody(store, "scan", self.evidence, "--out", self.folder / "case")
        self.assertEqual(ran.status, 2, ran.errors)
        self.assertIn("Permission denied", ran.errors)
        self.assertFalse((self.folder / "case").exists())

    def test_a_store_is_refused_and_left_as_it_is(self):
        self.store.chmod(0o644)
        before = self.store.read_bytes()
        for words in (["match", "0f" * 32], ["bank", "create", "more"],
                      ["bank", "add", "demo", self.evidence]):
            ran = self.run_as_nobody(self.store, *words)
            self.assertEqual(ran.status, 2, ran.errors)
            self.assertIn("leave to write in its folder", ran.errors)
        self.assertEqual(self.store.read_bytes(), before)


if __name__ == "__main__":
    if NAMESPACE not in os.environ:
        enter_namespace()
    unittest.main()
