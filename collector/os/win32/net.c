/* SPDX-License-Identifier: Apache-2.0
 *
 * Connections, each call with a time that it may take. */
#include <winsock2.h> /* before windows.h, which win32.h includes */

#include "win32.h"

#include <stdlib.h>
#include <string.h>
#include <ws2tcpip.h>

enum { ADDRESSES_MAX = 4 };

struct os_net {
    SOCKET s;
};

static int net_error(struct err *e, int code, const char *what)
{
    if (code == WSAETIMEDOUT) {
        (void)err_set(e, ERR_TIMEOUT, "%s: no answer in time", what);
        e->os_code = WSAETIMEDOUT;
        return -ERR_TIMEOUT;
    }
    return err_windows(e, (DWORD)code, 0, 0, "%s", what);
}

/* WSAETIMEDOUT, or 0: the socket can be written to (or read from). */
static int wait_for(SOCKET s, bool writing, int timeout_ms)
{
    struct timeval t = {timeout_ms / 1000, timeout_ms % 1000 * 1000};
    fd_set wanted, failed;
    int n;

    FD_ZERO(&wanted);
    FD_ZERO(&failed);
    FD_SET(s, &wanted);
    FD_SET(s, &failed);
    n = select(0, writing ? NULL : &wanted, writing ? &wanted : NULL, &failed, &t);
    if (n == 0)
        return WSAETIMEDOUT;
    return n < 0 ? WSAGetLastError() : 0;
}

static int finish_connect(SOCKET s, int timeout_ms)
{
    int code = wait_for(s, true, timeout_ms), failure = 0, len = sizeof failure;

    if (code == 0 && getsockopt(s, SOL_SOCKET, SO_ERROR, (char *)&failure, &len) != 0)
        code = WSAGetLastError();
    return code != 0 ? code : failure;
}

static int connect_to(const ADDRINFOW *a, int timeout_ms, SOCKET *ret)
{
    SOCKET s = socket(a->ai_family, SOCK_STREAM, IPPROTO_TCP);
    u_long nonblocking = 1;
    int code = 0;

    if (s == INVALID_SOCKET)
        return WSAGetLastError();
    if (ioctlsocket(s, (long)FIONBIO, &nonblocking) != 0)
        code = WSAGetLastError();
    else if (connect(s, a->ai_addr, (int)a->ai_addrlen) != 0)
        code = WSAGetLastError() == WSAEWOULDBLOCK ? finish_connect(s, timeout_ms) : WSAGetLastError();
    if (code != 0)
        (void)closesocket(s);
    else
        *ret = s;
    return code;
}

static void name_of(const struct sockaddr *a, socklen_t len, char *ret, size_t room)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(256);
    wchar_t wide[64];

    if (GetNameInfoW(a, len, wide, ARRAY_LEN(wide), NULL, 0, NI_NUMERICHOST) != 0)
        return;
    wide_to_utf8(&text, wide);
    if (text.len < room)
        memcpy(ret, buf_c(&text), text.len + 1);
}

static void note_ends(SOCKET s, const ADDRINFOW *a, struct os_net_ends *ends)
{
    struct sockaddr_storage local = {0};
    int len = sizeof local;

    name_of(a->ai_addr, (socklen_t)a->ai_addrlen, ends->address, sizeof ends->address);
    if (getsockname(s, (struct sockaddr *)&local, &len) != 0)
        return;
    name_of((const struct sockaddr *)&local, len, ends->local_address, sizeof ends->local_address);
    ends->local_port = ntohs(((const struct sockaddr_in *)&local)->sin_port); /* at the same place in IPv6 */
}

static int resolve(struct str host, uint16_t port, ADDRINFOW **ret, struct err *e)
{
    CLEANUP(buf_done) struct buf wide = WIDE_INIT;
    ADDRINFOW hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_protocol = IPPROTO_TCP};
    wchar_t service[8] = {0};
    WSADATA data;
    int code, r = 0;

    if (host.len > 2 && host.p[0] == '[' && host.p[host.len - 1] == ']')
        host = (struct str){host.p + 1, host.len - 2};
    r = wide_from(host, &wide, e);
    if (r != 0)
        return r;
    for (unsigned at = 5, v = port; at > 0; v /= 10)
        service[--at] = (wchar_t)(L'0' + v % 10);
    code = WSAStartup(MAKEWORD(2, 2), &data);
    if (code == 0)
        code = GetAddrInfoW(wide_p(&wide), service, &hints, ret);
    return code == 0 ? 0 : err_windows(e, (DWORD)code, 0, 0, "%.*s", (int)host.len, host.p);
}

static int connect_any(const ADDRINFOW *list, const char *what, int timeout_ms, struct os_net *n,
                       struct os_net_ends *ends, struct err *e)
{
    int code = WSAEADDRNOTAVAIL, tries = 0;

    for (const ADDRINFOW *a = list; code != 0 && a != NULL && tries < ADDRESSES_MAX;
         a = a->ai_next, tries++) {
        code = connect_to(a, timeout_ms, &n->s);
        if (code == 0)
            note_ends(n->s, a, ends);
    }
    return code == 0 ? 0 : net_error(e, code, what);
}

int os_net_connect(struct os *os, struct str host, uint16_t port, int timeout_ms, struct os_net **ret,
                   struct os_net_ends *ret_ends, struct err *e)
{
    CLEANUP(buf_done) struct buf what = BUF_INIT(1024);
    struct os_net *n = calloc(1, sizeof *n);
    ADDRINFOW *list = NULL;
    int r;

    (void)os;
    *ret_ends = (struct os_net_ends){.stage = "resolve"};
    if (n == NULL)
        return err_set(e, ERR_NOMEM, "out of memory");
    buf_printf(&what, "%.*s:%u", (int)host.len, host.p, port);
    r = resolve(host, port, &list, e);
    if (r == 0) {
        ret_ends->stage = "connect";
        r = connect_any(list, buf_c(&what), timeout_ms, n, ret_ends, e);
        FreeAddrInfoW(list);
    }
    if (r == 0)
        *ret = n;
    else
        free(n);
    return r;
}

int os_net_send(struct os_net *n, const void *data, size_t len, int timeout_ms, struct err *e)
{
    const char *p = data;

    while (len > 0) {
        int code = wait_for(n->s, true, timeout_ms);
        int sent = code != 0 ? -1 : send(n->s, p, (int)(len > 65536 ? 65536 : len), 0);
        if (sent < 0 && code == 0)
            code = WSAGetLastError();
        if (sent < 0 && code != WSAEWOULDBLOCK)
            return net_error(e, code, "send");
        p += sent < 0 ? 0 : sent;
        len -= sent < 0 ? 0 : (size_t)sent;
    }
    return 0;
}

int64_t os_net_recv(struct os_net *n, void *data, size_t room, int timeout_ms, struct err *e)
{
    int code = WSAEWOULDBLOCK, got = -1;

    while (code == WSAEWOULDBLOCK) {
        code = wait_for(n->s, false, timeout_ms);
        got = code != 0 ? -1 : recv(n->s, data, (int)(room > 65536 ? 65536 : room), 0);
        if (got < 0 && code == 0)
            code = WSAGetLastError();
    }
    return got >= 0 ? got : net_error(e, code, "receive");
}

void os_net_close(struct os_net *n)
{
    if (n == NULL)
        return;
    (void)closesocket(n->s);
    free(n);
}
