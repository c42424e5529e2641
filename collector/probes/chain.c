/* SPDX-License-Identifier: Apache-2.0 */
#include "chain.h"

#include <jansson.h>

struct chain_words {
    struct os_hash *sha1;
    struct err *fatal;
    json_t *object;
};

static json_t *element_json(const struct chain_words *w, const struct os_chain_element *element)
{
    CLEANUP(buf_done) struct buf thumbprint = BUF_INIT(64);
    uint8_t digest[OS_SHA1_BYTES];

    if (os_hash_add(w->sha1, element->der.p, element->der.len, w->fatal) != 0 ||
        os_hash_end(w->sha1, digest, w->fatal) != 0)
        return NULL;
    text_hex(&thumbprint, digest, sizeof(digest));
    return json_pack("{s:o,s:I,s:I}", "thumbprint", value_text(buf_str(&thumbprint)), "error",
                     (json_int_t)element->error, "info", (json_int_t)element->info);
}

static int take_chain(void *ctx, const struct os_chain *chain)
{
    struct chain_words *w = ctx;
    json_t *elements = json_array();

    for (size_t i = 0; i < chain->n; i++)
        (void)json_array_append_new(elements, element_json(w, &chain->elements[i]));
    (void)json_object_set_new(w->object, "error", json_integer(chain->error));
    (void)json_object_set_new(w->object, "info", json_integer(chain->info));
    (void)json_object_set_new(w->object, "elements", elements);
    return 0;
}

json_t *chain_value(struct probe_run *run, struct os_hash *sha1, struct str user, struct bytes der,
                    enum os_revocation how, struct err *fatal)
{
    static const char *const words[] = {"none", "cache", "online"};
    struct chain_words w = {
        sha1, fatal,
        json_pack("{s:s,s:n,s:n,s:n,s:n}", "revocation", words[how], "osCode", "error", "info", "elements")};
    struct err why = {0};
    struct bundle_end end = BUNDLE_OK;

    if (os_chain(run->os, user, der, how, take_chain, &w, &why) != 0)
        end = take_end(&why);
    if (why.os_code != 0)
        (void)json_object_set_new(w.object, "osCode", json_integer(why.os_code));
    return value_outcome(w.object, &end);
}
