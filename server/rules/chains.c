/* SPDX-License-Identifier: Apache-2.0
 *
 * chains: each certificate that a client may present, against each server: offered or not, accepted or not,
 * the first reason, and the links of its best chain. Without a server in the case, the chain from the
 * client's own stores. */
#include "diagnose.h"

#include <string.h>

enum { CHAINS_MAX = 50, LINKS_MAX = 32 };

static const char answers_sql[] =
    "SELECT a.server, a.client, a.location, a.user, a.thumbprint, a.subject, a.issuers,"
    " a.not_offered IS NULL AS offered_flag, a.not_offered, a.not_accepted IS NULL AS accepted_flag, "
    "a.not_accepted,"
    " nullif(ltrim(coalesce(a.note, '') || coalesce('; ' || (SELECT w.said FROM system_chain_comparison w"
    "   WHERE w.machine = a.client AND w.thumbprint = a.thumbprint AND w.location = a.location"
    "   AND w.user IS a.user AND NOT w.agree LIMIT 1), ''), '; '), '') AS note,"
    " (SELECT nullif(count(*) - 1, 0) FROM chain_status t WHERE t.machine = a.server AND t.leaf = "
    "a.thumbprint"
    "   AND t.leaf_machine = a.client) AS other_paths"
    " FROM client_certificate_answer a"
    " ORDER BY NOT EXISTS (SELECT 1 FROM complaint q WHERE lower(q.thumbprint) = a.thumbprint), "
    "a.not_offered IS NOT NULL,"
    "   a.client, a.subject, a.thumbprint, a.server, a.location, a.user, a.issuers";

static const char own_sql[] =
    "SELECT DISTINCT o.machine AS client, o.location, o.user, o.thumbprint, o.subject,"
    " (SELECT w.said FROM system_chain_comparison w WHERE w.machine = o.machine AND w.thumbprint = "
    "o.thumbprint"
    "   AND w.location = o.location AND w.user IS o.user AND NOT w.agree LIMIT 1) AS note,"
    " (SELECT nullif(count(*) - 1, 0) FROM chain_status t WHERE t.machine = o.machine AND t.leaf = "
    "o.thumbprint"
    "   AND t.leaf_machine = o.machine) AS other_paths"
    " FROM client_offer o JOIN chain_status t ON t.machine = o.machine AND t.leaf = o.thumbprint AND "
    "t.leaf_machine = o.machine"
    "   AND t.path = 0"
    " WHERE NOT EXISTS (SELECT 1 FROM machine WHERE is_server)"
    " ORDER BY o.machine, o.subject, o.thumbprint, o.location, o.user";

static const char links_sql[] =
    "SELECT h.thumbprint, h.subject, h.store, nullif(h.status, 'CERT_TRUST_NO_ERROR') AS status,"
    " (SELECT max(c.not_before) FROM certificate c JOIN machine m ON m.machine = h.machine"
    "   WHERE c.thumbprint = h.thumbprint AND c.not_before > m.collected) AS not_before_time,"
    " (SELECT max(c.not_after) FROM certificate c WHERE c.thumbprint = h.thumbprint) AS not_after_time"
    " FROM chain h WHERE h.machine = ?1 AND h.leaf = ?2 AND h.leaf_machine = ?3 AND h.path = 0 ORDER BY "
    "h.position";

static int add_links(struct run *run, sqlite3_stmt *s, json_t *one, struct err *e)
{
    const char *client = json_string_value(json_object_get(one, "client"));
    const char *server = json_string_value(json_object_get(one, "server"));
    json_t *links = json_array();
    int r;

    sqlite3_reset(s);
    (void)sqlite3_bind_text(s, 1, server ? server : client, -1, SQLITE_TRANSIENT);
    (void)sqlite3_bind_text(s, 2, json_string_value(json_object_get(one, "thumbprint")), -1,
                            SQLITE_TRANSIENT);
    (void)sqlite3_bind_text(s, 3, client, -1, SQLITE_TRANSIENT);
    while ((r = sqlite3_step(s)) == SQLITE_ROW && json_array_size(links) < LINKS_MAX)
        json_array_append_new(links, coverage_row(s));
    put(one, "links", links);
    return r == SQLITE_DONE || r == SQLITE_ROW ? 0
                                               : err_set(e, ERR_FORMAT, "facts: %s", sqlite3_errmsg(run->db));
}

static int add_all_links(struct run *run, json_t *list, struct err *e)
{
    sqlite3_stmt *s = NULL;
    json_t *one;
    size_t i;
    int r = statements_take(run->statements, links_sql, &s) == SQLITE_OK
                ? 0
                : err_set(e, ERR_FORMAT, "facts: %s", sqlite3_errmsg(run->db));

    json_array_foreach(list, i, one)
    {
        if (r == 0)
            r = add_links(run, s, one, e);
    }
    statements_give(s);
    return r;
}

int chains_build(struct run *run, json_t **ret, size_t *ret_left_out, struct err *e)
{
    json_t *list = coverage_rows(run, answers_sql, NULL, 100000, e), *own;
    size_t n;

    if (!list)
        return -e->code;
    own = json_array_size(list) ? json_array() : coverage_rows(run, own_sql, NULL, 100000, e);
    if (own)
        (void)json_array_extend(list, own);
    json_decref(own);
    n = json_array_size(list);
    while (json_array_size(list) > CHAINS_MAX)
        (void)json_array_remove(list, json_array_size(list) - 1);
    if (!own || add_all_links(run, list, e)) {
        json_decref(list);
        return -e->code;
    }
    *ret_left_out = n - json_array_size(list);
    *ret = list;
    return 0;
}
