# ct_embed(target symbol file…): the bytes of the files, one after the other, as `const char symbol[]` (NUL-terminated) and
# `const size_t symbol_len`, compiled into the target. Run at build time, so a changed file is picked up.
function(ct_embed target symbol)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/${symbol}.c)
  add_custom_command(OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DSYMBOL=${symbol} -DOUT=${out} "-DFILES=${ARGN}" -P ${PROJECT_SOURCE_DIR}/deploy/cmake/embed-file.cmake
    DEPENDS ${ARGN} ${PROJECT_SOURCE_DIR}/deploy/cmake/embed-file.cmake VERBATIM)
  target_sources(${target} PRIVATE ${out})
endfunction()
