/* SPDX-License-Identifier: Apache-2.0
 *
 * beside: what Windows' events say in the minutes in which a symptom was seen. */
#include "diagnose.h"

enum { EVENTS_MAX = 5 };

/* Of CAPI2 only what the programs asked for that check a client's certificate: most of it is others'. Of the
 * clients of the case what their Schannel wrote. */
static const char events_sql[] =
    "WITH near AS (SELECT NULL AS event_machine, event_entry, event_line, record, event_time, area, "
    "event_id, "
    "side, code, error, error_text, event_status, process FROM event_request"
    " WHERE machine = ?1 AND coalesce(place, site, '') = ?2 AND status = ?3 AND coalesce(substatus, 0) = ?4"
    " AND (?5 = -1 OR coalesce(win32, 0) = ?5)"
    " AND (area <> 'capi2' OR lower(process) IN ('lsass.exe', 'w3wp.exe', 'svchost.exe'))"
    " UNION ALL SELECT event_machine, event_entry, event_line, record, event_time, area, event_id, side, "
    "code, "
    "error, error_text, event_status, process FROM client_event_request"
    " WHERE machine = ?1 AND coalesce(place, site, '') = ?2 AND status = ?3 AND coalesce(substatus, 0) = ?4"
    " AND (?5 = -1 OR coalesce(win32, 0) = ?5))"
    "SELECT coalesce('on ' || r.event_machine || ': ', '') || r.area || ' ' || r.event_id"
    " || coalesce(': ' || m.meaning, '')"
    " || iif(r.area = 'schannel', coalesce(', alert ' || r.code || coalesce(' (' || a.name || ')', ''), ''), "
    "'')"
    " || coalesce(', as ' || r.side, '')"
    " || coalesce(', ' || hex32(nullif(r.error, 0)) || coalesce(' (' || r.error_text || ')', ''), '')"
    " || coalesce(', ' || r.event_status, '') || coalesce(', asked by ' || r.process, '') AS text,"
    " count(DISTINCT r.event_entry || ' ' || coalesce(r.record, '') || ' ' || coalesce(r.event_line, '')) AS "
    "count,"
    " min(r.event_time) AS first_time, max(r.event_time) AS last_time, min(r.event_entry) AS entry,"
    " min(r.event_line) AS line"
    " FROM near r LEFT JOIN event_meaning m ON m.area = r.area AND m.event_id = r.event_id"
    " LEFT JOIN tls_alert a ON a.alert = r.code"
    " GROUP BY 1 ORDER BY r.event_machine IS NULL, 2 DESC, 1 LIMIT ?6";

json_t *beside_json(const struct run *run, const struct symptom *s)
{
    json_t *list = json_array();
    sqlite3_stmt *q = NULL;

    if (statements_take(run->statements, events_sql, &q) == SQLITE_OK) {
        sqlite3_bind_text(q, 1, s->machine.p, (int)s->machine.len, SQLITE_STATIC);
        sqlite3_bind_text(q, 2, s->place.p, (int)s->place.len, SQLITE_STATIC);
        sqlite3_bind_int64(q, 3, s->status);
        sqlite3_bind_int64(q, 4, s->substatus);
        sqlite3_bind_int64(q, 5, s->win32);
        sqlite3_bind_int(q, 6, EVENTS_MAX);
        while (sqlite3_step(q) == SQLITE_ROW)
            json_array_append_new(list, coverage_row(q));
    }
    statements_give(q);
    return list;
}
