/* SPDX-License-Identifier: Apache-2.0
 *
 * pseudonym: other names for addresses, users, hosts and domains, the same one for the same name wherever it
 * stands (README.md says which names stay, and why). First everything is shown to the learn functions, those
 * of what stays before the others; then texts are rewritten. */
#ifndef CERTTRIAGE_PSEUDONYM_H
#define CERTTRIAGE_PSEUDONYM_H

#include "buf.h"
#include "err.h"
#include "str.h"

struct pseudonyms;
int pseudonyms_new(struct pseudonyms **ret, struct err *e);
void pseudonyms_free(struct pseudonyms *p); /* NULL is welcome */
/* 0, or why not all could be learnt: -ERR_NOMEM, -ERR_LIMIT (too many names). */
int pseudonyms_check(const struct pseudonyms *p, struct err *e);

/* --- what stays --- */
/* The names of hosts in a certificate (DER): it cannot be rewritten, and rules compare with it. */
void pseudonyms_learn_certificate(struct pseudonyms *p, struct bytes der);
/* The names of application pools in applicationHost.config: the SIDs of their accounts are made of them. */
void pseudonyms_learn_pools(struct pseudonyms *p, struct str config);

/* --- what goes --- */
/* A text of a bundle, redacted: configuration, registry, JSON, events, traces. */
void pseudonyms_learn(struct pseudonyms *p, struct str text);
/* Whole lines of a W3C log; *columns, 0 at first, is kept between two pieces of one log. */
void pseudonyms_learn_log(struct pseudonyms *p, struct str lines, uint64_t *columns);
void pseudonyms_learn_host(struct pseudonyms *p, struct str host); /* a name, an address, "*.name" */
void pseudonyms_learn_user(struct pseudonyms *p, struct str user); /* DOMAIN\name, name@domain, name */

/* --- rewriting --- */
void pseudonyms_apply(const struct pseudonyms *p, struct str text, struct buf *out);
/* Where lengths stand beside the characters: each letter of a name becomes an 'x'. width 1 or 2 (UTF-16LE).
 */
void pseudonyms_mask(const struct pseudonyms *p, struct buf *data, size_t width);
/* What stands for what: "pseudonym TAB name TAB CR LF" for each, with "part" at the end for a part of a
 * longer name and "kept" for a name that stays; the first line, "id TAB TAB map", is the map's own. Read
 * before anything is learnt, another bundle gets the same. */
void pseudonyms_map(const struct pseudonyms *p, struct buf *out);
void pseudonyms_read(struct pseudonyms *p, struct str map);
/* What the map is called, so that bundles can say that they have the same one. One that has a name keeps it.
 * Empty: none. */
void pseudonyms_call(struct pseudonyms *p, struct str id);
struct str pseudonyms_id(const struct pseudonyms *p);

#endif
