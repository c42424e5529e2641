# SPDX-License-Identifier: Apache-2.0
# The same for 32-bit Windows: i686-w64-mingw32.
set(CERTTRIAGE_WIN_ARCH i686)
set(certtriage_libs win32-libs)
include(${CMAKE_CURRENT_LIST_DIR}/toolchain.cmake)
