// SPDX-License-Identifier: Apache-2.0
// Private to src/extract: packets, and descriptors with them, over a Unix socket.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "core/files.h"
#include "semblance/result.h"

namespace semblance::extract {

using Clock = std::chrono::steady_clock;

/// The number of the control socket in semblance-extract, and of its channel in a worker.
inline constexpr int kSocketDescriptor = 3;

/// Two connected sockets that keep the bounds of packets; close-on-exec.
Result<std::pair<FileDescriptor, FileDescriptor>> make_channel();

/// Makes sends and receives on `socket` fail with EAGAIN rather than wait.
Status set_non_blocking(int socket);

/// Sends one packet, with `descriptor` unless that is negative. Never raises SIGPIPE.
/// Errc::kIo with EPIPE or ECONNRESET if the other side is gone.
Status send_packet(int socket, std::span<const std::uint8_t> packet, int descriptor = -1);

/// Whether this errno of a send means that the other side is gone.
bool is_peer_gone(int number) noexcept;

/// A packet as received.
struct Packet {
  std::size_t bytes = 0;      // 0: the other side is gone
  FileDescriptor descriptor;  // that came with it, if one did
};

/// Receives one packet into `buffer`; descriptors that come with it are closed unseen.
/// Errc::kBadFormat if it is longer than the buffer; a side that is gone is 0 bytes.
Result<Packet> receive_packet(int socket, std::span<std::uint8_t> buffer);

/// Receives one packet that may carry one descriptor. Two or more are Errc::kBadFormat.
Result<Packet> receive_with_descriptor(int socket, std::span<std::uint8_t> buffer);

/// Waits until there is something to receive; false if `deadline` came first.
Result<bool> wait_readable(int socket, Clock::time_point deadline);

/// Returns whether the other end is closed, as by its process's death.
bool is_hung_up(int socket) noexcept;

}  // namespace semblance::extract
