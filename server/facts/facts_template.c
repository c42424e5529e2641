/* SPDX-License-Identifier: Apache-2.0 */
#include "facts_template.h"
#include "facts_image.h"

#include <string.h>

extern const char facts_template_db[]; /* make/facts_make.c */
extern const size_t facts_template_db_len;

/* Places in the database header (https://www.sqlite.org/fileformat2.html, 1.3). */
enum { SCHEMA_COOKIE = 40, APPLICATION_ID = 68 };

bool facts_template_is_same(const unsigned char *header)
{
    return memcmp(header + SCHEMA_COOKIE, facts_template_db + SCHEMA_COOKIE, 4) == 0 &&
           memcmp(header + APPLICATION_ID, facts_template_db + APPLICATION_ID, 4) == 0;
}

uint64_t facts_layout_mark(void)
{
    uint32_t cookie, id;

    memcpy(&cookie, facts_template_db + SCHEMA_COOKIE, sizeof cookie);
    memcpy(&id, facts_template_db + APPLICATION_ID, sizeof id);
    return (uint64_t)id << 32 | cookie;
}

struct facts_template facts_template(void)
{
    return (struct facts_template){(const unsigned char *)facts_template_db, facts_template_db_len};
}
