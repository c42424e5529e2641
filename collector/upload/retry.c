/* SPDX-License-Identifier: Apache-2.0 */
#include "retry.h"

#include <stdio.h>

enum { FIRST_MS = 1000, LONGEST_MS = 60000, UNMET_MS = 60000 };

void retry_begin(struct retry *r, const struct upload *u)
{
    *r = (struct retry){.upload = u};
}

void retry_got_through(struct retry *r)
{
    r->n = 0;
}

/* Between the half and the whole of 1, 2, 4, … seconds: many machines whose server comes back must not come
 * all at once. */
static unsigned backoff_ms(const struct retry *r)
{
    unsigned full = r->n < 6 ? (unsigned)FIRST_MS << r->n : LONGEST_MS;

    if (full > LONGEST_MS)
        full = LONGEST_MS;
    return full / 2 + r->upload->calls->random(r->upload->ctx) % (full / 2 + 1);
}

static int give_up(unsigned tried_ms, unsigned wait_s, bool is_met, struct err *e)
{
    struct err why = *e;

    if (wait_s > 0)
        return err_set(e, ERR_TIMEOUT, "%s; the server wants to be asked again after %u s only", why.text,
                       wait_s);
    return err_set(e, ERR_TIMEOUT, "%s; given up after %u s in which nothing got through%s", why.text,
                   tried_ms / 1000,
                   is_met ? "" : " (is the address right, and may this machine connect to it?)");
}

int retry_wait(struct retry *r, unsigned wait_s, bool is_met, bool *ret_stopped, struct err *e)
{
    const struct upload *u = r->upload;
    unsigned patience = is_met || u->patience_ms < UNMET_MS ? u->patience_ms : UNMET_MS;
    unsigned now = u->calls->ticks(u->ctx), wait = backoff_ms(r);
    char line[ERR_TEXT_BYTES + 64];

    if (r->n == 0) /* a piece that took an hour and then broke off is no reason to give up at once */
        r->since_ms = now;
    unsigned tried = now - r->since_ms;

    if (wait_s > 0 && (wait_s > patience / 1000 || tried + wait_s * 1000 > patience))
        return give_up(tried, wait_s, is_met, e);
    if (tried >= patience)
        return give_up(tried, 0, is_met, e);
    if (wait_s > 0 && wait < wait_s * 1000)
        wait = wait_s * 1000;
    if (wait > patience - tried) /* one last try at the end of the time */
        wait = patience - tried;
    r->n++;
    (void)snprintf(line, sizeof(line), "%s; trying again in %u.%u s", e->text, wait / 1000,
                   wait % 1000 / 100);
    u->calls->say(u->ctx, line);
    *ret_stopped = !u->calls->wait(u->ctx, wait);
    return *ret_stopped ? err_set(e, ERR_GONE, "stopped before all was sent") : 0;
}
