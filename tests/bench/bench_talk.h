/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_talk: servers that a bench starts and talks to over loopback. */
#ifndef CERTTRIAGE_BENCH_TALK_H
#define CERTTRIAGE_BENCH_TALK_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct talk_server {
    pid_t pid;
    char url[128];   /* "http://127.0.0.1:PORT" */
    char token[128]; /* "" for one that asks for none */
};
/* Starts argv and waits for its first line of standard output, which ends in its port; what it says on
 * standard error is thrown away. False: it did not start; said on standard error. */
bool talk_start(const char *const *argv, struct talk_server *ret);
void talk_stop(struct talk_server *s); /* SIGTERM, and waits */

struct talk_memory {
    double rss, pss; /* MiB, of the process and all below it */
    double peak;     /* MiB, the most that the process itself had since */
    int n;
};
/* Its peak counts from now on; gives what it has now. */
double talk_memory_begin(const struct talk_server *s);
struct talk_memory talk_memory_of(const struct talk_server *s);

/* Bytes that a request sends: all of them, or so many a second. */
struct talk_body {
    const char *p;
    size_t len, sent;
};
/* A prepared PATCH of tus, for curl_easy_perform or a multi handle; ret_headers goes with it. */
CURL *talk_patch(const struct talk_server *s, const char *location, struct talk_body *body,
                 struct curl_slist **ret_headers);
/* Creates an upload and gives its whole address. */
bool talk_create(const struct talk_server *s, size_t length, char *ret, size_t room);
/* Seconds for an upload of all of it by tus, creation and one PATCH; negative: it failed. */
double talk_upload(const struct talk_server *s, const char *data, size_t len);
/* Seconds for one GET, its answer's size in *ret_bytes; negative: it failed. The handle is kept for the next
 * (keep-alive): begin with NULL, end with curl_easy_cleanup. */
double talk_get(CURL **curl, const struct talk_server *s, const char *path, size_t *ret_bytes);

#endif
