/* SPDX-License-Identifier: Apache-2.0
 *
 * iis_tree: the virtual paths of one machine ("Site/app/dir", the server level is '') as a tree, and which
 * configuration fragments target each of them, in the order in which IIS applies them: applicationHost.config
 * first, then each web.config from the highest down, the path's own last. Paths compare by segments, without
 * regard to case. Source: learn.microsoft.com, "Deep dive into IIS configuration"; causes §1.2. */
#ifndef CERTTRIAGE_IIS_TREE_H
#define CERTTRIAGE_IIS_TREE_H

#include "iis_config.h"
#include "iis_defaults.h"

/* One configuration file where it stands; a web.config that serves two virtual paths stands twice. */
struct iis_file {
    struct str entry;
    bool is_apphost; /* the whole server's: applicationHost.config, or one of the two levels above it */
    unsigned above;  /* of these: 0 applicationHost.config, 1 the framework's web.config, 2 machine.config */
    bool is_ignored; /* IIS does not read it: its fragments are known, and without effect */
    struct iis_node *node; /* where it stands; the root for applicationHost.config */
    struct iis_config config;
};

/* A fragment at the path that it targets. */
struct iis_placed {
    const struct iis_fragment *fragment;
    const struct iis_file *file;
    struct iis_node *node;        /* NULL: no such path can be */
    bool is_broken;               /* IIS answers 500.19 at and below `node` because of it */
    bool wins;                    /* decides a value somewhere */
    bool is_matched;              /* its site exists */
    uint32_t collections;         /* that it touches: iis_collection */
    struct iis_placed *next_here; /* the next one of the same node */
    struct iis_placed *next;      /* the next one of the tree */
};

struct iis_node {
    struct iis_node *parent;
    struct str name, path; /* last part, whole path, as first written (a site's as in <site>) */
    unsigned depth;        /* 0 the server, 1 a site */
    bool is_site, is_application, is_virtual_directory;
    bool is_listed;              /* one of the paths that are evaluated */
    bool ignores_web_config;     /* application: its pool has enableConfigurationOverride="false" */
    bool ignores_subdir_config;  /* virtual directory: allowSubDirConfig="false" */
    bool has_web_config;         /* for the caller's use: a web.config is known to stand here */
    bool is_broken_by_web;       /* its web.config as a whole */
    const struct iis_file *file; /* the web.config that stands here */
    uint32_t collections;        /* that a fragment here touches: iis_collection */
    struct iis_placed *first, *last;
    struct iis_node *next; /* in the order in which they were made */
};

/* What IIS answers 500.19 for, and where. */
struct iis_error {
    const struct iis_fault *fault;
    struct str entry;
    struct str section;          /* p == NULL: the file */
    const struct iis_node *node; /* the highest path that is broken; the root: the whole server */
    struct iis_error *next;
};

enum { IIS_PATH_NODES = 65 }; /* LIMIT_IIS_PATH_SEGMENTS and the root; a constant expression in C11 */

struct iis_tree {
    struct arena *arena;
    struct iis_declarations declarations;
    struct iis_defaults defaults;
    struct iis_map by_name;      /* scope: the parent */
    struct iis_map locked_items; /* scope: the node; collection items with lockItem="true" */
    struct iis_node *root, *last;
    struct iis_placed *placed, *last_placed;
    struct iis_error *errors, *last_error;
    size_t n_errors;
    bool sites_are_known;  /* from applicationHost.config; without it every path may be one */
    bool server_is_broken; /* applicationHost.config as a whole */
    bool has_own_sections; /* some web.config declares sections */
    bool has_stops;        /* some <location> has inheritInChildApplications="false" */
    uint64_t steps;        /* spent on merging collections: LIMIT_IIS_ITEM_STEPS */
};

/* config: applicationHost.config, NULL when there is none. -ERR_NOMEM, -ERR_LIMIT. */
int iis_tree_init(struct iis_tree *t, const struct xml_element *config, struct arena *a, struct err *e);

/* The node of `path` below `base`, made when it is not there. -ERR_LIMIT: too deep or too many; -ERR_NOMEM.
 */
int iis_node_make(struct iis_tree *t, struct iis_node *base, struct str path, struct iis_node **ret,
                  struct err *e);
/* The node of a whole path; NULL when there is none. */
struct iis_node *iis_node_find(const struct iis_tree *t, struct str path);
/* The bundle entry that the fragment's lines belong to: its file's, or the one of a configSource. */
struct str iis_placed_entry(const struct iis_placed *p);
bool iis_node_is_above(const struct iis_node *above, const struct iis_node *node); /* strictly */
/* Nearest at or above; NULL when there is none. */
const struct iis_node *iis_node_site(const struct iis_node *node);
const struct iis_node *iis_node_application(const struct iis_node *node);
const struct iis_node *iis_node_virtual_directory(const struct iis_node *node);

int iis_tree_add_error(struct iis_tree *t, const struct iis_fault *fault, struct str entry,
                       struct str section, const struct iis_node *node, struct err *e);

#endif
