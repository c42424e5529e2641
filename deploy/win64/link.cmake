# SPDX-License-Identifier: Apache-2.0
# What links the static libraries into the EXE. Include it from a cross build that uses toolchain.cmake:
#
#   include(deploy/win64/link.cmake)
#   target_link_libraries(collect PRIVATE CURL::libcurl libzip::zip jansson::jansson ZLIB::ZLIB)
#
# Each target carries its headers, its static-library macro and what it needs, in the right order.
# CERTTRIAGE_WIN64_LINK_LIBRARIES is the same as one list, for those who link everything.

if(NOT EXISTS "${CERTTRIAGE_WIN64_LIBS}/stamp")
  message(FATAL_ERROR "no libraries in ${CERTTRIAGE_WIN64_LIBS}: run deploy/win64/libs '${CERTTRIAGE_WIN64_LIBS}'")
endif()

# find_package is not used: CMake's own modules do not know what the static libraries need of Windows.
function(certtriage_win64_library target file macro)
  if(TARGET ${target})
    return()
  endif()
  add_library(${target} STATIC IMPORTED GLOBAL)
  set_target_properties(${target} PROPERTIES
    IMPORTED_LOCATION "${CERTTRIAGE_WIN64_LIBS}/lib/${file}"
    INTERFACE_INCLUDE_DIRECTORIES "${CERTTRIAGE_WIN64_LIBS}/include"
    INTERFACE_COMPILE_DEFINITIONS "${macro}"
    INTERFACE_LINK_LIBRARIES "${ARGN}")
endfunction()

certtriage_win64_library(ZLIB::ZLIB       libz.a       "")
# advapi32: the random seeds of hash tables
certtriage_win64_library(jansson::jansson libjansson.a "" advapi32)
# (zipconf.h defines ZIP_STATIC by itself)
certtriage_win64_library(libzip::zip      libzip.a     "" ZLIB::ZLIB advapi32)
# crypt32: certificates; bcrypt: random numbers; secur32 and iphlpapi are loaded by libcurl while it runs
certtriage_win64_library(CURL::libcurl    libcurl.a    CURL_STATICLIB ws2_32 crypt32 bcrypt advapi32)

set(CERTTRIAGE_WIN64_LINK_LIBRARIES CURL::libcurl libzip::zip jansson::jansson ZLIB::ZLIB)
