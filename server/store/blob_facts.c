/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of facts: of a bundle under its hash, of a case in a folder of its own. */
#include "blob.h"

#include "blob_files.h"
#include "compiler.h"
#include "names.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void close_fd(const int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

int blob_facts_path(struct blobs *b, const char *sha256, int facts_version, int extractors_version,
                    struct buf *ret, struct err *e)
{
    char name[128], path[BLOB_PATH_BYTES];

    if (!blob_is_sha256(sha256))
        return err_set(e, ERR_USAGE, "not a SHA-256 in lower-case hex");
    snprintf(name, sizeof name, "%s-f%d-x%d.sqlite", sha256, facts_version, extractors_version);
    if (blob_path(b, "facts", name, path, e) < 0)
        return -e->code;
    buf_add_c(ret, path);
    return buf_check(ret, "path of facts", e);
}

int blob_facts_publish(const char *temporary, const char *path, struct err *e)
{
    CLEANUP(close_fd) int fd = open(temporary, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || fsync(fd) < 0)
        return err_errno(e, "%s: syncing", temporary);
    if (rename(temporary, path) < 0)
        return err_errno(e, "%s: storing", path);
    return blob_sync_dir_of(path, e);
}

/* Two threads, or two programs, may make the same facts at the same time: the last one stays. */
int blob_facts_temporary(const char *path, struct buf *ret, struct err *e)
{
    static atomic_uint number;

    buf_printf(ret, "%s.tmp-%ld-%u", path, (long)getpid(), atomic_fetch_add(&number, 1));
    if (buf_check(ret, "path of facts", e) < 0)
        return -e->code;
    (void)unlink(buf_c(ret));
    return 0;
}

static void close_dir(DIR **d)
{
    if (*d)
        (void)closedir(*d);
}

/* "<hash>-f1-x2.sqlite": is it of this bundle? */
static bool read_name(const char *name, const char *sha256, int *ret_facts, int *ret_extractors)
{
    char rest[16] = "";

    return strncmp(name, sha256, 64) == 0 &&
           sscanf(name + 64, "-f%d-x%d%15s", ret_facts, ret_extractors, rest) == 3 &&
           strcmp(rest, ".sqlite") == 0;
}

int blob_facts_older(struct blobs *b, const char *sha256, int facts_version, struct buf *ret, int *ret_facts,
                     struct err *e)
{
    char path[BLOB_PATH_BYTES], best[128] = "";
    int facts = -1, extractors = -1;

    if (!blob_is_sha256(sha256))
        return err_set(e, ERR_USAGE, "not a SHA-256 in lower-case hex");
    if (blob_path(b, "facts", sha256, path, e) < 0)
        return -e->code;
    *strrchr(path, '/') = 0;
    CLEANUP(close_dir) DIR *d = opendir(path);
    const struct dirent *entry;
    while (d && (entry = readdir(d))) {
        int f, x;
        if (!read_name(entry->d_name, sha256, &f, &x) || f > facts_version || f < facts ||
            (f == facts && x <= extractors))
            continue;
        facts = f;
        extractors = x;
        (void)snprintf(best, sizeof best, "%.127s", entry->d_name);
    }
    if (facts < 0)
        return err_set(e, ERR_MISSING, "bundle %.12s: neither it nor its facts are there", sha256);
    *ret_facts = facts;
    buf_printf(ret, "%s/%s", path, best);
    return buf_check(ret, "path of facts", e);
}

static int case_folder(const struct blobs *b, struct str case_id, struct buf *ret, struct err *e)
{
    if (!case_id_is_legal(case_id))
        return err_set(e, ERR_USAGE, "case id: 1 to 64 of letters, digits, '.', '_', '-'");
    buf_printf(ret, "%s/cases/%.*s", b->dir, (int)case_id.len, case_id.p);
    return buf_check(ret, "path of facts", e);
}

int blob_case_path(struct blobs *b, struct str case_id, const char *key, struct buf *ret, struct err *e)
{
    if (case_folder(b, case_id, ret, e) < 0 || blob_make_dir(buf_c(ret), e) < 0)
        return -e->code;
    buf_printf(ret, "/%s.sqlite", key);
    return buf_check(ret, "path of facts", e);
}

int blob_case_forget(struct blobs *b, struct str case_id, const char *keep, struct err *e)
{
    CLEANUP(buf_done) struct buf folder = BUF_INIT(BLOB_PATH_BYTES);
    const struct dirent *entry;
    int r = 0;

    if (case_folder(b, case_id, &folder, e) < 0)
        return -e->code;
    CLEANUP(close_dir) DIR *d = opendir(buf_c(&folder));
    while (d && r == 0 && (entry = readdir(d))) {
        if (entry->d_name[0] == '.' || (keep && strncmp(entry->d_name, keep, strlen(keep)) == 0))
            continue;
        if (unlinkat(dirfd(d), entry->d_name, 0) < 0 && errno != ENOENT)
            r = err_errno(e, "%s/%s: deleting", buf_c(&folder), entry->d_name);
    }
    if (!keep && r == 0 && d && rmdir(buf_c(&folder)) < 0 && errno != ENOENT)
        r = err_errno(e, "%s: deleting", buf_c(&folder));
    return r;
}

/* In the folder of path: what begins with the hash. */
static int forget_all(const char *path, const char *sha256, struct err *e)
{
    char folder[BLOB_PATH_BYTES];
    const struct dirent *entry;
    int r = 0;

    (void)snprintf(folder, sizeof folder, "%s", path);
    *strrchr(folder, '/') = 0;
    CLEANUP(close_dir) DIR *d = opendir(folder);
    while (d && r == 0 && (entry = readdir(d)))
        if (strncmp(entry->d_name, sha256, 64) == 0 && unlinkat(dirfd(d), entry->d_name, 0) < 0 &&
            errno != ENOENT)
            r = err_errno(e, "%s/%s: deleting", folder, entry->d_name);
    return r < 0 || !d ? r : blob_sync_dir_of(path, e);
}

int blob_forget(struct blobs *b, const char *sha256, struct err *e)
{
    static const char *const kinds[] = {"facts", "bundles"};
    char path[BLOB_PATH_BYTES];

    if (!blob_is_sha256(sha256))
        return err_set(e, ERR_USAGE, "not a SHA-256 in lower-case hex");
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (blob_path(b, kinds[i], sha256, path, e) < 0 || forget_all(path, sha256, e) < 0)
            return -e->code;
    return 0;
}
