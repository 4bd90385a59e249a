// SPDX-License-Identifier: Apache-2.0
// A model that OpenCV's dnn module runs.
#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <exception>
#include <filesystem>
#include <mutex>
#include <opencv2/core.hpp>
#include <opencv2/core/ocl.hpp>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/dnn.hpp>
#include <utility>

#include "core/digest.h"
#include "core/files.h"
#include "hash/embedding/descriptor.h"
#include "hash/embedding/embedder.h"
#include "hash/embedding/fitted_picture.h"
#include "hash/embedding/model_description.h"

namespace semblance::hash {
namespace {

// Pictures that go through a model together, at most: what a batch needs in memory grows with it.
constexpr std::size_t kMostTogether = 16;

// How far an embedding of a batch may be from that of its picture alone, a value.
constexpr float kTolerance = 1e-4F;

// How far from 1 the length may be of what a model gives that normalises by itself.
constexpr double kUnitTolerance = 0.01;

// For the process: a call runs in its caller's thread, and writes nothing to the standard error.
void set_up_opencv() {
  static std::once_flag once;
  std::call_once(once, [] {
    cv::setNumThreads(1);
    cv::ocl::setUseOpenCL(false);
    cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
  });
}

Error unsupported(const std::string& subject, std::string_view words) {
  std::string line(words.substr(0, words.find('\n')));
  return {Errc::kUnsupported, subject + ": " + line};
}

using Vectors = std::vector<std::vector<float>>;

class Model final : public Embedder {
 public:
  Model(ModelDescription description, std::string subject)
      : description_(std::move(description)),
        id_{description_.name, version_of(description_), description_.dimensions},
        subject_(std::move(subject)) {
    for (std::size_t c = 0; c < description_.channel_count(); ++c) {
      for (std::size_t v = 0; v < kLevels; ++v) {
        levels_[c][v] = static_cast<float>(
            (static_cast<double>(v) / (kLevels - 1) - description_.mean[c]) / description_.std[c]);
      }
    }
  }

  // Reads the weights and tries them out.
  Status open(const std::string& weights) {
    if (auto loaded = load(weights); !loaded) return loaded;
    const auto outputs = net_.getUnconnectedOutLayersNames();
    if (std::ranges::find(outputs, description_.output) == outputs.end()) {
      std::string names;
      for (const std::string& name : outputs) names += " \"" + name + "\"";
      return Error{Errc::kBadFormat, "open " + subject_ + ": field \"output\" is \"" +
                                         description_.output + "\"; the model has" + names};
    }
    auto together = try_out();
    if (!together) return std::move(together).error();
    together_ = *together ? kMostTogether : 1;
    return *together ? ok() : load(weights);  // what could not take two may be left half set up
  }

  const EmbedderId& id() const noexcept override { return id_; }

  Result<Vectors> embed(std::span<const Raster> pictures) override {
    std::vector<std::size_t> shown;  // those with structure
    for (std::size_t n = 0; n < pictures.size(); ++n) {
      if (auto checked = check(pictures[n]); !checked) return std::move(checked).error();
      if (has_structure(make_small(pictures[n]))) shown.push_back(n);
    }
    Vectors vectors(pictures.size());
    for (std::size_t at = 0; at < shown.size(); at += together_) {
      const std::size_t count = std::min(together_, shown.size() - at);
      cv::Mat batch = make_batch(count);
      for (std::size_t k = 0; k < count; ++k) fill(batch, k, pictures[shown[at + k]]);
      auto made = run(batch, count);
      if (!made) return std::move(made).error();
      for (std::size_t k = 0; k < count; ++k) vectors[shown[at + k]] = std::move((*made)[k]);
    }
    return vectors;
  }

 private:
  static constexpr std::size_t kLevels = 256;

  Status load(const std::string& weights) try {
    net_ = cv::dnn::readNetFromONNX(weights.data(), weights.size());
    net_.setPreferableBackend(cv::dnn::DNN_BACKEND_OPENCV);
    net_.setPreferableTarget(cv::dnn::DNN_TARGET_CPU);
    if (net_.empty()) return unsupported("open " + subject_, "the model is empty");
    return ok();
  } catch (const cv::Exception& thrown) {
    return unsupported("open " + subject_, thrown.err);
  } catch (const std::exception& thrown) {  // of protobuf, or no memory
    return unsupported("open " + subject_, thrown.what());
  }

  // Whether the model takes two pictures at once and gives for them what it gives for each: some
  // are written for a batch of one, and give an error or nonsense.
  Result<bool> try_out() {
    std::array<Raster, 2> samples;
    for (std::size_t n = 0; n < samples.size(); ++n) samples[n] = pattern(n + 1);
    Vectors alone;
    for (const Raster& sample : samples) {
      cv::Mat batch = make_batch(1);
      fill(batch, 0, sample);
      auto made = run(batch, 1);
      if (!made) return std::move(made).error();
      alone.push_back(std::move(made->front()));
    }
    cv::Mat batch = make_batch(samples.size());
    for (std::size_t n = 0; n < samples.size(); ++n) fill(batch, n, samples[n]);
    const auto made = run(batch, samples.size());
    if (!made) return false;
    for (std::size_t n = 0; n < samples.size(); ++n) {
      for (std::size_t d = 0; d < id_.dimension; ++d) {
        if (!(std::abs((*made)[n][d] - alone[n][d]) <= kTolerance)) return false;
      }
    }
    return true;
  }

  // A picture of the input's size that no other `number` resembles.
  Raster pattern(std::size_t number) const {
    Raster raster{description_.width, description_.height, 1, {}};
    for (std::size_t y = 0; y < raster.height; ++y) {
      for (std::size_t x = 0; x < raster.width; ++x) {
        raster.samples.push_back(static_cast<std::uint8_t>(x * number * 5 + y * (number + 7)));
      }
    }
    return raster;
  }

  cv::Mat make_batch(std::size_t count) const {
    const std::array<int, 4> shape = {
        static_cast<int>(count), static_cast<int>(description_.channel_count()),
        static_cast<int>(description_.height), static_cast<int>(description_.width)};
    return cv::Mat(static_cast<int>(shape.size()), shape.data(), CV_32F, cv::Scalar(0));
  }

  // Writes a picture to its place in a batch; what it leaves free is 0, as the mean is.
  void fill(cv::Mat& batch, std::size_t place, const Raster& picture) const {
    const FittedPicture fitted =
        fit_picture(picture, description_.width, description_.height, description_.resize);
    const Raster& shown = fitted.picture;
    const std::size_t plane = std::size_t{description_.width} * description_.height;
    float* first = batch.ptr<float>(static_cast<int>(place));
    for (std::size_t c = 0; c < description_.channel_count(); ++c) {
      for (std::size_t y = 0; y < shown.height; ++y) {
        const std::uint8_t* from = shown.row(y);
        float* to = first + c * plane + (fitted.top + y) * description_.width + fitted.left;
        for (std::size_t x = 0; x < shown.width; ++x) to[x] = levels_[c][sample(shown, from, x, c)];
      }
    }
  }

  std::uint8_t sample(const Raster& shown, const std::uint8_t* row, std::size_t x,
                      std::size_t channel) const {
    if (shown.channels == 1) return row[x];
    const std::uint8_t* pixel = row + 3 * x;
    switch (description_.channels) {
      case ChannelOrder::kRgb:
        return pixel[channel];
      case ChannelOrder::kBgr:
        return pixel[2 - channel];
      case ChannelOrder::kGray:
        break;
    }
    // BT.601's luma, to the nearest.
    return static_cast<std::uint8_t>(
        (19'595 * pixel[0] + 38'470 * pixel[1] + 7'471 * pixel[2] + (1 << 15)) >> 16);
  }

  Result<Vectors> run(const cv::Mat& batch, std::size_t count) try {
    net_.setInput(batch);
    const cv::Mat output = net_.forward(description_.output);
    if (output.type() != CV_32F || !output.isContinuous() || output.dims < 1 ||
        output.size[0] != static_cast<int>(count) ||
        output.total() != count * description_.dimensions) {
      return Error{Errc::kBadFormat, "run " + subject_ + ": field \"dimensions\" is " +
                                         std::to_string(description_.dimensions) +
                                         "; the model gave " + std::to_string(output.total()) +
                                         " values for " + std::to_string(count)};
    }
    Vectors vectors;
    const float* values = output.ptr<float>();
    for (std::size_t n = 0; n < count; ++n, values += description_.dimensions) {
      auto& vector = vectors.emplace_back(values, values + description_.dimensions);
      if (auto scaled = to_length_one(vector); !scaled) return std::move(scaled).error();
    }
    return vectors;
  } catch (const cv::Exception& thrown) {
    return unsupported("run " + subject_, thrown.err);
  } catch (const std::exception& thrown) {
    return unsupported("run " + subject_, thrown.what());
  }

  Status to_length_one(std::vector<float>& vector) const {
    const auto length = std::sqrt(static_cast<double>(cosine(vector, vector)));
    if (auto scaled = normalise(vector); !scaled) {
      return unsupported("run " + subject_, scaled.error().what);
    }
    const bool own = description_.normalisation == Normalisation::kModel;
    if (own && !(std::abs(length - 1) <= kUnitTolerance)) {
      return Error{Errc::kBadFormat, "run " + subject_ +
                                         ": field \"normalisation\" is \"model\"; the model gave a "
                                         "vector of length " +
                                         std::to_string(length)};
    }
    return ok();
  }

  ModelDescription description_;
  EmbedderId id_;
  std::string subject_;                                 // the file of the weights, for errors
  std::array<std::array<float, kLevels>, 3> levels_{};  // what a model gets for each sample
  cv::dnn::Net net_;
  std::size_t together_ = 1;
};

Error as_not_found(Error error) {
  if (error.native == ENOENT) error.code = Errc::kNotFound;
  return error;
}

// The bytes of the weights, if they are those that the description means.
Result<std::string> read_weights(const std::string& path, const std::string& sha256) {
  std::error_code failed;
  const auto status = std::filesystem::symlink_status(path, failed);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    return Error{Errc::kBadFormat, "open " + path + ": field \"weights\" names no plain file"};
  }
  auto bytes = read_file(path, kMaxWeightBytes);
  if (!bytes) return as_not_found(std::move(bytes).error());
  const std::string digest = sha256_hex(*bytes);
  if (digest != sha256) {
    return Error{Errc::kMismatch,
                 "open " + path + ": its SHA-256 is " + digest + ", the description's " + sha256};
  }
  return bytes;
}

}  // namespace

Result<std::unique_ptr<Embedder>> open_model(const std::string& description) {
  set_up_opencv();
  const auto text = read_file(description, kMaxDescriptionBytes);
  if (!text) return as_not_found(text.error());
  auto parsed = parse_model_description(*text, description);
  if (!parsed) return std::move(parsed).error();
  const std::string path =
      (std::filesystem::path(description).parent_path() / parsed->weights).string();
  const auto weights = read_weights(path, parsed->sha256);
  if (!weights) return weights.error();
  auto model = std::make_unique<Model>(*std::move(parsed), path);
  if (auto opened = model->open(*weights); !opened) return std::move(opened).error();
  return std::unique_ptr<Embedder>(std::move(model));
}

}  // namespace semblance::hash
