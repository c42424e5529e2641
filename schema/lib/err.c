/* SPDX-License-Identifier: Apache-2.0 */
#include "err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct error_row {
    int code, http, exit_code;
    const char *name;
};

static const struct error_row ERRORS[] = {
#define ERROR(name, number, http, exit_code, text) {number, http, exit_code, #name},
#include "errors.def"
#undef ERROR
};

/* Error text ends up in logs and terminals, and often quotes a stranger's bytes. */
static void make_printable(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            *text = '?';
}

int err_set(struct err *e, int code, const char *format, ...)
{
    va_list args;

    e->code = code;
    e->os_code = 0;
    va_start(args, format);
    if (vsnprintf(e->text, sizeof e->text, format, args) < 0)
        e->text[0] = 0;
    va_end(args);
    make_printable(e->text);
    return -code;
}

/* What does not fit is lost from the end: the outermost context matters most. */
static void append(char *text, size_t *used, const char *more)
{
    while (*more && *used < ERR_TEXT_BYTES - 1)
        text[(*used)++] = *more++;
    text[*used] = 0;
}

int err_wrap(struct err *e, const char *format, ...)
{
    char text[ERR_TEXT_BYTES];
    va_list args;

    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (n < 0)
        return -e->code;
    size_t used = (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    append(text, &used, ": ");
    append(text, &used, e->text);
    make_printable(text);
    memcpy(e->text, text, sizeof text);
    return -e->code;
}

static int code_of_errno(int number)
{
    switch (number) {
    case ENOENT:
        return ERR_MISSING;
    case EACCES:
    case EPERM:
        return ERR_DENIED;
    case ENOMEM:
        return ERR_NOMEM;
    case ENOSPC:
    case EROFS:
#ifdef EDQUOT
    case EDQUOT:
#endif
        return ERR_STORAGE;
    default:
        return ERR_IO;
    }
}

int err_errno(struct err *e, const char *format, ...)
{
    int number = errno;
    char text[ERR_TEXT_BYTES];
    va_list args;

    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    int r = err_set(e, code_of_errno(number), "%s: %s", n < 0 ? "" : text, strerror(number));
    e->os_code = (unsigned)number;
    return r;
}

static const struct error_row *find_row(int code)
{
    const struct error_row *io = &ERRORS[0];

    for (size_t i = 0; i < ARRAY_LEN(ERRORS); i++) {
        if (ERRORS[i].code == code || ERRORS[i].code == -code)
            return &ERRORS[i];
        if (ERRORS[i].code == ERR_IO)
            io = &ERRORS[i];
    }
    return io;
}

int err_http_status(int code)
{
    return find_row(code)->http;
}

int err_exit_code(int code)
{
    return find_row(code)->exit_code;
}

const char *err_name(int code)
{
    return find_row(code)->name;
}
