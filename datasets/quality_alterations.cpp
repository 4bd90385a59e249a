// SPDX-License-Identifier: Apache-2.0
#include "datasets/quality_alterations.h"

#include "datasets/composition.h"
#include "datasets/geometry.h"
#include "datasets/overlay.h"
#include "datasets/print_scan.h"
#include "datasets/screen.h"
#include "datasets/tone.h"

namespace semblance::datasets {
namespace {

using Others = std::span<const Picture* const>;

constexpr Encoding jpeg(int quality) {
  return {FileFormat::kJpeg, quality, JpegColour::k420, false, false};
}
constexpr Encoding webp(int quality) {
  return {FileFormat::kWebp, quality, JpegColour::k420, false, false};
}
constexpr Encoding kPng{FileFormat::kPng};

constexpr bool kAlone = false;
constexpr bool kWithOthers = true;

// Fractions are given in percent: not every compiler takes them as template arguments.
constexpr double percent(int value) { return value / 100.0; }

Picture unchanged(const Picture& p, Others /*others*/, Random& /*random*/) { return p; }

template <int kPercent>
Picture scaled(const Picture& p, Others /*others*/, Random& /*random*/) {
  return rescale(p, percent(kPercent));
}

// Keeps so much of each side, in the middle.
template <int kPercent>
Picture middle(const Picture& p, Others /*others*/, Random& /*random*/) {
  return cropped(p, 0.5 * (1.0 - percent(kPercent)));
}

template <int kLow, int kHigh>
Picture anywhere(const Picture& p, Others /*others*/, Random& r) {
  const double x = r.uniform(percent(kLow), percent(kHigh));
  const double y = r.uniform(percent(kLow), percent(kHigh));
  return cropped_anywhere(p, x, y, r);
}

template <int kPercent, int kGray>
Picture even_border(const Picture& p, Others /*others*/, Random& /*random*/) {
  return framed(p, percent(kPercent), static_cast<std::uint8_t>(kGray));
}

Picture coloured_border(const Picture& p, Others /*others*/, Random& r) {
  const double wide = r.uniform(0.01, 0.3);
  return bordered(p, {wide, wide, wide, wide}, any_colour(r));
}

Picture uneven_border(const Picture& p, Others /*others*/, Random& r) {
  const double left = r.uniform(0.0, 0.3);
  const double top = r.uniform(0.0, 0.3);
  const double right = r.uniform(0.0, 0.3);
  const double bottom = r.uniform(0.0, 0.3);
  return bordered(p, {left, top, right, bottom}, any_colour(r));
}

template <int kPercent>
Picture bars_above_and_below(const Picture& p, Others /*others*/, Random& /*random*/) {
  return letterboxed(p, percent(kPercent));
}

Picture any_letterbox(const Picture& p, Others /*others*/, Random& r) {
  return letterboxed(p, r.uniform(0.01, 0.3));
}

Picture any_pillarbox(const Picture& p, Others /*others*/, Random& r) {
  const double wide = r.uniform(0.01, 0.3);
  return bordered(p, {wide, 0.0, wide, 0.0}, gray(0));
}

template <int kDegrees>
Picture turn(const Picture& p, Others /*others*/, Random& /*random*/) {
  return turned(p, kDegrees / 360.0);
}

template <int kLow, int kHigh>
Picture turn_between(const Picture& p, Others /*others*/, Random& r) {
  const double turns = r.uniform(kLow / 360.0, kHigh / 360.0);
  return turned(p, r.below(2) == 0 ? turns : -turns);
}

template <Transform kTransform>
Picture symmetry(const Picture& p, Others /*others*/, Random& /*random*/) {
  return transformed(p, kTransform);
}

template <int kPercent>
Picture aside(const Picture& p, Others /*others*/, Random& r) {
  return seen_from_aside(p, percent(kPercent), r);
}

Picture mild_colour(const Picture& p, Others /*others*/, Random& r) {
  const auto light = static_cast<float>(r.uniform(0.85, 1.15));
  const auto contrast = static_cast<float>(r.uniform(0.85, 1.15));
  const auto colour = static_cast<float>(r.uniform(0.5, 1.5));
  return saturated(contrasted(brightened(p, light), contrast), colour);
}

template <int kQuarters>
Picture gamma(const Picture& p, Others /*others*/, Random& /*random*/) {
  return gamma_adjusted(p, kQuarters);
}

template <int kPasses>
Picture blur(const Picture& p, Others /*others*/, Random& /*random*/) {
  return blurred(p, kPasses);
}

template <int kDeviation>
Picture noise(const Picture& p, Others /*others*/, Random& r) {
  return noisy(p, kDeviation, r);
}

template <Screen kScreen, int kLow, int kHigh>
Picture on_screen(const Picture& p, Others /*others*/, Random& r) {
  const double share = r.uniform(percent(kLow), percent(kHigh));
  return screenshot(p, kScreen, share, r);
}

template <int kColumns, int kRows, int kGutterPercent>
Picture grid(const Picture& p, Others others, Random& r) {
  return collage(p, others, {kColumns, kRows, percent(kGutterPercent)}, r);
}

template <int kGutterPercent>
Picture any_mosaic(const Picture& p, Others others, Random& r) {
  // From 85 % on the row and the column beside would be slivers: the full width instead.
  const double share = r.uniform(0.25, 1.0);
  return mosaic(p, others, share < 0.85 ? share : 1.0, percent(kGutterPercent), r);
}

Picture reposted(const Picture& p, Others /*others*/, Random& r) {
  const double x = r.uniform(0.7, 0.95);
  const double y = r.uniform(0.7, 0.95);
  const double scale = r.uniform(0.5, 1.0);
  const double edge = r.uniform(0.02, 0.1);
  const std::uint8_t shade = r.below(2) == 0 ? 0 : 255;
  const Picture part = rescale(cropped_anywhere(p, x, y, r), scale);
  return framed(captioned(part, 0.1, r), edge, shade);
}

constexpr QualityAlteration kQualityAlterations[] = {
    {"re-encode", "jpeg-90", "JPEG, quality 90", kAlone, jpeg(90), unchanged},
    {"re-encode", "jpeg-50", "JPEG, quality 50", kAlone, jpeg(50), unchanged},
    {"re-encode", "jpeg-20", "JPEG, quality 20", kAlone, jpeg(20), unchanged},
    {"re-encode", "webp-60", "WebP, quality 60", kAlone, webp(60), unchanged},
    {"resize", "scale-150", "150 % of both sides", kAlone, jpeg(85), scaled<150>},
    {"resize", "scale-50", "50 %", kAlone, jpeg(85), scaled<50>},
    {"resize", "scale-25", "25 %", kAlone, jpeg(85), scaled<25>},
    {"resize", "square", "256 x 256, whatever the shape", kAlone, jpeg(85),
     [](const Picture& p, Others /*o*/, Random& /*r*/) { return resize(p, 256, 256); }},
    {"colour", "mild", "light and contrast 0.85 to 1.15, saturation 0.5 to 1.5", kAlone, jpeg(85),
     mild_colour},
    {"colour", "gray", "no colour", kAlone, jpeg(85),
     [](const Picture& p, Others /*o*/, Random& /*r*/) { return saturated(p, 0.0F); }},
    {"colour", "gamma-0.75", "lighter", kAlone, jpeg(85), gamma<3>},
    {"colour", "gamma-1.25", "darker", kAlone, jpeg(85), gamma<5>},
    {"strong-colour", "gamma-2", "much darker", kAlone, jpeg(85), gamma<8>},
    {"strong-colour", "contrast-2", "contrast doubled, clipped", kAlone, jpeg(85),
     [](const Picture& p, Others /*o*/, Random& /*r*/) { return contrasted(p, 2.0F); }},
    {"strong-colour", "negative", "black and white exchanged", kAlone, jpeg(85),
     [](const Picture& p, Others /*o*/, Random& /*r*/) { return inverted(p); }},
    {"blur", "blur-1", "deviation of 1 pixel", kAlone, jpeg(85), blur<2>},
    {"blur", "blur-3", "3 pixels", kAlone, jpeg(85), blur<18>},
    {"blur", "blur-5", "5 pixels", kAlone, jpeg(85), blur<50>},
    {"noise", "noise-8", "deviation of 8", kAlone, jpeg(85), noise<8>},
    {"noise", "noise-25", "25", kAlone, kPng, noise<25>},
    {"crop-middle", "keep-95", "95 % of both sides, in the middle", kAlone, jpeg(85), middle<95>},
    {"crop-middle", "keep-90", "90 %", kAlone, jpeg(85), middle<90>},
    {"crop-middle", "keep-80", "80 %", kAlone, jpeg(85), middle<80>},
    {"crop-middle", "keep-70", "70 %", kAlone, jpeg(85), middle<70>},
    {"crop-middle", "keep-60", "60 %", kAlone, jpeg(85), middle<60>},
    {"crop-middle", "keep-50", "50 %", kAlone, jpeg(85), middle<50>},
    {"crop-middle", "keep-30", "30 %", kAlone, jpeg(85), middle<30>},
    {"crop-anywhere", "keep-55-95", "55 to 95 % of each side, anywhere", kAlone, jpeg(85),
     anywhere<55, 95>},
    {"crop-anywhere", "keep-55-75", "55 to 75 %", kAlone, jpeg(85), anywhere<55, 75>},
    {"crop-anywhere", "keep-75-95", "75 to 95 %", kAlone, jpeg(85), anywhere<75, 95>},
    {"border", "black-5", "black, 5 % of the shorter side", kAlone, jpeg(85), even_border<5, 0>},
    {"border", "white-15", "white, 15 %", kAlone, jpeg(85), even_border<15, 255>},
    {"border", "gray-30", "gray, 30 %", kAlone, jpeg(85), even_border<30, 128>},
    {"border", "coloured", "any colour, 1 to 30 %", kAlone, jpeg(85), coloured_border},
    {"border", "uneven", "any colour, each side 0 to 30 %", kAlone, jpeg(85), uneven_border},
    {"letterbox", "letterbox-5", "black bars of 5 % above and below", kAlone, jpeg(85),
     bars_above_and_below<5>},
    {"letterbox", "letterbox-30", "30 %", kAlone, jpeg(85), bars_above_and_below<30>},
    {"letterbox", "letterbox", "1 to 30 %", kAlone, jpeg(85), any_letterbox},
    {"letterbox", "pillarbox", "1 to 30 % at left and right", kAlone, jpeg(85), any_pillarbox},
    {"overlay", "sticker-15", "a face of 15 % of the shorter side", kAlone, jpeg(85),
     [](const Picture& p, Others /*o*/, Random& r) { return stickered(p, 1, 0.15, r); }},
    {"overlay", "sticker-40", "a face of 40 %", kAlone, jpeg(85),
     [](const Picture& p, Others /*o*/, Random& r) { return stickered(p, 1, 0.4, r); }},
    {"overlay", "stickers", "six faces of 15 %", kAlone, jpeg(85),
     [](const Picture& p, Others /*o*/, Random& r) { return stickered(p, 6, 0.15, r); }},
    {"overlay", "stamp", "a half transparent stamp, 25 % of both sides", kAlone, jpeg(85),
     [](const Picture& p, Others /*o*/, Random& r) { return watermarked(p, 0.25, r); }},
    {"overlay", "ghost", "another picture shines through by 25 %", kWithOthers, jpeg(85),
     [](const Picture& p, Others o, Random& /*r*/) { return blended(p, *o[0], 0.25); }},
    {"text", "caption-8", "a dark bar with text over the lowest 8 %", kAlone, jpeg(85),
     [](const Picture& p, Others /*o*/, Random& r) { return captioned(p, 0.08, r); }},
    {"text", "caption-20", "20 %", kAlone, jpeg(85),
     [](const Picture& p, Others /*o*/, Random& r) { return captioned(p, 0.2, r); }},
    {"text", "line", "a line of 10 % of the height over the middle", kAlone, jpeg(85),
     [](const Picture& p, Others /*o*/, Random& r) { return written_over(p, 1, 0.1, r); }},
    {"text", "lines", "four lines of 12 %", kAlone, jpeg(85),
     [](const Picture& p, Others /*o*/, Random& r) { return written_over(p, 4, 0.12, r); }},
    {"rotate", "turn-1", "by 1 degree, corners black", kAlone, jpeg(85), turn<1>},
    {"rotate", "turn-3", "3 degrees", kAlone, jpeg(85), turn<3>},
    {"rotate", "turn-10", "10 degrees", kAlone, jpeg(85), turn<10>},
    {"rotate", "turn-30", "30 degrees", kAlone, jpeg(85), turn<30>},
    {"rotate", "turn-1-180", "1 to 180 degrees either way", kAlone, jpeg(85), turn_between<1, 180>},
    {"quarter-turn", "rot90", "by 90 degrees", kAlone, jpeg(85), symmetry<Transform::kRot90>},
    {"quarter-turn", "rot180", "180", kAlone, jpeg(85), symmetry<Transform::kRot180>},
    {"quarter-turn", "rot270", "270", kAlone, jpeg(85), symmetry<Transform::kRot270>},
    {"mirror", "mirror", "left and right exchanged", kAlone, jpeg(85), symmetry<Transform::kFlipY>},
    {"mirror", "mirror-turned", "and turned by 90 degrees", kAlone, jpeg(85),
     symmetry<Transform::kFlipPlus1>},
    {"perspective", "aside-5", "corners up to 5 % inwards", kAlone, jpeg(85), aside<5>},
    {"perspective", "aside-15", "15 %", kAlone, jpeg(85), aside<15>},
    {"screenshot", "phone-75-100", "75 to 100 % of a phone's width", kAlone, jpeg(85),
     on_screen<Screen::kPhone, 75, 100>},
    {"screenshot", "phone-25-75", "25 to 75 %", kAlone, kPng, on_screen<Screen::kPhone, 25, 75>},
    {"screenshot", "desktop-50-100", "50 to 100 % of a desktop's side", kAlone, kPng,
     on_screen<Screen::kDesktop, 50, 100>},
    {"screenshot", "desktop-25-50", "25 to 50 %", kAlone, jpeg(85),
     on_screen<Screen::kDesktop, 25, 50>},
    {"collage", "pair", "beside another", kWithOthers, jpeg(85), grid<2, 1, 0>},
    {"collage", "stack-gutter", "above or below another, gutter of 2 %", kWithOthers, jpeg(85),
     grid<1, 2, 2>},
    {"collage", "four", "2 x 2", kWithOthers, jpeg(85), grid<2, 2, 0>},
    {"collage", "four-gutter", "2 x 2, gutter of 2 %", kWithOthers, jpeg(85), grid<2, 2, 2>},
    {"collage", "nine", "3 x 3", kWithOthers, jpeg(85), grid<3, 3, 0>},
    {"collage", "nine-gutter", "3 x 3, gutter of 1 %", kWithOthers, jpeg(85), grid<3, 3, 1>},
    {"collage", "mosaic", "25 to 100 % of the side, 3 to 7 others", kWithOthers, jpeg(85),
     any_mosaic<0>},
    {"collage", "mosaic-gutter", "the same, gutter of 1 %", kWithOthers, jpeg(85), any_mosaic<1>},
    {"print-scan", "print-scan", "dots, soft ink, askew, faded, noise", kAlone, jpeg(80),
     [](const Picture& p, Others /*o*/, Random& r) { return printed_and_scanned(p, r); }},
    {"several", "reposted", "70 to 95 % of it, 50 to 100 % of its size, caption, frame", kAlone,
     jpeg(60), reposted},
};

}  // namespace

std::span<const QualityAlteration> quality_alterations() noexcept { return kQualityAlterations; }

Result<std::string> quality_copy(const Picture& original, std::span<const Picture* const> others,
                                 const QualityAlteration& alteration, Random& random) {
  return encode(alteration.apply(original, others, random), alteration.encoding);
}

}  // namespace semblance::datasets
