#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A scan of many files holds no more memory than a scan of few, in each of its processes."""
import os
import random
import shutil
import struct
import tempfile
import unittest
import zlib
from pathlib import Path

from harness import SANITIZED, ToolTest
from processes import can_be_told, roomy_parent, run_measured

FEW, MANY, PER_FOLDER = 10_000, 100_000, 1_000
GROWTH = 1.10
SIDE = 8


def bmp(pixels):
    header = struct.pack("<IiiHHIIiiII", 40, SIDE, SIDE, 1, 24, 0, len(pixels), 2835, 2835, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54 + len(pixels), 0, 0, 54) + header + pixels


def png(pixels):
    def chunk(kind, content):
        check = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)

    rows = b"".join(b"\0" + pixels[y * SIDE * 3:(y + 1) * SIDE * 3] for y in range(SIDE))
    return (b"\x89PNG\r\n\x1a\n"
            + chunk(b"IHDR", struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b""))


def write_pictures(tree, count):
    """Unique tiny pictures, PER_FOLDER in each folder of the tree."""
    pixels_of = random.Random(20261)
    for i in range(count):
        folder = f"{tree}/{i // PER_FOLDER:03}"
        if i % PER_FOLDER == 0:
            os.makedirs(folder)
        pixels = pixels_of.randbytes(SIDE * SIDE * 3)
        name, content = (f"{i:06}.png", png(pixels)) if i % 8 == 0 else (f"{i:06}.bmp", bmp(pixels))
        file = os.open(f"{folder}/{name}", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(file, content)
        os.close(file)


def link_all(tree, flat):
    """The files of the tree in one folder. Within one scan each is met once."""
    os.makedirs(flat)
    for folder in os.scandir(tree):
        for file in os.scandir(folder.path):
            os.link(file.path, f"{flat}/{file.name}")


@unittest.skipIf(SANITIZED, "the sanitizers' shadow memory and quarantine grow with the work")
@unittest.skipUnless(can_be_told(), "this kernel does not say which children a process has")
class MemoryTest(ToolTest):
    @classmethod
    def setUpClass(cls):
        cls.scratch = Path(tempfile.mkdtemp(prefix="semblance-many-", dir=roomy_parent()))
        cls.addClassCleanup(shutil.rmtree, cls.scratch, ignore_errors=True)
        for count in (FEW, MANY):
            write_pictures(cls.scratch / f"tree-{count}", count)
            link_all(cls.scratch / f"tree-{count}", cls.scratch / f"flat-{count}")

    def peaks(self, shape, count, *options):
        self.run_ok("bank", "create", "demo")
        ran, peaks = run_measured("scan", self.scratch / f"{shape}-{count}", "--jobs", 2,
                                  *options, store=self.store)
        self.assertEqual(ran.status, 0, ran.errors)
        self.assertRegex(ran.errors, rf"scan: {count:,} files")
        self.store.unlink()
        return ran, peaks

    def assert_memory_stays(self, shape):
        for to_case in (False, True):
            few_case, many_case = self.folder / f"few-{to_case}", self.folder / f"many-{to_case}"
            ran, few = self.peaks(shape, FEW, *(["--out", few_case] if to_case else []))
            self.assertEqual(ran.out.count(b"\n"), 0 if to_case else FEW)
            ran, many = self.peaks(shape, MANY, *(["--out", many_case] if to_case else []))
            self.assertEqual(ran.out.count(b"\n"), 0 if to_case else MANY)
            what = f"{shape}, {'to a case' if to_case else 'to standard output'}"
            print(f"{what}: peaks in KiB of semblance, semblance-extract and a worker: "
                  f"{FEW:,} files {few}, {MANY:,} files {many}")
            for name, before, after in zip(("semblance", "semblance-extract", "worker"), few, many):
                self.assertGreater(before, 0, name)
                self.assertLessEqual(after, before * GROWTH, f"{what}: {name}")

    def test_in_a_tree(self):
        self.assert_memory_stays("tree")

    def test_in_one_folder(self):
        self.assert_memory_stays("flat")


if __name__ == "__main__":
    unittest.main()
