/* SPDX-License-Identifier: Apache-2.0 */
#include "connections.h"

#include "log.h"
#include "rate.h"
#include "slot.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum {
    ARGUMENTS = 64,           /* of an address; no operation has a dozen */
    FILES_BESIDE = 256,       /* of store, cage, log: open files that are no connection's */
    TURNED_AWAY_MS = 5000,    /* how long one that is to be told so may take */
    EVICT_AFTER_US = 2000000, /* one that waits this long for a request gives way when all places are taken */
    LOOK_MS = 1000,           /* how often the table is looked through */
};

struct connections {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t thread;
    bool ending, draining, has_thread;
    struct connection_limits limits;
    struct connection_counts counts;
    struct connection_counts told; /* in the log */
    struct rate *arrivals;
    bool has_proxy;
    struct address proxy;
    struct address turned, cut; /* the last one, for the log */
    size_t n_slots;
    struct slot slots[];
};

static int64_t now_us(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* libmicrohttpd sees the end of the connection and closes it; until then the descriptor is ours, because the
 * slot is given back, under the lock, before that. */
static void cut(struct connections *c, struct slot *s)
{
    (void)shutdown(s->fd, SHUT_RDWR);
    s->is_cut = true;
    c->counts.cut++;
    c->cut = s->address;
}

static bool is_due(const struct connections *c, const struct slot *s, int64_t now)
{
    int64_t patience = c->limits.patience_ms;

    if (s->fd < 0 || s->is_busy || s->is_cut)
        return false;
    if (s->verdict != CONNECTION_WELCOME && patience > TURNED_AWAY_MS)
        patience = TURNED_AWAY_MS;
    return now - s->since_us > patience * 1000;
}

/* At the end, who has no request under way. What it was answered is on its way and arrives. */
static void send_away(struct slot *s)
{
    if (s->fd < 0 || s->is_busy || s->is_cut || s->phase != PHASE_HEADERS || slot_waits_for_us(s))
        return;
    (void)shutdown(s->fd, SHUT_RDWR);
    s->is_cut = true;
}

/* The lock is held. One that made its share of progress begins a new share. */
static void look_at(struct connections *c, struct slot *s, int64_t now)
{
    uint64_t progress;

    if (c->draining)
        send_away(s);
    if (!is_due(c, s, now) || slot_waits_for_us(s))
        return;
    progress = slot_progress(s);
    if (s->phase != PHASE_HEADERS && progress - s->progress >= PATIENCE_BYTES) {
        s->progress = progress;
        s->since_us = now;
        return;
    }
    if (s->phase == PHASE_HEADERS && !s->has_asked && progress > 0)
        slot_say(s, MHD_HTTP_REQUEST_TIMEOUT, err_name(ERR_TIMEOUT), "the headers did not arrive in time");
    cut(c, s);
}

/* The lock is held: the one that waits longest for its client's headers gives way. */
static bool evict(struct connections *c, int64_t now)
{
    struct slot *oldest = NULL;

    for (size_t i = 0; i < c->n_slots; i++) {
        struct slot *s = &c->slots[i];
        if (s->fd < 0 || s->is_cut || s->is_busy || s->phase != PHASE_HEADERS ||
            s->verdict != CONNECTION_WELCOME || now - s->since_us < EVICT_AFTER_US || slot_waits_for_us(s))
            continue;
        if (!oldest || s->since_us < oldest->since_us)
            oldest = s;
    }
    if (oldest)
        cut(c, oldest);
    return oldest != NULL;
}

/* One line for all that happened since the last one: whoever floods us does not fill the log. */
static void tell(const struct connection_counts *now, const struct connection_counts *before,
                 const struct address *turned, const struct address *slow)
{
    char from[INET6_ADDRSTRLEN];

    if (now->cut > before->cut)
        log_event(LOG_LEVEL_WARNING, "connections-cut",
                  (const struct log_field[]){LOG_NUMBER("n", (int64_t)(now->cut - before->cut)),
                                             LOG_TEXT("last", address_text(slow, from)),
                                             LOG_TEXT("reason", "too slow, or idle while others wait"),
                                             LOG_END});
    if (now->turned_away > before->turned_away)
        log_event(LOG_LEVEL_WARNING, "connections-turned-away",
                  (const struct log_field[]){
                      LOG_NUMBER("n", (int64_t)(now->turned_away - before->turned_away)),
                      LOG_TEXT("last", address_text(turned, from)), LOG_NUMBER("open", now->open),
                      LOG_TEXT("reason", "too many"), LOG_END});
}

static void look_through(struct connections *c, bool is_end)
{
    struct connection_counts now, before;
    struct address turned, slow;
    int64_t at = now_us();

    (void)pthread_mutex_lock(&c->lock);
    c->draining |= is_end;
    for (size_t i = 0; i < c->n_slots; i++)
        look_at(c, &c->slots[i], at);
    now = c->counts;
    before = c->told;
    c->told = now;
    turned = c->turned;
    slow = c->cut;
    (void)pthread_mutex_unlock(&c->lock);
    tell(&now, &before, &turned, &slow);
}

static bool wait_a_while(struct connections *c)
{
    int64_t ms = c->limits.patience_ms / 8 < LOOK_MS ? c->limits.patience_ms / 8 + 1 : LOOK_MS;
    struct timespec until;
    bool go_on;
    int r = 0;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += ms % 1000 * 1000000;
    until.tv_sec += ms / 1000 + until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    (void)pthread_mutex_lock(&c->lock);
    while (!c->ending && r != ETIMEDOUT)
        r = pthread_cond_timedwait(&c->changed, &c->lock, &until);
    go_on = !c->ending;
    (void)pthread_mutex_unlock(&c->lock);
    return go_on;
}

static void *watch(void *ctx)
{
    while (wait_a_while(ctx))
        look_through(ctx, false);
    return NULL;
}

static int64_t count_of(const struct connections *c, enum connection_verdict verdict,
                        const struct address *address)
{
    int64_t n = 0;

    for (size_t i = 0; i < c->n_slots; i++) {
        const struct slot *s = &c->slots[i];
        n += s->fd >= 0 && !s->is_cut && s->verdict == verdict &&
             (!address || address_is(&s->address, address));
    }
    return n;
}

static struct slot *free_slot(struct connections *c)
{
    for (size_t i = 0; i < c->n_slots; i++)
        if (c->slots[i].fd < 0)
            return &c->slots[i];
    return NULL;
}

static bool is_proxy(const struct connections *c, const struct address *address)
{
    return c->has_proxy && address_is(address, &c->proxy);
}

/* The lock is held. */
static enum connection_verdict judge(struct connections *c, const struct address *address)
{
    if (!is_proxy(c, address) && count_of(c, CONNECTION_WELCOME, address) >= c->limits.per_address)
        return CONNECTION_TOO_MANY_OF_ADDRESS;
    if (count_of(c, CONNECTION_WELCOME, NULL) >= c->limits.total && !evict(c, now_us()))
        return CONNECTION_TOO_MANY;
    return CONNECTION_WELCOME;
}

static void turn_away(struct connections *c, const struct address *address)
{
    c->counts.turned_away++;
    c->turned = *address;
}

/* A handshake of TLS costs us more than it costs who asks for it. */
static bool is_in_time(struct connections *c, const struct address *address)
{
    struct str key = {(const char *)address->bytes, sizeof address->bytes};

    return is_proxy(c, address) || rate_take(c->arrivals, key, now_us()) == 0;
}

/* Closed at once when there is not even a place to be told from; no address has all of those. */
enum MHD_Result connections_admit(void *ctx, const struct sockaddr *from, socklen_t len)
{
    struct connections *c = ctx;
    struct address address = address_of(from);
    bool may;

    (void)len;
    (void)pthread_mutex_lock(&c->lock);
    may = free_slot(c) && is_in_time(c, &address) &&
          count_of(c, CONNECTION_TOO_MANY_OF_ADDRESS, &address) < TURNED_AWAY / 4;
    if (!may)
        turn_away(c, &address);
    (void)pthread_mutex_unlock(&c->lock);
    return may ? MHD_YES : MHD_NO;
}

static void begin(struct connections *c, struct slot *s, struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    struct address address = address_of(info ? info->client_addr : NULL);
    enum connection_verdict verdict = judge(c, &address);

    *s = (struct slot){.all = c, .fd = -1, .verdict = verdict, .address = address, .since_us = now_us()};
    info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    s->fd = info ? info->connect_fd : -1;
    info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    s->is_tls = info && info->tls_session;
    c->counts.open++;
    c->counts.accepted++;
    if (verdict != CONNECTION_WELCOME)
        turn_away(c, &address);
}

void connections_notify(void *ctx, struct MHD_Connection *connection, void **slot,
                        enum MHD_ConnectionNotificationCode code)
{
    struct connections *c = ctx;

    (void)pthread_mutex_lock(&c->lock);
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        struct slot *s = free_slot(c);
        if (s)
            begin(c, s, connection);
        *slot = s;
    } else if (*slot) {
        ((struct slot *)*slot)->fd = -1;
        c->counts.open--;
    }
    (void)pthread_mutex_unlock(&c->lock);
}

static struct slot *slot_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    return info ? info->socket_context : NULL;
}

static bool has_many_arguments(const char *uri)
{
    size_t n = 0;

    for (uri = strchr(uri, '?'); uri && n <= ARGUMENTS; uri = strchr(uri + 1, '&'))
        n++;
    return n > ARGUMENTS;
}

void *connection_look_at_uri(void *ctx, const char *uri, struct MHD_Connection *connection)
{
    struct connections *c = ctx;
    struct slot *s = slot_of(connection);

    if (!s || !has_many_arguments(uri))
        return NULL;
    (void)pthread_mutex_lock(&c->lock);
    slot_say(s, MHD_HTTP_URI_TOO_LONG, err_name(ERR_URI), "too many arguments");
    cut(c, s);
    (void)pthread_mutex_unlock(&c->lock);
    return NULL;
}

enum connection_verdict connection_verdict(struct MHD_Connection *connection)
{
    const struct slot *s = slot_of(connection);

    return s ? s->verdict : CONNECTION_TOO_MANY;
}

void connection_phase(struct MHD_Connection *connection, enum connection_phase phase)
{
    struct slot *s = slot_of(connection);

    if (!s)
        return;
    (void)pthread_mutex_lock(&s->all->lock);
    s->phase = phase;
    s->has_asked = true;
    s->since_us = now_us();
    s->progress = slot_progress(s);
    (void)pthread_mutex_unlock(&s->all->lock);
}

void connection_busy(struct MHD_Connection *connection, bool is_busy)
{
    struct slot *s = slot_of(connection);

    if (!s)
        return;
    (void)pthread_mutex_lock(&s->all->lock);
    if (is_busy)
        s->busy_us = now_us();
    else if (s->is_busy)
        s->since_us += now_us() - s->busy_us;
    s->is_busy = is_busy;
    (void)pthread_mutex_unlock(&s->all->lock);
}

int64_t connections_drain(struct connections *c, int64_t ms)
{
    static const struct timespec moment = {.tv_nsec = 20 * 1000 * 1000};
    int64_t until = now_us() + ms * 1000, left;

    do {
        look_through(c, true);
        (void)nanosleep(&moment, NULL);
        (void)pthread_mutex_lock(&c->lock);
        left = c->counts.open;
        (void)pthread_mutex_unlock(&c->lock);
    } while (left > 0 && now_us() < until);
    return left;
}

void connections_count(struct connections *c, struct connection_counts *ret)
{
    (void)pthread_mutex_lock(&c->lock);
    *ret = c->counts;
    (void)pthread_mutex_unlock(&c->lock);
}

/* A connection has its socket and the file of its upload. */
static int raise_open_files(size_t n_slots, struct err *e)
{
    struct rlimit l;
    rlim_t need = 2 * (rlim_t)n_slots + FILES_BESIDE;

    if (getrlimit(RLIMIT_NOFILE, &l) != 0)
        return err_errno(e, "open files");
    if (l.rlim_cur >= need)
        return 0;
    if (l.rlim_max < need)
        return err_set(
            e, ERR_USAGE,
            "--connections: %zu need %llu open files, and %llu are allowed (LimitNOFILE, ulimit -n)",
            n_slots - TURNED_AWAY, (unsigned long long)need, (unsigned long long)l.rlim_max);
    l.rlim_cur = need;
    return setrlimit(RLIMIT_NOFILE, &l) == 0 ? 0 : err_errno(e, "open files");
}

static int start(struct connections *c, struct err *e)
{
    pthread_condattr_t monotonic;

    if (pthread_condattr_init(&monotonic) != 0)
        return err_set(e, ERR_NOMEM, "connections");
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&c->lock, NULL);
    (void)pthread_cond_init(&c->changed, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    c->has_thread = pthread_create(&c->thread, NULL, watch, c) == 0;
    return c->has_thread ? 0 : err_set(e, ERR_NOMEM, "connections: starting a thread");
}

int connections_new(const struct connection_limits *l, struct connections **ret, struct err *e)
{
    size_t n = (size_t)l->total + TURNED_AWAY;
    struct connections *c;

    if (raise_open_files(n, e) < 0)
        return -e->code;
    c = calloc(1, sizeof *c + n * sizeof c->slots[0]);
    if (!c)
        return err_set(e, ERR_NOMEM, "connections");
    c->limits = *l;
    c->n_slots = n;
    c->has_proxy = l->proxy != NULL;
    for (size_t i = 0; i < n; i++)
        c->slots[i].fd = -1;
    if (l->proxy && !address_from(l->proxy, &c->proxy)) {
        free(c);
        return err_set(e, ERR_USAGE, "--proxy %s: not an IP address", l->proxy);
    }
    if (rate_new(l->arrivals, &c->arrivals, e) < 0 || start(c, e) < 0) {
        connections_free(c);
        return -e->code;
    }
    *ret = c;
    return 0;
}

void connections_free(struct connections *c)
{
    if (!c)
        return;
    if (c->has_thread) {
        (void)pthread_mutex_lock(&c->lock);
        c->ending = true;
        (void)pthread_cond_signal(&c->changed);
        (void)pthread_mutex_unlock(&c->lock);
        (void)pthread_join(c->thread, NULL);
    }
    (void)pthread_cond_destroy(&c->changed);
    (void)pthread_mutex_destroy(&c->lock);
    rate_free(c->arrivals);
    free(c);
}
