/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include "compiler.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_BYTES = 64, FILE_BYTES = 1 << 20 };

/* "--tls-cert": CERTTRIAGE_TLS_CERT. */
static void environment_name(const char *option_name, char ret[NAME_BYTES])
{
    int n = snprintf(ret, NAME_BYTES, "CERTTRIAGE_%s", option_name + 2);

    for (int i = 0; i < n && i < NAME_BYTES - 1; i++)
        ret[i] = ret[i] == '-' ? '_' : (char)toupper((unsigned char)ret[i]);
}

static bool is_yes(const char *text)
{
    return strcmp(text, "1") == 0 || strcmp(text, "true") == 0 || strcmp(text, "yes") == 0;
}

static void set(struct options *o, size_t i, const char *value, const char *source)
{
    bool is_switch = !o->rows[i].value;

    if (o->values[i] || (is_switch && !is_yes(value)))
        return;
    o->values[i] = is_switch ? "" : value;
    o->sources[i] = source;
}

static void take_environment(struct options *o)
{
    for (size_t i = 0; o->rows[i].name; i++) {
        char name[NAME_BYTES];
        environment_name(o->rows[i].name, name);
        if (getenv(name) && getenv(name)[0])
            set(o, i, getenv(name), "environment");
    }
}

/* Numbers and true become text, in the file's own object, which lives as long as the options. */
static int as_text(json_t *file, const char *key, json_t *value, const char **ret, struct err *e)
{
    char number[32];

    if (json_is_true(value))
        (void)json_object_set_new(file, key, json_string("true"));
    else if (json_is_false(value))
        (void)json_object_set_new(file, key, json_string("false"));
    else if (json_is_integer(value)) {
        (void)snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        (void)json_object_set_new(file, key, json_string(number));
    }
    *ret = json_string_value(json_object_get(file, key));
    return *ret
               ? 0
               : err_set(e, ERR_USAGE, "--config: \"%s\" is neither text, whole number, true nor false", key);
}

static int take_member(struct options *o, const char *key, json_t *value, struct err *e)
{
    const char *text = NULL;

    for (size_t i = 0; o->rows[i].name; i++) {
        if (strcmp(o->rows[i].name + 2, key) != 0 || strcmp(key, "config") == 0)
            continue;
        if (as_text(o->file, key, value, &text, e) < 0)
            return -e->code;
        set(o, i, text, "file");
        return 0;
    }
    return err_set(e, ERR_USAGE, "--config: \"%s\" is no setting; serve --settings lists them", key);
}

static int take_file(struct options *o, const char *path, struct err *e)
{
    json_error_t why;
    const char *key;
    json_t *value;
    void *next;

    o->file = json_load_file(path, JSON_REJECT_DUPLICATES, &why);
    if (!json_is_object(o->file))
        return err_set(e, ERR_USAGE, "--config %s: %s", path,
                       o->file       ? "not a JSON object"
                       : why.text[0] ? why.text
                                     : "cannot be read");
    json_object_foreach_safe(o->file, next, key, value)
    {
        if (take_member(o, key, value, e) < 0)
            return -e->code;
    }
    return 0;
}

int options_settings(struct options *o, struct err *e)
{
    bool has_settings = false;

    for (size_t i = 0; o->rows[i].name; i++)
        has_settings |= strcmp(o->rows[i].name, "--config") == 0;
    if (!has_settings)
        return 0;
    take_environment(o);
    return option(o, "--config") ? take_file(o, option(o, "--config"), e) : 0;
}

void options_print_settings(const struct options *o)
{
    printf("%-24s %-34s %-22s %-12s %s\n", "flag", "environment", "in the file", "from", "value");
    for (size_t i = 0; o->rows[i].name; i++) {
        char name[NAME_BYTES], key[NAME_BYTES];
        bool is_switch = !o->rows[i].value;
        const char *value = o->values[i] ? (is_switch ? "true" : o->values[i]) : "";
        environment_name(o->rows[i].name, name);
        (void)snprintf(key, sizeof key, "\"%s\"", o->rows[i].name + 2);
        if (strcmp(o->rows[i].name, "--settings") == 0)
            continue;
        printf("%-24s %-34s %-22s %-12s %s\n", o->rows[i].name, name,
               strcmp(o->rows[i].name, "--config") == 0 ? "" : key, o->sources[i] ? o->sources[i] : "default",
               value);
    }
    for (size_t i = 0; o->rows[i].name; i++)
        printf("%s%-24s %s\n", i ? "" : "\n", o->rows[i].name, o->rows[i].about);
}
