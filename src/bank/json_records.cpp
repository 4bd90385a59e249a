// SPDX-License-Identifier: Apache-2.0
#include "bank/json_records.h"

#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

namespace semblance::bank {
namespace {

using Json = nlohmann::json;

// Builds one JSON value from SAX events. Below kMaxRecordDepth it only counts.
class RecordBuilder {
 public:
  bool building() const noexcept { return !open_.empty() || skipped_ > 0; }
  bool too_deep() const noexcept { return too_deep_; }
  const Json& record() const noexcept { return root_; }
  Json take() { return std::move(root_); }

  void begin() {
    root_ = nullptr;
    open_.clear();
    skipped_ = 0;
    too_deep_ = false;
  }
  void key(std::string& text) {
    if (skipped_ == 0) key_ = std::move(text);
  }
  void value(Json value) {
    if (skipped_ == 0) place(std::move(value));
  }
  void open(Json container) {
    if (skipped_ > 0 || open_.size() == kMaxRecordDepth) {
      ++skipped_;
      too_deep_ = true;
      return;
    }
    open_.push_back(place(std::move(container)));
  }
  void close() {
    if (skipped_ > 0) {
      --skipped_;
    } else {
      open_.pop_back();
    }
  }

 private:
  // Pointers to open containers stay valid: only the innermost grows.
  Json* place(Json value) {
    if (open_.empty()) return &(root_ = std::move(value));
    Json& parent = *open_.back();
    if (parent.is_array()) {
      parent.push_back(std::move(value));
      return &parent.back();
    }
    return &(parent[key_] = std::move(value));
  }

  Json root_;
  std::vector<Json*> open_;
  std::string key_;
  std::size_t skipped_ = 0;
  bool too_deep_ = false;
};

// The library's own words without its tags, which repeat a position we count ourselves.
std::string cause(const Json::exception& thrown) {
  std::string_view words = thrown.what();
  if (const auto tag = words.find("] "); tag != std::string_view::npos)
    words.remove_prefix(tag + 2);
  if (words.starts_with("parse error at line")) {
    if (const auto end = words.find(": "); end != std::string_view::npos) {
      words.remove_prefix(end + 2);
    }
  }
  return printable(words);
}

// Handles the SAX events of one value.
class ValueHandler final : public Json::json_sax_t {
 public:
  bool null() override { return value(nullptr); }
  bool boolean(bool v) override { return value(v); }
  bool number_integer(number_integer_t v) override { return value(v); }
  bool number_unsigned(number_unsigned_t v) override { return value(v); }
  bool number_float(number_float_t v, const string_t&) override { return value(v); }
  bool string(string_t& v) override { return value(std::move(v)); }
  bool binary(binary_t&) override { return false; }  // not in JSON text
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool key(string_t& v) override {
    builder_.key(v);
    return true;
  }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t, const std::string&, const Json::exception& thrown) override {
    error = cause(thrown);
    return false;
  }

  RecordBuilder& builder() { return builder_; }
  std::string error;

 private:
  bool value(Json v) {
    builder_.value(std::move(v));
    return true;
  }
  bool open(Json container) {
    builder_.open(std::move(container));
    return true;
  }
  bool close() {
    builder_.close();
    return true;
  }

  RecordBuilder builder_;
};

// The bytes of a ListInput, as an iterator that ends early where one record grows too large: the
// parser, which keeps a whole text or number in memory, never sees more than that.
class BoundedBytes {
 public:
  explicit BoundedBytes(ListInput& in) : in_(in) {}
  void mark() { marked_ = in_.bytes(); }
  bool over() const { return in_.bytes() - marked_ > kMaxRecordBytes; }
  bool at_end() { return over() || in_.peek() == ListInput::kEnd; }
  ListInput& input() { return in_; }

 private:
  ListInput& in_;
  std::uint64_t marked_ = 0;
};

class ByteIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = char;

  ByteIterator() = default;  // the end
  explicit ByteIterator(BoundedBytes& bytes) : bytes_(&bytes) {}

  char operator*() const { return static_cast<char>(bytes_->input().peek()); }
  ByteIterator& operator++() {
    bytes_->input().take();
    return *this;
  }
  ByteIterator operator++(int) {
    ByteIterator before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const ByteIterator& a, const ByteIterator& b) {
    return a.ended() == b.ended();
  }
  friend bool operator!=(const ByteIterator& a, const ByteIterator& b) { return !(a == b); }

 private:
  bool ended() const { return bytes_ == nullptr || bytes_->at_end(); }
  BoundedBytes* bytes_ = nullptr;
};

// Handles the SAX events of a document: finds the array, and gives its elements to the sink.
class DocumentHandler final : public Json::json_sax_t {
 public:
  DocumentHandler(BoundedBytes& bytes, std::string_view array_key, const RecordSink& sink)
      : bytes_(bytes), array_key_(array_key), sink_(sink) {}

  bool null() override { return value(nullptr); }
  bool boolean(bool v) override { return value(v); }
  bool number_integer(number_integer_t v) override { return value(v); }
  bool number_unsigned(number_unsigned_t v) override { return value(v); }
  bool number_float(number_float_t v, const string_t&) override { return value(v); }
  bool string(string_t& v) override { return value(std::move(v)); }
  bool binary(binary_t&) override { return false; }  // not in JSON text

  bool start_object(std::size_t) override {
    if (in_record()) return open(Json::object());
    ++depth_;
    return true;
  }
  bool start_array(std::size_t) override {
    if (in_record()) return open(Json::array());
    const bool is_the_array = depth_ == 0 || (depth_ == 1 && at_key_);
    ++depth_;
    if (is_the_array) {
      array_depth_ = depth_;
      found = true;
    }
    at_key_ = false;
    return true;
  }
  bool key(string_t& v) override {
    if (builder_.building()) {
      builder_.key(v);
      return true;
    }
    if (depth_ == 1) {
      at_key_ = v == array_key_;
      bytes_.mark();
    }
    return true;
  }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t, const std::string&, const Json::exception& thrown) override {
    error = Error{Errc::kBadFormat, cause(thrown)};
    return false;
  }

  bool found = false;          // the array was met
  std::optional<Error> error;  // of the text, or of the sink
  bool from_sink = false;

 private:
  // Inside the array whose elements are records, or inside one of them.
  bool in_record() const { return array_depth_ != 0 && depth_ >= array_depth_; }

  void begin_if_new() {
    if (builder_.building()) return;
    builder_.begin();
    line_ = bytes_.input().line();
    bytes_.mark();
  }
  bool value(Json v) {
    at_key_ = false;
    if (!in_record()) return true;
    begin_if_new();
    builder_.value(std::move(v));
    return builder_.building() || give();
  }
  bool open(Json container) {
    begin_if_new();
    builder_.open(std::move(container));
    return true;
  }
  bool close() {
    if (builder_.building()) {
      builder_.close();
      return builder_.building() || give();
    }
    if (depth_ == array_depth_) array_depth_ = 0;
    --depth_;
    return true;
  }
  bool give() {
    bytes_.mark();
    auto status = sink_(builder_.record(), line_,
                        builder_.too_deep() ? "a record nested more than 16 deep" : "");
    if (status) return true;
    error = std::move(status).error();
    from_sink = true;
    return false;
  }

  BoundedBytes& bytes_;
  const std::string_view array_key_;
  const RecordSink& sink_;
  RecordBuilder builder_;
  std::size_t depth_ = 0;        // containers open outside records
  std::size_t array_depth_ = 0;  // of the array of records while it is open; 0 otherwise
  bool at_key_ = false;          // the next value is the member that holds the records
  std::uint64_t line_ = 0;
};

Error bad_document(const ListInput& in, std::string_view what) {
  return {Errc::kBadFormat,
          "read list: line " + std::to_string(in.line()) + ": " + std::string(what)};
}

bool skip_space(ListInput& in) {
  for (;;) {
    const int c = in.peek();
    if (c == ListInput::kEnd) return false;
    if (c != ' ' && c != '\t' && c != '\r' && c != '\n') return true;
    in.take();
  }
}

}  // namespace

Status for_each_json_record(ListInput& in, std::string_view array_key, const RecordSink& sink) {
  BoundedBytes bytes(in);
  bool any = false;
  while (skip_space(in)) {
    any = true;
    bytes.mark();
    DocumentHandler handler(bytes, array_key, sink);
    const bool parsed = Json::sax_parse(ByteIterator(bytes), ByteIterator(), &handler,
                                        nlohmann::detail::input_format_t::json, /*strict=*/false);
    if (auto status = in.status(); !status) return status;
    if (handler.from_sink) return *std::move(handler.error);
    if (!parsed && bytes.over()) return bad_document(in, "a record of over 1 MiB");
    if (!parsed) return bad_document(in, handler.error ? handler.error->what : "not JSON");
    if (!handler.found) {
      return bad_document(in, "the document has no array '" + std::string(array_key) + "'");
    }
  }
  if (auto status = in.status(); !status) return status;
  if (!any) return bad_document(in, "the list is empty");
  return ok();
}

Result<Json> parse_json_record(std::string_view text) {
  ValueHandler handler;
  handler.builder().begin();
  if (!Json::sax_parse(text.begin(), text.end(), &handler)) {
    return Error{Errc::kBadFormat, "parse record: " + handler.error};
  }
  if (handler.builder().too_deep()) {
    return Error{Errc::kBadFormat, "parse record: nested more than 16 deep"};
  }
  return handler.builder().take();
}

std::optional<std::string> text_member(const Json& record, const char* key) {
  const auto found = record.find(key);
  if (found == record.end() || !found->is_string()) return std::nullopt;
  return found->get_ref<const std::string&>();
}

std::optional<std::int64_t> integer_member(const Json& record, const char* key) {
  const auto found = record.find(key);
  if (found == record.end() || !found->is_number_integer()) return std::nullopt;
  if (found->is_number_unsigned() && found->get<std::uint64_t>() > INT64_MAX) return std::nullopt;
  return found->get<std::int64_t>();
}

Result<bool> flag_member(const Json& record, const char* key) {
  const auto found = record.find(key);
  if (found == record.end() || found->is_null()) return false;
  if (found->is_boolean()) return found->get<bool>();
  if (*found == "true" || *found == 1) return true;
  if (*found == "false" || *found == 0) return false;
  return Error{Errc::kBadFormat, "'" + std::string(key) + "' is not true or false"};
}

std::optional<std::string> id_member(const Json& record, const char* key) {
  if (auto text = text_member(record, key)) return text;
  const auto found = record.find(key);
  if (found == record.end() || !found->is_number_unsigned()) return std::nullopt;
  return std::to_string(found->get<std::uint64_t>());
}

std::string to_line(const nlohmann::ordered_json& record) {
  return record.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace semblance::bank
