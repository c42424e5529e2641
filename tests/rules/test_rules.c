/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs the *.test files beside it (README.md): a machine of tests/machines with a change, through
 * mkimage, certtriage-collect and certtriage-server lint, and what the rule must say. An argument names the
 * one rule to run. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <jansson.h>

#include "str.h"

enum { PATH_BYTES = 700, ARGUMENTS = 24, MACHINES = 6, EXPECTATIONS = 24, TEXT_BYTES = 1 << 16 };

struct expectation {
    char word[32], text[512];
};

struct machine {
    char name[64], overlay[PATH_BYTES];
    char options[ARGUMENTS][256];
    size_t n_options;
};

/* One case while its lines are read; overlays are written as they come. */
struct test_case {
    char rule[128], name[96], work[PATH_BYTES];
    struct machine machines[MACHINES];
    size_t n_machines;
    struct expectation expectations[EXPECTATIONS];
    size_t n_expectations;
    char block[PATH_BYTES]; /* the file that "|" lines go to; empty: none */
    char wrong[1024];       /* empty: well so far */
};

static size_t n_run, n_failed;

static void complain(struct test_case *c, const char *what, const char *detail)
{
    if (!c->wrong[0])
        (void)snprintf(c->wrong, sizeof c->wrong, "%s: %.800s", what, detail);
}

static bool make_folders(const char *path)
{
    char part[PATH_BYTES];

    for (size_t i = 1; path[i]; i++) {
        if (path[i] != '/')
            continue;
        (void)snprintf(part, sizeof part, "%.*s", (int)i, path);
        if (mkdir(part, 0700) != 0 && errno != EEXIST)
            return false;
    }
    return true;
}

static void append(struct test_case *c, const char *path, const char *line)
{
    FILE *f = make_folders(path) ? fopen(path, "a") : NULL;

    if (!f || fprintf(f, "%s\n", line) < 0)
        complain(c, "cannot write", path);
    if (f)
        (void)fclose(f);
}

static void append_to(struct test_case *c, const char *file, const char *line)
{
    char path[PATH_BYTES + 300];

    if (c->n_machines == 0) {
        complain(c, "a change before any machine", line);
        return;
    }
    (void)snprintf(path, sizeof path, "%s/%s", c->machines[c->n_machines - 1].overlay, file);
    append(c, path, line);
}

/* The word at the beginning of a line, and the rest. */
static char *split(char *line)
{
    char *rest = line + strcspn(line, " ");

    if (*rest)
        *rest++ = '\0';
    return rest + strspn(rest, " ");
}

static void begin_machine(struct test_case *c, char *rest)
{
    struct machine *m = &c->machines[c->n_machines];

    if (c->n_machines == MACHINES) {
        complain(c, "too many machines", rest);
        return;
    }
    (void)snprintf(m->name, sizeof m->name, "%s", rest);
    (void)snprintf(m->overlay, sizeof m->overlay, "%.600s/overlay%zu", c->work, c->n_machines);
    c->n_machines++;
    append_to(c, "README", "made by test_rules");
}

static void add_option(struct test_case *c, char *rest)
{
    struct machine *m = c->n_machines ? &c->machines[c->n_machines - 1] : NULL;

    if (!m || m->n_options + 2 > ARGUMENTS) {
        complain(c, "an option before any machine, or too many", rest);
        return;
    }
    char *value = split(rest);
    (void)snprintf(m->options[m->n_options++], sizeof m->options[0], "%s", rest);
    if (*value)
        (void)snprintf(m->options[m->n_options++], sizeof m->options[0], "%s", value);
}

static void begin_edit(struct test_case *c, char *rest)
{
    char line[PATH_BYTES];

    (void)snprintf(line, sizeof line, "@ %s", rest);
    append_to(c, "EDIT", line);
    (void)snprintf(c->block, sizeof c->block, "EDIT");
}

static void begin_file(struct test_case *c, char *rest)
{
    (void)snprintf(c->block, sizeof c->block, "files/%.600s", rest);
}

static void begin_certificate(struct test_case *c, char *rest)
{
    (void)snprintf(c->block, sizeof c->block, "certs/%.100s", rest);
}

static void begin_registry(struct test_case *c, char *rest)
{
    (void)snprintf(c->block, sizeof c->block, "registry/%.100s.reg", *rest ? rest : "change");
    append_to(c, c->block, "Windows Registry Editor Version 5.00\n");
}

static void add_expectation(struct test_case *c, const char *word, const char *text)
{
    struct expectation *e = &c->expectations[c->n_expectations];

    if (c->n_expectations == EXPECTATIONS) {
        complain(c, "too many expectations", text);
        return;
    }
    (void)snprintf(e->word, sizeof e->word, "%s", word);
    (void)snprintf(e->text, sizeof e->text, "%s", text);
    c->n_expectations++;
}

static void take_denied(struct test_case *c, char *rest)
{
    append_to(c, "denied.txt", rest);
}

static void take_stores(struct test_case *c, char *rest)
{
    append_to(c, "stores.txt", rest);
}

/* "path SDDL", the last word is the SDDL */
static void take_acl(struct test_case *c, char *rest)
{
    char *last = strrchr(rest, ' ');

    if (last)
        *last = '\t';
    append_to(c, "acl.sddl", rest);
}

static void take_delete(struct test_case *c, char *rest)
{
    append_to(c, "DELETE", rest);
}

static void take_json(struct test_case *c, char *rest)
{
    append_to(c, "machine.json", rest);
}

static const struct {
    const char *word;
    void (*take)(struct test_case *c, char *rest);
} changes[] = {
    {"machine", begin_machine}, {"certificate", begin_certificate},
    {"option", add_option},     {"edit", begin_edit},
    {"file", begin_file},       {"registry", begin_registry},
    {"denied", take_denied},    {"stores", take_stores},
    {"acl", take_acl},          {"delete", take_delete},
    {"json", take_json},
};

static const char *const expectation_words[] = {"expect", "message", "severity", "remedy", "item", "cause"};

static void take_line(struct test_case *c, char *line)
{
    line += strspn(line, " ");
    if (*line == '|') {
        append_to(c, c->block, line + (line[1] == ' ' ? 2 : 1));
        return;
    }
    if (*line == '\0' || *line == '#')
        return;
    char *rest = split(line);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        if (strcmp(line, changes[i].word) == 0) {
            changes[i].take(c, rest);
            return;
        }
    }
    for (size_t i = 0; i < sizeof expectation_words / sizeof expectation_words[0]; i++) {
        if (strcmp(line, expectation_words[i]) == 0) {
            add_expectation(c, line, rest);
            return;
        }
    }
    complain(c, "no such word", line);
}

/* Runs a program with its output in a file; the exit code, or -1. */
static int run(const char *const *argv, const char *output)
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        int fd = open(output, O_WRONLY | O_CREAT | O_TRUNC, 0600), null = open("/dev/null", O_WRONLY);
        if (fd >= 0 && null >= 0 && dup2(fd, 1) >= 0 && dup2(strstr(output, ".json") ? null : fd, 2) >= 0)
            execv(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
        return -1;
    return WEXITSTATUS(status);
}

static void make_bundle(struct test_case *c, size_t i)
{
    const struct machine *m = &c->machines[i];
    char source[PATH_BYTES], image[PATH_BYTES + 32], bundle[PATH_BYTES + 32], log[PATH_BYTES + 32];
    const char *make[] = {CT_BUILD_DIR "/bin/mkimage", "--overlay", m->overlay, source, image, NULL};
    const char *collect[ARGUMENTS + 8] = {CT_BUILD_DIR "/bin/certtriage-collect", "--image", image, "-o",
                                          bundle};
    size_t n = 5;

    (void)snprintf(source, sizeof source, "%s/tests/machines/%s", CT_SOURCE_DIR, m->name);
    (void)snprintf(image, sizeof image, "%s/image%zu", c->work, i);
    (void)snprintf(bundle, sizeof bundle, "%s/bundle%zu.zip", c->work, i);
    (void)snprintf(log, sizeof log, "%s/log", c->work);
    for (size_t k = 0; k < m->n_options; k++)
        collect[n++] = m->options[k];
    char path[PATH_BYTES + 32];
    (void)snprintf(path, sizeof path, "%s/README", m->overlay);
    (void)unlink(path);
    if (run(make, log) != 0)
        complain(c, "mkimage", log);
    int code = c->wrong[0] ? 0 : run(collect, log);
    if (code != 0 && code != 1)
        complain(c, "certtriage-collect", log);
}

static json_t *lint(struct test_case *c)
{
    char bundles[MACHINES][PATH_BYTES + 32], report[PATH_BYTES + 32];
    const char *argv[MACHINES + 5] = {CT_BUILD_DIR "/bin/certtriage-server", "lint", "--format", "json"};
    json_error_t error;

    for (size_t i = 0; i < c->n_machines; i++) {
        (void)snprintf(bundles[i], sizeof bundles[i], "%s/bundle%zu.zip", c->work, i);
        argv[4 + i] = bundles[i];
    }
    (void)snprintf(report, sizeof report, "%s/report.json", c->work);
    int code = run(argv, report);
    if (code != 0 && code != 1)
        complain(c, "certtriage-server lint", report);
    json_t *json = c->wrong[0] ? NULL : json_load_file(report, 0, &error);
    if (!json)
        complain(c, "the report is not JSON", report);
    return json;
}

static const char *member(const json_t *object, const char *name)
{
    const char *s = json_string_value(json_object_get(object, name));

    return s ? s : "";
}

static bool contains(const json_t *texts, const char *text)
{
    size_t i;
    json_t *one;

    json_array_foreach(texts, i, one)
    {
        const char *s = json_is_object(one) ? member(one, "text") : json_string_value(one);
        if (s && strstr(s, text))
            return true;
    }
    return false;
}

/* "finding MACHINE[ SUBJECT]", "pass -" */
static bool has_verdict(const struct test_case *c, const json_t *report, const char *text)
{
    char verdict[32] = "", machine[64] = "";
    int used = 0;
    size_t i;
    json_t *v;

    if (sscanf(text, "%31s %63s %n", verdict, machine, &used) < 2)
        return false;
    const char *subject = used ? text + used : "";
    json_array_foreach(json_object_get(report, "verdicts"), i, v)
    {
        const char *its = *member(v, "machine") ? member(v, "machine") : "-";
        if (strcmp(member(v, "rule"), c->rule) == 0 && strcmp(member(v, "verdict"), verdict) == 0 &&
            strcmp(its, machine) == 0 && (!*subject || strcmp(member(v, "subject"), subject) == 0))
            return true;
    }
    return false;
}

static bool finding_says(const struct test_case *c, const json_t *report, const struct expectation *e)
{
    size_t i;
    json_t *f;

    json_array_foreach(json_object_get(report, "findings"), i, f)
    {
        if (strcmp(member(f, "rule"), c->rule) != 0)
            continue;
        if ((strcmp(e->word, "message") == 0 && strstr(member(f, "message"), e->text)) ||
            (strcmp(e->word, "severity") == 0 && strcmp(member(f, "severity"), e->text) == 0) ||
            (strcmp(e->word, "remedy") == 0 && contains(json_object_get(f, "remedy"), e->text)))
            return true;
    }
    return false;
}

static bool item_says(const struct test_case *c, const json_t *report, const char *text)
{
    size_t i;
    json_t *v;

    json_array_foreach(json_object_get(report, "verdicts"), i, v)
    {
        if (strcmp(member(v, "rule"), c->rule) == 0 && contains(json_object_get(v, "items"), text))
            return true;
    }
    return false;
}

static bool is_first_cause(const json_t *report, const char *rule)
{
    const json_t *diagnosis = json_array_get(json_object_get(report, "diagnoses"), 0);

    return strcmp(member(json_array_get(json_object_get(diagnosis, "causes"), 0), "rule"), rule) == 0;
}

static bool holds(const struct test_case *c, const json_t *report, const struct expectation *e)
{
    if (strcmp(e->word, "expect") == 0)
        return has_verdict(c, report, e->text);
    if (strcmp(e->word, "item") == 0)
        return item_says(c, report, e->text);
    if (strcmp(e->word, "cause") == 0)
        return is_first_cause(report, e->text);
    return finding_says(c, report, e);
}

static void remove_work(const char *work)
{
    const char *argv[] = {"/bin/rm", "-rf", "--", work, NULL};

    (void)run(argv, "/dev/null");
}

static void finish_case(struct test_case *c)
{
    json_t *report = NULL;

    if (!c->name[0])
        return;
    for (size_t i = 0; i < c->n_machines && !c->wrong[0]; i++)
        make_bundle(c, i);
    if (!c->wrong[0])
        report = lint(c);
    for (size_t i = 0; report && i < c->n_expectations; i++) {
        char what[600];
        (void)snprintf(what, sizeof what, "%s %s", c->expectations[i].word, c->expectations[i].text);
        if (!holds(c, report, &c->expectations[i]))
            complain(c, "the report does not hold", what);
    }
    if (c->n_expectations == 0)
        complain(c, "the case expects nothing", c->name);
    json_decref(report);
    n_run++;
    n_failed += c->wrong[0] != '\0';
    printf("%-4s %s %s%s%s\n", c->wrong[0] ? "FAIL" : "ok", c->rule, c->name, c->wrong[0] ? ": " : "",
           c->wrong);
    if (c->wrong[0])
        printf("     (%s is left to look at)\n", c->work);
    else
        remove_work(c->work);
    c->name[0] = '\0';
}

static void begin_case(struct test_case *c, const char *rule, const char *name)
{
    *c = (struct test_case){.work = "/tmp/certtriage-rule-XXXXXX"};
    (void)snprintf(c->rule, sizeof c->rule, "%.100s", rule);
    (void)snprintf(c->name, sizeof c->name, "%.*s", (int)sizeof c->name - 1, name);
    if (!mkdtemp(c->work))
        complain(c, "cannot make a folder", c->work);
}

static void check_cases(const char *rule, unsigned seen)
{
    static const char *const names[] = {"fires", "quiet", "denied"};

    for (unsigned i = 0; i < 3; i++) {
        if (seen & (1u << i))
            continue;
        printf("FAIL %s: there is no case %s\n", rule, names[i]);
        n_failed++;
    }
}

static unsigned case_bit(const char *name)
{
    return strcmp(name, "fires") == 0    ? 1
           : strcmp(name, "quiet") == 0  ? 2
           : strcmp(name, "denied") == 0 ? 4
                                         : 0;
}

static void run_file(const char *rule)
{
    static char line[TEXT_BYTES];
    static struct test_case c; /* begin_case clears it */
    char path[PATH_BYTES];
    unsigned seen = 0;

    (void)snprintf(path, sizeof path, "%s/tests/rules/%s.test", CT_SOURCE_DIR, rule);
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f)) {
        line[strcspn(line, "\r\n")] = '\0';
        if (strncmp(line, "case ", 5) != 0) {
            if (c.name[0])
                take_line(&c, line);
            continue;
        }
        finish_case(&c);
        begin_case(&c, rule, line + 5);
        seen |= case_bit(line + 5);
    }
    finish_case(&c);
    check_cases(rule, seen);
    if (f)
        (void)fclose(f);
}

static int compare(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_rule(const struct dirent *d)
{
    return str_iends(str_from(d->d_name), STR(".sql"));
}

int main(int argc, char **argv)
{
    struct dirent **names = NULL;
    int n = scandir(CT_SOURCE_DIR "/server/rules/pack", &names, is_rule, compare);

    for (int i = 0; i < n; i++) {
        names[i]->d_name[strlen(names[i]->d_name) - 4] = '\0';
        if (argc < 2 || strcmp(argv[1], names[i]->d_name) == 0)
            run_file(names[i]->d_name);
        free(names[i]);
    }
    free(names);
    printf("%zu cases, %zu wrong\n", n_run, n_failed);
    return n_failed || n_run == 0 ? 1 : 0;
}
