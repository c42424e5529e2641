/* SPDX-License-Identifier: Apache-2.0 */
#include "inflater.h"

#ifdef CERTTRIAGE_ISAL
#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>

enum { PACKED_BYTES = 65536 };

struct inflater {
    struct inflate_state state;
    zip_file_t *raw;
    uint32_t crc;
    bool has_all; /* of the packed bytes */
    uint8_t packed[PACKED_BYTES];
};

struct inflater *inflater_new(struct arena *a)
{
    return arena_alloc(a, sizeof(struct inflater));
}

void inflater_begin(struct inflater *in, zip_file_t *raw)
{
    isal_inflate_init(&in->state);
    in->state.crc_flag = ISAL_DEFLATE;
    in->state.avail_in = 0;
    in->raw = raw;
    in->crc = 0;
    in->has_all = false;
}

static int refill(struct inflater *in, struct err *e)
{
    if (in->state.avail_in || in->has_all)
        return 0;
    zip_int64_t n = zip_fread(in->raw, in->packed, sizeof in->packed);
    if (n < 0)
        return err_set(e, ERR_IO, "%s", zip_error_strerror(zip_file_get_error(in->raw)));
    in->has_all = n == 0;
    in->state.next_in = in->packed;
    in->state.avail_in = (uint32_t)n;
    return 0;
}

int inflater_next(struct inflater *in, uint8_t *to, size_t room, size_t *ret, struct err *e)
{
    in->state.next_out = to;
    in->state.avail_out = (uint32_t)room;
    while (in->state.avail_out == room && in->state.block_state != ISAL_BLOCK_FINISH) {
        int r = refill(in, e);
        if (r)
            return r;
        uint32_t before = in->state.avail_in;
        if (isal_inflate(&in->state) != ISAL_DECOMP_OK)
            return err_set(e, ERR_FORMAT, "its deflated data are broken");
        bool has_moved = in->state.avail_in != before || in->state.avail_out != room;
        if (!has_moved && in->has_all && in->state.block_state != ISAL_BLOCK_FINISH)
            return err_set(e, ERR_FORMAT, "its deflated data end too early");
        if (!has_moved && in->state.avail_in && in->state.block_state != ISAL_BLOCK_FINISH)
            return err_set(e, ERR_FORMAT, "its deflated data are broken");
    }
    *ret = room - in->state.avail_out;
    in->crc = crc32_gzip_refl(in->crc, to, *ret);
    return 0;
}

uint32_t inflater_crc(const struct inflater *in)
{
    return in->crc;
}

#else

struct inflater *inflater_new(struct arena *a)
{
    (void)a;
    return NULL;
}

void inflater_begin(struct inflater *in, zip_file_t *raw)
{
    (void)in, (void)raw;
}

int inflater_next(struct inflater *in, uint8_t *to, size_t room, size_t *ret, struct err *e)
{
    (void)in, (void)to, (void)room, (void)ret;
    return err_set(e, ERR_UNSUPPORTED, "built without ISA-L");
}

uint32_t inflater_crc(const struct inflater *in)
{
    (void)in;
    return 0;
}

#endif
