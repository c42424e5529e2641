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

struct probe_user {
    struct str sid, profile;
    struct probe_user *next;
};

/* One collection. The caller sets the first part; the rest is the probes' own, gone after probes_done. */
struct probe_run {
    struct os *os;
    struct bundle *bundle;
    unsigned roles;     /* ROLE_SERVER, ROLE_CLIENT */
    struct str account; /* --as; empty: none */
    bool raw;           /* without redaction */

    struct arena arena;
    struct iis_model *model; /* NULL until the configuration was read */
    struct probe_user *users;
    struct err users_error; /* code 0: users is complete */
    int64_t log_bytes;      /* taken so far */
};

/* The roles that the machine shows: a server where IIS is installed or its configuration lies, else a client.
 */
unsigned probes_detect_roles(struct os *os);
/* Runs every probe of the roles, in the order of probes.def. */
int probes_run(struct probe_run *run, struct err *e);
void probes_done(struct probe_run *run);

#endif
