#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The quickstart on this build's programs: every copy within reach found, nothing unrelated."""
import subprocess
import unittest

from harness import BIN, SOURCE, TIMEOUT_S, ToolTest, environment


class QuickstartTest(ToolTest):
    def quickstart(self):
        return subprocess.run(
            [str(SOURCE / "tools" / "quickstart.sh"), "--bin", str(BIN), "--work",
             str(self.folder / "work"), "--count", "4", "--size", "320x240"],
            capture_output=True, text=True, timeout=TIMEOUT_S, env=environment(), cwd="/",
            check=False)

    def test_it_finds_what_is_within_reach_and_nothing_else_and_runs_again(self):
        for _ in range(2):
            done = self.quickstart()
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertRegex(done.stdout, r"every altered copy within reach was found: (\d+) of \1\n")
            self.assertRegex(done.stdout, r"unrelated pictures matched: 0 of [1-9]")


if __name__ == "__main__":
    unittest.main()
