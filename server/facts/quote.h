/* SPDX-License-Identifier: Apache-2.0
 *
 * quote: values from evidence, made fit to be pasted into a prompt. Evidence is hostile text: a path or an
 * account name may hold anything. What cannot be quoted safely is refused (false), and the remedy keeps a
 * placeholder.
 *
 * Refused everywhere: what is not UTF-8; control, bidirectional and other unseen characters; line and
 * paragraph separators; characters that Windows' best-fit conversion to an ANSI code page turns into quotes,
 * blanks or signs (typographic quotes, modifier letters, combining marks, full-width and CJK signs), since
 * programs that take their arguments in ANSI see the sign then; the double quote, which cmd, the C runtime
 * and PowerShell 5 read in three ways. */
#ifndef CERTTRIAGE_QUOTE_H
#define CERTTRIAGE_QUOTE_H

#include "buf.h"

/* cmd.exe: in double quotes, where & | < > ^ ( ) are plain. % expands even there and cannot be escaped at a
 * prompt, ! does with delayed expansion: refused. A backslash at the end is doubled: the C runtime would take
 * it for \". */
bool quote_cmd(struct buf *out, struct str value);
/* PowerShell: in single quotes, where only ' means something and is doubled. A value with a blank that ends
 * in a backslash is refused: PowerShell 5 hands it to programs as \". */
bool quote_ps(struct buf *out, struct str value);
/* netsh, typed into cmd or PowerShell: a word of letters, digits and . : _ - stays as it is, all else stands
 * in double quotes; refused is what cmd refuses, and $ and ` which PowerShell expands in double quotes. */
bool quote_netsh(struct buf *out, struct str value);

#endif
