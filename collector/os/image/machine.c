/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening an image, and what machine it is. */
#include "image.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "limits.h"

static const int64_t FILETIME_1990 = 122736384000000000LL; /* older times of a hive are none */

static int open_dir(struct os *os, const char *dir, struct err *e)
{
    struct os_file_info info;
    int r;

    os->root = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (os->root < 0)
        return err_errno(e, "%s", dir);
    r = image_lists_read(os, e);
    if (r == 0)
        r = os_stat(os, STR("C:\\Windows"), &info, e);
    if (r == -ERR_MISSING)
        return err_set(e, ERR_FORMAT, "%s: not a Windows volume: no folder Windows in it", dir);
    return r == 0 ? 0 : err_wrap(e, "%s", dir);
}

int os_open(const char *image_dir, struct os **ret, struct err *e)
{
    struct os *os;
    int r;

    if (image_dir == NULL)
        return err_set(e, ERR_UNSUPPORTED, "this build reads images only: --image DIR");
    os = calloc(1, sizeof *os);
    if (os == NULL)
        return err_set(e, ERR_NOMEM, "%s: no memory", image_dir);
    os->a = ARENA_INIT(LIMIT_WHOLE_ENTRY_BYTES * 4);
    os->root = -1;
    r = open_dir(os, image_dir, e);
    if (r != 0)
        os_close(os);
    else
        *ret = os;
    return r;
}

void os_close(struct os *os)
{
    if (os == NULL)
        return;
    image_hives_close(os);
    arena_done(&os->a);
    if (os->root >= 0)
        (void)close(os->root);
    free(os);
}

const char *os_backend(const struct os *os)
{
    (void)os;
    return "image";
}

static void json_free(json_t **j)
{
    json_decref(*j);
}

static int time_member(const json_t *j, const char *name, int64_t *ret, struct err *e)
{
    const char *text = json_string_value(json_object_get(j, name));

    if (text == NULL || time_parse(str_from(text), ret))
        return 0;
    return err_set(e, ERR_FORMAT, "machine.json: %s: not a time", name);
}

/* machine.json stands beside the volume's folders where somebody knows what the volume itself does not say.
 */
static int read_times(struct os *os, struct os_machine *m, struct err *e)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(1 << 20);
    CLEANUP(json_free) json_t *j = NULL;
    int r = image_read_top(os, "machine.json", &text, e);

    if (r != 0)
        return r;
    if (text.len > 0) {
        j = json_loadb(text.p, text.len, 0, NULL);
        if (!json_is_object(j))
            return err_set(e, ERR_FORMAT, "machine.json: not a JSON object");
    }
    r = time_member(j, "collected", &m->now_ms, e);
    return r != 0 ? r : time_member(j, "booted", &m->booted_ms, e);
}

static struct str keep_reg_text(struct os *os, const char *key, const char *name)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(LIMIT_TEXT_BYTES);

    image_reg_text_or_empty(os, key, name, &text);
    return text.len == 0 ? (struct str){NULL, 0} : arena_keep(&os->a, buf_str(&text));
}

static int read_machine(struct os *os, struct os_machine *m, struct err *e)
{
    static const char TCPIP[] = "HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters";
    int r = read_times(os, m, e);

    if (r != 0)
        return r;
    m->name = keep_reg_text(os, "HKLM\\SYSTEM\\CurrentControlSet\\Control\\ComputerName\\ComputerName",
                            "ComputerName");
    m->domain = keep_reg_text(os, TCPIP, "Domain");
    if (m->domain.len == 0)
        m->domain = keep_reg_text(os, TCPIP, "NV Domain");
    if (m->now_ms == TIME_NONE)
        m->now_ms = image_newest_time(os);
    if (m->now_ms == TIME_NONE)
        return err_set(e, ERR_MISSING,
                       "nothing in the image says when it was taken; write it into machine.json");
    return 0;
}

int os_machine(struct os *os, struct os_machine *ret, struct err *e)
{
    struct os_machine m = {.now_ms = TIME_NONE, .booted_ms = TIME_NONE, .elevated = true};
    int r = os->machine_is_known ? 0 : read_machine(os, &m, e);

    if (r != 0)
        return r;
    if (!os->machine_is_known)
        os->machine = m;
    os->machine_is_known = true;
    *ret = os->machine;
    return 0;
}

static void take_newer(int64_t *newest, int64_t ms)
{
    if (ms != TIME_NONE && ms > *newest)
        *newest = ms;
}

static void take_hive_time(struct os *os, const char *key, int64_t *newest)
{
    struct err ignored = {0};
    hive_node_h node;
    hive_h *h;
    int64_t time;

    if (image_key_open(os, str_from(key), &h, &node, &ignored) != 0)
        return;
    time = hivex_last_modified(h);
    if (time > FILETIME_1990)
        take_newer(newest, time_from_filetime((uint64_t)time));
}

struct log_walk {
    struct os *os;
    struct str folder;
    unsigned depth;
    int64_t *newest;
};

static int take_log(void *ctx, struct str name, const struct os_file_info *info)
{
    CLEANUP(buf_done) struct buf path = BUF_INIT(1 << 16);
    struct log_walk *w = ctx, below = *w;
    struct err ignored = {0};

    if (!info->is_dir) {
        take_newer(w->newest, info->modified_ms);
        return 0;
    }
    if (w->depth == 0)
        return 0;
    buf_printf(&path, "%.*s\\%.*s", (int)w->folder.len, w->folder.p, (int)name.len, name.p);
    below.folder = buf_str(&path);
    below.depth--;
    (void)os_dir_list(w->os, below.folder, take_log, &below, &ignored);
    return 0;
}

int64_t image_newest_time(struct os *os)
{
    static const char *const LOGS[] = {"C:\\inetpub\\logs\\LogFiles",
                                       "C:\\Windows\\System32\\LogFiles\\HTTPERR",
                                       "C:\\Windows\\System32\\winevt\\Logs"};
    int64_t newest = TIME_NONE;
    struct err ignored = {0};

    take_hive_time(os, "HKLM\\SYSTEM", &newest);
    take_hive_time(os, "HKLM\\SOFTWARE", &newest);
    for (size_t i = 0; i < ARRAY_LEN(LOGS); i++) {
        struct log_walk w = {.os = os, .folder = str_from(LOGS[i]), .depth = 2, .newest = &newest};

        (void)os_dir_list(os, w.folder, take_log, &w, &ignored);
    }
    return newest;
}
