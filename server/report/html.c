/* SPDX-License-Identifier: Apache-2.0
 *
 * html: the template server/web/report.html with its markers (@NAME@) replaced: style and script, their
 * hashes, the report as JSON, where no "<" can end the script that holds it, and as escaped text for a
 * browser without scripts. */
#include "page.h"
#include "web.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_json(const json_t *report, struct buf *out)
{
    char *text = json_dumps(report, JSON_COMPACT | JSON_SORT_KEYS);

    if (!text)
        out->failed = ERR_NOMEM;
    for (const char *p = text; p && *p; p++) {
        if (*p == '<')
            buf_add_c(out, "\\u003c");
        else
            buf_add_char(out, *p);
    }
    free(text);
}

static void add_escaped(struct str s, struct buf *out)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.p[i] == '<')
            buf_add_c(out, "&lt;");
        else if (s.p[i] == '&')
            buf_add_c(out, "&amp;");
        else
            buf_add_char(out, s.p[i]);
    }
}

/* What stands for the marker; the hashes are those that a Content-Security-Policy names (CSP Level 3, 2.3.1).
 */
static int add_hash(struct str text, struct buf *out)
{
    unsigned char digest[EVP_MAX_MD_SIZE], base64[EVP_MAX_MD_SIZE * 2];
    unsigned n = 0;

    if (!EVP_Digest(text.p, text.len, digest, &n, EVP_sha256(), NULL))
        return -1;
    EVP_EncodeBlock(base64, digest, (int)n);
    buf_add_c(out, (const char *)base64);
    return 0;
}

static int add_text(const json_t *report, struct buf *out, struct err *e)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(64 << 20);

    report_text(report, false, &text);
    if (buf_check(&text, "report", e) < 0)
        return -e->code;
    add_escaped(buf_str(&text), out);
    return 0;
}

/* A mark is "file NAME" or "hash NAME" of a file of server/web, "report json" or "report text". */
static int fill(struct str mark, const json_t *report, struct buf *out, struct err *e)
{
    struct str name, what = str_cut(mark, ' ', &name);
    char file[64];
    int r = 0;

    (void)snprintf(file, sizeof file, "%.*s", (int)name.len, name.p);
    if (str_eq(what, STR("file")))
        buf_add_str(out, web_text(file));
    else if (str_eq(what, STR("hash")))
        r = add_hash(web_text(file), out);
    else if (str_eq(name, STR("json")))
        add_json(report, out);
    else if (str_eq(name, STR("text")))
        return add_text(report, out, e);
    else
        r = -1;
    return r ? err_set(e, ERR_FORMAT, "report.html: @%.*s@ cannot be filled", (int)mark.len, mark.p) : 0;
}

int report_html(const json_t *report, struct buf *out, struct err *e)
{
    struct str rest = web_text("report.html");
    int r = 0;

    while (r == 0 && rest.len > 0) {
        struct str tail, text = str_cut(rest, '@', &tail), mark = str_cut(tail, '@', &rest);
        buf_add_str(out, text);
        if (tail.p)
            r = fill(mark, report, out, e);
        else
            rest = (struct str){0};
    }
    return r;
}
