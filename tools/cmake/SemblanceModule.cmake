# SPDX-License-Identifier: Apache-2.0
# The flags that every target of ours shares, and the three ways to declare one.

add_library(semblance_build_flags INTERFACE)
target_compile_features(semblance_build_flags INTERFACE cxx_std_20)
target_compile_options(semblance_build_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Wcast-qual
  -Wconversion -Wsign-conversion -Woverloaded-virtual -Wno-psabi
  -fvisibility=hidden -fvisibility-inlines-hidden
  -ffp-contract=off  # a fused multiply-add would give other hash bits on other CPUs
  $<$<CONFIG:Release,RelWithDebInfo>:-D_FORTIFY_SOURCE=2>
  -fstack-protector-strong
  # g++ 12 sees ghosts in std::string and std::vector at -O3; the dev preset checks both at -O2.
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<CONFIG:Release>>:-Wno-restrict>
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<CONFIG:Release>>:-Wno-maybe-uninitialized>
  $<$<BOOL:${SEMBLANCE_WERROR}>:-Werror>)
target_link_options(semblance_build_flags INTERFACE -Wl,--as-needed -Wl,-z,relro,-z,now)
if(SEMBLANCE_SANITIZE)
  target_compile_options(semblance_build_flags INTERFACE
    -fsanitize=${SEMBLANCE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer
    -U_FORTIFY_SOURCE
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  target_link_options(semblance_build_flags INTERFACE -fsanitize=${SEMBLANCE_SANITIZE})
endif()
if(SEMBLANCE_FUZZ)
  # Coverage for libFuzzer in every library; programs and tests link and run as ever.
  target_compile_options(semblance_build_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# semblance_module(NAME SOURCES... [PUBLIC libs...] [PRIVATE libs...]): the library of one module,
# `semblance_NAME`, alias `semblance::NAME`. Headers are named from include/, src/ and kernels/.
function(semblance_module name)
  cmake_parse_arguments(arg "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(semblance_${name} STATIC ${arg_SOURCES})
  add_library(semblance::${name} ALIAS semblance_${name})
  set_target_properties(semblance_${name} PROPERTIES
    EXPORT_NAME ${name} POSITION_INDEPENDENT_CODE ON)
  target_include_directories(semblance_${name}
    PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
           $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
           $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>
           $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/kernels>)
  target_compile_features(semblance_${name} PUBLIC cxx_std_20)
  target_link_libraries(semblance_${name}
    PUBLIC ${arg_PUBLIC}
    PRIVATE ${arg_PRIVATE} $<BUILD_INTERFACE:semblance_build_flags>)
endfunction()

# semblance_test(MODULE SOURCES... LIBS...): one test program for tests/MODULE.
function(semblance_test module)
  cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;LIBS" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  add_executable(semblance_${module}_test ${arg_SOURCES})
  target_include_directories(semblance_${module}_test PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(semblance_${module}_test
    PRIVATE ${arg_LIBS} GTest::gmock GTest::gtest_main semblance_build_flags)
  target_compile_definitions(semblance_${module}_test PRIVATE
    SEMBLANCE_TEST_DATA="${SEMBLANCE_TEST_DATA}"
    SEMBLANCE_TEST_BIN="$<TARGET_FILE_DIR:semblance_extract_program>")
  if(NOT SEMBLANCE_SANITIZE)
    gtest_discover_tests(semblance_${module}_test DISCOVERY_MODE PRE_TEST
      TEST_PREFIX ${module}. PROPERTIES TIMEOUT ${arg_TIMEOUT})
    return()
  endif()
  # A program takes a fifth of a second to start under a sanitizer, and there are thousands of
  # tests: each process runs a share of them.
  set(shares 4)
  foreach(share RANGE 1 ${shares})
    math(EXPR index "${share} - 1")
    add_test(NAME ${module}.${share}_of_${shares} COMMAND semblance_${module}_test --gtest_brief=1)
    set_tests_properties(${module}.${share}_of_${shares} PROPERTIES TIMEOUT 1200 ENVIRONMENT
      "GTEST_TOTAL_SHARDS=${shares};GTEST_SHARD_INDEX=${index}")
  endforeach()
endfunction()

# semblance_bench(NAME SOURCES... LIBS...): one benchmark program.
function(semblance_bench name)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(${name}
    PRIVATE ${arg_LIBS} benchmark::benchmark semblance_build_flags)
endfunction()
