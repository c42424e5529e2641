/* SPDX-License-Identifier: Apache-2.0
 *
 * sarif: the report as SARIF 2.1.0 (OASIS standard, 27 March 2020). A finding is a result, an entry of a
 * bundle an artifact below a base named after its machine, a machine's site and path a logical location; what
 * no file holds (registry values, certificates) stands in the message and in the result's property bag. A
 * rule that was not evaluated is a notification: results are what was found. */
#include "page.h"
#include "report.h"

#include <string.h>

#define SCHEMA "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

/* 3.27.10: what a report calls info is a note. */
static const char *level_of(const json_t *f)
{
    const char *severity = page_member(f, "severity");

    return strcmp(severity, "info") == 0 ? "note" : severity;
}

static json_t *text_message(const char *text)
{
    return json_pack("{s:s}", "text", text);
}

/* A relative reference (RFC 3986, 4.2): names of entries are ours, but a customer may have attached any. */
static json_t *uri_of(const char *entry)
{
    CLEANUP(buf_done) struct buf uri = BUF_INIT(1 << 20);
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";

    for (const char *p = entry; *p; p++) {
        if (strchr(plain, *p))
            buf_add_char(&uri, *p);
        else
            buf_printf(&uri, "%%%02X", (unsigned char)*p);
    }
    return json_string(buf_c(&uri));
}

static json_t *artifact_location(const char *machine, const char *entry)
{
    return json_pack("{s:o, s:s}", "uri", uri_of(entry), "uriBaseId", machine);
}

static json_t *region(const json_t *evidence)
{
    json_int_t line = page_number(evidence, "line");
    json_t *r = line > 0 ? json_pack("{s:I}", "startLine", line) : NULL;

    if (r && *page_member(evidence, "excerpt"))
        (void)json_object_set_new(r, "snippet", text_message(page_member(evidence, "excerpt")));
    return r;
}

/* Machine, site and path, from the outside to the inside; names may hold slashes themselves, so each level
 * says its own as well (3.33). */
static json_t *logical_locations(const json_t *f)
{
    CLEANUP(buf_done) struct buf full = BUF_INIT(1 << 20);
    const char *machine = page_member(f, "machine"), *path = page_member(f, "path");
    const char *site = page_member(f, "site"), *inner = *path ? path : site;
    json_t *list = json_array();

    buf_add_c(&full, machine);
    (void)json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "name", machine, "fullyQualifiedName",
                                                machine, "kind", "machine"));
    if (*inner) {
        buf_add_char(&full, '/');
        buf_add_c(&full, inner);
        (void)json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "name", inner, "fullyQualifiedName",
                                                    buf_c(&full), "kind", *path ? "path" : "site"));
    }
    return list;
}

static json_t *location(const json_t *f, const json_t *evidence)
{
    json_t *where = json_object(), *physical, *lines = region(evidence);

    if (*page_member(evidence, "entry")) {
        physical = json_pack("{s:o}", "artifactLocation",
                             artifact_location(page_member(f, "machine"), page_member(evidence, "entry")));
        if (lines)
            (void)json_object_set(physical, "region", lines);
        (void)json_object_set_new(where, "physicalLocation", physical);
    }
    json_decref(lines);
    return where;
}

/* The first entry is where the finding is; the others belong to it (3.27.22). */
static void add_locations(const json_t *f, json_t *result)
{
    json_t *first = NULL, *related = json_array(), *evidence;
    size_t i;

    json_array_foreach(json_object_get(f, "evidence"), i, evidence)
    {
        if (!*page_member(evidence, "entry"))
            continue;
        if (first)
            (void)json_array_append_new(related, location(f, evidence));
        else
            first = location(f, evidence);
    }
    if (!first)
        first = json_object();
    (void)json_object_set_new(first, "logicalLocations", logical_locations(f));
    (void)json_object_set_new(result, "locations", json_pack("[o]", first));
    if (json_array_size(related) > 0)
        (void)json_object_set(result, "relatedLocations", related);
    json_decref(related);
}

static json_t *result_of(const json_t *f, size_t rule_index)
{
    json_t *result = json_pack(
        "{s:s, s:I, s:s, s:s, s:o, s:{s:s}, s:{s:s, s:s, s:s, s:O*, s:O*}}", "ruleId", page_member(f, "rule"),
        "ruleIndex", (json_int_t)rule_index, "kind", "fail", "level", level_of(f), "message",
        text_message(page_member(f, "message")), "partialFingerprints", "certtriage/v1",
        page_member(f, "fingerprint"), "properties", "machine", page_member(f, "machine"), "subject",
        page_member(f, "subject"), "confidence", page_member(f, "confidence"), "evidence",
        json_object_get(f, "evidence"), "remedy", json_object_get(f, "remedy"));

    if (result)
        add_locations(f, result);
    return result;
}

static json_t *rule_of(const json_t *f)
{
    const char *reference = json_string_value(json_array_get(json_object_get(f, "references"), 0));
    json_t *rule = json_pack("{s:s, s:o, s:{s:s}, s:{s:s}}", "id", page_member(f, "rule"), "shortDescription",
                             text_message(page_member(f, "title")), "defaultConfiguration", "level",
                             level_of(f), "properties", "code", page_member(f, "code"));

    if (rule && reference)
        (void)json_object_set_new(rule, "helpUri", json_string(reference));
    return rule;
}

/* Rules in the order of their first finding; the index of one is where it stands in the list. */
static size_t rule_index(const json_t *f, json_t *rules)
{
    size_t i;
    json_t *rule;

    json_array_foreach(rules, i, rule)
    {
        if (strcmp(page_member(rule, "id"), page_member(f, "rule")) == 0)
            return i;
    }
    (void)json_array_append_new(rules, rule_of(f));
    return json_array_size(rules) - 1;
}

static json_t *notification(const json_t *verdict, const char *level)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(1 << 20);
    size_t i;
    json_t *item;

    buf_printf(&text, "%s on %s%s%s: %s", page_member(verdict, "rule"),
               *page_member(verdict, "machine") ? page_member(verdict, "machine") : "no machine",
               *page_member(verdict, "subject") ? ", " : "", page_member(verdict, "subject"),
               page_member(verdict, "verdict"));
    json_array_foreach(json_object_get(verdict, "items"), i, item)
    {
        buf_add_c(&text, i ? "; " : ", because: ");
        buf_add_c(&text, json_string_value(item) ? json_string_value(item) : "");
    }
    return json_pack("{s:s, s:o, s:{s:s}}", "level", level, "message", text_message(buf_c(&text)),
                     "associatedRule", "id", page_member(verdict, "rule"));
}

/* 3.20.20 and 3.20.21: a rule that failed concerns the run of the tool, one without its items what it was
 * given. */
static json_t *invocation(const json_t *report)
{
    json_t *failed = json_array(), *undecided = json_array(), *verdict;
    size_t i;

    json_array_foreach(json_object_get(report, "verdicts"), i, verdict)
    {
        const char *v = page_member(verdict, "verdict");
        if (strcmp(v, "error") == 0)
            (void)json_array_append_new(failed, notification(verdict, "error"));
        else if (strcmp(v, "not-evaluated") == 0)
            (void)json_array_append_new(undecided, notification(verdict, "note"));
    }
    return json_pack("{s:b, s:o, s:o}", "executionSuccessful", json_array_size(failed) == 0,
                     "toolExecutionNotifications", failed, "toolConfigurationNotifications", undecided);
}

static json_t *bases(const json_t *report)
{
    json_t *all = json_object(), *machine;
    size_t i;

    json_array_foreach(json_object_get(report, "machines"), i, machine)
    {
        (void)json_object_set_new(
            all, page_member(machine, "machine"),
            json_pack("{s:o}", "description", text_message("The bundle of this machine.")));
    }
    return all;
}

static json_t *driver(const json_t *report, json_t *rules)
{
    const json_t *set = json_object_get(report, "ruleset");

    return json_pack("{s:s, s:s, s:s, s:O, s:{s:s, s:O*, s:O*}}", "name", "certtriage", "semanticVersion",
                     CERTTRIAGE_VERSION, "informationUri",
                     "https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html", "rules", rules,
                     "properties", "ruleset", page_member(set, "version"), "extractors",
                     json_object_get(set, "extractors"), "facts", json_object_get(set, "facts"));
}

static json_t *run_of(const json_t *report)
{
    CLEANUP(buf_done) struct buf id = BUF_INIT(4096);
    json_t *rules = json_array(), *results = json_array(), *f, *run;
    size_t i;

    json_array_foreach(json_object_get(report, "findings"), i, f)
    {
        (void)json_array_append_new(results, result_of(f, rule_index(f, rules)));
    }
    buf_printf(&id, "certtriage/%s/", page_member(json_object_get(report, "case"), "id"));
    run =
        json_pack("{s:{s:o}, s:{s:s, s:o}, s:s, s:[o], s:o, s:o}", "tool", "driver", driver(report, rules),
                  "automationDetails", "id", buf_c(&id), "description",
                  text_message(page_member(report, "summary")), "columnKind", "utf16CodeUnits", "invocations",
                  invocation(report), "originalUriBaseIds", bases(report), "results", results);
    json_decref(rules);
    return run;
}

json_t *report_sarif(const json_t *report)
{
    return json_pack("{s:s, s:s, s:[o]}", "$schema", SCHEMA, "version", "2.1.0", "runs", run_of(report));
}
