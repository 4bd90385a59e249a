// SPDX-License-Identifier: Apache-2.0
// The prose of `--help`.
#pragma once

#include <string_view>

namespace semblance::tool {

inline constexpr std::string_view kProgramHelp =
    "semblance finds copies of known pictures and videos, altered ones and parts included, by\n"
    "perceptual hash (PDQ, vPDQ, TMK) and by digest, and says why. Results are JSON lines on\n"
    "standard output, everything else is on standard error.";

inline constexpr std::string_view kProgramFooter =
    "Examples:\n"
    "  semblance bank create demo --purpose 'training exercise'\n"
    "  semblance bank add demo originals/ --label exercise\n"
    "  semblance scan evidence/ --out case-17 --jobs 8\n"
    "  semblance scan evidence/ --out case-17 --resume     # after a crash or Ctrl-C\n"
    "  semblance hash photo.jpg | jq -r '.signals[0].value' | semblance match\n"
    "  semblance match --video known.mp4 found.mkv\n"
    "  semblance match --picture found.jpg known.jpg --explain why.png\n"
    "\n"
    "Exit status:\n"
    "   0  the work was done, whatever it found\n"
    "   1  the command line is wrong\n"
    "   2  the run failed, or was interrupted\n"
    "   3  the run was completed, but some inputs were not evaluated\n"
    "  10  something matched, with --fail-on-match\n"
    "\n"
    "`semblance SUBCOMMAND --help` tells more.";

inline constexpr std::string_view kHashHelp =
    "Print kind, size, digests and perceptual hashes of pictures and videos, one JSON line a file";
inline constexpr std::string_view kHashFooter =
    "The eight dihedral variants of a hash are in `dihedral`; what could not be hashed has\n"
    "`reason` and `detail`. Profile `full` agrees with the pdqhash wheel, python-threatexchange,\n"
    "HMA and vPDQ; `cli512` with Meta's C++ command line. With `--precision fast` a JPEG is\n"
    "hashed by its low frequencies where they suffice, several times as fast and some bits\n"
    "from the exact hash; each signal says how it was made in `precision` and `version`.\n"
    "\n"
    "With --probe parts of a picture are signals too, each with `part`: its kind and its `window`\n"
    "(left, top, width, height in parts of the sides). Of --features the number is told, and an\n"
    "embedding is `value_b64`, floats of 4 bytes, little-endian.\n"
    "\n"
    "Of a video the frames are hashed, and those of a scene that does not change are one signal\n"
    "with `start` and `end` in seconds: all that it shows, and where there are plain borders also\n"
    "what is within them (`form` `trimmed`). `--sampling vpdq` takes the frames that vPDQ takes,\n"
    "and `--format vpdq` writes its file, `number,quality,hash,seconds` a line; `--format tmk`\n"
    "writes the TMK+PDQF of a video as the reference's tools read it. For the sake of being\n"
    "comparable two faults of the reference are kept there: times follow from the number of the\n"
    "frame and the average rate, which is wrong where the rate varies, and the step between\n"
    "frames is cut to a whole number (29 frames for a second of 29.97). One is not: where the\n"
    "video is not the file's first stream, the reference loses the last frames.\n"
    "\n"
    "Examples:\n"
    "  semblance hash photos/\n"
    "  semblance hash --format vpdq --seconds-per-hash 0 clip.mp4 > clip.txt\n"
    "  semblance hash --format tmk --out hashes/ videos/\n"
    "  curl -s https://example.org/a.jpg | semblance hash -\n"
    "\n"
    "Files in --out are never written over: a second NAME is told of, and not written. Exit\n"
    "status: 3 if a file has no usable hash (what is no media at all does not count).";

inline constexpr std::string_view kBankHelp = "Make, fill, show and exchange banks of known media";
inline constexpr std::string_view kBankFooter =
    "A bank is a named set of known items with its policy: how near is a match, which quality a\n"
    "hash must have, and why the bank may be searched.\n"
    "\n"
    "Examples:\n"
    "  semblance bank create demo --max-distance 31 --purpose 'training exercise'\n"
    "  semblance bank import demo hashes.csv --source partner-list\n"
    "  semblance bank show demo --limit 10\n"
    "  semblance bank withdraw demo 17 --reason 'added by mistake'\n"
    "  semblance bank index";

inline constexpr std::string_view kBankCreateFooter =
    "A picture matches by its PDQ hash whole, and by its parts as --probe says. What is looked up\n"
    "is cut into parts, so that a known picture is found within borders (trimmed), in a collage,\n"
    "a page or a screenshot (panel), and at a place of a fixed grid (window). With trimmed, what\n"
    "is within the borders of an added picture is kept too. Parts are looked for in every picture\n"
    "that is scanned, at a part of the cost of decoding it. A kind that is not named matches\n"
    "nothing, and no part matches further than the whole.\n"
    "\n"
    "A crop of a known picture is another matter: it is found by what is kept of that picture "
    "when\n"
    "it is added, which a list of hashes does not bring.\n"
    "\n"
    "  --entry-windows  up to 16 more hashes an entry: just the crops that programs make, and\n"
    "                   nothing at another place. They tell how its parts look, as coarsely as\n"
    "                   the hash does of the whole.\n"
    "  --features       some 12 kB an entry: parts at any place, size and turn. Every picture "
    "that\n"
    "                   is scanned is decoded wholly and searched for features, which takes\n"
    "                   several times as long. A likeness of the picture can be drawn from them.\n"
    "  --embedding      some kB an entry, and every scanned picture is decoded wholly; `gist`\n"
    "                   needs no model and takes about a millisecond, a model what it takes.\n"
    "                   Says more of the picture than a hash does, of a model perhaps what it\n"
    "                   shows. bank add and scan need the model's description with --model.\n"
    "\n"
    "Examples:\n"
    "  semblance bank create strict --max-distance 20 --probe none\n"
    "  semblance bank create crops --features --embedding gist=0.80\n"
    "  semblance bank create wide --probe trimmed=31 --probe panel=24 --probe window=20";

inline constexpr std::string_view kBankAddFooter =
    "Prints one JSON line a file: `outcome` is added, updated, unchanged, kept_withdrawn or\n"
    "not_evaluated. An entry's id at its source is `sha256:` and the file's digest, so that "
    "adding\n"
    "a file again changes nothing. A picture below the bank's quality floor is banked\n"
    "without its hash, with a warning; what cannot be decoded is not banked, exit status 3.\n"
    "\n"
    "Of a picture the bank keeps what its policy asks for beside its hash (see `bank create`);\n"
    "parts have `part` with their `window`: left, top, width and height in parts of the picture's\n"
    "sides. For an embedding model other than gist name its description with --model.\n"
    "\n"
    "A video is banked by its frames, all of which are looked at: a part of it is found in other\n"
    "videos, and its frames are found as pictures. With --tmk it is banked by\n"
    "its TMK too, which finds whole videos alone; a scan then decodes all frames of every video.\n"
    "\n"
    "Example:\n"
    "  semblance bank add demo originals/ --label exercise --expires 2030-01-01";

inline constexpr std::string_view kBankImportFooter =
    "Streams, so that the size of the list does not matter. Each bad row is told with its line\n"
    "(the first 20 in full, all of them in --bad-rows); the others are imported, and the exit\n"
    "status is 3. Standard output gets one JSON line of counts. A vpdq or tmk file, as of `hash\n"
    "--format`, is one entry.\n"
    "\n"
    "Example:\n"
    "  semblance bank import demo hashes.csv --source partner-list --bad-rows bad.jsonl";

inline constexpr std::string_view kBankIndexFooter =
    "Without it, `match` and `scan` read every hash and build their index in memory each time;\n"
    "with it they open two files, STORE.pdq-full.index and STORE.pdq-cli512.index, and add what\n"
    "the banks have gained or lost since. Nothing but this command writes these files; run it\n"
    "again from time to time. They may be removed: the store holds everything.\n"
    "\n"
    "Standard output gets one JSON line a file. A file that is damaged, or of another store, is\n"
    "refused by name by whoever opens it (exit status 2), and never gives a wrong answer: this\n"
    "command makes it anew.\n"
    "\n"
    "Examples:\n"
    "  semblance bank index\n"
    "  semblance bank index --verify";

inline constexpr std::string_view kMatchHelp = "Look hashes up in the banks, one JSON line each";
inline constexpr std::string_view kMatchFooter =
    "A bare hash is told by its length: 64 digits PDQ, 32 MD5, 40 SHA-1, 128 SHA-512. Write\n"
    "`sha256:HEX` or `sha256 HEX`, and so on, to say it. Answers keep the order of the questions; "
    "a line that is\n"
    "no hash gets `error` instead of `matches`, and the exit status is 3. Blank lines are passed\n"
    "over. What another program adds to the banks meanwhile is found by the next hash that is\n"
    "read, and what it withdraws is not.\n"
    "\n"
    "With --video two files are compared with each other, without a bank: videos, pictures, or\n"
    "files of `hash --format vpdq` and `tmk`. One JSON line says which interval of the first, the\n"
    "query, shows which interval of the second, the entry (seconds), how much of each that covers\n"
    "and how sure it is; `vpdq` has the two percentages of vPDQ's own rule, and with --tmk `tmk`\n"
    "the scores of both levels. Exit status 3 if one of them could not be read, or not wholly.\n"
    "\n"
    "With --picture two pictures are compared so, by every kind: as if the second, the entry, "
    "were\n"
    "in a bank that keeps all of it, and the first, the query, were scanned. `query_part` and\n"
    "`entry_part` say which parts are alike (absent is the whole), and `geometry` which region of\n"
    "the query shows which of the entry. With --explain this is drawn: at the left the query with\n"
    "that region in white, and in yellow what the hashes are of; at the right the same on the\n"
    "entry, which is blurred, so that nobody has to look at it. A mark is at the corner that is "
    "the\n"
    "upper left one of the entry's region. The drawing never holds the entry as it is: of its\n"
    "pixels no more than 12 means a side leave the process that decodes it. Pictures are drawn as\n"
    "they are stored, without their EXIF orientation.\n"
    "\n"
    "Examples:\n"
    "  semblance match --video known.mp4 found.mkv\n"
    "  semblance match --picture found.jpg known.jpg --explain why.png\n"
    "  semblance match f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22\n"
    "  semblance match --bank demo --max-distance 20 < hashes.txt";

inline constexpr std::string_view kScanHelp =
    "Walk files and folders, hash, match: one JSON record a file";
inline constexpr std::string_view kScanFooter =
    "Each file is in exactly one outcome: matched, clean, or not_evaluated with a reason. The\n"
    "records are in the order of the walk and do not depend on --jobs. A case holds "
    "results.jsonl,\n"
    "summary.json and the journal that --resume needs; --resume of a finished case does nothing,\n"
    "and is refused if the evidence, banks, options or build are others than the case began with.\n"
    "\n"
    "By default a JPEG is hashed fast, and what is not clean by a wide margin is decoded and\n"
    "hashed exactly: what matches, and every record of a file that is not clean, is the same as\n"
    "with `--precision exact`; only the signals of clean files are fast ones, and say so. Panels\n"
    "are the exception: of a few collages the fast look does not see an edge that the exact one\n"
    "does, and calls them clean. The margin is measured on ordinary files: against files made to\n"
    "deceive, where no collage may be missed, and where every hash\n"
    "has to be the reference's, ask for `exact`. `fast` is no more than the first of the two\n"
    "looks: near a bank's bounds it may decide otherwise. Progressive JPEGs are hashed fast by\n"
    "`fast` alone; where a bank holds hashes of profile `cli512`, all is exact.\n"
    "\n"
    "Pictures are also looked up by their parts, features and embeddings, as far as the banks'\n"
    "policies say and they hold any. A match then has `query_part` and `entry_part`: which part "
    "of\n"
    "the file is which part of the known picture; absent is the whole. With features `geometry`\n"
    "says which region of the file (`query_quad`) shows which region of the known picture\n"
    "(`entry_quad`), corner by corner. Features and embeddings need every pixel: by `auto` such\n"
    "pictures are decoded at once.\n"
    "\n"
    "Videos are looked at in the same way twice: at their key frames, and at more where these are\n"
    "over two seconds apart; then at every frame, if any was near anything known, or if they "
    "could\n"
    "not decide. What a video shows for less than two seconds, and a banked picture that is one\n"
    "frame of a shot that moves, can be missed by `auto`: `exact` looks at every frame of every\n"
    "video. A match of a video says in `query_interval` where it shows\n"
    "what is known, and in `entry_interval`, if that is a video, which part of it: in seconds.\n"
    "\n"
    "What is withdrawn while a scan runs matches nothing from that moment. What is added is not\n"
    "searched for, so that two scans with the same banks agree, and the summary says\n"
    "`banks_changed`. With --follow-banks it is searched for in every file that comes after: the\n"
    "case then says so, with the banks as they were at each start and at the end, and --resume\n"
    "accepts changed banks.\n"
    "\n"
    "Examples:\n"
    "  semblance scan photos/ | jq -c 'select(.outcome == \"matched\")'\n"
    "  semblance scan /mnt/evidence --out case-17 --resume\n"
    "\n"
    "Exit status: 3 if files were not evaluated (what is no media at all does not count).";

}  // namespace semblance::tool
