/* SPDX-License-Identifier: Apache-2.0
 *
 * reg_text: registry keys as Windows Registry Editor 5.00 text (schema/bundle.md), written into the open item
 * of a bundle. */
#ifndef CERTTRIAGE_REG_TEXT_H
#define CERTTRIAGE_REG_TEXT_H

#include "probes.h"

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

#endif
