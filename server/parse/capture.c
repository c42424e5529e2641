/* SPDX-License-Identifier: Apache-2.0 */
#include "capture.h"

#include <stdio.h>
#include <string.h>

#include <pcap/pcap.h>

#include "text.h"

enum { FILE_BUFFER_BYTES = 65536 };
#define SECONDS_MAX 253402300799LL

struct source {
    capture_next_fn next;
    void *ctx;
};

static ssize_t read_source(void *cookie, char *to, size_t room)
{
    struct source *s = cookie;

    return s->next(s->ctx, (uint8_t *)to, room);
}

static void copy_text(char *to, size_t room, const char *from)
{
    (void)snprintf(to, room, "%s", from);
}

/* Up to the end of the year 9999. */
static int64_t time_of(const struct pcap_pkthdr *header)
{
    int64_t s = (int64_t)header->ts.tv_sec, us = (int64_t)header->ts.tv_usec;

    return s < 0 || s > SECONDS_MAX || us < 0 || us > 999999 ? TIME_NONE : s * 1000 + us / 1000;
}

static int read_packets(pcap_t *p, capture_take_fn take, void *take_ctx, struct capture_result *ret)
{
    struct pcap_pkthdr *header;
    const u_char *data;
    int r, taken = 0;

    ret->link = pcap_datalink(p);
    while (taken == 0 && (r = pcap_next_ex(p, &header, &data)) == 1) {
        struct capture_packet packet = {.time_ms = time_of(header),
                                        .link = ret->link,
                                        .data = {data, header->caplen},
                                        .wire_bytes = header->len};
        ret->packets++;
        taken = take(take_ctx, &packet);
    }
    if (taken == 0 && r != PCAP_ERROR_BREAK)
        copy_text(ret->why, sizeof ret->why, pcap_geterr(p));
    return taken;
}

int capture_read(capture_next_fn next, void *ctx, capture_take_fn take, void *take_ctx,
                 struct capture_result *ret, struct err *e)
{
    char why[PCAP_ERRBUF_SIZE] = "";
    struct source source = {next, ctx};
    FILE *file = fopencookie(&source, "r", (cookie_io_functions_t){.read = read_source});

    *ret = (struct capture_result){0};
    if (!file)
        return err_set(e, ERR_NOMEM, "out of memory");
    (void)setvbuf(file, NULL, _IOFBF, FILE_BUFFER_BYTES);
    pcap_t *p = pcap_fopen_offline(file, why); /* from here on it owns the file */
    if (!p) {
        (void)fclose(file);
        return err_set(e, ERR_FORMAT, "it is no capture: %s", why);
    }
    int r = read_packets(p, take, take_ctx, ret);
    pcap_close(p);
    return r;
}

const char *capture_link_name(int link)
{
    const char *name = pcap_datalink_val_to_name(link);

    return name ? name : "of an unknown kind";
}
