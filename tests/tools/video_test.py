#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Videos by the real programs: known footage inside other footage, frames, files and comparisons."""
import csv
import shutil
import struct
import subprocess
import tempfile
import unittest
import wave
from pathlib import Path

from harness import DATASETS, SANITIZED, TIMEOUT_S, ToolTest, run
from processes import can_be_told, run_measured

SLACK_S = 1.0
TMK_BYTES = 263_344
WORKER_KIB = 300 << 10
MEASURES = can_be_told() and not SANITIZED


def rows_of(path):
    with open(path, newline="") as text:
        return list(csv.DictReader(text))


class VideoCase(ToolTest):
    """A test with films in a bank, clips of them in other films, and unrelated films."""

    @classmethod
    def setUpClass(cls):
        cls.shared = Path(tempfile.mkdtemp(prefix="semblance-video-"))
        cls.addClassCleanup(shutil.rmtree, cls.shared, ignore_errors=True)
        cls.films = cls.shared / "films"
        subprocess.run([DATASETS, "film", str(cls.films), "--count", "2", "--clips", "2",
                        "--unrelated", "2", "--seconds", "14", "--clip-seconds", "8", "--size",
                        "320x240", "--seed", "3"], check=True, capture_output=True,
                       timeout=TIMEOUT_S)
        cls.truth = {row["clip"]: row for row in rows_of(cls.films / "truth.csv")}
        cls.stills = rows_of(cls.films / "stills.csv")
        cls.banked = cls.shared / "banks.db"
        for words in (["bank", "create", "demo"],
                      ["bank", "add", "demo", cls.films / "known", "--label", "known"]):
            ran = run(*words, store=cls.banked)
            assert ran.status == 0, ran.errors
        cls.added = ran.records
        cls.entries = {str(Path(r["path"]).relative_to(cls.films)): r["entry"] for r in cls.added}

    def setUp(self):
        super().setUp()
        shutil.copy(self.banked, self.store)

    @property
    def known(self):
        return self.films / "known" / "0000.mp4"

    def clip(self, alteration):
        return next(self.films / name for name, row in self.truth.items()
                    if row["alteration"] == alteration)

    def assert_interval(self, interval, start, end):
        self.assertAlmostEqual(interval[0], float(start), delta=SLACK_S)
        self.assertAlmostEqual(interval[1], float(end), delta=SLACK_S)

    def assert_shows(self, match, row):
        """The match says what the truth says, at both ends and on both sides."""
        self.assertEqual(match["kind"], "vpdq")
        self.assert_interval(match["query_interval"], row["clip_start"], row["clip_end"])
        self.assert_interval(match["entry_interval"], row["known_start"], row["known_end"])
        self.assertEqual(match["transform"],
                         "flipy" if row["alteration"] == "mirrored" else "none")
        self.assertAlmostEqual(match["speed"], 1.25 if row["alteration"] == "faster" else 1.0,
                               delta=0.05)
        self.assertGreater(match["confidence"], 0.3)
        self.assertLessEqual(match["distance"], match["max_distance"])


class BankTest(VideoCase):
    def test_a_video_is_banked_by_its_digest_and_its_frames(self):
        self.assertEqual(len(self.added), 2)
        for record in self.added:
            self.assertEqual(record["outcome"], "added")
            signals = {s["kind"]: s for s in record["signals"]}
            self.assertEqual(set(signals), {"sha256", "vpdq"})
            self.assertNotIn("value", signals["vpdq"])
            self.assertGreater(signals["vpdq"]["frames"], 10)
            self.assertAlmostEqual(signals["vpdq"]["duration"], 14.0, delta=0.2)
            self.assertEqual(signals["vpdq"]["sampling"], "dense")
        again = self.run_ok("bank", "add", "demo", self.films / "known", "--label", "known")
        self.assertEqual({r["outcome"] for r in again.records}, {"unchanged"})

    def test_banks_and_entries_show_counts_and_no_hex(self):
        bank = self.run_ok("bank", "list").records[0]
        self.assertEqual(bank["signals"]["vpdq"], 2)
        self.assertGreater(bank["frames"], 20)
        shown = self.run_ok("bank", "show", "demo")
        self.assertLess(len(shown.out), 4000)
        for entry in shown.records:
            vpdq = next(s for s in entry["signals"] if s["kind"] == "vpdq")
            self.assertNotIn("value", vpdq)
            self.assertGreater(vpdq["frames"], 10)

    def test_tmk_is_banked_on_request_and_finds_the_whole_video(self):
        self.run_ok("bank", "create", "whole")
        added = self.run_ok("bank", "add", "whole", self.known, "--tmk").records[0]
        self.assertEqual([s["kind"] for s in added["signals"]], ["sha256", "vpdq", "tmk"])
        record = self.run_ok("scan", self.known, "--bank", "whole").records[0]
        kinds = [m["kind"] for m in record["matches"]]
        self.assertEqual(sorted(kinds), ["sha256", "tmk", "vpdq"])
        tmk = next(m["tmk"] for m in record["matches"] if m["kind"] == "tmk")
        self.assertGreater(tmk["level1"], 0.99)
        self.assertGreater(tmk["level2"], 0.99)

    def test_a_bank_goes_out_and_comes_in_whole(self):
        self.run_ok("bank", "export", "demo", "--output", self.folder / "list.jsonl")
        self.run_ok("bank", "create", "copy")
        counts = self.run_ok("bank", "import", "copy", self.folder / "list.jsonl").records[0]
        self.assertEqual((counts["added"], counts["bad"]), (2, 0))
        record = self.run_ok("scan", self.clip("plain"), "--bank", "copy").records[0]
        self.assertEqual(record["matches"][0]["kind"], "vpdq")


class ScanTest(VideoCase):
    def test_known_footage_is_found_inside_other_footage_with_its_intervals(self):
        ran = self.run_ok("scan", self.films / "clips", self.films / "unrelated")
        self.assertEqual(len(ran.records), 6)
        for record in ran.records:
            row = self.truth.get(str(Path(record["path"]).relative_to(self.films)))
            self.assertEqual(record["kind"], "video")
            self.assertGreater(record["duration"], 10)
            if row is None:
                self.assertEqual(record["outcome"], "clean", record)
                self.assertEqual(record["signals"][0]["sampling"], "keyframes")
                continue
            self.assertEqual(record["outcome"], "matched", row)
            self.assertEqual({m["entry"] for m in record["matches"]},
                             {self.entries[row["known"]]})
            self.assert_shows(record["matches"][0], row)
            self.assertEqual(record["matches"][0]["labels"], ["known"])
            self.assertEqual(record["signals"][0]["sampling"], "dense")
            self.assertNotIn("hashes", record["signals"][0])

    def test_what_matches_is_the_same_by_exact_and_auto_and_any_number_of_jobs(self):
        auto = self.run_ok("scan", self.films / "clips", "--jobs", 1)
        self.assertEqual(self.run_ok("scan", self.films / "clips", "--jobs", 3).out, auto.out)
        exact = self.run_ok("scan", self.films / "clips", "--precision", "exact")
        self.assertEqual(exact.out, auto.out)

    def test_a_banked_still_is_found_in_the_video(self):
        self.run_ok("bank", "create", "stills")
        self.run_ok("bank", "add", "stills", self.films / "stills")
        # In a shot that moves it is one frame of many: all that is shown has to be looked at.
        records = self.run_ok("scan", self.films / "known", "--bank", "stills", "--precision",
                              "exact").records
        for record, still in zip(records, self.stills):
            self.assertEqual(record["outcome"], "matched")
            match = record["matches"][0]
            self.assertEqual(match["kind"], "pdq")
            start, end = match["query_interval"]
            self.assertLessEqual(start - SLACK_S, float(still["time"]))
            self.assertGreaterEqual(end + SLACK_S, float(still["time"]))
            self.assertNotIn("entry_interval", match)

    def test_a_still_is_found_in_the_banked_video(self):
        for still in self.stills:
            record = self.run_ok("scan", self.films / still["still"]).records[0]
            self.assertEqual(record["kind"], "image")
            match = record["matches"][0]
            self.assertEqual((match["kind"], match["entry"]),
                             ("pdq", self.entries[still["known"]]))
            start, end = match["entry_interval"]
            self.assertLessEqual(start - SLACK_S, float(still["time"]))
            self.assertGreaterEqual(end + SLACK_S, float(still["time"]))

    def test_a_case_of_videos_is_finished_and_stays_so(self):
        case = self.folder / "case"
        self.run_ok("scan", self.films / "clips", "--out", case)
        written = (case / "results.jsonl").read_bytes()
        self.assertEqual(written.count(b'"outcome":"matched"'), 4)
        self.run_ok("scan", self.films / "clips", "--out", case, "--resume")
        self.assertEqual((case / "results.jsonl").read_bytes(), written)

    def test_what_is_withdrawn_matches_nothing(self):
        for entry in self.entries.values():
            self.run_ok("bank", "withdraw", "demo", entry)
        for record in self.run_ok("scan", self.films / "clips").records:
            self.assertEqual(record["outcome"], "clean")


class HashTest(VideoCase):
    def test_frames_are_printed_with_their_times(self):
        record = self.run_ok("hash", self.known).records[0]
        self.assertEqual((record["kind"], record["codec"]), ("video", "h264"))
        vpdq = record["signals"][0]
        self.assertEqual(vpdq["frames"], len(vpdq["hashes"]))
        whole = [f for f in vpdq["hashes"] if f["form"] == "whole"]
        for one, other in zip(whole, whole[1:]):
            self.assertLessEqual(one["start"], one["end"])
            self.assertLess(one["end"], other["start"])
        fewer = self.run_ok("hash", self.known, "--sampling", "keyframes").records[0]["signals"][0]
        self.assertEqual((fewer["sampling"], fewer["precision"]), ("keyframes", "fast"))
        self.assertLess(fewer["frames"], vpdq["frames"])

    def test_vpdq_is_the_reference_s_file(self):
        lines = self.run_ok("hash", "--format", "vpdq", self.known).out.decode().splitlines()
        self.assertEqual(len(lines), 14)
        for i, line in enumerate(lines):
            number, quality, value, seconds = line.split(",")
            self.assertEqual(int(number), 25 * i)
            self.assertRegex(value, r"^[0-9a-f]{64}$")
            self.assertIn(int(quality), range(101))
            self.assertEqual(seconds, f"{i:.3f}")
        every = self.run_ok("hash", "--format", "vpdq", "--seconds-per-hash", "0", self.known)
        self.assertEqual(len(every.out.splitlines()), 14 * 25)
        small = self.run_ok("hash", "--format", "vpdq", "--downsample", "64x64", self.known)
        self.assertEqual(len(small.out.splitlines()), 14)
        self.assertNotEqual(small.out.splitlines()[0], lines[0])

    def test_files_go_into_a_folder_and_are_never_written_over(self):
        out = self.folder / "hashes"
        ran = self.run_ok("hash", "--format", "vpdq", "--out", out, self.films / "known")
        self.assertEqual([Path(r["file"]).name for r in ran.records], ["0000.txt", "0001.txt"])
        before = (out / "0000.txt").read_bytes()
        (self.folder / "other").mkdir()
        shutil.copy(self.films / "known" / "0001.mp4", self.folder / "other" / "0000.mkv")
        again = self.run_ok("hash", "--format", "vpdq", "--out", out, self.folder / "other",
                            expect=3)
        self.assertEqual(again.records[0]["outcome"], "not_written")
        self.assertEqual(again.records[0]["reason"], "name_taken")
        self.assertEqual((out / "0000.txt").read_bytes(), before)
        twins = self.run_ok("hash", "--format", "tmk", "--out", self.folder / "twins", self.known,
                            self.folder / "other", expect=3)
        self.assertEqual([r["outcome"] for r in twins.records], ["written", "not_written"])
        self.assertIn("0000.mp4", twins.records[1]["detail"])
        self.assertEqual((self.folder / "twins" / "0000.tmk").stat().st_size, TMK_BYTES)

    def test_what_is_no_video_gives_no_file(self):
        still = self.films / self.stills[0]["still"]
        ran = self.run_ok("hash", "--format", "vpdq", still, expect=3)
        self.assertEqual(ran.out, b"")
        ran = self.run_ok("hash", "--format", "tmk", "--out", self.folder / "out", still)
        self.assertEqual(ran.records[0]["outcome"], "not_written")

    def test_options_that_contradict_are_usage_errors(self):
        for words in (["--format", "vpdq", "--sampling", "dense", self.known],
                      ["--seconds-per-hash", "1", self.known],
                      ["--downsample", "64x64", self.known],
                      ["--sampling", "vpdq", "--downsample", "64", self.known],
                      ["--sampling", "vpdq", "--seconds-per-hash", "-1", self.known],
                      ["--format", "csv", self.known],
                      ["--out", self.folder / "out", self.known],
                      ["--format", "vpdq", self.films / "known"],
                      ["--format", "tmk", self.known, self.known]):
            ran = self.run_ok("hash", *words, expect=1)
            self.assertEqual(ran.out, b"", words)
            self.assertTrue(ran.errors.startswith("semblance"), ran.errors)

    def test_files_are_entries_of_a_bank(self):
        self.run_ok("hash", "--format", "vpdq", "--seconds-per-hash", "0", "--out", self.folder,
                    self.known)
        self.run_ok("hash", "--format", "tmk", "--out", self.folder, self.known)
        self.run_ok("bank", "create", "files")
        for name in ("0000.txt", "0000.tmk"):
            counts = self.run_ok("bank", "import", "files", self.folder / name).records[0]
            self.assertEqual((counts["added"], counts["bad"]), (1, 0), name)
        record = self.run_ok("scan", self.known, "--bank", "files").records[0]
        kinds = {m["kind"]: m for m in record["matches"]}
        self.assertEqual(set(kinds), {"vpdq", "tmk"})
        self.assertEqual(kinds["vpdq"]["vpdq"]["query"], 100.0)
        found = self.run_ok("scan", self.clip("plain"), "--bank", "files").records[0]
        self.assertEqual(found["outcome"], "matched")


class MatchVideoTest(VideoCase):
    def compare(self, *words, expect=0):
        return self.run_ok("match", "--video", *words, expect=expect).records[0]

    def test_two_videos_are_compared_without_a_store(self):
        self.store.unlink()
        for name, row in self.truth.items():
            line = self.compare(self.films / name, self.films / row["known"])
            self.assertEqual(len(line["matches"]), 1, row)
            self.assert_shows(line["matches"][0], row)
            self.assertIn("vpdq", line)
            self.assertNotIn("tmk", line)
        self.assertFalse(self.store.exists())

    def test_unrelated_videos_do_not_match(self):
        other = next((self.films / "unrelated").iterdir())
        line = self.compare(other, self.known, "--tmk")
        self.assertEqual(line["matches"], [])
        self.assertEqual(line["vpdq"], {"query": 0.0, "entry": 0.0})
        self.assertLess(line["tmk"]["level2"], 0.7)
        self.assertEqual(line["tmk"]["level1"], round(line["tmk"]["level1"], 4))

    def test_exit_statuses(self):
        self.compare(self.known, self.known, "--fail-on-match", expect=10)
        other = next((self.films / "unrelated").iterdir())
        self.compare(other, self.known, "--fail-on-match")
        line = self.compare(self.known, self.folder / "missing.mp4", expect=3)
        self.assertEqual(line["entry_incomplete"]["reason"], "open_failed")
        self.assertIn("error", line)
        for words in ([self.known], [self.known, self.known, self.known],
                      [self.known, self.known, "--bank", "demo"],
                      [self.known, self.known, "--pdq-profile", "full"]):
            self.run_ok("match", "--video", *words, expect=1)
        self.run_ok("match", "--tmk", "0" * 64, expect=1)

    def test_files_of_hashes_stand_for_their_videos(self):
        for kind in ("vpdq", "tmk"):
            self.run_ok("hash", "--format", kind, "--out", self.folder, self.known)
        text, tmk = self.folder / "0000.txt", self.folder / "0000.tmk"
        line = self.compare(self.known, text)
        self.assertEqual(line["vpdq"]["entry"], 100.0)
        self.assertEqual(line["matches"][0]["kind"], "vpdq")
        self.assertEqual(line["matches"][0]["transform"], "none")
        self.assertEqual(self.compare(text, text)["vpdq"], {"query": 100.0, "entry": 100.0})
        for pair in ((tmk, self.known), (self.known, tmk), (tmk, tmk)):
            line = self.compare(*pair)
            self.assertEqual([m["kind"] for m in line["matches"]][-1], "tmk")
            self.assertGreater(line["tmk"]["level2"], 0.999)
        self.assertIn("error", self.compare(text, tmk, expect=3))

    def test_a_picture_is_a_frame(self):
        still = self.stills[0]
        line = self.compare(self.films / still["still"], self.films / still["known"])
        match = line["matches"][0]
        self.assertEqual(match["kind"], "pdq")
        self.assertNotIn("query_interval", match)
        start, end = match["entry_interval"]
        self.assertLessEqual(start - SLACK_S, float(still["time"]))
        self.assertGreaterEqual(end + SLACK_S, float(still["time"]))

    def test_standard_input_is_a_video_too(self):
        ran = self.run_ok("match", "--video", "-", self.known, stdin=self.known.read_bytes())
        self.assertEqual(ran.records[0]["vpdq"]["query"], 100.0)

    def test_a_damaged_list_is_told_of(self):
        bad = self.folder / "bad.txt"
        for text in (b"1,2,3\n", b"0,100," + b"f" * 63 + b",0.000\n", b"[1,2"):
            bad.write_bytes(text)
            line = self.compare(bad, self.known, expect=3)
            self.assertEqual(line["query_incomplete"]["reason"], "decode_failed", text)
        (self.folder / "bad.tmk").write_bytes(b"TMK1FVECPDQF" + b"\xff" * 1000)
        line = self.compare(self.folder / "bad.tmk", self.known, expect=3)
        self.assertEqual(line["query_incomplete"]["reason"], "decode_failed")


def box(kind, content):
    return struct.pack(">I4s", 8 + len(content), kind) + content


def boxes(data):
    """The MP4 boxes that follow each other in `data`: kind, offset, size."""
    at = 0
    while at + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        yield kind, at, size
        at += size


def content_of(data, *path):
    for name in path:
        at, size = next((at, size) for kind, at, size in boxes(data) if kind == name)
        data = data[at + 8:at + size]
    return data


class HostileTest(VideoCase):
    """Videos that are damaged, or lie: one record each, in bounded time and memory."""

    def scan_one(self, name, data, **more):
        path = self.folder / name
        path.write_bytes(data)
        ran, peaks = run_measured("scan", path, *more.pop("options", ()), store=self.store)
        self.assertEqual(len(ran.records), 1, ran.errors)
        self.assertIn(ran.status, (0, 3))
        if MEASURES:
            self.assertLess(peaks[2], WORKER_KIB, peaks)
        return ran.records[0]

    def test_frames_before_the_damage_count(self):
        data = self.clip("plain").read_bytes()
        row = self.truth[str(self.clip("plain").relative_to(self.films))]
        self.run_ok("scan", self.clip("plain"))
        # The index of an MP4 is at its end: brought to the front, so that a part can be read.
        moov_at, moov_size = next((a, s) for k, a, s in boxes(data) if k == b"moov")
        mdat_at = next(a for k, a, s in boxes(data) if k == b"mdat")
        self.assertGreater(moov_at, mdat_at)
        moov = bytearray(data[moov_at:moov_at + moov_size])
        at = moov.index(b"stco") + 8
        for i in range(struct.unpack_from(">I", moov, at)[0]):
            place = at + 4 + 4 * i
            struct.pack_into(">I", moov, place, struct.unpack_from(">I", moov, place)[0] + moov_size)
        whole = data[:mdat_at] + bytes(moov) + data[mdat_at:moov_at]
        self.assertEqual(self.scan_one("whole.mp4", whole)["outcome"], "matched")
        record = self.scan_one("cut.mp4", whole[:len(whole) * 3 // 4])
        self.assertEqual(record["outcome"], "matched")
        self.assertIs(record["complete"], False)
        self.assertEqual(record["reason"], "truncated")
        self.assertLess(record["decoded_to"], record["duration"])
        self.assert_interval(record["matches"][0]["query_interval"][:1] * 2, row["clip_start"],
                             row["clip_start"])

    def test_without_its_index_nothing_can_be_read(self):
        data = self.known.read_bytes()
        record = self.scan_one("cut.mp4", data[:len(data) // 2])
        self.assertEqual(record["outcome"], "not_evaluated")
        self.assertIn(record["reason"], ("decode_failed", "truncated"))

    def test_the_name_says_nothing(self):
        record = self.scan_one("holiday.jpg", self.known.read_bytes())
        self.assertEqual((record["kind"], record["format"]), ("video", "mp4"))
        self.assertEqual(record["outcome"], "matched")

    def test_no_frames_at_all(self):
        data = self.known.read_bytes()
        moov = content_of(data, b"moov")
        mvhd = next(moov[at:at + size] for kind, at, size in boxes(moov) if kind == b"mvhd")
        record = self.scan_one("none.mp4", box(b"ftyp", content_of(data, b"ftyp"))
                               + box(b"moov", mvhd))
        self.assertEqual(record["outcome"], "not_evaluated")
        self.assertIn(record["reason"], ("decode_failed", "unsupported", "truncated"))

    def test_ten_thousand_streams(self):
        data = self.known.read_bytes()
        moov_at, moov_size = next((a, s) for k, a, s in boxes(data) if k == b"moov")
        moov = data[moov_at + 8:moov_at + moov_size]
        trak = next(moov[at:at + size] for kind, at, size in boxes(moov) if kind == b"trak")
        many = data[:moov_at] + box(b"moov", moov + trak * 9_999)
        record = self.scan_one("many.mp4", many)
        self.assertIn(record["outcome"], ("matched", "not_evaluated"))
        self.assertIn("reason", record)

    def test_hours_of_hardly_any_frames(self):
        data = bytearray(self.known.read_bytes())
        for name in (b"mvhd", b"mdhd"):
            place = data.index(name) + 16
            scale = struct.unpack_from(">I", data, place)[0]
            struct.pack_into(">I", data, place, max(1, scale // 1000))
        record = self.scan_one("slow.mp4", bytes(data))
        self.assertGreater(record["duration"], 3600)
        self.assertIn(record["outcome"], ("clean", "matched"))

    def test_sound_alone_has_nothing_to_hash(self):
        path = self.folder / "sound.wav"
        with wave.open(str(path), "wb") as sound:
            sound.setparams((1, 2, 8000, 0, "NONE", ""))
            sound.writeframes(bytes(16_000))
        record = self.scan_one("sound.wav", path.read_bytes())
        self.assertEqual(record["kind"], "audio")
        self.assertEqual((record["outcome"], record["reason"]), ("not_evaluated", "unsupported"))

    def test_limits_are_kept(self):
        unrelated = next((self.films / "unrelated").iterdir())
        record = self.scan_one("large.mp4", unrelated.read_bytes(),
                               options=["--max-video-pixels", "1K"])
        self.assertEqual((record["outcome"], record["reason"]), ("not_evaluated", "over_limit"))

    def test_garbage_after_a_good_beginning(self):
        data = bytearray(self.known.read_bytes())
        middle = len(data) // 3
        data[middle:middle + 4000] = bytes((i * 73 + 41) % 256 for i in range(4000))
        record = self.scan_one("noise.mp4", bytes(data))
        self.assertIn(record["outcome"], ("matched", "clean", "not_evaluated"))
        again = self.scan_one("noise.mp4", bytes(data))
        self.assertEqual(record, again)


if __name__ == "__main__":
    unittest.main()
