#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Proves that check_layers.py catches what it is there to catch."""
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import check_layers  # noqa: E402

SPDX = "// SPDX-License-Identifier: Apache-2.0\n"
CLEAN = {
    "include/semblance/result.h": SPDX + "#include <string>\n",
    "src/core/files.h": SPDX + '#include "semblance/result.h"\n',
    "src/core/files.cpp": SPDX + '#include "core/files.h"\n#include <unistd.h>\n',
    "src/decode/rows.h": SPDX + "// Private to src/decode: rows.\n",
    "src/decode/jpeg.cpp": SPDX + '#include "decode/rows.h"\n#include <jpeglib.h>\n',
    "src/scan/scan.cpp": SPDX + '#include "core/files.h"\n#include <tbb/parallel_pipeline.h>\n',
    "tests/decode/rows_test.cpp": SPDX + '#include "decode/rows.h"\n#include <gtest/gtest.h>\n',
}


class CheckLayersTest(unittest.TestCase):
    def errors(self, changed=None):
        with tempfile.TemporaryDirectory() as root:
            for path, text in {**CLEAN, **(changed or {})}.items():
                file = Path(root, path)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
            return check_layers.Checker(root).run().errors

    def assert_caught(self, path, text, what):
        errors = self.errors({path: text})
        self.assertEqual(len(errors), 1, errors)
        self.assertIn(path, errors[0])
        self.assertIn(what, errors[0])

    def test_a_clean_tree_passes(self):
        self.assertEqual(self.errors(), [])

    def test_an_include_of_a_higher_layer(self):
        self.assert_caught("src/scan/walk.h", SPDX + '#include "scan/../core/files.h"\n', "known")
        errors = self.errors({"src/scan/walk.h": SPDX,
                              "src/core/bad.cpp": SPDX + '#include "scan/walk.h"\n'})
        self.assertEqual(len(errors), 1, errors)
        self.assertIn("a higher layer", errors[0])

    def test_a_third_party_library_outside_its_layer(self):
        self.assert_caught("src/scan/bad.cpp", SPDX + "#include <sqlite3.h>\n", "may not name sqlite")
        self.assert_caught("src/hash/bad.cpp", SPDX + "#include <jpeglib.h>\n", "may not name jpeg")
        self.assert_caught("kernels/a/bad.cpp", SPDX + "#include <openssl/evp.h>\n", "openssl")

    def test_a_library_that_a_module_names_in_some_files_alone(self):
        opencv = SPDX + "#include <opencv2/core.hpp>\n"
        self.assert_caught("src/hash/pdq.cpp", opencv, "embedding* and features* alone")
        self.assert_caught("src/match/matcher.cpp", opencv, "geometry* alone")
        self.assert_caught("tools/match.cpp", SPDX + "#include <spng.h>\n", "explain* alone")
        self.assertEqual(self.errors({"src/hash/features.cpp": opencv,
                                      "src/hash/embedding.cpp": opencv,
                                      "src/match/geometry.cpp": opencv,
                                      "src/decode/turn.cpp": opencv}), [])

    def test_a_library_nobody_knows(self):
        self.assert_caught("src/core/bad.cpp", SPDX + "#include <boost/any.hpp>\n", "table")

    def test_a_private_header_of_another_module(self):
        self.assert_caught("src/extract/bad.cpp", SPDX + '#include "decode/rows.h"\n', "private")
        self.assert_caught("tools/bad.cpp", SPDX + '#include "decode/rows.h"\n', "private")

    def test_a_public_header_that_is_not_plain(self):
        self.assert_caught("include/semblance/a.h", SPDX + '#include "core/files.h"\n', "public")
        self.assert_caught("include/semblance/a.h", SPDX + "#include <unistd.h>\n", "standard")
        self.assert_caught("include/semblance/a.h", SPDX + "#include <nlohmann/json.hpp>\n", "json")

    def test_a_missing_licence_line(self):
        self.assert_caught("src/core/a.h", "#pragma once\n", "SPDX")
        self.assert_caught("tools/a.sh", "#!/bin/sh\n", "SPDX")

    def test_the_libraries_that_bring_gdal(self):
        self.assert_caught("src/decode/CMakeLists.txt",
                           "# SPDX-License-Identifier: Apache-2.0\n"
                           "target_link_libraries(x opencv_imgcodecs)\n", "never")

    def test_a_file_that_is_too_long(self):
        self.assert_caught("src/core/long.cpp", SPDX + "\n" * 600, "lines")


if __name__ == "__main__":
    unittest.main()
