/* SPDX-License-Identifier: Apache-2.0 */
#include "iis_mapping.h"

#include <openssl/x509.h>

#include "limits.h"

static int out_of_memory(struct err *e)
{
    return err_set(e, ERR_NOMEM, "out of memory");
}

static int base64_digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static bool contains(struct str s, const char *word)
{
    struct str w = str_from(word);

    for (size_t i = 0; i + w.len <= s.len; i++)
        if (str_starts(str_skip(s, i), w))
            return true;
    return false;
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* What is wrong with the text before anything is decoded; NULL: nothing. */
static const char *text_problem(struct str s)
{
    if (s.len == 0)
        return "is empty";
    if (iis_is_hidden(s))
        return "was redacted by the collector";
    if (contains(s, "-----BEGIN"))
        return "has a PEM frame";
    for (size_t i = 0; i < s.len; i++)
        if (is_blank(s.p[i]))
            return "contains blanks or line breaks";
    if (s.len / 4 > (size_t)LIMIT_CERT_BYTES / 3)
        return "is larger than a certificate can be";
    return NULL;
}

/* Digits, then padding to a multiple of four. */
static const char *decode_base64(struct str s, uint8_t *out, size_t *ret_len)
{
    size_t digits = s.len, n = 0;
    uint32_t bits = 0;

    while (digits && s.p[digits - 1] == '=')
        digits--;
    for (size_t i = 0; i < digits; i++) {
        int digit = base64_digit(s.p[i]);
        if (digit < 0)
            return "is not Base64";
        bits = bits << 6 | (uint32_t)digit;
        if (i % 4)
            out[n++] = (uint8_t)(bits >> (2 * (3 - i % 4)));
    }
    *ret_len = n;
    return s.len % 4 || s.len - digits > 2 ? "is cut off (its length is no multiple of four)" : NULL;
}

/* Length of the outer SEQUENCE's content and of its header; false when it is not DER. */
static bool read_header(const uint8_t *p, size_t len, size_t *ret_head, size_t *ret_length)
{
    if (len < 4 || p[0] != 0x30 || p[1] == 0x80 || p[1] > 0x83)
        return false;
    *ret_head = p[1] < 0x80 ? 2 : 2 + (p[1] & 0x7fu);
    *ret_length = p[1] < 0x80 ? p[1] : 0;
    if (len <= *ret_head)
        return false;
    for (size_t i = 2; i < *ret_head; i++)
        *ret_length = *ret_length << 8 | p[i];
    return true;
}

/* The outer SEQUENCE of X.509 holds a SEQUENCE; PKCS #7 an object identifier, PKCS #12 the number 3. */
static const char *shape_problem(const uint8_t *p, size_t len)
{
    size_t head, length;

    if (!read_header(p, len, &head, &length))
        return "is not a certificate";
    if (length > len - head)
        return "is cut off (the certificate is longer)";
    if (length < len - head)
        return "has something behind the certificate";
    if (p[head] == 0x06)
        return "is PKCS #7, not a certificate";
    return p[head] == 0x02 ? "is PKCS #12, not a certificate" : NULL;
}

static const char *certificate_problem(const uint8_t *p, size_t len)
{
    const char *problem = shape_problem(p, len);
    const unsigned char *end = p;

    if (problem)
        return problem;
    X509 *certificate = d2i_X509(NULL, &end, (long)len);
    if (!certificate)
        return "is not an X.509 certificate";
    X509_free(certificate);
    return NULL;
}

bool iis_blob_decode(struct str text, struct arena *a, struct bytes *ret, const char **ret_problem)
{
    size_t len = 0;

    *ret_problem = text_problem(text);
    *ret = (struct bytes){NULL, 0};
    if (*ret_problem)
        return false;
    uint8_t *out = arena_alloc(a, text.len);
    if (!out)
        return true;
    *ret_problem = decode_base64(text, out, &len);
    if (!*ret_problem)
        *ret_problem = certificate_problem(out, len);
    if (!*ret_problem)
        *ret = (struct bytes){out, len};
    return *ret_problem == NULL;
}

static struct str shown(struct str value)
{
    return value.p && iis_is_hidden(value) ? (struct str){NULL, 0} : value;
}

static int read_rules(const struct xml_element *entry, struct arena *a, struct iis_mapping_rule **ret,
                      struct err *e)
{
    const struct xml_element *list = xml_child(entry, "rules");

    for (const struct xml_element *c = xml_child(list, "add"); c; c = xml_next(c, "add")) {
        struct iis_mapping_rule *rule = arena_alloc(a, sizeof *rule);
        if (!rule)
            return out_of_memory(e);
        *rule =
            (struct iis_mapping_rule){.field = shown(xml_get(c, "certificateField")),
                                      .sub_field = shown(xml_get(c, "certificateSubField")),
                                      .criteria = shown(xml_get(c, "matchCriteria")),
                                      .is_case_sensitive = iis_bool(xml_get(c, "compareCaseSensitive"), true),
                                      .line = c->line};
        *ret = rule;
        ret = &rule->next;
    }
    return 0;
}

static int read_entry(const struct xml_element *element, bool is_one_to_one, struct arena *a,
                      struct iis_mapping *m, struct err *e)
{
    struct str mode = shown(xml_get(element, "permissionMode"));

    *m = (struct iis_mapping){.is_one_to_one = is_one_to_one,
                              .is_enabled = iis_bool(xml_get(element, "enabled"), true),
                              .name = shown(xml_get(element, "name")),
                              .user_name = shown(xml_get(element, "userName")),
                              .line = element->line,
                              .col = element->col};
    if (!is_one_to_one) {
        m->permission_mode =
            str_ieq(mode, STR("Deny")) || str_eq(mode, STR("2")) ? STR("Deny") : STR("Allow");
        return read_rules(element, a, &m->rules, e);
    }
    if (iis_blob_decode(xml_get(element, "certificate"), a, &m->der, &m->blob_problem) && !m->der.p)
        return out_of_memory(e);
    return 0;
}

static int read_collection(const struct xml_element *list, bool is_one_to_one, struct arena *a,
                           struct iis_mappings *all, struct iis_mapping ***end, struct err *e)
{
    int r = 0;

    for (const struct xml_element *c = xml_child(list, NULL); c && r >= 0; c = c->next) {
        all->clears |= xml_is(c, "clear");
        if (xml_is(c, "remove") && !all->refused)
            all->refused = c;
        if (!xml_is(c, "add"))
            continue;
        struct iis_mapping *m = arena_alloc(a, sizeof *m);
        if (!m)
            return out_of_memory(e);
        r = read_entry(c, is_one_to_one, a, m, e);
        **end = m;
        *end = &m->next;
    }
    return r;
}

int iis_mapping_read(const struct xml_element *section, struct arena *a, struct iis_mappings *ret,
                     struct err *e)
{
    struct iis_mappings all = {.first = NULL};
    struct iis_mapping **end = &all.first;
    int r = read_collection(xml_child(section, "oneToOneMappings"), true, a, &all, &end, e);

    if (r >= 0)
        r = read_collection(xml_child(section, "manyToOneMappings"), false, a, &all, &end, e);
    if (r >= 0)
        *ret = all;
    return r;
}
