#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints the matches of a quickstart as a table, and checks them against truth.csv.

usage: quickstart_report.py LIBRARY ADDED.jsonl CASE

Exit status 0 if every copy within reach matched its own original and no unrelated picture matched
anything; 1 otherwise.
"""
import csv
import json
import os
import sys


def lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def below(library, path):
    return os.path.relpath(path, library)


def print_table(rows):
    head = ("picture", "is like", "bank", "entry", "by", "distance", "transform", "how it was made")
    widths = [max(len(str(row[i])) for row in [head, *rows]) for i in range(len(head))]
    for row in [head, *rows]:
        print("  ".join(str(cell).ljust(width) for cell, width in zip(row, widths)).rstrip())


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    library, added, case = sys.argv[1:]
    original_of_entry = {a["entry"]: below(library, a["path"]) for a in lines(added) if "entry" in a}
    records = {below(library, r["path"]): r for r in lines(os.path.join(case, "results.jsonl"))}
    with open(os.path.join(library, "truth.csv"), encoding="utf-8", newline="") as file:
        truth = list(csv.DictReader(file))

    rows, missed, wrong, out_of_reach_found = [], [], [], 0
    within_reach = [copy for copy in truth if copy["within_reach"] == "true"]
    for copy in truth:
        record = records.pop(copy["copy"], {"matches": []})
        matches = record.get("matches", [])
        found = {original_of_entry.get(match["entry"]) for match in matches}
        own = copy["original"] in found
        if found - {copy["original"]}:
            wrong.append(f"{copy['copy']}: also like {sorted(map(str, found - {copy['original']}))}")
        if copy["within_reach"] == "true" and not own:
            missed.append(f"{copy['copy']}: {copy['alteration']} of {copy['original']}, "
                          f"{record.get('outcome', 'no record')} {record.get('reason', '')}")
        out_of_reach_found += copy["within_reach"] != "true" and own
        if matches:
            best = matches[0]
            rows.append((copy["copy"], original_of_entry.get(best["entry"], "?"), best["bank"],
                         best["entry"], best["kind"], best["distance"], best["transform"],
                         copy["alteration"]))
    unrelated_matched = sorted(path for path, r in records.items() if r["outcome"] == "matched")
    wrong += [f"{path}: unrelated, but matched" for path in unrelated_matched]

    print_table(rows)
    beyond = len(truth) - len(within_reach)
    print()
    print(f"every altered copy within reach was found: {len(within_reach) - len(missed)} of "
          f"{len(within_reach)}" if not missed else
          f"MISSED: only {len(within_reach) - len(missed)} of {len(within_reach)} copies within "
          "reach were found")
    print(f"unrelated pictures matched: {len(unrelated_matched)} of {len(records)}")
    if beyond:
        print(f"copies beyond the reach of PDQ (strong crops and the like): {beyond}, of which "
              f"{out_of_reach_found} were found all the same")
    for line in missed + wrong:
        print("  " + line)
    sys.exit(1 if missed or wrong else 0)


if __name__ == "__main__":
    main()
