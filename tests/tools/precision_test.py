#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Exact, fast and auto by the real programs: what is reported, and what each record says of it."""
import collections
import json
import shutil
import tempfile
import unittest
from pathlib import Path

from harness import DATA, ToolTest, make_library, ran_out_of_time, run

MOST_BITS_OFF = 20


def distance(one, other):
    return bin(int(one, 16) ^ int(other, 16)).count("1")


def decisive(record):
    """What a scan decides of an item: all of a record but the signals it was decided by.

    How far a video was followed is of the look that was: at key frames a limit is met later."""
    return {key: value for key, value in record.items() if key not in ("signals", "decoded_to")}


def by_key_frames(record):
    return any(signal.get("sampling") == "keyframes" for signal in record.get("signals", []))


class PrecisionCase(ToolTest):
    """A test with originals in a bank, and a copy of each for every alteration that there is."""

    @classmethod
    def setUpClass(cls):
        cls.shared = Path(tempfile.mkdtemp(prefix="semblance-precision-"))
        cls.addClassCleanup(shutil.rmtree, cls.shared, ignore_errors=True)
        cls.library = cls.shared / "library"
        make_library(cls.library, count=3, copies=0, unrelated=12, size="640x480")
        cls.evidence = [cls.library / "copies", cls.library / "unrelated"]
        cls.banked = cls.shared / "banks.db"
        for words in (["bank", "create", "demo"],
                      ["bank", "create", "strict", "--max-distance", "6", "--quality-floor", "80"],
                      ["bank", "add", "demo", cls.library / "originals"],
                      ["bank", "add", "strict", cls.library / "originals"]):
            ran = run(*words, store=cls.banked)
            assert ran.status == 0, ran.errors

    def setUp(self):
        super().setUp()
        shutil.copy(self.banked, self.store)

    def scan(self, precision, *paths, expect=0):
        return self.run_ok("scan", *paths, "--precision", precision, expect=expect)

    def assert_same_report(self, exact, twice):
        """Record for record the same decisions; the same bytes unless an item is clean."""
        self.assertEqual(len(exact), len(twice))
        for one, other in zip(exact, twice):
            if ran_out_of_time(one, other):
                self.assertEqual(one["path"], other["path"])
                continue
            if by_key_frames(other) and other["outcome"] == "clean":
                # Of what it says of a clean video, a key frame look knows that it matches nothing:
                # damage between key frames is not seen, nor how far it would let a reader come.
                self.assertNotEqual("matched", one["outcome"])
                self.assertEqual(one["sha256"], other["sha256"])
                continue
            self.assertEqual(decisive(one), decisive(other))
            if one["outcome"] != "clean" and "decoded_to" not in one:
                self.assertEqual(one, other)


class ScanPrecisionTest(PrecisionCase):
    def test_auto_is_the_default_and_reports_what_exact_reports(self):
        exact = self.scan("exact", *self.evidence).records
        ran = self.scan("auto", *self.evidence)
        self.assertEqual(self.run_ok("scan", *self.evidence).out, ran.out)
        self.assert_same_report(exact, ran.records)
        clean = [r for r in ran.records if r["outcome"] == "clean"]
        once = [r for r in clean if r["signals"][0]["precision"] == "fast"]
        self.assertGreaterEqual(len(once), 10, "hardly any was clean by a fast look")
        for record in once:
            self.assertRegex(record["signals"][0]["version"], r"^pdq-fast-\d+/dct(1|3|6|10)$")
        for record in ran.records:
            if record["outcome"] == "matched":
                self.assertEqual(record["signals"][0]["precision"], "exact")
                self.assertEqual(record["signals"][0]["version"], "pdq-1")
        self.assertIn("hashed fast, then exactly to be sure", ran.errors)
        self.assertEqual(self.scan("auto", *self.evidence).out, ran.out)

    def test_records_do_not_depend_on_jobs_nor_on_isolation(self):
        one = self.run_ok("scan", *self.evidence, "--jobs", 1)
        four = self.run_ok("scan", *self.evidence, "--jobs", 4, "--isolation", "none")
        self.assertEqual(one.out, four.out)

    def test_fast_says_so_in_every_signal_and_is_near_exact(self):
        exact = self.scan("exact", *self.evidence).records
        fast = self.scan("fast", *self.evidence).records
        off = 0
        for one, other in zip(exact, fast):
            self.assertEqual(one["sha256"], other["sha256"])
            before, after = one["signals"][0], other["signals"][0]
            if after["precision"] == "exact":
                self.assertEqual(one, other)
                continue
            self.assertLessEqual(distance(before["value"], after["value"]), MOST_BITS_OFF)
            self.assertNotEqual(before["version"], after["version"])
            self.assertNotEqual(before["decoder"], after["decoder"])
            off += 1
        self.assertGreater(off, len(exact) // 3)

    def test_where_a_bank_needs_the_other_profile_all_is_exact(self):
        self.run_ok("bank", "create", "cli")
        self.run_ok("bank", "add", "cli", self.library / "originals", "--pdq-profile", "cli512")
        exact = self.scan("exact", *self.evidence)
        self.assertEqual(self.scan("auto", *self.evidence).out, exact.out)
        self.assertEqual(self.scan("fast", *self.evidence).out, exact.out)

    def test_a_case_says_its_precision_and_goes_on_with_no_other(self):
        case = self.folder / "case"
        self.run_ok("scan", *self.evidence, "--out", case)
        summary = json.loads((case / "summary.json").read_text())
        self.assertEqual(summary["options"]["precision"], "auto")
        self.assertEqual(summary["versions"]["pdq_fast"], "pdq-fast-1")
        records = [json.loads(line) for line in (case / "results.jsonl").read_text().splitlines()]
        fast = sum(s["precision"] == "fast" for r in records for s in r["signals"])
        decoders = collections.Counter(s["decoder"] for r in records for s in r["signals"]
                                       if "part" not in s)
        self.assertEqual(summary["versions"]["decoders"], dict(decoders))
        self.assertGreater(summary["extracted_twice"], 0)
        self.assertLessEqual(summary["extracted_twice"], len(records) - fast)
        header = json.loads((case / "journal.jsonl").read_text().splitlines()[0])
        self.assertEqual(header["options"]["precision"], "auto")
        for other in ("exact", "fast"):
            ran = self.run_ok("scan", *self.evidence, "--out", case, "--resume", "--precision",
                              other, expect=2)
            self.assertIn("precision", ran.errors)
        self.run_ok("scan", *self.evidence, "--out", case, "--resume", "--precision", "auto")


class HashPrecisionTest(PrecisionCase):
    def test_hash_is_exact_unless_told_otherwise(self):
        exact = self.run_ok("hash", self.library / "unrelated")
        told = self.run_ok("hash", self.library / "unrelated", "--precision", "exact")
        self.assertEqual(told.out, exact.out)
        self.assertEqual({s["precision"] for r in told.records for s in r["signals"]}, {"exact"})
        fast = self.run_ok("hash", self.library / "unrelated", "--precision", "fast").records
        self.assertIn("jpeg", [r["format"] for r in fast])
        for one, other in zip(exact.records, fast):
            signal = other["signals"][0]
            self.assertEqual(signal["precision"], "fast" if one["format"] == "jpeg" else "exact")
            self.assertLessEqual(distance(one["signals"][0]["value"], signal["value"]),
                                 MOST_BITS_OFF)
            for turn, value in one["signals"][0]["dihedral"].items():
                self.assertLessEqual(distance(value, signal["dihedral"][turn]), MOST_BITS_OFF)

    def test_what_makes_no_sense_is_refused_with_a_word_that_helps(self):
        for words, hint in ((["--precision", "auto"], "scan"),
                            (["--precision", "quick"], "exact"),
                            (["--precision", "fast", "--pdq-profile", "cli512"], "cli512")):
            ran = self.run_ok("hash", self.library / "unrelated", *words, expect=1)
            self.assertIn(hint, ran.errors)
        self.run_ok("scan", self.library / "unrelated", "--precision", "most", expect=1)

    def test_banks_hold_exact_hashes_alone(self):
        ran = self.run_ok("bank", "add", "demo", self.library / "unrelated", "--precision", "fast",
                          expect=1)
        self.assertIn("--precision", ran.errors)


class CollectedPrecisionTest(PrecisionCase):
    def assert_folder_is_reported_alike(self, folder):
        """Whatever a file is, and however it is broken, both say the same of it."""
        exact = run("scan", folder, "--precision", "exact", store=self.store)
        twice = run("scan", folder, "--precision", "auto", store=self.store)
        self.assertEqual(exact.status, twice.status, twice.errors)
        self.assert_same_report(exact.records, twice.records)
        return twice.records

    @unittest.skipUnless((DATA / "hostile").is_dir(), "SEMBLANCE_TEST_DATA has no hostile folder")
    def test_hostile_files(self):
        self.assert_folder_is_reported_alike(DATA / "hostile")

    @unittest.skipUnless((DATA / "formats").is_dir(), "SEMBLANCE_TEST_DATA has no formats folder")
    def test_files_of_every_format(self):
        self.assert_folder_is_reported_alike(DATA / "formats")

    @unittest.skipUnless((DATA / "photos").is_dir(), "SEMBLANCE_TEST_DATA has no photos folder")
    def test_photographs_in_a_bank_and_not(self):
        photos = sorted((DATA / "photos").glob("*.jpg"))
        self.run_ok("bank", "add", "demo", *photos[::2])
        twice = self.assert_folder_is_reported_alike(DATA / "photos")
        self.assertGreaterEqual(sum(r["outcome"] == "matched" for r in twice), len(photos) // 2)


if __name__ == "__main__":
    unittest.main()
