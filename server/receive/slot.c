/* SPDX-License-Identifier: Apache-2.0 */
#include "slot.h"

#include <arpa/inet.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

struct address address_of(const struct sockaddr *from)
{
    struct address a = {{0}};

    if (from && from->sa_family == AF_INET) {
        a.bytes[10] = a.bytes[11] = 0xff;
        memcpy(a.bytes + 12, &((const struct sockaddr_in *)(const void *)from)->sin_addr, 4);
    } else if (from && from->sa_family == AF_INET6) {
        memcpy(a.bytes, &((const struct sockaddr_in6 *)(const void *)from)->sin6_addr, 8);
    }
    return a;
}

bool address_from(const char *text, struct address *ret)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    bool is_v4 = inet_pton(AF_INET, text, &v4.sin_addr) == 1;

    if (!is_v4 && inet_pton(AF_INET6, text, &v6.sin6_addr) != 1)
        return false;
    *ret = address_of(is_v4 ? (const struct sockaddr *)(const void *)&v4
                            : (const struct sockaddr *)(const void *)&v6);
    return true;
}

const char *address_text(const struct address *a, char ret[INET6_ADDRSTRLEN])
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    bool is_v4 = memcmp(a->bytes, mapped, sizeof mapped) == 0;

    return inet_ntop(is_v4 ? AF_INET : AF_INET6, is_v4 ? a->bytes + 12 : a->bytes, ret, INET6_ADDRSTRLEN);
}

bool address_is(const struct address *a, const struct address *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

uint64_t slot_progress(const struct slot *s)
{
    struct tcp_info info = {0};
    socklen_t len = sizeof info;

    if (getsockopt(s->fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0)
        return 0;
    return s->phase == PHASE_ANSWER ? info.tcpi_bytes_acked : info.tcpi_bytes_received;
}

bool slot_waits_for_us(const struct slot *s)
{
    int n = 0;

    if (s->phase == PHASE_ANSWER)
        return ioctl(s->fd, SIOCOUTQ, &n) == 0 && n == 0;
    return ioctl(s->fd, SIOCINQ, &n) == 0 && n > 0;
}

void slot_say(const struct slot *s, unsigned status, const char *title, const char *detail)
{
    char body[512], text[1024];
    int n;

    if (s->is_tls)
        return;
    n = snprintf(body, sizeof body,
                 "{\"type\": \"about:blank\", \"title\": \"%s\", \"status\": %u, \"detail\": \"%s\"}\n",
                 title, status, detail);
    n = snprintf(text, sizeof text,
                 "HTTP/1.1 %u %s\r\nContent-Type: application/problem+json\r\n"
                 "Content-Length: %d\r\nConnection: close\r\n\r\n%s",
                 status, MHD_get_reason_phrase_for(status), n, body);
    (void)send(s->fd, text, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL);
}
