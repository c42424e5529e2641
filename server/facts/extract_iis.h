/* SPDX-License-Identifier: Apache-2.0
 *
 * extract_iis: the parts of the IIS extractor, and what they share. Private to extract_iis_*.c. */
#ifndef CERTTRIAGE_EXTRACT_IIS_H
#define CERTTRIAGE_EXTRACT_IIS_H

#include "extract.h"
#include "iis_collection.h"
#include "iis_effective.h"
#include "iis_mapping.h"
#include "iis_sites.h"

/* One configuration file of the bundle. */
struct iis_source {
    const struct entry *entry;
    const char *level;          /* as config_file.level */
    struct str physical;        /* path on the machine; empty: not known */
    struct str path;            /* web.config: virtual path; p == NULL: not known */
    const char *unused_why;     /* NULL: IIS reads it */
    struct xml_element *config; /* <configuration>; NULL: not read, or broken */
    bool is_malformed;
    size_t n_bytes;            /* once read */
    bool stands;               /* web.config: at some path */
    struct xml_position where; /* and why it is malformed */
    struct str problem;
    struct iis_source *next;
};

/* A mapping section where it stands. */
struct iis_mapped {
    struct iis_placed *placed;
    struct iis_mappings mappings;
    struct iis_mapped *next;
};

/* A web.config at one virtual path. */
struct iis_web {
    struct iis_source *source;
    const char *unused_why; /* NULL: IIS reads it here */
    struct iis_file file;
    struct iis_web *next;
};

struct iis_job {
    struct extract_state *x;
    struct arena model; /* everything that is read, until the extractor ends */
    struct iis_source *sources, **sources_end;
    struct iis_source *apphost; /* the one that IIS reads; NULL: not in the bundle */
    struct iis_file apphost_file,
        above_files[2]; /* above: of machine.config, of the framework's web.config */
    struct iis_tree tree;
    struct iis_topology topology;
    struct iis_environment environment;
    struct iis_web *webs, **webs_end; /* higher paths first */
    struct iis_mapped *mapped;
    size_t part_bytes; /* read for configSource */
};

/* extract_iis_files.c: which files there are and which of them IIS reads. */
int iis_job_find_files(struct iis_job *j, struct err *e);
/* Reads one file's tree. 0 also when it is broken: source->config stays NULL then. */
int iis_job_read(struct iis_job *j, struct iis_source *source, struct err *e);
/* extract_iis_parts.c: puts the files that configSource names where they are named; once, after
 * iis_job_read. What is not in the bundle stays as it is: its values are not known. */
int iis_job_include_parts(struct iis_job *j, struct iis_source *source, struct err *e);
/* Where each web.config stands: where the manifest says, and every virtual path of its physical folder. */
int iis_job_find_webs(struct iis_job *j, struct err *e);

/* extract_iis_rows.c: the tables */
void iis_job_emit_files(struct iis_job *j);
void iis_job_emit_config(struct iis_job *j);
void iis_job_emit_sites(struct iis_job *j);
void iis_job_emit_metadata(struct iis_job *j);
void iis_job_emit_farms(struct iis_job *j);
/* extract_iis_collections.c: once the tree is complete */
int iis_job_emit_collections(struct iis_job *j, struct err *e);
/* extract_iis_mapping.c */
int iis_job_read_mappings(struct iis_job *j, struct err *e);
int iis_job_emit_mappings(struct iis_job *j, struct err *e);
int iis_job_emit_wcf(struct iis_job *j, struct err *e);
/* extract_iis_state.c: what later extractors need of it */
int iis_job_keep_state(struct iis_job *j, struct err *e);

/* The row's place in the bundle; line 0 stays NULL. */
void iis_emit_place(struct sink *s, struct str entry, uint32_t line);

#endif
