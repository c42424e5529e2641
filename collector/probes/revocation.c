/* SPDX-License-Identifier: Apache-2.0
 *
 * --online-revocation: the chains of the certificates in My once more, and this time Windows fetches what the
 * certificates name. One item each; whom it asks is known to nobody before. */
#include "probe.h"

#include <jansson.h>

#include "chain.h"
#include "limits.h"

struct revocation {
    struct probe_run *run;
    struct os_hash *sha1;
    struct str user;
    size_t n;
    struct err fatal;
};

static struct manifest_item item_of(const struct revocation *r, struct str thumbprint)
{
    return (struct manifest_item){.kind = KIND_CHAIN_ONLINE,
                                  .source =
                                      take_join(r->run,
                                                "certificate %.*s: what it names for revocation and issuers "
                                                "(hosts and ports not known before)",
                                                (int)thumbprint.len, thumbprint.p),
                                  .entry = take_join(r->run, "chains/%zu.json", r->n),
                                  .user = r->user,
                                  .store = STR("My"),
                                  .location = r->user.len > 0 ? STR("CurrentUser") : STR("LocalMachine"),
                                  .original = -1,
                                  .modified_ms = TIME_NONE};
}

static int write_chain(struct revocation *r, const struct manifest_item *head, struct str thumbprint,
                       struct bytes der)
{
    CLEANUP(buf_done) struct buf json = BUF_INIT(LIMIT_COLLECT_JSON_BYTES);
    json_t *chain = chain_value(r->run, r->sha1, r->user, der, OS_REVOCATION_ONLINE, &r->fatal);

    value_take(&json, json_pack("{s:o,s:o}", "thumbprint", value_text(thumbprint), "chain", chain));
    buf_add_c(&json, "\n");
    if (r->fatal.code != 0 || buf_check(&json, "chain", &r->fatal) != 0 ||
        take_text(r->run, head, buf_str(&json), &BUNDLE_OK, &r->fatal) != 0)
        return -r->fatal.code;
    return 0;
}

static int take_cert(void *ctx, const struct os_cert *cert)
{
    struct revocation *r = ctx;
    CLEANUP(buf_done) struct buf thumbprint = BUF_INIT(64);
    uint8_t digest[OS_SHA1_BYTES];
    int left;

    if (cert->object != OS_CERTIFICATE || cert->archived || r->n >= (size_t)LIMIT_COLLECT_ONLINE_CHAINS ||
        (int64_t)cert->der.len > LIMIT_CERT_BYTES)
        return 0;
    if (os_hash_add(r->sha1, cert->der.p, cert->der.len, &r->fatal) != 0 ||
        os_hash_end(r->sha1, digest, &r->fatal) != 0)
        return -r->fatal.code;
    text_hex(&thumbprint, digest, sizeof(digest));
    r->n++;
    struct manifest_item head = item_of(r, buf_str(&thumbprint));
    if (r->run->offline) {
        struct bundle_end end = {OUTCOME_EXCLUDED, "nothing may be sent (--offline)", 0, NULL};
        head.entry = STR("");
        return bundle_item_note(r->run->bundle, &head, &end, &r->fatal);
    }
    if (take_excluded(r->run, &head, &left, &r->fatal))
        return left;
    if (r->run->preview)
        return take_text(r->run, &head, STR(""), &BUNDLE_OK, &r->fatal);
    return write_chain(r, &head, buf_str(&thumbprint), cert->der);
}

static void free_hash(struct os_hash **h)
{
    os_hash_free(*h);
}

/* Of the machine, and of who runs this: for others the system builds none. */
int probe_revocation(struct probe_run *run, struct err *e)
{
    CLEANUP(free_hash) struct os_hash *sha1 = NULL;
    struct revocation r = {.run = run};

    if (str_eq(str_from(os_backend(run->os)), STR("image"))) {
        struct manifest_item head = {.kind = KIND_CHAIN_ONLINE,
                                     .source = STR("certificates in My"),
                                     .original = -1,
                                     .modified_ms = TIME_NONE};
        struct bundle_end end = {OUTCOME_EXCLUDED, "an image builds no chains", 0, NULL};
        return bundle_item_note(run->bundle, &head, &end, e);
    }
    if (os_hash_new(OS_SHA1, &sha1, e) != 0)
        return -e->code;
    r.sha1 = sha1;
    for (int i = 0; i < 2; i++) {
        struct err why = {0}; /* the store's own item says what could not be read */

        r.user = i == 0 ? STR("") : run->own_sid;
        if (i == 1 && r.user.len == 0)
            break;
        (void)os_store_walk(run->os, r.user, STR("My"), take_cert, &r, &why);
        if (r.fatal.code != 0) {
            *e = r.fatal;
            return -e->code;
        }
    }
    return 0;
}
