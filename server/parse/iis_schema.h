/* SPDX-License-Identifier: Apache-2.0
 *
 * iis_schema: the sections and attributes that rules need, their types and the defaults of IIS' own schema
 * (IIS_schema.xml; learn.microsoft.com/iis/configuration). Rows are added here and nowhere else. */
#ifndef CERTTRIAGE_IIS_SCHEMA_H
#define CERTTRIAGE_IIS_SCHEMA_H

#include "arena.h"
#include "err.h"

enum iis_type {
    IIS_STRING,
    IIS_BOOL,
    IIS_NUMBER, /* unsigned, 32 bits */
    IIS_ENUM,   /* one of `words` */
    IIS_FLAGS,  /* several of `words`, comma-separated, replaced as a whole */
    IIS_MEMBER, /* a collection's entry of this name: 'present' or 'absent' */
};

struct iis_word {
    const char *name;
    uint32_t value;
};

struct iis_attribute {
    const char *name; /* as it is called in the facts: 'sslFlags', 'requestLimits.maxAllowedContentLength' */
    const char *element; /* child element that carries it; NULL: the section's own element */
    const char *key;     /* name within that element */
    enum iis_type type;
    const struct iis_word *words; /* ends with a NULL name */
    const char *initial;          /* schema default */
};

struct iis_section {
    const char *name; /* 'system.webServer/security/access' */
    const struct iis_attribute *attributes;
    size_t n_attributes;
};

enum { IIS_SECTION_COUNT = 24, IIS_ATTRIBUTES_MAX = 10 };
extern const struct iis_section iis_sections[IIS_SECTION_COUNT];

#define IIS_ACCESS "system.webServer/security/access"
#define IIS_MAPPING "system.webServer/security/authentication/iisClientCertificateMappingAuthentication"

extern const struct iis_word iis_access_flags[];

/* Row of the table; NULL when the section is not one that rules need. */
const struct iis_section *iis_section_find(struct str name);

enum iis_reading {
    IIS_VALUE_OK,
    IIS_VALUE_HIDDEN,   /* '[redacted]': there is a value, which one is not known */
    IIS_VALUE_BAD_FLAG, /* a flag that IIS does not know */
    IIS_VALUE_BAD,      /* not of its type */
};

/* Reads a value as IIS does: names without regard to case, blanks around them allowed. *ret is in IIS' own
 * spelling
 * ('Ssl, SslNegotiateCert', 'true'), in `a`, and untouched unless IIS_VALUE_OK; p == NULL: memory. */
enum iis_reading iis_value_read(const struct iis_attribute *attribute, struct str value, struct arena *a,
                                struct str *ret);

/* True for what redaction puts in the place of a value, and for an encrypted one. */
bool iis_is_hidden(struct str value);
/* 'true' or 'false'; `otherwise` for anything else. */
bool iis_bool(struct str value, bool otherwise);

#endif
