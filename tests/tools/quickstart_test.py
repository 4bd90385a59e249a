#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The quickstart on this build's programs: every copy within reach found, nothing unrelated."""
import csv
import json
import re
import subprocess
import unittest

from harness import BIN, DATASETS, SOURCE, TIMEOUT_S, ToolTest, environment


class QuickstartTest(ToolTest):
    COUNT = 9  # originals: as many as it takes for every alteration to have its turn

    def quickstart(self):
        return subprocess.run(
            [str(SOURCE / "tools" / "quickstart.sh"), "--bin", str(BIN), "--work",
             str(self.folder / "work"), "--count", str(self.COUNT), "--size", "640x480"],
            capture_output=True, text=True, timeout=TIMEOUT_S, env=environment(), cwd="/",
            check=False)

    def test_it_finds_what_is_within_reach_and_nothing_else_and_runs_again(self):
        for _ in range(2):
            done = self.quickstart()
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            found = re.search(r"every altered copy within reach was found: (\d+) of \1\n",
                              done.stdout)
            self.assertTrue(found, done.stdout)
            self.assertGreaterEqual(int(found[1]), 4 * self.COUNT)
            self.assertRegex(done.stdout, r"unrelated pictures matched: 0 of [1-9]")
        self.assert_alterations_were_tried()

    def assert_alterations_were_tried(self):
        """The library has every alteration that there is, and PDQ finds turned copies by turning."""
        work = self.folder / "work"
        with open(work / "library" / "truth.csv", encoding="utf-8", newline="") as file:
            tried = {row["alteration"] for row in csv.DictReader(file)}
        listed = subprocess.run([DATASETS, "alterations"], capture_output=True, text=True,
                                check=True).stdout.splitlines()
        self.assertEqual(tried, {line.split()[0] for line in listed} | {"identical"})
        with open(work / "case" / "results.jsonl", encoding="utf-8") as file:
            records = [json.loads(line) for line in file]
        turned = {match["transform"] for record in records for match in record.get("matches", [])
                  if match["kind"] == "pdq"}
        self.assertTrue(turned - {"none"}, turned)


if __name__ == "__main__":
    unittest.main()
