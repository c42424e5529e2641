/* SPDX-License-Identifier: Apache-2.0
 *
 * sample_bundle: a small good bundle as the collector writes it, and the ways in which it may be bent. For
 * cmocka tests. */
#ifndef CERTTRIAGE_SAMPLE_BUNDLE_H
#define CERTTRIAGE_SAMPLE_BUNDLE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "manifest.h"
#include "text.h"
#include "zip_maker.h"

#define CONFIG_ENTRY "iis/config/applicationHost.config"
#define WEB_ENTRY "iis/web/1/web.config"
#define REG_ENTRY "registry/system.reg"
#define LOG_ENTRY "logs/w3svc/1/u_ex260102.log"

static const char CONFIG[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<configuration>\n<system.applicationHost>\n<sites>\n"
    "<site name=\"Default Web Site\" id=\"1\">\n<application path=\"/\" applicationPool=\"DefaultAppPool\">\n"
    "<virtualDirectory path=\"/\" physicalPath=\"C:\\inetpub\\wwwroot\" />\n</application>\n<bindings>\n"
    "<binding protocol=\"https\" bindingInformation=\"*:443:\" />\n</bindings>\n</site>\n</sites>\n"
    "<applicationPools>\n<add name=\"DefaultAppPool\" />\n</applicationPools>\n</system.applicationHost>\n"
    "<system.webServer>\n<security>\n<access sslFlags=\"Ssl\" />\n</security>\n</system.webServer>\n"
    "</configuration>\n";
static const char WEB[] =
    "<configuration><system.webServer><security><access sslFlags=\"Ssl, SslNegotiateCert\"/>"
    "</security></system.webServer></configuration>\n";
static const char REG[] = "Windows Registry Editor Version 5.00\r\n\r\n"
                          "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows "
                          "NT\\CurrentVersion]\r\n\"CurrentBuildNumber\"=\"9600\"\r\n"
                          "\"InstallationType\"=\"Server\"\r\n\r\n";
static const char LOG_HEAD[] = "#Software: Microsoft Internet Information Services 8.5\r\n#Fields: date time "
                               "s-ip cs-method cs-uri-stem s-port "
                               "c-ip sc-status sc-substatus sc-win32-status time-taken\r\n";
static const char LOG_LINE[] = "2026-01-02 10:00:00 10.0.0.1 GET /app/x 443 10.0.0.9 403 7 64 15\r\n";

struct piece {
    const char *name;
    enum kind kind;
    struct str data;
};

static const struct piece PIECES[] = {
    {CONFIG_ENTRY, KIND_IIS_CONFIG, {CONFIG, sizeof CONFIG - 1}},
    {WEB_ENTRY, KIND_WEB_CONFIG, {WEB, sizeof WEB - 1}},
    {REG_ENTRY, KIND_REG_SYSTEM, {REG, sizeof REG - 1}},
};
enum { N_PIECES = ARRAY_LEN(PIECES), N_ITEMS = N_PIECES + 2 };

/* How the bundle differs from a good one. */
struct twist {
    int version;               /* of the manifest */
    const char *manifest_text; /* instead of the manifest */
    const char *drop;          /* an entry that the manifest names and that is not there */
    const char *change;        /* an entry whose bytes are not those of the manifest's hash */
    struct str change_to;
    const char *lie_about; /* an entry with a lie in its headers */
    struct zip_lie lie;
    struct str log_more;              /* behind the log's first line */
    void (*add)(struct zip_maker *z); /* more entries, before the manifest */
    bool by_hand;                     /* no manifest, no items */
    bool unfinished;                  /* no manifest, no directory */
    bool uses_up;                     /* what all entries may inflate to, before the last log is read */
};

struct made {
    char sha256[N_PIECES][EVP_MAX_MD_SIZE * 2 + 1];
    char items[N_ITEMS][32];
    struct manifest_item item[N_ITEMS];
};

static void describe(struct made *m)
{
    for (size_t i = 0; i < N_ITEMS; i++)
        m->item[i] = (struct manifest_item){.id = (uint32_t)i + 1, .original = -1, .modified_ms = TIME_NONE};
    for (size_t i = 0; i < N_PIECES; i++) {
        CLEANUP(buf_done) struct buf hex = BUF_INIT(256);
        unsigned char digest[EVP_MAX_MD_SIZE];
        unsigned len;
        assert_true(EVP_Digest(PIECES[i].data.p, PIECES[i].data.len, digest, &len, EVP_sha256(), NULL));
        text_hex(&hex, digest, len);
        (void)snprintf(m->sha256[i], sizeof m->sha256[i], "%s", buf_c(&hex));
        m->item[i].kind = PIECES[i].kind;
        m->item[i].entry = str_from(PIECES[i].name);
        m->item[i].sha256 = str_from(m->sha256[i]);
        m->item[i].size = (int64_t)PIECES[i].data.len;
        if (PIECES[i].kind == KIND_WEB_CONFIG) {
            m->item[i].site = STR("Default Web Site");
            m->item[i].path = STR("Default Web Site");
        }
    }
    m->item[N_PIECES].kind = KIND_LOG_IIS;
    m->item[N_PIECES].entry = STR(LOG_ENTRY);
    m->item[N_PIECES].site = STR("Default Web Site");
    m->item[N_PIECES + 1].kind = KIND_REG_SCHANNEL;
    m->item[N_PIECES + 1].outcome = OUTCOME_DENIED;
    m->item[N_PIECES + 1].reason = STR("no right");
}

static struct str data_of(const struct twist *t, size_t i, struct buf *log)
{
    if (i < N_PIECES)
        return t->change && strcmp(PIECES[i].name, t->change) == 0 ? t->change_to : PIECES[i].data;
    buf_add_c(log, LOG_HEAD);
    buf_add_c(log, LOG_LINE);
    buf_add_str(log, t->log_more);
    buf_add_c(log, LOG_LINE);
    return buf_str(log);
}

static void add_item(struct zip_maker *z, const struct twist *t, const struct made *m, size_t i)
{
    CLEANUP(buf_done) struct buf json = BUF_INIT(1 << 20);
    CLEANUP(buf_done) struct buf log = BUF_INIT(64 << 20);
    char entry[64], name[64];
    struct err e;

    (void)snprintf(entry, sizeof entry, "%.*s", (int)m->item[i].entry.len,
                   m->item[i].entry.p ? m->item[i].entry.p : "");
    if (entry[0] && !(t->drop && strcmp(entry, t->drop) == 0)) {
        bool lies = t->lie_about && strcmp(entry, t->lie_about) == 0;
        zip_add_lying(z, entry, data_of(t, i, &log), lies ? t->lie : (struct zip_lie){.flags = 0});
    }
    assert_int_equal(manifest_item_write(&m->item[i], &json, &e), 0);
    (void)snprintf(name, sizeof name, "items/%06zu.json", i + 1);
    if (!t->by_hand)
        zip_put(z, name, buf_str(&json));
}

static void add_manifest(struct zip_maker *z, const struct twist *t, struct made *m)
{
    CLEANUP(buf_done) struct buf json = BUF_INIT(1 << 20);
    struct err e;
    struct manifest manifest = {.version = t->version ? t->version : MANIFEST_VERSION,
                                .bundle = STR("0b0e3f3c-0000-4000-8000-000000000001"),
                                .tool_version = STR("0.1.0"),
                                .backend = STR("image"),
                                .redacted = true,
                                .machine = {.name = STR("WEB01"),
                                            .roles = ROLE_SERVER,
                                            .booted_ms = TIME_NONE,
                                            .collected_ms = 1767352000000,
                                            .registry_view = STR("64")},
                                .complaint = {.url = STR("https://web01.example/app/x?y"),
                                              .thumbprint = STR("\xe2\x80\x8e"
                                                                "AA BB")},
                                .items = m->item,
                                .n_items = N_ITEMS};

    assert_int_equal(manifest_write(&manifest, &json, &e), 0);
    zip_put(z, "manifest.json", t->manifest_text ? str_from(t->manifest_text) : buf_str(&json));
}

static void make(struct zip_maker *z, const struct twist *t)
{
    struct made m;

    describe(&m);
    for (size_t i = 0; i < N_ITEMS; i++)
        add_item(z, t, &m, i);
    if (t->add)
        t->add(z);
    if (!t->by_hand && !t->unfinished)
        add_manifest(z, t, &m);
    if (!t->unfinished)
        zip_finish(z);
    assert_int_equal(z->out.failed, 0);
}

#endif
