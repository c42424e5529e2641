/* SPDX-License-Identifier: Apache-2.0
 *
 * How long linting a bundle with a capture takes, set against tshark, which answers the same questions, and
 * tcpdump, which only reads the packets: README.md. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/wire_capture.h"

enum { DATA_BYTES = 16000, RECORDS_A_CONNECTION = 4, FLUSH_BYTES = 4 << 20 };

struct making {
    struct wire wire;
    FILE *file;
    char *all; /* the same bytes, for the bundle */
    size_t len, room;
};

static bool flush(struct making *m)
{
    struct buf *b = &m->wire.out;
    bool is_kept = m->len + b->len <= m->room && fwrite(b->p, 1, b->len, m->file) == b->len;

    if (is_kept)
        memcpy(m->all + m->len, b->p, b->len);
    m->len += is_kept ? b->len : 0;
    buf_clear(b);
    return is_kept;
}

static void say_records(struct talk *t, int from, unsigned type, size_t n, uint32_t *seed)
{
    CLEANUP(buf_done) struct buf m = BUF_INIT(65536), r = BUF_INIT(65536);

    for (size_t i = 0; i < n; i++) {
        *seed = *seed * 1664525 + 1013904223;
        buf_add_char(&m, (char)(*seed >> 24));
    }
    records(&r, type, buf_str(&m), 0);
    say(t, from, buf_str(&r));
}

static void say_message(struct talk *t, int from, void (*make)(struct buf *out, bool is_asking),
                        bool is_asking)
{
    CLEANUP(buf_done) struct buf m = BUF_INIT(65536), r = BUF_INIT(65536);

    make(&m, is_asking);
    records(&r, R_HANDSHAKE, buf_str(&m), 0);
    say(t, from, buf_str(&r));
}

static void make_hello(struct buf *out, bool is_asking)
{
    client_hello(out, is_asking ? "www.contoso.com" : "partner.contoso.com", NULL, false);
}

static void make_flight(struct buf *out, bool is_asking)
{
    static char der[1500];

    server_hello(out, 0x0303, false);
    certificate(out, (const struct str[]){{der, sizeof der}, {der, 900}}, 2);
    message(out, 12, (struct str){der, 300});
    if (is_asking)
        certificate_request(out, true, NULL, 0);
    message(out, 14, STR(""));
}

static void make_answer(struct buf *out, bool is_asking)
{
    if (is_asking)
        certificate(out, NULL, 0);
    message(out, 16, STR("the client's share of the key"));
}

/* A handshake and what comes after it; every second one asks for a certificate. */
static void add_connection(struct making *m, uint32_t i, uint32_t *seed)
{
    bool is_asking = i % 2;

    m->wire.is_v6 = i % 8 == 0;
    struct talk t = talk_begin(&m->wire, (uint16_t)(1024 + i % 60000), 443);
    say_message(&t, CLIENT, make_hello, is_asking);
    say_message(&t, SERVER, make_flight, is_asking);
    say_message(&t, CLIENT, make_answer, is_asking);
    for (int from = CLIENT; from <= SERVER; from++) {
        CLEANUP(buf_done) struct buf r = BUF_INIT(64);
        records(&r, R_CIPHER, STR("\x01"), 0);
        say(&t, from, buf_str(&r));
        say_records(&t, from, R_HANDSHAKE, 40, seed);
    }
    for (int k = 0; k < RECORDS_A_CONNECTION; k++) {
        say_records(&t, CLIENT, R_DATA, 300, seed);
        say_records(&t, SERVER, R_DATA, DATA_BYTES, seed);
    }
    talk_end(&t, SERVER);
}

static int make(const char *bundle, const char *capture, size_t mib, struct err *e)
{
    struct making m = {.file = fopen(capture, "wb"), .room = (mib + 8) << 20};
    struct bench_bundle *b = NULL;
    uint32_t seed = 1, i = 0;
    bool is_fine = m.file && (m.all = malloc(m.room));

    wire_open(&m.wire, LINK_ETHERNET, false);
    while (is_fine && m.len < mib << 20) {
        while (m.wire.out.len < FLUSH_BYTES)
            add_connection(&m, i++, &seed);
        is_fine = flush(&m);
    }
    buf_done(&m.wire.out);
    is_fine = m.file && fclose(m.file) == 0 && is_fine;
    if (!is_fine) {
        free(m.all);
        return err_set(e, ERR_IO, "%s: cannot be written", capture);
    }
    printf("%zu MiB of packets, %u connections\n", m.len >> 20, (unsigned)i);
    int r = bench_bundle_open(bundle, &b, e);
    if (r < 0) {
        free(m.all);
        return r;
    }
    r = bench_bundle_add_config(b, e);
    if (r == 0)
        r = bench_bundle_add(b, KIND_ATTACHMENT, "attach/bench.pcap", m.all, m.len, e);
    else
        free(m.all);
    int closed = bench_bundle_close(b, r == 0, e);
    return r < 0 ? r : closed;
}

static struct took best_of(const char *const *argv, int rounds)
{
    struct took best = {.wall = -1};

    for (int i = 0; i < rounds; i++) {
        struct took t = bench_run(argv);
        if (t.wall >= 0 && (best.wall < 0 || t.wall < best.wall))
            best = t;
    }
    return best;
}

static void set_against(const char *what, struct took ours, struct took peer)
{
    if (peer.wall < 0)
        printf("%-24s did not run\n", what);
    else
        printf("%-24s %8.3f s, %6.1f MiB; lint takes %.2f of its time\n", what, peer.wall,
               (double)peer.kib / 1024, ours.wall / peer.wall);
}

static int compare(const char *bundle, const char *capture, const char *server, int rounds)
{
    const char *const lint[] = {server, "lint", "--format", "json", bundle, NULL};
    const char *const tcpdump[] = {"tcpdump", "-r", capture, "-w", "/dev/null", NULL};
    const char *const unzip[] = {"unzip", "-p", bundle, NULL};
    const char *const tshark[] = {"tshark",
                                  "-r",
                                  capture,
                                  "-Y",
                                  "tls.handshake",
                                  "-T",
                                  "fields",
                                  "-e",
                                  "tcp.stream",
                                  "-e",
                                  "tls.handshake.type",
                                  "-e",
                                  "tls.handshake.extensions_server_name",
                                  NULL};
    struct took ours = best_of(lint, rounds);

    if (ours.wall < 0) {
        fprintf(stderr, "%s did not run\n", server);
        return 2;
    }
    printf("%-24s %8.3f s; largest process %.1f MiB, bar 64\n", "certtriage-server lint", ours.wall,
           (double)ours.kib / 1024);
    set_against("tshark -Y tls.handshake", ours, best_of(tshark, 1));
    set_against("tcpdump -r", ours, best_of(tcpdump, rounds));
    set_against("unzip -p", ours, best_of(unzip, rounds));
    return 0;
}

int main(int argc, char **argv)
{
    const char *server = "build/bin/certtriage-server";
    char bundle[] = "/tmp/bench-capture-XXXXXX", capture[] = "/tmp/bench-packets-XXXXXX";
    long mib = 100, rounds = 3;
    struct err e = {0};

    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--server") == 0)
            server = argv[i + 1];
        else if (strcmp(argv[i], "--mib") == 0)
            mib = strtol(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--rounds") == 0)
            rounds = strtol(argv[i + 1], NULL, 10);
    }
    (void)close(mkstemp(bundle));
    (void)close(mkstemp(capture));
    int r = make(bundle, capture, (size_t)mib, &e);
    if (r < 0)
        fprintf(stderr, "bench_capture: %s\n", e.text);
    else
        r = compare(bundle, capture, server, (int)rounds);
    (void)unlink(bundle);
    (void)unlink(capture);
    return r < 0 ? 2 : r;
}
