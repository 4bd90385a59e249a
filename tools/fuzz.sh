#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fuzzes each target, or those named, for SECONDS; as many at a time as there are cores.
#   tools/fuzz.sh SECONDS [TARGET...]  e.g. tools/fuzz.sh 600 decode.bmp scan.journal
#   tools/fuzz.sh --list               the targets
#   --fresh        from the seeds of the tree alone, with one random seed, and nothing is kept but
#                  findings: runs of one build are alike, whatever ran before
#   --build DIR    a build with SEMBLANCE_FUZZ other than build/asan, which is built as needed
# What is learnt is kept in build/asan/fuzz and begun from the next time. Exit status 2 if there is
# a finding. One whose stack ends in a decoding library is told, and is no failure: it is the cage's
# to stop, and its maintainers' to mend.
set -euo pipefail

usage() { sed -n '3,12s/^# \{0,1\}//p' "$0"; }
fail() { echo "fuzz: $1" >&2; usage >&2; exit 1; }

root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
build=
fresh=false
list=false
seconds=
targets=()
while [ $# -gt 0 ]; do
  case $1 in
    --fresh) fresh=true ;;
    --list) list=true ;;
    --build) [ $# -ge 2 ] || fail "--build without its folder"; build=$(readlink -f "$2"); shift ;;
    -h | --help) usage; exit 0 ;;
    -*) fail "unknown argument $1" ;;
    *) if [ -z "$seconds" ] && [ "$list" = false ]; then seconds=$1; else targets+=("$1"); fi ;;
  esac
  shift
done
[ "$list" = true ] || [[ $seconds =~ ^[1-9][0-9]*$ ]] || fail "say for how many seconds"

cd "$root"
if [ -z "$build" ]; then
  build=$root/build/asan
  # A folder of another time may be without the fuzzer, and would only replay.
  grep -qs '^SEMBLANCE_FUZZ:BOOL=ON' "$build/CMakeCache.txt" ||
    cmake --preset asan --log-level=NOTICE
fi
cmake --build "$build" -j "$(nproc)" \
  --target semblance_fuzz_targets semblance_datasets_program >&2
programs=$build/bin/fuzz
all=()
for arguments in "$programs"/*.args; do
  target=$(basename "$arguments" .args)
  if [ -x "$programs/$target" ]; then all+=("$target"); fi
done
if [ "$list" = true ]; then printf '%s\n' "${all[@]}"; exit 0; fi
[ ${#targets[@]} -gt 0 ] || targets=("${all[@]}")
for target in "${targets[@]}"; do
  [ -x "$programs/$target" ] || fail "no target $target; --list names them"
done

# The first error ends a run, and a leak is one; the libraries' known leaks are not ours. Of what
# was freed a few MiB are kept to see a use of it: a run frees little, and more of it is slow. Every
# frame of a stack names its module, whether or not it has a line of source.
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0:allocator_may_return_null=1
ASAN_OPTIONS+=":quarantine_size_mb=16:stack_trace_format='    #%n %p %F %L {%m}'"
export UBSAN_OPTIONS=print_stacktrace=1
export LSAN_OPTIONS=suppressions=$root/tools/sanitizers/lsan.supp:print_suppressions=0
symbolizer=$(command -v llvm-symbolizer-14 || true)
if [ -n "$symbolizer" ]; then export ASAN_SYMBOLIZER_PATH=$symbolizer; fi

work=$build/fuzz
generated=$work/generated
if [ "$fresh" = true ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
elif [ ! -d "$generated" ]; then
  # Synthetic pictures in every format and alteration, and lists of random hashes.
  mkdir -p "$work"
  rm -rf "$generated.new"
  "$build/bin/semblance-datasets" library "$generated.new/pictures" --count 2 --copies 0 \
    --unrelated 0 --size 64x64 >/dev/null
  mkdir "$generated.new/lists"
  for format in csv hex; do
    "$build/bin/semblance-datasets" list "$generated.new/lists/$format" --count 8 \
      --format "$format" >/dev/null
  done
  mv "$generated.new" "$generated"
fi
findings=$build/fuzz/findings
mkdir -p "$findings"

# The frame to blame in the first stack of a log: the first that is a line of ours, or lies in a
# library other than C's and C++'s. Frames of the program without a line are the sanitizers' and
# libFuzzer's.
culprit() {
  awk '!/^ *#[0-9]+ 0x/ { next }
       /\{[^}]*\/(lib(c|m|pthread|stdc\+\+|gcc_s)|ld-linux-x86-64)\.so[^}]*\}/ { next }
       /\{[^}]*\.so[.0-9]*\}/ || /:[0-9]+ \{/ || /:[0-9]+:[0-9]+ \{/ {
         sub(/^ *#[0-9]+ 0x[0-9a-f]+ (in )?/, ""); print; exit
       }' "$1"
}

# Whether a finding is a library's own: it crashed in its code, on memory that it took itself. What
# overflows a buffer of ours, takes too long or too much is ours to have bounded.
is_of_library() {
  local log=$1 where=$2 owner
  [[ $where =~ \.so[.0-9]*\}$ ]] || return 1
  ! grep -qE 'LeakSanitizer|libFuzzer: (timeout|out-of-memory)' "$log" || return 1
  if grep -qE 'AddressSanitizer: (SEGV|ABRT|FPE)|libFuzzer: deadly signal' "$log"; then return 0; fi
  owner=$(culprit <(sed -n '/allocated by thread/,$p' "$log"))
  [[ $owner =~ \.so[.0-9]*\}$ ]]
}

stat_of() { sed -n "s/^stat::$2: *//p" "$1" | tail -n 1; }

# Runs one target; its line goes to standard output, its status is 2 where there is a finding.
fuzz() {
  local target=$1 status=0 log corpus line found where
  local -a arguments=()
  corpus=$work/$target
  log=$work/$target.log
  mkdir -p "$corpus"
  mapfile -t arguments <"$programs/$target.args"
  if [ "$fresh" = true ]; then
    local -a own=()
    for line in "${arguments[@]}"; do
      case $line in -* | "$root"/tests/*) own+=("$line") ;; esac
    done
    arguments=(-seed=1 "${own[@]}")
  fi
  # Weighing inputs by entropy costs more than most of our parsers do.
  "$programs/$target" -max_total_time="$seconds" -entropic=0 -timeout=25 -rss_limit_mb=2048 \
    -print_final_stats=1 -artifact_prefix="$findings/$target-" "$corpus" "${arguments[@]}" \
    >"$log" 2>&1 || status=$?
  line=$(grep -o 'cov: [0-9]*' "$log" | tail -n 1 || true)
  printf '%-28s %10s runs %7s/s  %-10s %6s new\n' "$target" \
    "$(stat_of "$log" number_of_executed_units)" "$(stat_of "$log" average_exec_per_sec)" \
    "${line:-cov: ?}" "$(stat_of "$log" new_units_added)"
  [ $status -ne 0 ] || return 0

  found=$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)
  where=$(culprit "$log")
  if [ -n "$found" ] && is_of_library "$log" "$where"; then
    echo "  in a library, which ended this target's search: $where"
    echo "  again: $programs/$target $found"
    return 0
  fi
  grep -m 4 -E 'ERROR: |runtime error: |does not hold: |SUMMARY: ' "$log" | sed 's/^/  /' || true
  if [ -z "$found" ]; then
    tail -n 20 "$log" | sed 's/^/  /'
    return 2
  fi
  echo "  at:    ${where:-?}"
  echo "  again: $programs/$target $found"
  echo "  small: $programs/$target -minimize_crash=1 -max_total_time=60 $found"
  echo "  keep:  cp $found tests/${target%%.*}/corpus/${target#*.}/WHAT_IT_SHOWS"
  return 2
}

running=0
result=0
for target in "${targets[@]}"; do
  if [ "$running" -ge "$(nproc)" ]; then
    wait -n || result=2
    running=$((running - 1))
  fi
  # A line at once, so that two targets do not mix theirs.
  { lines=$(fuzz "$target") && status=0 || status=$?; printf '%s\n' "$lines"; exit "$status"; } &
  running=$((running + 1))
done
while [ "$running" -gt 0 ]; do
  wait -n || result=2
  running=$((running - 1))
done
exit $result
