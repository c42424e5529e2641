/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <stddef.h>
#include <string.h>

#include "manifest.h"
#include "upload.h"

static const struct row {
    const char *name, *argument, *help; /* argument NULL: a flag */
    size_t offset;
} rows[] = {
#define VALUE(field, name, argument, help) {name, argument, help, offsetof(struct options, field)},
#define FLAG(field, name, help) {name, NULL, help, offsetof(struct options, field)},
#include "options.def"
#undef VALUE
#undef FLAG
};

void options_help(FILE *to)
{
    (void)fprintf(to,
                  "usage: certtriage-collect [option …]\n"
                  "Gathers what decides over TLS client certificates on this Windows machine into one zip.\n"
                  "It changes nothing, takes no private key, and leaves passwords out.\n\n");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int width = fprintf(to, "  %s %s", rows[i].name, rows[i].argument == NULL ? "" : rows[i].argument);
        (void)fprintf(to, "%*s%s\n", width < 26 ? 26 - width : 1, "", rows[i].help);
    }
    (void)fprintf(
        to, "\nexit code: 0 all was taken; 1 something could not be read (the bundle says what and why);\n"
            "2 there is no bundle, or it could not be sent\n");
}

static const struct row *find_row(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (strcmp(rows[i].name, name) == 0)
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
    else
        return err_set(e, ERR_USAGE, "--role: server, client or both, not %s", o->role);
    return 0;
}

/* What is wrong should be said before minutes are spent on collecting. */
static int check(struct options *o, struct err *e)
{
    if (o->case_id != NULL && !case_id_is_legal(str_from(o->case_id)))
        return err_set(e, ERR_USAGE, "--case: 1 to 64 of letters, digits, '.', '_' and '-', not %s",
                       o->case_id);
    if (o->upload != NULL && !upload_url_is_allowed(str_from(o->upload)))
        return err_set(e, ERR_USAGE, "--upload: not an https address (http is for loopback only): %s",
                       o->upload);
    if ((o->upload == NULL) != (o->token_file == NULL))
        return err_set(e, ERR_USAGE, "--upload and --token-file go together");
    return choose_roles(o, e) != 0 ? -e->code : clean_thumbprint(o, e);
}

int options_parse(int argc, char **argv, struct options *ret, struct err *e)
{
    struct options o = {0};

    for (int i = 1; i < argc; i++) {
        const struct row *row = find_row(argv[i]);
        if (row == NULL)
            return err_set(e, ERR_USAGE, "%s: no such option; --help lists them", argv[i]);
        if (row->argument == NULL) {
            *(bool *)((char *)&o + row->offset) = true;
            continue;
        }
        if (i + 1 == argc || argv[i + 1][0] == 0)
            return err_set(e, ERR_USAGE, "%s: %s is missing", row->name, row->argument);
        *(const char **)((char *)&o + row->offset) = argv[++i];
    }
    if (check(&o, e) != 0)
        return -e->code;
    *ret = o;
    return 0;
}
