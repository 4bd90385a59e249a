// SPDX-License-Identifier: Apache-2.0
#include "bank_command_line.h"

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "command_line_help.h"
#include "command_line_options.h"
#include "policy_text.h"

namespace semblance::tool {
namespace {

void add_bank_name(CLI::App& app, std::string& bank) {
  app.add_option("NAME", bank, "The bank")->required();
}

std::string standard_probes() {
  std::string text = " [";
  for (const auto& [kind, bits] : default_probes()) {
    text.append(text.size() > 2 ? " " : "").append(name(kind));
    text.append("=").append(std::to_string(bits));
  }
  return text + "; with --entry-windows also window=" + std::to_string(kWindowBits) + "]";
}

}  // namespace

BankCommands::BankCommands(SharedOptions& shared) : shared_(shared) {
  for (std::string* word : {&add_.source, &import_.file, &import_.source, &import_.bad_rows,
                            &export_.output, &create_.policy.purpose, &withdraw_.reason}) {
    shared_.may_be_marked(*word);
  }
}

std::string BankCommands::settle() { return tool::settle(create_.policy, probes_, embeddings_); }

void BankCommands::add(CLI::App& parent) {
  CLI::App* bank = parent.add_subcommand("bank", std::string(kBankHelp));
  bank->set_help_flag("-h,--help", "Print this help");
  bank->require_subcommand(1);
  bank->footer(std::string(kBankFooter));
  add_create(*bank);
  add_add(*bank);
  add_exchange(*bank);
  add_look(*bank);
  add_index(*bank);
}

void BankCommands::add_create(CLI::App& bank) {
  CLI::App& app = shared_.add_command(bank, "create", "Make an empty bank with its policy", create_,
                                      kBankCreateFooter);
  add_bank_name(app, create_.bank);
  add_number(app, "--max-distance", create_.policy.max_distance[SignalKind::kPdq], {.most = 256},
             "Bits, inclusive, up to which PDQ hashes match, 0..256 [31]", "N");
  add_number(app, "--quality-floor", create_.policy.quality_floor, {.most = 100},
             "PDQ hashes of lower quality are not looked up, 0..100 [50]", "N");
  add_parsed_list(app, "--probe", probes_, parse_probe_bits,
                  "Part of a picture that may match beside the whole, and within how many bits: "
                  "trimmed, panel or window; may be repeated; or none" +
                      standard_probes(),
                  "KIND=BITS");
  app.add_flag("--entry-windows", create_.policy.entry_windows,
               "Keep hashes of parts of what is added, by which crops are found");
  app.add_flag("--features", create_.policy.features,
               "Keep local features of what is added, by which any part of it is found");
  add_parsed_list(app, "--embedding", embeddings_, parse_least_cosine,
                  "Keep the embedding by this model of what is added, and the least cosine of a "
                  "match, such as gist=0.80; may be repeated",
                  "MODEL=COSINE");
  app.add_option("--purpose", create_.policy.purpose, "Why this bank may be searched")
      ->option_text("TEXT")
      ->check(storable(kMostTextBytes));
}

void BankCommands::add_add(CLI::App& bank) {
  CLI::App& app = shared_.add_command(bank, "add", "Hash media into entries", add_, kBankAddFooter);
  add_bank_name(app, add_.bank);
  shared_.add_paths(app, add_.paths, "Files and folders; `-` is standard input");
  add_repeatable(app, "--label", add_.labels, "Label of every entry; may be repeated", "LABEL")
      ->check(storable(kMostLabelBytes));
  app.add_option("--source", add_.source, "Where the media come from [local]")
      ->option_text("TEXT")
      ->check(storable(kMostTextBytes));
  shared_.may_be_marked(add_.labels);
  add_expiry(app, add_.expires_at);
  add_profile(app, add_.profile, "What happens before the hash [full]");
  app.add_flag("--keep-undecodable", add_.keep_undecodable,
               "Bank files that cannot be decoded too, by their SHA-256 alone");
  app.add_flag("--tmk", add_.tmk,
               "Bank the TMK of videos too, and compute it of what is scanned from then on");
  add_limits(app, add_.limits);
  shared_.add_models(app);
  shared_.add_work(app);
}

void BankCommands::add_exchange(CLI::App& bank) {
  CLI::App& in =
      shared_.add_command(bank, "import", "Add the hashes of a list", import_, kBankImportFooter);
  add_bank_name(in, import_.bank);
  in.add_option("FILE", import_.file, "The list; `-` is standard input")->required();
  add_parsed(in, "--format", import_.format, parse_list_format,
             "csv, jsonl, hex, threatexchange, tcap, vpdq or tmk [from the first bytes]", "FORMAT");
  in.add_option("--source", import_.source, "Provenance of the entries [the file's name]")
      ->option_text("TEXT")
      ->check(storable(kMostTextBytes));
  add_expiry(in, import_.expires_at);
  add_profile(in, import_.profile, "Profile of PDQ hashes that do not say theirs [full]");
  add_parsed(in, "--kind", import_.bare_kind, parse_signal_kind,
             "Kind of bare hashes in a hex list [by length; 64 digits are PDQ]",
             "pdq|md5|sha1|sha256|sha512");
  in.add_option("--bad-rows", import_.bad_rows, "Write every bad row here, as JSON lines")
      ->option_text("FILE")
      ->check(not_empty);

  CLI::App& out = shared_.add_command(bank, "export", "Write a bank as a list", export_);
  add_bank_name(out, export_.bank);
  add_parsed(out, "--format", export_.format, parse_list_format,
             "csv, jsonl, hex, threatexchange or tcap; of a bank of one video vpdq or tmk [jsonl]",
             "FORMAT");
  out.add_option("--output", export_.output, "Write here [standard output]")
      ->option_text("FILE")
      ->check(not_empty);
}

void BankCommands::add_look(CLI::App& bank) {
  shared_.add_command(bank, "list", "Print every bank, its policy and its counts", list_);

  CLI::App& show = shared_.add_command(bank, "show", "Print the entries of a bank, or one", show_);
  add_bank_name(show, show_.bank);
  add_number(show, "ENTRY", show_.entry, kEntryIds, "Id of the entry [all]", "");
  add_number(show, "--after", show_.after, kEntryIds, "Only entries with a greater id", "ID");
  add_number(show, "--limit", show_.limit, {}, "No more entries than this", "N");

  CLI::App& withdraw = shared_.add_command(
      bank, "withdraw", "Take entries back: they match nothing from then on", withdraw_);
  add_bank_name(withdraw, withdraw_.bank);
  withdraw
      .add_option_function<std::vector<std::string>>(
          "ENTRY",
          [this](const std::vector<std::string>& words) {
            for (const std::string& word : words) {
              const Result<std::uint64_t> id = parse_number(word, kEntryIds);
              if (!id) throw CLI::ValidationError("ENTRY", id.error().what);
              withdraw_.entries.push_back(static_cast<std::int64_t>(*id));
            }
          },
          "Ids of entries")
      ->required();
  withdraw.add_option("--reason", withdraw_.reason, "Why; kept with the entry")
      ->option_text("TEXT")
      ->check(storable(kMostTextBytes));
}

void BankCommands::add_index(CLI::App& bank) {
  CLI::App& app = shared_.add_command(bank, "index",
                                      "Build the index of all banks and keep it beside the store",
                                      index_, kBankIndexFooter);
  app.add_flag("--verify", index_.verify, "Read all of the saved index and check it instead");
}

}  // namespace semblance::tool
