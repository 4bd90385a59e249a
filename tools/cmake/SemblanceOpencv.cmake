# SPDX-License-Identifier: Apache-2.0
# OpenCV, as src/hash links it: opencv::core, imgproc, features2d, dnn.
#
# Debian's libopencv_core.so brings X11 and OpenBLAS, which starts a thread per core before main, and
# semblance-extract forks. Nothing of ours needs either. So we link its archives, and of core a copy
# in which LAPACK's file is replaced by one that says "not implemented", as OpenCV's interface for
# such libraries has it (OpenCV then uses its own loops, which also round the same on every machine),
# and GLX is a weak reference. That starts in 4 ms instead of 25. Where a part has no archive, as in
# other distributions, all are linked as shared libraries.
set(no_archive OFF)
foreach(part core imgproc features2d dnn)
  find_library(SEMBLANCE_OPENCV_ARCHIVE_${part} libopencv_${part}.a)
  mark_as_advanced(SEMBLANCE_OPENCV_ARCHIVE_${part})
  if(NOT SEMBLANCE_OPENCV_ARCHIVE_${part})
    set(no_archive ON)
  endif()
endforeach()
find_library(SEMBLANCE_PROTOBUF NAMES libprotobuf.so.32)  # what that dnn was built with; no headers
mark_as_advanced(SEMBLANCE_PROTOBUF)

if(no_archive OR NOT SEMBLANCE_PROTOBUF)
  foreach(part core imgproc features2d dnn)
    set(SEMBLANCE_OPENCV_ARCHIVE_${part} OFF)
  endforeach()
  include(OpencvParts)
else()
  find_package(ZLIB REQUIRED)
  add_library(semblance_without_lapack OBJECT
    ${PROJECT_SOURCE_DIR}/src/hash/opencv/without_lapack.cpp)
  set_target_properties(semblance_without_lapack PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_link_libraries(semblance_without_lapack PRIVATE semblance_build_flags)
  set(from ${SEMBLANCE_OPENCV_ARCHIVE_core})
  set(SEMBLANCE_OPENCV_ARCHIVE_core ${PROJECT_BINARY_DIR}/opencv/libopencv_core_no_lapack.a)
  set(glx glXGetCurrentContext glXGetCurrentDisplay glXGetProcAddressARB)
  list(TRANSFORM glx PREPEND --weaken-symbol=)
  file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/opencv)
  add_custom_command(
    OUTPUT ${SEMBLANCE_OPENCV_ARCHIVE_core}
    COMMAND ${CMAKE_COMMAND} -E rm -f ${SEMBLANCE_OPENCV_ARCHIVE_core}
    COMMAND ${CMAKE_OBJCOPY} ${glx} ${from} ${SEMBLANCE_OPENCV_ARCHIVE_core}
    COMMAND ${CMAKE_AR} d ${SEMBLANCE_OPENCV_ARCHIVE_core} hal_internal.cpp.o
    COMMAND ${CMAKE_AR} rs ${SEMBLANCE_OPENCV_ARCHIVE_core}
            $<TARGET_OBJECTS:semblance_without_lapack>
    DEPENDS ${from} semblance_without_lapack $<TARGET_OBJECTS:semblance_without_lapack>
    COMMENT "OpenCV's core without LAPACK and GLX"
    VERBATIM COMMAND_EXPAND_LISTS)
  add_custom_target(semblance_opencv_archive DEPENDS ${SEMBLANCE_OPENCV_ARCHIVE_core})
  include(OpencvParts)
  target_link_libraries(opencv::core INTERFACE
    TBB::tbb ZLIB::ZLIB Threads::Threads ${CMAKE_DL_LIBS})
  target_link_libraries(opencv::dnn INTERFACE ${SEMBLANCE_PROTOBUF})
  add_dependencies(opencv::core semblance_opencv_archive)
endif()
