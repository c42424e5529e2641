/* SPDX-License-Identifier: Apache-2.0
 *
 * log_file: one log, its newest part, redacted line by line while it is read. */
#ifndef CERTTRIAGE_LOG_FILE_H
#define CERTTRIAGE_LOG_FILE_H

#include "probes.h"

/* head->source is the path. Of a file larger than room_bytes the end is taken, from a line's beginning,
 * behind the header that is in force there. Adds what it wrote to run->log_bytes. */
int log_file_take(struct probe_run *run, const struct manifest_item *head, const struct os_file_info *info,
                  int64_t room_bytes, struct err *e);

#endif
