/* SPDX-License-Identifier: Apache-2.0
 *
 * What IIS answers with 500.19 within a section: locks of parts at any depth, items that must stay, sections
 * that nothing declares, files that are no configuration. Expectations: causes §1.3, "How to use locking in
 * IIS configuration". */
#include "iis_world.h"

#define AH_ENTRY "iis/config/applicationHost.config"
#define FILTERING(attributes, inner)                                                                         \
    "<system.webServer><security><requestFiltering " attributes ">" inner                                    \
    "</requestFiltering></security></system.webServer>"
#define LIMITS(attributes, inner) "<requestLimits " attributes ">" inner "</requestLimits>"
#define EXTENSIONS(inner) "<fileExtensions>" inner "</fileExtensions>"
#define LOCKED_EXTENSION EXTENSIONS("\n<add fileExtension='.x' allowed='false' lockItem='true'/>")
#define HEADERS(inner) LIMITS("", "<headerLimits>" inner "</headerLimits>")

struct refused {
    const char *name, *above, *below;
    const char *part; /* how the message begins; NULL: nothing is refused */
};

static const struct refused locks[] = {
    {"an attribute of a child", FILTERING("", LIMITS("lockAttributes='maxUrl'", "")),
     FILTERING("", LIMITS("maxUrl='9'", "")), "maxUrl is locked"},
    {"another attribute", FILTERING("", LIMITS("lockAttributes='maxUrl'", "")),
     FILTERING("", LIMITS("maxQueryString='9'", "")), NULL},
    {"all attributes but one", FILTERING("", LIMITS("lockAllAttributesExcept='maxUrl'", "")),
     FILTERING("", LIMITS("maxQueryString='9'", "")), "maxQueryString is locked"},
    {"the one", FILTERING("", LIMITS("lockAllAttributesExcept='maxUrl'", "")),
     FILTERING("", LIMITS("maxUrl='9'", "")), NULL},
    {"an element", FILTERING("lockElements='verbs, requestLimits'", ""), FILTERING("", LIMITS("", "")),
     "requestLimits is locked"},
    {"all elements but one", FILTERING("lockAllElementsExcept='requestLimits'", ""),
     FILTERING("", EXTENSIONS("")), "fileExtensions is locked"},
    {"the one", FILTERING("lockAllElementsExcept='requestLimits'", ""),
     FILTERING("", LIMITS("maxUrl='9'", "")), NULL},
    {"an element as a whole", FILTERING("", LIMITS("lockItem='true'", "")),
     FILTERING("", LIMITS("maxUrl='9'", "")), "requestLimits is locked"},
    {"two elements down", FILTERING("", LIMITS("", "<headerLimits lockElements='add'/>")),
     FILTERING("", HEADERS("<add header='a' sizeLimit='4'/>")), "add is locked"},
    {"an item by its key", FILTERING("", LOCKED_EXTENSION),
     FILTERING("", EXTENSIONS("<remove fileExtension='.X'/>")), ".X is locked"},
    {"another item", FILTERING("", LOCKED_EXTENSION),
     FILTERING("", EXTENSIONS("<remove fileExtension='.y'/>")), NULL},
    {"the collection of an item", FILTERING("", LOCKED_EXTENSION), FILTERING("", EXTENSIONS("<clear/>")),
     "clear is locked"},
    {"another collection", FILTERING("", LOCKED_EXTENSION), FILTERING("", "<verbs><clear/></verbs>"), NULL},
    {"an item two elements down",
     FILTERING("", HEADERS("<add header='Cookie' sizeLimit='4' lockItem='true'/>")),
     FILTERING("", HEADERS("<remove header='Cookie'/>")), "Cookie is locked"},
    {"an item of another site", LOCATION("path='Other'", FILTERING("", LOCKED_EXTENSION)),
     FILTERING("", EXTENSIONS("<remove fileExtension='.x'/>")), NULL},
    {"two sites lock it: each its own",
     LOCATION("path='Other'", FILTERING("", LOCKED_EXTENSION))
         LOCATION("path='Site'", FILTERING("", LOCKED_EXTENSION)),
     FILTERING("", EXTENSIONS("<remove fileExtension='.x'/>")), ".x is locked"},
};

static void parts_are_locked_at_any_depth(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(locks); i++) {
        const struct refused *c = &locks[i];
        char apphost[16384], web[4096];
        struct iis_world w;
        (void)snprintf(apphost, sizeof apphost, "%s%s%s", "<configuration>" DECLARATIONS HOST, c->above,
                       "</configuration>");
        (void)snprintf(web, sizeof web, "<configuration>%s</configuration>", c->below);
        world_open(&w);
        world_add(&w, AH_ENTRY, NULL, NULL, text_bytes(apphost));
        world_add(&w, "iis/web/0/web.config", "Site/app", NULL, text_bytes(web));
        world_run(&w);
        const char *answer = world_ask(&w, "SELECT message FROM config_error WHERE path = 'Site/app' AND "
                                           "kind = 'locked' AND hresult = '0x80070021'");
        if (c->part ? strncmp(answer, c->part, strlen(c->part)) != 0 : answer[0] != 0)
            fail_msg("%s: '%s'", c->name, answer);
        world_close(&w);
    }
}

/* The message points at the lock, the row at what it refuses. */
static void a_lock_has_its_place(void **state)
{
    struct iis_world w;

    (void)state;
    world_open(&w);
    world_add(&w, AH_ENTRY, NULL, NULL, text_bytes(APPHOST(FILTERING("", LOCKED_EXTENSION))));
    world_add(&w, "iis/web/0/web.config", "Site/app", NULL,
              text_bytes(WEB("\n\n" FILTERING("", EXTENSIONS("\n  <remove fileExtension='.x'/>")))));
    world_run(&w);
    assert_string_equal(world_ask(&w, "SELECT message, entry, line, col FROM config_error"),
                        ".x is locked at a higher level: iis/config/applicationHost.config:2|"
                        "iis/web/0/web.config|4|3");
    world_close(&w);
}

/* As many sections as IIS' own applicationHost.config declares. */
static const char *whole_server(void)
{
    static char text[16384];
    size_t n = (size_t)snprintf(text, sizeof text, "%s",
                                "<configuration><configSections><sectionGroup name='system.webServer'>"
                                "<sectionGroup name='security'><section name='access'/></sectionGroup>");

    for (int i = 0; i < 40; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "<section name='s%d'/>", i);
    (void)snprintf(text + n, sizeof text - n, "%s",
                   "</sectionGroup></configSections>" HOST "</configuration>");
    return text;
}

static void expect_errors(const char *apphost, const char *site_web, const char *app_web, const char *expect)
{
    struct iis_world w;

    world_open(&w);
    world_add(&w, AH_ENTRY, NULL, NULL, text_bytes(apphost));
    world_add(&w, "iis/web/0/web.config", "Site", NULL, text_bytes(site_web));
    world_add(&w, "iis/web/1/web.config", "Site/app", NULL, text_bytes(app_web));
    world_run(&w);
    assert_string_equal(world_ask(&w, "SELECT path, kind, section FROM config_error"), expect);
    world_close(&w);
}

static void sections_that_nothing_declares_break_the_path(void **state)
{
    static const char node[] = WEB("<system.webServer><iisnode loggingEnabled='true'/></system.webServer>");
    static const char own[] = WEB("<configSections><sectionGroup name='system.webServer'>"
                                  "<section name='iisnode'/></sectionGroup></configSections>");

    (void)state;
    expect_errors(whole_server(), WEB(""), node, "Site/app|unknown-section|system.webServer/iisnode");
    /* a section that rules read is left alone: its module's own entry says whether it is installed */
    expect_errors(whole_server(), WEB(""),
                  WEB("<system.webServer><rewrite/><aspNetCore/></system.webServer>"), "");
    expect_errors(whole_server(), WEB(""),
                  WEB("<system.webServer><s7/><security><access sslFlags='Ssl'/></security>"
                      "</system.webServer><appSettings/><system.web><anything/></system.web>"),
                  "");
    expect_errors(whole_server(), own, node, "");
    expect_errors(APPHOST(""), WEB(""), node, ""); /* trimmed: nothing can be said */
}

static void another_root_is_no_configuration(void **state)
{
    (void)state;
    expect_errors(APPHOST(""), WEB(""), "<config/>", "Site/app|malformed|-");
    expect_errors("<config/>", WEB(""), WEB(""), "-|malformed|-");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_locked_at_any_depth),
        cmocka_unit_test(a_lock_has_its_place),
        cmocka_unit_test(sections_that_nothing_declares_break_the_path),
        cmocka_unit_test(another_root_is_no_configuration),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
