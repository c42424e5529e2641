/* SPDX-License-Identifier: Apache-2.0 */
#include "rule_case.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler.h"
#include "text.h"

enum { LINE_BYTES = 1 << 16, CHANGES_BYTES = 4 << 20 };

void rule_case_complain(struct rule_case *c, const char *what, const char *detail)
{
    if (!c->wrong[0])
        (void)snprintf(c->wrong, sizeof c->wrong, "%s: %.800s", what, detail);
}

static void append(struct rule_case *c, const char *file, const char *line)
{
    if (c->n_machines == 0) {
        rule_case_complain(c, "a change before any machine", line);
        return;
    }
    struct buf *to = &c->machines[c->n_machines - 1].changes;
    buf_add(to, file, strlen(file) + 1);
    buf_add(to, line, strlen(line) + 1);
}

/* The word at the beginning of a line, and the rest. */
static char *split(char *line)
{
    char *rest = line + strcspn(line, " ");

    if (*rest)
        *rest++ = '\0';
    return rest + strspn(rest, " ");
}

static void begin_machine(struct rule_case *c, char *rest)
{
    if (c->n_machines == CASE_MACHINES) {
        rule_case_complain(c, "too many machines", rest);
        return;
    }
    struct case_machine *m = &c->machines[c->n_machines++];
    (void)snprintf(m->name, sizeof m->name, "%s", rest);
    m->changes = BUF_INIT(CHANGES_BYTES);
}

static void add_option(struct rule_case *c, char *rest)
{
    struct case_machine *m = c->n_machines ? &c->machines[c->n_machines - 1] : NULL;

    if (!m || m->n_options + 2 > CASE_OPTIONS) {
        rule_case_complain(c, "an option before any machine, or too many", rest);
        return;
    }
    char *value = split(rest);
    (void)snprintf(m->options[m->n_options++], sizeof m->options[0], "%s", rest);
    if (*value)
        (void)snprintf(m->options[m->n_options++], sizeof m->options[0], "%s", value);
}

static void begin_edit(struct rule_case *c, char *rest)
{
    char line[700];

    (void)snprintf(line, sizeof line, "@ %s", rest);
    append(c, "EDIT", line);
    (void)snprintf(c->block, sizeof c->block, "EDIT");
}

static void begin_file(struct rule_case *c, char *rest)
{
    (void)snprintf(c->block, sizeof c->block, "files/%.600s", rest);
}

static void begin_certificate(struct rule_case *c, char *rest)
{
    (void)snprintf(c->block, sizeof c->block, "certs/%.100s", rest);
}

static void begin_registry(struct rule_case *c, char *rest)
{
    (void)snprintf(c->block, sizeof c->block, "registry/%.100s.reg", *rest ? rest : "change");
    append(c, c->block, "Windows Registry Editor Version 5.00\n");
}

/* "path SDDL", the last word is the SDDL */
static void take_acl(struct rule_case *c, char *rest)
{
    char *last = strrchr(rest, ' ');

    if (last)
        *last = '\t';
    append(c, "acl.sddl", rest);
}

/* An entry that is put into the bundle behind what was collected. */
static void begin_entry(struct rule_case *c, char *rest)
{
    (void)snprintf(c->block, sizeof c->block, "entry/%.600s", rest);
}

static void begin_bytes(struct rule_case *c, char *rest)
{
    (void)snprintf(c->block, sizeof c->block, "bytes/%.600s", rest);
}

/* "PROVIDER ID LEVEL TIME name=value; name=value": one event of the System log */
static void add_event(struct rule_case *c, char *rest)
{
    CLEANUP(buf_done) struct buf event = BUF_INIT(65536);
    char *id = split(rest), *level = split(id), *time = split(level), *data = split(time);

    buf_printf(&event,
               "<Event><System><Provider Name='%s'/><EventID>%s</EventID><Level>%s</Level><TimeCreated "
               "SystemTime='%s'/><EventRecordID>%u</EventRecordID><Channel>System</Channel></System>"
               "<EventData>",
               rest, id, level, time, ++c->n_events);
    while (*data) {
        char *next = data + strcspn(data, ";"), *value = strchr(data, '=');
        if (*next)
            *next++ = '\0';
        if (value)
            *value++ = '\0';
        buf_printf(&event, "<Data Name='%s'>%s</Data>", data, value ? value : "");
        data = next + strspn(next, " ");
    }
    buf_add_c(&event, "</EventData></Event>");
    append(c, "entry/logs/events/System.xml", buf_c(&event));
}

/* "2024-03-12 SITE 403.7.64 /url [METHOD [AGENT]]": six requests of two clients in the log of that day, from
 * 08:40 on. Each further line of a machine begins a second later, so that an answer can follow another. */
static void add_requests(struct rule_case *c, char *rest)
{
    char *site = split(rest), *answer = split(site), *url = split(answer), *method = split(url),
         *agent = split(method), file[700], line[900];
    int status = 0, substatus = 0;
    unsigned win32 = 0;

    if (strlen(rest) != 10 || sscanf(answer, "%d.%d.%u", &status, &substatus, &win32) != 3 || !*url ||
        !c->n_machines) {
        rule_case_complain(c, "requests DATE SITE STATUS.SUBSTATUS.WIN32 URL", answer);
        return;
    }
    int offset = c->machines[c->n_machines - 1].n_requests++;
    (void)snprintf(file, sizeof file, "files/inetpub/logs/LogFiles/W3SVC%.20s/u_ex%.2s%.2s%.2s.log", site,
                   rest + 2, rest + 5, rest + 8);
    append(
        c, file,
        "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) "
        "cs(Referer) sc-status sc-substatus sc-win32-status time-taken");
    for (int i = 0; i < 6; i++) {
        (void)snprintf(line, sizeof line,
                       "%s 08:4%d:%02d 10.20.0.10 %s %.300s - 443 - 10.10.10.%d %.200s - %d %d %u %d", rest,
                       i, offset, *method ? method : "GET", url, 110 + i % 2, *agent ? agent : "Mozilla/5.0",
                       status, substatus, win32, 15 + i);
        append(c, file, line);
    }
}

/* Another build of Windows, with all else as it is. */
static void set_windows(struct rule_case *c, char *rest)
{
    char line[100], name[] = "windows";

    begin_registry(c, name);
    append(c, c->block, "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion]");
    (void)snprintf(line, sizeof line, "\"CurrentBuildNumber\"=\"%.20s\"", rest);
    append(c, c->block, line);
    (void)snprintf(line, sizeof line, "\"CurrentBuild\"=\"%.20s\"", rest);
    append(c, c->block, line);
    c->block[0] = '\0';
}

static const struct {
    const char *word;
    void (*take)(struct rule_case *c, char *rest);
    const char *file; /* where take is NULL: the line goes there */
} changes[] = {
    {"machine", begin_machine, NULL}, {"certificate", begin_certificate, NULL},
    {"option", add_option, NULL},     {"edit", begin_edit, NULL},
    {"file", begin_file, NULL},       {"registry", begin_registry, NULL},
    {"acl", take_acl, NULL},          {"denied", NULL, "denied.txt"},
    {"stores", NULL, "stores.txt"},   {"delete", NULL, "DELETE"},
    {"json", NULL, "machine.json"},   {"entry", begin_entry, NULL},
    {"bytes", begin_bytes, NULL},     {"event", add_event, NULL},
    {"requests", add_requests, NULL}, {"windows", set_windows, NULL},
};

static const char *const expectation_words[] = {"expect", "message", "severity", "remedy",
                                                "item",   "cause",   "error"};

static void add_expectation(struct rule_case *c, const char *word, const char *text)
{
    if (c->n_expectations == CASE_EXPECTATIONS) {
        rule_case_complain(c, "too many expectations", text);
        return;
    }
    struct expectation *e = &c->expectations[c->n_expectations++];
    (void)snprintf(e->word, sizeof e->word, "%s", word);
    (void)snprintf(e->text, sizeof e->text, "%s", text);
}

/* "use NAME": all changes of a case before this one of the list, to the machines of their names. */
static void use_case(struct rule_case *c, const struct rule_case *from)
{
    for (size_t i = 0; i < from->n_machines; i++) {
        const struct case_machine *m = &from->machines[i];
        size_t k = 0;
        while (k < c->n_machines && strcmp(c->machines[k].name, m->name) != 0)
            k++;
        if (k == c->n_machines)
            begin_machine(c, (char *)(uintptr_t)m->name);
        struct case_machine *to = &c->machines[k];
        buf_add_str(&to->changes, buf_str(&m->changes));
        for (size_t o = 0; o < m->n_options && to->n_options < CASE_OPTIONS; o++)
            (void)snprintf(to->options[to->n_options++], sizeof to->options[0], "%s", m->options[o]);
    }
    for (size_t i = 0; i < from->n_expectations; i++)
        if (strcmp(from->expectations[i].word, "error") == 0)
            add_expectation(c, "error", from->expectations[i].text);
}

static void use_named(struct rule_case *c, const struct rule_case *list, const char *name)
{
    for (; list && list != c; list = list->next) {
        if (strcmp(list->name, name) == 0) {
            use_case(c, list);
            return;
        }
    }
    rule_case_complain(c, "no such case before this one", name);
}

static bool take_change(struct rule_case *c, const char *word, char *rest)
{
    for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
        if (strcmp(word, changes[i].word) != 0)
            continue;
        if (changes[i].take)
            changes[i].take(c, rest);
        else
            append(c, changes[i].file, rest);
        return true;
    }
    return false;
}

static void take_line(struct rule_case *c, const struct rule_case *list, char *line)
{
    line += strspn(line, " ");
    if (*line == '|') {
        append(c, c->block, line + (line[1] == ' ' ? 2 : 1));
        return;
    }
    if (*line == '\0' || *line == '#')
        return;
    char *rest = split(line);
    if (strcmp(line, "use") == 0) {
        use_named(c, list, rest);
        return;
    }
    if (take_change(c, line, rest))
        return;
    for (size_t i = 0; i < ARRAY_LEN(expectation_words); i++) {
        if (strcmp(line, expectation_words[i]) == 0) {
            add_expectation(c, line, rest);
            return;
        }
    }
    rule_case_complain(c, "no such word", line);
}

static void set_key(struct rule_case *c, struct case_machine *m)
{
    CLEANUP(buf_done) struct buf all = BUF_INIT(CHANGES_BYTES * 2), hex = BUF_INIT(2 * KEY_BYTES);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;

    buf_add(&all, m->name, strlen(m->name) + 1);
    for (size_t i = 0; i < m->n_options; i++)
        buf_add(&all, m->options[i], strlen(m->options[i]) + 1);
    buf_add_char(&all, '\0');
    buf_add_str(&all, buf_str(&m->changes));
    if (all.failed || m->changes.failed || !EVP_Digest(all.p, all.len, digest, &len, EVP_sha256(), NULL))
        rule_case_complain(c, "too long", m->name);
    text_hex(&hex, digest, len);
    (void)snprintf(m->key, sizeof m->key, "%s", buf_c(&hex));
}

static unsigned case_bit(const char *name)
{
    return strcmp(name, "fires") == 0    ? 1
           : strcmp(name, "quiet") == 0  ? 2
           : strcmp(name, "denied") == 0 ? 4
                                         : 0;
}

static struct rule_case *begin_case(const char *rule, const char *name)
{
    struct rule_case *c = calloc(1, sizeof *c);

    if (c) {
        (void)snprintf(c->rule, sizeof c->rule, "%.100s", rule);
        (void)snprintf(c->name, sizeof c->name, "%.90s", name);
    }
    return c;
}

unsigned rule_case_read(const char *path, const char *rule, struct rule_case ***end)
{
    static char line[LINE_BYTES];
    struct rule_case **first = *end, *c = NULL;
    unsigned seen = 0;
    FILE *f = fopen(path, "r");

    while (f && fgets(line, sizeof line, f)) {
        line[strcspn(line, "\r\n")] = '\0';
        if (strncmp(line, "case ", 5) != 0) {
            if (c)
                take_line(c, *first, line);
            continue;
        }
        if (!(c = begin_case(rule, line + 5)))
            break;
        seen |= case_bit(c->name);
        **end = c;
        *end = &c->next;
    }
    if (f)
        (void)fclose(f);
    for (c = *first; c; c = c->next) {
        for (size_t i = 0; i < c->n_machines; i++)
            set_key(c, &c->machines[i]);
        if (c->n_expectations == 0)
            rule_case_complain(c, "the case expects nothing", c->name);
    }
    return seen;
}

void rule_case_free(struct rule_case *list)
{
    while (list) {
        struct rule_case *next = list->next;
        for (size_t i = 0; i < list->n_machines; i++)
            buf_done(&list->machines[i].changes);
        free(list);
        list = next;
    }
}
