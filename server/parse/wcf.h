/* SPDX-License-Identifier: Apache-2.0
 *
 * wcf: the endpoints in a web.config's system.serviceModel, each with what its binding asks of the transport
 * and of the message, and the behaviours of services. Source:
 * learn.microsoft.com/dotnet/framework/configure-apps/file-schema/wcf. */
#ifndef CERTTRIAGE_WCF_H
#define CERTTRIAGE_WCF_H

#include "xml.h"

struct wcf_endpoint {
    struct str service, contract, address;
    struct str binding, binding_name;
    struct str
        security_mode; /* Transport, TransportWithMessageCredential, Message, None; p == NULL not known */
    struct str transport_credential; /* Certificate, Windows, None, …: what TLS or HTTP ask for */
    struct str message_credential;   /* the same within the message; p == NULL: the mode has none */
    bool is_client;                  /* in <client>: this machine calls */
    struct str find_type,
        find_value; /* client: how its behaviour picks the certificate; p == NULL: it does not */
    struct str store_location, store;
    struct str behavior; /* service: the name of its behaviour, empty: the one without a name */
    uint32_t line;
    struct wcf_endpoint *next;
};

/* A <behavior> of <serviceBehaviors>: what concerns client certificates. */
struct wcf_behavior {
    struct str name; /* empty: it holds for services that name none */
    bool gets_https; /* serviceMetadata httpsGetEnabled */
    /* serviceCredentials/clientCertificate/authentication, or WCF's own: ChainTrust, Online, LocalMachine */
    struct str validation_mode, revocation_mode, trusted_location;
    uint32_t line;
    struct wcf_behavior *next;
};

/* model: <system.serviceModel>. Strings are views into the tree, or constant. -ERR_NOMEM. */
int wcf_read(const struct xml_element *model, struct arena *a, struct wcf_endpoint **ret, struct err *e);
/* The same for its service behaviours. */
int wcf_read_behaviors(const struct xml_element *model, struct arena *a, struct wcf_behavior **ret,
                       struct err *e);

#endif
