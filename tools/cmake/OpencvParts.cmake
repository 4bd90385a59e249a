# SPDX-License-Identifier: Apache-2.0
# opencv_part(NAME [PARTS...]): the imported target opencv::NAME, a component of OpenCV 4 that needs
# PARTS. Found one by one: OpenCV's own CMake package and opencv4.pc come only with a package that
# brings all of them, and imgcodecs brings GDAL. Used by the build, and by whoever finds semblance.
function(opencv_part name)
  if(TARGET opencv::${name})
    return()
  endif()
  find_path(SEMBLANCE_OPENCV_INCLUDE opencv2/core.hpp PATH_SUFFIXES opencv4 REQUIRED)
  find_library(SEMBLANCE_OPENCV_${name} opencv_${name} REQUIRED)
  mark_as_advanced(SEMBLANCE_OPENCV_INCLUDE SEMBLANCE_OPENCV_${name})
  # A library and not a list of files, so that archives are linked before what they need.
  add_library(opencv::${name} UNKNOWN IMPORTED GLOBAL)
  list(TRANSFORM ARGN PREPEND opencv::)
  # An archive of ours in its place: see SemblanceOpencv.cmake.
  set(location ${SEMBLANCE_OPENCV_${name}})
  if(SEMBLANCE_OPENCV_ARCHIVE_${name})
    set(location ${SEMBLANCE_OPENCV_ARCHIVE_${name}})
  endif()
  set_target_properties(opencv::${name} PROPERTIES IMPORTED_LOCATION ${location})
  target_include_directories(opencv::${name} INTERFACE ${SEMBLANCE_OPENCV_INCLUDE})
  target_link_libraries(opencv::${name} INTERFACE ${ARGN})
endfunction()

opencv_part(core)
opencv_part(imgproc core)
opencv_part(features2d imgproc core)
opencv_part(dnn imgproc core)
