#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Banks by the command: create, add, import, export, show, withdraw; and looking hashes up."""
import json
import os
import pty
import subprocess
import time
import unittest

from harness import LibraryTest, ToolTest, command


def pdq_of(record):
    return next(s["value"] for s in record["signals"] if s["kind"] == "pdq")


class BankTest(LibraryTest):
    def test_adding_again_changes_nothing_and_keeps_the_entry(self):
        again = self.run_ok("bank", "add", "demo", self.library / "originals", "--label", "known")
        self.assertEqual({r["outcome"] for r in self.added}, {"added"})
        self.assertEqual({r["outcome"] for r in again.records}, {"unchanged"})
        self.assertEqual([r["entry"] for r in again.records], [r["entry"] for r in self.added])

    def test_what_cannot_be_decoded_is_not_banked_unless_asked(self):
        broken = self.folder / "broken.png"
        broken.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 40)
        ran = self.run_ok("bank", "add", "demo", broken, expect=3)
        self.assertEqual(ran.records[0]["outcome"], "not_evaluated")
        kept = self.run_ok("bank", "add", "demo", broken, "--keep-undecodable").records[0]
        self.assertEqual([s["kind"] for s in kept["signals"]], ["sha256"])

    def test_a_picture_below_the_floor_is_banked_by_its_digest_with_a_warning(self):
        self.run_ok("bank", "create", "strict", "--quality-floor", "100")
        flat = self.folder / "flat.bmp"
        pixels = bytes(3 * 64 * 64)
        flat.write_bytes(b"BM" + (54 + len(pixels)).to_bytes(4, "little") + bytes(4)
                         + (54).to_bytes(4, "little") + (40).to_bytes(4, "little")
                         + (64).to_bytes(4, "little") * 2 + b"\x01\0\x18\0" + bytes(24) + pixels)
        ran = self.run_ok("bank", "add", "strict", flat)
        self.assertEqual([s["kind"] for s in ran.records[0]["signals"]], ["sha256"])
        self.assertIn(str(flat), ran.errors)
        self.assertIn("quality floor", ran.errors)

    def test_a_withdrawn_entry_matches_nothing_and_stays_withdrawn(self):
        first = self.added[0]
        self.assertTrue(self.run_ok("match", pdq_of(first)).records[0]["matches"])
        self.run_ok("bank", "withdraw", "demo", first["entry"], "--reason", "test")
        self.assertEqual(self.run_ok("match", pdq_of(first)).records[0]["matches"], [])
        shown = self.run_ok("bank", "show", "demo", first["entry"]).records[0]
        self.assertEqual((shown["state"], shown["withdrawn_reason"]), ("withdrawn", "test"))
        again = self.run_ok("bank", "add", "demo", first["path"])
        self.assertEqual(again.records[0]["outcome"], "kept_withdrawn")

    def test_withdrawing_an_unknown_entry_withdraws_none(self):
        first = self.added[0]["entry"]
        ran = self.run_ok("bank", "withdraw", "demo", first, 999999, expect=2)
        self.assertEqual(ran.out, b"")
        self.assertEqual(self.run_ok("bank", "show", "demo", first).records[0]["state"], "active")

    def test_an_expired_entry_matches_nothing(self):
        self.run_ok("bank", "create", "past")
        self.run_ok("bank", "add", "past", self.library / "originals", "--expires", "2020-01-01")
        self.run_ok("match", "--bank", "past", pdq_of(self.added[0]))
        self.assertEqual(
            self.run_ok("match", "--bank", "past", pdq_of(self.added[0])).records[0]["matches"], [])

    def test_export_and_import_give_the_same_matches_in_every_format(self):
        query = pdq_of(self.added[1])
        for form in ("csv", "jsonl", "hex", "threatexchange", "tcap"):
            out = self.folder / f"list.{form}"
            self.run_ok("bank", "export", "demo", "--format", form, "--output", out)
            if form == "tcap":
                continue  # it carries digests, no PDQ
            bank = f"from-{form}"
            self.run_ok("bank", "create", bank)
            summary = self.run_ok("bank", "import", bank, out).records[0]
            self.assertEqual(summary["bad"], 0, form)
            self.assertEqual(len(self.run_ok("match", "--bank", bank, query).records[0]["matches"]),
                             1, form)

    def test_show_lists_entries_in_pages(self):
        every = self.run_ok("bank", "show", "demo").records
        first = self.run_ok("bank", "show", "demo", "--limit", 1).records
        rest = self.run_ok("bank", "show", "demo", "--after", first[0]["entry"]).records
        self.assertEqual(first + rest, every)
        self.assertEqual(len(every), len(self.added))


class ImportTest(ToolTest):
    def setUp(self):
        super().setUp()
        self.run_ok("bank", "create", "demo", "--max-distance", 10, "--purpose", "tests")

    def test_bad_rows_are_told_by_line_counted_and_cost_only_themselves(self):
        rows = [f"pdq,{i:064x},label" for i in range(1, 101)]
        for i in range(10, 40):
            rows[i] = "pdq,nonsense"
        ran = self.run_ok("bank", "import", "demo", "-", "--format", "csv", expect=3,
                          stdin="\n".join(rows).encode())
        self.assertEqual((ran.records[0]["rows"], ran.records[0]["bad"]), (100, 30))
        self.assertEqual(ran.records[0]["added"], 70)
        self.assertEqual(ran.errors.count("import: line "), 20)
        self.assertIn("line 11:", ran.errors)

        bad = self.folder / "bad.jsonl"
        self.run_ok("bank", "import", "demo", "-", "--format", "csv", "--bad-rows", bad, expect=3,
                    stdin="\n".join(rows).encode())
        told = [json.loads(line)["line"] for line in bad.read_text().splitlines()]
        self.assertEqual(told, list(range(11, 41)))

    def test_a_progress_bar_stands_on_a_terminal_and_is_gone_at_the_end(self):
        words, env = command("bank", "import", "demo", "-", "--format", "hex", store=self.store)
        outer, inner = pty.openpty()
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=inner,
                              env=env) as program:
            os.close(inner)
            for i in range(1, 4):  # longer than a bar takes to appear
                program.stdin.write(b"".join(b"%064x\n" % (i * 5000 + j) for j in range(5000)))
                program.stdin.flush()
                time.sleep(1)
            program.stdin.close()
            out = program.stdout.read()
            self.assertEqual(program.wait(timeout=60), 0)
        shown = os.read(outer, 1 << 20)
        os.close(outer)
        self.assertIn(b"rows", shown)
        self.assertTrue(shown.endswith(b"\r\x1b[K"), shown[-80:])
        self.assertEqual(json.loads(out)["added"], 15000)

    def test_match_answers_in_order_and_says_what_is_no_hash(self):
        known = "0f" * 32
        self.run_ok("bank", "import", "demo", "-", "--format", "csv",
                    stdin=f"pdq,{known},a\nsha256,{'ab' * 32},b\nmd5,{'cd' * 16},c\n".encode())
        near = "1f" + known[2:]
        lines = [known.upper(), near, "", "zz", f"sha256:{'ab' * 32}", "cd" * 16, "x" * 100_000]
        ran = self.run_ok("match", expect=3, stdin=("\n".join(lines) + "\r\n").encode())
        answers = ran.records
        self.assertEqual(len(answers), 6)
        self.assertEqual([len(a["matches"]) for a in answers if "matches" in a], [1, 1, 1, 1])
        self.assertEqual(answers[0]["query"], known.upper())
        self.assertEqual(answers[1]["matches"][0]["distance"], 1)
        self.assertEqual(answers[1]["matches"][0]["max_distance"], 10)
        self.assertIn("error", answers[2])
        self.assertIn("error", answers[5])
        self.assertEqual(self.run_ok("match", known, "--fail-on-match", expect=10).status, 10)
        self.run_ok("match", "ff" * 32, "--fail-on-match")

    def test_match_answers_a_line_before_the_next_is_written(self):
        self.run_ok("bank", "import", "demo", "-", "--format", "hex", stdin=b"0f" * 32 + b"\n")
        words, env = command("match", store=self.store)
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env) as talk:
            for _ in range(3):
                talk.stdin.write(b"0f" * 32 + b"\n")
                talk.stdin.flush()
                self.assertEqual(len(json.loads(talk.stdout.readline())["matches"]), 1)
            talk.stdin.close()
            self.assertEqual(talk.wait(timeout=60), 0)


if __name__ == "__main__":
    unittest.main()
