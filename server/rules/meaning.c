/* SPDX-License-Identifier: Apache-2.0
 *
 * meaning: what a status says in words (causes §6). */
#include "diagnose.h"

static const struct {
    struct rule_pattern pattern;
    const char *text;
} meanings[] = {
    {{403, 7, -1}, "a client certificate is required, and none was presented"},
    {{403, 16, 2148204809}, "the client certificate was refused: its root is not trusted (0x800B0109)"},
    {{403, 16, 2148204810},
     "the client certificate was refused: its chain could not be built to a root (0x800B010A)"},
    {{403, 16, 2148204816},
     "the client certificate was refused: it may not be used for client authentication (0x800B0110)"},
    {{403, 16, 2148204817},
     "the client certificate was refused: it, or an authority above it, is explicitly distrusted "
     "(0x800B0111)"},
    {{403, 16, -1}, "the client certificate was refused: not trusted, or not valid in its form"},
    {{403, 17, -1}, "the client certificate was refused: expired, or not yet valid"},
    {{403, 13, 2148081680}, "the client certificate was refused: revoked (0x80092010)"},
    {{403, 13, 2148081683},
     "the client certificate was refused: the revocation list could not be reached (0x80092013)"},
    {{403, 13, 2148081682},
     "the client certificate was refused: its revocation could not be checked (0x80092012)"},
    {{403, 13, -1}, "the client certificate was refused: revoked, or its revocation could not be checked"},
    {{403, 12, -1}, "the client certificate was refused by a mapping"},
    {{403, 0, -1}, "the application itself refused the request"},
    {{403, 4, -1}, "https is required, and http was used"},
    {{403, 5, -1}, "128-bit encryption is required"},
    {{401, 1, 2148086018}, "logon failed: a mapped certificate is malformed (0x80093102)"},
    {{401, 1, -1}, "logon failed: the account that the certificate is mapped to could not log on"},
    {{401, 2, -1}, "no authentication scheme produced a user"},
    {{401, 3, -1}, "the mapped user may not read the content"},
    {{401, -1, -1}, "not authorized"},
    {{413, -1, -1}, "the request body was too large to be read before the certificate was asked for"},
    {{502, -1, 12044}, "the server behind this proxy asked it for a client certificate (12044)"},
    {{502, -1, 2147954444}, "the server behind this proxy asked it for a client certificate (0x80072F0C)"},
    {{500, 19, -1}, "the configuration is not valid for this path; every request there fails"},
    {{500, -1, 64}, "the connection ended while the certificate was asked for"},
    {{500, -1, 995}, "asking for the certificate was aborted (0x800703e3)"},
    {{500, -1, 2147943395}, "asking for the certificate was aborted (0x800703e3)"},
    {{500, -1, 50}, "asking for the certificate is not possible on this connection (0x80070032)"},
    {{500, -1, 2147942450}, "asking for the certificate is not possible on this connection (0x80070032)"},
};

const char *symptom_meaning(int64_t status, int64_t substatus, int64_t win32)
{
    for (size_t i = 0; i < ARRAY_LEN(meanings); i++)
        if (rule_pattern_matches(&meanings[i].pattern, status, substatus, win32))
            return meanings[i].text;
    return "the request failed";
}
