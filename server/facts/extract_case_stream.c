/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing the stream of a case job; extract_case.c reads it. */
#include "extract_case.h"

static void put_head(struct buf *out, char kind, size_t len)
{
    buf_add_char(out, kind);
    buf_add_u32le(out, (uint32_t)len);
}

static void put_i64(struct buf *out, int64_t value)
{
    uint64_t v = (uint64_t)value;

    buf_add_u32le(out, (uint32_t)v);
    buf_add_u32le(out, (uint32_t)(v >> 32));
}

static void put_text(struct buf *out, struct str s)
{
    size_t len = s.len < CASE_NO_TEXT ? s.len : CASE_NO_TEXT - 1;
    size_t shown = s.p ? len : (size_t)CASE_NO_TEXT;

    buf_add_char(out, (char)(shown & 255));
    buf_add_char(out, (char)(shown >> 8));
    if (s.p)
        buf_add(out, s.p, len);
}

static size_t text_room(struct str s)
{
    return 2 + (s.p ? (s.len < CASE_NO_TEXT ? s.len : (size_t)CASE_NO_TEXT - 1) : 0);
}

void extract_case_put_machine(struct buf *out, unsigned roles, int64_t collected_ms, struct str label)
{
    put_head(out, 'M', 9 + label.len);
    buf_add_char(out, (char)roles);
    put_i64(out, collected_ms);
    buf_add_str(out, label);
}

void extract_case_put_certificate(struct buf *out, struct bytes der)
{
    put_head(out, 'C', der.len);
    buf_add(out, der.p, der.len);
}

void extract_case_put_place(struct buf *out, const struct case_place *p)
{
    size_t len = 24;

    for (int i = 0; i < CASE_PLACE_TEXTS; i++)
        len += text_room(p->texts[i]);
    put_head(out, 'S', len);
    buf_add_u32le(out, p->machine);
    buf_add_u32le(out, p->certificate);
    put_i64(out, p->disallowed_after_ms);
    put_i64(out, p->not_before_ms);
    for (int i = 0; i < CASE_PLACE_TEXTS; i++)
        put_text(out, p->texts[i]);
}

void extract_case_put_policy(struct buf *out, uint32_t machine, struct str name, int64_t value)
{
    put_head(out, 'P', 12 + text_room(name));
    buf_add_u32le(out, machine);
    put_i64(out, value);
    put_text(out, name);
}

void extract_case_put_disallowed(struct buf *out, uint32_t machine, struct bytes hash)
{
    put_head(out, 'D', 4 + hash.len);
    buf_add_u32le(out, machine);
    buf_add(out, hash.p, hash.len);
}

void extract_case_put_issuers(struct buf *out, uint32_t machine, struct str store)
{
    put_head(out, 'I', 4 + text_room(store));
    buf_add_u32le(out, machine);
    put_text(out, store);
}

void extract_case_put_time(struct buf *out, uint32_t machine, int64_t at_ms)
{
    put_head(out, 'A', 12);
    buf_add_u32le(out, machine);
    put_i64(out, at_ms);
}

void extract_case_put_leaf(struct buf *out, uint32_t machine, uint32_t certificate, bool only_here,
                           struct str user)
{
    put_head(out, 'L', 9 + text_room(user));
    buf_add_u32le(out, machine);
    buf_add_u32le(out, certificate);
    buf_add_char(out, only_here ? 1 : 0);
    put_text(out, user);
}
