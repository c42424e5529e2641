/* SPDX-License-Identifier: Apache-2.0
 *
 * Records of the collector's handshake probe, as schema/bundle.md has them, to handshakes. */
#include "wire_world.h"

#define PLACE                                                                                                \
    "\"host\": \"www.contoso.com\", \"address\": \"10.1.2.3\", \"port\": 443, \"localAddress\": \"%s\", "    \
    "\"localPort\": 50123,"                                                                                  \
    "\"site\": \"Shop\", \"binding\": \"*:443:www.contoso.com\", \"sni\": \"www.contoso.com\", "             \
    "\"started\": \"2026-01-02T03:04:05.678Z\","
#define COURSE "\"outcome\": \"ok\", \"stage\": null, \"osCode\": null, \"text\": null, \"cut\": false,"

static void record(struct buf *json, const char *local, const char *rest)
{
    buf_add_c(json, "{");
    buf_printf(json, PLACE, local);
    buf_add_c(json, COURSE);
    buf_add_c(json, rest);
    buf_add_c(json, "}");
}

static void hello_and_flight(struct buf *client, struct buf *server, bool is_asking)
{
    CLEANUP(buf_done) struct buf m = BUF_INIT(65536);

    client_hello(&m, "www.contoso.com", NULL, false);
    records(client, R_HANDSHAKE, buf_str(&m), 0);
    buf_clear(&m);
    server_hello(&m, 0x0303, false);
    certificate(&m, (const struct str[]){STR("own"), STR("issuer")}, 2);
    if (is_asking)
        certificate_request(&m, true, NULL, 0);
    message(&m, 14, STR(""));
    records(server, R_HANDSHAKE, buf_str(&m), 0);
}

static void a_hello_of_the_probe_shows_the_request(void **state)
{
    (void)state;
    for (int is_asking = 0; is_asking < 2; is_asking++) {
        CLEANUP(buf_done)
        struct buf client = BUF_INIT(65536), server = BUF_INIT(65536), all = BUF_INIT(65536),
                   json = BUF_INIT(65536), rest = BUF_INIT(65536);
        struct wire_world w = {0};
        hello_and_flight(&client, &server, is_asking);
        buf_add_str(&all, buf_str(&client));
        buf_add_str(&all, buf_str(&server));
        buf_printf(&rest,
                   "\"how\": \"hello\", \"offered\": [\"TLS 1.2\"], \"chunks\": [{\"at\": 3, \"from\": "
                   "\"client\", \"bytes\": %zu},"
                   "{\"at\": 9, \"from\": \"server\", \"bytes\": 30}, {\"at\": 11, \"from\": \"server\", "
                   "\"bytes\": %zu}],"
                   "\"end\": {\"at\": 15, \"by\": \"client\", \"how\": \"close\"}, \"schannel\": null, "
                   "\"http\": null",
                   client.len, server.len - 30);
        record(&json, is_asking ? "10.1.2.3" : "10.1.2.9", buf_c(&rest));
        world_add(&w, "tls/1.json", buf_str(&json));
        world_add(&w, "tls/1.bin", buf_str(&all));
        world_extract(&w);
        world_expect(&w,
                     "SELECT source, how, host, site, binding, local, asked, asked_why, authorities, "
                     "version, sni FROM handshake",
                     is_asking ? "probe|hello|www.contoso.com|Shop|*:443:www.contoso.com|1|yes|"
                                 "CertificateRequest|0|TLS 1.2|www.contoso.com"
                               : "probe|hello|www.contoso.com|Shop|*:443:www.contoso.com|0|no|"
                                 "ServerHelloDone without it|-|TLS "
                                 "1.2|www.contoso.com");
        world_expect(&w,
                     "SELECT client_address, client_port, server_address, server_port, end_by, end_how, "
                     "end_at - time FROM handshake",
                     is_asking ? "10.1.2.3|50123|10.1.2.3|443|client|close|15"
                               : "10.1.2.9|50123|10.1.2.3|443|client|close|15");
        world_expect(&w, "SELECT side, position FROM handshake_certificate ORDER BY position",
                     "server|0 ; server|1");
        world_expect(&w, "SELECT problem FROM bundle_problem", "");
        world_done(&w);
    }
}

static void schannel_knows_it_for_tls13_too(void **state)
{
    CLEANUP(buf_done) struct buf json = BUF_INIT(65536), second = BUF_INIT(65536);
    struct wire_world w = {0};

    (void)state;
    record(&json, "10.1.2.9",
           "\"how\": \"schannel\", \"offered\": null, \"chunks\": [], \"end\": null, \"schannel\": "
           "{\"status\": 0, \"protocol\": \"TLS 1.3\","
           "\"cipher\": \"TLS_AES_256_GCM_SHA384\", \"asked\": true, \"issuers\": "
           "[\"300d310b300906035504030c024131\"],"
           "\"peerChain\": [\"01020304\"]}, \"http\": null");
    record(&second, "10.1.2.9",
           "\"how\": \"schannel\", \"offered\": null, \"chunks\": [], \"end\": null, \"schannel\": "
           "{\"status\": 0, \"protocol\": \"TLS 1.2\","
           "\"cipher\": null, \"asked\": false, \"issuers\": null, \"peerChain\": null},"
           "\"http\": {\"method\": \"GET\", \"path\": \"/app/\", \"status\": 403, \"substatus\": 7, "
           "\"asked\": true, \"issuers\": [], \"osCode\": null}");
    world_add(&w, "tls/1.json", buf_str(&json));
    world_add(&w, "tls/2.json", buf_str(&second));
    world_extract(&w);
    world_expect(
        &w,
        "SELECT version, cipher, asked, asked_why, client_certificate, authorities, asked_late, status, "
        "substatus, completed FROM handshake ORDER BY entry",
        "TLS 1.3|TLS_AES_256_GCM_SHA384|yes|Schannel|empty|1|-|-|-|1 ; TLS 1.2|-|no|Schannel|-|0|1|403|7|1");
    world_expect(&w,
                 "SELECT a.subject FROM handshake_authority a JOIN handshake h ON h.authority_list = a.list",
                 "CN=A1");
    world_expect(&w, "SELECT server_thumbprint FROM handshake WHERE entry = 'tls/1.json'",
                 "12dada1fff4d4787ade3333147202c3b443e376f");
    assert_int_equal(w.n_seen, 1);
    world_done(&w);
}

static void a_refusal_is_a_result(void **state)
{
    CLEANUP(buf_done) struct buf json = BUF_INIT(65536);
    struct wire_world w = {0};

    (void)state;
    buf_add_c(&json, "{\"host\": \"10.1.2.3\", \"address\": null, \"port\": 443, \"localAddress\": null, "
                     "\"localPort\": null, \"site\": null, \"binding\": null,"
                     "\"how\": \"hello\", \"sni\": null, \"offered\": [\"TLS 1.2\", \"TLS 1.3\"], "
                     "\"started\": \"2026-01-02T03:04:05Z\", \"outcome\": \"error\","
                     "\"stage\": \"connect\", \"osCode\": 10061, \"text\": \"refused\", \"chunks\": [], "
                     "\"cut\": false, \"end\": null, \"schannel\": null, \"http\": null}");
    world_add(&w, "tls/1.json", buf_str(&json));
    world_extract(&w);
    world_expect(&w,
                 "SELECT outcome, stage, os_code, text, offered, asked, asked_why, local, server_address "
                 "FROM handshake",
                 "error|connect|10061|refused|TLS 1.2, TLS 1.3|unknown|not recorded|-|-");
    world_done(&w);
}

static void what_is_no_record_is_told(void **state)
{
    CLEANUP(buf_done) struct buf json = BUF_INIT(65536);
    struct wire_world w = {0};

    (void)state;
    record(&json, "10.1.2.9",
           "\"how\": \"hello\", \"chunks\": [{\"at\": 1, \"from\": \"client\", \"bytes\": 90}], "
           "\"schannel\": null");
    world_add(&w, "tls/1.json", STR("{\"host\": \"a\""));
    world_add(&w, "tls/2.json", STR("[]"));
    world_add(&w, "tls/3.json",
              STR("{\"host\": \"a\", \"port\": 443, \"chunks\": [{\"at\": 1, \"from\": \"client\", "
                  "\"bytes\": 999999999}]}"));
    world_add(
        &w, "tls/4.json",
        STR("{\"host\": \"a\", \"port\": 443, \"schannel\": {\"asked\": true, \"issuers\": [\"zz\"]}}"));
    world_add(&w, "tls/5.json", buf_str(&json));
    world_add(&w, "tls/5.bin", STR("\x16\x03\x01"));
    world_extract(&w);
    world_expect(&w, "SELECT entry FROM handshake", "tls/5.json");
    world_expect(&w, "SELECT entry, problem FROM bundle_problem WHERE entry > 'tls/1.json' ORDER BY entry",
                 "tls/2.json|\"host\" or \"port\" is missing: it is no record of a handshake ; "
                 "tls/3.json|chunk 0 is none ; "
                 "tls/4.json|\"issuers\": member 0 is no hexadecimal text ; tls/5.bin|it holds 3 bytes, and "
                 "its record tells of 90");
    world_expect(&w, "SELECT count(*) FROM bundle_problem", "5");
    world_done(&w);
}

static void damaged_records_do_no_harm(void **state)
{
    CLEANUP(buf_done)
    struct buf json = BUF_INIT(65536), client = BUF_INIT(65536), server = BUF_INIT(65536),
               rest = BUF_INIT(65536);

    (void)state;
    hello_and_flight(&client, &server, true);
    buf_printf(&rest,
               "\"how\": \"schannel\", \"chunks\": [{\"at\": 3, \"from\": \"client\", \"bytes\": %zu}, "
               "{\"at\": 9, \"from\": \"server\", \"bytes\": %zu}],"
               "\"end\": {\"at\": 15, \"by\": \"client\", \"how\": \"close\"}, \"schannel\": {\"status\": 0, "
               "\"asked\": true, \"issuers\": [\"3000\"]}",
               client.len, server.len);
    record(&json, "10.1.2.9", buf_c(&rest));
    buf_add_str(&client, buf_str(&server));
    for (unsigned seed = 1; seed <= 1500; seed++) {
        CLEANUP(buf_done) struct buf j = BUF_INIT(65536), b = BUF_INIT(65536);
        struct wire_world w = {0};
        srand(seed);
        buf_add_str(&j, buf_str(&json));
        buf_add_str(&b, buf_str(&client));
        for (int i = rand() % 3; i > 0; i--)
            j.p[(size_t)rand() % j.len] = (char)(rand() % 128);
        for (int i = rand() % 9; i > 0; i--)
            b.p[(size_t)rand() % b.len] = (char)(rand() % 256);
        world_add(&w, "tls/1.json", (struct str){j.p, seed % 7 ? j.len : (size_t)rand() % j.len});
        world_add(&w, "tls/1.bin", (struct str){b.p, seed % 5 ? b.len : (size_t)rand() % b.len});
        assert_true(world_rows(&w) >= 2);
        world_done(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hello_of_the_probe_shows_the_request),
        cmocka_unit_test(schannel_knows_it_for_tls13_too),
        cmocka_unit_test(a_refusal_is_a_result),
        cmocka_unit_test(what_is_no_record_is_told),
        cmocka_unit_test(damaged_records_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
