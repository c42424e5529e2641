/* SPDX-License-Identifier: Apache-2.0
 *
 * handshakes: what captures and probes show, those that say the same as one. */
#include "diagnose.h"

enum { HANDSHAKES_MAX = 50, ROWS_MAX = 100000 };

/* Those of a probe first, then those that were asked or cannot be known: the ordinary ones are cut off. */
static const char seen_sql[] = "SELECT machine, source, server, local AS local_flag, version, asked, "
                               "asked_why, client_certificate, words, count,"
                               " first AS first_time, last AS last_time, entry, connection"
                               " FROM handshake_seen ORDER BY source <> 'probe', asked = 'no', machine, "
                               "server, first, entry, connection";

int handshakes_build(struct run *run, json_t **ret, size_t *ret_left_out, struct err *e)
{
    json_t *list = coverage_rows(run, seen_sql, NULL, ROWS_MAX, e);
    size_t n = json_array_size(list);

    if (!list)
        return -e->code;
    while (json_array_size(list) > HANDSHAKES_MAX)
        (void)json_array_remove(list, json_array_size(list) - 1);
    *ret_left_out = n - json_array_size(list);
    *ret = list;
    return 0;
}
