/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading the stream of a case job. */
#include "extract_case_job.h"

#include <string.h>

enum { HEAD = 5 };

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

static int read_machine(struct case_job *j, struct cursor *c, struct err *e)
{
    struct case_machine *m = &j->machines[j->n_machines];

    if (j->n_machines == CASE_MACHINES)
        return err_set(e, ERR_LIMIT, "case: more than %d machines", CASE_MACHINES);
    m->roles = (unsigned)take_number(c, 1);
    m->x = (struct extract_state){
        .arena = j->arena, .sink = j->sink, .collected_ms = (int64_t)take_number(c, 8)};
    m->k.x = &m->x;
    m->k.n_buckets = CASE_PAIRS;
    m->k.place_buckets = arena_array(j->arena, m->k.n_buckets, sizeof(size_t));
    if (!m->k.place_buckets)
        return no_memory(e);
    x509_policy_init(&m->k.policy);
    m->label = (struct str){(const char *)c->p, c->left};
    j->n_machines++;
    return c->bad ? broken(e) : 0;
}

static int read_certificate(struct case_job *j, struct cursor *c, struct err *e)
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
static int read_pair(const struct case_job *j, struct cursor *c, size_t *ret_machine, struct x509 **ret,
                     struct err *e)
{
    size_t machine = (size_t)take_number(c, 4), certificate = (size_t)take_number(c, 4);

    if (c->bad || machine >= j->n_machines || certificate >= j->n_certificates)
        return broken(e);
    *ret_machine = machine;
    *ret = j->certificates[certificate];
    return *ret != NULL;
}

static int read_place(struct case_job *j, struct cursor *c, struct err *e)
{
    struct certificate_place p = {.archived = -1};
    struct x509 *x;
    size_t machine;
    int r = read_pair(j, c, &machine, &x, e);

    if (r <= 0)
        return r;
    p.certificate = x;
    p.thumbprint = x->thumbprint;
    p.set.disallowed_after_ms = (int64_t)take_number(c, 8);
    p.set.not_before_ms = (int64_t)take_number(c, 8);
    p.set.has_disallowed_after = p.set.disallowed_after_ms != TIME_NONE;
    p.set.has_not_before = p.set.not_before_ms != TIME_NONE;
    p.location = take_text(c);
    p.user = take_text(c);
    p.store = take_text(c);
    p.physical = take_text(c);
    p.set.eku = take_text(c);
    p.set.disallowed_eku = take_text(c);
    p.set.not_before_eku = take_text(c);
    return c->bad ? broken(e) : certificates_place(&j->machines[machine].k, &p, e);
}

static int read_leaf(struct case_job *j, struct cursor *c, struct err *e)
{
    struct case_leaf leaf = {0};
    struct x509 *x;
    int r = read_pair(j, c, &leaf.machine, &x, e);

    if (r <= 0)
        return r;
    leaf.certificate = x;
    leaf.only_here = take_number(c, 1) != 0;
    leaf.user = take_text(c);
    if (j->n_leaves < CASE_PAIRS)
        j->leaves[j->n_leaves++] = leaf;
    return c->bad ? broken(e) : 0;
}

static struct case_machine *take_machine(const struct case_job *j, struct cursor *c)
{
    size_t machine = (size_t)take_number(c, 4);

    if (c->bad || machine >= j->n_machines) {
        c->bad = true;
        return NULL;
    }
    return &j->machines[machine];
}

static int read_policy(const struct case_job *j, struct cursor *c, struct err *e)
{
    struct case_machine *m = take_machine(j, c);
    uint64_t value = take_number(c, 8);
    struct str name = take_text(c);

    if (c->bad)
        return broken(e);
    if (str_ieq(name, STR(CASE_TRUST_MODE)))
        m->trust_mode = value <= X509_EXCLUSIVE_CA_TRUST ? (int)value : X509_MACHINE_TRUST;
    else
        (void)x509_policy_set(&m->k.policy, name, (uint32_t)value);
    return 0;
}

static int read_disallowed(struct case_job *j, struct cursor *c, struct err *e)
{
    struct case_machine *m = take_machine(j, c);
    struct x509_policy *p = m ? &m->k.policy : NULL;
    struct x509_hash *more;

    if (!p)
        return broken(e);
    if (c->left == 0 || c->left > X509_HASH_BYTES || p->n_disallowed >= (size_t)LIMIT_CRL_ENTRIES)
        return 0;
    if (p->n_disallowed == m->room_disallowed) {
        m->room_disallowed = m->room_disallowed ? 4 * m->room_disallowed : 64;
        more = arena_array(j->arena, m->room_disallowed, sizeof(*more));
        if (!more)
            return no_memory(e);
        if (p->n_disallowed)
            memcpy(more, p->disallowed, p->n_disallowed * sizeof(*more));
        p->disallowed = more;
    }
    memcpy(p->disallowed[p->n_disallowed].bytes, c->p, c->left);
    p->disallowed[p->n_disallowed++].len = c->left;
    return 0;
}

static int read_issuers(const struct case_job *j, struct cursor *c, struct err *e)
{
    struct case_machine *m = take_machine(j, c);
    struct str store = take_text(c);

    if (c->bad)
        return broken(e);
    if (m->n_views < CASE_VIEWS)
        m->views[m->n_views++].issuers = store;
    return 0;
}

static int read_time(const struct case_job *j, struct cursor *c, struct err *e)
{
    struct case_machine *m = take_machine(j, c);
    int64_t at = (int64_t)take_number(c, 8);

    if (c->bad)
        return broken(e);
    if (m->n_times < ARRAY_LEN(m->times))
        m->times[m->n_times++] = at;
    return 0;
}

static int read_record(struct case_job *j, char kind, struct cursor *c, struct err *e)
{
    switch (kind) {
    case 'M':
        return read_machine(j, c, e);
    case 'C':
        return read_certificate(j, c, e);
    case 'S':
        return read_place(j, c, e);
    case 'P':
        return read_policy(j, c, e);
    case 'D':
        return read_disallowed(j, c, e);
    case 'I':
        return read_issuers(j, c, e);
    case 'A':
        return read_time(j, c, e);
    case 'L':
        return read_leaf(j, c, e);
    default:
        return broken(e);
    }
}

int extract_case_read(struct case_job *j, struct bytes in, struct err *e)
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
        r = read_record(j, kind, &c, e);
    }
    return r;
}
