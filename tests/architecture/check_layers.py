#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Enforces the layers of the house on a source tree.

usage: check_layers.py ROOT

Checked: which module may include which; which third-party library each may name; headers that are
private to a module; the SPDX line that opens each file; public headers that name the standard
library alone; libraries that are never linked; the length of files. Standard library only.
"""
import os
import re
import sys
from pathlib import Path

# From the bottom up. A module includes itself and what stands before it, never what stands after.
LAYERS = ["core", "kernels", "decode", "hash", "extract", "index", "bank", "match", "scan", "tools"]

# What a third-party header belongs to, by the beginning of its name.
LIBRARIES = {
    "openssl/": "openssl", "hwy/": "highway", "cuda": "cuda",
    "jpeglib.h": "jpeg", "jerror.h": "jpeg", "turbojpeg.h": "jpeg", "spng.h": "spng",
    "webp/": "webp", "gif_lib.h": "gif", "tiff": "tiff", "libheif/": "heif",
    "libavcodec/": "libav", "libavutil/": "libav", "libavformat/": "libav", "libswscale/": "libav",
    "opencv2/": "opencv", "seccomp.h": "seccomp", "faiss/": "faiss", "omp.h": "openmp",
    "sqlite3.h": "sqlite", "SQLiteCpp/": "sqlite", "nlohmann/": "json",
    "tbb/": "tbb", "oneapi/": "tbb", "archive": "libarchive", "tsk/": "sleuthkit",
    "CLI/": "cli11", "spdlog/": "spdlog", "fmt/": "spdlog",
    "gtest/": "gtest", "gmock/": "gtest", "benchmark/": "benchmark",
}
CODECS = {"jpeg", "spng", "webp", "gif", "tiff", "heif"}
MAY_NAME = {
    "include": set(),
    "core": {"openssl"},
    "kernels": {"highway", "cuda"},
    "decode": CODECS | {"libav", "opencv"},
    "hash": {"opencv", "json"},
    "extract": {"seccomp"},
    "index": {"faiss", "openmp"},
    "bank": {"sqlite", "json"},
    "match": {"opencv"},
    "scan": {"tbb", "libarchive", "sleuthkit", "json"},
    "tools": {"cli11", "spdlog", "json", "spng"},
    "datasets": CODECS | {"libav", "cli11", "json"},
}
# Libraries that a module may name in some of its files or folders alone, by the beginning of the
# name.
ONLY_IN = {
    ("hash", "opencv"): ("embedding", "features"),
    ("hash", "json"): ("embedding",),
    ("match", "opencv"): ("geometry",),
    ("tools", "spng"): ("explain",),  # it writes one drawing, and reads nothing
}
GENERATED = {"source_digest.h"}  # headers that the build writes: in no source tree
NEVER = re.compile(r"opencv_(imgcodecs|highgui|videoio)|opencv2/(imgcodecs|highgui|videoio)")
SYSTEM = re.compile(r"^(sys/|linux/|netinet/|arpa/|asm/)|^(cpuid|dirent|dlfcn|endian|fcntl|fenv|"
                    r"getopt|iconv|immintrin|link|malloc|poll|pthread|sched|setjmp|signal|spawn|"
                    r"stdint|stdio|stdlib|string|syscall|termios|time|unistd|errno)\.h$")
STANDARD = re.compile(r"^[a-z_0-9]+$")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
PRIVATE = re.compile(r"^// Private to (src/[a-z]+|kernels|tools)\b")
# The main of a program that belongs to one module: it may see that module's private headers.
MAIN_OF = {"tools/extract_main.cpp": "extract"}
SOURCES = {".cpp", ".h", ".cu", ".cuh", ".c", ".cc"}
COMMENTED = SOURCES | {".py", ".sh", ".cmake", ".in", ".txt"}
SKIPPED = {".git", "build", ".cache"}
LONG, TOO_LONG = 400, 500
SIZED = ("include/", "src/", "kernels/", "tools/", "datasets/")


def module_of(path):
    """The module that a file of the tree belongs to: `include`, one of LAYERS, `tests`, ..."""
    parts = path.split("/")
    return parts[1] if parts[0] == "src" and len(parts) > 2 else parts[0]


def sources(root):
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in SKIPPED)
        for name in sorted(files):
            path = Path(folder) / name
            if path.suffix in COMMENTED or name in (".clang-format", "run"):
                yield path.relative_to(root).as_posix()


class Checker:
    def __init__(self, root):
        self.root = Path(root)
        self.errors = []
        self.warnings = []
        self.files = {}
        for path in sources(self.root):
            text = (self.root / path).read_text(encoding="utf-8", errors="replace")
            self.files[path] = text.splitlines()
        self.private = {p: owner for p, lines in self.files.items()
                        if (owner := self.private_owner(lines))}

    @staticmethod
    def private_owner(lines):
        found = [PRIVATE.match(line) for line in lines[:2]]
        return next((m.group(1).removeprefix("src/") for m in found if m), None)

    def error(self, path, line, what):
        self.errors.append(f"{path}:{line}: {what}")

    def run(self):
        for path, lines in self.files.items():
            self.check_head(path, lines)
            self.check_size(path, lines)
            if Path(path).suffix in SOURCES:
                self.check_includes(path, lines)
            if Path(path).name == "CMakeLists.txt":
                for number, line in enumerate(lines, 1):
                    if NEVER.search(line):
                        self.error(path, number, "imgcodecs, highgui and videoio are never linked")
        return self

    def check_head(self, path, lines):
        wanted = "SPDX-License-Identifier: Apache-2.0"
        if Path(path).suffix in COMMENTED and not any(wanted in line for line in lines[:2]):
            self.error(path, 1, f"the file does not open with `{wanted}`")

    def check_size(self, path, lines):
        if not path.startswith(SIZED) or Path(path).suffix not in SOURCES:
            return
        if len(lines) > TOO_LONG:
            self.error(path, len(lines), f"{len(lines)} lines; no file is above {TOO_LONG}")
        elif len(lines) > LONG:
            self.warnings.append(f"{path}: {len(lines)} lines, above {LONG}")

    def check_includes(self, path, lines):
        for number, line in enumerate(lines, 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            name = match.group(2)
            if NEVER.search(name):
                self.error(path, number, f"{name} is never used: it brings GDAL")
            target = self.resolve(path, name)
            if target:
                self.check_ours(path, number, name, target)
            else:
                self.check_foreign(path, number, name)

    def resolve(self, path, name):
        """The file of this tree that an include names, or None for a foreign one."""
        beside = os.path.normpath(os.path.join(os.path.dirname(path), name))
        for candidate in (f"include/{name}", f"src/{name}", f"kernels/{name}", beside, name,
                          f"tests/{name}"):
            if candidate in self.files:
                return candidate
        return None

    def check_ours(self, path, number, name, target):
        module, other = module_of(path), module_of(target)
        if module in ("tests", "bench"):
            return
        owner = self.private.get(target)
        if owner and owner not in (module, MAIN_OF.get(path)):
            self.error(path, number, f"{name} is private to {owner}")
        if module == "include" and other != "include":
            self.error(path, number, f"a public header includes {name}, which is not public")
        elif other in ("tests", "bench") or (other == "datasets" and module != "datasets"):
            self.error(path, number, f"{module} includes {name} of {other}")
        elif module in LAYERS and other in LAYERS and LAYERS.index(other) > LAYERS.index(module):
            self.error(path, number, f"{module} includes {name} of {other}, a higher layer")

    @staticmethod
    def below_module(path):
        return path.split("/", 2)[-1]

    def check_foreign(self, path, number, name):
        module = module_of(path)
        if name in GENERATED:
            return
        library = next((lib for start, lib in LIBRARIES.items() if name.startswith(start)), None)
        if module in ("tests", "bench"):
            return
        if library:
            if library not in MAY_NAME.get(module, set()):
                self.error(path, number, f"{module} may not name {library} ({name})")
            elif not self.below_module(path).startswith(ONLY_IN.get((module, library), "")):
                files = " and ".join(f"{start}*" for start in ONLY_IN[module, library])
                self.error(path, number, f"{module} may name {library} in {files} alone ({name})")
        elif module == "include" and not STANDARD.match(name):
            self.error(path, number, f"a public header includes {name}: standard library only")
        elif not STANDARD.match(name) and not SYSTEM.match(name):
            self.error(path, number, f"{name} is neither of this tree nor known: add it to the "
                                     "table of check_layers.py, with the layers that may name it")


def main(arguments):
    if len(arguments) != 1:
        print(__doc__)
        return 2
    checker = Checker(arguments[0]).run()
    for line in checker.warnings:
        print(f"warning: {line}")
    for line in checker.errors:
        print(f"error: {line}")
    print(f"check_layers: {len(checker.files)} files, {len(checker.errors)} errors")
    return 1 if checker.errors or not checker.files else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
