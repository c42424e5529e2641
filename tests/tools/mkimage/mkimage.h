/* SPDX-License-Identifier: Apache-2.0
 *
 * mkimage: turns a machine folder (tests/machines/README.md) and its overlays into an image. All memory lies
 * in one arena that lives as long as the program. Functions return 0 or -ERR_x. */
#ifndef CERTTRIAGE_MKIMAGE_H
#define CERTTRIAGE_MKIMAGE_H

#include "arena.h"
#include "buf.h"
#include "err.h"
#include "registry_tree.h"
#include "str.h"
#include "text.h"

#include <jansson.h>

enum { LAYERS_MAX = 16, USERS_MAX = 16 };

struct user {
    const char *name, *sid;
    struct reg_key hive; /* NTUSER.DAT */
};

struct machine {
    struct arena *a;
    const char *layers[LAYERS_MAX]; /* the machine folder, then its overlays */
    size_t n_layers;
    const char *out;
    const char *wine; /* NULL: not asked for */
    json_t *json;     /* machine.json, the overlays' members merged in */
    const char *name, *domain, *guid;
    int64_t collected_ms, modified_ms;
    struct user users[USERS_MAX];
    size_t n_users;
    struct reg_key software, system;
};

/* --- machine.c: machine.json; and what of it goes into the registry and to OUT_DIR
 * --------------------------------- */
int machine_read(struct machine *m, struct err *e);
int machine_write(struct machine *m, struct err *e);
struct user *machine_user(struct machine *m,
                          struct str name); /* NULL: not in machine.json and no user-<name>.reg */

/* --- files.c: reading and writing of whole files
 * ------------------------------------------------------------------- */
int file_read(struct arena *a, const char *path, struct bytes *ret, struct err *e);
int file_write(const char *path, struct bytes data, struct err *e); /* makes the folders above */
bool file_exists(const char *path);
/* The names in a folder, sorted; none when the folder is not there. */
int dir_names(struct arena *a, const char *path, const char ***ret, size_t *ret_n, struct err *e);
/* "C:\a\b" as a path below OUT_DIR; -ERR_FORMAT for other forms. */
int path_in_image(struct machine *m, struct str windows_path, const char **ret, struct err *e);

/* --- lines.c: the text files of a machine folder, line by line
 * -------------------------------------------------------- */
typedef int (*line_fn)(void *ctx, struct str line, struct err *e);
/* Each line of layer/name with its words in braces expanded, without blank lines and # comments. Not there:
 * 0. */
int lines_read(struct machine *m, const char *layer, const char *name, line_fn take, void *ctx,
               struct err *e);
/* A blank-separated word, "…" quotes kept together and taken off (also after '='); empty at the end. */
struct str line_word(struct arena *a, struct str *rest);

/* --- words.c: the words in braces
 * ------------------------------------------------------------------------------------- */
int words_expand(struct machine *m, struct str text, struct str *ret, struct err *e);

/* --- certs.c: certificates of the folder
 * ----------------------------------------------------------------------------- */
struct cert {
    struct bytes der;
    uint8_t sha1[20];
    struct bytes key_id; /* p NULL: no subject key identifier */
};
int cert_read(struct machine *m, struct str pem_name, struct cert *ret, struct err *e);
int eku_encode(struct machine *m, struct str list, struct bytes *ret,
               struct err *e); /* "none": an empty sequence */
/* Name of a key file without the folder: 32 hex digits, '_', MachineGuid. */
int key_file_name(struct machine *m, struct str container, bool is_cng, struct buf *ret, struct err *e);
int pool_sid(struct str pool, struct buf *ret, struct err *e);

/* --- the steps, in the order of main
 * ------------------------------------------------------------------------------------ */
int layout_write(struct machine *m, struct err *e); /* layout.c: files, DELETE, EDIT */
int registry_read(struct machine *m,
                  struct err *e); /* registry_text.c: registry/ *.reg of all layers into the trees */
int stores_write(struct machine *m, struct err *e); /* stores.c: stores.txt into the trees and the profiles */
int hives_write(struct machine *m, struct err *e);  /* hives.c */
int wine_write(struct machine *m, const char *dir,
               struct err *e);                     /* wine.c: the registry for Wine, as text */
int acl_write(struct machine *m, struct err *e);   /* acl.c: acl.sddl and denied.txt */
int times_write(struct machine *m, struct err *e); /* times.c: modification times of all files */

#endif
