/* SPDX-License-Identifier: Apache-2.0 */
#include "step.h"

#include <string.h>

#include "compiler.h"

/* What Windows Server 2008 R2 (PowerShell 2.0) does not have. All words of a row, in this order, make it. */
static const struct {
    int64_t since;
    const char *word, *then;
} newer[] = {
    {9200, "Install-WindowsFeature", NULL}, /* 2008 R2: Add-WindowsFeature of the module ServerManager */
    {9200, "Move-Item", "Cert:"},           /* the provider of PowerShell 2.0 only reads */
    {9200, "Remove-Item", "Cert:"},
    {9200, "Where-Object ", " -"}, /* without a script block; the block's own is taken out below */
    {9200, "Uninstall-WindowsFeature", NULL},
    {9200, "Import-Certificate", NULL},
    {9200, "Import-PfxCertificate", NULL},
    {9200, "Export-PfxCertificate", NULL},
    {9200, "New-SelfSignedCertificate", NULL},
    {9200, "Get-NetTCP", NULL},
    {9200, "Resolve-DnsName", NULL},
    {9200, "hostnameport=", NULL},
    {9200, "ccs=", NULL},
    {9600, "Test-NetConnection", NULL},
    {9600, "-generateSSTFromWU", NULL},
    {14393, "-TlsCipherSuite", NULL},
    {14393, "-TlsEccCurve", NULL},
    {14393, "-IISS", NULL}, /* the module IISAdministration */
    {14393, "netsh http update", NULL},
    {17763, "pktmon", NULL},
};

static struct str find(struct str in, const char *word)
{
    struct str w = str_from(word);

    for (; in.len >= w.len; in = str_skip(in, 1))
        if (str_starts(in, w))
            return in;
    return (struct str){NULL, 0};
}

int64_t command_since(struct str command, const char **ret_word)
{
    int64_t since = 0;

    for (size_t i = 0; i < ARRAY_LEN(newer); i++) {
        struct str at = find(command, newer[i].word);
        if (!at.p || newer[i].since <= since)
            continue;
        struct str rest = str_skip(at, strlen(newer[i].word));
        if (newer[i].then && (str_starts(rest, STR("{")) || !find(rest, newer[i].then).p))
            continue;
        since = newer[i].since;
        *ret_word = newer[i].word;
    }
    return since;
}

/* "[from-until] " with one of both left out. */
static struct str read_builds(struct str line, struct step *s)
{
    struct str rest = str_skip(line, 1), number = rest;
    uint64_t from = 0, until = INT64_MAX;

    while (rest.len && rest.p[0] >= '0' && rest.p[0] <= '9')
        rest = str_skip(rest, 1);
    number.len -= rest.len;
    if (!str_starts(rest, STR("-")) || (number.len && !str_to_u64(number, INT32_MAX, &from)))
        return line;
    rest = number = str_skip(rest, 1);
    while (rest.len && rest.p[0] >= '0' && rest.p[0] <= '9')
        rest = str_skip(rest, 1);
    number.len -= rest.len;
    if (!str_starts(rest, STR("] ")) || (number.len && !str_to_u64(number, INT32_MAX, &until)))
        return line;
    s->from = (int64_t)from;
    s->until = (int64_t)until;
    s->is_for_builds = true;
    return str_trim(str_skip(rest, 2));
}

struct step step_read(struct str line)
{
    struct step s = {.kind = "text", .text = str_trim(line), .until = INT64_MAX};

    if (str_starts(s.text, STR("[")))
        s.text = read_builds(s.text, &s);
    bool is_undo = str_starts(s.text, STR("undo: "));
    if (is_undo)
        s.text = str_trim(str_skip(s.text, 6));
    if (str_starts(s.text, STR("$ "))) {
        s.shell = "cmd";
        s.text = str_skip(s.text, 2);
    } else if (str_starts(s.text, STR("PS> "))) {
        s.shell = "powershell";
        s.text = str_skip(s.text, 4);
    }
    if (is_undo)
        s.kind = "undo";
    else if (s.shell)
        s.kind = "command";
    return s;
}
