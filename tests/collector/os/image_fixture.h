/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes an image from a machine folder with the real mkimage, into a new folder below TMPDIR; and takes it
 * away. */
#ifndef CERTTRIAGE_TEST_IMAGE_FIXTURE_H
#define CERTTRIAGE_TEST_IMAGE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os.h"

struct image {
    char dir[256];
    struct os *os;
};

UNUSED static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

UNUSED static void remove_tree(const char *dir)
{
    (void)nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

UNUSED static void make_dir(char dir[256])
{
    const char *tmp = getenv("TMPDIR");

    (void)snprintf(dir, 256, "%s/certtriage-image-XXXXXX", tmp == NULL ? "/tmp" : tmp);
    assert_non_null(mkdtemp(dir));
}

/* Exit code of mkimage; overlay may be NULL. */
UNUSED static int run_mkimage(const char *machine, const char *overlay, const char *out)
{
    char *program = (char *)(uintptr_t)CT_BUILD_DIR "/bin/mkimage";
    char *argv[6] = {program};
    int n = 1, status = 0;
    pid_t child;

    if (overlay != NULL) {
        argv[n++] = (char *)(uintptr_t) "--overlay";
        argv[n++] = (char *)(uintptr_t)overlay;
    }
    argv[n++] = (char *)(uintptr_t)machine;
    argv[n++] = (char *)(uintptr_t)out;
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)execv(program, argv);
        _exit(127);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

UNUSED static void image_open_dir(struct image *im)
{
    struct err e = {0};

    if (os_open(im->dir, &im->os, &e) != 0)
        fail_msg("%s", e.text);
}

UNUSED static void image_make(struct image *im, const char *machine, const char *overlay)
{
    make_dir(im->dir);
    assert_int_equal(run_mkimage(machine, overlay, im->dir), 0);
    image_open_dir(im);
}

UNUSED static void image_done(struct image *im)
{
    os_close(im->os);
    remove_tree(im->dir);
}

UNUSED static void write_file(const char *dir, const char *name, const void *data, size_t len)
{
    char path[1024];
    FILE *f;

    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    for (char *slash = path + strlen(dir) + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        (void)mkdir(path, 0755);
        *slash = '/';
    }
    f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}

UNUSED static void write_text(const char *dir, const char *name, const char *text)
{
    write_file(dir, name, text, strlen(text));
}

UNUSED static char *read_real(const char *name, size_t *ret_len)
{
    char path[1024];
    struct stat st;
    char *data;
    FILE *f;

    (void)snprintf(path, sizeof path, CT_SOURCE_DIR "/../shared/real/registry/%s", name);
    f = fopen(path, "rb");
    if (f == NULL)
        return NULL;
    assert_int_equal(fstat(fileno(f), &st), 0);
    data = malloc((size_t)st.st_size + 1);
    assert_non_null(data);
    assert_int_equal(fread(data, 1, (size_t)st.st_size, f), (size_t)st.st_size);
    (void)fclose(f);
    *ret_len = (size_t)st.st_size;
    return data;
}

#endif
