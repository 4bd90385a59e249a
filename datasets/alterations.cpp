// SPDX-License-Identifier: Apache-2.0
#include "datasets/alterations.h"

#include <algorithm>

#include "datasets/geometry.h"
#include "datasets/tone.h"

namespace semblance::datasets {
namespace {

constexpr Encoding jpeg(int quality, JpegColour colour = JpegColour::k420,
                        bool progressive = false) {
  return {FileFormat::kJpeg, quality, colour, progressive, false};
}
constexpr Encoding webp(int quality) {
  return {FileFormat::kWebp, quality, JpegColour::k420, false, false};
}
constexpr Encoding kWebpLossless{FileFormat::kWebp, 100, JpegColour::k420, false, true};
constexpr Encoding kPng{FileFormat::kPng};
constexpr Encoding kTiff{FileFormat::kTiff};
constexpr Encoding kBmp{FileFormat::kBmp};
constexpr Encoding kGif{FileFormat::kGif};

// A picture's alteration that needs no chance. Its arguments are whole numbers: not every compiler
// takes fractions as template arguments.
template <auto Function, int... Arguments>
Picture apply(const Picture& original, Random& /*random*/) {
  return Function(original, Arguments...);
}

Picture unchanged(const Picture& original, Random& /*random*/) { return original; }

template <Transform kTransform>
Picture symmetry(const Picture& original, Random& /*random*/) {
  return transformed(original, kTransform);
}

constexpr bool kWithin = true;
constexpr bool kBeyond = false;

constexpr Alteration kAlterations[] = {
    // Other files of the same pixels.
    {"png", kWithin, kPng, unchanged},
    {"bmp", kWithin, kBmp, unchanged},
    {"tiff", kWithin, kTiff, unchanged},
    {"webp-lossless", kWithin, kWebpLossless, unchanged},
    // Lossy encodings.
    {"jpeg-90", kWithin, jpeg(90), unchanged},
    {"jpeg-70", kWithin, jpeg(70), unchanged},
    {"jpeg-50", kWithin, jpeg(50), unchanged},
    {"jpeg-30", kWithin, jpeg(30), unchanged},
    {"jpeg-10", kWithin, jpeg(10), unchanged},
    {"jpeg-progressive", kWithin, jpeg(80, JpegColour::k420, true), unchanged},
    {"jpeg-422", kWithin, jpeg(80, JpegColour::k422), unchanged},
    {"jpeg-444", kWithin, jpeg(80, JpegColour::k444), unchanged},
    {"jpeg-gray", kWithin, jpeg(80, JpegColour::kGray), unchanged},
    {"jpeg-cmyk", kWithin, jpeg(80, JpegColour::kCmyk), unchanged},
    {"webp-75", kWithin, webp(75), unchanged},
    {"webp-30", kWithin, webp(30), unchanged},
    {"gif", kWithin, kGif, unchanged},
    // Size.
    {"half-size", kWithin, jpeg(85),
     [](const Picture& p, Random& /*r*/) { return rescale(p, 0.5); }},
    {"quarter-size", kBeyond, jpeg(85),
     [](const Picture& p, Random& /*r*/) { return rescale(p, 0.25); }},
    {"larger", kWithin, jpeg(85), [](const Picture& p, Random& /*r*/) { return rescale(p, 1.5); }},
    {"square", kWithin, jpeg(85),
     [](const Picture& p, Random& /*r*/) { return resize(p, 256, 256); }},
    // Light and colour.
    {"brighter", kWithin, jpeg(85),
     [](const Picture& p, Random& /*r*/) { return brightened(p, 1.2F); }},
    {"darker", kWithin, jpeg(85),
     [](const Picture& p, Random& /*r*/) { return brightened(p, 0.6F); }},
    {"more-contrast", kWithin, jpeg(85),
     [](const Picture& p, Random& /*r*/) { return contrasted(p, 1.3F); }},
    {"less-contrast", kWithin, jpeg(85),
     [](const Picture& p, Random& /*r*/) { return contrasted(p, 0.6F); }},
    {"gamma-0.75", kWithin, jpeg(85), apply<gamma_adjusted, 3>},
    {"gamma-1.25", kWithin, jpeg(85), apply<gamma_adjusted, 5>},
    {"gamma-1.75", kBeyond, jpeg(85), apply<gamma_adjusted, 7>},
    {"gray", kWithin, jpeg(85), [](const Picture& p, Random& /*r*/) { return saturated(p, 0.0F); }},
    {"vivid", kWithin, jpeg(85),
     [](const Picture& p, Random& /*r*/) { return saturated(p, 1.6F); }},
    {"negative", kBeyond, jpeg(85), apply<inverted>},
    // Sharpness and noise.
    {"blur-1px", kWithin, jpeg(85), apply<blurred, 2>},
    {"blur-3px", kWithin, jpeg(85), apply<blurred, 18>},
    {"sharper", kWithin, jpeg(85),
     [](const Picture& p, Random& /*r*/) { return sharpened(p, 1.0F); }},
    {"noise-6", kWithin, jpeg(85), [](const Picture& p, Random& r) { return noisy(p, 6.0F, r); }},
    {"noise-16", kWithin, kPng, [](const Picture& p, Random& r) { return noisy(p, 16.0F, r); }},
    // Symmetries: the query's eight transforms find them.
    {"rot90", kWithin, jpeg(85), symmetry<Transform::kRot90>},
    {"rot180", kWithin, jpeg(85), symmetry<Transform::kRot180>},
    {"rot270", kWithin, jpeg(85), symmetry<Transform::kRot270>},
    {"flipx", kWithin, jpeg(85), symmetry<Transform::kFlipX>},
    {"flipy", kWithin, jpeg(85), symmetry<Transform::kFlipY>},
    {"flipplus1", kWithin, jpeg(85), symmetry<Transform::kFlipPlus1>},
    {"flipminus1", kWithin, jpeg(85), symmetry<Transform::kFlipMinus1>},
    // Marks and frames.
    {"watermark-5", kWithin, jpeg(85),
     [](const Picture& p, Random& r) { return watermarked(p, 0.05, r); }},
    {"watermark-10", kBeyond, jpeg(85),
     [](const Picture& p, Random& r) { return watermarked(p, 0.1, r); }},
    {"caption", kBeyond, jpeg(85),
     [](const Picture& p, Random& r) { return captioned(p, 0.08, r); }},
    {"frame-0.5", kWithin, jpeg(85),
     [](const Picture& p, Random& /*r*/) { return framed(p, 0.005, 0); }},
    {"frame-1", kBeyond, jpeg(85),
     [](const Picture& p, Random& /*r*/) { return framed(p, 0.01, 0); }},
    {"frame-5", kBeyond, jpeg(85),
     [](const Picture& p, Random& /*r*/) { return framed(p, 0.05, 0); }},
    {"letterbox", kBeyond, jpeg(85),
     [](const Picture& p, Random& /*r*/) { return letterboxed(p, 0.1); }},
    {"page", kBeyond, jpeg(85), apply<on_a_page>},
    // Cutting and turning.
    {"crop-0.5", kWithin, jpeg(85),
     [](const Picture& p, Random& /*r*/) { return cropped(p, 0.005); }},
    {"crop-1", kBeyond, jpeg(85), [](const Picture& p, Random& /*r*/) { return cropped(p, 0.01); }},
    {"crop-2", kBeyond, jpeg(85), [](const Picture& p, Random& /*r*/) { return cropped(p, 0.02); }},
    {"crop-10", kBeyond, jpeg(85), [](const Picture& p, Random& /*r*/) { return cropped(p, 0.1); }},
    {"turn-1deg", kBeyond, jpeg(85),
     [](const Picture& p, Random& /*r*/) { return turned(p, 1.0 / 360.0); }},
    {"turn-5deg", kBeyond, jpeg(85),
     [](const Picture& p, Random& /*r*/) { return turned(p, 5.0 / 360.0); }},
    // What happens on the way through several hands.
    {"reshared", kWithin, jpeg(60),
     [](const Picture& p, Random& /*r*/) { return brightened(rescale(p, 0.75), 1.1F); }},
    {"mirrored-small", kWithin, webp(60),
     [](const Picture& p, Random& /*r*/) {
       return transformed(rescale(p, 0.5), Transform::kFlipY);
     }},
};

}  // namespace

std::span<const Alteration> alterations() noexcept { return kAlterations; }

Result<Alteration> find_alteration(std::string_view name) {
  const auto found = std::ranges::find(kAlterations, name, &Alteration::name);
  if (found == std::end(kAlterations)) {
    return Error{Errc::kNotFound, "find alteration " + std::string(name) + ": there is none"};
  }
  return *found;
}

Result<std::string> altered_copy(const Picture& original, const Alteration& alteration,
                                 Random& random) {
  return encode(alteration.apply(original, random), alteration.encoding);
}

}  // namespace semblance::datasets
