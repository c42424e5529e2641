# SPDX-License-Identifier: Apache-2.0
# CMake toolchain for the Windows EXE: mingw-w64, static, Windows 7 and later; x86_64, or what toolchain-x86.cmake says.
# The same flags build the libraries (libs) and the project, so that both see the same Windows
# and the same stdio.

set(CMAKE_SYSTEM_NAME Windows)
# 6.1 is Windows 7. With no version CMake would leave CMAKE_SYSTEM_VERSION empty, and libraries that compare it
# would choose by luck.
set(CMAKE_SYSTEM_VERSION 6.1)
if(NOT CERTTRIAGE_WIN_ARCH)
  set(CERTTRIAGE_WIN_ARCH x86_64)
  set(certtriage_libs win64-libs)
endif()
set(CMAKE_SYSTEM_PROCESSOR ${CERTTRIAGE_WIN_ARCH})
set(certtriage_triplet ${CERTTRIAGE_WIN_ARCH}-w64-mingw32)

# Debian has two of each compiler. The -win32 one needs no winpthreads, which would be one more library in the EXE;
# elsewhere there is one, with the plain name.
find_program(CERTTRIAGE_WIN64_CC NAMES ${certtriage_triplet}-gcc-win32 ${certtriage_triplet}-gcc)
if(NOT CERTTRIAGE_WIN64_CC)
  message(FATAL_ERROR "${certtriage_triplet}-gcc is missing: install the packages in deploy/win64/packages")
endif()
set(CMAKE_C_COMPILER "${CERTTRIAGE_WIN64_CC}")
set(CMAKE_RC_COMPILER ${certtriage_triplet}-windres)

cmake_path(SET certtriage_default NORMALIZE "${CMAKE_CURRENT_LIST_DIR}/../../build/${certtriage_libs}")
set(CERTTRIAGE_WIN64_LIBS "${certtriage_default}" CACHE PATH "Where deploy/win64/libs put the static libraries")
# try_compile reads this file again in a project of its own, which has no cache to find the prefix in.
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES CERTTRIAGE_WIN64_LIBS)

# Headers and libraries come from the compiler and the prefix alone: a header of this Linux machine that is found by
# accident compiles well and is wrong. Programs (python, git, …) are this machine's.
set(CMAKE_FIND_ROOT_PATH /usr/${certtriage_triplet} "${CERTTRIAGE_WIN64_LIBS}")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

# _WIN32_WINNT: what is newer than Windows 7 is not declared, so it can not become a hard import by accident.
# __USE_MINGW_ANSI_STDIO: %zu and %lld, which msvcrt.dll does not know.
# Sections: each function alone, so that the linker can drop what nobody calls.
set(CMAKE_C_FLAGS_INIT
    "-D_WIN32_WINNT=0x0601 -D__USE_MINGW_ANSI_STDIO=1 -ffunction-sections -fdata-sections")
if(CERTTRIAGE_WIN_ARCH STREQUAL i686)
  string(APPEND CMAKE_C_FLAGS_INIT " -fno-asynchronous-unwind-tables") # DWARF for exceptions, which C has none of
endif()
# -static: libgcc goes into the EXE. No timestamp: the same sources must give the same EXE.
set(CMAKE_EXE_LINKER_FLAGS_INIT "-static -Wl,--gc-sections -Wl,--no-insert-timestamp")
