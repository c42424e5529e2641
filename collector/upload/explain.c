/* SPDX-License-Identifier: Apache-2.0
 *
 * What libcurl, Schannel and OpenSSL say of a certificate, in words that say what to do. The names of
 * Schannel's errors are those of winerror.h, as libcurl prints them with their text. */
#include <string.h>

#include "http.h"

static const char expired[] =
    "the server's certificate has expired or is not valid yet, or the clock of this "
    "machine is wrong: compare the clock; else the server needs a new certificate";
static const char unknown[] =
    "the server's certificate comes from an authority that this machine does not trust: install the root "
    "certificate of that authority in Trusted Root Certification Authorities of this computer, or use a "
    "server certificate of a public authority; when a proxy inspects TLS here, its root is the missing one";
static const char wrong_name[] = "the server's certificate is for another name than the one in this address: "
                                 "use the name that stands in the certificate";
static const char revoked[] = "the server's certificate was revoked: the server needs a new one";
static const char no_purpose[] =
    "the server's certificate is not one for servers (extended key usage): the server needs another one";
static const char no_protocol[] = "this machine and the server have no version or cipher of TLS in common: "
                                  "TLS 1.2 must be switched on here "
                                  "(SCHANNEL\\Protocols in the registry) and at the server";
static const char wants_own[] =
    "the server asks this machine for a client certificate, which an upload does not "
    "have: use an address that does not ask for one";
static const char other[] = "the server's certificate cannot be trusted";

/* The first that fits counts. */
static const struct {
    const char *text, *means;
} words[] = {
    {"SEC_E_CERT_EXPIRED", expired},
    {"has expired", expired},
    {"not yet valid", expired},
    {"CERT_E_EXPIRED", expired},
    {"SEC_E_UNTRUSTED_ROOT", unknown},
    {"CERT_E_UNTRUSTEDROOT", unknown},
    {"CERT_E_CHAINING", unknown},
    {"self-signed certificate", unknown},
    {"self signed certificate", unknown},
    {"unable to get local issuer", unknown},
    {"unable to get issuer", unknown},
    {"SEC_E_WRONG_PRINCIPAL", wrong_name},
    {"CERT_E_CN_NO_MATCH", wrong_name},
    {"does not match target host", wrong_name},
    {"no alternative certificate subject name", wrong_name},
    {"CRYPT_E_REVOKED", revoked},
    {"certificate revoked", revoked},
    {"CERT_E_WRONG_USAGE", no_purpose},
    {"unsupported certificate purpose", no_purpose},
    {"unsuitable certificate purpose", no_purpose},
    {"SEC_E_ALGORITHM_MISMATCH", no_protocol},
    {"SEC_E_UNSUPPORTED_FUNCTION", no_protocol},
    {"alert protocol version", no_protocol},
    {"alert handshake failure", no_protocol},
    {"unsupported protocol", no_protocol},
    {"no protocols available", no_protocol},
    {"SEC_I_INCOMPLETE_CREDENTIALS", wants_own},
    {"certificate required", wants_own},
    {"SEC_E_CERT_UNKNOWN", other},
};

const char *explain_tls(CURLcode code, const char *why)
{
    if (code != CURLE_PEER_FAILED_VERIFICATION && code != CURLE_SSL_CONNECT_ERROR &&
        code != CURLE_RECV_ERROR && code != CURLE_SEND_ERROR)
        return NULL;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strstr(why, words[i].text) != NULL)
            return words[i].means;
    return code == CURLE_PEER_FAILED_VERIFICATION ? other : NULL;
}

const char *explain_proxy(long status)
{
    switch (status) {
    case 407:
        return "the proxy asks for a user and a password, which this account does not have: run it as a user "
               "who may use the proxy, or ask for an exception for this address";
    case 403:
    case 405:
        return "the proxy does not allow connections to this address: ask for an exception for it";
    default:
        return NULL;
    }
}
