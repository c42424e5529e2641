/* SPDX-License-Identifier: Apache-2.0
 *
 * store_world: a store in a folder of its own, and bundles for it; for the tests of this folder. */
#ifndef CERTTRIAGE_STORE_WORLD_H
#define CERTTRIAGE_STORE_WORLD_H

#include "compiler.h"
#include "store.h"
#include "text.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

enum { NOW = 1000000 };

static char dir[] = "/tmp/certtriage-store-XXXXXX";
static struct store *store;

UNUSED static int setup(void **state)
{
    struct err e = {0};

    (void)state;
    return mkdtemp(dir) && store_open(dir, &store, &e) == 0 ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info;
    (void)type;
    (void)where;
    return remove(path);
}

UNUSED static int teardown(void **state)
{
    (void)state;
    store_close(store);
    return nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

UNUSED static void add_at(const char *text, const char *case_id, int64_t now_ms, char sha256[65])
{
    struct err e = {0};
    struct blob_spool *spool = NULL;

    assert_int_equal(blob_spool_begin(store_blobs(store), 1000, &spool, &e), 0);
    assert_int_equal(blob_spool_write(spool, text, strlen(text), &e), 0);
    assert_int_equal(blob_spool_hash(spool, sha256, &e), 0);
    assert_int_equal(store_bundle_add(store, spool, sha256, str_from(case_id), now_ms, &e), 0);
}

UNUSED static void add(const char *text, const char *case_id, char sha256[65])
{
    add_at(text, case_id, 1000, sha256);
}

#endif
