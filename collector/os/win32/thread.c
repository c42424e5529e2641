/* SPDX-License-Identifier: Apache-2.0 */
#include "../process.h"
#include "win32.h"

#include <stdlib.h>

struct os_thread {
    HANDLE handle, start, done;
    DWORD id;
    void (*work)(void *ctx);
    void *ctx;
};

static DWORD WINAPI wait_and_work(void *arg)
{
    struct os_thread *t = arg;

    (void)WaitForSingleObject(t->start, INFINITE);
    if (t->work != NULL)
        t->work(t->ctx);
    (void)SetEvent(t->done);
    return 0;
}

static void close_all(struct os_thread *t)
{
    handle_done(&t->handle);
    handle_done(&t->start);
    handle_done(&t->done);
    free(t);
}

int os_thread_new(struct os_thread **ret, struct err *e)
{
    enum { STACK_BYTES = 1 << 20 };
    struct os_thread *t = calloc(1, sizeof *t);

    if (t == NULL)
        return err_set(e, ERR_NOMEM, "thread: out of memory");
    t->start = CreateEventW(NULL, TRUE, FALSE, NULL);
    t->done = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (t->start != NULL && t->done != NULL)
        t->handle =
            CreateThread(NULL, STACK_BYTES, wait_and_work, t, STACK_SIZE_PARAM_IS_A_RESERVATION, &t->id);
    if (t->handle == NULL) {
        int r = err_windows(e, GetLastError(), 0, 0, "thread");
        close_all(t);
        return r;
    }
    *ret = t;
    return 0;
}

void os_thread_run(struct os_thread *t, void (*work)(void *ctx), void *ctx)
{
    t->work = work;
    t->ctx = ctx;
    (void)SetEvent(t->start);
}

bool os_thread_wait(struct os_thread *t, unsigned ms)
{
    return WaitForSingleObject(t->done, ms) == WAIT_OBJECT_0;
}

void os_thread_free(struct os_thread *t)
{
    if (t == NULL || (t->work != NULL && !os_thread_wait(t, 0)))
        return;
    (void)SetEvent(t->start);
    (void)WaitForSingleObject(t->handle, INFINITE);
    close_all(t);
}

/* A slim lock asks for no memory, neither when it is made nor when it is fought over. */
struct os_gate {
    SRWLOCK lock;
    DWORD owner;
};

int os_gate_new(struct os_gate **ret, struct err *e)
{
    struct os_gate *g = calloc(1, sizeof *g);

    if (g == NULL)
        return err_set(e, ERR_NOMEM, "gate: out of memory");
    InitializeSRWLock(&g->lock);
    g->owner = GetCurrentThreadId();
    *ret = g;
    return 0;
}

void os_gate_free(struct os_gate *g)
{
    free(g);
}

void os_gate_give(struct os_gate *g, const struct os_thread *owner)
{
    AcquireSRWLockExclusive(&g->lock);
    g->owner = owner == NULL ? GetCurrentThreadId() : owner->id;
    ReleaseSRWLockExclusive(&g->lock);
}

void os_gate_enter(struct os_gate *g)
{
    AcquireSRWLockExclusive(&g->lock);
    if (g->owner == GetCurrentThreadId())
        return;
    ReleaseSRWLockExclusive(&g->lock);
    for (;;)
        Sleep(INFINITE);
}

void os_gate_leave(struct os_gate *g)
{
    ReleaseSRWLockExclusive(&g->lock);
}

void os_sleep_ms(unsigned ms)
{
    Sleep(ms);
}

unsigned os_ticks_ms(void)
{
    return (unsigned)GetTickCount64();
}
