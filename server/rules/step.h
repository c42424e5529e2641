/* SPDX-License-Identifier: Apache-2.0
 *
 * step: one line of what a rule advises (remedy, confirm): "undo: $ command", "PS> command", words; before it
 * "[9200-]" or "[-9199]", the builds of Windows that it is for. Private to server/rules. */
#ifndef CERTTRIAGE_STEP_H
#define CERTTRIAGE_STEP_H

#include "str.h"

struct step {
    const char *kind;    /* "text", "command", "undo" */
    const char *shell;   /* "cmd", "powershell"; NULL: words for a person */
    struct str text;     /* what follows: the command, or the words */
    int64_t from, until; /* CurrentBuildNumber; 0 and INT64_MAX when nothing is said */
    bool is_for_builds;  /* one of them is said */
};

/* A "[" that begins no such range is part of the text. */
struct step step_read(struct str line);

/* The first build of Windows that has what the command names (a cmdlet, a provider, a word of netsh or
 * certutil), 0 when every Windows from Server 2008 R2 on has it. *ret_word: what it is, static. Sources:
 * Microsoft's pages of each cmdlet and module ("applies to"), of the certificate provider of PowerShell 3.0
 * and of certutil. */
int64_t command_since(struct str command, const char **ret_word);

#endif
