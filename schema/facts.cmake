# SPDX-License-Identifier: Apache-2.0
# schema/facts.sql from schema/facts/*.sql:  cmake -P schema/facts.cmake  (-DOUT=FILE writes elsewhere; a test compares).
if(NOT OUT)
  set(OUT ${CMAKE_CURRENT_LIST_DIR}/facts.sql)
endif()
file(GLOB parts ${CMAKE_CURRENT_LIST_DIR}/facts/*.sql)
list(SORT parts)
file(WRITE ${OUT} "-- Assembled from schema/facts/*.sql by `cmake -P schema/facts.cmake`. Change those, then run that.\n")
foreach(part IN LISTS parts)
  get_filename_component(name ${part} NAME)
  file(APPEND ${OUT} "\n-- facts/${name}\n")
  execute_process(COMMAND ${CMAKE_COMMAND} -E cat ${part} OUTPUT_VARIABLE text)
  file(APPEND ${OUT} "${text}")
endforeach()
