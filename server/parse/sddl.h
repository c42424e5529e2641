/* SPDX-License-Identifier: Apache-2.0
 *
 * sddl: security descriptors as text to owner and access entries, and what they allow somebody. SIDs, never
 * names: names are translated. Everything lives in the arena. */
#ifndef CERTTRIAGE_SDDL_H
#define CERTTRIAGE_SDDL_H

#include "arena.h"
#include "err.h"

enum {
    SDDL_READ = 0x120089, /* FILE_GENERIC_READ, what opening a key asks for */
    SDDL_WRITE = 0x120116,
    SDDL_EXECUTE = 0x1200a0,
    SDDL_ALL = 0x1f01ff
};

struct sddl_ace {
    struct str
        sid; /* 'S-1-…'; a domain-relative abbreviation ('DA') as written, since the domain is not known */
    bool is_deny;
    uint32_t mask; /* file rights; generic ones mapped */
    bool inherit_only, inherited;
};

struct sddl {
    struct str owner, group; /* p NULL: not in the text */
    bool has_dacl;   /* false: 'D:' is not there at all, or NO_ACCESS_CONTROL: everybody may do everything */
    bool is_unknown; /* the DACL was not in the text (not collected) */
    struct sddl_ace
        *aces; /* allow and deny entries, in order; others (object, audit, callback) are left out */
    size_t n_aces, n_left_out;
};

/* -ERR_FORMAT names the place; -ERR_LIMIT, -ERR_NOMEM. */
int sddl_parse(struct str text, struct arena *a, struct sddl *ret, struct err *e);

/* Who somebody is, as far as it is known. */
struct sddl_token {
    const struct str *sids; /* own SID and groups */
    size_t n_sids;
    bool groups_known;          /* false: may be a member of any group */
    const struct str *possible; /* SIDs that some of its processes hold and others do not */
    size_t n_possible;
};

enum sddl_answer { SDDL_NO, SDDL_YES, SDDL_UNKNOWN };

/* May this token read? Entries in order, as Windows checks; *ret_by gets the entry that decided (NULL: none
 * did). */
enum sddl_answer sddl_can_read(const struct sddl *d, const struct sddl_token *t,
                               const struct sddl_ace **ret_by);

#endif
