/* SPDX-License-Identifier: Apache-2.0
 *
 * win32: what the files of this backend share. Only ...W functions; text is UTF-8 outside, UTF-16 here. What
 * is newer than Windows 7 is looked up while we run, never imported. */
#ifndef CERTTRIAGE_OS_WIN32_H
#define CERTTRIAGE_OS_WIN32_H

#include "../os.h"

#include <windows.h>

struct os {
    struct buf name, domain; /* of the machine */
    struct buf own_sid;      /* of who runs us */
    bool elevated;
};

/* --- errors
 * ------------------------------------------------------------------------------------------------------ */
/* As err_set, for a failed call of Windows: appends the system's text (in English where it has that) and
 * keeps the code. `missing` and `missing_too` are the codes that the documentation of this very call gives
 * the meaning "not there"; 0: none. HRESULTs of the Win32 facility are taken apart. */
int err_windows(struct err *e, DWORD code, DWORD missing, DWORD missing_too, const char *format, ...)
    PRINTF_LIKE(5, 6);

/* --- UTF-16
 * ------------------------------------------------------------------------------------------------------ */
enum {
    WIDE_BYTES = 1 << 17
}; /* more than the longest path (32,767 characters) or name of a value (16,383) */
#define WIDE_INIT BUF_INIT(WIDE_BYTES)

int wide_from(struct str utf8, struct buf *ret, struct err *e); /* with the final NUL */
const wchar_t *wide_p(const struct buf *b);
void wide_to_utf8(struct buf *out, const wchar_t *s); /* NULL adds nothing */
void wide_to_utf8_n(struct buf *out, const wchar_t *s, size_t n_chars);
/* A path for ...W calls: absolute, without the limit of 260 characters. */
int wide_path(struct str path, struct buf *ret, struct err *e);

/* --- what is not there on every Windows
 * ------------------------------------------------------------------------------ */
typedef void (*win32_fn)(void);
/* NULL when the DLL or the function is not there. DLLs of System32 only; they stay loaded. */
win32_fn win32_lookup(const wchar_t *dll, const char *function);

/* --- handles
 * ------------------------------------------------------------------------------------------------------ */
void handle_done(HANDLE *h);               /* with CLEANUP; INVALID_HANDLE_VALUE and NULL are welcome */
void local_done(void *pointer_to_pointer); /* LocalFree, with CLEANUP */

/* --- security
 * ----------------------------------------------------------------------------------------------------- */
int sid_to_text(PSID sid, struct buf *ret, struct err *e);
/* Information of the token of this process; malloc'ed. */
int token_information(TOKEN_INFORMATION_CLASS what, void **ret, struct err *e);
/* Owned by who runs us; full access for that one, the system and the administrators; nothing inherited.
 * NULL where that fails; LocalFree. */
PSECURITY_DESCRIPTOR win32_private_descriptor(void);

/* --- registry
 * ----------------------------------------------------------------------------------------------------- */
int reg_open(struct str key, REGSAM rights, HKEY *ret, struct err *e);
void reg_done(HKEY *k);

#endif
