/* SPDX-License-Identifier: Apache-2.0 */
#include "sd.h"

enum {
    SD_BYTES = 20,
    DACL_PRESENT = 0x0004,
    DACL_AUTO_INHERIT_REQ = 0x0100,
    DACL_AUTO_INHERITED = 0x0400,
    DACL_PROTECTED = 0x1000,
    SID_PARTS_MAX = 15
};

static uint32_t le32(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static unsigned le16(const uint8_t *p)
{
    return p[0] | (unsigned)p[1] << 8;
}

static int add_sid(struct bytes s, struct buf *ret, struct err *e)
{
    uint64_t authority = 0;
    size_t n;

    if (s.len < 8 || s.p[0] != 1 || s.p[1] > SID_PARTS_MAX || s.len < 8 + 4u * s.p[1])
        return err_set(e, ERR_FORMAT, "security descriptor: not a SID");
    n = s.p[1];
    for (size_t i = 2; i < 8; i++)
        authority = authority << 8 | s.p[i];
    buf_printf(ret, "S-1-%llu", (unsigned long long)authority);
    for (size_t i = 0; i < n; i++)
        buf_printf(ret, "-%u", le32(s.p + 8 + 4 * i));
    return 0;
}

static int add_owner(struct bytes sd, const char *tag, uint32_t offset, struct buf *ret, struct err *e)
{
    if (offset == 0)
        return 0;
    if (offset >= sd.len)
        return err_set(e, ERR_FORMAT, "security descriptor: %s at byte %u of %zu", tag, offset, sd.len);
    buf_add_c(ret, tag);
    return add_sid((struct bytes){sd.p + offset, sd.len - offset}, ret, e);
}

static void add_rights(struct buf *ret, uint32_t mask)
{
    static const struct {
        uint32_t mask;
        const char *name;
    } NAMED[] = {{0x1f01ff, "FA"}, {0x120089, "FR"}, {0x120116, "FW"}, {0x1200a0, "FX"}};

    for (size_t i = 0; i < ARRAY_LEN(NAMED); i++) {
        if (NAMED[i].mask == mask) {
            buf_add_c(ret, NAMED[i].name);
            return;
        }
    }
    buf_printf(ret, "0x%x", mask);
}

static void add_ace_flags(struct buf *ret, unsigned flags)
{
    static const struct {
        unsigned bit;
        const char *name;
    } FLAGS[] = {{0x02, "CI"}, {0x01, "OI"}, {0x04, "NP"}, {0x08, "IO"}, {0x10, "ID"}};

    for (size_t i = 0; i < ARRAY_LEN(FLAGS); i++)
        buf_add_c(ret, (flags & FLAGS[i].bit) != 0 ? FLAGS[i].name : "");
}

/* Allow and deny decide; an ACE of another kind (callback, object) is written with the type that a reader can
 * tell. */
static int add_ace(struct bytes ace, struct buf *ret, struct err *e)
{
    unsigned type = ace.p[0];
    int r;

    if (type > 1)
        return err_set(e, ERR_UNSUPPORTED, "security descriptor: an entry of type %u", type);
    if (ace.len < 16)
        return err_set(e, ERR_FORMAT, "security descriptor: an entry of %zu bytes", ace.len);
    buf_add_c(ret, type == 0 ? "(A;" : "(D;");
    add_ace_flags(ret, ace.p[1]);
    buf_add_char(ret, ';');
    add_rights(ret, le32(ace.p + 4));
    buf_add_c(ret, ";;;");
    r = add_sid((struct bytes){ace.p + 8, ace.len - 8}, ret, e);
    buf_add_char(ret, ')');
    return r;
}

static int add_dacl(struct bytes sd, uint32_t offset, struct buf *ret, struct err *e)
{
    struct bytes acl, rest;
    unsigned count;
    int r = 0;

    if (offset > sd.len || sd.len - offset < 8)
        return err_set(e, ERR_FORMAT, "security descriptor: DACL at byte %u of %zu", offset, sd.len);
    acl = (struct bytes){sd.p + offset, sd.len - offset};
    if (le16(acl.p + 2) < 8 || le16(acl.p + 2) > acl.len)
        return err_set(e, ERR_FORMAT, "security descriptor: a DACL of %u bytes", le16(acl.p + 2));
    count = le16(acl.p + 4);
    rest = (struct bytes){acl.p + 8, le16(acl.p + 2) - 8u};
    for (unsigned i = 0; r == 0 && i < count; i++) {
        if (rest.len < 4 || le16(rest.p + 2) < 4 || le16(rest.p + 2) > rest.len)
            return err_set(e, ERR_FORMAT, "security descriptor: entry %u is cut off", i);
        size_t len = le16(rest.p + 2);

        r = add_ace((struct bytes){rest.p, len}, ret, e);
        rest = (struct bytes){rest.p + len, rest.len - len};
    }
    return r;
}

int sd_to_sddl(struct bytes sd, struct buf *ret, struct err *e)
{
    unsigned control;
    int r;

    if (sd.len < SD_BYTES || sd.p[0] != 1)
        return err_set(e, ERR_FORMAT, "security descriptor: %zu bytes are none", sd.len);
    control = le16(sd.p + 2);
    r = add_owner(sd, "O:", le32(sd.p + 4), ret, e);
    r = r != 0 ? r : add_owner(sd, "G:", le32(sd.p + 8), ret, e);
    if (r != 0 || (control & DACL_PRESENT) == 0)
        return r != 0 ? r : buf_check(ret, "SDDL", e);
    buf_add_c(ret, "D:");
    buf_add_c(ret, (control & DACL_PROTECTED) != 0 ? "P" : "");
    buf_add_c(ret, (control & DACL_AUTO_INHERIT_REQ) != 0 ? "AR" : "");
    buf_add_c(ret, (control & DACL_AUTO_INHERITED) != 0 ? "AI" : "");
    if (le32(sd.p + 16) == 0)
        buf_add_c(ret, "NO_ACCESS_CONTROL"); /* no list: everybody may do everything */
    else
        r = add_dacl(sd, le32(sd.p + 16), ret, e);
    return r != 0 ? r : buf_check(ret, "SDDL", e);
}
