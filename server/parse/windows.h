/* SPDX-License-Identifier: Apache-2.0
 *
 * windows: the one table of Windows builds: names, IIS versions and the defaults that differ between them
 * (causes §0). */
#ifndef CERTTRIAGE_WINDOWS_H
#define CERTTRIAGE_WINDOWS_H

#include "str.h"

enum { WINDOWS_UNKNOWN = -1 }; /* a default that no source tells */

enum windows_protocol {
    WINDOWS_SSL2,
    WINDOWS_SSL3,
    WINDOWS_TLS10,
    WINDOWS_TLS11,
    WINDOWS_TLS12,
    WINDOWS_TLS13,
    WINDOWS_PROTOCOLS
};

/* A client certificate that is asked for after the handshake, on a connection of TLS 1.3. */
enum windows_late_request {
    WINDOWS_LATE_NONE,  /* a server of this Windows speaks no TLS 1.3 */
    WINDOWS_LATE_RESET, /* the connection is reset */
    WINDOWS_LATE_ERROR, /* 500, 0x80070032 */
};

/* One family of builds, from `build` up to the next row. */
struct windows_family {
    int64_t build;
    const char *server, *client; /* names; NULL: no such edition */
    const char *iis;             /* version that comes with it */
    int sends_issuer_list;       /* SendTrustedIssuerList when it is not set */
    int has_trust_mode;          /* ClientAuthTrustMode is honoured */
    int has_http2;
    int has_http3; /* EnableHttp3 switches it on */
    signed char
        on_server[WINDOWS_PROTOCOLS]; /* protocol enabled when nothing is set: 1, 0 or WINDOWS_UNKNOWN */
    signed char on_client[WINDOWS_PROTOCOLS];
    int has_sni;           /* http.sys records by name, and central certificates */
    int64_t binding_bits;  /* of sslFlags of an IIS binding that this IIS knows */
    int has_netsh_update;  /* netsh http update sslcert */
    int has_pool_identity; /* ApplicationPoolIdentity is what a pool runs as when nothing is said */
    int has_binding_ctl;   /* http.sys uses DefaultSslCtlIdentifier */
    int refuses_for_root;  /* a certificate in Root that is not self-signed makes it refuse all (KB2802568) */
    int cuts_unsent_list;  /* the issuer list is cut though it is not sent (KB2880390) */
    int has_sha512;        /* SHA-512 is offered in TLS 1.2 without an update */
    int has_winhttp_tls12; /* WinHTTP offers TLS 1.2 when nothing is set */
    int64_t dhe_update;    /* UBR from which TLS_DHE's leading zero is mended; 0: not known or never needed */
    int numbers_kdc_anew;  /* the Kdc's events of KB5014754 are 39, 40, 41; before 41, 48, 49 */
    enum windows_late_request late_request;
};

/* The family of a build; NULL for 0, negative and builds before 6000. */
const struct windows_family *windows_of_build(int64_t build);
/* "Windows Server 2012 R2", "Windows 11"; installation is InstallationType, empty: server when such an
 * edition is there. NULL: not known. */
const char *windows_name(int64_t build, struct str installation);
bool windows_is_client(struct str installation);
/* The registry's name of a protocol: "TLS 1.2". */
const char *windows_protocol_name(enum windows_protocol p);

#endif
