#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs clang-tidy over the sources of the project, as many at a time as there are processors.
#   tools/tidy.sh [BUILD_DIR]    a configured build, by default build/dev
set -euo pipefail

case ${1:-} in
  -h | --help) sed -n '3,4s/^# \{0,1\}//p' "$0"; exit 0 ;;
  -*) echo "tidy: unknown option $1; see --help" >&2; exit 1 ;;
esac
root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
build=$(readlink -m "${1:-$root/build/dev}")
cd "$root"
if [ ! -f "$build/compile_commands.json" ]; then
  echo "tidy: $build is not configured; run cmake --preset dev" >&2
  exit 2
fi
# What ships. datasets/ is left out: clang 14 does not know the floating-point template arguments there.
find kernels src tools -name '*.cpp' -print0 | sort -z >"$build/tidy.list"
count=$(tr -cd '\0' <"$build/tidy.list" | wc -c)
# clang-tidy counts suppressed warnings of system headers on standard error: noise, unless it fails.
check='out=$(clang-tidy-14 -p "$1" --quiet "$2" 2>&1) || { printf "%s\n" "$out"; exit 1; }'
if xargs -0 -P "$(nproc)" -I{} bash -c "$check" tidy "$build" {} <"$build/tidy.list"; then
  echo "tidy: $count files are clean"
else
  echo "tidy: findings above" >&2
  exit 1
fi
