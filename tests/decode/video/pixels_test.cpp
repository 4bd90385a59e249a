// SPDX-License-Identifier: Apache-2.0
#include "decode/video/pixels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "decode/collected_picture.h"

extern "C" {
#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>
}

namespace semblance::decode {
namespace {

/// A frame of random samples; all bytes of its buffers are set.
FramePtr random_frame(AVPixelFormat format, int width, int height) {
  FramePtr frame(av_frame_alloc());
  frame->format = format;
  frame->width = width;
  frame->height = height;
  EXPECT_EQ(av_frame_get_buffer(frame.get(), 0), 0);
  std::mt19937 random(static_cast<unsigned>(format * 1'000 + width));
  for (const AVBufferRef* buffer : frame->buf) {
    if (buffer == nullptr) continue;
    std::generate_n(buffer->data, buffer->size,
                    [&] { return static_cast<std::uint8_t>(random()); });
  }
  return frame;
}

/// The rows that a form gives, without stride.
class Rows final : public RowSink {
 public:
  void begin(const PictureInfo&) override { ADD_FAILURE() << "begin is not for frames"; }
  void rows(const std::uint8_t* first, std::ptrdiff_t stride, std::uint32_t count) override {
    for (std::uint32_t y = 0; y < count; ++y, first += stride) {
      bytes.insert(bytes.end(), first, first + row_bytes);
    }
    given += count;
  }
  std::size_t row_bytes = 0;
  std::uint32_t given = 0;
  ByteVector bytes;
};

ByteVector rgb_of(const AVFrame& frame, RgbForm form, Turn turn, std::uint32_t width,
                  std::uint32_t height) {
  Pixels pixels;
  Rows rows;
  rows.row_bytes = std::size_t{width} * 3;
  const Status given = pixels.rgb(frame, form, turn, rows);
  EXPECT_TRUE(given) << (given ? "" : given.error().what);
  EXPECT_EQ(rows.given, height);
  return rows.bytes;
}

TEST(PixelsTest, LumaThatLiesThereIsNotCopied) {
  struct Case {
    AVPixelFormat format;
    AVColorRange range;
    bool limited;
  };
  for (const Case& c : {Case{AV_PIX_FMT_YUV420P, AVCOL_RANGE_UNSPECIFIED, true},
                        Case{AV_PIX_FMT_YUV420P, AVCOL_RANGE_JPEG, false},
                        Case{AV_PIX_FMT_YUVJ422P, AVCOL_RANGE_UNSPECIFIED, false},
                        Case{AV_PIX_FMT_YUV444P, AVCOL_RANGE_MPEG, true},
                        Case{AV_PIX_FMT_NV12, AVCOL_RANGE_UNSPECIFIED, true},
                        Case{AV_PIX_FMT_YUVA420P, AVCOL_RANGE_UNSPECIFIED, true},
                        Case{AV_PIX_FMT_GRAY8, AVCOL_RANGE_UNSPECIFIED, false}}) {
    const FramePtr frame = random_frame(c.format, 37, 21);
    frame->color_range = c.range;
    Pixels pixels;
    const auto luma = pixels.luma(*frame);
    ASSERT_TRUE(luma) << av_get_pix_fmt_name(c.format);
    EXPECT_EQ(luma->data, frame->data[0]);
    EXPECT_EQ(luma->stride, frame->linesize[0]);
    EXPECT_EQ(luma->width, 37u);
    EXPECT_EQ(luma->height, 21u);
    EXPECT_EQ(luma->limited_range, c.limited) << av_get_pix_fmt_name(c.format);
  }
}

TEST(PixelsTest, WideSamplesAreRoundedToEightBits) {
  for (const AVPixelFormat format :
       {AV_PIX_FMT_YUV420P10LE, AV_PIX_FMT_YUV422P12LE, AV_PIX_FMT_P010LE, AV_PIX_FMT_GRAY16LE}) {
    const AVComponentDescriptor& luma_of = av_pix_fmt_desc_get(format)->comp[0];
    const FramePtr frame = random_frame(format, 64, 8);
    Pixels pixels;
    const auto luma = pixels.luma(*frame);
    ASSERT_TRUE(luma);
    EXPECT_EQ(luma->limited_range, format != AV_PIX_FMT_GRAY16LE);
    for (int y = 0; y < 8; ++y) {
      for (int x = 0; x < 64; ++x) {
        const std::uint8_t* in = frame->data[0] + y * frame->linesize[0] + 2 * x;
        const unsigned mask = (1u << luma_of.depth) - 1;
        const unsigned sample = ((in[0] | in[1] * 256u) >> luma_of.shift) & mask;
        const unsigned wanted =
            std::min(255u, (sample + (1u << (luma_of.depth - 9))) >> (luma_of.depth - 8));
        ASSERT_EQ(luma->data[y * luma->stride + x], wanted) << x << ' ' << y;
      }
    }
  }
}

TEST(PixelsTest, ColoursAreWeighed) {
  for (const AVPixelFormat format :
       {AV_PIX_FMT_RGB24, AV_PIX_FMT_BGRA, AV_PIX_FMT_ARGB, AV_PIX_FMT_BGR0, AV_PIX_FMT_GBRP}) {
    const AVPixFmtDescriptor& layout = *av_pix_fmt_desc_get(format);
    const FramePtr frame = random_frame(format, 33, 5);
    Pixels pixels;
    const auto luma = pixels.luma(*frame);
    ASSERT_TRUE(luma);
    EXPECT_FALSE(luma->limited_range);
    for (int y = 0; y < 5; ++y) {
      for (int x = 0; x < 33; ++x) {
        double wanted = 0;
        for (int i = 0; i < 3; ++i) {
          constexpr double kWeights[] = {0.299, 0.587, 0.114};
          const AVComponentDescriptor& part = layout.comp[i];
          wanted += kWeights[i] * frame->data[part.plane][y * frame->linesize[part.plane] +
                                                          x * part.step + part.offset];
        }
        ASSERT_NEAR(luma->data[y * luma->stride + x], wanted, 0.51) << layout.name;
      }
    }
  }
}

TEST(PixelsTest, OtherPixelsAreConverted) {
  for (const AVPixelFormat format :
       {AV_PIX_FMT_YUYV422, AV_PIX_FMT_UYVY422, AV_PIX_FMT_PAL8, AV_PIX_FMT_MONOBLACK,
        AV_PIX_FMT_RGB565LE, AV_PIX_FMT_YUV420P10BE, AV_PIX_FMT_RGB48LE}) {
    const FramePtr frame = random_frame(format, 50, 30);
    Pixels pixels;
    const auto luma = pixels.luma(*frame);
    ASSERT_TRUE(luma) << av_get_pix_fmt_name(format);
    EXPECT_EQ(luma->width, 50u);
    EXPECT_FALSE(luma->limited_range);
  }
  const FramePtr frame = random_frame(AV_PIX_FMT_GRAY8, 16, 16);
  frame->format = AV_PIX_FMT_VAAPI;  // pixels that lie elsewhere
  Pixels pixels;
  const auto luma = pixels.luma(*frame);
  ASSERT_FALSE(luma);
  EXPECT_EQ(luma.error().code, Errc::kUnsupported);
}

TEST(PixelsTest, AreaScalingIsTheReferencesOwnCall) {
  for (const AVPixelFormat format : {AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUVJ444P, AV_PIX_FMT_YUV422P}) {
    for (const auto& [width, height] : {std::pair{0, 0}, {64, 64}, {128, 96}, {400, 20}}) {
      const FramePtr frame = random_frame(format, 321, 179);
      frame->color_range = AVCOL_RANGE_JPEG;  // which that call does not look at
      frame->colorspace = AVCOL_SPC_BT709;
      const int to_width = width > 0 ? width : frame->width;
      const int to_height = height > 0 ? height : frame->height;
      const ScalerPtr scaler(sws_getContext(frame->width, frame->height, format, to_width,
                                            to_height, AV_PIX_FMT_RGB24, SWS_AREA, nullptr, nullptr,
                                            nullptr));
      const FramePtr wanted = random_frame(AV_PIX_FMT_RGB24, to_width, to_height);
      sws_scale(scaler.get(), frame->data, frame->linesize, 0, frame->height, wanted->data,
                wanted->linesize);
      const auto columns = static_cast<std::uint32_t>(to_width);
      const auto rows = static_cast<std::uint32_t>(to_height);
      RgbForm form{static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height)};
      const ByteVector given = rgb_of(*frame, form, Turn{}, columns, rows);
      for (std::uint32_t y = 0; y < rows; ++y) {
        ASSERT_TRUE(std::equal(given.begin() + y * columns * 3,
                               given.begin() + (y + 1) * columns * 3,
                               wanted->data[0] + static_cast<int>(y) * wanted->linesize[0]))
            << y;
      }
    }
  }
}

TEST(PixelsTest, BicubicScalingTakesTheColoursThatTheFrameStates) {
  const FramePtr frame = random_frame(AV_PIX_FMT_YUV420P, 320, 180);
  const RgbForm form{64, 64, RgbForm::Filter::kBicubic};
  const ByteVector unknown = rgb_of(*frame, form, Turn{}, 64, 64);
  frame->colorspace = AVCOL_SPC_BT709;
  const ByteVector bt709 = rgb_of(*frame, form, Turn{}, 64, 64);
  frame->color_range = AVCOL_RANGE_JPEG;
  const ByteVector full = rgb_of(*frame, form, Turn{}, 64, 64);
  EXPECT_NE(unknown, bt709);
  EXPECT_NE(bt709, full);
  frame->color_range = AVCOL_RANGE_UNSPECIFIED;
  frame->colorspace = AVCOL_SPC_BT470BG;
  EXPECT_EQ(rgb_of(*frame, form, Turn{}, 64, 64), unknown);
}

TEST(PixelsTest, PicturesAreTurned) {
  // 3 x 2 pixels, numbered by their red.
  const FramePtr frame = random_frame(AV_PIX_FMT_RGB24, 3, 2);
  for (int i = 0; i < 6; ++i) {
    frame->data[0][i / 3 * frame->linesize[0] + i % 3 * 3] = static_cast<std::uint8_t>(i);
  }
  struct Case {
    Turn turn;
    std::vector<int> reds;
  };
  const std::vector<Case> cases = {
      {{0, false}, {0, 1, 2, 3, 4, 5}}, {{1, false}, {3, 0, 4, 1, 5, 2}},
      {{2, false}, {5, 4, 3, 2, 1, 0}}, {{3, false}, {2, 5, 1, 4, 0, 3}},
      {{0, true}, {2, 1, 0, 5, 4, 3}},  {{1, true}, {5, 2, 4, 1, 3, 0}},
      {{2, true}, {3, 4, 5, 0, 1, 2}},  {{3, true}, {0, 3, 1, 4, 2, 5}}};
  for (const Case& c : cases) {
    const std::uint32_t width = c.turn.lies_down() ? 2 : 3;
    RgbForm form;
    form.upright = true;
    const ByteVector given = rgb_of(*frame, form, c.turn, width, 6 / width);
    std::vector<int> reds;
    for (std::size_t i = 0; i < given.size(); i += 3) reds.push_back(given[i]);
    EXPECT_EQ(reds, c.reds) << c.turn.quarters << c.turn.mirrored;
  }
}

TEST(PixelsTest, OneConverterServesFramesOfManyKinds) {
  Pixels pixels;
  for (int round = 0; round < 3; ++round) {
    for (const int side : {16, 33, 64, 100, 250, 17, 20, 83, 596}) {
      const FramePtr frame = random_frame(AV_PIX_FMT_YUV420P, side, side + 1);
      Rows rows;
      rows.row_bytes = 3u * static_cast<unsigned>(side);
      ASSERT_TRUE(pixels.rgb(*frame, RgbForm{}, Turn{}, rows));
      EXPECT_EQ(rows.bytes, rgb_of(*frame, RgbForm{}, Turn{}, static_cast<std::uint32_t>(side),
                                   static_cast<std::uint32_t>(side + 1)));
    }
  }
}

/// A stream with a display matrix.
class TurnTest : public testing::Test {
 protected:
  TurnTest() : context_(avformat_alloc_context()) {
    stream_ = avformat_new_stream(context_.get(), nullptr);
  }
  void set_matrix(double clockwise, bool hflip, bool vflip) {
    auto* matrix = reinterpret_cast<std::int32_t*>(
        av_stream_new_side_data(stream_, AV_PKT_DATA_DISPLAYMATRIX, 9 * sizeof(std::int32_t)));
    av_display_rotation_set(matrix, clockwise);
    av_display_matrix_flip(matrix, hflip ? 1 : 0, vflip ? 1 : 0);
  }
  FormatPtr context_;
  AVStream* stream_ = nullptr;
};

TEST_F(TurnTest, MatricesAreRead) {
  EXPECT_EQ(turn_of(*stream_), Turn{});
  EXPECT_EQ(rotation_of(*stream_), 0);
  for (int quarters = 0; quarters < 4; ++quarters) {
    set_matrix(90.0 * quarters, false, false);
    EXPECT_EQ(turn_of(*stream_), (Turn{quarters, false}));
    EXPECT_EQ(rotation_of(*stream_), 90 * quarters);
  }
  set_matrix(0, true, false);
  EXPECT_EQ(turn_of(*stream_), (Turn{0, true}));
  set_matrix(0, false, true);  // top and bottom: half a turn of left and right
  EXPECT_EQ(turn_of(*stream_), (Turn{2, true}));
  set_matrix(33, false, false);
  EXPECT_EQ(turn_of(*stream_), Turn{});
  EXPECT_EQ(rotation_of(*stream_), 33);
}

TEST_F(TurnTest, HostileMatricesAreHarmless) {
  auto* matrix = reinterpret_cast<std::int32_t*>(
      av_stream_new_side_data(stream_, AV_PKT_DATA_DISPLAYMATRIX, 9 * sizeof(std::int32_t)));
  for (const std::int32_t value : {INT32_MIN, INT32_MAX, 0, -1}) {
    for (int mask = 0; mask < 32; ++mask) {
      for (int i = 0; i < 5; ++i) matrix[i] = (mask >> i & 1) != 0 ? value : 1;
      const Turn turn = turn_of(*stream_);
      EXPECT_TRUE(turn.quarters >= 0 && turn.quarters < 4);
      EXPECT_TRUE(rotation_of(*stream_) >= 0 && rotation_of(*stream_) < 360);
    }
  }
}

}  // namespace
}  // namespace semblance::decode
