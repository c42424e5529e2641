# Warnings are errors, for every target of ours. Interface target ct_options carries them.
add_library(ct_options INTERFACE)
target_compile_options(ct_options INTERFACE -Wall -Wextra -Werror -Wpedantic -Wshadow -Wconversion -Wvla
  -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wcast-qual -Wwrite-strings -Wundef -Wformat=2
  -fstack-protector-strong)
target_compile_definitions(ct_options INTERFACE _GNU_SOURCE CERTTRIAGE_VERSION="${PROJECT_VERSION}")
if(WIN32)
  target_compile_definitions(ct_options INTERFACE _WIN32_WINNT=0x0601 UNICODE _UNICODE __USE_MINGW_ANSI_STDIO=1)
  target_link_options(ct_options INTERFACE -fstack-protector-strong) # mingw keeps it in a library of its own
else()
  target_compile_options(ct_options INTERFACE -fPIE $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=2>)
  target_link_options(ct_options INTERFACE -pie -Wl,-z,relro,-z,now)
endif()
if(CERTTRIAGE_SANITIZE)
  target_compile_options(ct_options INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=undefined
    -fno-omit-frame-pointer -U_FORTIFY_SOURCE)
  target_link_options(ct_options INTERFACE -fsanitize=address,undefined)
  target_compile_definitions(ct_options INTERFACE CERTTRIAGE_SANITIZED=1)
endif()
if(CERTTRIAGE_FUZZ) # libFuzzer watches which edges are taken, in every library
  target_compile_options(ct_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

# A folder's library: every *.c of the folder, its headers public.
function(ct_library name)
  file(GLOB sources CONFIGURE_DEPENDS *.c)
  if(NOT sources)
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE ${CMAKE_CURRENT_SOURCE_DIR})
    target_link_libraries(${name} INTERFACE ${ARGN})
    return()
  endif()
  add_library(${name} STATIC ${sources})
  target_include_directories(${name} PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ct_options PUBLIC ${ARGN})
endfunction()

# A Debian library by its pkg-config name, as imported target PkgConfig::<name>.
function(ct_package name module)
  if(NOT TARGET PkgConfig::${name})
    pkg_check_modules(${name} REQUIRED IMPORTED_TARGET GLOBAL ${module})
  endif()
endfunction()
