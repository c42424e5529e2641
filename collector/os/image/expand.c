/* SPDX-License-Identifier: Apache-2.0
 *
 * %Variables% of the machine: a few that Windows sets itself, then the machine's own from the SYSTEM hive. */
#include "image.h"

#include <string.h>

enum { NESTED_MAX = 4 };

#define PROFILES "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList"
#define VERSION "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"
#define FOLDERS "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion"
#define ENVIRONMENT "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment"

static const struct {
    const char *name, *key, *value, *otherwise;
} VARIABLES[] = {
    {"SystemDrive", NULL, NULL, "C:"},
    {"SystemRoot", VERSION, "SystemRoot", "C:\\Windows"},
    {"windir", VERSION, "SystemRoot", "C:\\Windows"},
    {"ProgramData", PROFILES, "ProgramData", "C:\\ProgramData"},
    {"ALLUSERSPROFILE", PROFILES, "ProgramData", "C:\\ProgramData"},
    {"PUBLIC", PROFILES, "Public", "C:\\Users\\Public"},
    {"ProgramFiles", FOLDERS, "ProgramFilesDir", "C:\\Program Files"},
    {"ProgramW6432", FOLDERS, "ProgramW6432Dir", "C:\\Program Files"},
    {"ProgramFiles(x86)", FOLDERS, "ProgramFilesDir (x86)", "C:\\Program Files (x86)"},
    {"CommonProgramFiles", FOLDERS, "CommonFilesDir", "C:\\Program Files\\Common Files"},
};

static bool find_variable(struct os *os, struct str name, struct buf *ret)
{
    CLEANUP(buf_done) struct buf c_name = BUF_INIT(4096);

    for (size_t i = 0; i < ARRAY_LEN(VARIABLES); i++) {
        if (!str_ieq(name, str_from(VARIABLES[i].name)))
            continue;
        if (VARIABLES[i].key != NULL)
            image_reg_text_or_empty(os, VARIABLES[i].key, VARIABLES[i].value, ret);
        if (ret->len == 0)
            buf_add_c(ret, VARIABLES[i].otherwise);
        return true;
    }
    buf_add_str(&c_name, name);
    if (c_name.failed == 0)
        image_reg_text_or_empty(os, ENVIRONMENT, buf_c(&c_name), ret);
    return ret->len > 0;
}

static void expand(struct os *os, struct str text, unsigned depth, struct buf *ret);

static void expand_variable(struct os *os, struct str name, unsigned depth, struct buf *ret)
{
    CLEANUP(buf_done) struct buf value = BUF_INIT(1 << 16);

    if (name.len > 0 && depth < NESTED_MAX && find_variable(os, name, &value)) {
        expand(os, buf_str(&value), depth + 1, ret);
        return;
    }
    buf_add_char(ret, '%');
    buf_add_str(ret, name);
    buf_add_char(ret, '%');
}

static void expand(struct os *os, struct str text, unsigned depth, struct buf *ret)
{
    while (text.len > 0) {
        struct str rest, name, before = str_cut(text, '%', &rest);
        const char *end = rest.len == 0 ? NULL : memchr(rest.p, '%', rest.len);

        buf_add_str(ret, before);
        if (rest.p == NULL)
            return;
        if (end == NULL) { /* a single % */
            buf_add_char(ret, '%');
            buf_add_str(ret, rest);
            return;
        }
        name = str_cut(rest, '%', &text);
        expand_variable(os, name, depth, ret);
    }
}

int os_expand(struct os *os, struct str text, struct buf *ret, struct err *e)
{
    expand(os, text, 0, ret);
    return buf_check(ret, "text with variables", e);
}
