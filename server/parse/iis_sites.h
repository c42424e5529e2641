/* SPDX-License-Identifier: Apache-2.0
 *
 * iis_sites: the topology in applicationHost.config's system.applicationHost: sites, bindings, applications,
 * virtual directories and application pools, each with its defaults applied (siteDefaults,
 * applicationDefaults, virtualDirectoryDefaults, applicationPoolDefaults, then the schema). Passwords are
 * never taken. Source: learn.microsoft.com/iis/configuration/system.applicationhost. */
#ifndef CERTTRIAGE_IIS_SITES_H
#define CERTTRIAGE_IIS_SITES_H

#include "iis_tree.h"

/* What environment variables stand for on that machine; empty: not known, stays as written. */
struct iis_environment {
    struct str system_drive, system_root, program_data;
};

struct iis_pool {
    struct str name, identity_type, user_name;
    struct str account, sid; /* sid is empty for a user name */
    bool is_profile_loaded, is_profile_known, is_override_enabled, auto_start;
    uint32_t line;
    struct iis_pool *next;
};

struct iis_virtual_directory {
    struct str path;          /* 'Site/app/dir' */
    struct str physical_path; /* expanded; p == NULL: not known */
    bool allows_subdir_config;
    uint32_t line;
    struct iis_node *node;
    struct iis_virtual_directory *next;
};

struct iis_application {
    struct str path; /* 'Site' or 'Site/app' */
    struct str pool, protocols;
    uint32_t line;
    struct iis_node *node;
    struct iis_virtual_directory *virtual_directories;
    struct iis_application *next;
};

struct iis_binding {
    struct str protocol, information;
    struct str ip, host; /* p == NULL: a protocol that is not HTTP; ip '0.0.0.0' for all, IPv6 in brackets */
    int64_t port, ssl_flags; /* -1: not known */
    uint32_t line;
    struct iis_binding *next;
};

struct iis_site {
    struct str name;
    int64_t id; /* -1: not known */
    bool auto_start, freb_enabled;
    struct str log_directory, log_format, log_fields, freb_directory;
    uint32_t line;
    struct iis_node *node;
    struct iis_binding *bindings;
    struct iis_application *applications;
    struct iis_site *next;
};

struct iis_topology {
    struct iis_site *sites;
    struct iis_pool *pools;
    size_t n_sites, n_pools;
};

/* build: Windows build, decides the pools' default identity (causes §0); 0 not known. Marks the nodes of
 * sites, applications and virtual directories in the tree. -ERR_NOMEM, -ERR_LIMIT. */
int iis_sites_read(struct iis_tree *t, const struct xml_element *config,
                   const struct iis_environment *environment, int64_t build, struct iis_topology *ret,
                   struct err *e);

/* %SystemDrive%, %SystemRoot%, %windir%, %ProgramData% replaced; p == NULL: memory. */
struct str iis_expand(struct arena *a, const struct iis_environment *environment, struct str value);

/* First attribute of that name in the elements, in their order; NULL elements are passed over. p == NULL:
 * none. */
struct str iis_first_of(const char *attribute, const struct xml_element *const *elements, size_t n);

/* Parts of IP:port:host; false when it is not that. */
bool iis_binding_split(struct str information, struct iis_binding *ret, struct arena *a);

#endif
