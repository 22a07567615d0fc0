# Compiler settings shared by everything we compile ourselves.
set(TALLY_SANITIZE "" CACHE STRING "Sanitizers to build with, e.g. address,undefined or thread")
option(TALLY_MUTANTS "Only the simulator, with every seeded bug in it (preset mutants)" OFF)
option(TALLY_FUZZ "Only the fuzzers and what they link (preset fuzz)" OFF)

find_program(TALLY_CCACHE ccache)
if(TALLY_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER ${TALLY_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${TALLY_CCACHE})
endif()

add_library(tally_options INTERFACE)
target_include_directories(tally_options INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/generated)
target_compile_options(tally_options INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
  -Wold-style-cast -Wnon-virtual-dtor -Woverloaded-virtual -Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 16)
  add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:SHELL:-include ${CMAKE_SOURCE_DIR}/tools/cmake/clang/source_location.hpp>")
endif()
if(CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  # -g1: line tables for back traces; full debug information triples link time and size.
  string(REPLACE "-g " "-g1 " CMAKE_CXX_FLAGS_RELWITHDEBINFO "${CMAKE_CXX_FLAGS_RELWITHDEBINFO}")
  string(REPLACE "-DNDEBUG" "" CMAKE_CXX_FLAGS_RELWITHDEBINFO "${CMAKE_CXX_FLAGS_RELWITHDEBINFO}")
  # gcc 12 to 14 take the inactive members of a std::variant for uninitialised ones when they inline.
  target_compile_options(tally_options INTERFACE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-maybe-uninitialized>)
endif()
if(TALLY_MUTANTS)
  target_compile_definitions(tally_options INTERFACE TALLY_MUTANTS)
endif()
if(TALLY_SANITIZE MATCHES "thread")
  # Asio's fences are unknown to ThreadSanitizer; its locks are not.
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Wno-tsan>)
endif()
if(TALLY_SANITIZE)
  add_compile_options(-fsanitize=${TALLY_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -g1)
  add_link_options(-fsanitize=${TALLY_SANITIZE})
endif()
