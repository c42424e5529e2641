/* SPDX-License-Identifier: Apache-2.0
 *
 * What is neither XML nor a log: certificates, and what netsh printed. */
#include "redact.h"

#include <string.h>

#include "limits.h"
#include "text.h"

/* --- certificates --- */

/* X.690 8.1.3: bytes of the tag and length that b begins with, and of the contents; false: they go beyond. */
static bool read_head(struct bytes b, size_t *ret_head, size_t *ret_len)
{
    size_t head = 2, len = b.len < 2 ? 0 : b.p[1];

    if (len >= 0x80) {
        head += len & 0x7f;
        len = 0;
        if (head > 6 || head > b.len)
            return false;
        for (size_t i = 2; i < head; i++)
            len = len << 8 | b.p[i];
    }
    *ret_head = head;
    *ret_len = len;
    return head <= b.len && len <= b.len - head;
}

/* A certificate or revocation list (RFC 5280) is a SEQUENCE of two more and a signature, a trust list (RFC
 * 5652) begins with the OID of signed data. Private keys (RFC 5958, 8017) and PFX files (RFC 7292) begin with
 * a version number, and behind the algorithm of an encrypted key stands an OCTET STRING. */
static bool is_der(struct bytes file)
{
    static const uint8_t SIGNED_DATA[] = {6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2};
    enum { SEQUENCE = 0x30 };
    size_t head, len;

    if (!read_head(file, &head, &len) || file.p[0] != SEQUENCE || head + len != file.len)
        return false;
    struct bytes in = {file.p + head, len};
    if (in.len > sizeof(SIGNED_DATA) && memcmp(in.p, SIGNED_DATA, sizeof(SIGNED_DATA)) == 0)
        return true;
    return read_head(in, &head, &len) && in.p[0] == SEQUENCE && head + len < in.len &&
           in.p[head + len] == SEQUENCE;
}

bool redact_certificate(struct bytes file, struct buf *out)
{
    struct str rest = {(const char *)file.p, file.len};
    bool in = false, any = false;

    if (is_der(file)) {
        buf_add(out, file.p, file.len);
        return true;
    }
    while (rest.len > 0) { /* RFC 7468 */
        struct str line = str_trim(str_cut(rest, '\n', &rest));
        if (str_starts(line, STR("-----BEGIN ")))
            in = str_eq(line, STR("-----BEGIN CERTIFICATE-----")) ||
                 str_eq(line, STR("-----BEGIN X509 CRL-----")) || str_eq(line, STR("-----BEGIN PKCS7-----"));
        if (in) {
            buf_add_str(out, line);
            buf_add_char(out, '\n');
        }
        in = in && !str_starts(line, STR("-----END "));
        any = any || in;
    }
    return any;
}

/* --- netsh http show sslcert --- */

/* Addresses, numbers, GUIDs and hashes; names of hosts before a port; words without digits: stores, on and
 * off in any language. */
static bool is_ordinary(struct str value)
{
    size_t digits = 0, others = 0, end = value.len;

    for (size_t i = 0; i < value.len; i++)
        digits += value.p[i] >= '0' && value.p[i] <= '9';
    for (size_t i = 0; i < value.len; i++)
        others += strchr("0123456789abcdefABCDEF.:*{}-[]%", value.p[i]) == NULL;
    while (end > 0 && value.p[end - 1] >= '0' && value.p[end - 1] <= '9')
        end--;
    return value.len <= 300 && (others == 0 || digits == 0 ||
                                (end > 1 && end < value.len && value.p[end - 1] == ':' &&
                                 memchr(value.p, '@', end) == NULL && memchr(value.p, ' ', end) == NULL));
}

int redact_netsh(struct bytes file, struct buf *out, struct err *e)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(3 * file.len + 16);
    struct str rest;

    text_add_decoded(&text, file);
    for (rest = buf_str(&text); rest.len > 0;) {
        struct str line = str_cut(rest, '\n', &rest), value = line;
        while (value.len > 0 && !str_starts(value, STR(" : ")))
            value = str_skip(value, 1);
        struct str label = {line.p, line.len - value.len};
        bool ok = is_ordinary(str_trim(str_skip(value, 3)));
        if (value.len > 0 ? label.len < 64 : is_ordinary(str_trim(line)))
            buf_add_str(out, ok ? line : label);
        buf_add_c(out, ok ? "\n" : " : [redacted]\n");
    }
    return buf_check(&text, "netsh text", e) != 0 ? -e->code : buf_check(out, "netsh text", e);
}
