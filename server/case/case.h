/* SPDX-License-Identifier: Apache-2.0
 *
 * case: bundles to the facts of a case to a report; the sequence of calls that lint, serve and reprocess
 * share. */
#ifndef CERTTRIAGE_CASE_H
#define CERTTRIAGE_CASE_H

#include "err.h"
#include "rules.h"

#include <sqlite3.h>

/* Extracts one bundle (any file) into new facts: `path` NULL in memory, else a new file. What a worker that
 * ended badly leaves, a bundle_problem row among it, are facts, too. *ret_killed: its code is ERR_KILLED when
 * another try may find more, 0 otherwise. -ERR_FORMAT: not a bundle. -ERR_LIMIT, -ERR_NOMEM, -ERR_IO. */
int case_extract(int bundle_fd, const char *name, const char *path, sqlite3 **ret, struct err *ret_killed,
                 struct err *e);

/* Merges machines' facts (only the newest of each machine: same guid, name and domain) and adds the case
 * facts that need more than one machine or OpenSSL over several (server/case/README.md). The result is in
 * memory and confined. */
int case_facts(sqlite3 *const *machines, size_t n_machines, sqlite3 **ret, struct err *e);

/* The same, kept: building costs a worker process, opening nearly nothing. The key names what the result
 * depends on: the parts (a text for each bundle; not their order), the complaint, the versions of facts and
 * extractors. Lower-case hex. */
enum { CASE_KEY_CHARS = 64 };
int case_facts_key(const char *const *parts, size_t n, struct str complaint, char ret[CASE_KEY_CHARS + 1],
                   struct err *e);
/* Writes the case's facts to `path`, a new file (removed again on failure). complaint: JSON of what the
 * support team says (schema/openapi.yaml), which goes before what manifests say; empty: nothing. -ERR_KILLED:
 * the worker that works out chains took too much time or memory; is_last_try: they are left out then. */
int case_facts_write(sqlite3 *const *machines, size_t n_machines, struct str complaint, bool is_last_try,
                     const char *path, struct err *e);
/* The same to memory of FACTS_IMAGE_BYTES, without a complaint. */
int case_facts_image(sqlite3 *const *machines, size_t n_machines, unsigned char *to, size_t *ret_len,
                     struct err *e);

#endif
