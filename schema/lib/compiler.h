/* SPDX-License-Identifier: Apache-2.0
 *
 * compiler: the only place that knows gcc, clang and mingw. CLEANUP(fn) calls fn(&variable) at the end of
 * scope. */
#ifndef CERTTRIAGE_COMPILER_H
#define CERTTRIAGE_COMPILER_H

#if defined(__MINGW32__)
#define PRINTF_LIKE(f, a) __attribute__((format(gnu_printf, f, a)))
#else
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#endif
#define MUST_CHECK __attribute__((warn_unused_result))
#define CLEANUP(fn) __attribute__((cleanup(fn)))
#define UNUSED __attribute__((unused))
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
