/* SPDX-License-Identifier: Apache-2.0 */
#include "wcf.h"

#include "iis_map.h"

#define NO_STR ((struct str){NULL, 0})

/* What a binding does when its configuration says nothing. */
static const struct binding_kind {
    const char *name, *mode, *transport, *message;
} kinds[] = {
    {"basicHttpBinding", "None", "None", "UserName"},
    {"basicHttpsBinding", "Transport", "None", "UserName"},
    {"netHttpBinding", "None", "None", "UserName"},
    {"netHttpsBinding", "Transport", "None", "UserName"},
    {"webHttpBinding", "None", "None", NULL},
    {"wsHttpBinding", "Message", "Windows", "Windows"},
    {"ws2007HttpBinding", "Message", "Windows", "Windows"},
    {"wsDualHttpBinding", "Message", NULL, "Windows"},
    {"wsFederationHttpBinding", "Message", NULL, NULL},
    {"ws2007FederationHttpBinding", "Message", NULL, NULL},
    {"netTcpBinding", "Transport", "Windows", "Windows"},
    {"netNamedPipeBinding", "Transport", "Windows", NULL},
    {"mexHttpBinding", "None", "None", NULL},
    {"mexHttpsBinding", "Transport", "None", NULL},
};

struct reader {
    struct arena *arena;
    struct iis_map bindings;  /* scope: the row of kinds, or one for customBinding; key: name */
    struct iis_map behaviors; /* endpoint behaviours by name */
    struct wcf_endpoint **end;
};

static const char custom_scope[] = "customBinding";

static const struct binding_kind *kind_of(struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (str_eq(name, str_from(kinds[i].name)))
            return &kinds[i];
    return NULL;
}

static const void *scope_of(struct str binding)
{
    return str_eq(binding, str_from(custom_scope)) ? (const void *)custom_scope
                                                   : (const void *)kind_of(binding);
}

/* A map holds things that may be changed; these are only read again. */
static int note(struct iis_map *m, const void *scope, const struct xml_element *element, struct err *e)
{
    union {
        const struct xml_element *in;
        void *out;
    } thing = {.in = element};
    struct str name = xml_get(element, "name");
    int r = iis_map_put(m, scope, name.p ? name : STR(""), thing.out, e);

    return r == -ERR_LIMIT ? 0 : r;
}

static int note_all(struct reader *rd, const struct xml_element *model, struct err *e)
{
    const struct xml_element *behaviors = xml_child(xml_child(model, "behaviors"), "endpointBehaviors");
    int r = 0;

    for (const struct xml_element *kind = xml_child(xml_child(model, "bindings"), NULL); kind;
         kind = kind->next) {
        const void *scope = scope_of(kind->name);
        for (const struct xml_element *b = xml_child(kind, "binding"); b && scope && r >= 0;
             b = xml_next(b, "binding"))
            r = note(&rd->bindings, scope, b, e);
    }
    for (const struct xml_element *b = xml_child(behaviors, "behavior"); b && r >= 0;
         b = xml_next(b, "behavior"))
        r = note(&rd->behaviors, NULL, b, e);
    return r;
}

static struct str get(const struct xml_element *element, const char *attribute, const char *otherwise)
{
    struct str value = element ? xml_get(element, attribute) : NO_STR;

    return value.p ? value : str_from(otherwise);
}

static void read_standard(struct wcf_endpoint *p, const struct binding_kind *kind,
                          const struct xml_element *binding)
{
    const struct xml_element *security = xml_child(binding, "security");
    bool has_message;

    p->security_mode = get(security, "mode", kind->mode);
    if (str_eq(p->security_mode, STR("TransportCredentialOnly")) ||
        str_istarts(p->security_mode, STR("Transport")))
        p->transport_credential =
            get(xml_child(security, "transport"), "clientCredentialType", kind->transport);
    else
        p->transport_credential = STR("None");
    has_message = str_eq(p->security_mode, STR("Message")) ||
                  str_eq(p->security_mode, STR("TransportWithMessageCredential"));
    if (!has_message)
        return;
    p->message_credential = get(xml_child(security, "message"), "clientCredentialType", kind->message);
    /* Here the transport asks for a certificate only when that is written. */
    if (!xml_child(security, "transport"))
        p->transport_credential = STR("None");
}

/* A custom binding is a list of elements, the last one the transport. */
static void read_custom(struct wcf_endpoint *p, const struct xml_element *binding)
{
    const struct xml_element *https = xml_child(binding, "httpsTransport"),
                             *security = xml_child(binding, "security");
    struct str mode = get(security, "authenticationMode", NULL),
               required = get(https, "requireClientCertificate", "false");
    bool in_message =
        mode.p && (str_istarts(mode, STR("MutualCertificate")) || str_istarts(mode, STR("MutualSsl")));

    p->transport_credential = str_ieq(required, STR("true")) ? STR("Certificate") : STR("None");
    p->security_mode = https ? (security ? STR("TransportWithMessageCredential") : STR("Transport"))
                             : (security ? STR("Message") : STR("None"));
    if (security)
        p->message_credential =
            in_message || str_ieq(mode, STR("CertificateOverTransport")) ? STR("Certificate") : mode;
}

static void read_binding(struct reader *rd, struct wcf_endpoint *p)
{
    const struct binding_kind *kind = kind_of(p->binding);
    const struct xml_element *binding =
        iis_map_get(&rd->bindings, scope_of(p->binding), p->binding_name.p ? p->binding_name : STR(""));

    if (kind)
        read_standard(p, kind, binding);
    else if (str_eq(p->binding, str_from(custom_scope)) && binding)
        read_custom(p, binding);
}

/* Which certificate the client presents. */
static void read_credentials(struct reader *rd, const struct xml_element *endpoint, struct wcf_endpoint *p)
{
    const struct xml_element *behavior =
        iis_map_get(&rd->behaviors, NULL, get(endpoint, "behaviorConfiguration", ""));
    const struct xml_element *certificate =
        xml_child(xml_child(behavior, "clientCredentials"), "clientCertificate");

    if (!certificate)
        return;
    p->find_type = get(certificate, "x509FindType", "FindBySubjectDistinguishedName");
    p->find_value = get(certificate, "findValue", "");
    p->store_location = get(certificate, "storeLocation", "LocalMachine");
    p->store = get(certificate, "storeName", "My");
}

static int read_endpoint(struct reader *rd, const struct xml_element *element,
                         const struct xml_element *service, struct err *e)
{
    struct wcf_endpoint *p = arena_alloc(rd->arena, sizeof *p);

    if (!p)
        return err_set(e, ERR_NOMEM, "out of memory");
    p->is_client = service == NULL;
    if (service) {
        p->service = get(service, "name", NULL);
        p->behavior = get(service, "behaviorConfiguration", "");
    }
    p->contract = get(element, "contract", NULL);
    p->address = get(element, "address", NULL);
    p->binding = get(element, "binding", NULL);
    p->binding_name = get(element, "bindingConfiguration", NULL);
    p->line = element->line;
    if (p->binding.p)
        read_binding(rd, p);
    if (p->is_client)
        read_credentials(rd, element, p);
    *rd->end = p;
    rd->end = &p->next;
    return 0;
}

int wcf_read(const struct xml_element *model, struct arena *a, struct wcf_endpoint **ret, struct err *e)
{
    struct wcf_endpoint *first = NULL;
    struct reader rd = {
        .arena = a, .bindings = IIS_MAP_INIT(a, false), .behaviors = IIS_MAP_INIT(a, false), .end = &first};
    const struct xml_element *services = xml_child(model, "services"), *client = xml_child(model, "client");
    int r = note_all(&rd, model, e);

    for (const struct xml_element *s = xml_child(services, "service"); s && r >= 0;
         s = xml_next(s, "service"))
        for (const struct xml_element *c = xml_child(s, "endpoint"); c && r >= 0; c = xml_next(c, "endpoint"))
            r = read_endpoint(&rd, c, s, e);
    for (const struct xml_element *c = xml_child(client, "endpoint"); c && r >= 0;
         c = xml_next(c, "endpoint"))
        r = read_endpoint(&rd, c, NULL, e);
    if (r >= 0)
        *ret = first;
    return r < 0 ? r : 0;
}

int wcf_read_behaviors(const struct xml_element *model, struct arena *a, struct wcf_behavior **ret,
                       struct err *e)
{
    const struct xml_element *list = xml_child(xml_child(model, "behaviors"), "serviceBehaviors");
    struct wcf_behavior **end = ret;

    *ret = NULL;
    for (const struct xml_element *b = xml_child(list, "behavior"); b; b = xml_next(b, "behavior")) {
        const struct xml_element *check =
            xml_child(xml_child(xml_child(b, "serviceCredentials"), "clientCertificate"), "authentication");
        struct wcf_behavior *p = arena_alloc(a, sizeof *p);
        if (!p)
            return err_set(e, ERR_NOMEM, "out of memory");
        p->name = get(b, "name", "");
        p->gets_https =
            str_ieq(get(xml_child(b, "serviceMetadata"), "httpsGetEnabled", "false"), STR("true"));
        p->validation_mode = get(check, "certificateValidationMode", "ChainTrust");
        p->revocation_mode = get(check, "revocationMode", "Online");
        p->trusted_location = get(check, "trustedStoreLocation", "LocalMachine");
        p->line = b->line;
        *end = p;
        end = &p->next;
    }
    return 0;
}
