/* SPDX-License-Identifier: Apache-2.0
 *
 * What IIS would use at a path, what it would refuse, and who may lock what (causes 1.1 to 1.5, traps 1 to 5,
 * 30, 31). */
#include "iis_world.h"

#define UNLOCK_SITE LOCATION("path='Site' overrideMode='Allow'", IN_SECURITY("<access/>"))
#define REQUIRE "Ssl, SslNegotiateCert, SslRequireCert"

struct effective_case {
    const char *name;
    const char *apphost;
    struct {
        const char *path, *text;
    } webs[4];
    const char *path;   /* that is asked for */
    const char *expect; /* sslFlags|origin|entry|broken */
};

#define AH_ENTRY "iis/config/applicationHost.config"
#define WEB_0 "iis/web/0/web.config"
#define WEB_1 "iis/web/1/web.config"

static const struct effective_case effective_cases[] = {
    {"nothing is set", APPHOST(""), {{NULL, NULL}}, "Site", "None|schema default|-|0"},
    {"the server's value is inherited",
     APPHOST(ACCESS("Ssl")),
     {{NULL, NULL}},
     "Site/app",
     "Ssl|inherited|" AH_ENTRY "|0"},
    {"a location at its own path",
     APPHOST(LOCATION("path='Site'", ACCESS("Ssl"))),
     {{NULL, NULL}},
     "Site",
     "Ssl|location|" AH_ENTRY "|0"},
    {"a location reaches down",
     APPHOST(LOCATION("path='Site'", ACCESS("Ssl"))),
     {{NULL, NULL}},
     "Site/app/inner",
     "Ssl|inherited|" AH_ENTRY "|0"},
    {"and not sideways",
     APPHOST(LOCATION("path='Site'", ACCESS("Ssl"))),
     {{NULL, NULL}},
     "Other",
     "None|schema default|-|0"},
    {"flags are replaced, never added",
     APPHOST(ACCESS(REQUIRE) LOCATION("path='Site/app'", ACCESS("Ssl"))),
     {{NULL, NULL}},
     "Site/app",
     "Ssl|location|" AH_ENTRY "|0"},
    {"the order of locations is no matter",
     APPHOST(LOCATION("path='Site/app'", ACCESS("Ssl")) LOCATION("path='Site'", ACCESS("None"))),
     {{NULL, NULL}},
     "Site/app",
     "Ssl|location|" AH_ENTRY "|0"},
    {"names compare without case",
     APPHOST(LOCATION("path='sITE/aPP'", ACCESS("sslrequirecert,SSL"))),
     {{NULL, NULL}},
     "Site/app",
     "Ssl, SslRequireCert|location|" AH_ENTRY "|0"},
    {"segments, not letters",
     APPHOST(LOCATION("path='Site/ap'", ACCESS("Ssl"))),
     {{NULL, NULL}},
     "Site/app",
     "None|schema default|-|0"},
    {"a nearer location of the server beats the site's web.config",
     APPHOST(UNLOCK_SITE LOCATION("path='Site/app'", ACCESS("None"))),
     {{"Site", WEB(ACCESS(REQUIRE))}},
     "Site/app",
     "None|location|" AH_ENTRY "|0"},
    {"a web.config counts where it stands",
     APPHOST(UNLOCK_SITE),
     {{"Site", WEB(ACCESS(REQUIRE))}},
     "Site",
     REQUIRE "|own|" WEB_0 "|0"},
    {"and below",
     APPHOST(UNLOCK_SITE),
     {{"Site", WEB(ACCESS(REQUIRE))}},
     "Site/app",
     REQUIRE "|inherited|" WEB_0 "|0"},
    {"at one path the own web.config beats the server's location",
     APPHOST(UNLOCK_SITE LOCATION("path='Site/app' overrideMode='Allow'", ACCESS("None"))),
     {{"Site/app", WEB(ACCESS("Ssl"))}},
     "Site/app",
     "Ssl|own|" WEB_0 "|0"},
    {"a higher web.config's location beats the server's",
     APPHOST(UNLOCK_SITE LOCATION("path='Site/app'", ACCESS("None"))),
     {{"Site", WEB(LOCATION("path='app'", ACCESS("Ssl")))}},
     "Site/app",
     "Ssl|location|" WEB_0 "|0"},
    {"and loses to the own web.config",
     APPHOST(UNLOCK_SITE),
     {{"Site/app", WEB(ACCESS("Ssl128"))}, {"Site", WEB(LOCATION("path='app'", ACCESS("Ssl")))}},
     "Site/app",
     "Ssl128|own|" WEB_0 "|0"},
    {"a location with path . is the file's own path",
     APPHOST(UNLOCK_SITE),
     {{"Site", WEB(LOCATION("path='.'", ACCESS("Ssl")))}},
     "Site",
     "Ssl|own|" WEB_0 "|0"},
    {"an element without the attribute changes nothing",
     APPHOST(ACCESS("Ssl") LOCATION("path='Site'", IN_SECURITY("<access/>"))),
     {{NULL, NULL}},
     "Site",
     "Ssl|inherited|" AH_ENTRY "|0"},
    {"a location may name a file",
     APPHOST(LOCATION("path='Site/app/login.aspx'", ACCESS("Ssl"))),
     {{NULL, NULL}},
     "Site/app/login.aspx",
     "Ssl|location|" AH_ENTRY "|0"},
    {"inheritInChildApplications stops at the application",
     APPHOST(LOCATION("path='Site/app' inheritInChildApplications='false'", ACCESS("Ssl"))),
     {{NULL, NULL}},
     "Site/app/inner",
     "None|schema default|-|0"},
    {"and holds within it",
     APPHOST(LOCATION("path='Site/app' inheritInChildApplications='false'", ACCESS("Ssl"))
                 LOCATION("path='Site/app/x'", IN_SECURITY("<access/>"))),
     {{NULL, NULL}},
     "Site/app/x",
     "Ssl|inherited|" AH_ENTRY "|0"},
    {"a pool that ignores web.configs",
     APPHOST(UNLOCK_SITE),
     {{"Site/closed", WEB(ACCESS("Ssl"))}},
     "Site/closed",
     "None|schema default|-|0"},
    {"also those of the site above it",
     APPHOST(UNLOCK_SITE),
     {{"Site", WEB(ACCESS("Ssl"))}},
     "Site/closed",
     "None|schema default|-|0"},
    {"a directory whose web.config is not looked for",
     APPHOST(UNLOCK_SITE LOCATION("path='Site/files/sub'", IN_SECURITY("<access/>"))),
     {{"Site/files/sub", WEB(ACCESS("Ssl"))}},
     "Site/files/sub",
     "None|schema default|-|0"},
    {"the root of such a virtual directory is read",
     APPHOST(UNLOCK_SITE),
     {{"Site/files", WEB(ACCESS("Ssl"))}},
     "Site/files",
     "Ssl|own|" WEB_0 "|0"},
    {"a redacted value is not known",
     APPHOST(ACCESS("Ssl") LOCATION("path='Site'", ACCESS("[redacted]"))),
     {{NULL, NULL}},
     "Site",
     "-|location|" AH_ENTRY "|0"},
    {"a section that stands in another file is not known",
     APPHOST(LOCATION("path='Site'", IN_SECURITY("<access configSource='access.config'/>"))),
     {{NULL, NULL}},
     "Site",
     "-|location|" AH_ENTRY "|0"},
    {"a locked section breaks the path",
     APPHOST(ACCESS("Ssl")),
     {{"Site", WEB(ACCESS("Ssl"))}},
     "Site",
     "Ssl|inherited|" AH_ENTRY "|1"},
    {"and all below",
     APPHOST(""),
     {{"Site", WEB(ACCESS("Ssl"))}},
     "Site/app/inner",
     "None|schema default|-|1"},
    {"and nothing beside", APPHOST(""), {{"Site", WEB(ACCESS("Ssl"))}}, "Other", "None|schema default|-|0"},
    {"a locked location of a web.config breaks its path only",
     APPHOST(""),
     {{"Site", WEB(LOCATION("path='app'", ACCESS("Ssl")))}},
     "Site",
     "None|schema default|-|0"},
    {"and that one",
     APPHOST(""),
     {{"Site", WEB(LOCATION("path='app'", ACCESS("Ssl")))}},
     "Site/app",
     "None|schema default|-|1"},
    {"two lower levels, both read",
     APPHOST(UNLOCK_SITE),
     {{"Site/app", WEB(ACCESS("Ssl128"))}, {"Site", WEB(ACCESS("Ssl"))}},
     "Site/app/inner",
     "Ssl128|inherited|" WEB_0 "|0"},
};

static void add_webs(struct iis_world *w, const struct effective_case *c)
{
    static const char *const names[] = {WEB_0, WEB_1, "iis/web/2/web.config", "iis/web/3/web.config"};

    for (size_t i = 0; i < ARRAY_LEN(c->webs) && c->webs[i].path; i++)
        world_add(w, names[i], c->webs[i].path, NULL, text_bytes(c->webs[i].text));
}

static void the_effective_flags_are_those_of_iis(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(effective_cases); i++) {
        const struct effective_case *c = &effective_cases[i];
        struct iis_world w;
        char sql[512];
        world_open(&w);
        world_add(&w, AH_ENTRY, NULL, NULL, text_bytes(c->apphost));
        add_webs(&w, c);
        world_run(&w);
        (void)snprintf(
            sql, sizeof sql,
            "SELECT value, origin, entry, broken FROM effective_config WHERE attribute = 'sslFlags' "
            "AND section = 'system.webServer/security/access' AND path = '%s' COLLATE NOCASE",
            c->path);
        if (strcmp(world_ask(&w, sql), c->expect) != 0)
            fail_msg("%s: '%s' instead of '%s'", c->name, world_ask(&w, sql), c->expect);
        world_close(&w);
    }
}

struct error_case {
    const char *name;
    const char *apphost;
    const char *web_path, *web; /* NULL: none */
    const char *expect;         /* path|kind|hresult|section's last part|line */
};

#define AREA(attributes, inner) LOCATION(attributes, IN_SECURITY(inner))
#define ANONYMOUS "<authentication><anonymousAuthentication enabled='false'/></authentication>"

static const struct error_case error_cases[] = {
    {"a healthy server", APPHOST(UNLOCK_SITE ACCESS(REQUIRE)), "Site", WEB(ACCESS("Ssl")), ""},
    {"locked by default", APPHOST(""), "Site", WEB("\n" ACCESS("Ssl")), "Site|locked|0x80070021|access|2"},
    {"locked though the value is the same", APPHOST(ACCESS("Ssl")), "Site", WEB(ACCESS("Ssl")),
     "Site|locked|0x80070021|access|1"},
    {"an empty element is locked as well", APPHOST(""), "Site", WEB(IN_SECURITY("<access/>")),
     "Site|locked|0x80070021|access|1"},
    {"the lock names its section only", APPHOST(UNLOCK_SITE), "Site", WEB(IN_SECURITY(ANONYMOUS)),
     "Site|locked|0x80070021|anonymousAuthentication|1"},
    {"unlocked for one site", APPHOST(UNLOCK_SITE), "Other", WEB(ACCESS("Ssl")),
     "Other|locked|0x80070021|access|1"},
    {"unlocked by allowOverride", APPHOST(AREA("path='Site' allowOverride='true'", "<access/>")), "Site",
     WEB(ACCESS("Ssl")), ""},
    {"locked by allowOverride", APPHOST(AREA("path='Site' allowOverride='false'", "<requestFiltering/>")),
     "Site", WEB(IN_SECURITY("<requestFiltering/>")), "Site|locked|0x80070021|requestFiltering|1"},
    {"the nearest location decides",
     APPHOST(AREA("path='Site' overrideMode='Allow'", "<access/>")
                 AREA("path='Site/app' overrideMode='Deny'", "<access/>")),
     "Site/app", WEB(ACCESS("Ssl")), "Site/app|locked|0x80070021|access|1"},
    {"and Inherit decides nothing",
     APPHOST(AREA("path='Site' overrideMode='Allow'", "<access/>")
                 AREA("path='Site/app' overrideMode='Inherit'", "<access/>")),
     "Site/app", WEB(ACCESS("Ssl")), ""},
    {"a location never locks its own file",
     APPHOST(AREA("path='' overrideMode='Deny'", "<access sslFlags='Ssl'/>")
                 LOCATION("path='Site'", ACCESS("None"))),
     NULL, NULL, ""},
    {"a missing overrideModeDefault means Allow",
     WEB("<configSections><sectionGroup name='system.webServer'><sectionGroup name='security'>"
         "<section name='access'/></sectionGroup></sectionGroup></configSections>" HOST),
     "Site", WEB(ACCESS("Ssl")), ""},
    {"allowing what is denied", APPHOST(""), "Site", WEB(AREA("path='.' overrideMode='Allow'", "<access/>")),
     "Site|lock-conflict|0x80070021|access|1"},
    {"both ways of saying it", APPHOST(""), "Site",
     WEB(AREA("path='x' overrideMode='Allow' allowOverride='true'", "<requestFiltering/>")),
     "Site|lock-conflict|0x8007000d|-|1"},
    {"a locked attribute",
     APPHOST(AREA("path='Site' overrideMode='Allow'", "<access sslFlags='Ssl' lockAttributes='sslFlags'/>")),
     "Site", WEB(ACCESS("Ssl")), "Site|locked|0x80070021|access|1"},
    {"another locked attribute",
     APPHOST(AREA("path='Site' overrideMode='Allow'", "<access sslFlags='Ssl' lockAttributes='other'/>")),
     "Site", WEB(ACCESS("Ssl")), ""},
    {"all attributes but one",
     APPHOST(AREA("path='Site' overrideMode='Allow'", "<access lockAllAttributesExcept='other'/>")), "Site",
     WEB(ACCESS("Ssl")), "Site|locked|0x80070021|access|1"},
    {"all attributes but this one",
     APPHOST(AREA("path='Site' overrideMode='Allow'", "<access lockAllAttributesExcept='sslFlags'/>")),
     "Site", WEB(ACCESS("Ssl")), ""},
    {"a locked element", APPHOST(IN_SECURITY("<requestFiltering lockElements='requestLimits'/>")), "Site",
     WEB(IN_SECURITY("<requestFiltering><requestLimits maxUrl='5'/></requestFiltering>")),
     "Site|locked|0x80070021|requestFiltering|1"},
    {"a locked item of a collection",
     APPHOST(LOCATION("path='' overrideMode='Allow'",
                      "<system.webServer><modules><add name='A' lockItem='true'/><add "
                      "name='B'/></modules></system.webServer>")),
     "Site", WEB("<system.webServer><modules><remove name='A'/></modules></system.webServer>"),
     "Site|locked|0x80070021|modules|1"},
    {"an item whose name is not known",
     APPHOST(LOCATION(
         "path='' overrideMode='Allow'",
         "<system.webServer><modules><add name='[redacted]' lockItem='true'/></modules></system.webServer>")),
     "Site", WEB("<system.webServer><modules><remove name='[redacted]'/></modules></system.webServer>"), ""},
    {"all items, one of them locked",
     APPHOST(
         LOCATION("path='' overrideMode='Allow'",
                  "<system.webServer><modules><add name='A' lockItem='true'/></modules></system.webServer>")),
     "Site", WEB("<system.webServer><modules><clear/></modules></system.webServer>"),
     "Site|locked|0x80070021|modules|1"},
    {"an item that is not locked",
     APPHOST(LOCATION("path='' overrideMode='Allow'",
                      "<system.webServer><modules><add name='A' lockItem='true'/><add "
                      "name='B'/></modules></system.webServer>")),
     "Site", WEB("<system.webServer><modules><remove name='B'/></modules></system.webServer>"), ""},
    {"a section for the server only",
     APPHOST(
         LOCATION("path='' overrideMode='Allow'", "<system.webServer><globalModules/></system.webServer>")),
     "Site", WEB("<system.webServer><globalModules/></system.webServer>"),
     "Site|locked|0x80070021|globalModules|1"},
    {"a section for applications, below one: not certain, so not said",
     APPHOST(LOCATION("path='' overrideMode='Allow'", "<system.webServer><modules/></system.webServer>")),
     "Site/app/dir", WEB("<system.webServer><modules/></system.webServer>"), ""},
    {"the same section twice for one path",
     APPHOST(LOCATION("path='Site'", ACCESS("Ssl")) "\n" LOCATION("path='site'", ACCESS("Ssl"))), NULL, NULL,
     "Site|duplicate|0x800700b7|access|2"},
    {"outside of locations and in path .", APPHOST(UNLOCK_SITE), "Site",
     WEB(ACCESS("Ssl") LOCATION("path='.'", ACCESS("Ssl"))), "Site|duplicate|0x800700b7|access|1"},
    {"one path in two locations, different sections",
     APPHOST(LOCATION("path='Site'", ACCESS("Ssl")) AREA("path='Site'", ANONYMOUS)), NULL, NULL, ""},
    {"an unknown flag", APPHOST(LOCATION("path='Site/app'", ACCESS("Ssl, SslRequireCertificate"))), NULL,
     NULL, "Site/app|unknown-flag|0x8007000d|access|1"},
    {"flags are separated by commas", APPHOST(LOCATION("path='Site/app'", ACCESS("Ssl; SslRequireCert"))),
     NULL, NULL, "Site/app|unknown-flag|0x8007000d|access|1"},
    {"an unknown flag of the server breaks all", APPHOST(ACCESS("SslRequireCer")), NULL, NULL,
     "-|unknown-flag|0x8007000d|access|1"},
    {"not a truth value",
     APPHOST(AREA("path='Site'", "<authentication><anonymousAuthentication enabled='no'/></authentication>")),
     NULL, NULL, "Site|bad-value|0x8007000d|anonymousAuthentication|1"},
    {"not XML", APPHOST(""), "Site/app", "<configuration>\n<system.webServer>\n</configuration>",
     "Site/app|malformed|0x8007000d|-|3"},
    {"the server's file is not XML", "<configuration>\n<location>", NULL, NULL, "-|malformed|0x8007000d|-|2"},
    {"nothing of a path that IIS does not have", APPHOST(LOCATION("path='Nowhere/app'", ACCESS("Bad"))), NULL,
     NULL, ""},
    {"nor of a file that it does not read", APPHOST(""), "Site/closed", WEB(ACCESS("Ssl")), ""},
    {"mappings know no remove",
     APPHOST(AREA("path='Site'",
                  "<authentication><iisClientCertificateMappingAuthentication><oneToOneMappings>"
                  "<remove certificate='x'/></oneToOneMappings>"
                  "</iisClientCertificateMappingAuthentication></authentication>")),
     NULL, NULL, "Site|bad-value|0x8007000d|iisClientCertificateMappingAuthentication|1"},
};

static void what_iis_refuses_is_said(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(error_cases); i++) {
        const struct error_case *c = &error_cases[i];
        struct iis_world w;
        world_open(&w);
        world_add(&w, AH_ENTRY, NULL, NULL, text_bytes(c->apphost));
        if (c->web)
            world_add(&w, WEB_0, c->web_path, NULL, text_bytes(c->web));
        world_run(&w);
        const char *answer = world_ask(
            &w, "SELECT path, kind, hresult, replace(section, rtrim(section, replace(section, '/', '')), ''),"
                " line FROM config_error");
        if (strcmp(answer, c->expect) != 0)
            fail_msg("%s: '%s' instead of '%s'", c->name, answer, c->expect);
        world_close(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_effective_flags_are_those_of_iis),
        cmocka_unit_test(what_iis_refuses_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
