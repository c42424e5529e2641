/* SPDX-License-Identifier: Apache-2.0 */
#include "iis_schema.h"

#include "buf.h"
#include "limits.h"

#define AUTHENTICATION "system.webServer/security/authentication/"

const struct iis_word iis_access_flags[] = {
    {"None", 0},
    {"Ssl", 0x8},
    {"SslNegotiateCert", 0x20},
    {"SslRequireCert", 0x40},
    {"SslMapCert", 0x80},
    {"Ssl128", 0x100},
    {NULL, 0},
};

static const struct iis_word logon_methods[] = {
    {"Interactive", 0}, {"Batch", 1}, {"Network", 2}, {"ClearText", 3}, {NULL, 0}};
static const struct iis_word existing_responses[] = {
    {"Auto", 0}, {"Replace", 1}, {"PassThrough", 2}, {NULL, 0}};
static const struct iis_word error_modes[] = {
    {"DetailedLocalOnly", 0}, {"Custom", 1}, {"Detailed", 2}, {NULL, 0}};

#define OWN(name_, type_, words_, initial_)                                                                  \
    {                                                                                                        \
        .name = (name_), .key = (name_), .type = (type_), .words = (words_), .initial = (initial_)           \
    }
#define CHILD(element_, key_, type_, initial_)                                                               \
    {                                                                                                        \
        .name = element_ "." key_, .element = (element_), .key = (key_), .type = (type_),                    \
        .initial = (initial_)                                                                                \
    }
#define MEMBER(name_)                                                                                        \
    {                                                                                                        \
        .name = (name_), .key = "name", .type = IIS_MEMBER, .initial = "absent"                              \
    }

static const struct iis_word token_checking[] = {{"None", 0}, {"Allow", 1}, {"Require", 2}, {NULL, 0}};
static const struct iis_word hosting_models[] = {{"OutOfProcess", 0}, {"InProcess", 1}, {NULL, 0}};
static const struct iis_word selective_logging[] = {
    {"LogAll", 0}, {"LogSuccessful", 1}, {"LogError", 2}, {NULL, 0}};
static const struct iis_word access_policies[] = {{"None", 0},
                                                  {"Read", 1},
                                                  {"Write", 2},
                                                  {"Execute", 4},
                                                  {"Source", 16},
                                                  {"Script", 512},
                                                  {"NoRemoteWrite", 1024},
                                                  {"NoRemoteRead", 4096},
                                                  {"NoRemoteExecute", 8192},
                                                  {"NoRemoteScript", 16384},
                                                  {NULL, 0}};

static const struct iis_attribute access_attributes[] = {
    OWN("sslFlags", IIS_FLAGS, iis_access_flags, "None")};
static const struct iis_attribute anonymous_attributes[] = {
    OWN("enabled", IIS_BOOL, NULL, "true"),
    OWN("userName", IIS_STRING, NULL, "IUSR"),
};
static const struct iis_attribute basic_attributes[] = {
    OWN("enabled", IIS_BOOL, NULL, "false"),
    OWN("defaultLogonDomain", IIS_STRING, NULL, ""),
};
static const struct iis_attribute windows_attributes[] = {
    OWN("enabled", IIS_BOOL, NULL, "false"),
    OWN("useKernelMode", IIS_BOOL, NULL, "true"),
    OWN("useAppPoolCredentials", IIS_BOOL, NULL, "false"),
    OWN("authPersistSingleRequest", IIS_BOOL, NULL, "false"),
    OWN("authPersistNonNTLM", IIS_BOOL, NULL, "false"),
    {.name = "extendedProtection.tokenChecking",
     .element = "extendedProtection",
     .key = "tokenChecking",
     .type = IIS_ENUM,
     .words = token_checking,
     .initial = "None"},
};
static const struct iis_attribute enabled_attributes[] = {OWN("enabled", IIS_BOOL, NULL, "false")};
static const struct iis_attribute mapping_attributes[] = {
    OWN("enabled", IIS_BOOL, NULL, "false"),
    OWN("oneToOneCertificateMappingsEnabled", IIS_BOOL, NULL, "true"),
    OWN("manyToOneCertificateMappingsEnabled", IIS_BOOL, NULL, "true"),
    OWN("defaultLogonDomain", IIS_STRING, NULL, ""),
    OWN("logonMethod", IIS_ENUM, logon_methods, "ClearText"),
};
static const struct iis_attribute runtime_attributes[] = {
    OWN("uploadReadAheadSize", IIS_NUMBER, NULL, "49152"),
    OWN("maxRequestEntityAllowed", IIS_NUMBER, NULL, "4294967295"),
};
static const struct iis_attribute errors_attributes[] = {
    OWN("existingResponse", IIS_ENUM, existing_responses, "Auto"),
    OWN("errorMode", IIS_ENUM, error_modes, "DetailedLocalOnly"),
};
static const struct iis_attribute identity_attributes[] = {OWN("impersonate", IIS_BOOL, NULL, "false")};
static const struct iis_attribute filtering_attributes[] = {
    OWN("allowDoubleEscaping", IIS_BOOL, NULL, "false"),
    CHILD("requestLimits", "maxAllowedContentLength", IIS_NUMBER, "30000000"),
    CHILD("requestLimits", "maxUrl", IIS_NUMBER, "4096"),
    CHILD("requestLimits", "maxQueryString", IIS_NUMBER, "2048"),
    CHILD("verbs", "allowUnlisted", IIS_BOOL, "true"),
};
static const struct iis_attribute authorization_attributes[] = {
    OWN("bypassLoginPages", IIS_BOOL, NULL, "true")};
static const struct iis_attribute address_attributes[] = {OWN("allowUnlisted", IIS_BOOL, NULL, "true")};
static const struct iis_attribute handler_attributes[] = {
    OWN("accessPolicy", IIS_FLAGS, access_policies, "Read")};
static const struct iis_attribute logging_attributes[] = {
    OWN("dontLog", IIS_BOOL, NULL, "false"),
    OWN("selectiveLogging", IIS_ENUM, selective_logging, "LogAll"),
};
static const struct iis_attribute compression_attributes[] = {
    OWN("doStaticCompression", IIS_BOOL, NULL, "true"),
    OWN("doDynamicCompression", IIS_BOOL, NULL, "true"),
};
static const struct iis_attribute core_attributes[] = {
    OWN("hostingModel", IIS_ENUM, hosting_models, "OutOfProcess"),
    OWN("forwardWindowsAuthToken", IIS_BOOL, NULL, "true"),
};
static const struct iis_attribute protocol_attributes[] = {OWN("allowKeepAlive", IIS_BOOL, NULL, "true")};
static const struct iis_attribute redirect_attributes[] = {
    OWN("enabled", IIS_BOOL, NULL, "false"),
    OWN("destination", IIS_STRING, NULL, ""),
};
static const struct iis_attribute webdav_attributes[] = {
    OWN("enabled", IIS_BOOL, NULL, "false"),
    OWN("requireSsl", IIS_BOOL, NULL, "false"),
};
static const struct iis_attribute module_attributes[] = {
    MEMBER("IISCertificateMappingAuthenticationModule"),
    MEMBER("CertificateMappingAuthenticationModule"),
    MEMBER("FailedRequestsTracingModule"),
    MEMBER("RewriteModule"),
    MEMBER("WebDAVModule"),
};

#define SECTION(name_, rows)                                                                                 \
    {                                                                                                        \
        .name = (name_), .attributes = (rows), .n_attributes = ARRAY_LEN(rows)                               \
    }

const struct iis_section iis_sections[IIS_SECTION_COUNT] = {
    SECTION(IIS_ACCESS, access_attributes),
    SECTION(AUTHENTICATION "anonymousAuthentication", anonymous_attributes),
    SECTION(AUTHENTICATION "basicAuthentication", basic_attributes),
    SECTION(AUTHENTICATION "windowsAuthentication", windows_attributes),
    SECTION(AUTHENTICATION "digestAuthentication", enabled_attributes),
    SECTION(AUTHENTICATION "clientCertificateMappingAuthentication", enabled_attributes),
    SECTION(IIS_MAPPING, mapping_attributes),
    SECTION("system.webServer/serverRuntime", runtime_attributes),
    SECTION("system.webServer/httpErrors", errors_attributes),
    SECTION("system.webServer/security/requestFiltering", filtering_attributes),
    SECTION("system.webServer/httpProtocol", protocol_attributes),
    SECTION("system.webServer/httpRedirect", redirect_attributes),
    SECTION("system.webServer/webdav/authoring", webdav_attributes),
    SECTION("system.webServer/cors", enabled_attributes),
    SECTION("system.webServer/security/authorization", authorization_attributes),
    SECTION("system.webServer/security/ipSecurity", address_attributes),
    SECTION("system.webServer/handlers", handler_attributes),
    SECTION("system.webServer/httpLogging", logging_attributes),
    SECTION("system.webServer/urlCompression", compression_attributes),
    SECTION("system.webServer/aspNetCore", core_attributes),
    SECTION("system.webServer/globalModules", module_attributes),
    SECTION("system.webServer/modules", module_attributes),
    SECTION("system.webServer/proxy", enabled_attributes),
    SECTION("system.web/identity", identity_attributes),
};

const struct iis_section *iis_section_find(struct str name)
{
    for (size_t i = 0; i < IIS_SECTION_COUNT; i++)
        if (str_eq(name, str_from(iis_sections[i].name)))
            return &iis_sections[i];
    return NULL;
}

bool iis_is_hidden(struct str value)
{
    struct str v = str_trim(value);

    return str_ieq(v, STR("[redacted]")) || str_istarts(v, STR("[enc:"));
}

bool iis_bool(struct str value, bool otherwise)
{
    struct str v = str_trim(value);

    if (str_ieq(v, STR("true")))
        return true;
    return str_ieq(v, STR("false")) ? false : otherwise;
}

static const struct iis_word *find_word(const struct iis_word *words, struct str name)
{
    for (; words->name; words++)
        if (str_ieq(name, str_from(words->name)))
            return words;
    return NULL;
}

/* Decimal or 0x-hexadecimal, at most 64 bits. */
static bool is_number(struct str v, uint64_t *ret)
{
    if (!str_istarts(v, STR("0x")))
        return str_to_u64(v, UINT64_MAX, ret);
    v = str_skip(v, 2);
    *ret = 0;
    for (size_t i = 0; i < v.len; i++) {
        char c = v.p[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0 || *ret >> 60)
            return false;
        *ret = *ret << 4 | (uint64_t)digit;
    }
    return v.len > 0;
}

/* Names, or one number as the configuration API also writes it. */
static bool read_flags(const struct iis_word *words, struct str value, uint64_t *ret)
{
    struct str rest = value;

    *ret = 0;
    if (str_trim(value).len == 0 || is_number(str_trim(value), ret))
        return true;
    while (rest.p) {
        const struct iis_word *word = find_word(words, str_trim(str_cut(rest, ',', &rest)));
        if (!word)
            return false;
        *ret |= word->value;
    }
    return true;
}

static struct str flag_names(const struct iis_word *words, uint64_t flags, struct arena *a)
{
    CLEANUP(buf_done) struct buf names = BUF_INIT(LIMIT_TEXT_BYTES);

    for (const struct iis_word *w = words; w->name; w++)
        if (w->value ? flags & w->value : flags == 0) {
            buf_add_c(&names, names.len ? ", " : "");
            buf_add_c(&names, w->name);
        }
    return arena_keep(a, buf_str(&names));
}

static bool flags_are_known(const struct iis_word *words, uint64_t flags)
{
    for (; words->name; words++)
        flags &= ~(uint64_t)words->value;
    return flags == 0;
}

enum iis_reading iis_value_read(const struct iis_attribute *attribute, struct str value, struct arena *a,
                                struct str *ret)
{
    struct str v = str_trim(value);
    const struct iis_word *word;
    uint64_t number;

    if (iis_is_hidden(value))
        return IIS_VALUE_HIDDEN;
    switch (attribute->type) {
    case IIS_FLAGS:
        if (!read_flags(attribute->words, value, &number) || !flags_are_known(attribute->words, number))
            return IIS_VALUE_BAD_FLAG;
        *ret = flag_names(attribute->words, number, a);
        return IIS_VALUE_OK;
    case IIS_BOOL:
        if (iis_bool(v, true) != iis_bool(v, false))
            return IIS_VALUE_BAD;
        *ret = iis_bool(v, false) ? STR("true") : STR("false");
        return IIS_VALUE_OK;
    case IIS_NUMBER:
        if (!is_number(v, &number) || number > UINT32_MAX)
            return IIS_VALUE_BAD;
        *ret = v;
        return IIS_VALUE_OK;
    case IIS_ENUM:
        word = find_word(attribute->words, v);
        if (!word && !is_number(v, &number))
            return IIS_VALUE_BAD;
        *ret = word ? str_from(word->name) : v;
        return IIS_VALUE_OK;
    case IIS_STRING:
    case IIS_MEMBER:
        break;
    }
    *ret = value;
    return IIS_VALUE_OK;
}
