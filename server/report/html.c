/* SPDX-License-Identifier: Apache-2.0
 *
 * html: the template server/web/report.html with its markers (@NAME@) replaced: style and script, the policy
 * that names them by their hashes, the report as JSON, where no "<" can end the script that holds it, and as
 * escaped text for a browser without scripts. */
#include "page.h"
#include "report.h"
#include "web.h"

#include <openssl/evp.h>
#include <pthread.h>
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

/* As a Content-Security-Policy names it (CSP Level 3, 2.3.1). */
static int add_hash(struct str text, struct buf *out)
{
    unsigned char digest[EVP_MAX_MD_SIZE], base64[EVP_MAX_MD_SIZE * 2];
    unsigned n = 0;

    if (!EVP_Digest(text.p, text.len, digest, &n, EVP_sha256(), NULL))
        return -1;
    EVP_EncodeBlock(base64, digest, (int)n);
    buf_add_c(out, " 'sha256-");
    buf_add_c(out, (const char *)base64);
    buf_add_char(out, '\'');
    return 0;
}

/* What is built in does not change while we run: hashed once. */
static char policy[1024] = "default-src 'none'";

static void make_policy(void)
{
    CLEANUP(buf_done) struct buf b = BUF_INIT(sizeof policy - 1);
    int r;

    buf_add_c(&b, "default-src 'none'; script-src");
    r = add_hash(web_text("picture.js"), &b) | add_hash(web_text("view.js"), &b);
    buf_add_c(&b, "; style-src");
    r |= add_hash(web_text("style.css"), &b);
    buf_add_c(&b, "; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; "
                  "trusted-types 'none'");
    if (r == 0 && !b.failed)
        (void)snprintf(policy, sizeof policy, "%s", buf_c(&b));
}

const char *report_html_policy(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    (void)pthread_once(&once, make_policy);
    return policy;
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

/* A mark is "file NAME" of a file of server/web, "report policy", "report json" or "report text". */
static int fill(struct str mark, const json_t *report, struct buf *out, struct err *e)
{
    struct str name, what = str_cut(mark, ' ', &name);
    char file[64];
    int r = 0;

    (void)snprintf(file, sizeof file, "%.*s", (int)name.len, name.p);
    if (str_eq(what, STR("file")))
        buf_add_str(out, web_text(file));
    else if (str_eq(name, STR("policy")))
        buf_add_c(out, report_html_policy());
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
