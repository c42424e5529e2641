/* SPDX-License-Identifier: Apache-2.0
 *
 * Mappings, WCF endpoints and schema defaults as facts; what is never claimed, and what never becomes a fact.
 */
#include "iis_world.h"

#define AH_ENTRY "iis/config/applicationHost.config"
#define AREA(attributes, inner) LOCATION(attributes, IN_SECURITY(inner))

static void run_with(struct iis_world *w, const char *apphost)
{
    world_open(w);
    world_add(w, AH_ENTRY, NULL, NULL, text_bytes(apphost));
    world_run(w);
}

static void expect(struct iis_world *w, const char *sql, const char *answer)
{
    assert_string_equal(world_ask(w, sql), answer);
}

#define MAPPINGS(inner)                                                                                      \
    "<authentication><iisClientCertificateMappingAuthentication enabled='true'>" inner                       \
    "</iisClientCertificateMappingAuthentication></authentication>"

static void mappings_are_read_where_they_stand(void **state)
{
    (void)state;
    struct iis_world w;
    run_with(
        &w,
        APPHOST(AREA("path='Site/app'",
                     MAPPINGS("<oneToOneMappings><add userName='u' password='p' certificate='bad!'/>"
                              "</oneToOneMappings>"))
                    AREA("path='Site'",
                         MAPPINGS("<manyToOneMappings><add name='m' enabled='false' permissionMode='Deny' "
                                  "userName='v' password='p'><rules><add certificateField='Issuer' "
                                  "certificateSubField='CN' matchCriteria='*' compareCaseSensitive='false'/>"
                                  "</rules></add></manyToOneMappings>"))));
    expect(&w,
           "SELECT path, site, depth, kind, name, enabled, user_name, permission_mode, thumbprint, "
           "blob_problem, file_level "
           "FROM certificate_mapping ORDER BY path",
           "Site|Site|1|manyToOne|m|0|v|Deny|-|-|apphost\nSite/app|Site|2|oneToOne|-|1|u|-|-|is not "
           "Base64|apphost");
    expect(&w, "SELECT path, mapping, field, sub_field, criteria, case_sensitive FROM mapping_rule",
           "Site|m|Issuer|CN|*|0");
    world_close(&w);
}

#define MODEL(inner) WEB("<system.serviceModel>" inner "</system.serviceModel>")
#define TRANSPORT_CERTIFICATE                                                                                \
    "<security mode='Transport'><transport clientCredentialType='Certificate'/></security>"

static void wcf_endpoints_say_what_their_bindings_ask(void **state)
{
    (void)state;
    struct iis_world w;
    world_open(&w);
    world_add(&w, AH_ENTRY, NULL, NULL, text_bytes(APPHOST("")));
    world_add(
        &w, "iis/web/0/web.config", "Site/app", NULL,
        text_bytes(MODEL(
            "<services><service name='S'><endpoint binding='wsHttpBinding' bindingConfiguration='c' "
            "contract='I'/>"
            "<endpoint binding='basicHttpBinding' contract='J'/><endpoint binding='wsHttpBinding' "
            "contract='K'/>"
            "<endpoint binding='customBinding' bindingConfiguration='x' contract='L'/>"
            "<endpoint binding='wsHttpBinding' bindingConfiguration='t' contract='M'/></service></services>"
            "<client><endpoint binding='basicHttpBinding' bindingConfiguration='c' contract='N' "
            "behaviorConfiguration='b' "
            "address='https://h/'/></client>"
            "<behaviors><endpointBehaviors><behavior name='b'><clientCredentials><clientCertificate "
            "findValue='00 11' x509FindType='FindByThumbprint' "
            "storeLocation='CurrentUser'/></clientCredentials></behavior>"
            "</endpointBehaviors></behaviors>"
            "<bindings><wsHttpBinding><binding name='c'>" TRANSPORT_CERTIFICATE "</binding><binding name='t'>"
            "<security mode='TransportWithMessageCredential'><message "
            "clientCredentialType='Certificate'/></security></binding>"
            "</wsHttpBinding><basicHttpBinding><binding name='c'>" TRANSPORT_CERTIFICATE
            "</binding></basicHttpBinding><customBinding><binding name='x'><httpsTransport "
            "requireClientCertificate='true'/>"
            "</binding></customBinding></bindings>")));
    world_run(&w);
    expect(
        &w,
        "SELECT contract, security_mode, client_credential_type, message_credential_type, is_client, "
        "find_type, find_value, "
        "store_location, store FROM wcf_endpoint ORDER BY contract",
        "I|Transport|Certificate|-|0|-|-|-|-\nJ|None|None|-|0|-|-|-|-\nK|Message|None|Windows|0|-|-|-|-\n"
        "L|Transport|Certificate|-|0|-|-|-|-\nM|TransportWithMessageCredential|None|Certificate|0|-|-|-|-\n"
        "N|Transport|Certificate|-|1|FindByThumbprint|00 11|CurrentUser|My");
    world_close(&w);
}

/* No password, encrypted or not, may become a fact, in whatever table. */
static void secrets_never_become_facts(void **state)
{
    (void)state;
    struct iis_world w;
    run_with(&w, APPHOST(AREA("path='Site'",
                              "<authentication><anonymousAuthentication userName='u' password='hunter2'/>"
                              "<iisClientCertificateMappingAuthentication><oneToOneMappings>"
                              "<add userName='a' password='hunter2' certificate='AA=='/></oneToOneMappings>"
                              "</iisClientCertificateMappingAuthentication></authentication>")));
    CLEANUP(buf_done) struct buf sql = BUF_INIT(1048576);
    buf_add_c(
        &sql,
        world_ask(&w,
                  "SELECT group_concat('SELECT ''' || m.name || ''' FROM ' || m.name || ' WHERE ' || p.name "
                  "|| ' LIKE ''%hunter2%''', "
                  "' UNION ALL ') FROM sqlite_schema m, pragma_table_info(m.name) p WHERE m.type = 'table' "
                  "AND m.name IN ('config_fragment', 'effective_config', 'certificate_mapping', "
                  "'config_error', 'app_pool')"
                  " AND p.name <> 'when'"));
    expect(&w, buf_c(&sql), "");
    world_close(&w);
}

static void wcf_behaviors_say_how_certificates_are_checked(void **state)
{
    (void)state;
    struct iis_world w;
    world_open(&w);
    world_add(&w, AH_ENTRY, NULL, NULL, text_bytes(APPHOST("")));
    world_add(
        &w, "iis/web/1/web.config", "Site", NULL,
        text_bytes(MODEL(
            "<services><service name='S' behaviorConfiguration='b'><endpoint contract='I'/></service>"
            "<service name='T'><endpoint contract='J'/></service></services>"
            "<behaviors><serviceBehaviors><behavior><serviceMetadata httpsGetEnabled='True'/></behavior>"
            "<behavior name='b'><serviceCredentials><clientCertificate><authentication "
            "certificateValidationMode='PeerTrust' revocationMode='NoCheck' "
            "trustedStoreLocation='CurrentUser'/></clientCertificate></serviceCredentials></behavior>"
            "</serviceBehaviors></behaviors>")));
    world_run(&w);
    expect(&w,
           "SELECT name, gets_https, validation_mode, revocation_mode, trusted_location FROM wcf_behavior "
           "ORDER BY name",
           "|1|ChainTrust|Online|LocalMachine\nb|0|PeerTrust|NoCheck|CurrentUser");
    expect(&w, "SELECT contract, behavior FROM wcf_endpoint ORDER BY contract", "I|b\nJ|");
    world_close(&w);
}

/* Application Request Routing: which servers stand behind, and which rules lead there. */
static void proxies_are_seen(void **state)
{
    (void)state;
    struct iis_world w;
    run_with(&w, APPHOST("<webFarms><webFarm name='f' enabled='false'><server address='a'/></webFarm>"
                         "<webFarm name='g'><server address='b'/><server address='c' enabled='false'/>"
                         "<server/></webFarm></webFarms><system.webServer><proxy enabled='true'/><rewrite>"
                         "<globalRules><rule name='r'><match url='.*'/><action type='Rewrite' "
                         "url='https://g/{R:0}'/></rule></globalRules></rewrite></system.webServer>"));
    expect(&w, "SELECT farm, address, enabled FROM web_farm_server ORDER BY address", "f|a|0\ng|b|1\ng|c|0");
    expect(&w, "SELECT rule, host, scheme, port, farm FROM reverse_proxy WHERE path = 'Site'",
           "r|b|https|443|g");
    world_close(&w);
}

static void old_metadata_is_seen(void **state)
{
    (void)state;
    struct iis_world w;
    run_with(&w, WEB("<system.applicationHost><customMetadata>\n<key path='LM/W3SVC/1'><property id='5506' "
                     "dataType='Binary' value='x'/>"
                     "<property id='no'/></key></customMetadata></system.applicationHost>"));
    expect(&w, "SELECT path, id, line FROM custom_metadata", "LM/W3SVC/1|5506|2");
    world_close(&w);
}

#define SCHEMA(body) "<configSchema>" body "</configSchema>"

static void the_machines_own_schema_gives_the_defaults(void **state)
{
    (void)state;
    struct iis_world w;
    world_open(&w);
    world_add(&w, AH_ENTRY, NULL, NULL,
              text_bytes(WEB("<system.applicationHost><applicationPools><add name='A'/></applicationPools>"
                             "<sites><site name='S' id='1'/></sites></system.applicationHost>")));
    world_add(
        &w, "iis/config/schema/IIS_schema.xml", NULL, NULL,
        text_bytes(SCHEMA(
            "<sectionSchema name='system.webServer/serverRuntime'>"
            "<attribute name='uploadReadAheadSize' type='uint' defaultValue='65536'/></sectionSchema>"
            "<sectionSchema name='system.webServer/security/requestFiltering'><element name='requestLimits'>"
            "<attribute name='maxUrl' defaultValue='9'/></element></sectionSchema>"
            "<sectionSchema name='system.applicationHost/applicationPools'><collection addElement='add'>"
            "<element name='processModel'><attribute name='identityType' defaultValue='LocalService'/>"
            "<attribute name='loadUserProfile' "
            "defaultValue='false'/></element></collection></sectionSchema>")));
    world_run(&w);
    expect(&w,
           "SELECT attribute, value, origin FROM effective_config WHERE attribute IN ('uploadReadAheadSize', "
           "'maxRequestEntityAllowed', 'requestLimits.maxUrl')",
           "uploadReadAheadSize|65536|schema default\nmaxRequestEntityAllowed|4294967295|schema default\n"
           "requestLimits.maxUrl|9|schema default");
    expect(&w, "SELECT identity_type, load_user_profile FROM app_pool", "LocalService|0");
    expect(&w, "SELECT level, used FROM config_file", "apphost|1\nschema|1");
    world_close(&w);
}

static void a_cut_file_is_not_called_malformed(void **state)
{
    (void)state;
    struct iis_world w;
    world_open(&w);
    world_add(&w, AH_ENTRY, NULL, NULL, text_bytes(APPHOST("")));
    world_add(&w, "iis/web/0/web.config", "Site", NULL, text_bytes("<configuration><system.web"))->outcome =
        OUTCOME_TRUNCATED;
    world_run(&w);
    expect(&w, "SELECT count(*) FROM config_error", "0");
    expect(&w, "SELECT entry FROM bundle_problem", "iis/web/0/web.config");
    world_close(&w);
}

static void without_the_servers_file_nothing_is_claimed(void **state)
{
    (void)state;
    struct iis_world w;
    world_open(&w);
    world_add(&w, "iis/web/0/web.config", "Site/app", NULL, text_bytes(WEB(ACCESS("Ssl"))));
    world_run(&w);
    expect(&w, "SELECT count(*) FROM effective_config", "0");
    expect(&w, "SELECT count(*) FROM config_error", "0");
    expect(&w, "SELECT path, value, matched FROM config_fragment", "Site/app|Ssl|1");
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mappings_are_read_where_they_stand),
        cmocka_unit_test(wcf_endpoints_say_what_their_bindings_ask),
        cmocka_unit_test(wcf_behaviors_say_how_certificates_are_checked),
        cmocka_unit_test(proxies_are_seen),
        cmocka_unit_test(old_metadata_is_seen),
        cmocka_unit_test(secrets_never_become_facts),
        cmocka_unit_test(the_machines_own_schema_gives_the_defaults),
        cmocka_unit_test(a_cut_file_is_not_called_malformed),
        cmocka_unit_test(without_the_servers_file_nothing_is_claimed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
