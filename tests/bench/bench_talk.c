/* SPDX-License-Identifier: Apache-2.0 */
#include "bench_talk.h"

#include "bench.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PIDS = 64, TIMEOUT_SECONDS = 300 };

static void child(const char *const *argv, int out)
{
    int null = open("/dev/null", O_WRONLY);

    (void)prctl(PR_SET_PDEATHSIG, SIGTERM); /* no server outlives its bench */
    (void)dup2(out, 1);
    (void)dup2(null, 2);
    execvp(argv[0], (char *const *)(uintptr_t)argv);
    _exit(127);
}

static bool read_port(int fd, struct talk_server *ret)
{
    char line[256] = "";
    size_t n = 0;

    while (n + 1 < sizeof line && read(fd, line + n, 1) == 1 && line[n] != '\n')
        n++;
    line[n] = 0;
    const char *colon = strrchr(line, ':');
    long port = strtol(colon ? colon + 1 : line, NULL, 10);
    (void)snprintf(ret->url, sizeof ret->url, "http://127.0.0.1:%ld", port);
    return port > 0;
}

bool talk_start(const char *const *argv, struct talk_server *ret)
{
    int ends[2];
    bool ok;

    if (pipe(ends) < 0)
        return false;
    ret->pid = fork();
    if (ret->pid == 0)
        child(argv, ends[1]);
    (void)close(ends[1]);
    ok = ret->pid > 0 && read_port(ends[0], ret);
    (void)close(ends[0]);
    if (!ok)
        (void)fprintf(stderr, "%s did not start\n", argv[0]);
    return ok;
}

void talk_stop(struct talk_server *s)
{
    if (s->pid > 0 && kill(s->pid, SIGTERM) == 0)
        (void)waitpid(s->pid, NULL, 0);
    s->pid = 0;
}

/* A line "Name:   N kB" of a file of /proc, in MiB. */
static double proc_mib(pid_t pid, const char *file, const char *name)
{
    char path[64], line[256];
    double kib = 0;
    FILE *f;

    (void)snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
    f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, name, strlen(name)) == 0)
            kib = strtod(line + strlen(name), NULL);
    if (f)
        (void)fclose(f);
    return kib / 1024;
}

static pid_t parent_of(pid_t pid)
{
    return (pid_t)(proc_mib(pid, "status", "PPid:") * 1024 + 0.5);
}

/* Adds those whose parent is known until none is new. */
static int family(pid_t first, pid_t ret[PIDS])
{
    int n = 1;

    ret[0] = first;
    for (int at = 0; at < n; at++) {
        const struct dirent *one;
        DIR *dir = opendir("/proc");
        while (dir && (one = readdir(dir))) {
            pid_t pid = (pid_t)strtol(one->d_name, NULL, 10);
            if (pid > 0 && n < PIDS && parent_of(pid) == ret[at])
                ret[n++] = pid;
        }
        if (dir)
            (void)closedir(dir);
    }
    return n;
}

/* proc(5), /proc/PID/clear_refs: 5 sets VmHWM back. */
double talk_memory_begin(const struct talk_server *s)
{
    char path[64];
    FILE *f;

    (void)snprintf(path, sizeof path, "/proc/%d/clear_refs", (int)s->pid);
    f = fopen(path, "w");
    if (!f || fputs("5", f) < 0 || fclose(f) != 0)
        (void)fprintf(stderr, "%s: the peak of memory cannot be set back\n", path);
    return talk_memory_of(s).rss;
}

struct talk_memory talk_memory_of(const struct talk_server *s)
{
    struct talk_memory m = {.peak = proc_mib(s->pid, "status", "VmHWM:")};
    pid_t pids[PIDS];

    m.n = family(s->pid, pids);
    for (int i = 0; i < m.n; i++) {
        m.rss += proc_mib(pids[i], "status", "VmRSS:");
        m.pss += proc_mib(pids[i], "smaps_rollup", "Pss:");
    }
    return m;
}

static size_t drop(char *data, size_t size, size_t n, void *ctx)
{
    size_t *seen = ctx;

    (void)data;
    *seen += size * n;
    return size * n;
}

static size_t give(char *to, size_t size, size_t n, void *ctx)
{
    struct talk_body *body = ctx;
    size_t room = size * n, left = body->len - body->sent, take = left < room ? left : room;

    memcpy(to, body->p + body->sent, take);
    body->sent += take;
    return take;
}

static size_t take_location(char *line, size_t size, size_t n, void *ctx)
{
    static const char name[] = "location: ";
    char *ret = ctx;
    size_t len = size * n;

    if (len > strlen(name) && strncasecmp(line, name, strlen(name)) == 0)
        (void)snprintf(ret, 256, "%.*s", (int)strcspn(line + strlen(name), "\r\n"), line + strlen(name));
    return len;
}

static struct curl_slist *usual(const struct talk_server *s, const char *more)
{
    char line[256];
    struct curl_slist *list = curl_slist_append(NULL, "Tus-Resumable: 1.0.0");

    if (s->token[0]) {
        (void)snprintf(line, sizeof line, "Authorization: Bearer %s", s->token);
        list = curl_slist_append(list, line);
    }
    list = curl_slist_append(list, "Expect:");
    return more ? curl_slist_append(list, more) : list;
}

static CURL *request(const char *url, struct curl_slist *headers)
{
    static size_t nobody;
    CURL *c = curl_easy_init();

    (void)curl_easy_setopt(c, CURLOPT_URL, url);
    (void)curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
    (void)curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, drop);
    (void)curl_easy_setopt(c, CURLOPT_WRITEDATA, &nobody);
    (void)curl_easy_setopt(c, CURLOPT_TIMEOUT, (long)TIMEOUT_SECONDS);
    (void)curl_easy_setopt(c, CURLOPT_NOPROXY, "*");
    (void)curl_easy_setopt(c, CURLOPT_FAILONERROR, 1L);
    return c;
}

CURL *talk_patch(const struct talk_server *s, const char *location, struct talk_body *body,
                 struct curl_slist **ret_headers)
{
    CURL *c;

    *ret_headers = usual(s, "Content-Type: application/offset+octet-stream");
    *ret_headers = curl_slist_append(*ret_headers, "Upload-Offset: 0");
    c = request(location, *ret_headers);
    (void)curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
    (void)curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, "PATCH");
    (void)curl_easy_setopt(c, CURLOPT_UPLOAD_BUFFERSIZE, 1L << 20);
    (void)curl_easy_setopt(c, CURLOPT_READFUNCTION, give);
    (void)curl_easy_setopt(c, CURLOPT_READDATA, body);
    (void)curl_easy_setopt(c, CURLOPT_INFILESIZE_LARGE, (curl_off_t)body->len);
    return c;
}

/* As RFC 3986 says, for what the two servers answer: an address, a path, or one beside the path asked. */
static void resolve(const struct talk_server *s, const char *location, char *ret, size_t room)
{
    if (strncmp(location, "http", 4) == 0)
        (void)snprintf(ret, room, "%s", location);
    else if (location[0] == '/')
        (void)snprintf(ret, room, "%s%s", s->url, location);
    else
        (void)snprintf(ret, room, "%s/api/v1/%s", s->url, location);
}

bool talk_create(const struct talk_server *s, size_t length, char *ret, size_t room)
{
    char url[256], line[64], location[256] = "";
    struct curl_slist *headers;
    CURLcode r;
    CURL *c;

    (void)snprintf(url, sizeof url, "%s/api/v1/uploads", s->url);
    (void)snprintf(line, sizeof line, "Upload-Length: %zu", length);
    headers = usual(s, line);
    c = request(url, headers);
    (void)curl_easy_setopt(c, CURLOPT_POST, 1L);
    (void)curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE, 0L);
    (void)curl_easy_setopt(c, CURLOPT_POSTFIELDS, "");
    (void)curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, take_location);
    (void)curl_easy_setopt(c, CURLOPT_HEADERDATA, location);
    r = curl_easy_perform(c);
    curl_easy_cleanup(c);
    curl_slist_free_all(headers);
    resolve(s, location, ret, room);
    return r == CURLE_OK && location[0];
}

double talk_upload(const struct talk_server *s, const char *data, size_t len)
{
    struct talk_body body = {.p = data, .len = len};
    struct curl_slist *headers = NULL;
    double begin = bench_now();
    char location[512];
    CURLcode r;
    CURL *c;

    if (!talk_create(s, len, location, sizeof location))
        return -1;
    c = talk_patch(s, location, &body, &headers);
    r = curl_easy_perform(c);
    curl_easy_cleanup(c);
    curl_slist_free_all(headers);
    return r == CURLE_OK ? bench_now() - begin : -1;
}

double talk_get(CURL **curl, const struct talk_server *s, const char *path, size_t *ret_bytes)
{
    struct curl_slist *headers = usual(s, NULL);
    double begin = bench_now();
    char url[512];
    CURLcode r;

    (void)snprintf(url, sizeof url, "%s%s", s->url, path);
    if (!*curl)
        *curl = request(url, headers);
    *ret_bytes = 0;
    (void)curl_easy_setopt(*curl, CURLOPT_URL, url);
    (void)curl_easy_setopt(*curl, CURLOPT_HTTPHEADER, headers);
    (void)curl_easy_setopt(*curl, CURLOPT_WRITEDATA, ret_bytes);
    r = curl_easy_perform(*curl);
    curl_slist_free_all(headers);
    return r == CURLE_OK ? bench_now() - begin : -1;
}
