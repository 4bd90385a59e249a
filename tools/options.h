// SPDX-License-Identifier: Apache-2.0
// What the command line says, parsed: one structure a subcommand, no parser's types.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "semblance/exchange.h"
#include "semblance/extract.h"
#include "semblance/limits.h"
#include "semblance/probe.h"
#include "semblance/signal.h"
#include "semblance/store.h"

namespace semblance::tool {

/// Options that every subcommand understands.
struct CommonOptions {
  std::string store = "semblance.db";
  std::string extractor;  // path of semblance-extract; empty: beside this program
  int jobs = 1;           // items worked on at the same time
  Isolation isolation = Isolation::kProcess;
  std::vector<std::string> models;  // paths of the descriptions of embedding models
  bool quiet = false;               // no progress, no summary; warnings and errors stay
};

/// What `hash` writes of each file.
enum class HashFormat : std::uint8_t {
  kJson,  // a line of facts and signals
  kVpdq,  // of a video, the reference's file of frame hashes
  kTmk,   // of a video, the reference's file of its TMK
};

struct HashOptions {
  std::vector<std::string> paths;  // `-` is standard input
  PdqProfile profile = PdqProfile::kFull;
  Precision precision = Precision::kExact;  // or kFast, of profile kFull
  int quality_floor = kDefaultQualityFloor;
  HashFormat format = HashFormat::kJson;
  std::string out;   // folder of the files of kVpdq and kTmk; empty: standard output
  FramePlan frames;  // of videos
  // Of pictures, in lines alone:
  std::vector<ProbeKind> probes;        // parts to hash beside the whole
  bool features = false;                // find local features, as for an entry of a bank
  std::vector<std::string> embeddings;  // models
  Limits limits;
};

struct BankCreateOptions {
  std::string bank;
  BankPolicy policy;
};

struct BankAddOptions {
  std::string bank;
  std::vector<std::string> paths;
  std::vector<std::string> labels;
  std::string source = "local";
  std::optional<UnixSeconds> expires_at;
  PdqProfile profile = PdqProfile::kFull;
  bool keep_undecodable = false;  // bank what cannot be decoded too, by its digest alone
  bool tmk = false;               // bank the TMK of videos too
  Limits limits;
};

struct BankImportOptions {
  std::string bank;
  std::string file;                  // `-` is standard input
  std::optional<ListFormat> format;  // absent: from the first bytes
  std::string source;                // empty: the file's name
  std::optional<UnixSeconds> expires_at;
  PdqProfile profile = PdqProfile::kFull;
  std::optional<SignalKind> bare_kind;  // of bare hex rows; absent: by their length
  std::string bad_rows;  // file that receives every bad row; empty: the first go to stderr
};

struct BankExportOptions {
  std::string bank;
  std::string output;  // empty or `-`: standard output
  ListFormat format = ListFormat::kJsonLines;
};

struct BankListOptions {};

struct BankShowOptions {
  std::string bank;
  std::optional<std::int64_t> entry;  // absent: all entries
  std::int64_t after = 0;             // only entries with a greater id
  std::optional<std::uint64_t> limit;
};

struct BankWithdrawOptions {
  std::string bank;
  std::vector<std::int64_t> entries;
  std::string reason;
};

struct BankIndexOptions {
  bool verify = false;  // check the saved index instead of making it
};

struct MatchOptions {
  std::vector<std::string> hashes;  // empty: standard input, one a line; or two files
  std::optional<PdqProfile> profile;
  std::vector<std::string> banks;  // empty: all
  std::optional<int> max_distance;
  bool fail_on_match = false;
  bool video = false;    // compare two videos with each other, without a store
  bool picture = false;  // compare two pictures so
  // Of either:
  int quality_floor = kDefaultQualityFloor;
  // Of `video` alone:
  bool tmk = false;  // compute and compare TMK too
  // Of `picture` alone:
  std::map<std::string, float> embeddings;  // by model: the least cosine
  std::string explain;                      // file to draw the match into; empty: none
  Limits limits;
};

struct ScanOptions {
  std::vector<std::string> paths;
  std::vector<std::string> banks;  // empty: all
  std::optional<int> max_distance;
  Precision precision = Precision::kAuto;
  std::string out;  // case folder; empty: records on standard output
  bool resume = false;
  bool fail_on_match = false;
  bool follow_banks = false;  // search what the banks hold now, not what they held at the start
  Limits limits;
};

struct InspectOptions {
  bool text = false;  // for people, instead of JSON
};

using SubcommandOptions =
    std::variant<std::monostate, HashOptions, BankCreateOptions, BankAddOptions, BankImportOptions,
                 BankExportOptions, BankListOptions, BankShowOptions, BankWithdrawOptions,
                 BankIndexOptions, MatchOptions, ScanOptions, InspectOptions>;

/// The whole command line.
struct CommandLine {
  CommonOptions common;
  SubcommandOptions subcommand;
};

}  // namespace semblance::tool
