/* SPDX-License-Identifier: Apache-2.0
 *
 * notice: tells a webhook what changed in a case. A notice is a POST of JSON with the headers webhook-id,
 * webhook-timestamp and webhook-signature of the Standard Webhooks specification 1.0.0
 * (https://www.standardwebhooks.com): "v1," and the Base64 of HMAC-SHA-256 over "id.timestamp.body". It says
 * which case, and which findings came and went; evidence stays on the server. */
#ifndef CERTTRIAGE_NOTICE_H
#define CERTTRIAGE_NOTICE_H

#include "err.h"
#include "str.h"

#include <jansson.h>

struct notices;

struct notice_options {
    const char *url;   /* http or https; redirections are not followed */
    struct str secret; /* the key: raw bytes, at least 24 (192 bits) as the specification asks */
    int64_t retry_ms;  /* pause before the second try; each further one waits four times as long. 0: 1000 */
};

/* Starts the sending thread. -ERR_USAGE: not a URL of http or https, or a short secret. */
int notices_start(const struct notice_options *o, struct notices **ret, struct err *e);
/* Reads a secret as the specification writes it: "whsec_" and Base64. *ret holds `room` bytes. -ERR_FORMAT.
 */
int notice_secret_parse(struct str text, unsigned char *ret, size_t room, size_t *ret_len, struct err *e);

/* Compares two reports of a case (before NULL: the first) and queues a notice when its most likely cause is
 * another ("diagnosis.new") or else its findings differ ("findings.changed"); nothing when both are the same.
 * Never waits: a notice that 1,000 others are waiting before is dropped, and logged. NULL notices: nothing.
 */
void notices_report(struct notices *n, const char *case_id, const json_t *before, const json_t *after);

/* The payload, or NULL when nothing changed (new reference). */
json_t *notice_payload(const char *case_id, const json_t *before, const json_t *after);

/* Tries what is queued once more each, without pauses, for at most `ms`; then ends the thread. */
void notices_stop(struct notices *n, int64_t ms);

#endif
