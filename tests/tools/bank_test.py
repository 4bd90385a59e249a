#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Banks by the command: create, add, import, export, show, withdraw; and looking hashes up."""
import hashlib
import json
import os
import pathlib
import pty
import signal
import subprocess
import threading
import time
import unittest

from harness import LibraryTest, ToolTest, command, shell


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

    def test_labels_are_judged_before_anything_is_read(self):
        for label in ("", "a\nb", "x" * 201, b"\xff"):
            ran = self.run_ok("bank", "add", "demo", self.folder / "absent", "--label", label,
                              expect=1)
            self.assertIn("--label", ran.errors)
        odd = self.run_ok("bank", "add", "demo", self.added[0]["path"], "--label", "[a,b]")
        shown = self.run_ok("bank", "show", "demo", odd.records[0]["entry"]).records[0]
        self.assertEqual(shown["labels"], ["known", "[a,b]"])
        self.assertEqual((shown["schema"], odd.records[0]["schema"]), (1, 1))

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
        picture = pathlib.Path(self.added[1]["path"]).read_bytes()
        digest = "md5:" + hashlib.md5(picture).hexdigest()
        # The format has no SHA-256, which is what adding keeps: MD5 comes from a list.
        rows = [f"md5,{hashlib.md5(pathlib.Path(r['path']).read_bytes()).hexdigest()},known"
                for r in self.added]
        self.run_ok("bank", "create", "digests")
        self.run_ok("bank", "import", "digests", "-", "--format", "csv",
                    stdin="\n".join(rows).encode())
        for form in ("csv", "jsonl", "hex", "threatexchange", "tcap"):
            out = self.folder / f"list.{form}"
            source = "digests" if form == "tcap" else "demo"
            self.run_ok("bank", "export", source, "--format", form, "--output", out)
            bank = f"from-{form}"
            self.run_ok("bank", "create", bank)
            summary = self.run_ok("bank", "import", bank, out).records[0]
            self.assertEqual(summary["bad"], 0, form)
            self.assertGreaterEqual(summary["added"], len(self.added), form)
            known = digest if form == "tcap" else query  # which carries digests, no PDQ
            answer = self.run_ok("match", "--bank", bank, known).records[0]
            self.assertEqual([m["bank"] for m in answer["matches"]], [bank], form)

    def test_an_export_follows_links_and_leaves_no_part_behind(self):
        whole = self.run_ok("bank", "export", "demo").out
        target = self.folder / "target.jsonl"
        target.write_text("old")
        target.chmod(0o640)
        link = self.folder / "link.jsonl"
        link.symlink_to(target.name)
        foreign = self.folder / "target.jsonl.part"
        foreign.write_text("somebody else's")
        self.run_ok("bank", "export", "demo", "--output", link)
        self.assertTrue(link.is_symlink())
        self.assertEqual((target.read_bytes(), target.stat().st_mode & 0o777), (whole, 0o640))
        self.assertEqual(foreign.read_text(), "somebody else's")
        dangling = self.folder / "dangling"
        dangling.symlink_to(self.folder / "new.jsonl")
        self.run_ok("bank", "export", "demo", "--output", dangling)
        self.assertTrue(dangling.is_symlink())
        self.assertEqual((self.folder / "new.jsonl").read_bytes(), whole)
        self.run_ok("bank", "export", "other", "--output", target, expect=2)
        self.assertEqual(target.read_bytes(), whole)
        self.assertEqual(list(self.folder.glob("*.part")), [foreign])

    def test_an_export_into_what_is_no_file_goes_through_it(self):
        whole = self.run_ok("bank", "export", "demo").out
        fifo = self.folder / "fifo"
        os.mkfifo(fifo)
        read = []
        reader = threading.Thread(target=lambda: read.append(fifo.read_bytes()))
        reader.start()
        self.run_ok("bank", "export", "demo", "--output", fifo)
        reader.join(60)
        self.assertEqual(read, [whole])
        self.assertTrue(fifo.is_fifo())
        link = self.folder / "full"
        link.symlink_to("/dev/full")
        ran = self.run_ok("bank", "export", "demo", "--output", link, expect=2)
        self.assertIn(str(link), ran.errors)
        self.assertTrue(link.is_symlink())

    def test_the_store_is_never_written_over(self):
        before = self.run_ok("bank", "list").out
        link = self.folder / "link"
        link.symlink_to(self.store)
        hard = self.folder / "hard"
        os.link(self.store, hard)
        for path in (self.store, link, hard, f"{self.store}-wal", f"{self.store}-shm"):
            ran = self.run_ok("bank", "export", "demo", "--output", path, expect=1)
            self.assertIn("store", ran.errors)
            self.run_ok("bank", "import", "demo", "-", "--format", "hex", "--bad-rows", path,
                        expect=1, stdin=b"nonsense\n")
        self.assertEqual(self.run_ok("bank", "list").out, before)

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

    def test_bare_digits_are_of_the_kind_that_is_said(self):
        digest = "ab" * 32
        self.run_ok("bank", "import", "demo", "-", "--format", "hex", "--kind", "sha256",
                    stdin=digest.encode())
        found = self.run_ok("match", f"sha256:{digest}").records[0]["matches"]
        self.assertEqual([match["kind"] for match in found], ["sha256"])
        self.assertEqual(self.run_ok("match", digest).records[0]["matches"], [])

    def test_an_export_says_what_its_format_loses(self):
        row = f"pdq,{1:064x},one,two"
        self.run_ok("bank", "import", "demo", "-", "--format", "csv", "--expires", "2999-01-01",
                    "--pdq-profile", "cli512", stdin=row.encode())
        ran = self.run_ok("bank", "export", "demo", "--format", "hex")
        for loss in ("2 labels lost", "1 profile of a PDQ hash lost", "1 date of expiry lost"):
            self.assertIn(loss, ran.errors)
        self.assertNotIn("lost", self.run_ok("bank", "export", "demo").errors)

    def test_the_list_is_not_emptied_by_its_own_bad_rows(self):
        text = b"0f" * 32 + b"\nnonsense\n"
        rows = self.folder / "rows.hex"
        rows.write_bytes(text)
        link = self.folder / "link"
        os.link(rows, link)
        for path in (rows, link):
            ran = self.run_ok("bank", "import", "demo", rows, "--bad-rows", path, expect=1)
            self.assertIn("the list itself", ran.errors)
            self.assertEqual(rows.read_bytes(), text)
        ran = shell(f'"$@" <{rows}', "bank", "import", "demo", "-", "--bad-rows", rows,
                    store=self.store)
        self.assertEqual((ran.status, rows.read_bytes()), (1, text))

    def test_bad_rows_of_an_earlier_list_stay_until_the_next_list_is_one(self):
        bad = self.folder / "bad.jsonl"
        bad.write_text("earlier\n" * 100)
        empty = self.run_ok("bank", "import", "demo", "-", "--bad-rows", bad, expect=2)
        self.assertIn("is empty", empty.errors)
        self.assertEqual(bad.read_text(), "earlier\n" * 100)
        self.run_ok("bank", "import", "demo", "-", "--format", "hex", "--bad-rows", bad, expect=3,
                    stdin=b"nonsense\n")
        self.assertEqual(json.loads(bad.read_text())["line"], 1)

    def interrupt_import(self, text):
        """Imports from a pipe that stays open after `text`, interrupted when all of it is read."""
        fifo = self.folder / f"fifo-{len(text)}"
        os.mkfifo(fifo)
        words, env = command("bank", "import", "demo", fifo, "--format", "csv", "--source", "list",
                             store=self.store)
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env=env) as program, open(fifo, "wb", buffering=0) as pipe:
            view = memoryview(text)
            while view:
                view = view[pipe.write(view):]
            time.sleep(1)  # what is in the pipe is read, and more is waited for
            program.send_signal(signal.SIGINT)
            out, err = program.communicate(timeout=60)
        return program.returncode, out, err.decode()

    def test_an_interrupt_never_banks_half_a_row(self):
        rows = [f"pdq,{i:064x},whole".encode() for i in range(1, 3001)]
        for count in (2, 3000):  # within the first look at the list, and far behind it
            text = b"\n".join(rows[:count]) + b"\npdq," + b"ab" * 32 + b",unfini"
            status, _, errors = self.interrupt_import(text)
            self.assertEqual(status, 2, errors)
            self.assertIn("interrupted", errors)
            self.assertIn("run the same command again", errors)
            self.assertEqual(self.run_ok("match", "ab" * 32).records[0]["matches"], [])
        text = b"\n".join(rows) + b"\npdq," + b"ab" * 32 + b",unfinished\n"
        again = self.run_ok("bank", "import", "demo", "-", "--format", "csv", "--source", "list",
                            stdin=text).records[0]
        self.assertEqual((again["added"] + again["unchanged"], again["bad"]), (3001, 0))
        matches = self.run_ok("match", "ab" * 32).records[0]["matches"]
        self.assertEqual([m["labels"] for m in matches], [["unfinished"]])

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

    def test_match_does_not_depend_on_jobs(self):
        rows = "".join(hashlib.sha256(b"%d" % i).hexdigest() + "\n" for i in range(2000)).encode()
        self.run_ok("bank", "import", "demo", "-", "--format", "hex", stdin=rows)
        one = self.run_ok("match", "--jobs", 1, stdin=rows)
        four = self.run_ok("match", "--jobs", 4, stdin=rows)
        self.assertEqual(one.out, four.out)
        self.assertEqual([r["query"] for r in one.records], rows.decode().split())
        self.assertTrue(all(r["matches"] for r in one.records))

    def test_match_reads_the_manners_of_other_programs(self):
        self.run_ok("bank", "import", "demo", "-", "--format", "csv",
                    stdin=f"pdq,{'0f' * 32},a\nsha256,{'ab' * 32},b\n".encode())
        text = b"\xef\xbb\xbf" + b"0F" * 32 + b"\r\nSHA256 " + b"AB" * 32 + b"\nPDQ:" + b"0f" * 32
        ran = self.run_ok("match", "0f" * 32, "-", "sha256:" + "AB" * 32, stdin=text)
        self.assertEqual([r["kind"] for r in ran.records],
                         ["pdq", "pdq", "sha256", "pdq", "sha256"])
        self.assertEqual([len(r["matches"]) for r in ran.records], [1] * 5)
        self.assertEqual({r["schema"] for r in ran.records}, {1})

    def test_an_empty_bank_is_warned_of_once_and_only_where_it_matters(self):
        for name in ("full", "empty"):
            self.run_ok("bank", "create", name)
        self.assertIn("banks demo, empty, full have no active entry",
                      self.run_ok("match", "0f" * 32).errors)
        self.run_ok("bank", "import", "full", "-", "--format", "hex", stdin=b"0f" * 32 + b"\n")
        self.assertEqual(self.run_ok("match", "0f" * 32).errors, "")
        ran = self.run_ok("match", "--bank", "empty", "--bank", "full", "0f" * 32)
        self.assertEqual(ran.errors.count("empty has no active entry"), 1)
        self.assertEqual(len(ran.errors.splitlines()), 1)

    def test_match_says_on_a_terminal_that_it_waits(self):
        outer, inner = pty.openpty()
        words, env = command("match", store=self.store)
        with subprocess.Popen(words, stdin=inner, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env=env) as program:
            os.close(inner)
            os.write(outer, b"0f" * 32 + b"\n\x04")
            out, err = program.communicate(timeout=60)
        os.close(outer)
        self.assertEqual(program.returncode, 0, err)
        self.assertEqual(err.count(b"Ctrl-D"), 1, err)
        self.assertEqual(json.loads(out)["query"], "0f" * 32)

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
