/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl.h"

#include <string.h>
#include <time.h>

#include <openssl/objects.h>

#include "der_cursor.h"

enum { OID_BYTES = 80, OIDS_BYTES = 16384, PROPERTY_MAX = 0xffff };

#define OID_CTL "1.3.6.1.4.1.311.10.1"
#define OID_PROPERTY "1.3.6.1.4.1.311.10.11."

/* --- one element after the other --- */

static bool is_next(struct bytes in, int tag, bool is_context)
{
    struct der_element e;

    return der_next(&in, &e) && e.tag == tag && e.is_context == is_context;
}

static bool take(struct bytes *in, int tag, struct bytes *ret)
{
    struct der_element e;

    if (!is_next(*in, tag, false) || !der_next(in, &e))
        return false;
    *ret = e.body;
    return true;
}

static bool oid_text(struct bytes whole, char ret[OID_BYTES])
{
    const unsigned char *p = whole.p;
    ASN1_OBJECT *o = d2i_ASN1_OBJECT(NULL, &p, (long)whole.len);
    bool good = o && OBJ_obj2txt(ret, OID_BYTES, o, 1) > 0;

    ASN1_OBJECT_free(o);
    ERR_clear_error();
    return good;
}

static bool take_oid(struct bytes *in, char ret[OID_BYTES])
{
    struct der_element e;

    return is_next(*in, V_ASN1_OBJECT, false) && der_next(in, &e) && oid_text(e.whole, ret);
}

/* --- the message around the list --- */

/* ContentInfo { signedData, [0] { SignedData { version, digests, ContentInfo { ctl, [0] list } … } } }; the
 * list may stand in an octet string, as CMS does it. */
static bool unwrap(struct bytes der, struct bytes *ret)
{
    struct bytes outer, signed_data, content, list, version, digests;
    struct der_element e;
    char oid[OID_BYTES];

    if (!take(&der, V_ASN1_SEQUENCE, &outer) || !take_oid(&outer, oid) ||
        strcmp(oid, "1.2.840.113549.1.7.2") != 0 || !der_next(&outer, &e) || !e.is_context ||
        !take(&e.body, V_ASN1_SEQUENCE, &signed_data))
        return false;
    if (!take(&signed_data, V_ASN1_INTEGER, &version) || !take(&signed_data, V_ASN1_SET, &digests) ||
        !take(&signed_data, V_ASN1_SEQUENCE, &content) || !take_oid(&content, oid) ||
        strcmp(oid, OID_CTL) != 0 || !der_next(&content, &e) || !e.is_context)
        return false;
    list = e.body;
    if (is_next(list, V_ASN1_OCTET_STRING, false) && !take(&list, V_ASN1_OCTET_STRING, &list))
        return false;
    *ret = list;
    return true;
}

static bool is_time(struct bytes in)
{
    return is_next(in, V_ASN1_UTCTIME, false) || is_next(in, V_ASN1_GENERALIZEDTIME, false);
}

/* A bare list: a sequence of OIDs first, and a time before its entries. */
static bool is_bare(struct bytes der)
{
    struct bytes list, usage, skipped;
    char oid[OID_BYTES];

    if (!take(&der, V_ASN1_SEQUENCE, &list))
        return false;
    if (is_next(list, V_ASN1_INTEGER, false) && !take(&list, V_ASN1_INTEGER, &skipped))
        return false;
    if (!take(&list, V_ASN1_SEQUENCE, &usage) || !take_oid(&usage, oid))
        return false;
    if (is_next(list, V_ASN1_OCTET_STRING, false))
        (void)take(&list, V_ASN1_OCTET_STRING, &skipped);
    if (is_next(list, V_ASN1_INTEGER, false))
        (void)take(&list, V_ASN1_INTEGER, &skipped);
    return is_time(list);
}

bool ctl_is_one(struct bytes der)
{
    struct bytes list;

    return unwrap(der, &list) || is_bare(der);
}

/* --- the list --- */

static int64_t take_time(struct bytes *in)
{
    struct der_element e;
    const unsigned char *p;
    ASN1_TIME *t;
    struct tm tm;
    int64_t ms = TIME_NONE;

    if (!is_time(*in) || !der_next(in, &e))
        return TIME_NONE;
    p = e.whole.p;
    t = d2i_ASN1_TIME(NULL, &p, (long)e.whole.len);
    if (t && ASN1_TIME_to_tm(t, &tm) == 1)
        ms = time_from_civil(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
    ASN1_TIME_free(t);
    ERR_clear_error();
    return ms;
}

static struct str take_usage(struct bytes usage, struct arena *a)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT(OIDS_BYTES);
    char oid[OID_BYTES];

    while (take_oid(&usage, oid)) {
        if (out.len > 0)
            buf_add_char(&out, ' ');
        buf_add_c(&out, oid);
    }
    return arena_keep(a, out.p ? buf_str(&out) : STR(""));
}

int ctl_read(struct bytes der, struct arena *a, struct ctl *ret, struct err *e)
{
    struct ctl c = {0};
    struct bytes list = der, body, usage, algorithm, skipped;
    char oid[OID_BYTES];

    if (!unwrap(der, &list) && !is_bare(der))
        return err_set(e, ERR_FORMAT, "not a certificate trust list");
    if (!take(&list, V_ASN1_SEQUENCE, &body))
        return err_set(e, ERR_FORMAT, "certificate trust list: empty");
    if (is_next(body, V_ASN1_INTEGER, false))
        (void)take(&body, V_ASN1_INTEGER, &skipped); /* the version */
    if (!take(&body, V_ASN1_SEQUENCE, &usage))
        return err_set(e, ERR_FORMAT, "certificate trust list: without its usage");
    c.usage = take_usage(usage, a);
    if (is_next(body, V_ASN1_OCTET_STRING, false))
        (void)take(&body, V_ASN1_OCTET_STRING, &c.id);
    if (is_next(body, V_ASN1_INTEGER, false))
        (void)take(&body, V_ASN1_INTEGER, &c.number);
    c.this_update_ms = take_time(&body);
    c.next_update_ms = take_time(&body);
    if (!take(&body, V_ASN1_SEQUENCE, &algorithm) || !take_oid(&algorithm, oid))
        return err_set(e, ERR_FORMAT, "certificate trust list: without its algorithm");
    c.algorithm = arena_keep(a, str_from(oid));
    if (is_next(body, V_ASN1_SEQUENCE, false))
        (void)take(&body, V_ASN1_SEQUENCE, &c.entries);
    if (!c.usage.p || !c.algorithm.p)
        return err_set(e, ERR_NOMEM, "certificate trust list: out of memory");
    *ret = c;
    return 0;
}

bool ctl_next(struct bytes *rest, struct ctl_entry *ret)
{
    struct ctl_entry entry = {0};
    struct bytes before = *rest, body;

    if (!take(rest, V_ASN1_SEQUENCE, &body) || !take(&body, V_ASN1_OCTET_STRING, &entry.id)) {
        *rest = before;
        return false;
    }
    if (is_next(body, V_ASN1_SET, false))
        (void)take(&body, V_ASN1_SET, &entry.attributes);
    *ret = entry;
    return true;
}

static uint32_t property_of(const char *oid)
{
    const struct str prefix = STR(OID_PROPERTY);
    uint64_t n = 0;

    if (!str_starts(str_from(oid), prefix) ||
        !str_to_u64(str_skip(str_from(oid), prefix.len), PROPERTY_MAX, &n))
        return 0;
    return (uint32_t)n;
}

bool ctl_attribute_next(struct bytes *rest, struct ctl_attribute *ret)
{
    struct bytes before = *rest, body, values, value = {0};
    char oid[OID_BYTES];

    if (!take(rest, V_ASN1_SEQUENCE, &body) || !take_oid(&body, oid) || !take(&body, V_ASN1_SET, &values)) {
        *rest = before;
        return false;
    }
    (void)take(&values, V_ASN1_OCTET_STRING, &value);
    *ret = (struct ctl_attribute){.property = property_of(oid), .value = value};
    return true;
}
