#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What signals do: a request to stop finishes what is in hand, and leaves what can go on."""
import json
import os
import pty
import shutil
import signal
import subprocess
import threading
import time
import unittest

from harness import SANITIZED, LibraryTest, children, command
from hostile_files import jpeg_of_endless_scans

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def process_group(pid):
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None


class SignalTest(LibraryTest):
    def setUp(self):
        super().setUp()
        self.evidence = self.folder / "evidence"
        for i in range(10 if SANITIZED else 30):
            shutil.copytree(self.library / "copies", self.evidence / f"{i:03}")
        self.case = self.folder / "case"

    def start(self, *arguments, **more):
        words, env = command(*arguments, store=self.store)
        more = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE,
                "stderr": subprocess.PIPE, **more}
        return subprocess.Popen(words, env=env, **more)

    def scan_into_case(self, **more):
        return self.start("scan", self.evidence, "--out", self.case, "--jobs", 1, **more)

    def wait_until(self, program, condition):
        """Returns what the condition gives, once it gives something and the program still runs."""
        while program.poll() is None:
            found = condition()
            if found:
                return found
            time.sleep(0.001)
        self.fail("the program was done too early: " + program.stderr.read().decode())

    def wait_for_case(self, program):
        self.wait_until(program, (self.case / "results.jsonl").exists)

    def wait_for_workers(self, program):
        """The extractor and its workers."""
        def look():
            extractors = children(program.pid)
            workers = children(extractors[0]) if extractors else []
            return extractors + workers if workers else None
        return self.wait_until(program, look)

    def assert_whole_records(self, case):
        """All that was written are whole records, none of them of a decoder that was killed."""
        lines = (case / "results.jsonl").read_bytes().splitlines(keepends=True)
        for line in lines:
            self.assertTrue(line.endswith(b"\n"))
            self.assertNotEqual(json.loads(line).get("reason"), "decoder_crashed")
        return len(lines)

    def assert_goes_on(self):
        """The case resumes to what an undisturbed run writes."""
        whole = self.run_ok("scan", self.evidence).out
        self.run_ok("scan", self.evidence, "--out", self.case, "--resume")
        self.assertEqual((self.case / "results.jsonl").read_bytes(), whole)

    def test_a_scan_that_is_asked_to_stop_flushes_what_is_in_hand(self):
        for stop in STOPS:
            with self.subTest(stop.name):
                with self.scan_into_case() as program:
                    self.wait_for_case(program)
                    program.send_signal(stop)
                    _, err = program.communicate(timeout=120)
                self.assertEqual(program.returncode, 2, err)
                self.assertIn(b"--resume", err)
                written = self.assert_whole_records(self.case)
                last = json.loads((self.case / "journal.jsonl").read_text().splitlines()[-1])
                self.assertEqual(last.get("records"), written)  # nothing is done twice
                self.assert_goes_on()
                shutil.rmtree(self.case)

    def test_a_stop_of_the_whole_group_leaves_the_workers_their_items(self):
        for stop in STOPS:
            with self.subTest(stop.name):
                with self.scan_into_case(start_new_session=True) as program:
                    self.wait_for_case(program)
                    family = self.wait_for_workers(program)
                    # A terminal's Ctrl-C reaches the group of processes; a service manager sends
                    # its signal to every process there is.
                    self.assertNotIn(program.pid, {process_group(pid) for pid in family})
                    for pid in family:
                        os.kill(pid, stop)
                    os.killpg(program.pid, stop)
                    _, err = program.communicate(timeout=120)
                self.assertEqual(program.returncode, 2, err)
                self.assert_whole_records(self.case)
                self.assert_goes_on()
                shutil.rmtree(self.case)

    def test_a_second_signal_ends_at_once_and_the_case_goes_on(self):
        with self.scan_into_case() as program:
            self.wait_for_case(program)
            while program.poll() is None:  # two that arrive together are one
                program.send_signal(signal.SIGINT)
                time.sleep(0.001)
            program.communicate(timeout=120)
        self.assertIn(program.returncode, (-signal.SIGINT, 2))
        self.assert_goes_on()

    def test_a_terminal_that_closes_stops_the_scan(self):
        outer, inner = pty.openpty()
        words, env = command("scan", self.evidence, "--out", self.case, "--jobs", 1,
                             store=self.store)
        # setsid --ctty makes the terminal the one whose closing is told.
        with subprocess.Popen(["setsid", "--ctty", *words], stdin=inner, stdout=inner, stderr=inner,
                              env=env, start_new_session=False) as program:
            os.close(inner)
            self.wait_for_case(program)
            os.close(outer)
            self.assertEqual(program.wait(timeout=120), 2)
        self.assert_whole_records(self.case)
        self.assert_goes_on()

    def test_what_nohup_shields_from_a_closing_terminal_runs_on(self):
        with self.start("scan", self.evidence, "--out", self.case, "--jobs", 1,
                        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)) as program:
            self.wait_for_case(program)
            program.send_signal(signal.SIGHUP)
            _, err = program.communicate(timeout=240)
        self.assertEqual(program.returncode, 0, err)
        self.assertTrue((self.case / "summary.json").exists())

    def test_a_reader_that_leaves_is_no_crash(self):
        with self.start("scan", self.evidence, "--jobs", 2) as program:
            first = program.stdout.readline()
            program.stdout.close()
            err = program.stderr.read()
            self.assertEqual(program.wait(timeout=120), 2, err)
        self.assertIn("outcome", json.loads(first))
        self.assertNotIn(b"interrupted", err)

    def test_what_bank_add_had_told_of_is_in_the_bank(self):
        pictures = self.folder / "pictures"
        shutil.copytree(self.evidence, pictures)
        # Two that take their whole time: after the first a batch is due, in the second the stop comes.
        for name in ("001-slow.jpg", "zzz-slow.jpg"):
            (pictures / name).write_bytes(jpeg_of_endless_scans())
        for stop in STOPS[:2]:
            with self.subTest(stop.name):
                self.run_ok("bank", "create", stop.name)
                with self.start("bank", "add", stop.name, pictures, "--jobs", 1, "--max-seconds", 2,
                                bufsize=0) as program:
                    first = program.stdout.readline()  # told, and so stored
                    program.send_signal(stop)
                    out, err = program.communicate(timeout=120)
                self.assertEqual(program.returncode, 2, err)
                self.assertIn(b"what was added stays", err)
                records = [json.loads(line) for line in [first, *out.splitlines()]]
                told = {r["source_id"] for r in records if "source_id" in r}
                self.assertTrue(told)
                self.assertEqual(self.source_ids(stop.name), told)
                self.run_ok("bank", "add", stop.name, self.evidence)
                self.assertGreaterEqual(self.source_ids(stop.name), told)

    def source_ids(self, bank):
        out = self.run_ok("bank", "export", bank, "--format", "jsonl").out
        return {json.loads(line)["source_id"] for line in out.splitlines()}

    def active(self, bank):
        listed = self.run_ok("bank", "list").records
        return {one["bank"]: one["entries"]["active"] for one in listed}[bank]

    def test_an_import_that_is_stopped_tells_what_stays(self):
        lines = [f"{i:064x}\n".encode() for i in range(20_000)]
        for stop in STOPS[:2]:
            with self.subTest(stop.name):
                self.run_ok("bank", "create", stop.name)
                with self.start("bank", "import", stop.name, "-", "--format", "hex",
                                stdin=subprocess.PIPE) as program:
                    # More than a batch, and never the end: it waits for the rest when stopped.
                    feeder = threading.Thread(target=program.stdin.write, args=(b"".join(lines),))
                    feeder.start()
                    feeder.join()
                    program.stdin.flush()
                    program.send_signal(stop)
                    program.wait(timeout=120)
                    program.stdin.close()
                    out, err = program.stdout.read(), program.stderr.read()
                self.assertEqual(program.returncode, 2, err)
                self.assertIn(b"which stay", err)
                told = json.loads(out)
                self.assertEqual(self.active(stop.name), told["added"])
                self.run_ok("bank", "import", stop.name, "-", "--format", "hex",
                            stdin=b"".join(lines))
                self.assertEqual(self.active(stop.name), len(lines))


if __name__ == "__main__":
    unittest.main()
