# SPDX-License-Identifier: Apache-2.0
# Run by ctest with cmake -P: install, configure the consumer, build it, run it.
function(step name)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output
    ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${name} failed with ${result}:\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE ${WORK_DIR})
set(prefix ${WORK_DIR}/prefix)
step(install ${CMAKE_COMMAND} --install ${BUILD_DIR} --config ${CONFIG} --prefix ${prefix})

set(sanitize "")
if(SANITIZE)
  set(sanitize "-fsanitize=${SANITIZE}")
endif()
step(configure ${CMAKE_COMMAND} -S ${CONSUMER_DIR} -B ${WORK_DIR}/build -G Ninja
  -DCMAKE_BUILD_TYPE=${CONFIG} -DCMAKE_CXX_COMPILER=${CXX_COMPILER}
  -DCMAKE_CXX_COMPILER_LAUNCHER=${CXX_LAUNCHER} -DCMAKE_CXX_FLAGS=${sanitize}
  -Dsemblance_DIR=${prefix}/${LIBDIR}/cmake/semblance)
step(build ${CMAKE_COMMAND} --build ${WORK_DIR}/build)
step(run ${WORK_DIR}/build/consumer ${WORK_DIR}/consumer.db)
if(NOT output MATCHES "matched 1 of 1")
  message(FATAL_ERROR "the consumer said: ${output}")
endif()
step(version ${prefix}/${BINDIR}/semblance --version)
if(NOT output MATCHES "semblance [0-9]+\\.[0-9]+\\.[0-9]+")
  message(FATAL_ERROR "the installed program said: ${output}")
endif()
step(inspect ${prefix}/${BINDIR}/semblance inspect)  # finds semblance-extract beside itself
