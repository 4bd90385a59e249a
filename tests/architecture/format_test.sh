#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fails if clang-format would change a source file of the tree.
set -euo pipefail
if ! command -v clang-format-14 >/dev/null; then
  echo "format: skipped, there is no clang-format-14" >&2
  exit 77
fi
cd "$1"
find include src kernels tools datasets bench tests -name '*.cpp' -o -name '*.h' -o -name '*.cu' |
  sort | xargs clang-format-14 --dry-run -Werror
