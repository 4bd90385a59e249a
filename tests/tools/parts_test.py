#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Parts of pictures, features and embeddings, by the real programs: what is found, by what, where."""
import base64
import json
import math
import os
import struct
import tempfile
import shutil
import unittest
from pathlib import Path

from drawn_pictures import Picture, scene
from harness import ToolTest, run

MODELS = Path(os.environ.get("SEMBLANCE_TEST_MODELS", "/nonexistent"))

# Where things are in what is looked up: left, top, width, height.
FRAMED = (70, 40, 480, 360)
PASTED = (130, 210, 480, 360)
CROPPED = (120, 60, 300, 240)
SQUARE = (60, 0, 360, 360)


def parts_of_sides(box, width, height):
    left, top, wide, high = box
    return [left / width, top / height, wide / width, high / height]


def corners(box, width, height):
    left, top, wide, high = parts_of_sides(box, width, height)
    return [[left, top], [left + wide, top], [left + wide, top + high], [left, top + high]]


class PartsTest(ToolTest):
    @classmethod
    def setUpClass(cls):
        cls.shared = Path(tempfile.mkdtemp(prefix="semblance-parts-"))
        cls.addClassCleanup(shutil.rmtree, cls.shared, ignore_errors=True)
        cls.banked = cls.shared / "banks.db"
        cls.known = cls.shared / "known"
        cls.found = cls.shared / "found"
        cls.known.mkdir()
        cls.found.mkdir()
        known = scene(1)
        known.save(cls.known / "known.png")
        page = Picture.plain(740, 900, (250, 250, 250))
        for picture, left, top in ((scene(2, 300, 180), 20, 15), (known, *PASTED[:2]),
                                   (scene(3, 340, 260), 380, 610)):
            page.paste(picture, left, top)
        for name, picture in (
                ("collage", page),
                ("copy", known.brighter(3)),
                ("crop", known.crop(*CROPPED)),
                ("framed", Picture.plain(640, 420, (0, 0, 0)).paste(known, *FRAMED[:2])),
                ("mirrored-crop", known.crop(*CROPPED).mirrored()),
                ("other", scene(4)),
                ("square", known.crop(*SQUARE))):
            picture.save(cls.found / f"{name}.png")
        for words in (["bank", "create", "wholes", "--probe", "none"],
                      ["bank", "create", "parts"],
                      ["bank", "create", "windows", "--entry-windows"],
                      ["bank", "create", "features", "--probe", "none", "--features"],
                      ["bank", "create", "gist", "--probe", "none", "--embedding", "gist=0.62"]):
            cls.must(*words)
        cls.added = {bank: cls.must("bank", "add", bank, cls.known).records[0]
                     for bank in ("wholes", "parts", "windows", "features", "gist")}
        cls.scan = cls.must("scan", cls.found)
        cls.records = {Path(record["path"]).stem: record for record in cls.scan.records}

    @classmethod
    def must(cls, *words):
        ran = run(*words, store=cls.banked)
        assert ran.status == 0, (words, ran.errors)
        return ran

    def setUp(self):
        super().setUp()
        shutil.copy(self.banked, self.store)

    def matches(self, name, bank):
        return [match for match in self.records[name].get("matches", []) if match["bank"] == bank]

    def assert_near(self, figures, truth, within):
        for figure, true in zip(figures, truth, strict=True):
            if isinstance(true, list):
                self.assert_near(figure, true, within)
            else:
                self.assertAlmostEqual(figure, true, delta=within, msg=f"{figures} {truth}")

    def test_a_policy_without_parts_finds_no_parts(self):
        for name in ("framed", "collage", "crop", "mirrored-crop", "other"):
            self.assertEqual(self.matches(name, "wholes"), [], name)
        [match] = self.matches("copy", "wholes")
        self.assertNotIn("query_part", match)
        self.assertNotIn("entry_part", match)

    def test_a_framed_copy_is_found_by_what_the_borders_enclose(self):
        [match] = self.matches("framed", "parts")
        self.assertEqual(match["query_part"]["kind"], "trimmed")
        self.assert_near(match["query_part"]["window"], parts_of_sides(FRAMED, 640, 420), 0.004)
        self.assertLessEqual(match["distance"], match["max_distance"])
        self.assertNotIn("entry_part", match)
        parts = [one for one in self.records["framed"]["signals"] if "part" in one]
        self.assertEqual([one["part"] for one in parts], [match["query_part"]])
        self.assertEqual(parts[0]["version"], "probe-1/pdq-1")

    def test_a_picture_on_a_page_is_found_by_its_edges(self):
        [match] = self.matches("collage", "parts")
        self.assertEqual(match["query_part"]["kind"], "panel")
        self.assert_near(match["query_part"]["window"], parts_of_sides(PASTED, 740, 900), 0.004)

    def test_a_crop_is_found_by_features_and_its_place_is_told(self):
        for name, mirrored in (("crop", False), ("mirrored-crop", True)):
            [match] = self.matches(name, "features")
            self.assertEqual(match["kind"], "orb")
            self.assertNotIn("distance", match)
            geometry = match["geometry"]
            self.assertIs(geometry["mirrored"], mirrored)
            self.assertGreaterEqual(geometry["compared"], geometry["inliers"])
            self.assert_near(geometry["entry_quad"], corners(CROPPED, 480, 360), 0.02)
            truth = corners((0, 0, 1, 1), 1, 1)
            if mirrored:
                truth = [[1 - x, y] for x, y in truth]
            self.assert_near(geometry["query_quad"], truth, 0.03)
        self.assertEqual(self.matches("other", "features"), [])

    def test_a_copy_has_geometry_beside_its_hash(self):
        kinds = {match["kind"]: match for match in self.matches("copy", "features")}
        self.assertIn("geometry", kinds["pdq"])
        self.assert_near(kinds["pdq"]["geometry"]["entry_quad"], corners((0, 0, 1, 1), 1, 1), 0.02)

    def test_a_crop_that_programs_make_is_found_by_a_window_of_the_entry(self):
        [match] = self.matches("square", "windows")
        self.assertEqual(match["entry_part"]["kind"], "window")
        self.assert_near(match["entry_part"]["window"], parts_of_sides(SQUARE, 480, 360), 0.002)
        self.assertNotIn("query_part", match)
        self.assertEqual(self.matches("square", "parts"), [])

    def test_an_embedding_finds_by_its_cosine(self):
        [match] = [one for one in self.matches("copy", "gist") if one["kind"] != "pdq"]
        self.assertEqual(match["kind"], "embedding:gist")
        self.assertGreater(match["cosine"], 0.9)
        self.assertEqual(match["least_cosine"], 0.62)
        self.assertNotIn("distance", match)
        self.assertEqual(self.matches("other", "gist"), [])

    def test_figures_have_at_most_four_decimals_and_two_runs_agree(self):
        def floats(json_value):
            if isinstance(json_value, float):
                yield json_value
            elif isinstance(json_value, (list, dict)):
                for inner in json_value.values() if isinstance(json_value, dict) else json_value:
                    yield from floats(inner)
        shown = list(floats(self.scan.records))
        self.assertTrue(shown)
        for figure in shown:
            self.assertEqual(figure, round(figure, 4))
        self.assertEqual(self.run_ok("scan", self.found, "--jobs", 1).out, self.scan.out)

    def test_records_of_a_scan_hold_no_embedding_and_no_features(self):
        for record in self.records.values():
            self.assertEqual({one["kind"] for one in record["signals"]}, {"pdq"})

    def test_what_a_bank_keeps_is_told_and_its_values_are_not(self):
        windows = [one["part"] for one in self.added["windows"]["signals"] if "part" in one]
        self.assertTrue(windows)
        for part in windows:
            self.assertEqual(part["kind"], "window")
            self.assertEqual(len(part["window"]), 4)
        [features] = [one for one in self.added["features"]["signals"] if one["kind"] == "orb"]
        self.assertEqual(sorted(features), ["features", "kind", "version"])
        self.assertGreater(features["features"], 100)
        [gist] = [one for one in self.added["gist"]["signals"] if one["kind"] == "embedding:gist"]
        self.assertEqual(sorted(gist), ["dimension", "kind", "version"])
        [shown] = self.run_ok("bank", "show", "gist").records
        self.assertCountEqual(shown["signals"], self.added["gist"]["signals"])

        banks = {bank["bank"]: bank for bank in self.run_ok("bank", "list").records}
        self.assertEqual(banks["wholes"]["probes"], {})
        self.assertEqual(sorted(banks["parts"]["probes"]), ["panel", "trimmed"])
        self.assertIs(banks["windows"]["entry_windows"], True)
        self.assertEqual(banks["windows"]["probes"]["window"], 31)
        self.assertEqual(banks["windows"]["parts"], len(windows))
        self.assertEqual(banks["windows"]["without_windows"], 0)
        self.assertIs(banks["features"]["features"], True)
        self.assertEqual(banks["features"]["signals"]["orb"], 1)
        self.assertEqual(banks["gist"]["embeddings"], {"gist": 0.62})
        self.assertEqual(banks["gist"]["signals"]["embedding:gist"], 1)

    def test_adding_again_changes_nothing(self):
        for bank in ("parts", "windows", "features", "gist"):
            [again] = self.run_ok("bank", "add", bank, self.known).records
            self.assertEqual(again["outcome"], "unchanged", bank)

    def test_a_list_brings_no_windows_and_the_bank_says_so(self):
        listed = self.folder / "list.hex"
        listed.write_text("f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22\n")
        self.run_ok("bank", "import", "windows", listed)
        ran = self.run_ok("bank", "list")
        self.assertIn("bank windows: 1 entry holds no windows", ran.errors)
        bank = next(bank for bank in ran.records if bank["bank"] == "windows")
        self.assertEqual(bank["without_windows"], 1)
        case = self.folder / "case"
        ran = self.run_ok("scan", self.found / "other.png", "--out", case)
        self.assertIn("bank windows: 1 entry holds no windows", ran.errors)
        summary = json.loads((case / "summary.json").read_text())
        banks = {bank["name"]: bank for bank in summary["banks"]}
        self.assertEqual(banks["windows"]["without_windows"], 1)
        self.assertEqual(banks["features"]["features"], 1)
        self.assertEqual(banks["gist"]["embeddings"], {"gist": 1})
        self.assertEqual(sorted(banks["parts"]["policy"]["probes"]), ["panel", "trimmed"])
        self.assertEqual([one["model"] for one in summary["plan"]["embedders"]], ["gist"])

    def test_a_hash_of_a_part_finds_the_part_of_the_entry(self):
        window = next(one for one in self.added["windows"]["signals"] if "part" in one)
        [answer] = self.run_ok("match", "--bank", "windows", window["value"]).records
        self.assertEqual(answer["matches"][0]["entry_part"], window["part"])
        self.assertEqual(answer["matches"][0]["distance"], 0)

    def test_hash_prints_what_is_asked_for(self):
        path = self.found / "framed.png"
        [plain] = self.run_ok("hash", path).records
        self.assertEqual(len(plain["signals"]), 1)
        [more] = self.run_ok("hash", "--probe", "trimmed", "--probe", "panel", "--features",
                             "--embedding", "gist", path).records
        self.assertEqual(more["signals"][0], plain["signals"][0])
        parts = [one["part"]["kind"] for one in more["signals"] if "part" in one]
        self.assertEqual(parts.count("trimmed"), 1)
        [orb] = [one for one in more["signals"] if one["kind"] == "orb"]
        self.assertGreater(orb["features"], 100)
        [gist] = [one for one in more["signals"] if one["kind"] == "embedding:gist"]
        values = base64.b64decode(gist["value_b64"], validate=True)
        floats = struct.unpack(f"<{gist['dimension']}f", values)
        self.assertAlmostEqual(math.hypot(*floats), 1, places=3)

    def test_a_model_that_is_not_there_is_named_with_the_option_that_gives_it(self):
        self.run_ok("bank", "create", "lab", "--embedding", "sscd=0.75")
        for words in (("bank", "add", "lab", self.known),
                      ("hash", "--embedding", "sscd", self.known)):
            ran = self.run_ok(*words, expect=2)
            self.assertIn("embedding model sscd", ran.errors)
            self.assertIn("--model FILE", ran.errors)
            self.assertEqual(ran.out, b"")
        gone = self.folder / "gone.json"
        ran = self.run_ok("bank", "add", "lab", self.known, "--model", gone, expect=2)
        self.assertIn(str(gone), ran.errors)

    @unittest.skipUnless((MODELS / "tiny.onnx").is_file(), "python3-onnx was not there to make models")
    def test_a_model_finds_what_it_embedded_and_says_what_another_version_did(self):
        self.run_ok("bank", "create", "lab", "--probe", "none", "--embedding", "tiny=0.95")
        self.run_ok("bank", "add", "lab", self.known, "--model", MODELS / "tiny.json")
        words = ("scan", self.found / "copy.png", "--bank", "lab", "--model")
        ran = self.run_ok(*words, MODELS / "tiny.json")
        self.assertIn("embedding:tiny", [match["kind"] for match in ran.records[0]["matches"]])
        self.assertNotIn("known vector", ran.errors)

        changed = json.loads((MODELS / "tiny.json").read_text())
        changed["std"][0] = 0.3
        (self.folder / "tiny.json").write_text(json.dumps(changed))
        shutil.copy(MODELS / "tiny.onnx", self.folder)
        ran = self.run_ok(*words, self.folder / "tiny.json")
        self.assertEqual([match["kind"] for match in ran.records[0]["matches"]], ["pdq"])
        self.assertIn("model tiny: 1 known vector is of version sha256:", ran.errors)

        changed["sha256"] = "0" * 64
        (self.folder / "tiny.json").write_text(json.dumps(changed))
        ran = self.run_ok(*words, self.folder / "tiny.json", expect=2)
        self.assertIn("tiny.onnx", ran.errors)

    def test_inspect_tells_the_embedders(self):
        [facts] = self.run_ok("inspect").records
        self.assertEqual([one["model"] for one in facts["embedders"]], ["gist"])
        self.assertEqual(facts["features_version"], "orb-1")

    def test_policies_that_mean_nothing_are_refused(self):
        for words, told in (
                (("--probe", "whole=20"), "whole"),
                (("--probe", "panel"), "KIND=BITS"),
                (("--probe", "panel=257"), "257"),
                (("--probe", "panel=40"), "--max-distance is 31"),
                (("--probe", "panel=20", "--probe", "panel=21"), "twice"),
                (("--probe", "none", "--probe", "panel=20"), "none"),
                (("--entry-windows", "--probe", "none"), "window=BITS"),
                (("--embedding", "gist"), "MODEL=COSINE"),
                (("--embedding", "Gist=0.5"), "name"),
                (("--embedding", "gist=0"), "cosine"),
                (("--embedding", "gist=1.5"), "1.5"),
                (("--embedding", "gist=0.12345"), "four decimals"),
                (("--embedding", "gist=0.5", "--embedding", "gist=0.6"), "twice")):
            ran = self.run_ok("bank", "create", "x", *words, expect=1)
            self.assertIn(told, ran.errors)
        for words in (("--precision", "fast", "--features"), ("--format", "tmk", "--probe", "panel"),
                      ("--probe", "whole"), ("--embedding", "a b")):
            self.run_ok("hash", *words, self.known / "known.png", expect=1)


if __name__ == "__main__":
    unittest.main()
