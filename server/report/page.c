/* SPDX-License-Identifier: Apache-2.0 */
#include "page.h"

#include <string.h>

#include "text.h"

enum { COLUMNS = 100 };

static const char *const escapes[] = {
    [PAGE_PLAIN] = "",         [PAGE_BOLD] = "\033[1m",    [PAGE_DIM] = "\033[2m",
    [PAGE_RED] = "\033[1;31m", [PAGE_YELLOW] = "\033[33m", [PAGE_BLUE] = "\033[36m",
    [PAGE_GREEN] = "\033[32m",
};

const char *page_member(const json_t *object, const char *name)
{
    const char *s = json_string_value(json_object_get(object, name));

    return s ? s : "";
}

json_int_t page_number(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

enum page_colour page_severity(const char *severity)
{
    if (strcmp(severity, "error") == 0)
        return PAGE_RED;
    return strcmp(severity, "warning") == 0 ? PAGE_YELLOW : PAGE_BLUE;
}

static void begin(struct page *p, enum page_colour colour)
{
    if (p->colour)
        buf_add_c(p->out, escapes[colour]);
}

static void end(struct page *p, enum page_colour colour)
{
    if (p->colour && colour != PAGE_PLAIN)
        buf_add_c(p->out, "\033[0m");
}

static size_t columns_of(struct str s)
{
    size_t n = 0;

    for (size_t i = 0; i < s.len; i++)
        n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
    return n;
}

void page_blank(struct page *p)
{
    buf_add_char(p->out, '\n');
}

void page_heading(struct page *p, const char *text)
{
    page_blank(p);
    begin(p, PAGE_BOLD);
    buf_add_c(p->out, text);
    buf_add_char(p->out, '\n');
    for (size_t i = 0; i < COLUMNS; i++)
        buf_add_char(p->out, '-');
    end(p, PAGE_BOLD);
    buf_add_char(p->out, '\n');
}

static void indent(struct page *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_add_char(p->out, ' ');
}

void page_words(struct page *p, const char *first, enum page_colour colour, const char *text)
{
    CLEANUP(buf_done) struct buf printable = BUF_INIT(16 << 20);
    size_t margin = columns_of(str_from(first)), column = margin;
    struct str rest;
    bool at_start = true;

    text_add_printable(&printable, str_from(text));
    rest = buf_str(&printable);
    buf_add_c(p->out, first);
    begin(p, colour);
    while (rest.len) {
        struct str word = str_cut(rest, ' ', &rest);
        if (!word.len)
            continue;
        if (!at_start && column + 1 + columns_of(word) > COLUMNS) {
            buf_add_char(p->out, '\n');
            indent(p, margin);
            column = margin;
            at_start = true;
        }
        if (!at_start)
            buf_add_char(p->out, ' ');
        buf_add_str(p->out, word);
        column += columns_of(word) + (at_start ? 0 : 1);
        at_start = false;
    }
    end(p, colour);
    buf_add_char(p->out, '\n');
}

void page_line(struct page *p, const char *first, enum page_colour colour, const char *text)
{
    buf_add_c(p->out, first);
    begin(p, colour);
    text_add_printable(p->out, str_from(text));
    end(p, colour);
    buf_add_char(p->out, '\n');
}
