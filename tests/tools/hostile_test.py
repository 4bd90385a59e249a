#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Files made to break decoders: each gets one record, and nothing else happens."""
import json
import os
import shutil
import tempfile
import threading
import unittest
from pathlib import Path

from harness import DATA, SANITIZED, ToolTest, make_library
from hostile_files import FILES, make_nest, make_sparse, make_specials, remove_nest
from processes import can_be_told, roomy_parent, run_measured

MIB_IN_KIB = 1 << 10
MOST_KIB = [64 * MIB_IN_KIB, 64 * MIB_IN_KIB, 1600 * MIB_IN_KIB]
NEST = 100_000
SECONDS = 20 if SANITIZED else 5
MEASURES = can_be_told() and not SANITIZED  # the sanitizers' shadow memory counts too


class HostileCase(ToolTest):
    def assert_peaks(self, peaks):
        """What the engine, the program that decodes and one worker may hold at most."""
        if MEASURES:
            for peak, most in zip(peaks, MOST_KIB):
                self.assertLess(peak, most, f"of {peaks} KiB")


class CollectedTest(HostileCase):
    @unittest.skipUnless((DATA / "hostile").is_dir(), "SEMBLANCE_TEST_DATA has no hostile folder")
    def test_every_file_gets_exactly_one_record(self):
        folder = DATA / "hostile"
        files = sorted(str(p) for p in folder.rglob("*") if p.is_file() and not p.is_symlink())
        self.run_ok("bank", "create", "demo")
        ran, peaks = run_measured("scan", folder, "--jobs", 2, store=self.store)
        self.assertEqual(ran.status, 3, ran.errors)
        self.assertEqual(sorted(r["path"] for r in ran.records), files)
        for record in ran.records:
            self.assertIn(record["outcome"], ("clean", "not_evaluated"))
            self.assertEqual("reason" in record,
                             record["outcome"] == "not_evaluated" or "complete" in record, record)
        self.assert_plain_errors(ran)
        self.assert_peaks(peaks)


class NeighbourTest(HostileCase):
    """Pictures among hostile neighbours have the records that they have alone."""

    @classmethod
    def setUpClass(cls):
        cls.shared = Path(tempfile.mkdtemp(prefix="semblance-hostile-", dir=roomy_parent()))
        cls.addClassCleanup(shutil.rmtree, cls.shared, ignore_errors=True)
        make_library(cls.shared / "library")
        cls.evidence = cls.shared / "evidence"
        cls.evidence.mkdir()
        copies = sorted((cls.shared / "library" / "copies").iterdir())
        # A neighbour before, between and after those that follow, whatever their names.
        cls.firsts = "abcdefghijklmnopqrstuvwxyz"
        cls.neighbours = set()
        for i, first in enumerate(cls.firsts):
            copy = copies[i % len(copies)]
            cls.neighbours.add(str(shutil.copy(copy, cls.evidence / f"{first}{copy.suffix}")))

    def setUp(self):
        super().setUp()
        self.run_ok("bank", "create", "demo")
        self.run_ok("bank", "add", "demo", self.shared / "library" / "originals")
        self.alone = self.lines(self.run_ok("scan", self.evidence))
        self.assertEqual(set(self.alone), self.neighbours)
        self.hostile = []
        self.addCleanup(self.remove_hostile)

    def lines(self, ran):
        """Each path's record as bytes; fails if a path has two."""
        lines = {}
        for line in ran.out.splitlines():
            path = json.loads(line)["path"]
            self.assertNotIn(path, lines)
            lines[path] = line
        return lines

    def place(self, number, name):
        """A path between two neighbours, removed after the test."""
        path = self.evidence / f"{self.firsts[number % len(self.firsts)]}-{name}"
        self.hostile.append(path)
        return path

    def remove_hostile(self):
        for path in self.hostile:
            if path.is_dir() and not path.is_symlink():
                if (path / "n").is_dir():
                    remove_nest(path)
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    def assert_neighbours_unmoved(self, reasons, records=None):
        """Scans with one job and with two. `reasons`: of each hostile path; None for no reason."""
        for jobs in (1, 2):
            ran, peaks = run_measured("scan", self.evidence, "--jobs", jobs, "--max-seconds",
                                      SECONDS, store=self.store)
            self.assertIn(ran.status, (0, 3), ran.errors)
            lines = self.lines(ran)
            self.assertEqual({p: lines.get(p) for p in self.alone}, self.alone)
            others = {p: json.loads(line) for p, line in lines.items() if p not in self.alone}
            found = {p: record.get("reason") for p, record in others.items()}
            if records is None:
                self.assertEqual(found, reasons)
            else:
                records(found)
            self.assert_peaks(peaks)
            self.assert_plain_errors(ran)
        return ran

    def test_bombs_and_pictures_without_end(self):
        reasons = {}
        for number, (name, make, reason) in enumerate(FILES):
            path = self.place(number, name)
            path.write_bytes(make())
            reasons[str(path)] = reason
        self.assert_neighbours_unmoved(reasons)

    def test_a_nest_of_folders(self):
        nest = self.place(3, "nest")
        nest.mkdir()
        make_nest(nest, NEST)
        self.assert_neighbours_unmoved({f"{nest}{'/n' * NEST}/innermost": "not_media"})

    def test_pipes_sockets_links_and_a_file_larger_than_disks(self):
        specials = self.place(5, "specials")
        specials.mkdir()
        make_specials(specials)
        sparse = self.place(6, "sparse.jpg")
        make_sparse(sparse, 1 << 40)
        ran = self.assert_neighbours_unmoved({str(sparse): "over_limit"})
        self.assertIn("2 symbolic links, 2 sockets, pipes or devices", ran.errors)

    def test_unreadable_files(self):
        if os.geteuid() == 0:
            self.skipTest("root may read every file")
        closed, folder = self.place(2, "closed.jpg"), self.place(4, "closed")
        closed.write_bytes(b"x")
        folder.mkdir()
        closed.chmod(0)
        folder.chmod(0)
        self.addCleanup(folder.chmod, 0o700)
        self.assert_neighbours_unmoved({str(closed): "open_failed", str(folder): "open_failed"})

    def test_files_that_grow_shrink_and_vanish_meanwhile(self):
        paths = [self.place(number, "unsteady.jpg") for number in range(len(self.firsts))]
        content = FILES[0][1]()
        done = threading.Event()

        def disturb():
            while not done.is_set():
                for path in paths:
                    with open(path, "wb") as file:
                        file.write(content)
                    with open(path, "r+b") as file:
                        file.truncate(len(content) // 2)
                for path in paths[::2]:
                    path.unlink()

        def at_most_one_each(found):
            self.assertLessEqual(set(found), {str(path) for path in paths})
            for reason in found.values():
                self.assertIn(reason, (None, "open_failed", "truncated", "decode_failed",
                                       "not_media", "low_quality"))

        thread = threading.Thread(target=disturb)
        thread.start()
        try:
            self.assert_neighbours_unmoved({}, records=at_most_one_each)
        finally:
            done.set()
            thread.join()


if __name__ == "__main__":
    unittest.main()
