/* SPDX-License-Identifier: Apache-2.0
 *
 * Event logs, by wevtapi.dll. It is looked up while we run: imported, it would be one more DLL that the EXE
 * cannot start without. */
#include "win32.h"

#include <stdlib.h>
#include <winevt.h>

enum { BATCH = 32, NEXT_MS = 30000, EVENT_BYTES_MAX = 8 << 20 };

typedef EVT_HANDLE(WINAPI *query_fn)(EVT_HANDLE, LPCWSTR, LPCWSTR, DWORD);
typedef BOOL(WINAPI *next_fn)(EVT_HANDLE, DWORD, EVT_HANDLE *, DWORD, DWORD, PDWORD);
typedef BOOL(WINAPI *render_fn)(EVT_HANDLE, EVT_HANDLE, DWORD, DWORD, PVOID, PDWORD, PDWORD);
typedef BOOL(WINAPI *close_fn)(EVT_HANDLE);

struct api {
    query_fn query;
    next_fn next;
    render_fn render;
    close_fn close;
};

struct walk {
    struct api api;
    const char *channel;
    struct buf wide, text;
    os_event_fn take;
    void *ctx;
};

static void free_walk(struct walk *w)
{
    buf_done(&w->wide);
    buf_done(&w->text);
}

static int failed(const struct walk *w, DWORD code, struct err *e)
{
    if (code == NO_ERROR)
        return err_set(e, ERR_IO, "%s: the event log failed and gave no code", w->channel);
    return err_windows(e, code, ERROR_EVT_CHANNEL_NOT_FOUND, 0, "%s", w->channel);
}

static int give_event(struct walk *w, EVT_HANDLE event, struct err *e)
{
    DWORD room = 65536, used = 0, properties = 0, code = ERROR_INSUFFICIENT_BUFFER;

    for (unsigned tries = 0; tries < 2 && code == ERROR_INSUFFICIENT_BUFFER; tries++) {
        buf_clear(&w->wide);
        void *p = buf_reserve(&w->wide, room);
        if (p == NULL)
            return err_set(e, ERR_LIMIT, "%s: an event of %lu bytes", w->channel, (unsigned long)room);
        code = w->api.render(NULL, event, EvtRenderEventXml, room, p, &used, &properties) ? NO_ERROR
                                                                                          : GetLastError();
        room = used;
    }
    if (code != NO_ERROR)
        return err_windows(e, code, 0, 0, "%s: an event", w->channel);
    buf_clear(&w->text);
    wide_to_utf8(&w->text, wide_p(&w->wide));
    if (buf_check(&w->text, w->channel, e) != 0)
        return -e->code;
    return w->take(w->ctx, buf_str(&w->text));
}

static int give_batch(struct walk *w, EVT_HANDLE result, bool *ret_end, struct err *e)
{
    EVT_HANDLE events[BATCH];
    DWORD n = 0;
    int r = 0;

    SetLastError(NO_ERROR);
    if (!w->api.next(result, BATCH, events, NEXT_MS, 0, &n)) {
        DWORD code = GetLastError();
        *ret_end = code == ERROR_NO_MORE_ITEMS;
        return *ret_end ? 0 : failed(w, code, e);
    }
    for (DWORD i = 0; i < n; i++) {
        if (r == 0)
            r = give_event(w, events[i], e);
        (void)w->api.close(events[i]);
    }
    return r;
}

static int walk_channel(struct walk *w, const char *query, struct err *e)
{
    CLEANUP(buf_done) struct buf channel = WIDE_INIT;
    CLEANUP(buf_done) struct buf xpath = WIDE_INIT;
    EVT_HANDLE result;
    bool end = false;
    int r = 0;

    if (wide_from(str_from(w->channel), &channel, e) != 0 || wide_from(str_from(query), &xpath, e) != 0)
        return -e->code;
    SetLastError(NO_ERROR);
    result =
        w->api.query(NULL, wide_p(&channel), wide_p(&xpath), EvtQueryChannelPath | EvtQueryReverseDirection);
    if (result == NULL)
        return failed(w, GetLastError(), e);
    while (r == 0 && !end)
        r = give_batch(w, result, &end, e);
    (void)w->api.close(result);
    return r;
}

int os_events(struct os *os, const char *channel, const char *query, os_event_fn take, void *ctx,
              struct err *e)
{
    CLEANUP(free_walk)
    struct walk w = {.api = {.query = (query_fn)win32_lookup(L"wevtapi.dll", "EvtQuery"),
                             .next = (next_fn)win32_lookup(L"wevtapi.dll", "EvtNext"),
                             .render = (render_fn)win32_lookup(L"wevtapi.dll", "EvtRender"),
                             .close = (close_fn)win32_lookup(L"wevtapi.dll", "EvtClose")},
                     .channel = channel,
                     .wide = BUF_INIT(EVENT_BYTES_MAX),
                     .text = BUF_INIT(EVENT_BYTES_MAX),
                     .take = take,
                     .ctx = ctx};

    (void)os;
    if (w.api.query == NULL || w.api.next == NULL || w.api.render == NULL || w.api.close == NULL)
        return err_set(e, ERR_UNSUPPORTED, "%s: this Windows has no wevtapi.dll", channel);
    return walk_channel(&w, query, e);
}
