/* SPDX-License-Identifier: Apache-2.0 */
#include "extract_case.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "extract_certificates.h"

enum { HEAD = 5, PAIRS = 4096 };

/* --- writing --- */

static void put_head(struct buf *out, char kind, size_t len)
{
    buf_add_char(out, kind);
    buf_add_u32le(out, (uint32_t)len);
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
    uint64_t ms = (uint64_t)collected_ms;

    put_head(out, 'M', 9 + label.len);
    buf_add_char(out, (char)roles);
    buf_add_u32le(out, (uint32_t)ms);
    buf_add_u32le(out, (uint32_t)(ms >> 32));
    buf_add_str(out, label);
}

void extract_case_put_certificate(struct buf *out, struct bytes der)
{
    put_head(out, 'C', der.len);
    buf_add(out, der.p, der.len);
}

void extract_case_put_place(struct buf *out, uint32_t machine, uint32_t certificate,
                            const struct str texts[4])
{
    size_t len = 8;

    for (int i = 0; i < 4; i++)
        len += text_room(texts[i]);
    put_head(out, 'S', len);
    buf_add_u32le(out, machine);
    buf_add_u32le(out, certificate);
    for (int i = 0; i < 4; i++)
        put_text(out, texts[i]);
}

void extract_case_put_leaf(struct buf *out, uint32_t machine, uint32_t certificate, struct str user)
{
    put_head(out, 'L', 8 + text_room(user));
    buf_add_u32le(out, machine);
    buf_add_u32le(out, certificate);
    put_text(out, user);
}

/* --- reading --- */

struct machine {
    struct extract_state x;
    struct certificates k; /* its places */
    struct str label;
    unsigned roles;
    struct x509_pool pool; /* of LocalMachine */
    bool has_pool;
};

struct leaf {
    size_t machine;
    const struct x509 *certificate;
    struct str user;
};

struct job {
    struct arena *arena;
    struct sink *sink;
    struct machine *machines;
    size_t n_machines;
    struct x509 **certificates; /* NULL where one could not be read */
    size_t n_certificates;
    struct leaf *leaves;
    size_t n_leaves;
};

struct cursor {
    const uint8_t *p;
    size_t left;
    bool bad;
};

static uint64_t take_number(struct cursor *c, size_t n)
{
    uint64_t v = 0;

    if (c->left < n) {
        c->bad = true;
        return 0;
    }
    for (size_t i = 0; i < n; i++)
        v |= (uint64_t)c->p[i] << (8 * i);
    c->p += n;
    c->left -= n;
    return v;
}

static struct str take_text(struct cursor *c)
{
    size_t len = (size_t)take_number(c, 2);
    struct str s = {(const char *)c->p, len};

    if (c->bad || len == CASE_NO_TEXT)
        return (struct str){0};
    if (len > c->left) {
        c->bad = true;
        return (struct str){0};
    }
    c->p += len;
    c->left -= len;
    return s;
}

static int no_memory(struct err *e)
{
    return err_set(e, ERR_NOMEM, "case: out of memory");
}

static int broken(struct err *e)
{
    return err_set(e, ERR_FORMAT, "case: the stream of certificates is broken");
}

static int read_machine(struct job *j, struct cursor *c, struct err *e)
{
    struct machine *m = &j->machines[j->n_machines];

    if (j->n_machines == CASE_MACHINES)
        return err_set(e, ERR_LIMIT, "case: more than %d machines", CASE_MACHINES);
    m->roles = (unsigned)take_number(c, 1);
    m->x = (struct extract_state){
        .arena = j->arena, .sink = j->sink, .collected_ms = (int64_t)take_number(c, 8)};
    m->k.x = &m->x;
    m->label = (struct str){(const char *)c->p, c->left};
    j->n_machines++;
    return c->bad ? broken(e) : 0;
}

static int read_certificate(struct job *j, struct cursor *c, struct err *e)
{
    struct x509 *x = arena_alloc(j->arena, sizeof(*x));
    int r;

    if (!x)
        return no_memory(e);
    if (j->n_certificates == (size_t)LIMIT_CERTIFICATES)
        return err_set(e, ERR_LIMIT, "case: more than %lld certificates", (long long)LIMIT_CERTIFICATES);
    r = x509_parse((struct bytes){c->p, c->left}, j->arena, x, e);
    if (r == -ERR_NOMEM)
        return r;
    j->certificates[j->n_certificates++] = r ? NULL : x;
    return 0;
}

/* Both kinds begin with a machine and a certificate. 1: usable; 0: of a certificate that could not be read.
 */
static int read_pair(const struct job *j, struct cursor *c, size_t *ret_machine, struct x509 **ret,
                     struct err *e)
{
    size_t machine = (size_t)take_number(c, 4), certificate = (size_t)take_number(c, 4);

    if (c->bad || machine >= j->n_machines || certificate >= j->n_certificates)
        return broken(e);
    *ret_machine = machine;
    *ret = j->certificates[certificate];
    return *ret != NULL;
}

static int read_place(struct job *j, struct cursor *c, struct err *e)
{
    struct certificate_place p = {.archived = -1};
    struct x509 *x;
    size_t machine;
    int r = read_pair(j, c, &machine, &x, e);

    if (r <= 0)
        return r;
    p.certificate = x;
    p.thumbprint = x->thumbprint;
    p.location = take_text(c);
    p.user = take_text(c);
    p.store = take_text(c);
    p.eku_property = take_text(c);
    return c->bad ? broken(e) : certificates_place(&j->machines[machine].k, &p, e);
}

static int read_leaf(struct job *j, struct cursor *c, struct err *e)
{
    struct leaf leaf = {0};
    struct x509 *x;
    int r = read_pair(j, c, &leaf.machine, &x, e);

    if (r <= 0)
        return r;
    leaf.certificate = x;
    leaf.user = take_text(c);
    if (j->n_leaves < PAIRS)
        j->leaves[j->n_leaves++] = leaf;
    return c->bad ? broken(e) : 0;
}

static int read_stream(struct job *j, struct bytes in, struct err *e)
{
    size_t at = sizeof(CASE_MAGIC) - 1;
    int r = 0;

    if (in.len < at || memcmp(in.p, CASE_MAGIC, at) != 0)
        return broken(e);
    while (r == 0 && at < in.len) {
        struct cursor head = {.p = in.p + at, .left = in.len - at}, c;
        char kind = (char)take_number(&head, 1);
        c.left = (size_t)take_number(&head, 4);
        c.p = head.p;
        c.bad = false;
        if (head.bad || c.left > head.left)
            return broken(e);
        at += HEAD + c.left;
        r = kind == 'M'   ? read_machine(j, &c, e)
            : kind == 'C' ? read_certificate(j, &c, e)
            : kind == 'S' ? read_place(j, &c, e)
            : kind == 'L' ? read_leaf(j, &c, e)
                          : broken(e);
    }
    return r;
}

/* --- chains --- */

static bool has_member(const struct x509_pool *pool, const struct x509 *c)
{
    for (size_t i = 0; i < pool->n_members; i++)
        if (strcmp(pool->members[i].certificate->thumbprint, c->thumbprint) == 0)
            return true;
    return false;
}

/* What the client sends with its certificate: the intermediates of its own best chain, and never the root. */
static int add_sent(struct job *j, const struct leaf *leaf, const struct x509_pool *server,
                    struct x509_pool *ret, struct err *e)
{
    struct machine *client = &j->machines[leaf->machine];
    struct x509_member *members =
        arena_array(j->arena, server->n_members + X509_CHAIN_LINKS, sizeof(*members));
    const struct x509_member alone = {.certificate = leaf->certificate};
    struct x509_pool own;
    struct x509_chain chain = {0};
    size_t n = server->n_members;

    if (!members)
        return no_memory(e);
    if (certificates_pool(&client->k, leaf->user, false, &own, e) ||
        x509_chain_build(&own, &alone, client->x.collected_ms, true, j->arena, &chain, e))
        return -e->code;
    if (n > 0)
        memcpy(members, server->members, n * sizeof(*members));
    for (size_t i = 1; chain.n_paths > 0 && i < chain.paths[0].n_links; i++) {
        const struct x509 *c = chain.paths[0].links[i]->certificate;
        if (!c->self_issued && !has_member(server, c))
            members[n++] =
                (struct x509_member){.certificate = c, .places = X509_IS_SENT, .store = STR("sent")};
    }
    *ret = (struct x509_pool){.members = members, .n_members = n};
    return 0;
}

static const struct x509_member *find_member(const struct x509_pool *pool, const struct x509 *c)
{
    for (size_t i = 0; i < pool->n_members; i++)
        if (pool->members[i].certificate == c)
            return &pool->members[i];
    return NULL;
}

/* Judged at the server's collection time: its clock is what counts. */
static int check_leaf(struct job *j, const struct leaf *leaf, struct machine *server, struct err *e)
{
    const struct x509_member alone = {.certificate = leaf->certificate}, *member;
    struct x509_pool pool;
    struct x509_chain chain = {0};

    if (!server->has_pool && certificates_pool(&server->k, (struct str){0}, true, &server->pool, e))
        return -e->code;
    server->has_pool = true;
    if (add_sent(j, leaf, &server->pool, &pool, e))
        return -e->code;
    member = find_member(&pool, leaf->certificate);
    if (x509_chain_build(&pool, member ? member : &alone, server->x.collected_ms, true, j->arena, &chain, e))
        return -e->code;
    certificates_emit_chain(j->sink, &chain, server->label, j->machines[leaf->machine].label,
                            server->x.collected_ms);
    return 0;
}

static void tell_left_out(struct job *j, size_t n)
{
    char text[96];

    (void)snprintf(text, sizeof(text), "%zu pairs of client certificate and server were not looked at", n);
    sink_begin(j->sink, "bundle_problem");
    sink_text(j->sink, "machine", j->machines[0].label);
    sink_c(j->sink, "problem", text);
    sink_end(j->sink);
}

static int check_all(struct job *j, struct err *e)
{
    size_t pairs = 0;

    for (size_t i = 0; i < j->n_leaves; i++)
        for (size_t m = 0; m < j->n_machines; m++) {
            if (!(j->machines[m].roles & CASE_IS_SERVER) || m == j->leaves[i].machine || pairs++ >= PAIRS)
                continue;
            if (check_leaf(j, &j->leaves[i], &j->machines[m], e))
                return -e->code;
        }
    if (pairs > PAIRS)
        tell_left_out(j, pairs - PAIRS);
    return sink_check(j->sink, e);
}

int extract_case_bytes(struct bytes stream, struct sink *s, struct arena *a, struct err *e)
{
    struct job j = {.arena = a, .sink = s};
    int r;

    j.machines = arena_array(a, CASE_MACHINES, sizeof(*j.machines));
    j.certificates = arena_array(a, (size_t)LIMIT_CERTIFICATES, sizeof(struct x509 *));
    j.leaves = arena_array(a, PAIRS, sizeof(*j.leaves));
    if (!j.machines || !j.certificates || !j.leaves)
        return no_memory(e);
    r = read_stream(&j, stream, e);
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
