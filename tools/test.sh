#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is needed, builds with warnings as errors, runs every test; then the same under
# AddressSanitizer and UndefinedBehaviorSanitizer, where every fuzz target then runs for 10 seconds.
#   tools/test.sh          all of it
#   tools/test.sh --quick  the dev build and its tests only
#   tools/test.sh --tidy   all of it, then clang-tidy
set -euo pipefail

usage() { sed -n '3,8s/^# \{0,1\}//p' "$0"; }
quick=false
tidy=false
for argument in "$@"; do
  case $argument in
    --quick) quick=true ;;
    --tidy) tidy=true ;;
    -h | --help) usage; exit 0 ;;
    *) echo "test: unknown argument $argument" >&2; usage >&2; exit 1 ;;
  esac
done

root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
cd "$root"
jobs=$(nproc)
started=$SECONDS
current=start

heading() { current=$1; printf '\n== %s (%d s)\n' "$1" $((SECONDS - started)); }
verdict() {
  local status=$?
  if [ $status -eq 0 ]; then
    printf '\ntest: PASSED in %d s\n' $((SECONDS - started))
  else
    printf '\ntest: FAILED in "%s" after %d s\n' "$current" $((SECONDS - started))
  fi
}
trap verdict EXIT

build_and_test() {
  local preset=$1
  heading "$preset: configure"
  cmake --preset "$preset" --log-level=NOTICE
  heading "$preset: build"
  cmake --build --preset "$preset" -j "$jobs"
  heading "$preset: test"
  ctest --preset "$preset" -j "$jobs"
}

heading "packages"
tools/install_deps.sh
build_and_test dev
if [ "$quick" = false ]; then
  # A leak at exit or a first error is a failure; the sanitizers stop at the first.
  export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0
  export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
  export LSAN_OPTIONS=suppressions=$root/tools/sanitizers/lsan.supp:print_suppressions=0
  build_and_test asan
  heading "fuzz"
  tools/fuzz.sh --fresh 10
fi
if [ "$tidy" = true ]; then
  heading "clang-tidy"
  tools/tidy.sh build/dev
fi
