/* SPDX-License-Identifier: Apache-2.0
 *
 * What a bundle says of itself: its manifest against its entries. The rows are extract_bundle_rows.c's. */
#include "extract_bundle.h"

#include <stdlib.h>
#include <string.h>

#include "limits.h"

enum { PROBLEMS = 1000 };

static int compare_entries(const void *a, const void *b)
{
    const struct entry *x = *(struct entry *const *)a, *y = *(struct entry *const *)b;

    return str_icmp(x->name, y->name);
}

static int sort_entries(struct bundle_reading *b, struct err *e)
{
    size_t n = b->view->n_entries;

    b->by_name = arena_array(b->x->arena, n, sizeof(struct entry *));
    if (!b->by_name)
        return err_set(e, ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < n; i++)
        b->by_name[i] = &b->view->entries[i];
    qsort(b->by_name, n, sizeof(struct entry *), compare_entries);
    return 0;
}

struct entry *bundle_find(const struct bundle_reading *b, struct str name)
{
    struct entry key = {.name = name};
    struct entry *const key_at = &key;
    struct entry **found =
        bsearch(&key_at, b->by_name, b->view->n_entries, sizeof(struct entry *), compare_entries);

    return found ? *found : NULL;
}

void bundle_problem_add(struct bundle_reading *b, struct str entry, const char *text)
{
    if (b->n_problems == b->room_problems)
        return; /* the last one says that there are more */
    if (b->n_problems + 1 == b->room_problems) {
        entry = (struct str){NULL, 0};
        text = "more problems than can be told";
    }
    b->problems[b->n_problems++] = (struct bundle_problem){entry, arena_keep(b->x->arena, str_from(text))};
}

/* Items are in the order of collection; an entry that several share (certs/stores.json) gets the first. */
static void give_items(struct bundle_reading *b)
{
    for (size_t i = 0; i < b->n_items; i++) {
        struct entry *entry = b->items[i]->entry.len ? bundle_find(b, b->items[i]->entry) : NULL;
        if (entry && !entry->item)
            entry->item = b->items[i];
    }
}

/* Parts of other items, and the bundle's own. */
static bool belongs_to_no_item(struct str name)
{
    return str_eq(name, STR("manifest.json")) || str_eq(name, STR("start.json")) ||
           str_starts(name, STR("items/")) || str_starts(name, STR("certs/")) ||
           str_starts(name, STR("tls/"));
}

static void tell_strays(struct bundle_reading *b)
{
    for (size_t i = 0; b->n_items && i < b->view->n_entries; i++) {
        const struct entry *entry = &b->view->entries[i];
        if (!entry->item && !belongs_to_no_item(entry->name))
            bundle_problem_add(b, entry->name, "the collector did not name it; used by its name");
    }
}

static int64_t newest_entry(const struct bundle_view *view)
{
    int64_t newest = TIME_NONE;

    for (size_t i = 0; i < view->n_entries; i++)
        if (view->entries[i].time_ms > newest)
            newest = view->entries[i].time_ms;
    return newest;
}

static void set_state(struct bundle_reading *b)
{
    const struct manifest *m = b->view->manifest;

    b->x->collected_ms = m ? m->machine.collected_ms : newest_entry(b->view);
    if (m)
        b->x->machine_guid = m->machine.guid;
    if (!m || m->machine.collected_ms == TIME_NONE) {
        b->x->collected_ms = newest_entry(b->view);
        bundle_problem_add(b, (struct str){NULL, 0},
                           "the time of collection is not known; that of the newest entry stands for it");
    }
}

int extract_bundle(struct extract_state *x, struct bundle_view *view, struct err *e)
{
    struct bundle_reading b = {.x = x, .view = view, .room_problems = PROBLEMS};
    int r;

    b.problems = arena_array(x->arena, PROBLEMS, sizeof *b.problems);
    if (!b.problems)
        return err_set(e, ERR_NOMEM, "out of memory");
    if ((r = sort_entries(&b, e)) || (r = bundle_read_items(&b, e)))
        return r;
    give_items(&b);
    tell_strays(&b);
    if ((r = bundle_check_entries(&b, e)))
        return r;
    set_state(&b);
    bundle_write_rows(&b);
    return sink_check(x->sink, e);
}
