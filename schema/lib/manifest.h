/* SPDX-License-Identifier: Apache-2.0
 *
 * manifest: manifest.json and items/NNNNNN.json of a bundle (schema/bundle.md, schema/manifest.schema.json),
 * as a structure. Written by the collector, read by the server from strangers. */
#ifndef CERTTRIAGE_MANIFEST_H
#define CERTTRIAGE_MANIFEST_H

#include "arena.h"
#include "buf.h"
#include "err.h"
#include "names.h"

enum { MANIFEST_VERSION = 1 };

enum { ROLE_SERVER = 1, ROLE_CLIENT = 2, ROLE_PROXY = 4, ROLE_DC = 8 }; /* a set */

/* What somebody asked. Each part may be empty. */
struct complaint {
    struct str url;        /* https://host/path */
    struct str when;       /* as given; RFC 3339 where the collector could tell */
    struct str account;    /* DOMAIN\name, IIS AppPool\name, … */
    struct str thumbprint; /* lower-case hex SHA-1, blanks and marks removed */
    struct str seen;       /* what is seen, in words */
};

struct manifest_machine {
    struct str name;                 /* NetBIOS or DNS computer name */
    struct str domain;               /* empty: none */
    struct str guid;                 /* MachineGuid, lower case */
    unsigned roles;                  /* ROLE_x set */
    int64_t collected_ms, booted_ms; /* UTC; TIME_NONE: not known */
    bool elevated;
    struct str registry_view; /* "64" or "32" */
};

struct manifest_item {
    uint32_t id; /* 1, 2, … in the order of collection */
    enum kind kind;
    struct str source; /* where it came from: path, HKLM\… key, store */
    struct str entry;  /* entry name; empty when nothing was written */
    enum outcome outcome;
    struct str reason;   /* one line; empty with ok */
    uint32_t os_code;    /* Windows error code, 0 none */
    int64_t size;        /* bytes written to the entry */
    int64_t original;    /* bytes of the source, -1 not known; larger than size when cut or redacted */
    struct str cut;      /* "", "head" (the beginning was left out) or "tail" */
    int64_t modified_ms; /* modification time of file or LastWriteTime of key; TIME_NONE not known */
    struct str sha256;   /* lower hex of the entry's bytes; empty for logs, which the CRC-32 proves */
    /* what it belongs to, each empty where it does not apply */
    struct str site, path;      /* site name; virtual path "Site/app" */
    struct str location, store; /* certificate store */
    struct str user;            /* SID of a per-user item */
    struct str gathered; /* "before-elevation": by that user, before an administrator went on; or empty */
};

struct manifest {
    int version;
    struct str bundle;                /* UUID, lower case */
    struct str case_id;               /* empty: not given */
    struct str tool_version, backend; /* "win32" or "image" */
    struct manifest_machine machine;
    struct complaint complaint;
    bool redacted;         /* false: collected with --raw */
    struct str pseudonyms; /* UUID of the file that gave the names; empty: names are the machine's own */
    struct manifest_item *items;
    size_t n_items;
};

/* Appends JSON. -ERR_NOMEM, -ERR_LIMIT, -ERR_FORMAT (text that is not UTF-8). */
int manifest_write(const struct manifest *m, struct buf *out, struct err *e);
int manifest_item_write(const struct manifest_item *item, struct buf *out, struct err *e);

/* Reads strangers' JSON; everything lives in `a`. Checks types, lengths, closed lists, legal entry names,
 * unique ids, depth, and the version (-ERR_UNSUPPORTED when newer). -ERR_FORMAT names the member that is
 * wrong. */
int manifest_read(struct bytes json, struct arena *a, struct manifest *ret, struct err *e);
int manifest_item_read(struct bytes json, struct arena *a, struct manifest_item *ret, struct err *e);

/* "server,client" to a set and back; false for an unknown word or none. */
bool roles_from(struct str s, unsigned *ret);
void roles_add(struct buf *out, unsigned roles); /* comma-separated */

#endif
