/* SPDX-License-Identifier: Apache-2.0
 *
 * check_needs: do the evidence that a rule says it needs and the tables that it reads belong together? A need
 * whose tables the rule never reads makes "not collected" of what does not matter; a table whose evidence is
 * not named makes "passed" of what was never collected. */
#include "check_needs.h"

#include <string.h>

/* Which kinds of items (schema/bundle.md) fill a table of schema/facts; a name that ends with '-' stands for
 * all that begin so. Tables that are not here are filled by every bundle; of one that is in any case and has
 * more by evidence (`always`) no need has to be named. */
static const struct {
    const char *table, *kinds;
    bool always;
} fillings[] = {
    {"machine", "reg-system", true},
    {"config_file", "iis-config web-config", false},
    {"config_error", "iis-config web-config", false},
    {"config_fragment", "iis-config web-config", false},
    {"effective_config", "iis-config web-config", false},
    {"effective_collection", "iis-config web-config", false},
    {"effective_item", "iis-config web-config", false},
    {"section_lock", "iis-config web-config", false},
    {"site", "iis-config", false},
    {"application", "iis-config", false},
    {"virtual_directory", "iis-config", false},
    {"app_pool", "iis-config", false},
    {"binding", "iis-config", false},
    {"custom_metadata", "iis-config", false},
    {"web_farm_server", "iis-config", false},
    {"certificate_mapping", "iis-config web-config", false},
    {"mapping_rule", "iis-config web-config", false},
    {"wcf_endpoint", "iis-config web-config", false},
    {"wcf_behavior", "iis-config web-config", false},
    {"ssl_binding", "reg-http http-sslcert", false},
    {"registry_key", "reg-", false},
    {"registry_value", "reg-", false},
    {"schannel_setting", "reg-", false},
    {"schannel_order", "reg-", false},
    {"client_setting", "reg-", false},
    {"zone_entry", "reg-", false},
    {"url_zone", "reg-", false},
    {"browser_policy", "reg-", false},
    {"certificate", "cert-store iis-config attachment tls-probe", false},
    {"certificate_name", "cert-store", false},
    {"certificate_rdn", "cert-store", false},
    {"certificate_url", "cert-store", false},
    {"store_certificate", "cert-store", false},
    {"store_property", "cert-store", false},
    {"store_damage", "cert-store reg-", false},
    {"store_crl", "cert-store", false},
    {"store_ctl", "cert-store", false},
    {"certificate_constraint", "cert-store", false},
    {"crl_entry", "cert-store", false},
    {"ctl_entry", "cert-store", false},
    {"chain", "cert-store", false},
    {"chain_status", "cert-store", false},
    {"system_chain", "cert-store", false},
    {"system_chain_link", "cert-store", false},
    {"chain_policy", "cert-store", false},
    {"chain_trust", "cert-store reg-schannel", false},
    {"chain_at", "cert-store", false},
    {"issuer_list", "cert-store", false},
    {"private_key", "cert-store key-acl", false},
    {"key_file", "key-acl", false},
    {"access_entry", "key-acl", false},
    {"key_access", "key-acl", false},
    {"identity", "key-acl iis-config", false},
    {"log_file", "log-", false},
    {"request", "log-iis", false},
    {"request_count", "log-iis", false},
    {"request_symptom", "log-", false},
    {"request_client", "log-iis", false},
    {"request_pair", "log-iis", false},
    {"request_pair_count", "log-iis", false},
    {"request_minute", "log-iis", false},
    {"http_error", "log-httperr", false},
    {"http_error_count", "log-httperr", false},
    {"trace", "log-freb", false},
    {"trace_event", "log-freb", false},
    {"trace_request", "log-freb", false},
    {"event_channel", "log-event", false},
    {"event", "log-event", false},
    {"event_data", "log-event", false},
    {"event_chain", "log-event", false},
    {"event_count", "log-event", false},
    {"capture", "attachment", false},
    {"handshake", "attachment tls-probe", false},
    {"handshake_authority", "attachment tls-probe", false},
    {"handshake_certificate", "attachment tls-probe", false},
};

static bool fits(struct str kind, struct str word)
{
    return str_eq(kind, word) || (word.len && word.p[word.len - 1] == '-' && str_starts(kind, word));
}

/* Is `kind` one of those that fill the table? */
static bool fills(struct str kind, size_t filling)
{
    struct str rest = str_from(fillings[filling].kinds), word;

    while (rest.len) {
        word = str_cut(rest, ' ', &rest);
        if (fits(kind, word))
            return true;
    }
    return false;
}

/* "server/cert-store:My!" -> "cert-store" */
static struct str kind_of(struct str word)
{
    struct str rest;

    (void)str_cut(word, '/', &rest);
    word = str_cut(rest, ':', &rest);
    while (word.len && word.p[word.len - 1] == '!')
        word.len--;
    return word;
}

/* Any kind of "server/a|server/b client/c". */
static bool any_kind_fills(struct str text, size_t filling)
{
    while (text.len) {
        struct str word = str_cut(text, ' ', &text);
        while (word.len) {
            struct str one = str_cut(word, '|', &word);
            if (fills(kind_of(one), filling))
                return true;
        }
    }
    return false;
}

static int note(void *ctx, int action, const char *table, const char *column, const char *database,
                const char *view)
{
    struct table_reads *reads = ctx;

    (void)column, (void)database;
    for (size_t i = 0; action == SQLITE_READ && table && i < ARRAY_LEN(fillings); i++)
        if (strcmp(fillings[i].table, table) == 0) {
            reads->any[i] = true;
            reads->direct[i] = reads->direct[i] || !view;
        }
    return SQLITE_OK;
}

int table_reads_add(sqlite3 *db, const char *sql, struct table_reads *ret)
{
    sqlite3_stmt *s = NULL;
    int r;

    _Static_assert(ARRAY_LEN(fillings) <= TABLE_READS_MAX, "a flag for each table");
    (void)sqlite3_set_authorizer(db, note, ret);
    r = sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK ? 0 : -1;
    (void)sqlite3_finalize(s);
    (void)sqlite3_set_authorizer(db, NULL, NULL);
    return r;
}

bool need_is_read(const struct table_reads *reads, struct str need)
{
    for (size_t i = 0; i < ARRAY_LEN(fillings); i++)
        if (reads->any[i] && any_kind_fills(need, i))
            return true;
    return false;
}

const char *table_without_need(const struct table_reads *reads, const struct rule *rule,
                               const char **ret_kinds)
{
    for (size_t i = 0; i < ARRAY_LEN(fillings); i++) {
        bool is_named = !reads->direct[i] || fillings[i].always || any_kind_fills(rule->uses, i);
        for (size_t k = 0; !is_named && k < rule->n_needs; k++)
            is_named = any_kind_fills(rule->needs[k].text, i);
        if (!is_named) {
            *ret_kinds = fillings[i].kinds;
            return fillings[i].table;
        }
    }
    return NULL;
}
