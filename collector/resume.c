/* SPDX-License-Identifier: Apache-2.0 */
#include "resume.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "os.h"

enum { FILE_BYTES = 16384, PATH_BYTES = 1 << 17 };

static void free_json(json_t **j)
{
    json_decref(*j);
}

static int file_path(const struct resume *r, struct buf *ret, struct err *e)
{
    buf_add_c(ret, r->bundle);
    buf_add_c(ret, ".upload.json");
    return buf_check(ret, r->bundle, e);
}

static json_t *read_file(const char *path)
{
    char text[FILE_BYTES];
    struct os_in *in = NULL;
    struct err ignored = {0};
    int64_t size;

    if (os_in_open(path, &in, &size, &ignored) != 0)
        return NULL;
    int64_t n = os_in_read(in, 0, text, sizeof(text), &ignored);
    os_in_close(in);
    return n <= 0 ? NULL : json_loadb(text, (size_t)n, 0, NULL);
}

static bool has_text(const json_t *root, const char *member, const char *text)
{
    const char *there = json_string_value(json_object_get(root, member));

    return there != NULL && strcmp(there, text) == 0;
}

static const char *case_of(const struct resume *r)
{
    return r->case_id == NULL ? "" : r->case_id;
}

void resume_read(const struct resume *r, struct buf *ret_place)
{
    CLEANUP(buf_done) struct buf path = BUF_INIT(PATH_BYTES);
    CLEANUP(free_json) json_t *root = NULL;
    struct err ignored = {0};

    if (file_path(r, &path, &ignored) != 0)
        return;
    root = read_file(buf_c(&path));
    const char *place = json_string_value(json_object_get(root, "url"));
    if (place != NULL && has_text(root, "case", case_of(r)) && has_text(root, "sha256", r->sha256) &&
        json_integer_value(json_object_get(root, "size")) == (json_int_t)r->size)
        buf_add_c(ret_place, place);
}

static int write_file(const char *path, const char *text, struct err *e)
{
    struct os_out *out = NULL;
    struct err ignored = {0};

    if (os_out_open(path, true, &out, e) != 0)
        return -e->code;
    int r = os_out_write(out, text, strlen(text), e);
    if (r == 0)
        r = os_out_sync(out, e);
    (void)os_out_close(out, &ignored);
    return r;
}

int resume_keep(const struct resume *r, const char *place, struct err *e)
{
    CLEANUP(buf_done) struct buf path = BUF_INIT(PATH_BYTES);

    if (file_path(r, &path, e) != 0)
        return -e->code;
    if (place[0] == 0) {
        os_out_remove(buf_c(&path));
        return 0;
    }
    CLEANUP(free_json)
    json_t *root = json_pack("{s:s,s:s,s:s,s:I,s:s}", "server", r->server, "url", place, "case", case_of(r),
                             "size", (json_int_t)r->size, "sha256", r->sha256);
    char *text = root == NULL ? NULL : json_dumps(root, JSON_INDENT(2));
    if (text == NULL)
        return err_set(e, ERR_NOMEM, "%s: out of memory", buf_c(&path));
    int result = write_file(buf_c(&path), text, e);
    free(text);
    return result;
}
