// SPDX-License-Identifier: Apache-2.0
#include "decode/video/whitelists.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "decode/av.h"

namespace semblance::decode {
namespace {

std::vector<std::string> names_of(const char* list) {
  std::vector<std::string> names;
  std::istringstream in(list);
  for (std::string name; std::getline(in, name, ',');) names.push_back(name);
  return names;
}

TEST(WhitelistsTest, EveryDecoderIsOfVideoAndInSoftware) {
  for (const std::string& name : names_of(kDecoders)) {
    const AVCodec* codec = avcodec_find_decoder_by_name(name.c_str());
    // A distribution may build libav without some of the external ones.
    if (codec == nullptr) {
      EXPECT_EQ(name.find("lib"), 0u) << name;
      continue;
    }
    EXPECT_EQ(codec->type, AVMEDIA_TYPE_VIDEO) << name;
    EXPECT_EQ(codec->capabilities & (AV_CODEC_CAP_HARDWARE | AV_CODEC_CAP_HYBRID), 0) << name;
  }
}

TEST(WhitelistsTest, EveryDemuxerIsThereAndReadsOneFile) {
  for (const std::string& name : names_of(kDemuxers)) {
    const AVInputFormat* demuxer = av_find_input_format(name.c_str());
    ASSERT_NE(demuxer, nullptr) << name;
    EXPECT_EQ(demuxer->flags & AVFMT_NOFILE, 0) << name;
  }
  for (const char* name : {"hls", "dash", "concat", "sdp", "rtsp", "image2", "image2pipe", "lavfi",
                           "tty", "webm_dash_manifest", "ffmetadata", "imf"}) {
    for (const std::string& allowed : names_of(kDemuxers)) EXPECT_NE(allowed, name);
  }
}

}  // namespace
}  // namespace semblance::decode
