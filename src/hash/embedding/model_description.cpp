// SPDX-License-Identifier: Apache-2.0
#include "hash/embedding/model_description.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "core/digest.h"
#include "semblance/embedding.h"

namespace semblance::hash {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxTextLength = 255;
constexpr int kDeepest = 2;  // an object with arrays in it

template <class T>
struct Word {
  std::string_view text;
  T value;
};
constexpr std::array kFits = {Word<Fit>{"stretch", Fit::kStretch}, Word<Fit>{"crop", Fit::kCrop},
                              Word<Fit>{"pad", Fit::kPad}};
constexpr std::array kOrders = {Word<ChannelOrder>{"rgb", ChannelOrder::kRgb},
                                Word<ChannelOrder>{"bgr", ChannelOrder::kBgr},
                                Word<ChannelOrder>{"gray", ChannelOrder::kGray}};
constexpr std::array kNormalisations = {Word<Normalisation>{"l2", Normalisation::kL2},
                                        Word<Normalisation>{"model", Normalisation::kModel}};

// The library's words on one line, without bytes that are not plain text.
std::string plain(std::string_view words) {
  std::string out(words);
  for (char& c : out) {
    if (c < ' ' || c > '~') c = '?';
  }
  return out;
}

// Takes the fields out of an object one by one; the first that is wrong is remembered.
class Fields {
 public:
  explicit Fields(Json object) : object_(std::move(object)) {}

  std::string text(const char* field) {
    const Json value = take(field);
    if (!value.is_string()) return wrong(field, "is not a text"), std::string();
    auto words = value.get<std::string>();
    if (words.empty() || words.size() > kMaxTextLength) {
      wrong(field, "is not of 1 to " + std::to_string(kMaxTextLength) + " bytes");
    }
    return words;
  }

  std::uint32_t count(const char* field, std::uint32_t most) {
    const Json value = take(field);
    if (value.is_number_unsigned()) {
      const auto number = value.get<std::uint64_t>();
      if (number >= 1 && number <= most) return static_cast<std::uint32_t>(number);
    }
    wrong(field, "is not a whole number of 1 to " + std::to_string(most));
    return 1;
  }

  template <class Words>
  auto word(const char* field, const Words& words) {
    const std::string found = text(field);
    const auto at = std::ranges::find(words, found, [](const auto& w) { return w.text; });
    if (at != words.end()) return at->value;
    std::string all;
    for (const auto& w : words) all.append(all.empty() ? "" : ", ").append(w.text);
    wrong(field, "is none of " + all);
    return words.front().value;
  }

  std::vector<double> numbers(const char* field, std::size_t size, double least) {
    const Json value = take(field);
    std::vector<double> out;
    if (value.is_array() && value.size() == size) {
      for (const Json& item : value) {
        if (!item.is_number()) break;
        const double number = item.get<double>();
        if (!(number >= least && number <= kLargest)) break;
        out.push_back(number);
      }
    }
    if (out.size() != size) {
      wrong(field, "is not an array of " + std::to_string(size) + " numbers" +
                       (least > 0 ? " above 0" : "") + " of a fitting size");
      out.assign(size, 1);
    }
    return out;
  }

  void wrong(const char* field, const std::string& why) {
    if (!wrong_) wrong_ = std::string("field \"") + field + "\" " + why;
  }

  // What is wrong, if anything: a field that nobody took counts too.
  std::optional<std::string> end() {
    if (!wrong_ && !object_.empty()) {
      wrong_ = "field \"" + plain(object_.begin().key()) + "\" is unknown";
    }
    return wrong_;
  }

  static constexpr double kLargest = 1e6;
  static constexpr double kSmallest = 1e-6;

 private:
  Json take(const char* field) {
    const auto at = object_.find(field);
    if (at == object_.end()) return wrong(field, "is missing"), Json();
    Json value = std::move(*at);
    object_.erase(at);
    return value;
  }

  Json object_;
  std::optional<std::string> wrong_;
};

// The object that a text holds, or why it holds none.
Result<Json> parse_object(std::string_view text, const std::string& subject) {
  const auto error = [&subject](const std::string& why) {
    return Error{Errc::kBadFormat, "read " + subject + ": " + why};
  };
  std::set<std::string> seen;
  std::string repeated;
  bool too_deep = false;
  const auto look = [&](int depth, Json::parse_event_t event, Json& value) {
    if (event == Json::parse_event_t::key && depth == 1 &&
        !seen.insert(value.get<std::string>()).second) {
      repeated = value.get<std::string>();
    }
    const bool opens =
        event == Json::parse_event_t::object_start || event == Json::parse_event_t::array_start;
    too_deep = too_deep || (opens && depth >= kDeepest);
    return !too_deep;
  };
  try {
    Json object = Json::parse(text, look);
    if (too_deep) return error("more is nested than a description has");
    if (!repeated.empty()) return error("field \"" + plain(repeated) + "\" is there twice");
    if (!object.is_object()) return error("is not a JSON object");
    return object;
  } catch (const Json::exception& thrown) {
    return error(plain(thrown.what()));
  }
}

bool is_digest(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// A plain name: nothing that a path is made of.
bool is_file_name(const std::string& text) {
  return text != "." && text != ".." && text.find_first_of(std::string("/\\\0", 3)) == text.npos;
}

template <class T, std::size_t N>
std::string_view text_of(const std::array<Word<T>, N>& words, T value) {
  return std::ranges::find(words, value, &Word<T>::value)->text;
}

}  // namespace

Result<ModelDescription> parse_model_description(std::string_view text,
                                                 const std::string& subject) {
  auto object = parse_object(text, subject);
  if (!object) return std::move(object).error();
  Fields fields(*std::move(object));
  ModelDescription d;
  d.name = fields.text("name");
  if (!is_model_name(d.name)) {
    fields.wrong("name", "is not of 1 to 64 of a to z, 0 to 9, '.', '_' and '-'");
  }
  d.weights = fields.text("weights");
  if (!is_file_name(d.weights)) {
    fields.wrong("weights", "is not the name of a file beside the description");
  }
  d.sha256 = fields.text("sha256");
  if (!is_digest(d.sha256)) fields.wrong("sha256", "is not of 64 lower-case hex digits");
  d.width = fields.count("width", kMaxInputSide);
  d.height = fields.count("height", kMaxInputSide);
  d.resize = fields.word("resize", kFits);
  d.channels = fields.word("channels", kOrders);
  const std::size_t channels = d.channels == ChannelOrder::kGray ? 1 : 3;
  d.mean = fields.numbers("mean", channels, -Fields::kLargest);
  d.std = fields.numbers("std", channels, Fields::kSmallest);
  d.output = fields.text("output");
  d.dimensions = fields.count("dimensions", std::uint32_t{kMaxDimension});
  d.normalisation = fields.word("normalisation", kNormalisations);
  if (const auto wrong = fields.end()) {
    return Error{Errc::kBadFormat, "read " + subject + ": " + *wrong};
  }
  return d;
}

std::string version_of(const ModelDescription& d) {
  const Json prepared = {d.width,
                         d.height,
                         text_of(kFits, d.resize),
                         text_of(kOrders, d.channels),
                         d.mean,
                         d.std,
                         d.output,
                         d.dimensions,
                         text_of(kNormalisations, d.normalisation)};
  // Not UTF-8 in the output's name: replaced, since a dump would throw.
  const std::string text = prepared.dump(-1, ' ', true, Json::error_handler_t::replace);
  return "sha256:" + d.sha256 + "+" + sha256_hex(text).substr(0, 16);
}

}  // namespace semblance::hash
