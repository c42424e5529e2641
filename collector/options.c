/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <stddef.h>
#include <string.h>

#include "limits.h"
#include "manifest.h"
#include "probes.h"
#include "upload.h"

enum row_kind { ROW_HEAD, ROW_VALUE, ROW_LIST, ROW_FLAG };

static const struct row {
    enum row_kind kind;
    const char *name, *argument, *help;
    size_t offset;
} rows[] = {
#define HEAD(title) {ROW_HEAD, NULL, NULL, title, 0},
#define VALUE(field, name, argument, help) {ROW_VALUE, name, argument, help, offsetof(struct options, field)},
#define LIST(field, name, argument, help) {ROW_LIST, name, argument, help, offsetof(struct options, field)},
#define FLAG(field, name, help) {ROW_FLAG, name, NULL, help, offsetof(struct options, field)},
#include "options.def"
#undef HEAD
#undef VALUE
#undef LIST
#undef FLAG
};

/* Of UTF-8: the bytes that take no column of their own. */
static int bytes_within_characters(const char *text)
{
    int n = 0;

    for (; text != NULL && *text != 0; text++)
        n += ((unsigned char)*text & 0xc0) == 0x80;
    return n;
}

void options_help(FILE *to)
{
    (void)fprintf(to,
                  "usage: certtriage-collect [option …]\n"
                  "       certtriage-collect repair FILE.zip [OUT.zip]\n"
                  "       certtriage-collect redact IN.zip OUT.zip [--pseudonyms FILE]\n"
                  "Gathers what decides over TLS client certificates on this Windows machine into one zip.\n"
                  "It changes nothing, takes no private key, and leaves passwords out.\n");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (rows[i].kind == ROW_HEAD) {
            (void)fprintf(to, "\n%s\n", rows[i].help);
            continue;
        }
        int width = fprintf(to, "  %s %s", rows[i].name, rows[i].argument == NULL ? "" : rows[i].argument) -
                    bytes_within_characters(rows[i].argument);
        (void)fprintf(to, "%*s%s\n", width < 28 ? 28 - width : 1, "", rows[i].help);
    }
    (void)fprintf(
        to,
        "\n"
        "repair makes a whole bundle of one whose run was killed: what was finished is kept.\n"
        "redact leaves out of an old bundle, of --raw say, what is left out without it, and all that cannot\n"
        "be redacted: attachments, .evtx, private keys.\n"
        "Each option may stand in certtriage-collect.json beside the program, such as\n"
        "  {\"case\": \"2026-0042\", \"upload\": \"https://triage.example\", \"exclude\": [\"log-freb\"]}\n"
        "What the command line says goes before it.\n\n"
        "An upload that breaks off is tried again. FILE.zip.upload.json beside the bundle says how far it "
        "came;\n"
        "--upload-only goes on from there, also after a restart of this machine or of the server.\n\n"
        "exit code:\n"
        "  0  all was taken, and sent if --upload was given\n"
        "  1  something could not be read; there is a bundle, which says what and why, and it was sent\n"
        "  2  there is no bundle, or it could not be sent; the last line says why and how to go on\n");
}

static const struct row *find_row(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (rows[i].kind != ROW_HEAD && strcmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}

/* Marks and blanks come along when a thumbprint is copied from a dialog. */
static int clean_thumbprint(struct options *o, struct err *e)
{
    size_t n = 0;

    for (const char *p = o->thumbprint; p != NULL && *p != 0; p++) {
        char c = *p >= 'A' && *p <= 'Z' ? (char)(*p | 32) : *p;
        bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        if (!digit && (unsigned char)c < 0x80 && strchr(" :-\t", c) == NULL)
            return err_set(e, ERR_USAGE, "--thumbprint: '%c' is no hexadecimal digit", c);
        if (digit && n == 40)
            return err_set(e, ERR_USAGE, "--thumbprint: more than 40 digits");
        if (digit)
            o->thumbprint_clean[n++] = c;
    }
    if (n != 0 && n != 40)
        return err_set(e, ERR_USAGE, "--thumbprint: %zu digits, a SHA-1 has 40", n);
    return 0;
}

static int choose_roles(struct options *o, struct err *e)
{
    if (o->role == NULL)
        return 0;
    if (strcmp(o->role, "both") == 0)
        o->roles = ROLE_SERVER | ROLE_CLIENT;
    else if (strcmp(o->role, "server") == 0)
        o->roles = ROLE_SERVER;
    else if (strcmp(o->role, "client") == 0)
        o->roles = ROLE_CLIENT;
    else if (strcmp(o->role, "proxy") == 0)
        o->roles = ROLE_SERVER | ROLE_PROXY; /* that of IIS */
    else if (strcmp(o->role, "dc") == 0)
        o->roles = ROLE_DC;
    else
        return err_set(e, ERR_USAGE, "--role: server, client, both, proxy or dc, not %s", o->role);
    return 0;
}

/* A whole number from 1 to max; not given: *ret stays. */
static int number(const char *name, const char *text, uint64_t max, int64_t unit, int64_t *ret, struct err *e)
{
    uint64_t n;

    if (text == NULL)
        return 0;
    if (!str_to_u64(str_from(text), max, &n) || n == 0)
        return err_set(e, ERR_USAGE, "%s: a whole number from 1 to %llu, not %s", name,
                       (unsigned long long)max, text);
    *ret = (int64_t)n * unit;
    return 0;
}

/* What the server reads at most stays the most: an item larger than that would be refused there. */
static int choose_limits(struct options *o, struct err *e)
{
    enum { DAY = 86400 };
    const int64_t mib = 1048576;
    int64_t item = 120, total = 1800, retry = 300;

    o->limits = probe_limits_default();
    o->bundle_bytes = LIMIT_COLLECT_ZIP_BYTES;
    if (number("--max-file", o->max_file, 8, mib, &o->limits.file_bytes, e) != 0 ||
        number("--max-log", o->max_log, 3800, mib, &o->limits.log_file_bytes, e) != 0 ||
        number("--max-site", o->max_site, 7600, mib, &o->limits.log_site_bytes, e) != 0 ||
        number("--max-logs", o->max_logs, 7600, mib, &o->limits.log_total_bytes, e) != 0 ||
        number("--max-bundle", o->max_bundle, 3800, mib, &o->bundle_bytes, e) != 0 ||
        number("--item-seconds", o->item_seconds, DAY, 1, &item, e) != 0 ||
        number("--total-seconds", o->total_seconds, DAY, 1, &total, e) != 0 ||
        number("--retry-seconds", o->retry_seconds, DAY, 1, &retry, e) != 0)
        return -e->code;
    o->item_ms = (unsigned)item * 1000;
    o->total_ms = (unsigned)total * 1000;
    o->retry_ms = (unsigned)retry * 1000;
    return 0;
}

static int check_upload(const struct options *o, struct err *e)
{
    if (o->upload != NULL && !upload_url_is_allowed(str_from(o->upload)))
        return err_set(e, ERR_USAGE, "--upload: not an https address (http is for loopback only): %s",
                       o->upload);
    if ((o->upload == NULL) != (o->token_file == NULL && o->token == NULL))
        return err_set(e, ERR_USAGE, "--upload and --token-file go together");
    if (o->upload_only != NULL && o->upload == NULL)
        return err_set(e, ERR_USAGE, "--upload-only: where to? --upload is missing");
    return 0;
}

static int check_pseudonyms(const struct options *o, struct err *e)
{
    if (o->pseudonyms != NULL && (o->raw || o->upload_only != NULL || o->command == COMMAND_REPAIR))
        return err_set(e, ERR_USAGE, "--pseudonyms: not with --raw, --upload-only or repair");
    return 0;
}

/* What is wrong should be said before minutes are spent on collecting. */
static int check_connect(const struct options *o, struct err *e)
{
    if (o->offline && o->upload != NULL)
        return err_set(e, ERR_USAGE, "--offline and --upload do not go together");
    if (o->probe_http && !o->probe && o->connect == NULL)
        return err_set(e, ERR_USAGE, "--probe-http: of whom? --probe or --connect is missing");
    return o->connect == NULL ? 0 : probes_check_connect(str_from(o->connect), e);
}

static int check(struct options *o, struct err *e)
{
    if (o->case_id != NULL && !case_id_is_legal(str_from(o->case_id)))
        return err_set(e, ERR_USAGE, "--case: 1 to 64 of letters, digits, '.', '_' and '-', not %s",
                       o->case_id);
    if (o->preview && (o->upload_only != NULL || o->command != COMMAND_COLLECT))
        return err_set(e, ERR_USAGE, "--preview: nothing is collected then");
    if (o->handed != NULL && o->started_by == NULL)
        return err_set(e, ERR_USAGE, "--handed: by whom? --started-by is missing");
    if (check_upload(o, e) != 0 || check_pseudonyms(o, e) != 0 || check_connect(o, e) != 0 ||
        choose_limits(o, e) != 0 || choose_roles(o, e) != 0)
        return -e->code;
    return clean_thumbprint(o, e);
}

/* The last one counts: that of the command line before that of the file. */
static void take_value(struct options *o, const char **field, const char *value)
{
    if (field == &o->token || field == &o->token_file)
        o->token = o->token_file = NULL;
    *field = value;
}

static int take_list(struct option_list *list, const struct row *row, const char *value, struct err *e)
{
    if (list->n == OPTION_LIST)
        return err_set(e, ERR_USAGE, "%s: more than %d times", row->name, OPTION_LIST);
    list->items[list->n++] = value;
    return 0;
}

/* "repair FILE [OUT]", "redact IN OUT" stand before any option. */
static int take_command(int argc, char **argv, struct options *o, int *at, struct err *e)
{
    bool redact = argc > 1 && strcmp(argv[1], "redact") == 0;

    if (argc < 2 || (strcmp(argv[1], "repair") != 0 && !redact))
        return 0;
    o->command = redact ? COMMAND_REDACT : COMMAND_REPAIR;
    for (*at = 2; *at < argc && argv[*at][0] != '-'; (*at)++) {
        if (*at > 3)
            return err_set(e, ERR_USAGE, "%s: %s: one file, and where to", argv[1], argv[*at]);
        o->files[*at - 2] = argv[*at];
    }
    if (o->files[redact] == NULL)
        return err_set(e, ERR_USAGE, "%s is missing", redact ? "redact: IN.zip OUT.zip" : "repair: FILE.zip");
    return 0;
}

int options_parse(int argc, char **argv, struct options *ret, struct err *e)
{
    struct options o = {0};
    int i = 1;

    if (take_command(argc, argv, &o, &i, e) != 0)
        return -e->code;
    for (; i < argc; i++) {
        const struct row *row = find_row(argv[i]);
        if (row == NULL)
            return err_set(e, ERR_USAGE, "%s: no such option; --help lists them", argv[i]);
        char *field = (char *)&o + row->offset;
        if (row->kind == ROW_FLAG) {
            *(bool *)(void *)field = true;
            continue;
        }
        if (i + 1 == argc || argv[i + 1][0] == 0)
            return err_set(e, ERR_USAGE, "%s: %s is missing", row->name, row->argument);
        i++;
        if (row->kind == ROW_VALUE)
            take_value(&o, (const char **)(void *)field, argv[i]);
        else if (take_list((struct option_list *)(void *)field, row, argv[i], e) != 0)
            return -e->code;
    }
    if (check(&o, e) != 0)
        return -e->code;
    *ret = o;
    return 0;
}
