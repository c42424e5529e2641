/* SPDX-License-Identifier: Apache-2.0
 *
 * iis_mapping: the entries of iisClientCertificateMappingAuthentication. A one-to-one entry holds the whole
 * certificate as one line of Base64 and IIS compares its bytes; a many-to-one entry holds rules on Subject
 * and Issuer, all of which must match. Passwords are never taken. Source:
 * learn.microsoft.com/iis/configuration/system.webserver/security/
 * authentication/iisclientcertificatemappingauthentication. */
#ifndef CERTTRIAGE_IIS_MAPPING_H
#define CERTTRIAGE_IIS_MAPPING_H

#include "iis_config.h"

struct iis_mapping_rule {
    struct str field, sub_field, criteria;
    bool is_case_sensitive;
    uint32_t line;
    struct iis_mapping_rule *next;
};

struct iis_mapping {
    bool is_one_to_one, is_enabled;
    struct str name;            /* many-to-one */
    struct str user_name;       /* p == NULL: not written, or redacted */
    struct str permission_mode; /* many-to-one: Allow, Deny */
    struct bytes der;           /* p == NULL: does not decode */
    const char *blob_problem;   /* NULL: none */
    struct iis_mapping_rule *rules;
    uint32_t line, col;
    struct iis_mapping *next;
};

struct iis_mappings {
    struct iis_mapping *first;
    bool clears;                       /* a <clear/> in one of the collections */
    const struct xml_element *refused; /* a <remove>, which these collections do not know: 500.19 */
};

/* section: the section's element. -ERR_NOMEM. */
int iis_mapping_read(const struct xml_element *section, struct arena *a, struct iis_mappings *ret,
                     struct err *e);

/* One line of Base64 that is one DER certificate; false with *ret_problem otherwise. Strict, as IIS is: no
 * blanks, no PEM frame, nothing behind. ret->p == NULL with true: memory. */
bool iis_blob_decode(struct str text, struct arena *a, struct bytes *ret, const char **ret_problem);

#endif
