// SPDX-License-Identifier: Apache-2.0
#include "extract/channel.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace semblance::extract {
namespace {

// Room for one descriptor more than is allowed, so that a second is seen, and closed.
constexpr std::size_t kControlBytes = CMSG_SPACE(2 * sizeof(int));

Error too_long() { return {Errc::kBadFormat, "receive packet: longer than the limit"}; }

}  // namespace

Result<std::pair<FileDescriptor, FileDescriptor>> make_channel() {
  int ends[2] = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    return io_error("create", "socket pair", errno);
  }
  return std::pair(FileDescriptor(ends[0]), FileDescriptor(ends[1]));
}

Status set_non_blocking(int socket) {
  const int flags = ::fcntl(socket, F_GETFL);
  if (flags < 0 || ::fcntl(socket, F_SETFL, flags | O_NONBLOCK) != 0) {
    return io_error("set up", "socket", errno);
  }
  return ok();
}

Status send_packet(int socket, std::span<const std::uint8_t> packet, int descriptor) {
  iovec part{const_cast<std::uint8_t*>(packet.data()), packet.size()};  // sendmsg only reads it
  alignas(cmsghdr) unsigned char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (descriptor >= 0) {
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof descriptor);
    std::memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
  }
  while (::sendmsg(socket, &message, MSG_NOSIGNAL) < 0) {
    if (errno != EINTR) return io_error("send", "packet", errno);
  }
  return ok();
}

bool is_peer_gone(int number) noexcept { return number == ECONNRESET || number == EPIPE; }

Result<Packet> receive_packet(int socket, std::span<std::uint8_t> buffer) {
  for (;;) {
    // Without a control buffer the kernel drops descriptors; MSG_TRUNC asks for the true length.
    const ssize_t got = ::recv(socket, buffer.data(), buffer.size(), MSG_TRUNC);
    if (got < 0) {
      if (errno == EINTR) continue;
      if (is_peer_gone(errno)) return Packet{};
      return io_error("receive", "packet", errno);
    }
    if (static_cast<std::size_t>(got) > buffer.size()) return too_long();
    return Packet{static_cast<std::size_t>(got), {}};
  }
}

Result<Packet> receive_with_descriptor(int socket, std::span<std::uint8_t> buffer) {
  iovec part{buffer.data(), buffer.size()};
  alignas(cmsghdr) unsigned char control[kControlBytes];
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t got = -1;
  while ((got = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC)) < 0) {
    if (errno == EINTR) continue;
    if (is_peer_gone(errno)) return Packet{};
    return io_error("receive", "packet", errno);
  }
  Packet packet{static_cast<std::size_t>(got), {}};
  bool unwanted = (message.msg_flags & MSG_CTRUNC) != 0;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int descriptor = -1;
      std::memcpy(&descriptor, CMSG_DATA(header) + i * sizeof descriptor, sizeof descriptor);
      unwanted = unwanted || static_cast<bool>(packet.descriptor);
      packet.descriptor.reset(descriptor);
    }
  }
  if ((message.msg_flags & MSG_TRUNC) != 0) return too_long();
  if (unwanted)
    return Error{Errc::kBadFormat, "receive packet: descriptors came that cannot be taken"};
  return packet;
}

Result<bool> wait_readable(int socket, Clock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd watched{socket, POLLIN, 0};
    const int ready = ::poll(
        &watched, 1, static_cast<int>(std::clamp<std::int64_t>(left, 0, std::int64_t{1} << 30)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return io_error("wait for", "packet", errno);
    if (ready == 0 && Clock::now() >= deadline) return false;
  }
}

bool is_hung_up(int socket) noexcept {
  pollfd watched{socket, 0, 0};
  return ::poll(&watched, 1, 0) > 0 && (watched.revents & (POLLHUP | POLLERR)) != 0;
}

}  // namespace semblance::extract
