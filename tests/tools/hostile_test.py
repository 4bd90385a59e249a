#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Files made to break decoders: each gets one record, and nothing else happens."""
import resource
import unittest

from harness import DATA, SANITIZED, ToolTest

GIB_IN_KIB = 1 << 20


class HostileTest(ToolTest):
    @unittest.skipUnless((DATA / "hostile").is_dir(), "SEMBLANCE_TEST_DATA has no hostile folder")
    def test_every_file_gets_exactly_one_record(self):
        folder = DATA / "hostile"
        files = sorted(str(p) for p in folder.rglob("*") if p.is_file() and not p.is_symlink())
        self.run_ok("bank", "create", "demo")
        ran = self.run_ok("scan", folder, "--jobs", 2, expect=3)
        self.assertEqual(sorted(r["path"] for r in ran.records), files)
        for record in ran.records:
            self.assertIn(record["outcome"], ("clean", "not_evaluated"))
            self.assertEqual("reason" in record,
                             record["outcome"] == "not_evaluated" or "complete" in record, record)
        self.assert_plain_errors(ran)
        if not SANITIZED:  # the sanitizers' shadow memory counts too
            peak_kib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
            self.assertLess(peak_kib, 2 * GIB_IN_KIB)


if __name__ == "__main__":
    unittest.main()
