// SPDX-License-Identifier: Apache-2.0
#include "extract/channel.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <vector>

namespace semblance::extract {
namespace {

std::size_t open_descriptors() {
  const auto all = std::filesystem::directory_iterator("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

class ChannelTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto ends = make_channel();
    ASSERT_TRUE(ends);
    near_ = std::move(ends->first);
    far_ = std::move(ends->second);
  }

  // Sends one byte with `count` copies of a descriptor.
  void send_descriptors(std::size_t count) {
    std::uint8_t byte = 1;
    iovec part{&byte, 1};
    std::vector<unsigned char> control(CMSG_SPACE(count * sizeof(int)));
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(count * sizeof(int));
    const int descriptor = far_.get();
    for (std::size_t i = 0; i < count; ++i) {
      std::memcpy(CMSG_DATA(header) + i * sizeof(int), &descriptor, sizeof descriptor);
    }
    ASSERT_EQ(::sendmsg(far_.get(), &message, 0), 1);
  }

  FileDescriptor near_;
  FileDescriptor far_;
  std::array<std::uint8_t, 64> buffer_{};
};

TEST_F(ChannelTest, PacketsKeepTheirBounds) {
  const std::array<std::uint8_t, 3> first = {1, 2, 3};
  const std::array<std::uint8_t, 2> second = {4, 5};
  ASSERT_TRUE(send_packet(near_.get(), first));
  ASSERT_TRUE(send_packet(near_.get(), second));
  EXPECT_EQ(receive_packet(far_.get(), buffer_)->bytes, 3U);
  EXPECT_EQ(receive_packet(far_.get(), buffer_)->bytes, 2U);
  EXPECT_EQ(buffer_[1], 5);
}

TEST_F(ChannelTest, ADescriptorArrivesOpenAndCloseOnExec) {
  const std::array<std::uint8_t, 1> packet = {1};
  ASSERT_TRUE(send_packet(near_.get(), packet, near_.get()));
  auto received = receive_with_descriptor(far_.get(), buffer_);
  ASSERT_TRUE(received);
  ASSERT_TRUE(received->descriptor);
  EXPECT_NE(::fcntl(received->descriptor.get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST_F(ChannelTest, DescriptorsNobodyAskedForAreClosed) {
  const auto before = open_descriptors();
  send_descriptors(1);
  EXPECT_EQ(receive_packet(near_.get(), buffer_)->bytes, 1U);
  EXPECT_EQ(open_descriptors(), before);
  for (const std::size_t count : {2U, 3U, 200U}) {
    send_descriptors(count);
    auto received = receive_with_descriptor(near_.get(), buffer_);
    ASSERT_FALSE(received) << count;
    EXPECT_EQ(received.error().code, Errc::kBadFormat);
    EXPECT_EQ(open_descriptors(), before) << count;
  }
}

TEST_F(ChannelTest, APacketLongerThanTheBufferIsRefused) {
  const std::vector<std::uint8_t> packet(buffer_.size() + 1);
  ASSERT_TRUE(send_packet(near_.get(), packet));
  ASSERT_TRUE(send_packet(near_.get(), packet));
  EXPECT_EQ(receive_packet(far_.get(), buffer_).error().code, Errc::kBadFormat);
  EXPECT_EQ(receive_with_descriptor(far_.get(), buffer_).error().code, Errc::kBadFormat);
}

TEST_F(ChannelTest, TheOtherSidesEndIsZeroBytesAndNoSignal) {
  far_.reset();
  EXPECT_EQ(receive_packet(near_.get(), buffer_)->bytes, 0U);
  EXPECT_EQ(receive_with_descriptor(near_.get(), buffer_)->bytes, 0U);
  const std::array<std::uint8_t, 1> packet = {1};
  auto sent = send_packet(near_.get(), packet);
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().native, EPIPE);
}

TEST_F(ChannelTest, ANonBlockingSideNeverWaits) {
  ASSERT_TRUE(set_non_blocking(near_.get()));
  EXPECT_EQ(receive_packet(near_.get(), buffer_).error().native, EAGAIN);
  const std::vector<std::uint8_t> packet(4096);
  auto sent = send_packet(near_.get(), packet);
  for (int i = 0; i < 10'000 && sent; ++i) sent = send_packet(near_.get(), packet);
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().native, EAGAIN);
}

TEST_F(ChannelTest, WaitingEndsWithAPacketOrTheDeadline) {
  auto ready = wait_readable(near_.get(), Clock::now() - std::chrono::seconds(1));
  ASSERT_TRUE(ready);
  EXPECT_FALSE(*ready);
  const std::array<std::uint8_t, 1> packet = {1};
  ASSERT_TRUE(send_packet(far_.get(), packet));
  ready = wait_readable(near_.get(), Clock::now() + std::chrono::hours(1));
  ASSERT_TRUE(ready);
  EXPECT_TRUE(*ready);
}

}  // namespace
}  // namespace semblance::extract
