/* SPDX-License-Identifier: Apache-2.0
 *
 * facts_image: the facts of one case after the other behind one confined connection, so that statements that
 * are compiled for it stay compiled.
 *
 * Files that facts_lay_out writes begin as the same bytes, so that their tables and indexes stand at the same
 * pages and their schema has the same cookie; rows follow. To SQLite the next case looks as if another
 * process had changed the rows of one and the same database: that is what the file change counter of its
 * header says (https://www.sqlite.org/fileformat2.html, 1.3.7 and 1.3.9), which each loading sets anew. */
#ifndef CERTTRIAGE_FACTS_IMAGE_H
#define CERTTRIAGE_FACTS_IMAGE_H

#include "err.h"

#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

/* Address space, of which a case takes what it needs. */
enum { FACTS_IMAGE_BYTES = 256 << 20 };

/* Which layout that is, in this program: kept facts of another one are made anew. */
uint64_t facts_layout_mark(void);

/* Memory of that size, nothing of it taken yet; munmap gives it back. NULL: *e says why. */
unsigned char *facts_image_map(struct err *e);

/* Settles facts and writes them to a new file, laid out so. facts: not confined; rows of tables of its name
 * stay as they are. The file is removed again on failure. -ERR_IO, -ERR_NOMEM, -ERR_STORAGE, -ERR_LIMIT: they
 * take more than FACTS_IMAGE_BYTES. */
int facts_lay_out(sqlite3 *facts, const char *path, struct err *e);
/* The same to memory of FACTS_IMAGE_BYTES. */
int facts_lay_out_at(sqlite3 *facts, unsigned char *to, size_t *ret_len, struct err *e);

/* The bytes of a file of facts to memory of FACTS_IMAGE_BYTES. -ERR_LIMIT: it is larger. -ERR_MISSING,
 * -ERR_IO. */
int facts_image_read(const char *path, unsigned char *to, size_t *ret_len, struct err *e);

struct facts_image;
/* memory: FACTS_IMAGE_BYTES, borrowed until facts_image_free, written to. -ERR_NOMEM. */
int facts_image_new(unsigned char *memory, struct facts_image **ret, struct err *e);
/* From here on the connection shows the facts that lie in the memory now, so many bytes. No statement of it
 * may be running. -ERR_UNSUPPORTED: they are laid out otherwise (a view of them grew beyond measure and
 * stayed a view, or they are of another version); open them by themselves then. */
int facts_image_show(struct facts_image *image, size_t len, struct err *e);
sqlite3 *facts_image_db(const struct facts_image *image); /* borrowed; confined */
/* Statements of its connection are finalized before. NULL is welcome. */
void facts_image_free(struct facts_image *image);

#endif
