/* SPDX-License-Identifier: Apache-2.0 */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zip.h>

#include "manifest.h"
#include "text.h"

enum { LOG_BYTES = 16 << 20, TEXT_BYTES = LOG_BYTES + 1024, NAME_BYTES = 64, BENCH_ITEMS = 1000 };

static const char config[] =
    "<configuration><system.applicationHost><sites><site name=\"Default Web Site\" id=\"1\">"
    "<application path=\"/\" applicationPool=\"DefaultAppPool\"><virtualDirectory path=\"/\" "
    "physicalPath=\"C:\\inetpub\"/>"
    "</application><application path=\"/orders\"><virtualDirectory path=\"/\" "
    "physicalPath=\"C:\\orders\"/></application>"
    "<bindings><binding protocol=\"https\" bindingInformation=\"*:443:\"/></bindings></site></sites>"
    "</system.applicationHost></configuration>\n";

static const char *const agents[] = {
    "Mozilla/5.0+(Windows+NT+10.0;+Win64;+x64)+AppleWebKit/537.36+(KHTML,+like+Gecko)+Chrome/"
    "120.0.0.0+Safari/537.36",
    "Mozilla/5.0+(Windows+NT+10.0;+Win64;+x64)+AppleWebKit/537.36+(KHTML,+like+Gecko)+Chrome/"
    "120.0.0.0+Safari/537.36+Edg/120.0.0.0",
    "Mozilla/5.0+(Windows+NT+10.0;+Win64;+x64;+rv:121.0)+Gecko/20100101+Firefox/121.0",
    "Mozilla/5.0+(Macintosh;+Intel+Mac+OS+X+10_15_7)+AppleWebKit/605.1.15+(KHTML,+like+Gecko)+Version/"
    "17.1+Safari/605.1.15",
    "Mozilla/5.0+(compatible;+MSIE+10.0;+Windows+NT+6.1;+WOW64;+Trident/6.0)",
    "Apache-HttpClient/4.5.13+(Java/11.0.20)",
    "Microsoft-WNS/10.0",
    "-",
};
static const char *const pages[] = {"default.aspx",          "orders/list.aspx", "api/v1/items",
                                    "scripts/jquery.min.js", "styles/site.css",  "images/logo.png",
                                    "orders/service.svc",    "favicon.ico"};
static const char *const statuses[] = {"200 0 0", "200 0 0", "200 0 0", "304 0 0",
                                       "302 0 0", "200 0 0", "404 0 2", "200 0 64"};

static uint64_t next(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return *seed >> 33;
}

static const char *status_of(uint64_t r)
{
    if (r % 2000 == 0)
        return "500 0 64";
    if (r % 2000 == 1)
        return "403 7 5";
    return statuses[r % 8];
}

/* One day's log: as many lines as there is room for, spread over the day. */
static size_t make_log(char *text, int day, uint64_t *seed)
{
    size_t n = (size_t)snprintf(
        text, TEXT_BYTES,
        "#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\n"
        "#Date: 2026-01-%02d 00:00:00\r\n#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query "
        "s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus "
        "sc-win32-status time-taken\r\n",
        day);
    while (n < LOG_BYTES) {
        int second = (int)((double)n / LOG_BYTES * 86399);
        uint64_t a = next(seed), b = next(seed), c = next(seed) % 997;
        c = c * (b >> 10 & 1023) / 1024; /* some pages are asked for more than others */
        n += (size_t)snprintf(
            text + n, TEXT_BYTES - n,
            "2026-01-%02d %02d:%02d:%02d 10.0.0.5 %s /%s%d/%s - 443 - 10.%d.%d.%d %s - %s %d\r\n", day,
            second / 3600, second / 60 % 60, second % 60, a % 5 ? "GET" : "POST",
            a % 3 ? "orders/v" : "shop/p", (int)c, pages[a / 997 % 8], (int)(b % 4), (int)(b / 4 % 32),
            (int)(b / 128 % 250), agents[b / 32000 % 8], status_of(a / 8192), (int)(b % 1009));
    }
    return n;
}

int bench_log_write(const char *path, int day, int parts, uint64_t *seed, struct err *e)
{
    char *text = malloc(TEXT_BYTES);
    FILE *f = text == NULL ? NULL : fopen(path, "wb");
    bool whole = f != NULL;

    for (int i = 0; whole && i < parts; i++) {
        size_t len = make_log(text, day, seed);
        whole = fwrite(text, 1, len, f) == len;
    }
    whole = f != NULL && fclose(f) == 0 && whole;
    free(text);
    return whole ? 0 : err_set(e, ERR_IO, "%s: cannot be written", path);
}

struct bench_bundle {
    zip_t *zip;
    struct manifest_item items[BENCH_ITEMS];
    char names[BENCH_ITEMS][NAME_BYTES];
    uint32_t n;
};

int bench_bundle_open(const char *path, struct bench_bundle **ret, struct err *e)
{
    struct bench_bundle *b = calloc(1, sizeof(*b));
    int code = 0;

    if (!b)
        return err_set(e, ERR_NOMEM, "%s: out of memory", path);
    b->zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code);
    if (!b->zip) {
        free(b);
        return err_set(e, ERR_IO, "%s: libzip error %d", path, code);
    }
    *ret = b;
    return 0;
}

static int add_entry(struct bench_bundle *b, const char *name, char *text, size_t len, struct err *e)
{
    zip_source_t *source = zip_source_buffer(b->zip, text, len, 1);

    if (!source || zip_file_add(b->zip, name, source, 0) < 0)
        return err_set(e, ERR_IO, "%s: %s", name, zip_strerror(b->zip));
    return 0;
}

int bench_bundle_add(struct bench_bundle *b, enum kind kind, const char *entry, char *text, size_t len,
                     struct err *e)
{
    if (!text || b->n == BENCH_ITEMS)
        return err_set(e, ERR_NOMEM, "%s: out of memory", entry);
    char *name = b->names[b->n];
    (void)snprintf(name, NAME_BYTES, "%s", entry);
    b->items[b->n] = (struct manifest_item){.id = b->n + 1,
                                            .kind = kind,
                                            .source = str_from(name),
                                            .entry = str_from(name),
                                            .outcome = OUTCOME_OK,
                                            .size = (int64_t)len,
                                            .original = (int64_t)len,
                                            .modified_ms = TIME_NONE};
    b->n++;
    return add_entry(b, entry, text, len, e);
}

static int add_manifest(struct bench_bundle *b, struct err *e)
{
    CLEANUP(buf_done) struct buf json = BUF_INIT(1 << 20);
    const struct manifest m = {.version = MANIFEST_VERSION,
                               .bundle = STR("00000000-0000-4000-8000-000000000001"),
                               .tool_version = STR("bench"),
                               .backend = STR("image"),
                               .machine = {.name = STR("BENCH"),
                                           .roles = ROLE_SERVER,
                                           .collected_ms = 1769900000000,
                                           .booted_ms = TIME_NONE,
                                           .registry_view = STR("64")},
                               .redacted = true,
                               .items = b->items,
                               .n_items = b->n};
    int r = manifest_write(&m, &json, e);
    char *copy = r < 0 ? NULL : malloc(json.len);

    if (r < 0)
        return r;
    if (!copy)
        return err_set(e, ERR_NOMEM, "manifest: out of memory");
    memcpy(copy, json.p, json.len);
    return add_entry(b, "manifest.json", copy, json.len, e);
}

int bench_bundle_close(struct bench_bundle *b, bool keep, struct err *e)
{
    int r = keep ? add_manifest(b, e) : 0;

    if (r == 0 && keep && zip_close(b->zip) < 0)
        r = err_set(e, ERR_IO, "bundle: %s", zip_strerror(b->zip));
    if (r < 0 || !keep)
        zip_discard(b->zip);
    free(b);
    return r;
}

int bench_bundle_add_config(struct bench_bundle *b, struct err *e)
{
    return bench_bundle_add(b, KIND_IIS_CONFIG, "iis/config/applicationHost.config", strdup(config),
                            sizeof(config) - 1, e);
}

static int add_log(struct bench_bundle *b, uint32_t i, uint64_t *seed, struct err *e)
{
    char *text = malloc(TEXT_BYTES), name[NAME_BYTES];

    if (!text)
        return err_set(e, ERR_NOMEM, "log %u: out of memory", i);
    size_t len = make_log(text, 1 + (int)i % 28, seed);
    (void)snprintf(name, sizeof(name), "logs/w3svc/1/u_ex2601%02u%c.log", 1 + i % 28, 'a' + (int)(i / 28));
    return bench_bundle_add(b, KIND_LOG_IIS, name, text, len, e);
}

int bench_bundle_make(const char *path, int64_t mib, struct err *e)
{
    struct bench_bundle *b = NULL;
    uint64_t seed = 7;
    int r = bench_bundle_open(path, &b, e);

    if (r < 0)
        return r;
    r = bench_bundle_add_config(b, e);
    for (uint32_t i = 0; r == 0 && i < (uint32_t)((mib << 20) / LOG_BYTES); i++)
        r = add_log(b, i, &seed, e);
    int closed = bench_bundle_close(b, r == 0, e);
    return r < 0 ? r : closed;
}
