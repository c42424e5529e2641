/* SPDX-License-Identifier: Apache-2.0
 *
 * A wevtapi.dll for test_wine_events.sh, since Wine's has no events: what the documentation says of EvtQuery,
 * EvtNext and EvtRender. Each query that it is asked goes to C:\queries.txt. System holds two events and is
 * gone through to its end; the CAPI2 log is empty, Application does not exist, Security may not be read. */
#include <stdio.h>
#include <string.h>

#include <windows.h>

typedef HANDLE EVT_HANDLE;

static const wchar_t *const EVENTS[] = {
    L"<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider "
    L"Name='Schannel'/>"
    L"<EventID>36887</EventID><Level>2</Level><TimeCreated SystemTime='2026-01-02T03:04:05.000000000Z'/>"
    L"<EventRecordID>8</EventRecordID><Channel>System</Channel><Computer>WEB01</Computer></System><EventData>"
    L"<Data Name='AlertDesc'>48</Data><Data "
    L"Name='Own'>Pl4nted</Data></EventData><RenderingInfo><Message>Pl4nted"
    L"</Message></RenderingInfo></Event>",
    L"<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider "
    L"Name='Schannel'/>"
    L"<EventID>36888</EventID><Level>2</Level><TimeCreated SystemTime='2026-01-01T03:04:05.000000000Z'/>"
    L"<EventRecordID>7</EventRecordID><Channel>System</Channel><Computer>WEB01</Computer></System><EventData>"
    L"<Data Name='AlertDesc'>40</Data><Data "
    L"Name='TargetName'>\x8a3c\x660e.contoso.com</Data></EventData></Event>",
};
static int handles[4]; /* a query, and one for each event */
static size_t given;

__declspec(dllexport) EVT_HANDLE WINAPI
    EvtQuery(EVT_HANDLE session, const wchar_t *path, const wchar_t *query, DWORD flags)
{
    FILE *f = fopen("C:\\queries.txt", "ab");

    if (f != NULL) {
        fprintf(f, "%ls %lx %ls\n", path, flags, query);
        fclose(f);
    }
    given = wcscmp(path, L"System") == 0 ? 0 : 2;
    SetLastError(wcscmp(path, L"Application") == 0 ? 15007 : wcscmp(path, L"Security") == 0 ? 5 : 0);
    return session == NULL && GetLastError() == 0 ? &handles[0] : NULL;
}

/* One at a time, though more were asked for. */
__declspec(dllexport) BOOL WINAPI
    EvtNext(EVT_HANDLE set, DWORD room, EVT_HANDLE *events, DWORD timeout, DWORD flags, DWORD *returned)
{
    *returned = 0;
    if (set != &handles[0] || room == 0 || timeout == 0 || flags != 0 || given == 2) {
        SetLastError(given == 2 ? ERROR_NO_MORE_ITEMS : ERROR_INVALID_PARAMETER);
        return FALSE;
    }
    events[(*returned)++] = &handles[++given];
    return TRUE;
}

__declspec(dllexport) BOOL WINAPI EvtRender(EVT_HANDLE context, EVT_HANDLE event, DWORD flags, DWORD room,
                                            void *out, DWORD *used, DWORD *properties)
{
    const wchar_t *xml = EVENTS[(int *)event - handles - 1];

    *used = (DWORD)((wcslen(xml) + 1) * sizeof(wchar_t));
    *properties = 0;
    if (context != NULL || flags != 1 || *used > room) {
        SetLastError(ERROR_INSUFFICIENT_BUFFER);
        return FALSE;
    }
    memcpy(out, xml, *used);
    return TRUE;
}

__declspec(dllexport) BOOL WINAPI EvtClose(EVT_HANDLE h)
{
    return (int *)h >= handles && (int *)h < handles + 4;
}
