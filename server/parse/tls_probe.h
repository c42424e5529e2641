/* SPDX-License-Identifier: Apache-2.0
 *
 * tls_probe: the record of one connection of the collector's handshake probe, tls/<n>.json
 * (schema/bundle.md). Everything lives in the arena. */
#ifndef CERTTRIAGE_TLS_PROBE_H
#define CERTTRIAGE_TLS_PROBE_H

#include "arena.h"
#include "err.h"
#include "tls_handshake.h"

enum { PROBE_CHUNKS_MAX = 1000, PROBE_BYTES_MAX = 262144, PROBE_NAMES_MAX = 4096 };

enum probe_answer { PROBE_NO = 0, PROBE_YES = 1, PROBE_NOT_KNOWN = -1 };

struct probe_chunk {
    int64_t at_ms; /* since started */
    bool is_of_server;
    size_t len;
};

struct probe_list { /* of DER; p NULL: not known, or not asked */
    struct bytes *p;
    size_t n;
};

struct tls_probe {
    struct str host, address, local_address, site, binding, how, sni; /* p NULL: null */
    struct str outcome, stage, text;
    int64_t port, local_port, os_code, started_ms; /* 0, 0, -1, TIME_NONE: null */
    unsigned offered;                              /* enum tls_version as bits; 0: null */
    struct probe_chunk *chunks;
    size_t n_chunks, n_bytes;
    bool is_cut;
    const char *end_by, *end_how; /* "client", "server"; "close", "reset"; NULL */
    int64_t end_at_ms;
    bool has_schannel;
    int64_t status; /* -1: null */
    unsigned protocol;
    struct str cipher;
    enum probe_answer asked;
    struct probe_list issuers, peer_chain;
    bool has_http;
    struct str method, path;
    int64_t http_status, http_substatus; /* -1: null */
    enum probe_answer http_asked;
    struct probe_list http_issuers;
};

/* -ERR_FORMAT: no such record; -ERR_NOMEM. A member of another type than it should be reads as null. */
int tls_probe_read(struct bytes json, struct arena *a, struct tls_probe *ret, struct err *e);

#endif
