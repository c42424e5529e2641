/* SPDX-License-Identifier: Apache-2.0 */
#include "notice.h"

#include "buf.h"
#include "compiler.h"
#include "log.h"
#include "text.h"

#include <curl/curl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

enum { WAITING = 1000, TRIES = 5, SECONDS = 10, SECRET_BYTES = 128, SECRET_LEAST = 24, BODY_BYTES = 1 << 20 };

struct notice {
    char id[40]; /* the same at each try, so that a receiver knows what it has already */
    char case_id[65];
    char *body;
    int tries;
    int64_t due; /* of the monotonic clock, ms */
    struct notice *next;
};

struct notices {
    char *url;
    unsigned char secret[SECRET_BYTES];
    size_t secret_len, n_waiting;
    int64_t retry_ms, end; /* end: monotonic ms, when everything must be over; 0 not yet */
    struct notice *first;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
};

static int64_t now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void notice_free(struct notice *n)
{
    if (n)
        free(n->body);
    free(n);
}

static int sign(const struct notices *n, const struct notice *one, long long at, struct buf *ret)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(BODY_BYTES + 256);
    unsigned char mac[EVP_MAX_MD_SIZE], base64[2 * EVP_MAX_MD_SIZE];
    unsigned len = 0;

    buf_printf(&text, "%s.%lld.", one->id, at);
    buf_add_c(&text, one->body);
    if (text.failed || !HMAC(EVP_sha256(), n->secret, (int)n->secret_len, (const unsigned char *)text.p,
                             text.len, mac, &len))
        return -1;
    (void)EVP_EncodeBlock(base64, mac, (int)len);
    buf_printf(ret, "webhook-signature: v1,%s", (const char *)base64);
    return ret->failed ? -1 : 0;
}

/* false: there is no memory; *list is then to be freed all the same. */
static bool add_header(struct curl_slist **list, const char *line)
{
    struct curl_slist *longer = curl_slist_append(*list, line);

    if (longer)
        *list = longer;
    return longer != NULL;
}

static bool add_headers(const struct notices *n, const struct notice *one, struct curl_slist **list)
{
    CLEANUP(buf_done) struct buf id = BUF_INIT(256), at = BUF_INIT(256), signature = BUF_INIT(256);
    long long seconds = (long long)time(NULL);

    buf_printf(&id, "webhook-id: %s", one->id);
    buf_printf(&at, "webhook-timestamp: %lld", seconds);
    return sign(n, one, seconds, &signature) == 0 && !id.failed && !at.failed &&
           add_header(list, "Content-Type: application/json") && add_header(list, buf_c(&id)) &&
           add_header(list, buf_c(&at)) && add_header(list, buf_c(&signature));
}

static size_t ignore(const char *data, size_t size, size_t n, void *ctx)
{
    (void)data;
    (void)ctx;
    return size * n;
}

static void set_options(CURL *c, const struct notices *n, const struct notice *one,
                        struct curl_slist *headers)
{
    (void)curl_easy_setopt(c, CURLOPT_URL, n->url);
    (void)curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
    (void)curl_easy_setopt(c, CURLOPT_POSTFIELDS, one->body);
    (void)curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE, (long)strlen(one->body));
    (void)curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, ignore);
    (void)curl_easy_setopt(c, CURLOPT_TIMEOUT, (long)SECONDS);
    (void)curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(c, CURLOPT_USERAGENT, "certtriage/" CERTTRIAGE_VERSION);
    (void)curl_easy_setopt(c, CURLOPT_MAXFILESIZE, (long)BODY_BYTES);
}

/* The HTTP status; 0: none came, and *why says so. */
static long send_once(const struct notices *n, const struct notice *one, const char **why)
{
    struct curl_slist *headers = NULL;
    CURL *c = curl_easy_init();
    long status = 0;

    *why = "out of memory";
    if (c && add_headers(n, one, &headers)) {
        set_options(c, n, one, headers);
        CURLcode r = curl_easy_perform(c);
        *why = curl_easy_strerror(r);
        if (r == CURLE_OK)
            (void)curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
    }
    curl_slist_free_all(headers);
    curl_easy_cleanup(c);
    return status;
}

static void tell(const struct notice *one, bool good, long status, const char *why)
{
    log_event(good ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING, good ? "notice" : "notice-failed",
              (const struct log_field[]){LOG_TEXT("id", one->id), LOG_TEXT("case", one->case_id),
                                         LOG_NUMBER("status", status), LOG_NUMBER("try", one->tries),
                                         LOG_TEXT("reason", status == 0 ? why : ""), LOG_END});
}

/* True: it is done with, one way or the other. 410 is how a receiver says that it wants no more of them. */
static bool try_once(const struct notices *n, struct notice *one)
{
    const char *why = "";
    long status = send_once(n, one, &why);
    bool good = status >= 200 && status < 300;
    int64_t pause = n->retry_ms;

    one->tries++;
    tell(one, good, status, why);
    for (int i = 1; i < one->tries; i++)
        pause *= 4;
    one->due = now_ms() + pause;
    return good || status == 410 || one->tries >= TRIES || n->end > 0;
}

static void wait_until(struct notices *n, int64_t due)
{
    struct timespec at = {.tv_sec = due / 1000, .tv_nsec = due % 1000 * 1000000};

    (void)pthread_cond_timedwait(&n->changed, &n->lock, &at);
}

/* Takes the one that is due out of the queue; NULL: the thread ends. Called with the lock held. */
static struct notice *next_due(struct notices *n)
{
    for (;;) {
        struct notice **least = &n->first;
        if (n->end > 0 && (!n->first || now_ms() >= n->end))
            return NULL;
        for (struct notice **at = &n->first; *at; at = &(*at)->next) {
            if ((*at)->due < (*least)->due)
                least = at;
        }
        if (*least && (n->end > 0 || (*least)->due <= now_ms())) {
            struct notice *one = *least;
            *least = one->next;
            n->n_waiting--;
            return one;
        }
        wait_until(n, *least ? (*least)->due : now_ms() + 60000);
    }
}

static void put(struct notices *n, struct notice *one)
{
    struct notice **at = &n->first;

    while (*at)
        at = &(*at)->next;
    one->next = NULL;
    *at = one;
    n->n_waiting++;
}

static void *send_loop(void *ctx)
{
    struct notices *n = ctx;
    struct notice *one;

    (void)pthread_mutex_lock(&n->lock);
    while ((one = next_due(n)) != NULL) {
        bool is_done;
        (void)pthread_mutex_unlock(&n->lock);
        is_done = try_once(n, one);
        (void)pthread_mutex_lock(&n->lock);
        if (is_done)
            notice_free(one);
        else
            put(n, one);
    }
    (void)pthread_mutex_unlock(&n->lock);
    return NULL;
}

int notice_secret_parse(struct str text, unsigned char *ret, size_t room, size_t *ret_len, struct err *e)
{
    unsigned char raw[2 * SECRET_BYTES];
    struct str base64 = str_trim(text);
    size_t padding = 0;
    int n;

    if (str_starts(base64, STR("whsec_")))
        base64 = str_skip(base64, strlen("whsec_"));
    while (padding < base64.len && base64.p[base64.len - 1 - padding] == '=')
        padding++;
    n = base64.len > 0 && base64.len <= sizeof raw
            ? EVP_DecodeBlock(raw, (const unsigned char *)base64.p, (int)base64.len)
            : -1;
    if (n < 0 || padding > 2 || (size_t)n - padding > room)
        return err_set(e, ERR_FORMAT,
                       "webhook secret: whsec_ and Base64, such as `openssl rand -base64 32` gives");
    memcpy(ret, raw, (size_t)n - padding);
    *ret_len = (size_t)n - padding;
    return 0;
}

static int check(const struct notice_options *o, struct err *e)
{
    struct str url = str_from(o->url);

    if (!str_istarts(url, STR("https://")) && !str_istarts(url, STR("http://")))
        return err_set(e, ERR_USAGE, "webhook %s: an address of http or https", o->url);
    if (o->secret.len < SECRET_LEAST || o->secret.len > SECRET_BYTES)
        return err_set(e, ERR_USAGE, "webhook secret: %d to %d bytes", SECRET_LEAST, SECRET_BYTES);
    return 0;
}

static int start(struct notices *n, struct err *e)
{
    pthread_condattr_t monotonic;

    if (!n->url || curl_global_init(CURL_GLOBAL_DEFAULT) != 0 || pthread_condattr_init(&monotonic) != 0)
        return err_set(e, ERR_NOMEM, "webhook: starting");
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    if (pthread_mutex_init(&n->lock, NULL) != 0 || pthread_cond_init(&n->changed, &monotonic) != 0 ||
        pthread_create(&n->thread, NULL, send_loop, n) != 0)
        return err_set(e, ERR_NOMEM, "webhook: starting");
    return 0;
}

int notices_start(const struct notice_options *o, struct notices **ret, struct err *e)
{
    struct notices *n;

    if (check(o, e) < 0)
        return -e->code;
    n = calloc(1, sizeof *n);
    if (!n)
        return err_set(e, ERR_NOMEM, "webhook: starting");
    n->url = strdup(o->url);
    n->retry_ms = o->retry_ms > 0 ? o->retry_ms : 1000;
    memcpy(n->secret, o->secret.p, o->secret.len);
    n->secret_len = o->secret.len;
    if (start(n, e) < 0) {
        free(n->url);
        free(n);
        return -e->code;
    }
    *ret = n;
    return 0;
}

static struct notice *make(const char *case_id, const json_t *payload)
{
    uint8_t random[12];
    CLEANUP(buf_done) struct buf id = BUF_INIT(64);
    struct notice *one = calloc(1, sizeof *one);

    if (!one || getrandom(random, sizeof random, 0) != (ssize_t)sizeof random) {
        free(one);
        return NULL;
    }
    text_hex(&id, random, sizeof random);
    (void)snprintf(one->id, sizeof one->id, "msg_%s", buf_c(&id));
    (void)snprintf(one->case_id, sizeof one->case_id, "%s", case_id);
    one->body = json_dumps(payload, JSON_COMPACT | JSON_SORT_KEYS);
    if (!one->body || strlen(one->body) > BODY_BYTES) {
        notice_free(one);
        return NULL;
    }
    return one;
}

void notices_report(struct notices *n, const char *case_id, const json_t *before, const json_t *after)
{
    json_t *payload = n ? notice_payload(case_id, before, after) : NULL;
    struct notice *one = payload ? make(case_id, payload) : NULL;
    bool is_taken = false;

    if (one) {
        (void)pthread_mutex_lock(&n->lock);
        is_taken = n->n_waiting < WAITING;
        if (is_taken)
            put(n, one);
        (void)pthread_cond_signal(&n->changed);
        (void)pthread_mutex_unlock(&n->lock);
    }
    if (payload && !is_taken) {
        log_event(LOG_LEVEL_ERROR, "notice-dropped",
                  (const struct log_field[]){LOG_TEXT("case", case_id), LOG_END});
        notice_free(one);
    }
    json_decref(payload);
}

void notices_stop(struct notices *n, int64_t ms)
{
    if (!n)
        return;
    (void)pthread_mutex_lock(&n->lock);
    n->end = now_ms() + (ms > 0 ? ms : 1);
    (void)pthread_cond_signal(&n->changed);
    (void)pthread_mutex_unlock(&n->lock);
    (void)pthread_join(n->thread, NULL);
    while (n->first) {
        struct notice *one = n->first;
        n->first = one->next;
        tell(one, false, 0, "the server ends");
        notice_free(one);
    }
    (void)pthread_cond_destroy(&n->changed);
    (void)pthread_mutex_destroy(&n->lock);
    free(n->url);
    free(n);
}
