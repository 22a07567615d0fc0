# Target header_check: compiles every header of ours on its own, twice included, so that none lives
# by what another happened to include before it. Not part of `all`; tools/check builds it.
add_custom_target(header_check)

foreach(layer core storage transport hal shell firmware gateway oa tools)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}
       ${CMAKE_SOURCE_DIR}/${layer}/*.hpp)
  set(sources)
  foreach(header ${headers})
    set(source ${CMAKE_BINARY_DIR}/header_check/${header}.cpp)
    set(text "#include \"${header}\"\n#include \"${header}\"\n")
    file(CONFIGURE OUTPUT ${source} CONTENT "${text}" @ONLY)
    list(APPEND sources ${source})
  endforeach()
  if(sources)
    add_library(header_check_${layer} OBJECT EXCLUDE_FROM_ALL ${sources})
    # The layer's own target brings what its headers may use; the packages below are what some
    # layers use without handing it on.
    target_link_libraries(header_check_${layer} PRIVATE tally_${layer} tally_mbedtls
      PkgConfig::SQLITE3 PkgConfig::PANGOCAIRO PkgConfig::LIBPNG tally_prometheus)
    add_dependencies(header_check header_check_${layer})
  endif()
endforeach()
