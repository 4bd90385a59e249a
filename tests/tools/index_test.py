#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The index saved beside a store, and banks that change while `match` and `scan` run."""
import hashlib
import json
import os
import resource
import shutil
import subprocess
import time
import unittest

from harness import LibraryTest, ToolTest, command, run

HASHES = 3000
OFFSETS = 40


def hash_of(number):
    return hashlib.sha256(b"item %d" % number).hexdigest()


class SavedIndexTest(ToolTest):
    def setUp(self):
        super().setUp()
        self.run_ok("bank", "create", "demo")
        self.add(range(HASHES))
        self.full = self.folder / "banks.db.pdq-full.index"
        self.cli512 = self.folder / "banks.db.pdq-cli512.index"

    def add(self, numbers, bank="demo", source="list"):
        rows = "".join(hash_of(n) + "\n" for n in numbers).encode()
        self.run_ok("bank", "import", bank, "-", "--format", "hex", "--source", source, stdin=rows)

    def entries(self, number, *options):
        answer = self.run_ok("match", *options, hash_of(number)).records[0]
        return [(m["bank"], m["entry"]) for m in answer["matches"]]

    def test_it_is_built_used_and_verified(self):
        queries = "".join(hash_of(n) + "\n" for n in range(0, 2 * HASHES, 7)).encode()
        before = self.run_ok("match", stdin=queries).out
        built = self.run_ok("bank", "index")
        self.assertEqual([(r["profile"], r["codes"], r["current"]) for r in built.records],
                         [("full", HASHES, True), ("cli512", 0, True)])
        self.assertEqual(built.records[0]["path"], str(self.full))
        self.assertEqual(built.records[0]["bytes"], self.full.stat().st_size)
        self.assertIn("3,000 hashes in 2 files", built.errors)
        self.assertEqual(self.run_ok("match", stdin=queries).out, before)
        self.assertEqual(self.run_ok("bank", "index", "--verify").records, built.records)
        self.assertEqual(self.run_ok("bank", "index", "--quiet").errors, "")

    def test_what_changed_since_is_searched_too(self):
        self.run_ok("bank", "index")
        stamp = self.full.stat()
        self.run_ok("bank", "create", "other")
        self.add([HASHES], "other")
        self.run_ok("bank", "withdraw", "demo", 1)
        self.assertEqual(self.entries(HASHES), [("other", HASHES + 1)])
        self.assertEqual(self.entries(HASHES, "--bank", "demo"), [])
        self.assertEqual(self.entries(0), [])
        self.assertEqual(self.entries(1), [("demo", 2)])
        verified = self.run_ok("bank", "index", "--verify")
        self.assertFalse(verified.records[0]["current"])
        self.assertIn("changed since", verified.errors)
        after = self.full.stat()
        self.assertEqual((after.st_ino, after.st_mtime_ns), (stamp.st_ino, stamp.st_mtime_ns),
                         "nobody but `bank index` writes it")
        self.run_ok("bank", "index")
        self.assertTrue(self.run_ok("bank", "index", "--verify").records[0]["current"])
        self.assertEqual(self.entries(HASHES), [("other", HASHES + 1)])

    def test_verify_without_one_says_how_to_make_it(self):
        ran = self.run_ok("bank", "index", "--verify", expect=2)
        self.assertIn("semblance bank index", ran.errors)

    def assert_refused(self, ran, path):
        self.assertEqual((ran.status, ran.out), (2, b""), ran.errors)
        self.assertIn(str(path), ran.errors)
        self.assertIn("semblance bank index", ran.errors)

    def test_a_changed_byte_anywhere_is_an_error_and_never_another_answer(self):
        self.run_ok("bank", "index")
        queries = [hash_of(n) for n in (0, 1, HASHES // 2, HASHES - 1, HASHES + 5)]
        right = self.run_ok("match", *queries).out
        whole = self.full.read_bytes()
        for i in range(OFFSETS):
            at = i * (len(whole) - 1) // (OFFSETS - 1)
            with self.subTest(at=at):
                damaged = bytearray(whole)
                damaged[at] ^= 1 << (i % 8)
                self.full.write_bytes(damaged)
                self.assert_refused(self.run_ok("bank", "index", "--verify", expect=2), self.full)
                ran = run("match", *queries, store=self.store)
                if ran.status == 0:
                    self.assertEqual(ran.out, right)
                else:
                    self.assert_refused(ran, self.full)
        self.run_ok("bank", "index")
        self.assertEqual(self.run_ok("match", *queries).out, right)

    def test_one_that_is_cut_short_is_refused(self):
        self.run_ok("bank", "index")
        whole = self.full.read_bytes()
        for length in (0, 1, 100, len(whole) // 2, len(whole) - 1):
            with self.subTest(length=length):
                self.full.write_bytes(whole[:length])
                self.assert_refused(run("match", hash_of(1), store=self.store), self.full)
                self.assert_refused(run("bank", "index", "--verify", store=self.store), self.full)

    def test_another_stores_is_refused(self):
        self.run_ok("bank", "index")
        other = self.folder / "other.db"
        self.assertEqual(run("bank", "create", "demo", store=other).status, 0)
        path = self.folder / "other.db.pdq-full.index"
        shutil.copy(self.full, path)
        self.assert_refused(run("match", hash_of(1), store=other), path)
        self.assert_refused(run("bank", "index", "--verify", store=other), path)
        self.assertEqual(run("bank", "index", store=other).status, 0)
        self.assertEqual(run("match", hash_of(1), store=other).records[0]["matches"], [])

    def test_where_it_cannot_be_written_the_old_one_stays(self):
        self.run_ok("bank", "index")
        self.add(range(HASHES, 2 * HASHES))
        old = self.full.read_bytes()
        limit = len(old) // 2

        def no_room():
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        words, env = command("bank", "index", store=self.store)
        # Python ignores SIGXFSZ; so does what it starts, which then meets an error as on a full disk.
        done = subprocess.run(words, env=env, capture_output=True, timeout=240, check=False,
                              preexec_fn=no_room, restore_signals=False)
        self.assertEqual((done.returncode, done.stdout), (2, b""), done.stderr)
        self.assertIn(str(self.full).encode(), done.stderr)
        self.assertEqual(self.full.read_bytes(), old)
        self.assertEqual(len(self.entries(2 * HASHES - 1)), 1)
        self.assertEqual(sorted(p.name for p in self.folder.glob("*.index*")),
                         [self.cli512.name, self.full.name])

    def test_it_is_never_written_over(self):
        self.run_ok("bank", "index")
        whole = self.full.read_bytes()
        self.run_ok("bank", "export", "demo", "--output", self.full, expect=1)
        self.assertEqual(self.full.read_bytes(), whole)


class LiveTest(ToolTest):
    def setUp(self):
        super().setUp()
        self.run_ok("bank", "create", "demo")
        self.run_ok("bank", "import", "demo", "-", "--format", "hex", stdin=b"0f" * 32 + b"\n")

    def ask(self, talk, line):
        talk.stdin.write(line + b"\n")
        talk.stdin.flush()
        return [m["entry"] for m in json.loads(talk.stdout.readline())["matches"]]

    def converse(self):
        """Adds and withdraws beside a `match` that waits for the next hash."""
        new = hash_of(1).encode()
        digest = b"ab" * 16
        words, env = command("match", store=self.store)
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env) as talk:
            self.assertEqual(self.ask(talk, new), [])
            self.assertEqual(self.ask(talk, digest), [])
            self.run_ok("bank", "import", "demo", "-", "--format", "csv",
                        stdin=b"pdq,%s\nmd5,%s\n" % (new, digest))
            self.assertEqual(self.ask(talk, new), [2])
            self.assertEqual(self.ask(talk, digest), [3])
            self.run_ok("bank", "withdraw", "demo", 2)
            self.assertEqual(self.ask(talk, new), [])
            self.run_ok("bank", "create", "later")
            self.run_ok("bank", "import", "later", "-", "--format", "hex", stdin=new + b"\n")
            self.assertEqual(self.ask(talk, new), [4])
            self.assertEqual(self.ask(talk, b"0f" * 32), [1])
            talk.stdin.close()
            self.assertEqual(talk.wait(timeout=60), 0)

    def test_what_another_program_adds_is_found_by_the_next_hash(self):
        self.converse()

    def test_and_also_beside_a_saved_index(self):
        self.run_ok("bank", "index")
        self.converse()


class FollowTest(LibraryTest):
    """A scan that has to wait for its last file, while the banks change."""

    def setUp(self):
        super().setUp()
        self.evidence = self.folder / "evidence"
        for i in range(40):
            shutil.copytree(self.library / "copies", self.evidence / f"{i:03}")
        last = self.evidence / "zzz"
        last.mkdir()
        shutil.copy(next((self.library / "unrelated").iterdir()), last / "late.jpg")
        self.late = last / "late.jpg"
        self.case = self.folder / "case"

    def scan_while_adding(self, *options):
        """Scans; as soon as there are records, banks the last file and withdraws the first entry."""
        words, env = command("scan", self.evidence, "--out", self.case, "--jobs", 1, *options,
                             store=self.store)
        with subprocess.Popen(words, env=env, stderr=subprocess.PIPE) as program:
            while not (self.case / "results.jsonl").exists() and program.poll() is None:
                time.sleep(0.001)
            self.run_ok("bank", "add", "demo", self.late)
            added_in_time = program.poll() is None
            _, err = program.communicate(timeout=240)
        self.assertEqual(program.returncode, 0, err)
        if not added_in_time:
            self.skipTest("the scan was done before the bank had changed")
        last = (self.case / "results.jsonl").read_text().splitlines()[-1]
        return json.loads(last), json.loads((self.case / "summary.json").read_text())

    def test_what_is_added_meanwhile_is_not_searched_for_and_the_summary_says_so(self):
        last, summary = self.scan_while_adding()
        self.assertEqual(last["outcome"], "clean")
        self.assertIs(summary["banks_changed"], True)
        self.assertNotIn("banks_at_end", summary)

    def test_with_follow_banks_it_is_and_the_summary_says_so(self):
        last, summary = self.scan_while_adding("--follow-banks")
        self.assertEqual(last["outcome"], "matched", summary)
        self.assertEqual({m["kind"] for m in last["matches"]}, {"sha256", "pdq"})
        self.assertIs(summary["options"]["follow_banks"], True)
        self.assertIs(summary["banks_changed"], True)
        before, after = summary["banks"][0], summary["banks_at_end"][0]
        self.assertEqual(after["entries"], before["entries"] + 1)
        self.assertGreater(after["revision"], before["revision"])

    def test_a_case_that_follows_its_banks_resumes_with_others(self):
        words = ("scan", self.evidence, "--out", self.case, "--jobs", 1, "--follow-banks")
        program_words, env = command(*words, store=self.store)
        with subprocess.Popen(program_words, env=env, stderr=subprocess.PIPE) as program:
            while not (self.case / "results.jsonl").exists() and program.poll() is None:
                time.sleep(0.001)
            program.terminate()
            _, err = program.communicate(timeout=120)
        self.assertEqual(program.returncode, 2, err)
        self.assertIn(b"--follow-banks", err)  # in the command that it says goes on
        self.run_ok("bank", "add", "demo", self.late)
        self.run_ok("scan", self.evidence, "--out", self.case, "--resume", expect=2)
        self.run_ok(*words, "--resume")
        last = json.loads((self.case / "results.jsonl").read_text().splitlines()[-1])
        self.assertEqual(last["outcome"], "matched")

    def test_damage_that_a_scan_meets_ends_it_and_the_case_goes_on_with_a_new_index(self):
        words = ("scan", self.library / "copies", "--jobs", 2)
        whole = self.run_ok(*words).out
        self.run_ok("bank", "index")
        path = self.folder / "banks.db.pdq-full.index"
        index = path.read_bytes()
        ended = 0
        for i in range(12):
            damaged = bytearray(index)
            damaged[i * (len(index) - 1) // 11] ^= 16
            path.write_bytes(damaged)
            case = self.folder / f"case-{i}"
            ran = run(*words, "--out", case, store=self.store)
            if ran.status != 0:
                ended += 1
                self.assertEqual(ran.status, 2, ran.errors)
                self.assertIn(str(path), ran.errors)
                self.assertIn("semblance bank index", ran.errors)
                self.run_ok("bank", "index")
                self.run_ok(*words, "--out", case, "--resume")
            self.assertEqual((case / "results.jsonl").read_bytes(), whole)
        self.assertGreater(ended, 0)

    def test_the_saved_index_is_not_evidence(self):
        self.run_ok("bank", "index")
        plain = self.run_ok("scan", self.folder).records
        self.assertFalse([r for r in plain if ".index" in r["path"]])
        for path in self.folder.glob("*.index"):
            os.remove(path)
        again = self.run_ok("scan", self.folder).records
        self.assertEqual(plain, again)


if __name__ == "__main__":
    unittest.main()
