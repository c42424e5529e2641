/* SPDX-License-Identifier: Apache-2.0
 *
 * err: an error as an argument. Fallible functions return 0 (or a count) on success and -ERR_x on failure,
 * take `struct err *e` last (never NULL), leave outputs untouched on failure. Text: one line, lower case,
 * names the thing, no final dot, outermost context first ("host42.zip: entry 3: CRC mismatch"). Reporting
 * cannot fail: fixed arrays, no allocation, no thread state. */
#ifndef CERTTRIAGE_ERR_H
#define CERTTRIAGE_ERR_H

#include "compiler.h"

#include <stddef.h>

enum {
#define ERROR(name, number, http, exit_code, text) ERR_##name = (number),
#include "errors.def"
#undef ERROR
};

enum { ERR_TEXT_BYTES = 768 };

struct err {
    int code;         /* ERR_x, 0 = no error was set */
    unsigned os_code; /* errno or GetLastError() of the failing call, 0 = none */
    char text[ERR_TEXT_BYTES];
};

/* Sets *e; control characters in the formatted text become '?'. Returns -code, so that it can stand in a
 * return. */
int err_set(struct err *e, int code, const char *format, ...) PRINTF_LIKE(3, 4);
/* Puts "context: " in front of what *e says and returns -e->code. */
int err_wrap(struct err *e, const char *format, ...) PRINTF_LIKE(2, 3);
/* As err_set, for a failed call of libc: appends strerror(errno), chooses the code from errno (ENOENT:
 * MISSING, EACCES and EPERM: DENIED, ENOMEM: NOMEM, ENOSPC, EROFS, EDQUOT: STORAGE, others: IO). */
int err_errno(struct err *e, const char *format, ...) PRINTF_LIKE(2, 3);

/* One row of errors.def for a code (a negative one is taken as positive); unknown codes answer as IO. */
int err_http_status(int code);
int err_exit_code(int code);
const char *err_name(int code);

#endif
