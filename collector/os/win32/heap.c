/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory of our own: a heap that no DLL knows. A call of the system that hangs may hold the lock of the
 * process heap for ever; whoever then ends the bundle must still get memory. These stand in for msvcrt's in
 * all that is linked into the EXE, libraries included. What msvcrt itself allocates stays its own: nothing
 * here may free it, so whatever of msvcrt returns memory is written here as well (strdup and its kind). */
#include <windows.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static HANDLE heap_of_ours(void)
{
    static void *volatile made;
    HANDLE heap = made, other;

    if (heap != NULL)
        return heap;
    heap = HeapCreate(0, 0, 0);
    if (heap == NULL)
        return NULL; /* never the process heap: that is the one whose lock may be gone */
    other = InterlockedCompareExchangePointer(&made, heap, NULL);
    if (other != NULL)
        (void)HeapDestroy(heap);
    return other != NULL ? other : heap;
}

static void *allocate(DWORD flags, size_t len)
{
    HANDLE heap = heap_of_ours();
    void *p = heap == NULL ? NULL : HeapAlloc(heap, flags, len == 0 ? 1 : len);

    if (p == NULL)
        errno = ENOMEM;
    return p;
}

void *malloc(size_t len)
{
    return allocate(0, len);
}

void *calloc(size_t count, size_t size)
{
    if (size != 0 && count > (size_t)-1 / size) {
        errno = ENOMEM;
        return NULL;
    }
    return allocate(HEAP_ZERO_MEMORY, count * size);
}

void free(void *p)
{
    if (p != NULL)
        (void)HeapFree(heap_of_ours(), 0, p);
}

void *realloc(void *p, size_t len)
{
    if (p == NULL)
        return malloc(len);
    if (len == 0) {
        free(p);
        return NULL;
    }
    p = HeapReAlloc(heap_of_ours(), 0, p, len);
    if (p == NULL)
        errno = ENOMEM;
    return p;
}

static void *copy(const void *p, size_t len)
{
    void *to = malloc(len);

    return to == NULL ? NULL : memcpy(to, p, len);
}

char *strdup(const char *s)
{
    return copy(s, strlen(s) + 1);
}

wchar_t *wcsdup(const wchar_t *s)
{
    return copy(s, (wcslen(s) + 1) * sizeof(wchar_t));
}

/* Headers declare some of them as imported: the pointers that such calls go through. On x86 the compiler puts
 * an underscore of its own before each name. */
#ifdef _WIN64
#define IMPORTED(name) __imp_##name
#else
#define IMPORTED(name) _imp__##name
#endif
void *(*IMPORTED(malloc))(size_t) = malloc;
void *(*IMPORTED(calloc))(size_t, size_t) = calloc;
void *(*IMPORTED(realloc))(void *, size_t) = realloc;
void (*IMPORTED(free))(void *) = free;
char *(*IMPORTED(_strdup))(const char *) = strdup;
wchar_t *(*IMPORTED(_wcsdup))(const wchar_t *) = wcsdup;
