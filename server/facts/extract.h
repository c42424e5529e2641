/* SPDX-License-Identifier: Apache-2.0
 *
 * extract: from the entries of one bundle to fact rows; runs in the worker, pure but for its sink. Order
 * matters in three places only: the registry is read before what needs its values, the IIS configuration
 * before the logs, events and handshakes before certificates, events before logs. */
#ifndef CERTTRIAGE_EXTRACT_H
#define CERTTRIAGE_EXTRACT_H

#include "arena.h"
#include "manifest.h"
#include "sink.h"

/* One entry as the unpacker gives it. `item` is its row of the manifest, NULL in a bundle without one. */
struct entry {
    struct str name;
    const struct manifest_item *item;
    int64_t size;    /* inflated bytes as declared, -1 not known; never trusted */
    int64_t time_ms; /* of the zip entry, for a bundle without manifest; TIME_NONE */
    size_t index;    /* in the unpacker */
    bool is_lost; /* broken, or not what the manifest says (a bundle_problem row tells): reading it is refused
                   */
};

/* What the unpacker has to say; extract_bundle makes rows of it. */
struct bundle_problem {
    struct str entry; /* empty: the bundle as a whole */
    struct str text;
};

/* The bundle as extractors see it. */
struct bundle_view {
    const struct manifest *manifest; /* NULL: made by hand */
    struct entry *entries;
    size_t n_entries;
    const struct bundle_problem *problems;
    size_t n_problems;
    void *ctx; /* of the unpacker */
    /* Whole entry, at most LIMIT_WHOLE_ENTRY_BYTES, living in `a`. On failure (-ERR_FORMAT, -ERR_LIMIT,
     * -ERR_NOMEM) the caller says so by sink_problem and goes on with the next entry. */
    int (*read)(void *ctx, const struct entry *entry, struct arena *a, struct bytes *ret, struct err *e);
    /* Streams an entry in pieces (at most 256 KiB each); take returns 0, or a negative code to stop. A
     * failure after some pieces is an error of the entry: what was taken before it is sound up to there. */
    int (*stream)(void *ctx, const struct entry *entry, int (*take)(void *take_ctx, struct bytes piece),
                  void *take_ctx, struct err *e);
    /* The same for one who asks for the pieces: begin, next until a piece is empty, end; in between neither
     * read nor stream. */
    int (*begin)(void *ctx, const struct entry *entry, struct err *e);
    int (*next)(void *ctx, struct bytes *ret, struct err *e);
    void (*end)(void *ctx);
};

/* What one extractor found that the next ones need; lives in the job's arena. */
struct extract_site {
    struct str name;
    int64_t id;
};
struct extract_path { /* every configured path: site roots, applications, virtual directories, <location>s,
                       * web.configs; sorted by path in the order of str_icmp, which extract_place needs */
    struct str site, path;
};
/* Filled by extract_iis, one an app pool, for extract_certificates (identity, key_access). */
struct extract_identity {
    struct str
        account;    /* as app_pool.account: 'IIS AppPool\Name', 'NT AUTHORITY\NETWORK SERVICE', a user name */
    struct str sid; /* as app_pool.sid; empty: a user name, not resolved */
    struct str pool_sid; /* of 'IIS AppPool\Name', which IIS puts into the processes of the pool whatever they
                            run as */
};
struct extract_state {
    struct arena *arena; /* of the job, LIMIT_WORKER_MEMORY_BYTES / 2 */
    const struct bundle_view *view;
    struct sink *sink;
    int64_t build; /* Windows build, 0 not known */
    bool is_client_sku;
    int64_t collected_ms;                               /* TIME_NONE not known */
    struct str machine_guid;                            /* lower case; empty not known */
    struct str system_root, system_drive, program_data; /* 'C:\Windows', 'C:', 'C:\ProgramData' */
    struct extract_site *sites;
    size_t n_sites;
    struct extract_path *paths;
    size_t n_paths;
    struct registry *registry;           /* all .reg entries parsed (parse/registry.h) */
    struct extract_identity *identities; /* by extract_iis: accounts of app pools */
    size_t n_identities;
    struct bytes *mapped; /* by extract_iis: DER of each one-to-one mapping's certificate that decodes; by
                             extract_events: of those that events carry; by extract_wire: of those that
                             clients sent */
    size_t n_mapped;
    struct bytes *seen; /* by extract_wire: DER of certificates of handshakes whose chains are not judged */
    size_t n_seen;
    struct log_map *event_minutes; /* by extract_events, for extract_logs; NULL: no events */
};

/* The extractors, in the order of the run. Each returns 0 also when the evidence is broken (a bundle_problem
 * row says so); negative only when the job cannot go on (memory, the sink). */
/* First of all: 00-machine.sql. Reads the manifest (or, where there is none, items/NNNNNN.json, or nothing
 * but the names), checks every entry but logs against it, gives each entry its item, and sets x->collected_ms
 * and x->machine_guid. `view` is x->view. -ERR_UNSUPPORTED: a newer format. */
int extract_bundle(struct extract_state *x, struct bundle_view *view, struct err *e);
int extract_registry(
    struct extract_state *x,
    struct err *e); /* registry_*, machine's build, schannel_setting, client_setting, ssl_binding */
int extract_iis(struct extract_state *x, struct err *e);          /* 10-iis.sql */
int extract_events(struct extract_state *x, struct err *e);       /* 65-event.sql */
int extract_wire(struct extract_state *x, struct err *e);         /* 70-handshake.sql */
int extract_certificates(struct extract_state *x, struct err *e); /* 40-certificate.sql, 50-rights.sql */
int extract_logs(struct extract_state *x, struct err *e);         /* 60-log.sql */

/* The worker of the case job: chains of every client's certificates against every server's stores. Reads the
 * stream that server/case wrote (server/facts/extract_case.h). Its rows carry `machine` themselves, the only
 * place where a worker names it: the parent takes it only for a case job (label "") and only when it is a
 * label in table machine. */
int extract_case(int fd, struct sink *s, struct arena *a, struct err *e);

/* The longest configured path of `site` that contains `url` (path part only, '/app/x'), by whole segments,
 * without regard to case; the site's name when nothing longer fits. */
struct str extract_place(const struct extract_state *x, struct str site, struct str url);

#endif
