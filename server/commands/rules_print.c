/* SPDX-License-Identifier: Apache-2.0 */
#include "rules_print.h"

#include <stdio.h>
#include <string.h>

#include "compiler.h"
#include "text.h"

/* The steps of the article that the project began with, and the causes of each (the catalogue, §9). */
static const struct {
    const char *step, *codes;
} steps[] = {
    {"0 The log shows 403.7", "M01 M02 M03"},
    {"1 Require in the SSL settings", "A01 A02 A03 A04 A08 A09 A13"},
    {"2 Mappings at the site level only", "B03 B02 B05 B06 B08 B09 B12 B22"},
    {"3 \"Don't prompt\" is disabled", "J01 J02 J03 J05"},
    {"4 The certificate has a private key and is valid", "H01 H02 H03 H04 H05"},
    {"5 Its usage holds client authentication", "H06 H07 H08 H24"},
    {"6 The certification path", "H12 F20 F22 F25 F27"},
    {"7 Root and intermediate stores of both machines", "F01 F02 F03 F05 F30 F06 F10"},
    {"8 SendTrustedIssuerList", "F06 F11 F12 F07 F09 F16 F18"},
    {"9 Trusted Root holds what is not self-signed", "F04"},
    {"10 The identity may read the private key",
     "I01 I02 I03 I04 I05 I06 I07 I08 I09 I10 I11 I12 I13 I14 I15"},
    {"11 A 500 before the 403.7", "E01 D08 D09 D10 D11 M08"},
    {"12 A device between", "L06 L01 L05 K13"},
    {"13 Schannel events", "K13 K14 K15"},
    {"14 WCF needs anonymous", "J16 J17"},
};

static const char *member(const json_t *object, const char *name)
{
    const char *s = json_string_value(json_object_get(object, name));

    return s ? s : "";
}

void rules_print_text(const json_t *rows)
{
    size_t i;
    json_t *row;

    json_array_foreach(rows, i, row)
    {
        printf("%-4s %-36s %-8s %s\n", member(row, "code"), member(row, "id"), member(row, "severity"),
               member(row, "title"));
    }
}

static const json_t *find_code(const json_t *rows, const char *code, size_t len)
{
    size_t i;
    json_t *row;

    json_array_foreach(rows, i, row)
    {
        if (strlen(member(row, "code")) == len && strncmp(member(row, "code"), code, len) == 0)
            return row;
    }
    return NULL;
}

/* The ids of the rules of "A01 A02"; a cause without a rule stands there as its number. */
static void print_step(const json_t *rows, const char *step, const char *codes)
{
    printf("| %s |", step);
    while (*codes) {
        size_t len = strcspn(codes, " ");
        const json_t *row = find_code(rows, codes, len);
        if (row)
            printf(" `%s`", member(row, "id"));
        else
            printf(" (%.*s: no rule)", (int)len, codes);
        codes += len + strspn(codes + len, " ");
    }
    printf(" |\n");
}

static void print_cell(const char *text)
{
    for (; *text; text++)
        printf(*text == '|' ? "\\|" : "%c", *text);
}

void rules_print_markdown(const json_t *rows)
{
    size_t i;
    json_t *row;

    printf("# Coverage of the checklist\n\n| step | rules |\n|---|---|\n");
    for (i = 0; i < ARRAY_LEN(steps); i++)
        print_step(rows, steps[i].step, steps[i].codes);
    printf("\n# Rules\n\n| cause | rule | at most | confidence | role | what is wrong "
           "|\n|---|---|---|---|---|---|\n");
    json_array_foreach(rows, i, row)
    {
        printf("| %s | `%s` | %s | %s | %s | ", member(row, "code"), member(row, "id"),
               member(row, "severity"), member(row, "confidence"), member(row, "role"));
        print_cell(member(row, "title"));
        printf(" |\n");
    }
}

static void print_lines(const char *title, const json_t *lines)
{
    size_t i;
    json_t *line;

    if (json_array_size(lines) == 0)
        return;
    printf("\n%s\n", title);
    json_array_foreach(lines, i, line)
    {
        printf("  %s\n", json_string_value(line));
    }
}

static void print_words(const char *title, const json_t *words)
{
    size_t i;
    json_t *word;

    if (json_array_size(words) == 0)
        return;
    printf("%-10s", title);
    json_array_foreach(words, i, word)
    {
        printf(" %s", json_string_value(word));
    }
    printf("\n");
}

void rules_print_page(const json_t *rule)
{
    static const char *const beliefs[][2] = {
        {"seen", "seen to happen"}, {"must", "must fail by what is found"}, {"may", "can make it fail"}};

    printf("%s (%s)\n%s\n\n", member(rule, "id"), member(rule, "code"), member(rule, "title"));
    printf("%-10s at most %s, confidence %s\n", "severity", member(rule, "severity"),
           member(rule, "confidence"));
    printf("%-10s %s\n", "role", member(rule, "role"));
    for (size_t i = 0; i < ARRAY_LEN(beliefs); i++)
        if (strcmp(member(rule, "strength"), beliefs[i][0]) == 0)
            printf("%-10s %s\n", "belief", beliefs[i][1]);
    print_words("explains", json_object_get(rule, "explains"));
    print_words("needs", json_object_get(rule, "needs"));
    print_words("outranks", json_object_get(rule, "outranks"));
    print_lines("What it says ({words in braces} are values of the machine)",
                json_object_get(rule, "message"));
    print_lines("Why it is believed", json_object_get(rule, "why"));
    print_lines("What would confirm or refute it", json_object_get(rule, "confirm"));
    print_lines("What to do", json_object_get(rule, "remedy"));
    if (*member(rule, "interrupts"))
        printf("  ! %s\n", member(rule, "interrupts"));
    if (*member(rule, "applies"))
        printf("\nApplies when\n%s\n", member(rule, "applies"));
    printf("\nHow it is found\n%s\n", member(rule, "select"));
    print_lines("See", json_object_get(rule, "references"));
}
