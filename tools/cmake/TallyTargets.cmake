# One way to declare a library of a layer, a program, and a set of unit tests. Sources are globbed:
# the folder is the list.

# tally_library(<target> <folder> [EXCLUDE <regex>] DEPENDS <targets...>)
function(tally_library target folder)
  cmake_parse_arguments(ARG "" "EXCLUDE" "DEPENDS;PRIVATE_DEPENDS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  if(ARG_EXCLUDE)
    list(FILTER sources EXCLUDE REGEX "${ARG_EXCLUDE}")
  endif()
  if(sources)
    add_library(${target} STATIC ${sources})
    target_link_libraries(${target} PUBLIC tally_options ${ARG_DEPENDS} PRIVATE ${ARG_PRIVATE_DEPENDS})
  else()
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE tally_options ${ARG_DEPENDS} ${ARG_PRIVATE_DEPENDS})
  endif()
endfunction()

# tally_unit_tests(<layer folder> DEPENDS <targets...>): tests/<layer>/**/*_test.cpp in one program,
# one ctest for each CppUTest group found in the sources.
function(tally_unit_tests layer)
  cmake_parse_arguments(ARG "" "" "DEPENDS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/${layer}/*_test.cpp)
  if(NOT sources)
    return()
  endif()
  set(program unit-${layer})
  add_executable(${program} ${sources} ${CMAKE_SOURCE_DIR}/tests/support/unit_main.cpp)
  target_link_libraries(${program} PRIVATE ${ARG_DEPENDS} tally_options tally_test_support)
  foreach(source ${sources})
    file(STRINGS ${source} groups REGEX "^TEST_GROUP(_BASE)?\\(")
    foreach(line ${groups})
      string(REGEX REPLACE "^TEST_GROUP(_BASE)?\\(([A-Za-z0-9_]+).*" "\\2" group "${line}")
      add_test(NAME ${layer}.${group} COMMAND ${program} -sg ${group} -p
               WORKING_DIRECTORY ${CMAKE_BINARY_DIR})
      set_tests_properties(${layer}.${group} PROPERTIES LABELS unit TIMEOUT 400
        ENVIRONMENT "TALLY_SOURCE_DIR=${CMAKE_SOURCE_DIR};TALLY_BIN_DIR=${CMAKE_RUNTIME_OUTPUT_DIRECTORY}")
    endforeach()
  endforeach()
endfunction()

# tally_program(<name> <main.cpp> <libraries...>): lands in bin/. main.cpp wires and does nothing else.
function(tally_program name main)
  if(NOT EXISTS ${CMAKE_SOURCE_DIR}/${main})
    return()
  endif()
  add_executable(${name} ${CMAKE_SOURCE_DIR}/${main})
  target_compile_definitions(${name} PRIVATE TALLY_VERSION="${PROJECT_VERSION}")
  target_link_libraries(${name} PRIVATE ${ARGN})
endfunction()
