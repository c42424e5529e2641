/* SPDX-License-Identifier: Apache-2.0
 *
 * event_logs: which logs are looked into (events.def). */
#ifndef CERTTRIAGE_EVENT_LOGS_H
#define CERTTRIAGE_EVENT_LOGS_H

#include "probe.h"

struct event_log {
    const char *channel;
    bool opt_in;      /* with --security-log only */
    const char *what; /* XPath on System */
};
extern const struct event_log event_logs[];
extern const size_t n_event_logs;

/* "Microsoft-Windows-CAPI2%4Operational.xml", as Windows calls the files of its logs: a '/' cannot be in a
 * name. */
struct str event_log_file(struct probe_run *run, const char *channel, const char *extension);

#endif
