/* SPDX-License-Identifier: Apache-2.0
 *
 * The case job: every client certificate against every server's stores. */
#include "extract_case_job.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int no_memory(struct err *e)
{
    return err_set(e, ERR_NOMEM, "case: out of memory");
}

/* --- chains --- */

static struct x509_member *member_like(struct x509_member *members, size_t n, const struct x509 *c)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(members[i].certificate->thumbprint, c->thumbprint) == 0)
            return &members[i];
    return NULL;
}

/* What the client sends with its certificate: the intermediates of its own best chain, and never the root. */
static int client_chain(struct case_job *j, const struct case_leaf *leaf, struct x509_chain *ret,
                        struct err *e)
{
    struct case_machine *client = &j->machines[leaf->machine];
    const struct certificate_view view = {.user = leaf->user};
    struct x509_member *alone = arena_alloc(j->scratch, sizeof(*alone));
    struct x509_pool own;
    int r = alone ? certificates_pool(&client->k, &view, j->scratch, &own, e) : no_memory(e);

    if (r)
        return r;
    alone->certificate = leaf->certificate;
    return x509_chain_build(&own, alone, client->x.collected_ms, true, j->scratch, ret, e);
}

static int add_sent(struct case_job *j, const struct x509_chain *sent, const struct x509_pool *server,
                    struct x509_pool *ret, struct err *e)
{
    struct x509_member *members =
        arena_array(j->scratch, server->n_members + X509_CHAIN_LINKS, sizeof(*members));
    size_t n = server->n_members;

    if (!members)
        return no_memory(e);
    if (n > 0)
        memcpy(members, server->members, n * sizeof(*members));
    for (size_t i = 1; sent->n_paths > 0 && i < sent->paths[0].n_links; i++) {
        const struct x509 *c = sent->paths[0].links[i]->certificate;
        struct x509_member *known = member_like(members, server->n_members, c);
        if (c->self_issued)
            continue;
        if (!known)
            members[n++] =
                (struct x509_member){.certificate = c, .places = X509_IS_SENT, .store = STR("sent")};
        else if (!(known->places & X509_ISSUER_PLACES)) { /* in NTAuth, say, where nobody looks for issuers */
            known->places |= X509_IS_SENT;
            known->store = STR("sent");
        }
    }
    *ret = *server;
    ret->members = members;
    ret->n_members = n;
    return 0;
}

static const struct x509_member *find_member(const struct x509_pool *pool, const struct x509 *c)
{
    for (size_t i = 0; i < pool->n_members; i++)
        if (pool->members[i].certificate == c)
            return &pool->members[i];
    return NULL;
}

/* In the exclusive modes ClientAuthIssuer is the store of a connection that has none of its own. */
static void resolve_issuers(struct case_machine *server, struct case_view *v)
{
    const struct str usual = STR("ClientAuthIssuer");

    for (size_t i = 0; i < server->k.n_places; i++) {
        const struct certificate_place *p = &server->k.places[i];
        if (!str_eq(p->location, STR("LocalMachine")))
            continue;
        if (!v->issuers.p && server->trust_mode != X509_MACHINE_TRUST && str_ieq(p->store, usual))
            v->issuers = usual;
        v->has_issuers |= v->issuers.p && str_ieq(p->store, v->issuers);
    }
}

static int open_view(struct case_machine *server, struct case_view *v, struct err *e)
{
    struct certificate_view view = {.to_server = true};
    int r;

    if (v->has_pool)
        return 0;
    resolve_issuers(server, v);
    view.issuers = v->issuers;
    r = certificates_pool(&server->k, &view, server->x.arena, &v->pool, e);
    v->pool.takes_issuers = server->trust_mode != X509_MACHINE_TRUST;
    v->has_pool = r == 0;
    return r;
}

struct pair {
    const struct case_leaf *leaf;
    struct case_machine *server;
    struct str client; /* label */
};

static void put_pair(struct sink *s, const struct pair *p)
{
    sink_text(s, "machine", p->server->label);
    sink_text(s, "leaf_machine", p->client);
    sink_c(s, "leaf", p->leaf->certificate->thumbprint);
}

static void emit_trust(struct case_job *j, const struct pair *p, const struct case_view *v,
                       const struct x509_chain *chain)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(1024);
    struct x509_verdict verdict = x509_chain_accept(chain, p->server->trust_mode, v->has_issuers);
    bool is_known = !v->issuers.p || v->has_issuers;

    x509_trust_text(verdict.status, &text);
    sink_begin(j->sink, "chain_trust");
    put_pair(j->sink, p);
    sink_text(j->sink, "issuers", v->issuers);
    sink_int(j->sink, "issuers_known", is_known);
    sink_int(j->sink, "trust_mode", p->server->trust_mode);
    if (is_known || verdict.status != 0) {
        sink_int(j->sink, "accepted", verdict.status == 0);
        sink_text(j->sink, "status", buf_str(&text));
    }
    if (p->server->trust_mode == X509_MACHINE_TRUST)
        sink_int(j->sink, "path", (int64_t)verdict.path);
    sink_end(j->sink);
}

static void emit_at(struct case_job *j, const struct pair *p, const struct x509_path *path, int64_t at_ms)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(1024);

    x509_trust_text(path->status, &text);
    sink_begin(j->sink, "chain_at");
    put_pair(j->sink, p);
    sink_int(j->sink, "at", at_ms);
    sink_int(j->sink, "trusted", path->is_trusted);
    sink_text(j->sink, "status", buf_str(&text));
    for (size_t i = 0; i < path->n_links; i++) {
        if (path->link_status[i] == 0)
            continue;
        sink_c(j->sink, "thumbprint", path->links[i]->certificate->thumbprint);
        sink_text(j->sink, "subject", path->links[i]->certificate->subject);
        break;
    }
    sink_end(j->sink);
}

/* Leaves the chain judged at another time. */
static void emit_times(struct case_job *j, const struct pair *p, const struct x509_pool *pool,
                       struct x509_chain *chain)
{
    const uint32_t status = chain->paths[0].status;
    const bool is_trusted = chain->paths[0].is_trusted;

    for (size_t i = 0; i < p->server->n_times; i++) {
        x509_chain_judge(pool, chain, p->server->times[i], true);
        if (chain->paths[0].status != status || chain->paths[0].is_trusted != is_trusted)
            emit_at(j, p, &chain->paths[0], p->server->times[i]);
    }
}

/* Judged at the server's collection time: its clock is what counts. The rows of table chain for a client on
 * the server itself were made with its bundle. */
static int check_view(struct case_job *j, const struct pair *p, size_t nth, const struct x509_chain *sent,
                      struct err *e)
{
    struct x509_member *alone = arena_alloc(j->scratch, sizeof(*alone));
    struct case_view *v = &p->server->views[nth];
    const struct x509_member *member;
    struct x509_pool pool;
    struct x509_chain chain = {0};

    if (!alone)
        return no_memory(e);
    alone->certificate = p->leaf->certificate;
    if (open_view(p->server, v, e) || add_sent(j, sent, &v->pool, &pool, e))
        return -e->code;
    member = find_member(&pool, p->leaf->certificate);
    if (x509_chain_build(&pool, member ? member : alone, p->server->x.collected_ms, true, j->scratch, &chain,
                         e))
        return -e->code;
    emit_trust(j, p, v, &chain);
    if (nth > 0)
        return 0;
    if (pool.takes_issuers) { /* the rows of table chain are those of the machine's own stores */
        pool.takes_issuers = false;
        if (x509_chain_build(&pool, member ? member : alone, p->server->x.collected_ms, true, j->scratch,
                             &chain, e))
            return -e->code;
    }
    if (p->server != &j->machines[p->leaf->machine])
        certificates_emit_chain(j->sink, &chain, p->server->label, p->client, p->server->x.collected_ms);
    emit_times(j, p, &pool, &chain);
    return 0;
}

/* Whatever is as large as the stores is given back after each certificate: a server that maps 2,000 of them
 * has thousands in its stores. */
static int check_leaf(struct case_job *j, const struct case_leaf *leaf, struct case_machine *server,
                      struct err *e)
{
    CLEANUP(arena_done) struct arena scratch = ARENA_INIT(j->arena->cap_bytes);
    const struct pair p = {.leaf = leaf, .server = server, .client = j->machines[leaf->machine].label};
    struct x509_chain sent = {0};
    int r;

    j->scratch = &scratch;
    r = client_chain(j, leaf, &sent, e);
    if (server->n_views == 0)
        server->n_views = 1;
    for (size_t i = 0; r == 0 && i < server->n_views; i++)
        r = check_view(j, &p, i, &sent, e);
    j->scratch = NULL;
    return r;
}

static void tell_left_out(struct case_job *j, size_t n)
{
    char text[96];

    (void)snprintf(text, sizeof(text), "%zu pairs of client certificate and server were not looked at", n);
    sink_begin(j->sink, "bundle_problem");
    sink_text(j->sink, "machine", j->machines[0].label);
    sink_c(j->sink, "problem", text);
    sink_end(j->sink);
}

static int check_all(struct case_job *j, struct err *e)
{
    size_t pairs = 0;

    for (size_t i = 0; i < j->n_leaves; i++)
        for (size_t m = 0; m < j->n_machines; m++) {
            bool is_here = m == j->leaves[i].machine;
            if (!(j->machines[m].roles & CASE_IS_SERVER) || (j->leaves[i].only_here && !is_here) ||
                pairs++ >= CASE_PAIRS)
                continue;
            if (check_leaf(j, &j->leaves[i], &j->machines[m], e))
                return -e->code;
        }
    if (pairs > CASE_PAIRS)
        tell_left_out(j, pairs - CASE_PAIRS);
    return sink_check(j->sink, e);
}

int extract_case_bytes(struct bytes stream, struct sink *s, struct arena *a, struct err *e)
{
    struct case_job j = {.arena = a, .sink = s};
    int r;

    j.machines = arena_array(a, CASE_MACHINES, sizeof(*j.machines));
    j.certificates = arena_array(a, (size_t)LIMIT_CERTIFICATES, sizeof(struct x509 *));
    j.leaves = arena_array(a, CASE_PAIRS, sizeof(*j.leaves));
    if (!j.machines || !j.certificates || !j.leaves)
        return no_memory(e);
    r = extract_case_read(&j, stream, e);
    for (size_t i = 0; i < j.n_machines; i++)
        x509_policy_sort(&j.machines[i].k.policy);
    if (r == 0)
        r = check_all(&j, e);
    for (size_t i = 0; i < j.n_certificates; i++)
        if (j.certificates[i])
            x509_done(j.certificates[i]);
    return r;
}

int extract_case(int fd, struct sink *s, struct arena *a, struct err *e)
{
    off_t size = lseek(fd, 0, SEEK_END);
    char *p = size > 0 && size <= LIMIT_WORKER_MEMORY_BYTES / 8 ? arena_alloc(a, (size_t)size) : NULL;
    size_t n = 0;

    if (size < 0)
        return err_errno(e, "case: the stream of certificates");
    if (!p)
        return err_set(e, ERR_LIMIT, "case: a stream of certificates of %lld bytes", (long long)size);
    while (n < (size_t)size) {
        ssize_t r = pread(fd, p + n, (size_t)size - n, (off_t)n);
        if (r <= 0)
            return err_errno(e, "case: the stream of certificates");
        n += (size_t)r;
    }
    return extract_case_bytes((struct bytes){(const uint8_t *)p, n}, s, a, e);
}
