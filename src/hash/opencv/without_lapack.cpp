// SPDX-License-Identifier: Apache-2.0
// What OpenCV's core asks of LAPACK and of BLAS: nothing, it has loops of its own.
//
// tools/cmake/SemblanceOpencv.cmake puts this into the copy of OpenCV's core that is linked, in the
// place of the file that calls OpenBLAS. **Source:** the interface is OpenCV 4's hal_internal.hpp;
// every function of it may say that it has no such thing.
#include <cstddef>

// As OpenCV declares them, but to the linker: only the types are part of a name.
using Step = std::size_t;

namespace {

constexpr int kNotImplemented = 1;  // CV_HAL_ERROR_NOT_IMPLEMENTED

}  // namespace

#define SEMBLANCE_NO_LAPACK [[gnu::visibility("hidden")]] int

SEMBLANCE_NO_LAPACK lapack_LU32f(float*, Step, int, float*, Step, int, int*);
SEMBLANCE_NO_LAPACK lapack_LU64f(double*, Step, int, double*, Step, int, int*);
SEMBLANCE_NO_LAPACK lapack_Cholesky32f(float*, Step, int, float*, Step, int, bool*);
SEMBLANCE_NO_LAPACK lapack_Cholesky64f(double*, Step, int, double*, Step, int, bool*);
SEMBLANCE_NO_LAPACK lapack_SVD32f(float*, Step, float*, float*, Step, float*, Step, int, int, int);
SEMBLANCE_NO_LAPACK lapack_SVD64f(double*, Step, double*, double*, Step, double*, Step, int, int,
                                  int);
SEMBLANCE_NO_LAPACK lapack_QR32f(float*, Step, int, int, int, float*, Step, float*, int*);
SEMBLANCE_NO_LAPACK lapack_QR64f(double*, Step, int, int, int, double*, Step, double*, int*);
SEMBLANCE_NO_LAPACK lapack_gemm32f(const float*, Step, const float*, Step, float, const float*,
                                   Step, float, float*, Step, int, int, int, int);
SEMBLANCE_NO_LAPACK lapack_gemm64f(const double*, Step, const double*, Step, double, const double*,
                                   Step, double, double*, Step, int, int, int, int);
SEMBLANCE_NO_LAPACK lapack_gemm32fc(const float*, Step, const float*, Step, float, const float*,
                                    Step, float, float*, Step, int, int, int, int);
SEMBLANCE_NO_LAPACK lapack_gemm64fc(const double*, Step, const double*, Step, double, const double*,
                                    Step, double, double*, Step, int, int, int, int);

int lapack_LU32f(float*, Step, int, float*, Step, int, int*) { return kNotImplemented; }
int lapack_LU64f(double*, Step, int, double*, Step, int, int*) { return kNotImplemented; }
int lapack_Cholesky32f(float*, Step, int, float*, Step, int, bool*) { return kNotImplemented; }
int lapack_Cholesky64f(double*, Step, int, double*, Step, int, bool*) { return kNotImplemented; }
int lapack_SVD32f(float*, Step, float*, float*, Step, float*, Step, int, int, int) {
  return kNotImplemented;
}
int lapack_SVD64f(double*, Step, double*, double*, Step, double*, Step, int, int, int) {
  return kNotImplemented;
}
int lapack_QR32f(float*, Step, int, int, int, float*, Step, float*, int*) {
  return kNotImplemented;
}
int lapack_QR64f(double*, Step, int, int, int, double*, Step, double*, int*) {
  return kNotImplemented;
}
int lapack_gemm32f(const float*, Step, const float*, Step, float, const float*, Step, float, float*,
                   Step, int, int, int, int) {
  return kNotImplemented;
}
int lapack_gemm64f(const double*, Step, const double*, Step, double, const double*, Step, double,
                   double*, Step, int, int, int, int) {
  return kNotImplemented;
}
int lapack_gemm32fc(const float*, Step, const float*, Step, float, const float*, Step, float,
                    float*, Step, int, int, int, int) {
  return kNotImplemented;
}
int lapack_gemm64fc(const double*, Step, const double*, Step, double, const double*, Step, double,
                    double*, Step, int, int, int, int) {
  return kNotImplemented;
}
