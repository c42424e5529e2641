/* SPDX-License-Identifier: Apache-2.0 */
#include "windows.h"

#include "compiler.h"

#define U WINDOWS_UNKNOWN
#define BOTH(...) .on_server = {__VA_ARGS__}, .on_client = {__VA_ARGS__}

/* What each generation brings; the next has what the one before has. */
#define VISTA .sends_issuer_list = 1, .has_binding_ctl = 1
#define SEVEN VISTA, .has_pool_identity = 1
#define EIGHT                                                                                                \
    .has_trust_mode = 1, .has_sni = 1, .has_pool_identity = 1, .refuses_for_root = 1, .numbers_kdc_anew = 1
#define BLUE EIGHT, .has_winhttp_tls12 = 1
#define TEN BLUE, .has_http2 = 1, .has_sha512 = 1
#define SIXTEEN TEN, .has_netsh_update = 1
#define QUIC SIXTEEN, .has_http3 = 1

/* Sources: causes §0; the protocol columns: Microsoft's table "TLS protocol version support" (Schannel), in
 * the order SSL 2.0, SSL 3.0, TLS 1.0, 1.1, 1.2, 1.3; binding_ctl, refuses_for_root, cuts_unsent_list: causes
 * F17, F04, F08; sha512: H22 (KB2973337); winhttp: J13 (KB3140245);
 * dhe_update: KB4557473 (K12): only this build came without; Windows Server 2019 has had it from the first.
 */
static const struct windows_family families[] = {
    {6000, NULL, "Windows Vista", "7.0", VISTA, .on_server = {U, 1, 1, 0, 0, 0},
     .on_client = {0, 1, 1, 0, 0, 0}},
    {6001, "Windows Server 2008", "Windows Vista", "7.0", VISTA, .on_server = {1, 1, 1, 0, 0, 0},
     .on_client = {0, 1, 1, 0, 0, 0}},
    {7600, "Windows Server 2008 R2", "Windows 7", "7.5", SEVEN, .on_server = {1, 1, 1, 0, 0, 0},
     .on_client = {0, 1, 1, 0, 0, 0}},
    {9200, "Windows Server 2012", "Windows 8", "8.0", EIGHT, .cuts_unsent_list = 1, .binding_bits = 3,
     BOTH(0, 1, 1, 1, 1, 0)},
    {9600, "Windows Server 2012 R2", "Windows 8.1", "8.5", BLUE, .binding_bits = 3, BOTH(0, 1, 1, 1, 1, 0)},
    {10240, NULL, "Windows 10", "10.0", TEN, .binding_bits = 3, BOTH(0, 1, 1, 1, 1, 0)},
    {14393, "Windows Server 2016", "Windows 10", "10.0", SIXTEEN, .dhe_update = 3542, .binding_bits = 3,
     BOTH(0, 0, 1, 1, 1, 0)},
    {16299, "Windows Server, version 1709", "Windows 10", "10.0", SIXTEEN, .binding_bits = 3,
     BOTH(0, 0, 1, 1, 1, 0)},
    {17134, "Windows Server, version 1803", "Windows 10", "10.0", SIXTEEN, .binding_bits = 3,
     BOTH(0, 0, 1, 1, 1, 0)},
    {17763, "Windows Server 2019", "Windows 10", "10.0", SIXTEEN, .binding_bits = 127,
     BOTH(0, 0, 1, 1, 1, 0)},
    {18362, "Windows Server, version 1903", "Windows 10", "10.0", SIXTEEN, .binding_bits = 127,
     BOTH(0, 0, 1, 1, 1, 0)},
    {19041, "Windows Server, version 2004", "Windows 10", "10.0", SIXTEEN, .binding_bits = 127,
     BOTH(0, 0, 1, 1, 1, 0)},
    {20348, "Windows Server 2022", NULL, "10.0", QUIC, .binding_bits = 127, BOTH(0, 0, 1, 1, 1, 1),
     .late_request = WINDOWS_LATE_RESET},
    {22000, NULL, "Windows 11", "10.0", QUIC, .binding_bits = 127, BOTH(0, 0, 1, 1, 1, 1),
     .late_request = WINDOWS_LATE_RESET},
    {25398, "Windows Server, version 23H2", "Windows 11", "10.0", QUIC, .binding_bits = 127,
     BOTH(0, 0, 1, 1, 1, 1), .late_request = WINDOWS_LATE_RESET},
    {26100, "Windows Server 2025", "Windows 11", "10.0", QUIC, .binding_bits = 255, BOTH(0, 0, U, U, 1, 1),
     .late_request = WINDOWS_LATE_ERROR},
};

const struct windows_family *windows_of_build(int64_t build)
{
    const struct windows_family *found = NULL;

    for (size_t i = 0; i < ARRAY_LEN(families) && families[i].build <= build; i++)
        found = &families[i];
    return found;
}

bool windows_is_client(struct str installation)
{
    return str_ieq(installation, STR("Client"));
}

const char *windows_name(int64_t build, struct str installation)
{
    const struct windows_family *f = windows_of_build(build);

    if (!f)
        return NULL;
    if (windows_is_client(installation))
        return f->client ? f->client : f->server;
    return f->server ? f->server : f->client;
}

const char *windows_protocol_name(enum windows_protocol p)
{
    static const char *const names[WINDOWS_PROTOCOLS] = {"SSL 2.0", "SSL 3.0", "TLS 1.0",
                                                         "TLS 1.1", "TLS 1.2", "TLS 1.3"};

    return names[p];
}
