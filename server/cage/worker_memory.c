/* SPDX-License-Identifier: Apache-2.0 */
#include "worker_memory.h"

#include <jansson.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Blocks: by steps of 16 bytes up to 1 KiB, then by four steps to each power of two up to 1 MiB. */
enum {
    STEP = 16,
    SMALL = 1024,
    SMALL_BITS = 10,
    LARGE_BITS = 20,
    SMALL_SIZES = SMALL / STEP,
    SIZES = SMALL_SIZES + 4 * (LARGE_BITS - SMALL_BITS),
    SUPPLY = 1 << 20
};

/* Stands before each piece. */
struct head {
    uint32_t size;  /* which list; SIZES: a piece of malloc's */
    uint32_t large; /* of malloc's: its bytes in steps */
};

/* A piece that nobody has. */
struct spare {
    struct spare *next;
};

static struct spare *spares[SIZES];
static char *supply, *supply_end; /* both such that a piece behind a head is aligned */
static size_t supplies;

static uint32_t size_of(size_t bytes)
{
    unsigned top, quarter;

    if (bytes <= SMALL)
        return (uint32_t)((bytes - 1) / STEP);
    top = 63 - (unsigned)__builtin_clzll(bytes - 1);
    quarter = (unsigned)((bytes - 1) >> (top - 2)) & 3;
    return SMALL_SIZES + 4 * (top - SMALL_BITS) + quarter;
}

static size_t bytes_of(uint32_t size)
{
    if (size < SMALL_SIZES)
        return (size_t)(size + 1) * STEP;
    size -= SMALL_SIZES;
    return (size_t)(5 + size % 4) << (SMALL_BITS - 2 + size / 4);
}

static void *head_to_piece(void *at, uint32_t size, uint32_t large)
{
    struct head *h = at;

    *h = (struct head){size, large};
    return h + 1;
}

static const struct head *head_of(const void *piece)
{
    return (const struct head *)piece - 1;
}

static void *take_large(size_t bytes)
{
    size_t steps = (bytes + STEP) / STEP + 1;
    char *p = steps > UINT32_MAX ? NULL : malloc(steps * STEP);

    return p ? head_to_piece(p + STEP - sizeof(struct head), SIZES, (uint32_t)steps) : NULL;
}

/* What is left of the old supply is lost: less than a block. */
static void *take_new(uint32_t size)
{
    size_t bytes = bytes_of(size);
    char *at;

    if ((size_t)(supply_end - supply) < bytes) {
        char *more = malloc(SUPPLY + STEP);
        if (!more)
            return NULL;
        supply = more + STEP - sizeof(struct head);
        supply_end = supply + SUPPLY;
        supplies++;
    }
    at = supply;
    supply += bytes;
    return head_to_piece(at, size, 0);
}

void *worker_memory_take(size_t size)
{
    size_t bytes = size + sizeof(struct head);
    struct spare *one;
    uint32_t of;

    if (size == 0 || bytes < size)
        return NULL;
    if (bytes > SUPPLY)
        return take_large(bytes);
    of = size_of(bytes);
    one = spares[of];
    if (!one)
        return take_new(of);
    spares[of] = one->next;
    return one;
}

void worker_memory_give(void *piece)
{
    struct spare *one = piece;

    if (!piece)
        return;
    if (head_of(piece)->size == SIZES) {
        free((char *)piece - STEP);
        return;
    }
    one->next = spares[head_of(piece)->size];
    spares[head_of(piece)->size] = one;
}

size_t worker_memory_room(const void *piece)
{
    const struct head *h = head_of(piece);

    return h->size == SIZES ? (size_t)(h->large - 1) * STEP : bytes_of(h->size) - sizeof *h;
}

size_t worker_memory_kept(void)
{
    return supplies * SUPPLY;
}

static void *take_int(int size)
{
    return size > 0 ? worker_memory_take((size_t)size) : NULL;
}

static void *retake(void *piece, int size)
{
    void *other;

    if ((size_t)size <= worker_memory_room(piece))
        return piece;
    other = take_int(size);
    if (!other)
        return NULL;
    memcpy(other, piece, worker_memory_room(piece));
    worker_memory_give(piece);
    return other;
}

static int room_int(void *piece)
{
    return piece ? (int)worker_memory_room(piece) : 0;
}

static int round_up(int size)
{
    return (size + 7) & ~7;
}

static int nothing_to_begin(void *ctx)
{
    (void)ctx;
    return SQLITE_OK;
}

static void nothing_to_end(void *ctx)
{
    (void)ctx;
}

/* https://www.sqlite.org/c3ref/mem_methods.html */
int worker_memory_begin(struct err *e)
{
    static const sqlite3_mem_methods methods = {take_int, worker_memory_give, retake,         room_int,
                                                round_up, nothing_to_begin,   nothing_to_end, NULL};
#ifdef CERTTRIAGE_SANITIZED
    (void)methods;
    (void)e;
#else
    if (sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) != SQLITE_OK)
        return err_set(e, ERR_NOMEM, "SQLite cannot be given memory");
    json_set_alloc_funcs(worker_memory_take, worker_memory_give);
#endif
    return 0;
}
