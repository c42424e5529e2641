/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_iis_config: bytes as applicationHost.config, and what stands behind the first NUL as the web.config of
 * Site.
 *
 * seeds: *.config */
#include <stdint.h>
#include <string.h>

#include "iis_effective.h"
#include "iis_mapping.h"
#include "iis_sites.h"
#include "wcf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct xml_element *parse(struct arena *a, const uint8_t *p, size_t len)
{
    struct xml_element *root = NULL;
    struct xml_position where;
    struct err e = {0};

    return xml_read((struct bytes){p, len}, a, &root, &where, &e) == 0 ? root : NULL;
}

static void read_details(const struct iis_tree *t, struct arena *a)
{
    struct err e = {0};
    struct iis_values values;

    for (const struct iis_placed *p = t->placed; p; p = p->next) {
        struct iis_mappings mappings;
        (void)iis_mapping_read(p->fragment->element, a, &mappings, &e);
    }
    for (const struct iis_node *n = t->root; n; n = n->next)
        iis_effective(t, n, &values);
}

static void read_web(struct iis_tree *t, struct arena *a, const struct xml_element *web,
                     struct iis_file *file)
{
    struct wcf_endpoint *endpoints = NULL;
    struct wcf_behavior *behaviors = NULL;
    struct err e = {0};

    *file = (struct iis_file){.entry = STR("web.config")};
    if (!web || iis_node_make(t, t->root, STR("Site"), &file->node, &e) < 0)
        return;
    (void)iis_place(t, file, web, &e);
    (void)wcf_read(xml_child(web, "system.serviceModel"), a, &endpoints, &e);
    (void)wcf_read_behaviors(xml_child(web, "system.serviceModel"), a, &behaviors, &e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size ? memchr(data, 0, size) : NULL;
    size_t first = end ? (size_t)(end - data) : size;
    struct arena a = ARENA_INIT(8388608);
    const struct iis_environment environment = {.system_drive = STR("C:")};
    const struct xml_element *host = parse(&a, data, first);
    struct iis_file files[2] = {{.entry = STR("applicationHost.config"), .is_apphost = true}};
    struct iis_topology topology;
    struct iis_tree tree;
    struct err e = {0};

    if (host && iis_tree_init(&tree, host, &a, &e) == 0) {
        files[0].node = tree.root;
        tree.sites_are_known = true;
        iis_defaults_read(&tree.defaults, host, &a);
        if (iis_sites_read(&tree, host, &environment, 0, &topology, &e) == 0 &&
            iis_place(&tree, &files[0], host, &e) == 0) {
            if (end)
                read_web(&tree, &a, parse(&a, end + 1, size - first - 1), &files[1]);
            read_details(&tree, &a);
        }
    }
    arena_done(&a);
    return 0;
}
