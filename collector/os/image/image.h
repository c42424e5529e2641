/* SPDX-License-Identifier: Apache-2.0
 *
 * image: what the files of this backend share. An image is a folder DIR laid out like a C: volume; see
 * ../README.md. */
#ifndef CERTTRIAGE_IMAGE_H
#define CERTTRIAGE_IMAGE_H

#include "arena.h"
#include "os.h"

#include <hivex.h>

/* A hive that was asked for: open, or why it is not. */
struct image_hive {
    struct image_hive *next;
    struct str path; /* normal Windows path */
    hive_h *h;
    struct err why; /* code 0: open */
};

/* A line of acl.sddl (name: path, value: SDDL) or denied.txt (name only). */
struct image_line {
    struct image_line *next;
    struct str name, value;
};

struct os {
    struct arena a;
    int root; /* DIR, O_PATH */
    struct image_hive *hives;
    struct image_line *acl, *denied;
    struct os_machine machine;
    bool machine_is_known;
};

/* --- path.c
 * ------------------------------------------------------------------------------------------------------------
 */
/* "C:/a\.\b\..\c\" to "C:\a\c". -ERR_UNSUPPORTED: a network or relative path, which an image cannot hold. */
int image_path_normal(struct str path, struct buf *ret, struct err *e);
/* Where a normal path lies below DIR, in the spelling of the folder. */
int image_path_find(struct os *os, struct str normal, struct buf *ret_relative, struct err *e);
/* Opens below DIR and never outside of it; returns the descriptor. -ERR_MISSING, -ERR_DENIED,
 * -ERR_UNSUPPORTED (a link that leads out), -ERR_IO. Denied paths are answered with -ERR_DENIED. */
int image_open(struct os *os, struct str path, int flags, struct err *e);
int image_open_relative(struct os *os, const char *relative, int flags, struct err *e);

/* --- lists.c: acl.sddl and denied.txt
 * ------------------------------------------------------------------------------------ */
int image_lists_read(struct os *os, struct err *e);
/* Is `name` (normal path, HKLM\… key, store:…) on denied.txt, or below what is? Sets *e and returns
 * -ERR_DENIED. */
int image_check_denied(const struct os *os, struct str name, struct err *e);
/* A whole file of DIR's top; empty when it is not there. */
int image_read_top(struct os *os, const char *name, struct buf *ret, struct err *e);

/* --- hive.c
 * --------------------------------------------------------------------------------------------------------------
 */
/* The hive that holds a key ("HKLM\SOFTWARE\a", "HKU\<SID>\a"), and the node of the key. -ERR_MISSING: proven
 * not to be there; -ERR_UNSUPPORTED: the image has no such hive; -ERR_FORMAT: damaged. */
int image_key_open(struct os *os, struct str key, hive_h **ret, hive_node_h *ret_node, struct err *e);
/* What errno says after a call of libhivex: a damaged hive is -ERR_FORMAT. */
int image_hive_error(struct err *e, const char *what);
void image_hives_close(struct os *os);

/* --- registry.c
 * -----------------------------------------------------------------------------------------------------------
 */
/* Text value that need not be there: empty then. */
void image_reg_text_or_empty(struct os *os, const char *key, const char *name, struct buf *ret);

/* --- users.c
 * ---------------------------------------------------------------------------------------------------------------
 */
/* ProfileImagePath of a SID, expanded. */
int image_profile_path(struct os *os, struct str sid, struct buf *ret, struct err *e);

/* --- machine.c
 * --------------------------------------------------------------------------------------------------------------
 */
int64_t image_newest_time(struct os *os); /* of hives and logs; TIME_NONE when there are none */

#endif
