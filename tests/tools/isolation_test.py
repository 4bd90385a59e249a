#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Caged or not, a decoder gives the same records; and whoever reads them can see which it was."""
import json
import subprocess
import time
import unittest
from pathlib import Path

from harness import DATA, SANITIZED, TIMEOUT_S, ToolTest, command, ran_out_of_time, run
from hostile_files import jpeg_of_endless_scans
from processes import can_be_told, children_of

OFF = "isolation is off"


def protections(mode="process"):
    return run("inspect", "--isolation", mode).records[0]["isolation"]


class IsolationTest(ToolTest):
    def setUp(self):
        super().setUp()
        self.run_ok("bank", "create", "demo")

    def require_all(self):
        missing = protections()["missing"]
        if missing:
            self.skipTest(f"this system lacks protections: {'; '.join(missing)}")

    @unittest.skipUnless((DATA / "hostile").is_dir(), "SEMBLANCE_TEST_DATA has no hostile folder")
    def test_records_are_the_same_bytes_in_every_mode(self):
        modes = [(), ("none",)] + ([] if protections()["missing"] else [("require",)])
        self.assert_same_bytes(DATA / "hostile" if SANITIZED else DATA, modes)

    @unittest.skipUnless((DATA / "hostile").is_dir(), "SEMBLANCE_TEST_DATA has no hostile folder")
    def test_the_default_is_the_cage(self):
        self.assert_same_bytes(DATA / "hostile", [(), ("process",)])

    def assert_same_bytes(self, folder, modes):
        files = sorted(str(p) for p in folder.rglob("*") if p.is_file() and not p.is_symlink())
        first = None
        for mode in modes:
            words = [word for name in mode for word in ("--isolation", name)]
            ran = self.run_ok("scan", folder, "--jobs", 2, *words, expect=3)
            self.assertEqual(OFF in ran.errors, "none" in mode)
            self.assert_plain_errors(ran)
            if first is None:
                first = ran
                self.assertEqual(sorted(r["path"] for r in ran.records), files)
                crashed = [r for r in ran.records if r.get("reason") == "decoder_crashed"]
                self.assertEqual(crashed, [])
            for one, other in zip(first.records, ran.records, strict=True):
                if ran_out_of_time(one, other):
                    self.assertEqual(one["path"], other["path"])
                    continue
                self.assertEqual(one, other, mode)
            if not any(ran_out_of_time(record) for record in first.records + ran.records):
                self.assertEqual(first.out, ran.out, mode)

    def test_require_runs_where_every_protection_is_there(self):
        self.require_all()
        path = self.folder / "a.txt"
        path.write_bytes(b"no picture")
        ran = self.run_ok("scan", path, "--isolation", "require")
        self.assertEqual([r["reason"] for r in ran.records], ["not_media"])

    def test_require_refuses_where_a_protection_is_missing(self):
        missing = protections()["missing"]
        if not missing:
            self.skipTest("this system has every protection")
        ran = self.run_ok("scan", self.folder, "--isolation", "require", expect=2)
        self.assertEqual(ran.out, b"")
        self.assertIn(missing[0], ran.errors)

    def test_inspect_lists_what_protects(self):
        found = protections()
        self.assertEqual(found["mode"], "process")
        self.assertIn("no-new-privs", found["active"])
        kinds = {word.split(":")[0].split()[0] for word in found["active"] + found["missing"]}
        self.assertLessEqual({"no-new-privs", "seccomp", "landlock", "rlimit"}, kinds)
        self.assertEqual(protections("none")["mode"], "none")
        self.assertEqual(self.run_ok("inspect", "--isolation", "sometimes", expect=1).out, b"")

    def test_a_case_says_how_it_was_made(self):
        evidence = self.folder / "evidence"
        evidence.mkdir()
        (evidence / "a.txt").write_bytes(b"no picture")
        for mode in ("process", "none"):
            case = self.folder / mode
            ran = self.run_ok("scan", evidence, "--isolation", mode, "--out", case)
            self.assertEqual(OFF in ran.errors, mode == "none")
            summary = json.loads((case / "summary.json").read_text())
            with (case / "journal.jsonl").open() as journal:
                header = json.loads(journal.readline())
            for told in (summary["isolation"], header["isolation"]):
                self.assertEqual(told["mode"], mode)
                self.assertEqual(told["active"], protections(mode)["active"])
        # A case that was begun in one mode does not go on in another.
        case = self.folder / "process"
        header = (case / "journal.jsonl").read_bytes().splitlines(keepends=True)[0]
        (case / "journal.jsonl").write_bytes(header)
        (case / "results.jsonl").write_bytes(b"")
        ran = self.run_ok("scan", evidence, "--isolation", "none", "--out", case, "--resume",
                          expect=2)
        self.assertIn("isolation", ran.errors)

    @unittest.skipUnless(can_be_told(), "this kernel does not say which children a process has")
    @unittest.skipIf(SANITIZED, "the sanitizers make system calls that the cage forbids")
    def test_the_kernel_confirms_the_cage(self):
        self.require_all()
        path = self.folder / "endless.jpg"
        path.write_bytes(jpeg_of_endless_scans())
        caged, bare = (self.worker_status(path, mode) for mode in ("process", "none"))
        self.assertEqual((caged["Seccomp"], caged["NoNewPrivs"]), ("2", "1"))
        filters = [int(status["Seccomp_filters"]) for status in (caged, bare)]
        self.assertEqual(filters[0], filters[1] + 1)

    def worker_status(self, path, mode):
        """What the kernel says of the worker that is decoding `path`."""
        words, env = command("scan", path, "--jobs", 1, "--max-seconds", 60, "--isolation", mode,
                             store=self.store)
        until = time.monotonic() + TIMEOUT_S
        with subprocess.Popen(words, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as program:
            try:
                while program.poll() is None and time.monotonic() < until:
                    supervisors = children_of(program.pid)
                    for worker in [w for pid in supervisors for w in children_of(pid)]:
                        status = self.status_of(worker)
                        if status.get("VmRSS", 0) > 300 << 10:  # the picture's: it is decoding
                            return status
                    time.sleep(0.01)
            finally:
                program.kill()
        self.fail(f"{mode}: no worker was seen that decodes")

    @staticmethod
    def status_of(pid):
        try:
            lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        except OSError:  # it has ended
            return {}
        status = {key: value.strip() for key, value in (line.split(":", 1) for line in lines)}
        status["VmRSS"] = int(status.get("VmRSS", "0").split()[0])
        return status


if __name__ == "__main__":
    unittest.main()
