#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Scans whose processes are killed at random: the command, its extractor, or one of its workers.

SEMBLANCE_KILLS says how many kills there are; the seed of their moments is fixed.
"""
import collections
import json
import os
import random
import shutil
import signal
import subprocess
import time
import unittest

from harness import SANITIZED, LibraryTest, children, command, kill_child, run

KILLS = int(os.environ.get("SEMBLANCE_KILLS", "20" if SANITIZED else "200"))


class Wound:
    """Tells when an item that lost its worker may still be having its second try.

    An item is tried twice, so that a test which killed both workers of one would be the cause of
    its record. After a worker was killed, the next that is forked may be the one of the second
    try; once it has come and gone, that is over. After the extractor was killed, several items
    are tried again, one after the other, and nothing that is seen from here says when all are
    done.
    """

    def __init__(self):
        self.before = set()
        self.trying = None  # None: nobody was killed; else who came after the kill
        self.lasting = False

    def worker_killed(self, workers):
        self.before, self.trying = set(workers), set()

    def supervisor_killed(self):
        self.trying, self.lasting = set(), True

    def open(self, workers):
        if self.trying is None:
            return False
        if not self.trying:
            self.trying = set(workers) - self.before
        elif not self.lasting and self.trying.isdisjoint(workers):
            self.trying = None
        return self.trying is not None


class KillTest(LibraryTest):
    def setUp(self):
        super().setUp()
        self.evidence = self.folder / "evidence"
        for i in range(4 if SANITIZED else 12):
            shutil.copytree(self.library / "copies", self.evidence / f"{i:03}")
        (self.evidence / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nand no more")
        self.rng = random.Random(20262)
        self.killed = collections.Counter()

    def scan(self, case):
        words, env = command("scan", self.evidence, "--out", case, "--resume", "--jobs",
                             self.rng.choice((1, 2, 3)), store=self.store)
        return subprocess.Popen(words, env=env, stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def told(self, case):
        """The records, and the summary without its times."""
        summary = json.loads((case / "summary.json").read_text())
        del summary["times"]
        return (case / "results.jsonl").read_bytes(), summary

    def stop_once(self, case, after_s):
        """Asks a run to stop, so that the case has a checkpoint in its midst."""
        with self.scan(case) as program:
            try:
                program.wait(timeout=after_s)
            except subprocess.TimeoutExpired:
                program.send_signal(signal.SIGTERM)
            _, err = program.communicate(timeout=120)
        self.assertIn(program.returncode, (2, 3), err)

    def strike(self, program, wound):
        """Kills one process of a run, if the one that it chose is there."""
        who = self.rng.choice(("command", "extractor", "worker", "worker"))
        if who == "command":
            program.kill()
            self.killed[who] += 1
            return
        extractors = children(program.pid)
        workers = children(extractors[0]) if extractors else []
        if not workers or wound.open(workers):
            return
        if who == "worker" and kill_child(extractors[0], self.rng.choice(workers)):
            wound.worker_killed(workers)
            self.killed[who] += 1
        elif who == "extractor" and kill_child(program.pid, extractors[0]):
            wound.supervisor_killed()
            self.killed[who] += 1

    def run_under_fire(self, case, whole_s):
        """Runs the scan once, with kills until it ends; returns whether it came to its end."""
        wound = Wound()
        with self.scan(case) as program:
            while sum(self.killed.values()) < KILLS:
                try:
                    program.wait(timeout=self.rng.uniform(0.02, 0.35) * whole_s)
                    break
                except subprocess.TimeoutExpired:
                    self.strike(program, wound)
            _, err = program.communicate(timeout=240)
        # A run that was killed when all was done and told leaves nothing to do to the next.
        self.assertIn(program.returncode, (-signal.SIGKILL, 0, 3), err)
        return program.returncode >= 0

    def test_no_record_is_lost_or_doubled_whoever_is_killed(self):
        whole = self.folder / "whole"
        began = time.monotonic()
        with self.scan(whole) as program:
            _, err = program.communicate(timeout=240)
        whole_s = time.monotonic() - began
        self.assertEqual(program.returncode, 3, err)  # one file is broken
        resumed = 0
        rounds = 0
        while sum(self.killed.values()) < KILLS:
            case = self.folder / f"case-{rounds}"
            self.stop_once(case, self.rng.uniform(0.2, 0.9) * whole_s)
            for _ in range(12):
                if self.run_under_fire(case, whole_s):
                    break
            # The last kill may have come when all was told, or just before the journal said so.
            words = ["scan", self.evidence, "--out", case, "--resume"]
            ended = run(*words, store=self.store)
            self.assertIn(ended.status, (0, 3), ended.errors)
            self.run_ok(*words)  # there is nothing left to do
            self.assertEqual(self.told(case), self.told(whole), f"round {rounds}, {self.killed}")
            journal = (case / "journal.jsonl").read_text().splitlines()
            resumed += sum(json.loads(line).get("after", 0) > 0 for line in journal)
            shutil.rmtree(case)
            rounds += 1
        self.assertGreater(resumed, 0)
        self.assertEqual(set(self.killed), {"command", "extractor", "worker"})


if __name__ == "__main__":
    unittest.main()
