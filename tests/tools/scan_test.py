#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Scans by the real programs: records, cases, and what a case refuses to be."""
import base64
import collections
import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import time
import unittest

from harness import LibraryTest, command, run


def has_records(case):
    try:
        return (case / "results.jsonl").stat().st_size > 0
    except FileNotFoundError:
        return False


class ScanTest(LibraryTest):
    def setUp(self):
        super().setUp()
        self.evidence = self.folder / "evidence"
        shutil.copytree(self.library / "copies", self.evidence / "copies")
        shutil.copytree(self.library / "unrelated", self.evidence / "unrelated")

    def results(self, case):
        return (case / "results.jsonl").read_bytes()

    def test_records_on_standard_output_do_not_depend_on_jobs(self):
        one = self.run_ok("scan", self.evidence, "--jobs", 1)
        eight = self.run_ok("scan", self.evidence, "--jobs", 8)
        self.assertEqual(one.out, eight.out)
        outcomes = {r["outcome"] for r in one.records}
        self.assertEqual(outcomes, {"matched", "clean"})
        self.assertIn("matched", one.errors)
        self.run_ok("scan", self.evidence, "--fail-on-match", expect=10)

    def test_a_case_holds_the_same_records_and_its_summary_counts_them(self):
        case = self.folder / "case"
        plain = self.run_ok("scan", self.evidence)
        ran = self.run_ok("scan", self.evidence, "--out", case)
        self.assertEqual(ran.out, b"")
        self.assertEqual(self.results(case), plain.out)
        summary = json.loads((case / "summary.json").read_text())
        records = plain.records
        self.assertEqual(summary["items"], len(records))
        self.assertEqual(summary["results"]["records"], len(records))
        self.assertEqual(summary["bytes"], sum(r["bytes"] for r in records))
        outcomes = collections.Counter(r["outcome"] for r in records)
        self.assertEqual({k: n for k, n in summary["outcomes"].items() if n}, dict(outcomes))
        matches = collections.Counter(m["bank"] for r in records for m in r.get("matches", []))
        self.assertEqual(summary["matches_by_bank"], dict(matches))
        self.assertEqual(summary["results"]["sha256"],
                         hashlib.sha256(self.results(case)).hexdigest())
        for outcome, count in outcomes.items():
            self.assertRegex(ran.errors, rf"\b{outcome} +{count}\b")
        self.assertEqual(self.run_ok("scan", self.evidence, "--out", case, "-q", "--resume").err, b"")
        self.assertEqual(self.results(case), plain.out)

    def test_any_name_that_the_kernel_allows(self):
        name = os.fsencode(self.evidence) + b"/\xff\xfe\n\x1b[31m.png"
        with open(name, "wb") as file:
            file.write(b"no picture at all")
        ran = self.run_ok("scan", os.fsencode(self.evidence))
        odd = [r for r in ran.records if "path_b64" in r]
        self.assertEqual([base64.b64decode(r["path_b64"]) for r in odd], [name])
        self.assertNotIn("\x1b", ran.errors)

    def test_a_case_is_not_written_over_nor_resumed_with_other_input(self):
        case = self.folder / "case"
        self.run_ok("scan", self.evidence, "--out", case)
        before = self.results(case)
        ran = self.run_ok("scan", self.evidence, "--out", case, expect=2)
        self.assertIn("--resume", ran.errors)
        self.interrupt_case(self.folder / "half")
        other = self.run_ok("scan", self.evidence / "copies", "--out", self.folder / "half",
                            "--resume", expect=2)
        self.assertIn("--out", other.errors)
        self.run_ok("scan", self.evidence, "--max-distance", 3, "--out", self.folder / "half",
                    "--resume", expect=2)
        self.run_ok("bank", "create", "more")
        self.run_ok("scan", self.evidence, "--out", self.folder / "half", "--resume", expect=2)
        self.assertEqual(self.results(case), before)

    def grow(self, copies):
        """More files, so that there is something to interrupt."""
        for i in range(copies):
            shutil.copytree(self.library / "copies", self.evidence / f"more-{i:03}")

    def interrupt_case(self, case):
        """A case that has records and was killed: retried until the kill came in time."""
        self.grow(20)
        words, env = command("scan", self.evidence, "--out", case, "--jobs", 1, store=self.store)
        for _ in range(20):
            shutil.rmtree(case, ignore_errors=True)
            with subprocess.Popen(words, env=env, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL) as program:
                while program.poll() is None and not has_records(case):
                    time.sleep(0.001)
                program.kill()
                if program.wait() == -signal.SIGKILL:
                    return
        self.fail("the scan was always done before it could be killed")

    def test_symbolic_links_are_counted_and_not_followed(self):
        (self.evidence / "loop").symlink_to(self.evidence)
        ran = self.run_ok("scan", self.evidence)
        self.assertFalse(any("loop" in r["path"] for r in ran.records))
        self.assertIn("symbolic link", ran.errors)

    def test_the_store_is_no_evidence(self):
        ran = self.run_ok("scan", self.folder)
        self.assertFalse(any(r["path"].startswith(str(self.store)) for r in ran.records))
        self.assertIn("the store itself", ran.errors)

    def test_advice_is_given_where_it_helps(self):
        (self.folder / "file").write_text("in the way")
        ran = self.run_ok("scan", self.evidence, "--out", self.folder / "file" / "case", expect=2)
        self.assertNotIn("--resume", ran.errors)
        case = self.folder / "case"
        case.mkdir()
        with open(case / "journal.jsonl", "wb") as journal:
            fcntl.flock(journal, fcntl.LOCK_EX)
            ran = self.run_ok("scan", self.evidence, "--out", case, expect=2)
        self.assertIn("another run", ran.errors)
        self.assertIn("wait", ran.errors)
        self.assertNotIn("--resume", ran.errors)

    def test_a_case_inside_the_evidence_is_refused(self):
        ran = run("scan", self.evidence, "--out", self.evidence / "case", store=self.store)
        self.assertEqual(ran.status, 2)
        self.assertFalse((self.evidence / "case" / "results.jsonl").exists())


if __name__ == "__main__":
    unittest.main()
