/* SPDX-License-Identifier: Apache-2.0 */
#include "frame.h"

/* A cursor with a sticky failure: what is not there reads as zero. */
struct cursor {
    const uint8_t *p;
    size_t left;
    bool failed;
};

static struct bytes take(struct cursor *c, size_t n)
{
    if (c->failed || n > c->left) {
        c->failed = true;
        return (struct bytes){NULL, 0};
    }
    struct bytes b = {c->p, n};
    c->p += n;
    c->left -= n;
    return b;
}

static uint64_t take_number(struct cursor *c, size_t n)
{
    struct bytes b = take(c, n);
    uint64_t value = 0;

    for (size_t i = b.len; i > 0; i--)
        value = value << 8 | b.p[i - 1];
    return value;
}

static struct str take_name(struct cursor *c)
{
    struct bytes b = take(c, (size_t)take_number(c, 1));

    if (b.len == 0 || b.len > FRAME_NAME_BYTES)
        c->failed = true;
    return (struct str){(const char *)b.p, b.len};
}

uint32_t frame_length(const uint8_t head[FRAME_HEAD_BYTES])
{
    struct cursor c = {head, FRAME_HEAD_BYTES, false};

    return (uint32_t)take_number(&c, FRAME_HEAD_BYTES);
}

static void take_value(struct cursor *c, struct frame_value *v)
{
    v->column = take_name(c);
    v->type = (enum frame_type)take_number(c, 1);
    switch (v->type) {
    case FRAME_NULL:
        break;
    case FRAME_INT:
        v->number = (int64_t)take_number(c, 8);
        break;
    case FRAME_TEXT:
    case FRAME_BLOB:
        v->data = take(c, (size_t)take_number(c, 4));
        break;
    default:
        c->failed = true;
    }
}

int frame_read(struct bytes body, struct frame_row *ret, struct err *e)
{
    struct cursor c = {body.p, body.len, false};

    ret->table = take_name(&c);
    ret->n_values = (size_t)take_number(&c, 2);
    if (ret->n_values > FRAME_COLUMNS)
        return err_set(e, ERR_FORMAT, "a row of %zu columns", ret->n_values);
    for (size_t i = 0; i < ret->n_values && !c.failed; i++) {
        ret->values[i] = (struct frame_value){.number = 0};
        take_value(&c, &ret->values[i]);
    }
    if (c.failed || c.left)
        return err_set(e, ERR_FORMAT, "%zu bytes that are not a row", body.len);
    return 0;
}
