/* SPDX-License-Identifier: Apache-2.0 */
#include "worker_talk.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include <sqlite3.h>

#include "cage_confine.h"
#include "facts_image.h"
#include "limits.h"
#include "worker_memory.h"

/* Ordinary cases leave a few MiB. What a huge one took must not be missing to the one after it, under the
 * cage's limit for all of it. */
enum { MOST_KEPT = 128 << 20 };

static int map_memory(unsigned char **ret, struct err *e)
{
    void *p = mmap(NULL, FACTS_IMAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, CAGE_MEMORY_FD, 0);

    if (p == MAP_FAILED)
        return err_errno(e, "worker: memory");
    *ret = p;
    (void)close(CAGE_MEMORY_FD);
    return 0;
}

/* SQLite asks the system for chance once, and keeps no statistics of its memory, whose lock costs more than
 * they tell: the cage's limit holds for all of it. */
static int warm_up(struct err *e)
{
    unsigned char chance[8];
    int r = worker_memory_begin(e);

    if (r < 0)
        return r;
    if (sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) || sqlite3_initialize())
        return err_set(e, ERR_NOMEM, "SQLite cannot be started");
    sqlite3_randomness(sizeof chance, chance);
    return 0;
}

int worker_talk_begin(unsigned char **ret_memory, struct err *e)
{
    static const struct cage_bounds bounds = {.memory_bytes = LIMIT_JUDGE_MEMORY_BYTES,
                                              .seconds = LIMIT_JOB_SECONDS};
    int r = map_memory(ret_memory, e);

    if (r == 0)
        r = warm_up(e);
    return r < 0 ? r : cage_confine(&bounds, e);
}

bool worker_talk_order(struct cage_order *ret)
{
    size_t have = 0;
    ssize_t n = 1;

    while (have < sizeof *ret && n > 0)
        if ((n = read(CAGE_INPUT_FD, (char *)ret + have, sizeof *ret - have)) > 0)
            have += (size_t)n;
        else if (n < 0 && errno == EINTR)
            n = 1;
    return have == sizeof *ret;
}

static bool write_all(const void *from, size_t len)
{
    const char *p = from;

    while (len > 0) {
        ssize_t n = write(CAGE_ROWS_FD, p, len);
        if (n < 0 && errno != EINTR)
            return false;
        p += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

bool worker_talk_answer(int code, struct str text)
{
    const struct cage_answer head = {(uint32_t)code, (uint32_t)text.len, worker_memory_kept() > MOST_KEPT};

    return write_all(&head, sizeof head) && write_all(text.p, text.len);
}
