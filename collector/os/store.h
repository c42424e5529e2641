/* SPDX-License-Identifier: Apache-2.0
 *
 * store: what certificate stores need of a backend besides os.h. */
#ifndef CERTTRIAGE_OS_STORE_H
#define CERTTRIAGE_OS_STORE_H

#include "os.h"

/* Appends the folder of a user's roaming data (%APPDATA%). */
int store_user_folder(struct os *os, struct str sid, struct buf *ret, struct err *e);
/* -ERR_DENIED where a test wants the whole store to be closed; user empty: LocalMachine. */
int store_check_denied(struct os *os, struct str user, struct str store, struct err *e);

#endif
