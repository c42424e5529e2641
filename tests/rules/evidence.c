/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "case.h"
#include "compiler.h"
#include "text.h"

enum { PATH_BYTES = 900, KEPT = 1024 };

static char folder_path[500];
static char makers[KEY_BYTES]; /* over the programs and all machines */
static struct {
    char key[KEY_BYTES];
    sqlite3 *db;
} kept[KEPT];
static size_t n_kept;

static bool hash_file(EVP_MD_CTX *digest, const char *path)
{
    static char piece[1 << 16];
    FILE *f = fopen(path, "rb");
    size_t n;

    (void)EVP_DigestUpdate(digest, path, strlen(path) + 1);
    while (f && (n = fread(piece, 1, sizeof piece, f)) > 0)
        (void)EVP_DigestUpdate(digest, piece, n);
    if (f)
        (void)fclose(f);
    return f != NULL;
}

static bool hash_folder(EVP_MD_CTX *digest, const char *path)
{
    struct dirent **names = NULL;
    int n = scandir(path, &names, NULL, alphasort);
    bool is_good = n >= 0;

    for (int i = 0; i < n; i++) {
        char below[PATH_BYTES];
        (void)snprintf(below, sizeof below, "%.600s/%.250s", path, names[i]->d_name);
        if (names[i]->d_name[0] != '.')
            is_good = is_good &&
                      (names[i]->d_type == DT_DIR ? hash_folder(digest, below) : hash_file(digest, below));
        free(names[i]);
    }
    free(names);
    return is_good;
}

static void finish_hash(EVP_MD_CTX *digest, char ret[KEY_BYTES])
{
    CLEANUP(buf_done) struct buf hex = BUF_INIT(2 * KEY_BYTES);
    unsigned char md[EVP_MAX_MD_SIZE];
    unsigned len = 0;

    (void)EVP_DigestFinal_ex(digest, md, &len);
    text_hex(&hex, md, len);
    (void)snprintf(ret, KEY_BYTES, "%s", buf_c(&hex));
}

bool evidence_open(const char *folder)
{
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    bool is_good = digest && EVP_DigestInit_ex(digest, EVP_sha256(), NULL) == 1 &&
                   hash_file(digest, CT_BUILD_DIR "/bin/mkimage") &&
                   hash_file(digest, CT_BUILD_DIR "/bin/certtriage-collect") &&
                   hash_folder(digest, CT_SOURCE_DIR "/tests/machines");

    if (is_good)
        finish_hash(digest, makers);
    EVP_MD_CTX_free(digest);
    (void)snprintf(folder_path, sizeof folder_path, "%s/tests/%.100s", CT_BUILD_DIR, folder);
    if (is_good && mkdir(folder_path, 0700) != 0 && errno != EEXIST)
        is_good = false;
    if (!is_good)
        (void)fprintf(stderr, "test_rules: mkimage, certtriage-collect or tests/machines cannot be read\n");
    return is_good;
}

void evidence_close(void)
{
    for (size_t i = 0; i < n_kept; i++)
        (void)sqlite3_close(kept[i].db);
    n_kept = 0;
}

void evidence_path(const struct case_machine *m, char *ret, size_t room)
{
    char name[KEY_BYTES] = "";
    EVP_MD_CTX *digest = EVP_MD_CTX_new();

    if (digest && EVP_DigestInit_ex(digest, EVP_sha256(), NULL) == 1) {
        (void)EVP_DigestUpdate(digest, makers, sizeof makers);
        (void)EVP_DigestUpdate(digest, m->key, sizeof m->key);
        finish_hash(digest, name);
    }
    EVP_MD_CTX_free(digest);
    (void)snprintf(ret, room, "%s/%s.zip", folder_path, name);
}

/* Runs a program with its output in a file; the exit code, or -1. */
static int run(const char *const *argv, const char *output)
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        int fd = open(output, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        if (fd >= 0 && dup2(fd, 1) >= 0 && dup2(fd, 2) >= 0)
            execv(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
        return -1;
    return WEXITSTATUS(status);
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

/* Hexadecimal digits, or text with its end of line. */
static bool write_line(FILE *f, const char *line, bool is_hex)
{
    uint8_t bytes[1024];
    size_t n;

    if (!is_hex)
        return fprintf(f, "%s\n", line) >= 0;
    return text_unhex(str_from(line), bytes, sizeof bytes, &n) && fwrite(bytes, 1, n, f) == n;
}

/* What stands in "entry/" and "bytes/" goes into the bundle, all else into the overlay. */
static void write_changes(struct rule_case *c, const struct case_machine *m, const char *work)
{
    struct str rest = buf_str(&m->changes);

    while (rest.len) {
        const char *file = rest.p, *line = file + strlen(file) + 1;
        char path[PATH_BYTES];
        bool is_hex = strncmp(file, "bytes/", 6) == 0, is_entry = is_hex || strncmp(file, "entry/", 6) == 0;
        (void)snprintf(path, sizeof path, "%.160s/%s%.600s", work, is_entry ? "entry/" : "overlay/",
                       is_entry ? file + 6 : file);
        FILE *f = make_folders(path) ? fopen(path, "a") : NULL;
        if (!f || !write_line(f, line, is_hex))
            rule_case_complain(c, "cannot write", path);
        if (f)
            (void)fclose(f);
        rest = str_skip(rest, (size_t)(line + strlen(line) + 1 - file));
    }
}

/* The tail of a program's output is where it says what is wrong. */
static void complain_log(struct rule_case *c, const char *what, const char *log)
{
    char text[700] = "";
    FILE *f = fopen(log, "r");

    if (f && fseek(f, -600, SEEK_END) != 0)
        rewind(f);
    if (f) {
        text[fread(text, 1, sizeof text - 1, f)] = '\0';
        (void)fclose(f);
    }
    rule_case_complain(c, what, text);
}

static void make_bundle(struct rule_case *c, const struct case_machine *m, const char *work, const char *path)
{
    char source[PATH_BYTES], overlay[PATH_BYTES], image[PATH_BYTES], bundle[PATH_BYTES], log[PATH_BYTES];
    const char *make[] = {CT_BUILD_DIR "/bin/mkimage", "--overlay", overlay, source, image, NULL};
    const char *collect[CASE_OPTIONS + 8] = {CT_BUILD_DIR "/bin/certtriage-collect", "--image", image, "-o",
                                             bundle};
    char added[PATH_BYTES];
    const char *add[] = {"/bin/sh", "-c", "cd \"$1\" && zip -qr ../bundle.zip .", "sh", added, NULL};
    size_t n = 5;

    (void)snprintf(added, sizeof added, "%.600s/entry", work);
    (void)snprintf(source, sizeof source, "%s/tests/machines/%s", CT_SOURCE_DIR, m->name);
    (void)snprintf(overlay, sizeof overlay, "%.600s/overlay", work);
    (void)snprintf(image, sizeof image, "%.600s/image", work);
    (void)snprintf(bundle, sizeof bundle, "%.600s/bundle.zip", work);
    (void)snprintf(log, sizeof log, "%.600s/log", work);
    for (size_t k = 0; k < m->n_options; k++)
        collect[n++] = m->options[k];
    if (mkdir(overlay, 0700) != 0)
        rule_case_complain(c, "cannot make", overlay);
    write_changes(c, m, work);
    if (run(make, log) != 0)
        complain_log(c, "mkimage", log);
    int code = c->wrong[0] ? 0 : run(collect, log);
    if (code != 0 && code != 1)
        complain_log(c, "certtriage-collect", log);
    if (!c->wrong[0] && access(added, R_OK) == 0 && run(add, log) != 0)
        complain_log(c, "zip", log);
    if (!c->wrong[0] && rename(bundle, path) != 0)
        rule_case_complain(c, "cannot keep", path);
}

static void want_bundle(struct rule_case *c, const struct case_machine *m, const char *path)
{
    char work[600];
    const char *remove[] = {"/bin/rm", "-rf", "--", work, NULL};

    (void)snprintf(work, sizeof work, "%s/work-XXXXXX", folder_path);
    if (access(path, R_OK) == 0)
        return;
    if (!mkdtemp(work)) {
        rule_case_complain(c, "cannot make a folder", work);
        return;
    }
    make_bundle(c, m, work, path);
    (void)run(remove, "/dev/null");
}

static sqlite3 *find_kept(const char *key)
{
    for (size_t i = 0; i < n_kept; i++)
        if (strcmp(kept[i].key, key) == 0)
            return kept[i].db;
    return NULL;
}

/* The facts of one machine; kept ones are the caller's no more. */
static sqlite3 *machine_facts(struct rule_case *c, const struct case_machine *m, bool keep)
{
    char path[PATH_BYTES];
    sqlite3 *db = find_kept(m->key);
    struct err e = {0}, killed = {0};

    if (db)
        return db;
    evidence_path(m, path, sizeof path);
    want_bundle(c, m, path);
    int fd = c->wrong[0] ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        rule_case_complain(c, "cannot read", path);
    else if (case_extract(fd, "bundle.zip", NULL, &db, &killed, &e) != 0)
        rule_case_complain(c, "extraction", e.text);
    if (fd >= 0)
        (void)close(fd);
    if (db && keep && n_kept < KEPT) {
        (void)snprintf(kept[n_kept].key, KEY_BYTES, "%s", m->key);
        kept[n_kept++].db = db;
    }
    return db;
}

json_t *evidence_report(struct rule_case *c, const struct ruleset *set, const bool keep[CASE_MACHINES])
{
    sqlite3 *machines[CASE_MACHINES] = {NULL}, *facts = NULL;
    json_t *report = NULL;
    struct err e = {0};

    for (size_t i = 0; i < c->n_machines && !c->wrong[0]; i++)
        machines[i] = machine_facts(c, &c->machines[i], keep[i]);
    if (!c->wrong[0] && (case_facts(machines, c->n_machines, &facts, &e) != 0 ||
                         ruleset_run(set, facts, "", &report, &e) != 0))
        rule_case_complain(c, "the report", e.text);
    (void)sqlite3_close(facts);
    for (size_t i = 0; i < c->n_machines; i++)
        if (!find_kept(c->machines[i].key))
            (void)sqlite3_close(machines[i]);
    return report;
}

void evidence_leave(const struct rule_case *c, json_t *report, const char *name, const char *folder,
                    size_t number)
{
    char path[PATH_BYTES];
    json_t *bundles = json_array();

    for (size_t i = 0; i < c->n_machines; i++) {
        evidence_path(&c->machines[i], path, sizeof path);
        json_array_append_new(bundles, json_string(path));
    }
    json_object_set_new(report, "scenario", json_string(name));
    json_object_set_new(report, "bundles", bundles);
    (void)snprintf(path, sizeof path, "%s/%zu.json", folder, number);
    (void)json_dump_file(report, path, 0);
}

static void add_names(const struct rule_case *list, struct buf *to)
{
    char path[PATH_BYTES];

    for (; list; list = list->next) {
        for (size_t i = 0; i < list->n_machines; i++) {
            evidence_path(&list->machines[i], path, sizeof path);
            buf_add_c(to, strrchr(path, '/'));
        }
    }
}

void evidence_prune(const struct rule_case *list)
{
    CLEANUP(buf_done) struct buf wanted = BUF_INIT(1 << 24);
    DIR *folder = opendir(folder_path);
    struct dirent *d;

    add_names(list, &wanted);
    while (folder && (d = readdir(folder))) {
        char path[PATH_BYTES];
        (void)snprintf(path, sizeof path, "%.500s/%.250s", folder_path, d->d_name);
        if (strstr(d->d_name, ".zip") && !strstr(buf_c(&wanted), d->d_name))
            (void)unlink(path);
    }
    if (folder)
        (void)closedir(folder);
}
