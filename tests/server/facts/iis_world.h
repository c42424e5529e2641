/* SPDX-License-Identifier: Apache-2.0
 *
 * iis_world: a bundle in memory with the entries that a test gives, run through extract_iis into a facts
 * database. */
#ifndef CERTTRIAGE_TEST_IIS_WORLD_H
#define CERTTRIAGE_TEST_IIS_WORLD_H

#include "extract.h"
#include "facts_db.h"
#include "facts_insert.h"
#include "limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { WORLD_ENTRIES = 4096 };

struct iis_world {
    sqlite3 *db;
    struct facts_inserter *inserter;
    struct sink *sink;
    struct arena arena;
    struct extract_state state;
    struct bundle_view view;
    struct entry *entries;
    struct manifest_item *items;
    struct bytes *files;
    struct err e;
};

static inline int world_read(void *ctx, const struct entry *entry, struct arena *a, struct bytes *ret,
                             struct err *e)
{
    struct iis_world *w = ctx;
    struct str kept =
        arena_keep(a, (struct str){(const char *)w->files[entry->index].p, w->files[entry->index].len});

    if (!kept.p)
        return err_set(e, ERR_NOMEM, "out of memory");
    *ret = (struct bytes){(const uint8_t *)kept.p, kept.len};
    return 0;
}

static inline void world_open(struct iis_world *w)
{
    memset(w, 0, sizeof *w);
    w->arena = ARENA_INIT(LIMIT_WORKER_MEMORY_BYTES / 2);
    w->entries = calloc(WORLD_ENTRIES, sizeof *w->entries);
    w->items = calloc(WORLD_ENTRIES, sizeof *w->items);
    w->files = calloc(WORLD_ENTRIES, sizeof *w->files);
    assert_true(w->entries && w->items && w->files);
    assert_int_equal(facts_create(NULL, &w->db, &w->e), 0);
    assert_int_equal(sqlite3_exec(w->db, "BEGIN", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(facts_inserter_open(w->db, "WEB01", &w->inserter, &w->e), 0);
    assert_int_equal(sink_open_put(facts_insert_put, w->inserter, &w->sink, &w->e), 0);
    sink_begin(w->sink, "machine");
    sink_c(w->sink, "name", "WEB01");
    sink_end(w->sink);
    w->view = (struct bundle_view){.entries = w->entries, .ctx = w, .read = world_read};
    w->state = (struct extract_state){.arena = &w->arena,
                                      .view = &w->view,
                                      .sink = w->sink,
                                      .build = 9600,
                                      .system_root = STR("C:\\Windows"),
                                      .system_drive = STR("C:"),
                                      .program_data = STR("C:\\ProgramData")};
}

static inline void world_close(struct iis_world *w)
{
    (void)sink_close(w->sink, &w->e);
    facts_inserter_close(w->inserter);
    assert_int_equal(sqlite3_close(w->db), SQLITE_OK);
    arena_done(&w->arena);
    free(w->entries);
    free(w->items);
    free(w->files);
}

/* path, source: of the manifest's item; both NULL: the bundle has no manifest. The bytes are borrowed. */
static inline struct manifest_item *world_add(struct iis_world *w, const char *name, const char *path,
                                              const char *source, struct bytes file)
{
    size_t i = w->view.n_entries++;

    assert_true(i < WORLD_ENTRIES);
    w->items[i] =
        (struct manifest_item){.source = str_from(source), .path = str_from(path), .modified_ms = TIME_NONE};
    w->entries[i] = (struct entry){.name = str_from(name),
                                   .item = path || source ? &w->items[i] : NULL,
                                   .time_ms = TIME_NONE,
                                   .index = i};
    w->files[i] = file;
    return &w->items[i];
}

static inline struct bytes text_bytes(const char *text)
{
    return (struct bytes){(const uint8_t *)text, strlen(text)};
}

static inline void world_run(struct iis_world *w)
{
    if (extract_iis(&w->state, &w->e) < 0)
        fail_msg("extract_iis: %s", w->e.text);
}

/* All rows, columns joined by '|', rows by newlines; NULL as '-'. The caller does not free. */
static inline const char *world_ask(struct iis_world *w, const char *sql)
{
    static char answer[65536];
    sqlite3_stmt *s = NULL;
    size_t n = 0;

    answer[0] = 0;
    if (sqlite3_prepare_v2(w->db, sql, -1, &s, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(w->db));
    for (int row = 0; sqlite3_step(s) == SQLITE_ROW; row++)
        for (int i = 0; i < sqlite3_column_count(s) && n < sizeof answer - 1; i++) {
            const char *value = (const char *)sqlite3_column_text(s, i);
            n += (size_t)snprintf(answer + n, sizeof answer - n, "%s%s",
                                  i     ? "|"
                                  : row ? "\n"
                                        : "",
                                  value ? value : "-");
        }
    (void)sqlite3_finalize(s);
    return answer;
}

/* What most server configurations begin with: the declarations of IIS' own applicationHost.config that matter
 * here. */
#define DECLARATIONS                                                                                         \
    "<configSections>"                                                                                       \
    "<sectionGroup name='system.applicationHost'>"                                                           \
    "<section name='applicationPools' allowDefinition='AppHostOnly' overrideModeDefault='Deny'/>"            \
    "<section name='sites' allowDefinition='AppHostOnly' overrideModeDefault='Deny'/>"                       \
    "</sectionGroup>"                                                                                        \
    "<sectionGroup name='system.webServer'>"                                                                 \
    "<section name='globalModules' allowDefinition='AppHostOnly' overrideModeDefault='Deny'/>"               \
    "<section name='modules' allowDefinition='MachineToApplication' overrideModeDefault='Deny'/>"            \
    "<section name='handlers' overrideModeDefault='Deny'/>"                                                  \
    "<section name='httpErrors' overrideModeDefault='Allow'/>"                                               \
    "<section name='serverRuntime' overrideModeDefault='Deny'/>"                                             \
    "<sectionGroup name='security'>"                                                                         \
    "<section name='access' overrideModeDefault='Deny'/>"                                                    \
    "<section name='requestFiltering' overrideModeDefault='Allow'/>"                                         \
    "<sectionGroup name='authentication'>"                                                                   \
    "<section name='anonymousAuthentication' overrideModeDefault='Deny'/>"                                   \
    "<section name='iisClientCertificateMappingAuthentication' overrideModeDefault='Deny'/>"                 \
    "</sectionGroup></sectionGroup></sectionGroup></configSections>"

#define POOLS                                                                                                \
    "<applicationPools><add name='DefaultAppPool'/><add name='Closed' enableConfigurationOverride='false'/>" \
    "<applicationPoolDefaults><processModel "                                                                \
    "identityType='ApplicationPoolIdentity'/></applicationPoolDefaults>"                                     \
    "</applicationPools>"

/* Site 1 'Site' with applications Site/app and Site/app/inner, virtual directory Site/files; site 2 'Other'.
 */
#define SITES                                                                                                \
    "<sites>"                                                                                                \
    "<site name='Site' id='1'>"                                                                              \
    "<application path='/'><virtualDirectory path='/' physicalPath='%SystemDrive%\\inetpub\\wwwroot'/>"      \
    "<virtualDirectory path='/files' physicalPath='D:\\files' allowSubDirConfig='false'/></application>"     \
    "<application path='/app'><virtualDirectory path='/' physicalPath='C:\\app'/></application>"             \
    "<application path='/app/inner'><virtualDirectory path='/' physicalPath='C:\\inner'/></application>"     \
    "<application path='/closed' applicationPool='Closed'><virtualDirectory path='/' "                       \
    "physicalPath='C:\\closed'/>"                                                                            \
    "</application>"                                                                                         \
    "<bindings><binding protocol='https' bindingInformation='*:443:'/></bindings></site>"                    \
    "<site name='Other' id='2'>"                                                                             \
    "<application path='/'><virtualDirectory path='/' physicalPath='C:\\other'/></application></site>"       \
    "</sites>"

#define HOST "<system.applicationHost>" POOLS SITES "</system.applicationHost>"
#define APPHOST(body) "<configuration>" DECLARATIONS HOST body "</configuration>"

#define IN_SECURITY(inner) "<system.webServer><security>" inner "</security></system.webServer>"
#define ACCESS(flags) IN_SECURITY("<access sslFlags='" flags "'/>")
#define LOCATION(attributes, inner) "<location " attributes ">" inner "</location>"
#define WEB(body) "<configuration>" body "</configuration>"

#endif
