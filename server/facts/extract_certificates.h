/* SPDX-License-Identifier: Apache-2.0
 *
 * extract_certificates: what the parts of this extractor share. */
#ifndef CERTTRIAGE_EXTRACT_CERTIFICATES_H
#define CERTTRIAGE_EXTRACT_CERTIFICATES_H

#include <jansson.h>

#include "extract.h"
#include "sddl.h"
#include "store_blob.h"
#include "x509_chain.h"

/* What property 2 says. */
struct certificate_key {
    bool is_there, is_known; /* is_known false: nothing says whether property 2 is there */
    struct str container, provider;
    int64_t type, flags, key_spec;
};

/* A certificate in a store. */
struct certificate_place {
    const char *thumbprint;
    const struct x509 *certificate;                            /* NULL: a record without its certificate */
    struct str location, user, store, physical, friendly_name; /* p NULL: not known, or none */
    struct x509_properties set;
    struct str renewed_by; /* thumbprint; p NULL: not set */
    int archived;          /* -1 not known */
    struct certificate_key key;
    const struct store_property *properties; /* all that are set; data p NULL: the value is not known */
    size_t n_properties;
    struct str entry;
    int64_t line;
    size_t next; /* of the same bucket, one more than its index */
};

/* A CRL or a CTL in a store. */
struct certificate_list {
    struct certificate_place place; /* location to physical, entry, line */
    struct bytes der;
    const char *sha1;
    struct certificate_list *next;
};

struct key_file {
    struct str path, name; /* name: behind the last backslash */
    const char *outcome;
    struct sddl dacl; /* is_unknown when it could not be read */
};

struct key_folder {
    struct str path;
    bool is_whole; /* its list of files is complete */
};

struct certificate_account {
    struct str account, sid; /* sid p NULL: not resolved */
    const char *why;         /* 'app pool', 'collected', 'complaint' */
    struct str *groups;      /* SIDs, without its own */
    size_t n_groups;
    bool groups_known;
    struct str *pools; /* SIDs of pools that run as this account: in some of its processes, not in all */
    size_t n_pools;
};

struct certificates {
    struct extract_state *x;
    struct x509 **list; /* distinct */
    size_t n, room;
    struct x509 **buckets;
    size_t n_buckets;
    struct certificate_place *places;
    size_t n_places, room_places;
    size_t *place_buckets; /* n_buckets: one more than the index of the first place; 0: none */
    struct certificate_list *crls, *ctls;
    size_t n_lists;
    struct x509_policy policy;
    struct key_file *files;
    size_t n_files;
    struct key_folder *folders;
    size_t n_folders;
    struct certificate_account *accounts;
    size_t n_accounts, room_accounts;
    struct str entry; /* being read */
    struct err why;   /* of the last certificate that could not be read */
};

/* Parses and keeps one; the one that is already there when it was seen before. NULL with *e set: not a
 * certificate
 * (-ERR_FORMAT in e->code), or memory. */
struct x509 *certificates_add(struct certificates *k, struct bytes der, struct err *e);
const struct x509 *certificates_find(const struct certificates *k, struct str thumbprint);
/* Adds a place, or fills what is missing in the one that is the same certificate in the same store.
 * -ERR_NOMEM. */
int certificates_place(struct certificates *k, const struct certificate_place *p, struct err *e);

/* One certificate, CRL or CTL, with what is set on it, at the place that `where` says; a place without a
 * store is none. What cannot be decoded is told and still has its row. -ERR_NOMEM. */
int certificates_take(struct certificates *k, const struct store_blob *b,
                      const struct certificate_place *where, struct err *e);
/* Hex in the arena; NULL without memory. */
const char *certificates_sha1(struct bytes der, struct arena *a);
/* Fills what the properties say: usages and times that limit it, its successor. */
void certificates_set_limits(const struct store_blob *b, struct arena *a, struct certificate_place *p);
/* The same, and friendly name, archived, key; nothing when there are none at all. */
void certificates_set_properties(const struct store_blob *b, struct arena *a, struct certificate_place *p);

int certificates_read_entries(struct certificates *k, struct err *e); /* certs/… */
int certificates_read_stores(struct certificates *k, struct err *e);  /* certs/stores*.json */
bool certificates_is_stores(struct str entry_name);
int certificates_read_registry(struct certificates *k, struct err *e); /* blobs in registry text */
int certificates_read_policy(struct certificates *k, struct err *e);   /* registry values, disallowed lists */
int certificates_read_keys(struct certificates *k, struct err *e);     /* acl/keys.json */
int certificates_find_accounts(struct certificates *k, struct err *e); /* pools, complaint */

int certificates_emit(const struct certificates *k, struct err *e);
void certificates_emit_lists(const struct certificates *k); /* CRLs, CTLs, policy */
int certificates_emit_keys(const struct certificates *k, struct err *e);
int certificates_emit_chains(const struct certificates *k, struct err *e);

/* 'certs/<location>/<store>/<file>' or 'certs/<location>/<store>.sst'; false: the name says no store. */
bool certificates_entry_store(struct str name, struct str *ret_location, struct str *ret_store);

/* 'CurrentUser-S-1-5-21-…' is location CurrentUser of that user. */
void certificates_set_location(struct str text, struct certificate_place *p);
/* The name of a store as people write it: 'MY' is 'My'. AuthRoot and SmartCardRoot are parts of Root:
 * *ret_physical gets the name then. */
struct str certificates_store_name(struct str store, struct str *ret_physical);

/* JSON of an entry: text and numbers, p NULL and 0 where a member is missing or of another type. The text
 * lives in `a`. */
json_t *certificates_json(struct extract_state *x, const char *entry_name, struct err *e);
struct str certificates_json_text(const json_t *o, const char *name, struct arena *a);
void certificates_json_done(json_t **j);

enum { SYSTEM_CHAINS = 2 }; /* without revocation, and by the cache */
/* What Windows said of it on the machine, `chains` of a record of stores.json, as rows. */
void certificates_emit_system(struct extract_state *x, const json_t *record,
                              const struct certificate_place *p);

/* One chain as rows; machine empty: the parent puts it in. */
void certificates_emit_chain(struct sink *s, const struct x509_chain *chain, struct str machine,
                             struct str leaf_machine, int64_t at_ms);
/* Who looks at the stores. */
struct certificate_view {
    struct str user; /* p not NULL: a user of this machine, whose stores count too */
    bool to_server;  /* what that user has comes as sent by a client, without its roots */
    struct str
        issuers; /* Schannel's store of trusted issuers: its members are looked at as well; p NULL: none */
};
/* The pool lives in `a`, which holds as much as the stores are large. -ERR_NOMEM. */
int certificates_pool(const struct certificates *k, const struct certificate_view *view, struct arena *a,
                      struct x509_pool *ret, struct err *e);
unsigned certificates_place_bit(struct str store);

#endif
