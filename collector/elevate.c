/* SPDX-License-Identifier: Apache-2.0 */
#include "elevate.h"

#include <stdio.h>

#include "collect.h"

static bool is_elevated(void)
{
    struct os *os = NULL;
    struct os_machine machine = {.elevated = true};
    struct err ignored = {0};

    if (os_open(NULL, &os, &ignored) != 0)
        return true;
    if (os_machine(os, &machine, &ignored) != 0)
        machine.elevated = true;
    os_close(os);
    return machine.elevated;
}

static bool says_yes(const char *question)
{
    CLEANUP(buf_done) struct buf answer = BUF_INIT(8192);

    return os_ask(question, &answer) && answer.len > 0 && (answer.p[0] | 32) == 'y';
}

/* What is this user's own, in memory that the other can read while this process lives. */
static struct os_handed *hand_own_part(const struct options *o, struct buf *ret_name,
                                       struct elevation *elevation)
{
    CLEANUP(collection_done) struct collection c = {0};
    CLEANUP(buf_done) struct buf zip = BUF_INIT(HANDED_BYTES);
    struct os_handed *handed = NULL;
    struct err e = {0};

    (void)fprintf(stderr, "Reading this user's own settings and certificates first ...\n");
    (void)fflush(stderr);
    if (gather_own_part(&c, o, &zip, &e) != 0 ||
        os_hand((struct bytes){(const uint8_t *)buf_c(&zip), zip.len}, ret_name, &handed, &e) != 0)
        (void)fprintf(stderr, "they will be read as far as an administrator can: %s\n", e.text);
    elevation->unsafe = c.n_given_up > 0;
    return handed;
}

/* What the program that goes on must know. Windows starts it in its own folder, and the bundle would lie
 * there. */
static int tell_began(struct buf *more, struct str handed, struct err *e)
{
    CLEANUP(buf_done) struct buf folder = BUF_INIT(1 << 17);

    if (os_folder(&folder, e) != 0)
        return -e->code;
    buf_add_c(more, "--started-by ");
    os_own_sid(more);
    if (handed.len > 0)
        buf_printf(more, " --handed %s", handed.p);
    /* A backslash before a quotation mark would take its meaning: C:\ is the one folder that ends with one.
     */
    buf_printf(more, " --started-in \"%s%s\"", buf_c(&folder),
               folder.len > 0 && folder.p[folder.len - 1] == '\\' ? "\\" : "");
    return buf_check(more, "arguments", e);
}

/* Another administrator's own stores are the wrong ones: who began is remembered, with what only that user's
 * process can say. */
bool elevate_offer(const struct options *o, struct elevation *ret)
{
    CLEANUP(buf_done) struct buf name = BUF_INIT(256);
    CLEANUP(buf_done) struct buf more = BUF_INIT(1 << 17);
    struct os_handed *handed;
    struct err e = {0};
    bool done;

    if (o->started_by != NULL || is_elevated())
        return false;
    (void)fprintf(stderr,
                  "Without an administrator's rights the configuration of IIS, the rights of private keys\n"
                  "and the logs will mostly be missing.\n");
    if (!says_yes("Start again as administrator? [y/n] "))
        return false;
    handed = hand_own_part(o, &name, ret);
    done =
        tell_began(&more, buf_str(&name), &e) == 0 && os_restart_elevated(buf_c(&more), &ret->code, &e) == 0;
    os_hand_free(handed);
    if (!done)
        (void)fprintf(stderr, "certtriage-collect: %s; going on without\n", e.text);
    (void)fflush(stderr);
    return done;
}
