/* SPDX-License-Identifier: Apache-2.0
 *
 * What a worker that lives on and its parent, which are the same program, say to each other over two pipes;
 * larger things lie in memory that both have. Private to server/cage. */
#ifndef CERTTRIAGE_CAGE_TALK_WIRE_H
#define CERTTRIAGE_CAGE_TALK_WIRE_H

#include "err.h"

#include <stdint.h>

/* Names of jobs. */
#define CAGE_JUDGE "judge"
#define CAGE_QUERY "query"

/* CAGE_ORDER_BEGIN, once, first: the memory holds `len` bytes, of ruleset_write for a judge, of one SELECT
 * for a query. CAGE_ORDER_CASE: it holds `len` bytes of settled facts; `name` is the case's. CAGE_ORDER_TIME,
 * to a judge: the same, but how long each rule takes is asked. */
enum cage_order_what { CAGE_ORDER_BEGIN, CAGE_ORDER_CASE, CAGE_ORDER_TIME };

struct cage_order {
    uint32_t what;
    uint64_t len;
    int64_t deadline; /* of the monotonic clock, ms */
    char name[72];    /* ends with NUL */
};

/* Before `len` bytes: when code is not 0, of why not; else
 * of a judge: nothing to BEGIN (from then on the memory is free), the report as JSON to CASE, and to TIME one
 *   double a rule, milliseconds, in the order of ruleset_list;
 * of a query: the columns' names as one row to BEGIN; to CASE whole rows, answer after answer until one
 * without a byte. */
struct cage_answer {
    uint32_t code, len;
    uint32_t is_large; /* not 0: this case left the worker with much memory; it is replaced before the next */
};

/* A row: the number of its cells, then of each its type, its length and as many bytes; numbers are four
 * bytes, the lowest first. Text is one that text_add_printable would not change. */
enum cage_cell_type { CAGE_CELL_NULL = 'N', CAGE_CELL_TEXT = 'T', CAGE_CELL_BLOB = 'B' };
enum { CAGE_CELL_HEAD_BYTES = 5, CAGE_ROW_HEAD_BYTES = 4 };

#endif
