# SPDX-License-Identifier: Apache-2.0
# Run as a script at build time: writes OUTPUT, a header that names a digest of the sources in ROOT
# that decide a result's bits. It knows a build without asking the version control, which a release
# archive does not have; an unchanged digest leaves the header, and what includes it, alone.
file(GLOB_RECURSE sources RELATIVE ${ROOT}
  ${ROOT}/include/*.h ${ROOT}/kernels/*.cpp ${ROOT}/kernels/*.cu ${ROOT}/kernels/*.cuh
  ${ROOT}/kernels/*.h ${ROOT}/src/*.cpp ${ROOT}/src/*.h
  ${ROOT}/tools/*.cpp ${ROOT}/tools/*.h)
list(SORT sources)
set(all "")
foreach(source IN LISTS sources)
  file(SHA256 ${ROOT}/${source} digest)
  string(APPEND all "${source} ${digest}\n")
endforeach()
string(SHA256 digest "${all}")
string(SUBSTRING ${digest} 0 12 digest)
set(text "#define SEMBLANCE_SOURCE \"${digest}\"\n")
set(before "")
if(EXISTS ${OUTPUT})
  file(READ ${OUTPUT} before)
endif()
if(NOT before STREQUAL text)
  file(WRITE ${OUTPUT} "${text}")
endif()
