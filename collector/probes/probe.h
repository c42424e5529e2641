/* SPDX-License-Identifier: Apache-2.0
 *
 * probe: what the files of this folder share. */
#ifndef CERTTRIAGE_PROBE_H
#define CERTTRIAGE_PROBE_H

#include "probes.h"
#include "redact.h"

#define ROLE_ANY (ROLE_SERVER | ROLE_CLIENT | ROLE_PROXY | ROLE_DC)
#define PROBE(id, roles, kinds, function, why) int function(struct probe_run *run, struct err *e);
#include "probes.def"
#undef PROBE

/* --- outcomes (take.c) --- */

/* How an item ended that failed as *why says: absent only for -ERR_MISSING; what this backend cannot know is
 * excluded. Points into *why. */
struct bundle_end take_end(const struct err *why);
/* Notes an item of which nothing could be taken. */
int take_failure(struct probe_run *run, const struct manifest_item *head, const struct err *why,
                 struct err *e);
/* An item with the entry `text`. */
int take_text(struct probe_run *run, const struct manifest_item *head, struct str text,
              const struct bundle_end *end, struct err *e);

/* Of users that are not among run->users: why nobody's could be found out, the account that goes on elevated
 * for another, and the one who began where nothing of that user is loaded. */
int take_missing_users(struct probe_run *run, enum kind kind, struct err *e);

/* That user's items of this kind are in the bundle already. */
bool take_was_handed(const struct probe_run *run, struct str sid, enum kind kind);

/* Of an item that is left out by choice: notes that, and answers true; nothing more is to be done then. */
bool take_excluded(struct probe_run *run, const struct manifest_item *head, int *ret, struct err *e);

/* --- files (take.c) --- */

/* Reads at most run->limits.file_bytes of a file. */
int take_read(struct probe_run *run, struct str path, struct buf *ret, struct os_file_info *ret_info,
              struct err *e);
/* An XML file, redacted; head->source is its path. ret_file, which may be NULL, gets the bytes as they are.
 */
int take_xml(struct probe_run *run, const struct manifest_item *head, enum redact_format format,
             struct buf *ret_file, struct err *e);
/* The files that `file`, the configuration file of the item `by`, names by configSource. */
int take_config_parts(struct probe_run *run, const struct manifest_item *by, const struct buf *file,
                      struct err *e);
/* %variables% expanded, in the run's arena. Unchanged where that fails. */
struct str take_expand(struct probe_run *run, struct str text);
/* A path or entry name put together, in the run's arena; p NULL when memory is out. */
struct str take_join(struct probe_run *run, const char *format, ...) PRINTF_LIKE(2, 3);

/* A folder's files whose name fits, newest first. */
struct take_file {
    struct str name;
    struct os_file_info info;
};
typedef bool (*take_filter_fn)(struct str name);
int take_list(struct probe_run *run, struct str folder, take_filter_fn fits, struct arena *a,
              struct take_file **ret, size_t *ret_count, struct err *e);

/* --- JSON (value.c) --- */
struct json_t;
/* Appends the value, compact, and gives the reference up. A NULL value is out of memory. */
void value_take(struct buf *out, struct json_t *value);
/* UTF-8 whatever it was; a view without bytes gives null. */
struct json_t *value_text(struct str s);
struct json_t *value_hex(struct bytes b); /* p NULL gives null */
struct json_t *value_outcome(struct json_t *object,
                             const struct bundle_end *end); /* adds outcome and reason */

#endif
