#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian 12 packages that building and testing Semblance needs, and nothing else.
# Works as root without sudo, and with sudo otherwise. Safe to run again.
set -euo pipefail

packages=(
  # tools
  build-essential ccache clang-14 clang-format-14 clang-tidy-14 cmake git libclang-rt-14-dev
  libomp-14-dev llvm-14 ninja-build pkg-config python3
  # layer 0 and 1: digests, kernels
  libhwy-dev libssl-dev
  # decoders, one library a format, and their cage
  libavcodec-dev libavformat-dev libavutil-dev libgif-dev libheif-dev libjpeg62-turbo-dev libseccomp-dev
  libspng-dev libswscale-dev libtiff-dev libwebp-dev
  # OpenCV's parts, one by one; never imgcodecs
  libopencv-core-dev libopencv-dnn-dev libopencv-features2d-dev libopencv-imgproc-dev
  # banks, index, pipeline, command
  libcli11-dev libfaiss-dev libopenblas-dev libspdlog-dev libsqlite3-dev libsqlitecpp-dev
  libtbb-dev nlohmann-json3-dev
  # tests and benches
  libbenchmark-dev libgmock-dev libgtest-dev python3-faiss python3-onnx
)

missing=()
for package in "${packages[@]}"; do
  state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
  echo "install_deps: all ${#packages[@]} packages are installed"
  exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "install_deps: run as root, or install sudo; missing: ${missing[*]}" >&2
    exit 2
  fi
  as_root=(sudo)
fi
echo "install_deps: installing ${missing[*]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y --no-install-recommends "${missing[@]}" >/dev/null
echo "install_deps: done"
