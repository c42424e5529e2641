/* SPDX-License-Identifier: Apache-2.0
 *
 * names: the closed word lists of the contract (schema/bundle.md) and what an entry may be called. */
#ifndef CERTTRIAGE_NAMES_H
#define CERTTRIAGE_NAMES_H

#include "str.h"

/* Outcome of an item. */
#define OUTCOME_LIST(X)                                                                                      \
    X(OK, "ok")               /* taken whole */                                                              \
    X(ABSENT, "absent")       /* proven not to be there: a fact */                                           \
    X(DENIED, "denied")       /* no right to read it: not a fact */                                          \
    X(TIMEOUT, "timeout")     /* given up waiting */                                                         \
    X(TRUNCATED, "truncated") /* cut by a limit: can prove presence, never absence */                        \
    X(EXCLUDED, "excluded")   /* left out by choice */                                                       \
    X(ERROR, "error")         /* anything else, with the system's code and text */

enum outcome {
#define X(name, text) OUTCOME_##name,
    OUTCOME_LIST(X)
#undef X
        OUTCOME_COUNT
};

/* What an item is evidence of; rules name these in `needs`. One word for one thing. */
#define KIND_LIST(X)                                                                                         \
    X(IIS_CONFIG, "iis-config")       /* applicationHost.config, redirection, administration, schema */      \
    X(WEB_CONFIG, "web-config")       /* one web.config of one path */                                       \
    X(REG_SCHANNEL, "reg-schannel")   /* SecurityProviders\SCHANNEL */                                       \
    X(REG_HTTP, "reg-http")           /* Services\HTTP\Parameters with the Ssl…BindingInfo trees */        \
    X(REG_SYSTEM, "reg-system")       /* Windows version, InetStp, MachineGuid, domain, time zone */         \
    X(REG_CLIENT, "reg-client")       /* Internet Settings zones, per user and machine, policies */          \
    X(CERT_STORE, "cert-store")       /* one certificate store */                                            \
    X(KEY_ACL, "key-acl")             /* private-key files: names, owner, DACL */                            \
    X(ACCOUNT, "account")             /* accounts of pools and services, resolved */                         \
    X(HTTP_SSLCERT, "http-sslcert")   /* http.sys records from its own API */                                \
    X(LOG_IIS, "log-iis")             /* W3C log of one site */                                              \
    X(LOG_HTTPERR, "log-httperr")     /* HTTPERR log */                                                      \
    X(LOG_FREB, "log-freb")           /* failed-request trace */                                             \
    X(LOG_EVENT, "log-event")         /* events */                                                           \
    X(TLS_PROBE, "tls-probe")         /* handshake record */                                                 \
    X(CHAIN_ONLINE, "chain-online")   /* a chain as Windows builds it when it may fetch */                   \
    X(IIS_HISTORY, "iis-history")     /* inetpub\history: what the configuration was before */               \
    X(ATTACHMENT, "attachment")       /* anything the customer added */                                      \
    X(COLLECTOR_LOG, "collector-log") /* the collector's own log */

enum kind {
#define X(name, text) KIND_##name,
    KIND_LIST(X)
#undef X
        KIND_COUNT
};

const char *outcome_text(enum outcome o);
bool outcome_from(struct str s, enum outcome *ret);
const char *kind_text(enum kind k);
bool kind_from(struct str s, enum kind *ret);
/* The kind that an entry's name says (a bundle without a manifest); false when it says none. */
bool kind_of_entry(struct str name, enum kind *ret);

/* ASCII printable without <>:"|?*\, '/'-separated, relative, no empty, "." or ".." part, no part ending in a
 * blank or dot, at most LIMIT_ENTRY_NAME_BYTES. */
bool entry_name_is_legal(struct str name);

/* A case id: 1 to 64 of A-Z a-z 0-9 . _ -, first one a letter or digit. */
bool case_id_is_legal(struct str id);

#endif
