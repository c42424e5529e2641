/* SPDX-License-Identifier: Apache-2.0
 *
 * extract_case_job: what the parts of extract_case share: the machines of a case, read from the stream. */
#ifndef CERTTRIAGE_EXTRACT_CASE_JOB_H
#define CERTTRIAGE_EXTRACT_CASE_JOB_H

#include "extract_case.h"
#include "extract_certificates.h"

enum {
    CASE_PAIRS = 4096, /* of a certificate and a server */
    CASE_VIEWS = 16,   /* stores of trusted issuers of one server */
    CASE_TIMES = 64    /* of symptoms of one server at which chains are judged once more */
};

/* How a server looks at its stores on one kind of connection. */
struct case_view {
    struct str issuers; /* the store of trusted issuers; p NULL: none */
    struct x509_pool pool;
    bool has_pool, has_issuers; /* has_issuers: something is in that store */
};

struct case_machine {
    struct extract_state x;
    struct certificates k; /* its places */
    struct str label;
    unsigned roles;
    int trust_mode;
    struct case_view views[CASE_VIEWS];
    size_t n_views;
    int64_t times[CASE_TIMES];
    size_t n_times;
    size_t room_disallowed;
};

struct case_leaf {
    size_t machine;
    const struct x509 *certificate;
    struct str user;
    bool only_here;
};

struct case_job {
    struct arena *arena;
    struct arena *scratch; /* of one certificate at one server */
    struct sink *sink;
    struct case_machine *machines;
    size_t n_machines;
    struct x509 **certificates; /* NULL where one could not be read */
    size_t n_certificates;
    struct case_leaf *leaves;
    size_t n_leaves;
};

/* Reads the stream into the job, whose arena, sink and tables are there. -ERR_FORMAT, -ERR_LIMIT, -ERR_NOMEM.
 */
int extract_case_read(struct case_job *j, struct bytes stream, struct err *e);

#endif
