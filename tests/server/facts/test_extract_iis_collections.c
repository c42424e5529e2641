/* SPDX-License-Identifier: Apache-2.0
 *
 * Collections: merged from level to level, and refused where something is added twice. */
#include "iis_world.h"

#define AH_ENTRY "iis/config/applicationHost.config"
#define RULES(inner) IN_SECURITY("<authorization>" inner "</authorization>")
#define ITEMS(path_, section_, attribute_)                                                                   \
    "SELECT group_concat(value, ' ') FROM (SELECT value FROM path_item WHERE path = '" path_                 \
    "' AND section LIKE '%/" section_ "' AND attribute = '" attribute_ "' ORDER BY position)"
#define ERRORS "SELECT path, kind, hresult, section, entry, line, col FROM config_error"

static void run_with(struct iis_world *w, const char *apphost, const char *web_path, const char *web)
{
    world_open(w);
    world_add(w, AH_ENTRY, NULL, NULL, text_bytes(apphost));
    if (web)
        world_add(w, "iis/web/0/web.config", web_path, NULL, text_bytes(web));
    world_run(w);
}

struct merging_case {
    const char *name, *apphost, *web, *sql, *answer;
};

static const struct merging_case merging_cases[] = {
    {"what a level adds is appended", APPHOST(RULES("<add accessType='Allow' users='*'/>")),
     WEB(RULES("<add accessType='Deny' users='?'/>")), ITEMS("Site", "authorization", "users"), "* ?"},
    {"a site without own items has the server's", APPHOST(RULES("<add accessType='Allow' users='*'/>")),
     WEB(RULES("<add accessType='Deny' users='?'/>")), ITEMS("Other", "authorization", "users"), "*"},
    {"below, what is above holds", APPHOST(RULES("<add accessType='Allow' users='*'/>")),
     WEB(RULES("<add accessType='Deny' users='?'/>")), ITEMS("Site/app/inner", "authorization", "users"),
     "* ?"},
    {"clear", APPHOST(RULES("<add accessType='Allow' users='*'/>")),
     WEB(RULES("<clear/><add accessType='Deny' users='?'/>")), ITEMS("Site", "authorization", "users"), "?"},
    {"clear alone leaves nothing", APPHOST(RULES("<add accessType='Allow' users='*'/>")),
     WEB(RULES("<clear/>")), ITEMS("Site", "authorization", "users"), "-"},
    {"remove by the whole key",
     APPHOST(RULES("<add accessType='Allow' users='a'/><add accessType='Allow' users='a' roles='r'/>")),
     WEB(RULES("<remove users='A' roles='R' verbs=''/>")), ITEMS("Site", "authorization", "users"), "a"},
    {"what is removed may be added again", APPHOST(RULES("<add accessType='Allow' users='a'/>")),
     WEB(RULES("<remove users='a'/><add accessType='Deny' users='a'/>")),
     ITEMS("Site", "authorization", "accessType"), "Deny"},
    {"a location's items", APPHOST(LOCATION("path='Site/app'", RULES("<add accessType='Allow' users='x'/>"))),
     NULL, ITEMS("Site/app/inner", "authorization", "users"), "x"},
    {"that stop at the application",
     APPHOST(LOCATION("path='Site/app' inheritInChildApplications='false'",
                      RULES("<add accessType='Allow' users='x'/>"))),
     NULL, ITEMS("Site/app/inner", "authorization", "users"), "-"},
    {"handlers go in front, in their order",
     APPHOST("<system.webServer><handlers><add name='a' path='*' verb='*'/><add name='b' path='*' verb='*'/>"
             "</handlers></system.webServer>" LOCATION(
                 "path='Site'", "<system.webServer><handlers><add name='c' path='*' verb='*'/>"
                                "<add name='d' path='*' verb='*'/></handlers></system.webServer>")),
     NULL, ITEMS("Site", "handlers", "name"), "c d a b"},
    {"an error page's default key",
     APPHOST("<system.webServer><httpErrors><error statusCode='403' path='a'/>"
             "<error statusCode='403' subStatusCode='7' path='b'/></httpErrors></system.webServer>"),
     WEB("<system.webServer><httpErrors><remove statusCode='403' subStatusCode='-1'/></httpErrors>"
         "</system.webServer>"),
     ITEMS("Site", "httpErrors", "subStatusCode"), "7"},
    {"providers in an element of their own",
     APPHOST(IN_SECURITY("<authentication><windowsAuthentication enabled='true'><providers>"
                         "<add value='Negotiate'/><add value='NTLM'/></providers></windowsAuthentication>"
                         "</authentication>")),
     NULL, ITEMS("Site", "windowsAuthentication", "value"), "Negotiate NTLM"},
    {"an element two levels down",
     APPHOST(IN_SECURITY("<requestFiltering><requestLimits><headerLimits><add header='Cookie' "
                         "sizeLimit='100'/></headerLimits></requestLimits></requestFiltering>")),
     NULL, ITEMS("Site", "requestFiltering", "sizeLimit"), "100"},
    {"what is traced",
     APPHOST(LOCATION("path='Site'",
                      "<system.webServer><tracing><traceFailedRequests><add path='*'><traceAreas>"
                      "<add provider='ASP' verbosity='Verbose'/><add provider='WWW Server' areas='Security' "
                      "verbosity='Verbose'/></traceAreas><failureDefinitions statusCodes='403.7,500'/></add>"
                      "</traceFailedRequests></tracing></system.webServer>")),
     NULL,
     "SELECT attribute, value FROM path_item WHERE path = 'Site' AND section LIKE '%traceFailedRequests'"
     " ORDER BY attribute",
     "failureDefinitions.statusCodes|403.7,500\npath|*\ntraceAreas/add.areas|; Security\n"
     "traceAreas/add.provider|ASP; WWW Server\ntraceAreas/add.verbosity|Verbose; Verbose"},
    {"one row a path where the collection is another one",
     APPHOST(RULES("<add accessType='Allow' users='*'/>") "<system.webServer><httpErrors><error "
                                                          "statusCode='401' path='x'/></httpErrors>"
                                                          "</system.webServer>"),
     WEB(RULES("<add accessType='Deny' users='?'/>")),
     "SELECT path, collection, from_path, items FROM effective_collection WHERE section LIKE "
     "'%/authorization' AND path IN ('', 'Site', 'Site/app', 'Other') ORDER BY path",
     "|||1\nSite||Site|2\nSite/app||Site|-"},
};

static void levels_are_merged(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(merging_cases); i++) {
        const struct merging_case *c = &merging_cases[i];
        struct iis_world w;
        run_with(&w, c->apphost, "Site", c->web);
        const char *answer = world_ask(&w, c->sql);
        if (strcmp(answer, c->answer) != 0)
            fail_msg("%s: '%s' instead of '%s'", c->name, answer, c->answer);
        assert_string_equal(world_ask(&w, ERRORS), "");
        world_close(&w);
    }
}

#define MIME(inner) "<system.webServer>\n<staticContent>\n" inner "</staticContent></system.webServer>"
#define JSON_TYPE "<mimeMap fileExtension='.json' mimeType='application/json'/>"
#define MODULES(inner) "<system.webServer><modules>" inner "</modules></system.webServer>"
#define FREE_MODULES "<location path='' overrideMode='Allow'>" MODULES("<add name='M'/>") "</location>"

static const struct merging_case duplicate_cases[] = {
    {"the server has it already", APPHOST(MIME(JSON_TYPE)), WEB(MIME(JSON_TYPE)), ERRORS,
     "Site|duplicate|0x800700b7|system.webServer/staticContent|iis/web/0/web.config|3|1"},
    {"removed first", APPHOST(MIME(JSON_TYPE)), WEB(MIME("<remove fileExtension='.JSON'/>" JSON_TYPE)),
     ERRORS, ""},
    {"twice in one file", APPHOST(""), WEB(MIME(JSON_TYPE JSON_TYPE)), ERRORS,
     "Site|duplicate|0x800700b7|system.webServer/staticContent|iis/web/0/web.config|3|61"},
    {"in applicationHost.config itself, for one site",
     APPHOST(MIME(JSON_TYPE) LOCATION("path='Other'", MIME(JSON_TYPE))), NULL,
     "SELECT path, kind, hresult FROM config_error", "Other|duplicate|0x800700b7"},
    {"the location stands before what it repeats",
     APPHOST(LOCATION("path='Other'", MIME(JSON_TYPE)) MIME(JSON_TYPE)), NULL,
     "SELECT path, kind FROM config_error", "Other|duplicate"},
    {"another site's items do not matter", APPHOST(LOCATION("path='Other'", MIME(JSON_TYPE))),
     WEB(MIME(JSON_TYPE)), ERRORS, ""},
    {"names of modules compare with case", APPHOST(FREE_MODULES), WEB(MODULES("<add name='m'/>")), ERRORS,
     ""},
    {"equal ones do not stand twice", APPHOST(FREE_MODULES), WEB(MODULES("<add name='M'/>")),
     "SELECT path, kind FROM config_error", "Site|duplicate"},
    {"what redaction hides is no duplicate",
     APPHOST("<system.webServer><httpErrors><error statusCode='403' path='a'/></httpErrors>"
             "</system.webServer>"),
     WEB("<system.webServer><httpErrors><remove statusCode='[redacted]'/><error statusCode='403' path='a'/>"
         "</httpErrors></system.webServer>"),
     ERRORS, ""},
};

static void what_stands_twice_breaks_the_path(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(duplicate_cases); i++) {
        const struct merging_case *c = &duplicate_cases[i];
        struct iis_world w;
        run_with(&w, c->apphost, "Site", c->web);
        const char *answer = world_ask(&w, c->sql);
        if (strcmp(answer, c->answer) != 0)
            fail_msg("%s: '%s' instead of '%s'", c->name, answer, c->answer);
        assert_string_equal(world_ask(&w, "SELECT max(broken) FROM site_path"), *c->answer ? "1" : "0");
        world_close(&w);
    }
}

#define MAPPINGS(inner)                                                                                      \
    IN_SECURITY("<authentication><iisClientCertificateMappingAuthentication enabled='true'>"                 \
                "<manyToOneMappings>" inner                                                                  \
                "</manyToOneMappings></iisClientCertificateMappingAuthentication></authentication>")
#define ENTRY(name_) "<add name='" name_ "' userName='u' password='p'/>"

static void a_site_uses_the_mappings_of_the_server_and_its_own(void **state)
{
    struct iis_world w;

    (void)state;
    run_with(&w,
             APPHOST(MAPPINGS(ENTRY("server")) LOCATION("path='Other'", MAPPINGS("<clear/>" ENTRY("own")))
                         LOCATION("path='Site'", MAPPINGS(ENTRY("site")))
                             LOCATION("path='Site/app'", MAPPINGS(ENTRY("nobody")))),
             NULL, NULL);
    assert_string_equal(world_ask(&w, "SELECT site, kind, name, from_path FROM site_mapping "
                                      "ORDER BY site, position"),
                        "Other|manyToOne|own|Other\nSite|manyToOne|server|\nSite|manyToOne|site|Site");
    assert_string_equal(world_ask(&w, "SELECT count(*) FROM effective_item WHERE value = 'p'"), "0");
    world_close(&w);
}

/* 5,000 items that each of many paths repeats would be 10^10 comparisons. */
static void huge_collections_end(void **state)
{
    struct buf text = BUF_INIT(LIMIT_WHOLE_ENTRY_BYTES);
    struct iis_world w;

    (void)state;
    buf_add_c(&text, "<configuration>" DECLARATIONS HOST);
    for (int path = 0; path < 60; path++) {
        buf_printf(&text, "<location path='Site/%d'><system.webServer><staticContent>", path);
        for (int i = 0; i < 4000; i++)
            buf_printf(&text, "<mimeMap fileExtension='.%d'/>", i);
        buf_add_c(&text, "</staticContent></system.webServer></location>");
    }
    buf_add_c(&text, "</configuration>");
    world_open(&w);
    world_add(&w, AH_ENTRY, NULL, NULL, (struct bytes){(const uint8_t *)text.p, text.len});
    world_run(&w);
    assert_string_equal(world_ask(&w, "SELECT count(*) FROM bundle_problem WHERE problem LIKE "
                                      "'duplicates were not looked for everywhere%'"),
                        "1");
    assert_string_equal(world_ask(&w, "SELECT count(*) FROM site_path WHERE path LIKE 'Site/%'"), "64");
    world_close(&w);
    buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_are_merged),
        cmocka_unit_test(what_stands_twice_breaks_the_path),
        cmocka_unit_test(a_site_uses_the_mappings_of_the_server_and_its_own),
        cmocka_unit_test(huge_collections_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
