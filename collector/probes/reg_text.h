/* SPDX-License-Identifier: Apache-2.0
 *
 * reg_text: registry keys as Windows Registry Editor 5.00 text (schema/bundle.md), written into the open item
 * of a bundle. */
#ifndef CERTTRIAGE_REG_TEXT_H
#define CERTTRIAGE_REG_TEXT_H

#include "probes.h"

/* registry.def, in registry.c */
enum reg_file { REG_FILE_HTTP, REG_FILE_SCHANNEL, REG_FILE_SYSTEM, REG_FILE_MACHINE, REG_FILE_USER };
struct reg_row {
    enum reg_file file;
    unsigned depth;
    const char *key, *names;
};
extern const struct reg_row reg_rows[];
extern const size_t n_reg_rows;

struct reg_text {
    struct probe_run *run;
    struct buf out;
    const char *names; /* "|A|B|": only these values; NULL: all */
    struct str only;   /* the keys whose full name begins so; empty: all */
    bool skips;        /* the key that the walk is in */
    struct err failed; /* the first key that could not be read; code 0: none */
    size_t n_failed;
    struct err fatal; /* the bundle could not be written */
};

void reg_text_start(struct reg_text *t, struct probe_run *run);
void reg_text_done(struct reg_text *t);
/* One key with all below it down to `depth`; "…\Parent\Name*" means the subkeys of Parent that begin so. What
 * cannot be read is noted in the text and in t->failed. */
int reg_text_add(struct reg_text *t, struct str key, unsigned depth, const char *names, struct err *e);
int reg_text_flush(struct reg_text *t, struct err *e);

struct pseudonyms;
/* The text of a whole .reg file, as regedit or this collector wrote it, again: what registry.def lists,
 * without secrets. names, unless NULL: they are learnt from values that are bytes, or replaced in them; what
 * stands there as text is left to the caller. */
int reg_text_redact(struct bytes file, struct pseudonyms *names, bool learns, struct buf *out, struct err *e);

/* The text of a REG_SZ within quotes, or the bytes of any value as "6e,00,…" with its lines broken as regedit
 * does (column: of the first digit), without what may be secret. */
void reg_text_add_string(struct buf *out, struct str name, struct str text);
void reg_text_add_bytes(struct buf *out, size_t column, struct str name, struct bytes data);
/* Of JSON the members that rules need, byte for byte where there are no others (reg_json.c). only_json: of
 * what is none, nothing. */
void reg_json_add(struct buf *out, struct str text, bool only_json);
/* Is it one of "A|B"? NULL: any is. */
bool reg_text_is_listed(const char *names, struct str name);

#endif
