#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The command itself: help, usage errors, exit statuses, what it links, inspect and hash."""
import os
import subprocess
import unittest

from harness import EXTRACT, SEMBLANCE, LibraryTest, ToolTest, command, run, shell

TRANSFORMS = {"rot90", "rot180", "rot270", "flipx", "flipy", "flipplus1", "flipminus1"}


class UsageTest(ToolTest):
    def test_help_goes_to_standard_output_and_names_every_subcommand_and_status(self):
        ran = run("--help")
        self.assertEqual((ran.status, ran.err), (0, b""))
        for word in ("hash", "bank", "match", "scan", "inspect", "Exit status", "--store", "  10  "):
            self.assertIn(word, ran.out.decode())

    def test_every_subcommand_has_help_of_its_own(self):
        subcommands = [["hash"], ["bank"], ["match"], ["scan"], ["inspect"]]
        subcommands += [["bank", word] for word in
                        ("create", "add", "import", "export", "list", "show", "withdraw")]
        for words in subcommands:
            ran = run(*words, "--help")
            self.assertEqual(ran.status, 0, words)
            text = ran.out.decode()
            self.assertTrue("--store" in text or words == ["bank"], words)
            self.assertIn("Usage: semblance " + " ".join(words) + " ", text)
            for types in (":INT", ":UINT", " in [", "REQUIRED"):
                self.assertNotIn(types, text)

    def test_version(self):
        self.assertRegex(run("--version").out.decode(), r"^semblance \d+\.\d+\.\d+\n$")

    def test_usage_errors_exit_1_and_say_what_is_wrong_on_standard_error(self):
        for words in ([], ["frobnicate"], ["scan"], ["hash"], ["bank"], ["scan", "--nonsense", "x"],
                      ["match", "--max-distance", "257"], ["hash", "--pdq-profile", "half", "x"],
                      ["bank", "create"], ["scan", "--resume", "x"], ["scan", "--jobs", "0", "x"],
                      ["bank", "add", "demo", "x", "--expires", "2027-02-30"],
                      ["--store", "", "bank", "list"], ["scan", "x", "--out", ""],
                      ["scan", "x", "--out="], ["bank", "export", "demo", "--output", ""],
                      ["bank", "import", "demo", "x", "--bad-rows", ""],
                      ["hash", "x", "--max-bytes", "-1"], ["hash", "x", "--max-bytes", "16X"],
                      ["hash", "x", "--max-bytes", "99999999999999999999"],
                      ["hash", "x", "--max-pixels", "0x10"], ["scan", "x", "--max-seconds", "-1"],
                      ["hash", "x", "--max-seconds", "99999999999999999999"],
                      ["bank", "show", "demo", "--limit", "-1"],
                      ["bank", "show", "demo", "9223372036854775808"],
                      ["bank", "withdraw", "demo", "1", "two"]):
            ran = run(*words)
            self.assertEqual((ran.status, ran.out), (1, b""), words)
            self.assertIn("--help", ran.errors)

    def test_a_store_that_is_not_there_fails_with_2_and_says_what_to_do(self):
        for words in (["bank", "list"], ["match", "0" * 64], ["scan", self.folder]):
            ran = run(*words, store=self.store)
            self.assertEqual(ran.status, 2, words)
            self.assertIn("bank create", ran.errors)
            self.assertFalse(self.store.exists())

    def test_a_subcommand_that_is_not_there_is_named_beside_those_that_are(self):
        for words, known in ((["frobnicate", "--x"], "inspect"), (["bank", "frobnicate"], "import")):
            errors = run(*words).errors
            self.assertIn("no subcommand frobnicate", errors)
            self.assertIn(known, errors)
        self.assertIn("name a subcommand: hash, bank", run().errors)

    def test_sizes_may_have_suffixes(self):
        big = self.folder / "big"
        big.write_bytes(bytes(3000))
        for limit, reason in (("2K", "over_limit"), ("3K", "not_media")):
            ran = run("hash", big, "--max-bytes", limit)
            self.assertEqual(ran.records[0]["reason"], reason)

    def test_a_store_without_banks_cannot_call_anything_clean(self):
        self.run_ok("bank", "create", "no name", expect=2)  # which leaves a store with no bank
        self.assertEqual(self.run_ok("bank", "list").out, b"")
        for words in (["match", "0" * 64], ["scan", self.folder]):
            ran = self.run_ok(*words, expect=2)
            self.assertEqual(ran.out, b"")
            self.assertIn("no bank", ran.errors)
            self.assertIn("bank create", ran.errors)

    def test_a_bank_that_is_not_there_is_an_error_that_names_those_that_are(self):
        self.run_ok("bank", "create", "demo")
        ran = self.run_ok("match", "0" * 64, "--bank", "other", expect=2)
        self.assertIn("demo", ran.errors)

    def test_a_reader_that_has_left_is_no_alarm(self):
        self.run_ok("bank", "create", "demo")
        for words in (["bank", "list"], ["bank", "export", "demo"], ["match", "0" * 64],
                      ["scan", SEMBLANCE]):
            reading, writing = os.pipe()
            os.close(reading)
            arguments, env = command(*words, "-q", store=self.store)
            done = subprocess.run(arguments, stdin=subprocess.DEVNULL, stdout=writing,
                                  stderr=subprocess.PIPE, env=env, check=False, timeout=60)
            os.close(writing)
            self.assertNotIn(b"pipe", done.stderr.lower(), words)
            if words[:2] != ["bank", "export"]:  # an empty bank as a list is no text at all
                self.assertEqual(done.returncode, 2, words)

    def test_closed_standard_streams_never_become_the_store(self):
        self.run_ok("bank", "create", "demo")
        before = self.run_ok("bank", "list").out
        for script, status in (('"$@" >&-', 2), ('"$@" >&- 2>&-', 2), ('"$@" <&- >&- 2>&-', 2),
                               ('"$@" 2>&- <&-', 0)):
            self.assertEqual(shell(script, "bank", "list", store=self.store).status, status, script)
        self.assertEqual(shell('"$@" <&-', "match", store=self.store).status, 2)
        self.assertEqual(self.run_ok("bank", "list").out, before)

    def test_a_closed_standard_output_is_an_error_not_a_crash(self):
        self.run_ok("bank", "create", "demo")
        with open("/dev/full", "wb") as full:
            done = subprocess.run([SEMBLANCE, "--store", str(self.store), "bank", "list"],
                                  stdout=full, stderr=subprocess.PIPE, check=False, timeout=60)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"standard output", done.stderr)


class LinkTest(unittest.TestCase):
    def test_neither_program_loads_gdal_and_the_command_loads_no_decoder(self):
        for program, never in ((SEMBLANCE, ("gdal", "opencv", "jpeg", "avcodec", "heif", "blas")),
                               (EXTRACT, ("gdal", "gdcm", "imgcodecs", "sqlite"))):
            loaded = subprocess.run(["ldd", program], capture_output=True, text=True, check=True)
            for word in never:
                self.assertNotIn(word, loaded.stdout, program)


class HashTest(LibraryTest):
    def test_every_file_gets_a_record_with_its_signals(self):
        pictures = sorted((self.library / "originals").iterdir())
        ran = self.run_ok("hash", self.library / "originals")
        self.assertEqual([r["path"] for r in ran.records], [str(p) for p in pictures])
        for record in ran.records:
            self.assertEqual(record["kind"], "image")
            pdq = next(s for s in record["signals"] if s["kind"] == "pdq")
            self.assertRegex(pdq["value"], "^[0-9a-f]{64}$")
            self.assertEqual(pdq["profile"], "full")
            self.assertEqual(set(pdq["dihedral"]) - {"none"}, TRANSFORMS)
            for value in pdq["dihedral"].values():
                self.assertRegex(value, "^[0-9a-f]{64}$")
            self.assertNotIn(pdq["value"], [pdq["dihedral"][turn] for turn in TRANSFORMS])

    def test_standard_input_and_a_file_of_the_same_bytes_agree(self):
        picture = next((self.library / "originals").iterdir())
        of_file = self.run_ok("hash", picture).records[0]
        of_pipe = self.run_ok("hash", "-", stdin=picture.read_bytes()).records[0]
        self.assertEqual(of_pipe.pop("path"), "-")
        of_file.pop("path")
        self.assertEqual(of_pipe, of_file)

    def test_what_cannot_be_hashed_says_why_and_only_media_cost_the_exit_status(self):
        text = self.folder / "note.txt"
        text.write_text("no picture\n" * 50)
        self.assertEqual(self.run_ok("hash", text).records[0]["reason"], "not_media")
        cut = self.folder / "cut.png"
        cut.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 40)
        ran = self.run_ok("hash", text, cut, self.folder / "absent.jpg", expect=3)
        self.assertEqual(len(ran.records), 3)
        self.assertEqual(ran.records[2]["reason"], "open_failed")
        self.assert_plain_errors(ran)

    def test_names_that_the_command_line_parser_has_ideas_about(self):
        picture = next((self.library / "originals").iterdir())
        for name in ("[a,b]", "{}", "%%", "++", "match", "a b", "'q'", "[]"):
            copy = self.folder / name
            copy.write_bytes(picture.read_bytes())
            ran = run("hash", name, cwd=self.folder)
            self.assertEqual((ran.status, ran.records[0]["path"]), (0, name), ran.errors)
        dashed = self.folder / "-x.png"
        dashed.write_bytes(picture.read_bytes())
        self.assertEqual(run("hash", "--", "-x.png", cwd=self.folder).records[0]["path"], "-x.png")


class InspectTest(ToolTest):
    def test_inspect_names_versions_and_the_gpu_or_why_there_is_none(self):
        facts = self.run_ok("inspect").records[0]
        gpu = facts["gpu"]
        if gpu["available"]:
            self.assertRegex(gpu["compute_capability"], r"^\d+\.\d+$")
            self.assertGreater(gpu["memory_bytes"], 0)
        else:
            self.assertIn("GPU", gpu["reason"])
        self.assertIn("faiss", facts["libraries"])
        self.assertIn("protocol", facts["extract"])
        self.assertIn("faiss", self.run_ok("inspect", "--text").out.decode())


if __name__ == "__main__":
    unittest.main()
