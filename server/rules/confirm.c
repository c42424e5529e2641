/* SPDX-License-Identifier: Apache-2.0
 *
 * confirm: what would confirm or refute a cause, and what to collect or to run next. A rule may say it itself
 * (header field `confirm`); what follows from how strongly it is believed stands behind that. What comes next
 * depends on the answer that was logged (causes §6) and on what the case lacks. */
#include "diagnose.h"

#include <stdio.h>

/* From -> to: of these answers. unless: an SQL expression over the case; where it is true, it is there
 * already. ?1 the machine. */
struct next {
    int64_t status, substatus; /* -1 any */
    const char *unless, *shell, *text;
};

#define HAS_CLIENT "EXISTS (SELECT 1 FROM machine WHERE is_client)"
#define HAS_CAPI2 "EXISTS (SELECT 1 FROM event WHERE machine = ?1 AND area = 'capi2')"
#define HAS_SCHANNEL                                                                                         \
    "EXISTS (SELECT 1 FROM schannel_setting WHERE machine = ?1 AND setting = 'EventLogging' AND value & 2)"
#define HAS_TRACE "EXISTS (SELECT 1 FROM trace WHERE machine = ?1)"

static const struct next nexts[] = {
    {403, 7, HAS_CLIENT, NULL,
     "Collect the client machine too, as the user or service that fails: certtriage-collect --role client. "
     "Its stores, keys and settings say why it presents nothing."},
    {403, 16, HAS_CLIENT, NULL,
     "Collect the client machine too (certtriage-collect --role client): its certificate and chain can then "
     "be "
     "judged against the stores of this server."},
    {403, 17, HAS_CLIENT, NULL,
     "Collect the client machine too: its certificate's dates and its clock decide."},
    {403, 7, HAS_SCHANNEL, "cmd",
     "reg add HKLM\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL /v EventLogging /t "
     "REG_DWORD /d 7 /f"},
    {403, 16, HAS_CAPI2, "cmd", "wevtutil sl Microsoft-Windows-CAPI2/Operational /e:true /ms:33554432"},
    {403, 13, HAS_CAPI2, "cmd", "wevtutil sl Microsoft-Windows-CAPI2/Operational /e:true /ms:33554432"},
    {403, 17, HAS_CAPI2, "cmd", "wevtutil sl Microsoft-Windows-CAPI2/Operational /e:true /ms:33554432"},
    {403, 13, "0", "cmd", "certutil -verify -urlfetch <client.cer>"},
    {403, 16, "0", "cmd", "certutil -verify <client.cer>"},
    {401, -1, HAS_TRACE, NULL,
     "Switch on failed request tracing for this site and status, reproduce, and collect again: the trace "
     "names "
     "the module that refused."},
    {500, -1, HAS_TRACE, NULL,
     "Switch on failed request tracing for this site and status, reproduce, and collect again: the trace "
     "names "
     "the module and its error code."},
    {-1, -1, "EXISTS (SELECT 1 FROM handshake)", NULL,
     "A capture of one failing handshake on the client's side (attached to the bundle) shows whether the "
     "server's "
     "CertificateRequest arrives and what the client answers."},
};

static json_t *new_step(const char *shell, const char *text)
{
    json_t *step = json_object();

    put(step, "kind", json_word(shell ? "command" : "text"));
    if (shell)
        put(step, "shell", json_word(shell));
    put(step, "text", json_word(text));
    return step;
}

static bool is_there(const struct run *run, const char *expression, struct str machine)
{
    char sql[512];
    sqlite3_stmt *s = NULL;
    bool found = false;

    (void)snprintf(sql, sizeof sql, "SELECT %s", expression);
    if (statements_take(run->statements, sql, &s) == SQLITE_OK) {
        if (sqlite3_bind_parameter_count(s))
            sqlite3_bind_text(s, 1, machine.p, (int)machine.len, SQLITE_STATIC);
        found = sqlite3_step(s) == SQLITE_ROW && sqlite3_column_int(s, 0);
    }
    statements_give(s);
    return found;
}

json_t *next_json(const struct run *run, const struct symptom *s)
{
    json_t *list = json_array();

    for (size_t i = 0; i < ARRAY_LEN(nexts); i++) {
        const struct next *n = &nexts[i];
        if ((n->status != -1 && n->status != s->status) ||
            (n->substatus != -1 && n->substatus != s->substatus))
            continue;
        if (!is_there(run, n->unless, s->machine))
            json_array_append_new(list, new_step(n->shell, n->text));
    }
    return list;
}

/* By how strongly it is believed. */
static const char *decide(enum strength strength, bool is_logged)
{
    if (strength == STRENGTH_SEEN)
        return "It was seen to happen. It is refuted when, with the remedy in force, the same answer goes "
               "on.";
    if (!is_logged)
        return "Nothing is logged of it. Confirmed when a request fails as long as this stands and succeeds "
               "with "
               "the remedy; refuted when a client gets through with its certificate as things are.";
    if (strength == STRENGTH_MUST)
        return "Confirmed when the same client succeeds with the remedy in force and nothing else changed; "
               "refuted "
               "when it gets through as things are (a 200 of that client at this place, later than the "
               "source was "
               "changed).";
    return "It need not fail by this. Confirmed when the same client succeeds with the remedy in force and "
           "nothing "
           "else changed; refuted when the answer stays the same.";
}

json_t *confirm_json(const struct hit *hit, enum strength strength, bool is_logged)
{
    json_t *list = hit->confirm ? json_copy(hit->confirm) : json_array();

    json_array_append_new(list, new_step(NULL, decide(strength, is_logged)));
    return list;
}
