# SPDX-License-Identifier: Apache-2.0
# One way to declare a fuzz target. What it is for is in tests/fuzz/README.md.

if(SEMBLANCE_FUZZ AND NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  message(FATAL_ERROR "SEMBLANCE_FUZZ needs clang; the preset asan chooses it")
endif()

add_custom_target(semblance_fuzz_targets)

# semblance_fuzz(MODULE NAME LIBS... [SOURCES...] [DATA folder...] [GENERATED folder...]
# [OPTIONS...]): the target tests/MODULE/NAME_fuzz.cpp, and the test MODULE.NAME_fuzz, which runs it
# over its corpus tests/MODULE/corpus/NAME and the folders DATA of SEMBLANCE_TEST_DATA.
#
# Built as bin/fuzz/MODULE.NAME. Beside it lies MODULE.NAME.args, from which tools/fuzz.sh takes
# OPTIONS for libFuzzer and the folders of seeds, one a line: those of the test, and the folders
# GENERATED that the script fills: pictures, lists.
function(semblance_fuzz module name)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBS;DATA;GENERATED;OPTIONS" ${ARGN})
  set(target semblance_${module}_${name}_fuzz)
  set(folder ${PROJECT_BINARY_DIR}/bin/fuzz)
  add_executable(${target} ${name}_fuzz.cpp ${arg_SOURCES})
  add_dependencies(semblance_fuzz_targets ${target})
  set_target_properties(${target} PROPERTIES
    OUTPUT_NAME ${module}.${name} RUNTIME_OUTPUT_DIRECTORY ${folder})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(${target} PRIVATE ${arg_LIBS} semblance_build_flags)
  if(SEMBLANCE_FUZZ)
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
  else()
    target_sources(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests/fuzz/replay_main.cpp)
  endif()

  set(seeds ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name})
  foreach(data IN LISTS arg_DATA)
    if(IS_DIRECTORY ${SEMBLANCE_TEST_DATA}/${data})
      list(APPEND seeds ${SEMBLANCE_TEST_DATA}/${data})
    endif()
  endforeach()
  list(TRANSFORM arg_GENERATED PREPEND ${PROJECT_BINARY_DIR}/fuzz/generated/)
  list(JOIN arg_OPTIONS "\n" options)
  list(JOIN seeds "\n" folders)
  list(JOIN arg_GENERATED "\n" generated)
  string(STRIP "${options}\n${folders}\n${generated}" lines)
  file(CONFIGURE OUTPUT ${folder}/${module}.${name}.args CONTENT "${lines}\n" @ONLY)
  # libFuzzer runs every seed once, and makes none, with -runs=0; replay_main.cpp does no more.
  add_test(NAME ${module}.${name}_fuzz COMMAND ${target} -runs=0 ${seeds})
  set_tests_properties(${module}.${name}_fuzz PROPERTIES TIMEOUT 300)
endfunction()
