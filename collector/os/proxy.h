/* SPDX-License-Identifier: Apache-2.0
 *
 * proxy: what a proxy setting of Windows means for one address; internal to os/. The form of the lists is
 * that of WINHTTP_PROXY_INFO and of Internet Options (learn.microsoft.com, "WINHTTP_PROXY_INFO structure").
 */
#ifndef CERTTRIAGE_OS_PROXY_H
#define CERTTRIAGE_OS_PROXY_H

#include "buf.h"

/* "a:1", "http=a:1;https=b:2", blank- or semicolon-separated: appends the one for https, else the one for
 * everything, as "http://host:port". False: there is none in the list. */
bool proxy_choose(struct str list, struct buf *ret);
/* Whether the exceptions "*.contoso.com;10.*;<local>" name the host of this URL; <local>: a name without a
 * dot. */
bool proxy_is_bypassed(struct str exceptions, struct str url);

#endif
