// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>

#include "quality/report.h"

namespace semblance::bench {
namespace {

constexpr int kLeft = 132;  // of the cells
constexpr int kTop = 128;   // of the cells
constexpr int kCellWidth = 74;
constexpr int kCellHeight = 26;
constexpr int kGap = 2;

std::string text(int x, int y, const std::string& words, const char* css, const char* more = "") {
  return "<text x=\"" + std::to_string(x) + "\" y=\"" + std::to_string(y) + "\" class=\"" + css +
         "\"" + more + ">" + words + "</text>\n";
}

std::string percent(double rate, bool all) {
  char buffer[16];
  // 100 is kept for all of them.
  std::snprintf(buffer, sizeof buffer, "%.0f", all ? 100.0 : std::min(99.0, 100.0 * rate));
  return buffer;
}

// From a warm light gray (nothing) to a deep blue (all), in even steps of both schemes of colour.
std::string colour(double rate) {
  const auto mix = [rate](int none, int all) {
    return static_cast<int>(none + rate * (all - none) + 0.5);
  };
  char buffer[16];
  std::snprintf(buffer, sizeof buffer, "#%02x%02x%02x", mix(0xec, 0x0b), mix(0xe7, 0x57),
                mix(0xdf, 0xa8));
  return buffer;
}

std::string cell(int x, int y, const Share& share) {
  const double rate = share.rate();
  std::string out = "<rect x=\"" + std::to_string(x) + "\" y=\"" + std::to_string(y) +
                    "\" width=\"" + std::to_string(kCellWidth - kGap) + "\" height=\"" +
                    std::to_string(kCellHeight - kGap) + "\" rx=\"3\" fill=\"" + colour(rate) +
                    "\"><title>" + std::to_string(share.hits) + " of " + std::to_string(share.of) +
                    "</title></rect>\n";
  return out + text(x + (kCellWidth - kGap) / 2, y + 16, percent(rate, share.hits == share.of),
                    rate > 0.5 ? "on-dark" : "on-light");
}

constexpr const char* kStyle = R"(<style>
  text { font-family: system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif;
         font-size: 13px; fill: #1f2328; }
  .title { font-size: 17px; font-weight: 600; }
  .quiet { fill: #59636e; }
  .row { text-anchor: end; }
  .on-dark { fill: #ffffff; text-anchor: middle; }
  .on-light { fill: #1f2328; text-anchor: middle; }
  .page { fill: #ffffff; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .quiet { fill: #9aa4b2; }
    .on-light { fill: #1f2328; }
    .page { fill: #0d1117; }
  }
</style>
)";

}  // namespace

std::string plot(const std::vector<RuleResult>& results, const std::string& subtitle) {
  const std::vector<std::string> rows = families();
  const int width = kLeft + static_cast<int>(results.size()) * kCellWidth + 70;
  const int height = kTop + static_cast<int>(rows.size()) * kCellHeight + 20;
  std::string out = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " +
                    std::to_string(width) + " " + std::to_string(height) + "\" width=\"" +
                    std::to_string(width) + "\" height=\"" + std::to_string(height) +
                    "\" role=\"img\">\n<title>Recall by class of alteration and rule</title>\n";
  out += kStyle;
  out += "<rect width=\"100%\" height=\"100%\" class=\"page\"/>\n";
  out += text(20, 28, "Altered pictures found, in percent", "title");
  out += text(20, 48, subtitle, "quiet");
  for (std::size_t c = 0; c < results.size(); ++c) {
    const int x = kLeft + static_cast<int>(c) * kCellWidth + kCellWidth / 2 - 8;
    const std::string turn =
        " transform=\"rotate(-28 " + std::to_string(x) + " " + std::to_string(kTop - 10) + ")\"";
    out += text(x, kTop - 10, results[c].rule.name, "words", turn.c_str());
  }
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const int y = kTop + static_cast<int>(r) * kCellHeight;
    out += text(kLeft - 10, y + 16, rows[r], "row");
    for (std::size_t c = 0; c < results.size(); ++c) {
      out +=
          cell(kLeft + static_cast<int>(c) * kCellWidth, y, recall_of_family(results[c], rows[r]));
    }
  }
  return out + "</svg>\n";
}

}  // namespace semblance::bench
