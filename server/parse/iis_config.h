/* SPDX-License-Identifier: Apache-2.0
 *
 * iis_config: one IIS configuration file (applicationHost.config or a web.config) as fragments: each section
 * element with the path it is meant for, its lock and its values. What the fragments mean together is
 * iis_place's matter. Source: learn.microsoft.com, "Deep dive into IIS configuration", "How to use locking in
 * IIS configuration". */
#ifndef CERTTRIAGE_IIS_CONFIG_H
#define CERTTRIAGE_IIS_CONFIG_H

#include "iis_map.h"
#include "iis_schema.h"
#include "xml.h"

enum iis_mode { IIS_INHERIT, IIS_ALLOW, IIS_DENY };

#define HRESULT_LOCKED "0x80070021"
#define HRESULT_INVALID "0x8007000d"
#define HRESULT_EXISTS "0x800700b7"

/* A <section> of <configSections>; also made for each section that rules need and that no file declares. */
struct iis_declaration {
    struct str section;
    const struct iis_section *known; /* NULL: only its locks and collections interest us */
    enum iis_mode mode; /* overrideModeDefault; IIS_INHERIT when it is not written, which means Allow */
    /* allowDefinition: no web.config may hold it. What IIS does with MachineToApplication below an
     * application is not known for certain (Exchange ships such files), so nothing is said of it. */
    bool is_apphost_only;
    uint32_t line; /* 0: not declared */
    struct iis_declaration *next;
};

struct iis_declarations {
    struct iis_map by_name;
    struct iis_map groups;                /* <sectionGroup>, by their whole names */
    size_t n_web_server;                  /* sections of system.webServer that the file declares */
    struct iis_declaration *first, *last; /* in the order of the file */
};

/* What IIS answers 500.19 for. */
struct iis_fault {
    const char *kind, *hresult; /* as config_error has them */
    struct str message;
    struct str section; /* of a fault of a whole file: what it is about; p == NULL: the file */
    uint32_t line, col;
};

struct iis_setting {
    bool is_set;      /* the fragment gives this attribute a value */
    struct str value; /* in IIS' spelling; p == NULL: redacted */
    struct str raw;   /* as written */
    uint32_t line;
};

struct iis_fragment {
    const struct iis_declaration *declaration;
    const struct xml_element *element;
    struct str location;      /* the <location path> as written; p == NULL: outside of one */
    struct str relative;      /* where it is meant for, below the file's own path; empty: that path itself */
    const char *path_problem; /* why no path can ever be the one that is written; NULL: a sound path */
    enum iis_mode mode;       /* of its <location> */
    bool stops_at_applications;   /* inheritInChildApplications="false" */
    bool has_locks;               /* its elements carry lockItem, lockAttributes or their kin */
    struct iis_setting *settings; /* one for each attribute of declaration->known */
    struct iis_fault *fault;      /* a value that IIS refuses */
    struct iis_fragment *next;
};

struct iis_config {
    struct iis_fragment *first, *last;
    struct iis_fault *fault; /* of the file as a whole */
};

/* The declarations of applicationHost.config (config == NULL: none), and the known sections. -ERR_LIMIT,
 * -ERR_NOMEM. */
int iis_declarations_read(const struct xml_element *config, struct arena *a, struct iis_declarations *ret,
                          struct err *e);
/* The fragments of one file, in its order; strings are views into the tree. -ERR_NOMEM, -ERR_LIMIT.
 * may_declare: the file, or one above it, may use sections that applicationHost.config does not declare; in
 * others they are a fault. */
int iis_config_read(const struct xml_element *config, const struct iis_declarations *declarations,
                    bool may_declare, struct arena *a, struct iis_config *ret, struct err *e);
/* True when the file has <configSections> of its own with something of system.webServer. */
bool iis_config_declares(const struct xml_element *config);

#endif
