#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Two pictures against each other, by the real programs, and the drawing of why they match."""
import shutil
import tempfile
import unittest
from pathlib import Path

from drawn_pictures import Picture, scene
from harness import ToolTest

# Where things are in what is looked up: left, top, width, height.
FRAMED = (60, 30, 320, 240)
PASTED = (90, 170, 320, 240)
CROPPED = (80, 40, 200, 160)
SQUARE = (40, 0, 240, 240)
KNOWN = (320, 240)
MARGIN = 12
WHITE, YELLOW = b"\xff\xff\xff", b"\xff\xdc\x00"


def corners(box, size):
    left, top, wide, high = box
    return [[x / size[0], y / size[1]] for x, y in
            ((left, top), (left + wide, top), (left + wide, top + high), (left, top + high))]


def sharpness(picture):
    """What no blurred picture has: how far each green sample is from the mean of its neighbours."""
    return [2 * row[i] - row[i - 3] - row[i + 3]
            for row in picture.rows for i in range(4, len(row) - 3, 3)]


def likeness(one, other):
    """The correlation of two series."""
    along = sum(a * b for a, b in zip(one, other, strict=True))
    return along / (sum(a * a for a in one) * sum(b * b for b in other) or 1) ** 0.5


class PicturePairTest(ToolTest):
    @classmethod
    def setUpClass(cls):
        cls.shared = Path(tempfile.mkdtemp(prefix="semblance-pair-"))
        cls.addClassCleanup(shutil.rmtree, cls.shared, ignore_errors=True)
        cls.told = {}  # of a query against `known`: the line, and where it is drawn
        cls.loaded = {}
        cls.drawn = scene(1, *KNOWN)
        page = Picture.plain(500, 600, (250, 250, 250))
        for picture, left, top in ((scene(2, 220, 152), 20, 8), (cls.drawn, *PASTED[:2]),
                                   (scene(3, 230, 160), 250, 425)):
            page.paste(picture, left, top)
        for name, picture in (
                ("known", cls.drawn),
                ("copy", cls.drawn.brighter(3)),
                ("crop", cls.drawn.crop(*CROPPED)),
                ("mirrored", cls.drawn.crop(*CROPPED).mirrored()),
                ("framed", Picture.plain(440, 300, (0, 0, 0)).paste(cls.drawn, *FRAMED[:2])),
                ("page", page),
                ("square", cls.drawn.crop(*SQUARE)),
                ("other", scene(4, *KNOWN)),
                ("plain", Picture.plain(64, 64, (9, 9, 9)))):
            picture.save(cls.shared / f"{name}.png")

    def compare(self, query, entry="known", *words, expect=0):
        ran = self.run_ok("match", "--picture", self.shared / f"{query}.png",
                          self.shared / f"{entry}.png", *words, expect=expect)
        [line] = ran.records
        return line

    def explain(self, query):
        """The line of a query against `known`, and its drawing; compared once for all tests."""
        line, path = self.tell(query)
        if query not in self.loaded:
            self.loaded[query] = Picture.load(path)
        return line, self.loaded[query]

    def matches_of(self, query):
        return self.kinds(self.tell(query)[0])

    def tell(self, query):
        if query not in self.told:
            path = self.shared / f"why-{query}.png"
            self.told[query] = self.compare(query, "known", "--explain", path), path
        return self.told[query]

    @staticmethod
    def right_of(drawing):
        """The part that shows the entry, which is drawn at its own size."""
        return drawing.crop(drawing.width - MARGIN - KNOWN[0], MARGIN, *KNOWN)

    def assert_near(self, figures, truth, within):
        for figure, true in zip(figures, truth, strict=True):
            for one, other in zip(figure, true, strict=True):
                self.assertAlmostEqual(one, other, delta=within, msg=f"{figures} {truth}")

    def kinds(self, line):
        return {match["kind"]: match for match in line["matches"]}

    def test_a_crop_is_placed_by_its_features(self):
        for name, mirrored in (("crop", False), ("mirrored", True)):
            geometry = self.matches_of(name)["orb"]["geometry"]
            self.assertIs(geometry["mirrored"], mirrored)
            self.assert_near(geometry["entry_quad"], corners(CROPPED, KNOWN), 0.03)
        line = self.told["crop"][0]
        self.assertTrue(line["query"].endswith("crop.png"))
        self.assertTrue(line["entry"].endswith("known.png"))
        self.assertEqual(line["schema"], 1)

    def test_parts_are_told_of_either_side(self):
        for name, side, kind, box, size in (
                ("framed", "query_part", "trimmed", FRAMED, (440, 300)),
                ("page", "query_part", "panel", PASTED, (500, 600)),
                ("square", "entry_part", "window", SQUARE, KNOWN)):
            match = self.matches_of(name)["pdq"]
            self.assertEqual(match[side]["kind"], kind)
            left, top, wide, high = match[side]["window"]
            self.assert_near(corners((left, top, wide, high), (1, 1)), corners(box, size), 0.01)
            self.assertLessEqual(match["distance"], match["max_distance"])

    def test_a_copy_matches_by_every_kind_and_the_same_bytes_by_their_digest(self):
        kinds = self.matches_of("copy")
        self.assertEqual(sorted(kinds), ["embedding:gist", "orb", "pdq"])
        self.assertEqual(kinds["embedding:gist"]["least_cosine"], 0.8)
        self.assertIn("geometry", kinds["pdq"])
        line = self.compare("known")
        self.assertEqual(line["matches"][0]["kind"], "sha256")
        self.assertEqual(self.kinds(line)["pdq"]["distance"], 0)

    def test_rules_can_be_given(self):
        line = self.compare("copy", "known", "--embedding", "gist=0.9", "--max-distance", "7",
                            "--quality-floor", "100")
        kinds = self.kinds(line)
        self.assertEqual(kinds["embedding:gist"]["least_cosine"], 0.9)
        self.assertEqual(kinds.get("pdq", {"max_distance": 7})["max_distance"], 7)
        ran = self.run_ok("match", "--picture", self.shared / "copy.png", self.shared / "known.png",
                          "--embedding", "sscd=0.7", expect=2)
        self.assertIn("--model FILE", ran.errors)

    def test_exit_statuses_and_what_is_incomplete(self):
        self.store.unlink(missing_ok=True)
        self.compare("copy", "known", "--fail-on-match", expect=10)
        self.compare("other", "known", "--fail-on-match")
        line = self.compare("copy", "gone", expect=3)
        self.assertEqual(line["entry_incomplete"]["reason"], "open_failed")
        self.assertIn("error", line)
        line = self.compare("plain", expect=3)
        self.assertEqual(line["query_incomplete"]["reason"], "low_quality")
        self.assertEqual(line["matches"], [])
        text = self.shared / "text.png"
        text.write_text("no picture")
        line = self.compare("text", expect=3)
        self.assertEqual(line["query_incomplete"]["reason"], "not_media")
        self.assertFalse(self.store.exists())

    def test_standard_input_is_a_picture_too(self):
        ran = self.run_ok("match", "--picture", "-", self.shared / "known.png",
                          stdin=(self.shared / "copy.png").read_bytes())
        self.assertIn("pdq", self.kinds(ran.records[0]))

    def test_the_drawing_shows_the_query_and_both_regions(self):
        line, drawing = self.explain("crop")
        self.assertEqual((drawing.width, drawing.height),
                         (CROPPED[2] + KNOWN[0] + 4 * MARGIN, KNOWN[1] + 2 * MARGIN))
        inner = drawing.crop(MARGIN + 20, MARGIN + 20, 160, 120)
        self.assertEqual(inner.rows, self.drawn.crop(CROPPED[0] + 20, CROPPED[1] + 20, 160, 120).rows)
        quad = self.kinds(line)["orb"]["geometry"]["entry_quad"]
        entry = self.right_of(drawing)
        for (ax, ay), (bx, by) in zip(quad, quad[1:] + quad[:1]):
            x = min(max(round((ax + bx) / 2 * KNOWN[0]), 1), KNOWN[0] - 2)
            y = min(max(round((ay + by) / 2 * KNOWN[1]), 1), KNOWN[1] - 2)
            near = b"".join(bytes(entry.rows[y + dy][3 * (x - 1):3 * (x + 2)]) for dy in (-1, 0, 1))
            self.assertIn(WHITE, [near[i:i + 3] for i in range(0, len(near), 3)])

    def test_the_part_of_a_page_is_outlined(self):
        _, drawing = self.explain("page")
        left, top, wide, high = PASTED
        scale = 512 / 600
        row = drawing.rows[MARGIN + round((top + high / 2) * scale)]
        for edge in (left, left + wide):
            x = MARGIN + round(edge * scale)
            near = [bytes(row[3 * i:3 * i + 3]) for i in range(x - 5, x + 6)]
            self.assertTrue(YELLOW in near or WHITE in near, near)

    def test_the_entry_is_never_in_the_drawing(self):
        known = sharpness(self.drawn)
        _, drawing = self.explain("copy")
        query = drawing.crop(MARGIN, MARGIN, *KNOWN)
        self.assertGreater(likeness(sharpness(query), known), 0.5, "the query is as it is")
        self.assertLess(abs(likeness(sharpness(self.right_of(drawing)), known)), 0.05)
        # Without an outline there is nothing but slopes.
        line, drawing = self.explain("other")
        self.assertEqual(line["matches"], [])
        blurred = self.right_of(drawing)
        self.assertLess(max(abs(step) for step in sharpness(blurred)), 16)
        self.assertLess(abs(likeness(sharpness(blurred), known)), 0.1)
        colours = [row[i] for row in blurred.rows for i in range(0, len(row), 3)]
        self.assertGreater(max(colours) - min(colours), 20, "and yet it is of that picture")

    def test_two_runs_draw_the_same_over_what_was_there(self):
        line, _ = self.explain("crop")
        path = self.folder / "why.png"
        path.write_bytes(b"something else")
        self.assertEqual(self.compare("crop", "known", "--explain", path), line)
        self.assertEqual(path.read_bytes(), self.told["crop"][1].read_bytes())
        self.assertEqual([one.name for one in self.folder.glob("why*")], ["why.png"])

    def test_evidence_and_store_are_not_drawn_over(self):
        self.run_ok("bank", "create", "demo")
        link = self.folder / "link.png"
        link.symlink_to(self.shared / "copy.png")
        copy = (self.shared / "copy.png").read_bytes()
        store = self.store.read_bytes()
        for path in (self.shared / "copy.png", self.shared / "known.png", link, self.store):
            ran = self.run_ok("match", "--picture", self.shared / "copy.png",
                              self.shared / "known.png", "--explain", path, expect=1)
            self.assertEqual(ran.out, b"")
            self.assertIn(str(path), ran.errors)
        self.assertEqual((self.shared / "copy.png").read_bytes(), copy)
        self.assertEqual(self.store.read_bytes(), store)

    def test_what_cannot_be_drawn_or_written_is_told(self):
        path = self.folder / "why.png"
        path.write_bytes(b"as it was")
        ran = self.run_ok("match", "--picture", self.shared / "copy.png", self.folder / "gone.png",
                          "--explain", path, expect=3)
        self.assertIn("why.png: not written", ran.errors)
        self.assertEqual(path.read_bytes(), b"as it was")
        ran = self.run_ok("match", "--picture", self.shared / "copy.png", self.shared / "known.png",
                          "--explain", self.folder / "no" / "why.png", expect=2)
        self.assertEqual(len(ran.records), 1)

    def test_options_that_contradict_are_usage_errors(self):
        two = (self.shared / "copy.png", self.shared / "known.png")
        for words in (("--picture", two[0]), ("--picture", *two, "--video"),
                      ("--picture", *two, "--tmk"), ("--picture", *two, "--bank", "demo"),
                      ("--picture", *two, "--explain", "-"), ("--picture", *two, "--explain="),
                      ("--video", *two, "--explain", self.folder / "why.png"),
                      ("--explain", self.folder / "why.png", "0" * 64),
                      ("--picture", *two, "--embedding", "gist=2"),
                      ("--picture", *two, "--embedding", "gist=0.5", "--embedding", "gist=0.6")):
            ran = self.run_ok("match", *words, expect=1)
            self.assertEqual(ran.out, b"", words)
        self.assertFalse((self.folder / "why.png").exists())


if __name__ == "__main__":
    unittest.main()
