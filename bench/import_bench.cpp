// SPDX-License-Identifier: Apache-2.0
// Question: rows/s of a CSV list of 1,000,000 rows into a fresh store, beside the floor: the same
// values into one table of SQLite without index, label or provenance, in batches of the same size.
// Half of the rows are PDQ, the rest MD5, SHA-1 and SHA-256; each has one label.
//
// Usage: import_bench [ROWS [FOLDER]]; the databases are made in FOLDER (default: the folder for
// temporary files) and removed.
#include <sqlite3.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "semblance/exchange.h"

namespace semblance {
namespace {

constexpr std::size_t kBatch = 50'000;
constexpr std::array kKinds = {SignalKind::kPdq,  SignalKind::kMd5, SignalKind::kPdq,
                               SignalKind::kSha1, SignalKind::kPdq, SignalKind::kSha256};

// Wall clock, and the processor time of this thread: on a busy machine the second tells more.
struct Took {
  double wall_s = 0;
  double cpu_s = 0;
};

double thread_cpu_s() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

template <class Work>
Took time_of(Work&& work) {
  const auto start = std::chrono::steady_clock::now();
  const double cpu_start = thread_cpu_s();
  work();
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
  return {wall.count(), thread_cpu_s() - cpu_start};
}

void print(const char* what, const Took& took) {
  std::printf("%-24s %8.2f s wall %8.2f s cpu\n", what, took.wall_s, took.cpu_s);
}

std::vector<SignalValue> random_values(std::size_t rows) {
  std::mt19937_64 rng(1);
  std::vector<SignalValue> values(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    values[i].kind = kKinds[i % kKinds.size()];
    values[i].bytes.resize(value_bytes(values[i].kind));
    for (auto& byte : values[i].bytes) byte = static_cast<std::uint8_t>(rng());
  }
  return values;
}

void write_csv(const std::filesystem::path& path, const std::vector<SignalValue>& values) {
  std::ofstream out(path, std::ios::binary);
  for (const SignalValue& value : values) {
    out << name(value.kind) << ',' << to_hex(value.bytes) << ",group:example\n";
  }
}

// The floor. Returns whether every row went in.
bool insert_plainly(const std::filesystem::path& path, const std::vector<SignalValue>& values) {
  sqlite3* db = nullptr;
  sqlite3_stmt* insert = nullptr;
  bool good = sqlite3_open(path.c_str(), &db) == SQLITE_OK;
  const auto run = [&](const char* sql) {
    good = good && sqlite3_exec(db, sql, nullptr, nullptr, nullptr) == SQLITE_OK;
  };
  run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
      "CREATE TABLE hashes(kind INTEGER, value BLOB)");
  good = good && sqlite3_prepare_v2(db, "INSERT INTO hashes VALUES(?,?)", -1, &insert, nullptr) ==
                     SQLITE_OK;
  for (std::size_t i = 0; good && i < values.size(); ++i) {
    if (i % kBatch == 0) run(i == 0 ? "BEGIN" : "COMMIT; BEGIN");
    sqlite3_bind_int(insert, 1, static_cast<int>(values[i].kind));
    sqlite3_bind_blob(insert, 2, values[i].bytes.data(), static_cast<int>(values[i].bytes.size()),
                      SQLITE_STATIC);
    good = good && sqlite3_step(insert) == SQLITE_DONE;
    sqlite3_reset(insert);
  }
  run("COMMIT");
  sqlite3_finalize(insert);
  sqlite3_close(db);
  return good;
}

// The import. Returns whether every row became an entry.
bool import_csv(const std::filesystem::path& csv, const std::filesystem::path& store_path,
                std::size_t rows) {
  auto store = open_store(store_path.string(), true);
  if (!store || !(*store)->create_bank("bench", {})) return false;
  std::ifstream in(csv, std::ios::binary);
  ImportOptions options;
  options.source = "bench";
  options.batch = kBatch;
  const auto report = import_list(**store, "bench", in, ListFormat::kCsv, options, {});
  return report && report->added == rows && report->rows == rows;
}

int run(std::size_t rows, const std::filesystem::path& folder) {
  const auto csv = folder / "list.csv";
  const auto values = random_values(rows);
  write_csv(csv, values);
  bool plain_good = false;
  bool import_good = false;
  const Took plain = time_of([&] { plain_good = insert_plainly(folder / "plain.db", values); });
  const Took import = time_of([&] { import_good = import_csv(csv, folder / "store.db", rows); });
  if (!plain_good || !import_good) {
    std::fprintf(stderr, "import_bench: not every row arrived: not timed\n");
    return 2;
  }
  print("floor, plain inserts", plain);
  print("import of CSV", import);
  std::printf("import: %.0f rows/s; %.1f times the floor by wall, %.1f by cpu\n",
              static_cast<double>(rows) / import.wall_s, import.wall_s / plain.wall_s,
              import.cpu_s / plain.cpu_s);

  const Took digest = time_of([&] {
    auto store = open_store((folder / "store.db").string(), false);
    import_good = store && (*store)->content_digest("bench");
  });
  const Took index = time_of([&] {
    std::size_t hashes = 0;
    auto store = open_store((folder / "store.db").string(), false);
    import_good = import_good && store &&
                  (*store)->for_each_pdq(0, [&](const IndexedSignal&) { return ++hashes > 0; }) &&
                  hashes == (rows + 1) / 2;
  });
  const Took counts = time_of([&] {
    auto store = open_store((folder / "store.db").string(), false);
    import_good = import_good && store && (*store)->find_bank("bench");
  });
  print("content digest", digest);
  print("reading all PDQ", index);
  print("counting the bank", counts);
  return import_good ? 0 : 2;
}

}  // namespace
}  // namespace semblance

int main(int argc, char** argv) {
  std::size_t rows = 1'000'000;
  if (argc > 1) {
    const std::string_view text = argv[1];
    if (std::from_chars(text.begin(), text.end(), rows).ec != std::errc() || rows == 0) return 1;
  }
  const auto base =
      argc > 2 ? std::filesystem::path(argv[2]) : std::filesystem::temp_directory_path();
  std::string folder = (base / "import_bench.XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) {
    std::fprintf(stderr, "import_bench: cannot make a folder in %s\n", base.c_str());
    return 2;
  }
  const int status = semblance::run(rows, folder);
  std::filesystem::remove_all(folder);
  return status;
}
