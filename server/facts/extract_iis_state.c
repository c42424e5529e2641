/* SPDX-License-Identifier: Apache-2.0 */
#include "extract_iis.h"

#include <stdlib.h>

#include "iis_sid.h"

static int out_of_memory(struct err *e)
{
    return err_set(e, ERR_NOMEM, "out of memory");
}

static int keep_sites(struct iis_job *j, struct err *e)
{
    struct extract_state *x = j->x;

    x->sites = arena_array(x->arena, j->topology.n_sites + 1, sizeof *x->sites);
    if (!x->sites)
        return out_of_memory(e);
    for (const struct iis_site *s = j->topology.sites; s; s = s->next) {
        struct extract_site *site = &x->sites[x->n_sites++];
        site->name = arena_keep(x->arena, s->name);
        site->id = s->id;
        if (!site->name.p)
            return out_of_memory(e);
    }
    return 0;
}

static int keep_identities(struct iis_job *j, struct err *e)
{
    struct extract_state *x = j->x;

    x->identities = arena_array(x->arena, j->topology.n_pools + 1, sizeof *x->identities);
    if (!x->identities)
        return out_of_memory(e);
    for (const struct iis_pool *p = j->topology.pools; p; p = p->next) {
        if (!p->account.len)
            continue;
        struct extract_identity *identity = &x->identities[x->n_identities++];
        identity->account = arena_keep(x->arena, p->account);
        identity->sid = arena_keep(x->arena, p->sid);
        identity->pool_sid = iis_sid_of_pool(p->name, x->arena);
        if (!identity->account.p || !identity->sid.p || !identity->pool_sid.p)
            return out_of_memory(e);
    }
    return 0;
}

static int compare_paths(const void *left, const void *right)
{
    const struct extract_path *a = left, *b = right;

    return str_icmp(a->path, b->path);
}

static int keep_paths(struct iis_job *j, struct err *e)
{
    struct extract_state *x = j->x;
    size_t n = 0;

    for (const struct iis_node *node = j->tree.root->next; node; node = node->next)
        n += node->is_listed;
    x->paths = arena_array(x->arena, n + 1, sizeof *x->paths);
    if (!x->paths)
        return out_of_memory(e);
    for (const struct iis_node *node = j->tree.root->next; node; node = node->next) {
        if (!node->is_listed)
            continue;
        struct extract_path *path = &x->paths[x->n_paths++];
        path->path = arena_keep(x->arena, node->path);
        if (!path->path.p)
            return out_of_memory(e);
        path->site = (struct str){path->path.p, iis_node_site(node)->path.len};
    }
    if (x->n_paths)
        qsort(x->paths, x->n_paths, sizeof *x->paths, compare_paths);
    return 0;
}

int iis_job_keep_state(struct iis_job *j, struct err *e)
{
    int r = keep_sites(j, e);

    if (r == 0)
        r = keep_identities(j, e);
    return r == 0 ? keep_paths(j, e) : r;
}
