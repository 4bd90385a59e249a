#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# From a fresh Debian 12 to matches: installs what is needed, builds, makes a small synthetic
# library with altered copies, banks the originals, scans the copies, prints what was found.
#   tools/quickstart.sh                 all of it; work is kept in build/quickstart
#   tools/quickstart.sh --bin DIR       use the programs of a build that is there
#   options: --work DIR, --count N originals [12], --size WxH [640x480], --seed N [1]
set -euo pipefail

usage() { sed -n '3,8s/^# \{0,1\}//p' "$0"; }
root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
bin=""
work=""
count=12
size=640x480
seed=1
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) usage; exit 0 ;;
    --bin | --work | --count | --size | --seed)
      if [ $# -lt 2 ]; then echo "quickstart: $1 needs a value" >&2; exit 1; fi
      declare "${1#--}=$2"
      shift 2 ;;
    *) echo "quickstart: unknown argument $1" >&2; usage >&2; exit 1 ;;
  esac
done

build="$root/build/quickstart"
work=${work:-$build/work}
step() { printf '\n== %s\n' "$1"; }

if [ -z "$bin" ]; then
  step "Packages"
  "$root/tools/install_deps.sh"
  step "Build (into build/quickstart; the first time takes a few minutes)"
  cmake -S "$root" -B "$build" -G Ninja --log-level=NOTICE -DCMAKE_BUILD_TYPE=Release \
    -DSEMBLANCE_BUILD_TESTS=OFF -DSEMBLANCE_BUILD_BENCH=OFF
  cmake --build "$build" -j "$(nproc)" --target \
    semblance_program semblance_extract_program semblance_datasets_program
  bin="$build/bin"
fi
bin=$(readlink -m "$bin")
for program in semblance semblance-extract semblance-datasets; do
  if [ ! -x "$bin/$program" ]; then
    echo "quickstart: there is no program $bin/$program; --bin DIR names the folder bin of a build" >&2
    exit 1
  fi
done

# Only what an earlier run of this script made is removed.
mkdir -p "$work"
work=$(readlink -f "$work")
rm -rf "$work/library" "$work/case"
rm -f "$work/quickstart.db" "$work/quickstart.db-wal" "$work/quickstart.db-shm" "$work/added.jsonl"
export SEMBLANCE_STORE="$work/quickstart.db"

step "A synthetic library: $count originals, altered copies, unrelated pictures"
"$bin/semblance-datasets" library "$work/library" --count "$count" --seed "$seed" --size "$size"

step "Bank the originals"
"$bin/semblance" bank create demo --purpose "quickstart: synthetic pictures"
"$bin/semblance" bank add demo "$work/library/originals" --label synthetic >"$work/added.jsonl"
echo "banked $(wc -l <"$work/added.jsonl") originals"

step "Scan the copies and the unrelated pictures"
status=0
"$bin/semblance" scan "$work/library/copies" "$work/library/unrelated" --out "$work/case" ||
  status=$?
if [ $status -ne 0 ] && [ $status -ne 3 ]; then exit $status; fi

step "Matches"
python3 "$root/tools/quickstart_report.py" "$work/library" "$work/added.jsonl" "$work/case"
