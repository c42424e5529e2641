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

#include <sqlite3.h>

/* Writes settled facts to a new file, laid out so. settled: not confined. The file is removed again on
 * failure. -ERR_IO, -ERR_NOMEM, -ERR_STORAGE. */
int facts_lay_out(sqlite3 *settled, const char *path, struct err *e);

struct facts_image;
int facts_image_new(struct facts_image **ret, struct err *e);
/* From here on the connection shows the facts of that file. No statement of it may be running.
 * -ERR_UNSUPPORTED: it is laid out otherwise (a view of it grew beyond measure and stayed a view, or it is of
 * another version) or too large; open it by itself then. -ERR_IO. After a failure the next loading comes
 * first. */
int facts_image_load(struct facts_image *image, const char *path, struct err *e);
sqlite3 *facts_image_db(const struct facts_image *image); /* borrowed; confined */
/* Statements of its connection are finalized before. NULL is welcome. */
void facts_image_free(struct facts_image *image);

#endif
