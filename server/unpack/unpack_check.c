/* SPDX-License-Identifier: Apache-2.0 */
#include "unpack_check.h"

#include <stdlib.h>

#include "limits.h"
#include "names.h"

/* What one head says by itself. */
static const char *check_head(const struct zip_head *h)
{
    if (!entry_name_is_legal(h->name))
        return "not a legal name";
    if (h->flags & ZIP_FLAG_ENCRYPTED)
        return "encrypted";
    if (h->method != 0 && h->method != 8)
        return "neither stored nor deflated";
    if (h->end == 0)
        return "its data are not in the file";
    if (h->size > (uint64_t)LIMIT_ENTRY_BYTES)
        return "declares more bytes than an entry may have";
    if (h->size > 1024 && h->size / (uint64_t)LIMIT_RATIO > h->packed)
        return "declares more bytes than its data can hold";
    return NULL;
}

static int compare_names(const void *a, const void *b)
{
    const struct zip_head *x = *(const struct zip_head *const *)a, *y = *(const struct zip_head *const *)b;

    return str_icmp(x->name, y->name);
}

static int compare_places(const void *a, const void *b)
{
    const struct zip_head *x = *(const struct zip_head *const *)a, *y = *(const struct zip_head *const *)b;

    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static void mark(const struct zip_heads *heads, const struct zip_head *h, const char **why, const char *text)
{
    if (!why[h - heads->heads])
        why[h - heads->heads] = text;
}

/* Of two with one name neither can be trusted to be the evidence. */
static void mark_same_names(const struct zip_heads *heads, const struct zip_head **sorted, const char **why)
{
    static const char TEXT[] = "its name is there more than once";

    qsort(sorted, heads->n_heads, sizeof *sorted, compare_names);
    for (size_t i = 1; i < heads->n_heads; i++)
        if (str_ieq(sorted[i - 1]->name, sorted[i]->name)) {
            mark(heads, sorted[i - 1], why, TEXT);
            mark(heads, sorted[i], why, TEXT);
        }
}

/* Data that two entries share are how a small file becomes a very large one. */
static void mark_overlaps(const struct zip_heads *heads, const struct zip_head **sorted, const char **why)
{
    static const char TEXT[] = "overlaps another entry";
    const struct zip_head *farthest = NULL;

    qsort(sorted, heads->n_heads, sizeof *sorted, compare_places);
    for (size_t i = 0; i < heads->n_heads; i++) {
        if (farthest && sorted[i]->offset < farthest->end) {
            mark(heads, farthest, why, TEXT);
            mark(heads, sorted[i], why, TEXT);
        }
        if (!farthest || sorted[i]->end > farthest->end)
            farthest = sorted[i];
    }
}

int unpack_check(const struct zip_heads *heads, struct arena *a, const char **why, struct err *e)
{
    const struct zip_head **sorted = arena_array(a, heads->n_heads, sizeof *sorted);

    if (!sorted)
        return err_set(e, ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < heads->n_heads; i++) {
        why[i] = check_head(&heads->heads[i]);
        sorted[i] = &heads->heads[i];
    }
    mark_same_names(heads, sorted, why);
    mark_overlaps(heads, sorted, why);
    return 0;
}
