# SPDX-License-Identifier: Apache-2.0
# What `cmake --install` puts where, and what find_package(semblance) finds.
include(CMakePackageConfigHelpers)

set(modules core kernels decode hash extract_client extract index bank match scan)
list(TRANSFORM modules PREPEND semblance_ OUTPUT_VARIABLE libraries)
install(TARGETS ${libraries} EXPORT semblanceTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT Development)
install(TARGETS semblance_program semblance_extract_program
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT Programs)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/semblance
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT Development FILES_MATCHING PATTERN "*.h")
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE
  DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT Programs)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/semblance)
install(EXPORT semblanceTargets NAMESPACE semblance:: DESTINATION ${package_dir}
  COMPONENT Development)
configure_package_config_file(
  ${CMAKE_CURRENT_LIST_DIR}/semblance-config.cmake.in
  ${PROJECT_BINARY_DIR}/semblance-config.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/semblance-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/semblance-config.cmake
              ${PROJECT_BINARY_DIR}/semblance-config-version.cmake
              ${CMAKE_CURRENT_LIST_DIR}/OpencvParts.cmake
  DESTINATION ${package_dir} COMPONENT Development)
