// SPDX-License-Identifier: Apache-2.0
// A folder of made-up files, and an extractor and a matcher that need no decoder and no store.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "core/digest.h"
#include "core/files.h"
#include "semblance/scan.h"

namespace semblance::scan_test {

/// A new empty folder, removed with its content at the end.
class TempFolder {
 public:
  /// Below `parent`, or where the tests keep such things.
  explicit TempFolder(const std::string& parent = {}) {
    std::string pattern = (parent.empty() ? testing::TempDir() : parent) + "/semblance-scan-XXXXXX";
    path_ = ::mkdtemp(pattern.data());
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::string& path() const { return path_; }
  std::string at(std::string_view below) const { return path_ + "/" + std::string(below); }

  /// Writes a file, making the folders above it.
  void put(std::string_view below, std::string_view content) const {
    const std::filesystem::path file = at(below);
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << content;
  }

 private:
  std::string path_;
};

inline std::string slurp(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// Takes the first word of a file for what it is: `picture Q WxH`, `partial Q WxH`, `bad`; all
/// else is no media. The PDQ hash is the SHA-256 of the file.
class FakeExtractor final : public Extractor {
 public:
  /// Each item takes up to `most_us` microseconds, at random.
  explicit FakeExtractor(int most_us = 0) : most_us_(most_us) {}

  std::function<void(const std::string& content)> on_extract;  // may be empty
  std::string libraries = "libfake 1.0\nlibother 2.0\n";

  std::string decoders() const override { return libraries; }

  void extract(int descriptor, const Plan& plan, const Limits&, ExtractSink& sink) override {
    std::string content;
    std::array<std::uint8_t, 4096> block{};
    for (auto got = read_at(descriptor, block, 0, ""); got && *got != 0;
         got = read_at(descriptor, block, content.size(), "")) {
      content.append(reinterpret_cast<const char*>(block.data()), *got);
    }
    if (on_extract) on_extract(content);
    if (most_us_ > 0) {
      thread_local std::mt19937 random{std::random_device{}()};
      std::this_thread::sleep_for(std::chrono::microseconds(random() % unsigned(most_us_)));
    }
    Digester digester(plan.digests);
    digester.update(content);
    sink.on_digests(digester.finish());
    sink.on_end(look_at(content, plan, sink));
  }

 private:
  static Ending look_at(const std::string& content, const Plan& plan, ExtractSink& sink) {
    std::istringstream words(content);
    std::string kind;
    int quality = 0;
    char by = 0;
    Facts facts{MediaKind::kImage, "fake", 0, 0, 0, false, "libfake 1.0"};
    words >> kind >> quality >> facts.width >> by >> facts.height;
    if (kind == "bad") {
      facts.width = facts.height = 0;
      sink.on_facts(facts);
      return {Reason::kDecodeFailed, false, "decode: bad \xff bytes"};
    }
    if (kind != "picture" && kind != "partial") return {Reason::kNotMedia, false, ""};
    sink.on_facts(facts);
    for (const PdqProfile profile : plan.pdq_profiles) {
      PdqSignal signal{profile, quality, {}};
      const auto hash = parse_hash256(sha256_hex(content));
      signal.hashes.fill(*hash);
      sink.on_pdq({&signal, 1});
    }
    if (kind == "partial") return {Reason::kTruncated, true, "decode: ends too early"};
    return {};
  }

  int most_us_;
};

/// Matches the pictures whose SHA-256 begins with a hex digit of `known`.
class FakeMatcher : public Matcher {
 public:
  FakeMatcher() {
    BankSnapshot bank;
    bank.name = "demo";
    bank.revision = 3;
    bank.content_digest = "aa";
    bank.entries = 12;
    banks_.push_back(bank);
  }

  std::string known = "0123";
  int floor = 50;
  std::vector<BankSnapshot>& snapshots() { return banks_; }
  Plan& mutable_plan() { return plan_; }

  Plan plan() const override { return plan_; }
  std::vector<BankSnapshot> banks() const override { return banks_; }
  std::vector<std::pair<EmbedderId, std::uint64_t>> embeddings() const override { return {}; }
  Status refresh() override { return ok(); }

  Result<MatchResult> match(const Extraction& item) const override {
    MatchResult result;
    if (item.digests.empty()) return result;
    const std::string hex = to_hex(item.digests.front().bytes);
    for (const PdqSignal& signal : item.pdq) {
      if (signal.quality < floor) {
        result.below_floor.push_back("demo");
      } else if (known.find(hex[0]) != std::string::npos) {
        Match match;
        match.bank = "demo";
        match.entry = 17;
        match.distance = 8;
        match.max_distance = 31;
        match.profile = signal.profile;
        match.labels = {"label"};
        match.source = "list";
        result.matches.push_back(match);
      }
    }
    return result;
  }
  Result<bool> rules_out(const Extraction& item) const override {
    auto found = match(item);
    return found->matches.empty() && found->below_floor.empty();
  }
  Result<std::vector<std::vector<Match>>> match(std::span<const SignalValue>,
                                                std::optional<PdqProfile>) const override {
    return std::vector<std::vector<Match>>{};
  }

 private:
  Plan plan_;
  std::vector<BankSnapshot> banks_;
};

/// Fills a folder with `n` files of all sorts, some of them in folders.
inline void fill(const TempFolder& folder, int n) {
  for (int i = 0; i < n; ++i) {
    const std::string number = std::to_string(i);
    const std::string where = i % 7 == 0 ? "d" + std::to_string(i % 5) + "/" + number : number;
    switch (i % 6) {
      case 0:
        folder.put(where, "bad " + number);
        break;
      case 1:
        folder.put(where, "text " + number);
        break;
      case 2:
        folder.put(where, "partial 90 100x80 " + number);
        break;
      case 3:
        folder.put(where, "picture 20 100x80 " + number);
        break;
      default:
        folder.put(where, "picture 100 640x480 " + number);
    }
  }
}

}  // namespace semblance::scan_test
