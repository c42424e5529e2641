/* SPDX-License-Identifier: Apache-2.0
 *
 * iis_model: what the collector must know of applicationHost.config to find the rest: sites, folders, pools,
 * log directories. A quick look that forgives much; the server judges the configuration, this finds files. */
#ifndef CERTTRIAGE_IIS_MODEL_H
#define CERTTRIAGE_IIS_MODEL_H

#include "arena.h"
#include "err.h"
#include "str.h"

struct iis_pool {
    struct str name, identity_type, user_name;
    struct iis_pool *next;
};

struct iis_site {
    struct str name, id;
    struct str log_directory, log_format, freb_directory; /* empty: as the defaults say */
    struct iis_site *next;
};

struct iis_binding {
    struct str protocol, information; /* as written: "https", "*:443:www.contoso.com" */
    struct str site;
    struct iis_binding *next;
};

/* One folder that answers for a virtual path: a virtual directory, or below one what a <location> names. */
struct iis_folder {
    struct str path;     /* "Site/app/dir" */
    struct str physical; /* as written, variables not expanded */
    struct str site;
    struct iis_folder *next;
};

struct iis_location {
    struct str path;
    struct iis_location *next;
};

struct iis_model {
    struct iis_site *sites, **sites_end;
    struct iis_folder *folders, **folders_end;
    struct iis_pool *pools, **pools_end;
    struct iis_binding *bindings, **bindings_end;
    struct iis_location *locations, **locations_end;
    size_t n_folders;
    struct str log_directory, log_format, freb_directory; /* of siteDefaults; empty: IIS' own */
    struct str central_mode;                              /* centralLogFileMode; empty: one log a site */
    struct str central_directory, history_directory;      /* empty: IIS' own */
};

/* Reads applicationHost.config as it lies on the disk (any encoding that text.h knows) up to where it is
 * broken. -ERR_NOMEM, -ERR_LIMIT. */
int iis_model_read(struct iis_model *m, struct bytes file, struct arena *a, struct err *e);

#endif
