// SPDX-License-Identifier: Apache-2.0
// Private to kernels: operations that round once each, on the GPU as on the host.
//
// nvcc fuses a product and a sum into one rounding unless it is told not to; these cannot be fused.
// On the host the build's -ffp-contract=off says the same.
#pragma once

#include <bit>
#include <cstdint>

#include "device/qualifiers.h"

// `device` where nvcc compiles for the GPU, else `host`.
#if defined(__CUDA_ARCH__)
#define SEMBLANCE_EITHER(device, host) device
#else
#define SEMBLANCE_EITHER(device, host) host
#endif

namespace semblance::kernels::device {

SEMBLANCE_BOTH inline float sum(float a, float b) {
  return SEMBLANCE_EITHER(__fadd_rn(a, b), a + b);
}
SEMBLANCE_BOTH inline float product(float a, float b) {
  return SEMBLANCE_EITHER(__fmul_rn(a, b), a * b);
}
SEMBLANCE_BOTH inline double sum(double a, double b) {
  return SEMBLANCE_EITHER(__dadd_rn(a, b), a + b);
}
SEMBLANCE_BOTH inline double product(double a, double b) {
  return SEMBLANCE_EITHER(__dmul_rn(a, b), a * b);
}
SEMBLANCE_BOTH inline double quotient(double a, double b) {
  return SEMBLANCE_EITHER(__ddiv_rn(a, b), a / b);
}

/// The 32 bits of a float, and back.
SEMBLANCE_BOTH inline std::uint32_t pattern(float value) {
  return SEMBLANCE_EITHER(__float_as_uint(value), std::bit_cast<std::uint32_t>(value));
}
SEMBLANCE_BOTH inline float from_pattern(std::uint32_t bits) {
  return SEMBLANCE_EITHER(__uint_as_float(bits), std::bit_cast<float>(bits));
}

}  // namespace semblance::kernels::device

#undef SEMBLANCE_EITHER
