/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_config: an applicationHost.config of one MiB with 500 sites and 2,000 locations, and 500 web.configs,
 * through extract_iis; twice the size beside it, which must cost about twice. Rows are counted and thrown
 * away. */
#include "extract.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "buf.h"
#include "limits.h"

struct files {
    struct bytes *of;
    size_t rows, row_bytes;
};

static int count_row(struct bytes frame, void *ctx, struct err *e)
{
    struct files *f = ctx;

    (void)e;
    f->rows++;
    f->row_bytes += frame.len;
    return 0;
}

static int read_entry(void *ctx, const struct entry *entry, struct arena *a, struct bytes *ret, struct err *e)
{
    const struct files *f = ctx;
    struct bytes file = f->of[entry->index];
    struct str kept = arena_keep(a, (struct str){(const char *)file.p, file.len});

    if (!kept.p)
        return err_set(e, ERR_NOMEM, "out of memory");
    *ret = (struct bytes){(const uint8_t *)kept.p, kept.len};
    return 0;
}

static void add_locations(struct buf *out, int sites, int locations)
{
    for (int i = 0; i < locations; i++)
        buf_printf(out,
                   "<location path=\"Site%d/app/dir%d\"><system.webServer><security><access sslFlags=\"Ssl, "
                   "SslNegotiateCert\"/>"
                   "<authentication><anonymousAuthentication enabled=\"false\"/><windowsAuthentication "
                   "enabled=\"true\">"
                   "<providers><clear/><add value=\"Negotiate\"/><add "
                   "value=\"NTLM\"/></providers></windowsAuthentication>"
                   "</authentication></security></system.webServer></location>\n",
                   i % sites, i);
}

static void make_apphost(struct buf *out, int sites, int locations)
{
    buf_add_c(out, "<configuration><configSections><sectionGroup name=\"system.webServer\"><sectionGroup "
                   "name=\"security\">"
                   "<section name=\"access\" "
                   "overrideModeDefault=\"Deny\"/></sectionGroup></sectionGroup></configSections>"
                   "<system.applicationHost><sites>\n");
    for (int i = 0; i < sites; i++)
        buf_printf(out,
                   "<site name=\"Site%d\" id=\"%d\"><application path=\"/\"><virtualDirectory path=\"/\" "
                   "physicalPath=\"C:\\s\\%d\"/>"
                   "</application><application path=\"/app\"><virtualDirectory path=\"/\" "
                   "physicalPath=\"C:\\a\\%d\"/></application>"
                   "<bindings><binding protocol=\"https\" bindingInformation=\"*:443:h%d\" "
                   "sslFlags=\"1\"/></bindings></site>\n",
                   i, i, i, i, i);
    buf_add_c(out, "</sites></system.applicationHost>\n");
    add_locations(out, sites, locations);
    buf_add_c(out, "</configuration>\n");
}

static double seconds(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void make_view(struct bundle_view *view, struct files *f, struct buf *apphost, int webs,
                      struct arena *a)
{
    static const char web[] =
        "<configuration><system.webServer><security><requestFiltering><requestLimits "
        "maxAllowedContentLength=\"1\"/></requestFiltering></security></system.webServer></configuration>";
    struct manifest_item *items = arena_array(a, (size_t)webs + 1, sizeof *items);
    struct entry *entries = arena_array(a, (size_t)webs + 1, sizeof *entries);

    f->of = arena_array(a, (size_t)webs + 1, sizeof *f->of);
    if (!items || !entries || !f->of)
        abort();
    entries[0] = (struct entry){.name = STR("iis/config/applicationHost.config")};
    f->of[0] = (struct bytes){(const uint8_t *)apphost->p, apphost->len};
    for (int i = 0; i < webs; i++) {
        items[i].path = str_from(arena_printf(a, "Site%d", i));
        items[i].source = str_from(arena_printf(a, "C:\\s\\%d\\web.config", i));
        entries[i + 1] = (struct entry){.name = str_from(arena_printf(a, "iis/web/%d/web.config", i)),
                                        .item = &items[i],
                                        .index = (size_t)i + 1};
        f->of[i + 1] = (struct bytes){(const uint8_t *)web, sizeof web - 1};
    }
    *view =
        (struct bundle_view){.entries = entries, .n_entries = (size_t)webs + 1, .ctx = f, .read = read_entry};
}

static int run(int sites, int locations)
{
    CLEANUP(buf_done) struct buf apphost = BUF_INIT(LIMIT_WHOLE_ENTRY_BYTES);
    struct arena a = ARENA_INIT(LIMIT_WORKER_MEMORY_BYTES / 2);
    struct bundle_view view;
    struct files files = {.of = NULL};
    struct sink *sink;
    struct err e = {0};
    struct rusage usage;

    make_apphost(&apphost, sites, locations);
    make_view(&view, &files, &apphost, sites, &a);
    if (sink_open_put(count_row, &files, &sink, &e) < 0)
        abort();
    struct extract_state x = {.arena = &a, .view = &view, .sink = sink};
    double start = seconds();
    int r = extract_iis(&x, &e);
    double spent = seconds() - start;
    (void)sink_close(sink, &e);
    (void)getrusage(RUSAGE_SELF, &usage);
    printf("%4d sites, %5d locations, %5zu KiB: %6.1f ms, %6zu rows (%zu KiB), peak %ld MiB%s%s\n", sites,
           locations, apphost.len / 1024, spent * 1000, files.rows, files.row_bytes / 1024,
           usage.ru_maxrss / 1024, r < 0 ? ": " : "", e.text);
    arena_done(&a);
    return r;
}

int main(void)
{
    return run(500, 2000) < 0 || run(1000, 4000) < 0 || run(2000, 8000) < 0;
}
