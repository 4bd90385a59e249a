# SPDX-License-Identifier: Apache-2.0
# Whether the GPU's kernels are built. Without nvcc the same entry says that there is no device, so
# that nothing above the kernels differs; what was built runs on machines without a GPU or a driver.
set(SEMBLANCE_CUDA AUTO CACHE STRING "Build the GPU's kernels: AUTO (where there is nvcc), ON, OFF")
set_property(CACHE SEMBLANCE_CUDA PROPERTY STRINGS AUTO ON OFF)
set(SEMBLANCE_HAVE_CUDA OFF)

if(SEMBLANCE_CUDA)
  if(NOT CMAKE_CUDA_COMPILER AND NOT DEFINED ENV{CUDACXX})
    find_program(SEMBLANCE_NVCC nvcc PATHS /usr/local/cuda/bin)
    if(SEMBLANCE_NVCC)
      set(CMAKE_CUDA_COMPILER ${SEMBLANCE_NVCC})
    endif()
  endif()
  # 8.x and 9.0 as machine code; anything newer compiles the PTX of 9.0 when it first runs.
  if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
    set(CMAKE_CUDA_ARCHITECTURES 80-real 90)
  endif()
  if(CCACHE AND NOT CMAKE_CUDA_COMPILER_LAUNCHER)
    set(CMAKE_CUDA_COMPILER_LAUNCHER ${CCACHE})
  endif()
  include(CheckLanguage)
  check_language(CUDA)
  if(CMAKE_CUDA_COMPILER)
    enable_language(CUDA)
    if(CMAKE_CUDA_COMPILER_VERSION VERSION_GREATER_EQUAL 12.0)  # the first that knows C++20
      set(SEMBLANCE_HAVE_CUDA ON)
    endif()
  endif()
  if(SEMBLANCE_HAVE_CUDA)
    find_package(CUDAToolkit REQUIRED)
  elseif(NOT SEMBLANCE_CUDA STREQUAL "AUTO")
    message(FATAL_ERROR "SEMBLANCE_CUDA is ${SEMBLANCE_CUDA}, and there is no nvcc 12 or later")
  endif()
endif()

# semblance_cuda_objects(NAME SOURCES...): an object library of .cu files. The warnings of the house
# are for the host's compiler: nvcc takes none of them by their names.
function(semblance_cuda_objects name)
  add_library(${name} OBJECT ${ARGN})
  set_target_properties(${name} PROPERTIES
    POSITION_INDEPENDENT_CODE ON CUDA_RUNTIME_LIBRARY Static
    CUDA_STANDARD ${CMAKE_CUDA_STANDARD_COMPUTED_DEFAULT})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/kernels)
  # By hand: CMake 3.25 does not know which standards nvcc 13 has, and with clang as the compiler of
  # C++ asks for 2014's, unless it is asked for nvcc's own. The host's half of a .cu file does not
  # know `#pragma unroll`, which is for the other half.
  target_compile_options(${name} PRIVATE -std=c++20
    -Xcompiler=-Wall,-Wextra,-Wno-unknown-pragmas,-fvisibility=hidden,-fstack-protector-strong
    $<$<BOOL:${SEMBLANCE_WERROR}>:-Werror=all-warnings>)
endfunction()
