/* SPDX-License-Identifier: Apache-2.0
 *
 * probes: what is taken of a machine (probes.def), through os.h and into a bundle. What cannot be read
 * becomes an item with its outcome and the run goes on; a negative answer means that the bundle itself cannot
 * be written. */
#ifndef CERTTRIAGE_PROBES_H
#define CERTTRIAGE_PROBES_H

#include "bundle.h"
#include "os.h"

struct iis_model;

/* Stores that are taken of each user as well: the index from 0 on; NULL behind the last. */
const char *probes_user_store(size_t i);

struct probe_user {
    struct str sid, profile;
    struct probe_user *next;
};

/* Runtime limits, at most those of schema/lib/limits.def. */
struct probe_limits {
    int64_t file_bytes;                                      /* a configuration file or trace */
    int64_t log_file_bytes, log_site_bytes, log_total_bytes; /* logs, newest first */
};
struct probe_limits probe_limits_default(void);

/* One collection. The caller sets the first part; the rest is the probes' own, gone after probes_done. */
struct probe_run {
    struct os *os;
    struct bundle *bundle;
    unsigned roles;         /* ROLE_x set */
    struct str account;     /* --as; empty: none */
    bool raw;               /* without redaction */
    struct str url;         /* of the complaint; empty: none */
    bool offline;           /* nothing may be sent, whatever else is chosen */
    bool probe;             /* connect to each https binding */
    bool probe_http;        /* with one request */
    struct str connect;     /* "host[:port],…" to connect to; empty: none */
    bool online_revocation; /* let Windows fetch what certificates name */
    struct str own_sid;     /* who runs this; empty: nobody that matters (an image) */
    struct str started_by;  /* who began, where another account goes on elevated; empty: the same */
    bool own_part;          /* only what is own_sid's own: registry, stores with chains */
    struct str handed_by;   /* the user whose own part was handed over; empty: nobody's */
    uint32_t handed;        /* the kinds of it, bits */
    bool security_log;      /* events of logons as well */
    bool evtx;              /* event logs as files as well, which nothing can redact */
    bool preview;           /* tell what would be taken: no log is read, no packet is sent */
    struct probe_limits limits;
    void (*next)(void *ctx, size_t probe, const char *why); /* a probe begins; may be NULL */
    void *ctx;                                              /* of next */

    struct arena arena;
    struct iis_model *model; /* NULL until the configuration was read */
    struct probe_user *users;
    struct err users_error; /* code 0: users is complete */
    int64_t log_bytes;      /* taken so far */
    unsigned n_connections; /* of the handshake probe, so far */
    size_t n_config_parts;  /* that a configSource names, so far */
};

/* The roles that the machine shows: a server where IIS is installed or its configuration lies, a proxy where
 * that has Application Request Routing, a domain controller by its ProductType; where nothing of that is so,
 * a client. */
unsigned probes_detect_roles(struct os *os);
/* Runs every probe of the roles, in the order of probes.def, beginning with the `first`. */
int probes_run(struct probe_run *run, size_t first, struct err *e);
size_t probes_count(void);
/* What the rest of a probe becomes when it is given up: one item with that end for each of its kinds. */
int probes_give_up(struct probe_run *run, size_t probe, const struct bundle_end *end, struct err *e);
void probes_done(struct probe_run *run);

/* Is this what probe_run.connect may hold? -ERR_USAGE says what is not. */
int probes_check_connect(struct str list, struct err *e);

#endif
