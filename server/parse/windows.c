/* SPDX-License-Identifier: Apache-2.0 */
#include "windows.h"

#include "compiler.h"

#define U WINDOWS_UNKNOWN

/* Sources: causes §0; the protocol columns: Microsoft's table "TLS protocol version support" (Schannel).
 * Order of the protocol columns: SSL 2.0, SSL 3.0, TLS 1.0, 1.1, 1.2, 1.3. */
static const struct windows_family families[] = {
    {6000, NULL, "Windows Vista", "7.0", 1, 0, 0, {U, 1, 1, 0, 0, 0}, {0, 1, 1, 0, 0, 0}},
    {6001, "Windows Server 2008", "Windows Vista", "7.0", 1, 0, 0, {1, 1, 1, 0, 0, 0}, {0, 1, 1, 0, 0, 0}},
    {7600, "Windows Server 2008 R2", "Windows 7", "7.5", 1, 0, 0, {1, 1, 1, 0, 0, 0}, {0, 1, 1, 0, 0, 0}},
    {9200, "Windows Server 2012", "Windows 8", "8.0", 0, 1, 0, {0, 1, 1, 1, 1, 0}, {0, 1, 1, 1, 1, 0}},
    {9600, "Windows Server 2012 R2", "Windows 8.1", "8.5", 0, 1, 0, {0, 1, 1, 1, 1, 0}, {0, 1, 1, 1, 1, 0}},
    {10240, NULL, "Windows 10", "10.0", 0, 1, 1, {0, 1, 1, 1, 1, 0}, {0, 1, 1, 1, 1, 0}},
    {14393, "Windows Server 2016", "Windows 10", "10.0", 0, 1, 1, {0, 0, 1, 1, 1, 0}, {0, 0, 1, 1, 1, 0}},
    {16299,
     "Windows Server, version 1709",
     "Windows 10",
     "10.0",
     0,
     1,
     1,
     {0, 0, 1, 1, 1, 0},
     {0, 0, 1, 1, 1, 0}},
    {17134,
     "Windows Server, version 1803",
     "Windows 10",
     "10.0",
     0,
     1,
     1,
     {0, 0, 1, 1, 1, 0},
     {0, 0, 1, 1, 1, 0}},
    {17763, "Windows Server 2019", "Windows 10", "10.0", 0, 1, 1, {0, 0, 1, 1, 1, 0}, {0, 0, 1, 1, 1, 0}},
    {18362,
     "Windows Server, version 1903",
     "Windows 10",
     "10.0",
     0,
     1,
     1,
     {0, 0, 1, 1, 1, 0},
     {0, 0, 1, 1, 1, 0}},
    {19041,
     "Windows Server, version 2004",
     "Windows 10",
     "10.0",
     0,
     1,
     1,
     {0, 0, 1, 1, 1, 0},
     {0, 0, 1, 1, 1, 0}},
    {20348, "Windows Server 2022", NULL, "10.0", 0, 1, 1, {0, 0, 1, 1, 1, 1}, {0, 0, 1, 1, 1, 1}},
    {22000, NULL, "Windows 11", "10.0", 0, 1, 1, {0, 0, 1, 1, 1, 1}, {0, 0, 1, 1, 1, 1}},
    {25398,
     "Windows Server, version 23H2",
     "Windows 11",
     "10.0",
     0,
     1,
     1,
     {0, 0, 1, 1, 1, 1},
     {0, 0, 1, 1, 1, 1}},
    {26100, "Windows Server 2025", "Windows 11", "10.0", 0, 1, 1, {0, 0, U, U, 1, 1}, {0, 0, U, U, 1, 1}},
};

const struct windows_family *windows_of_build(int64_t build)
{
    const struct windows_family *found = NULL;

    for (size_t i = 0; i < ARRAY_LEN(families) && families[i].build <= build; i++)
        found = &families[i];
    return found;
}

bool windows_is_client(struct str installation)
{
    return str_ieq(installation, STR("Client"));
}

const char *windows_name(int64_t build, struct str installation)
{
    const struct windows_family *f = windows_of_build(build);

    if (!f)
        return NULL;
    if (windows_is_client(installation))
        return f->client ? f->client : f->server;
    return f->server ? f->server : f->client;
}

const char *windows_protocol_name(enum windows_protocol p)
{
    static const char *const names[WINDOWS_PROTOCOLS] = {"SSL 2.0", "SSL 3.0", "TLS 1.0",
                                                         "TLS 1.1", "TLS 1.2", "TLS 1.3"};

    return names[p];
}
