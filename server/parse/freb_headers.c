/* SPDX-License-Identifier: Apache-2.0 */
#include "freb.h"

/* Headers whose values are kept; cookies, tokens and whatever else has a value that nobody should read keep
 * their name. The collector leaves out the same, but a trace may have been added by hand. */
static bool has_open_value(struct str name)
{
    static const char *const open[] = {
#define HEADER(name) name,
#include "headers.def"
#undef HEADER
    };

    for (size_t i = 0; i < ARRAY_LEN(open); i++)
        if (str_ieq(name, str_from(open[i])))
            return true;
    return false;
}

void freb_headers_keep(struct str headers, struct buf *out)
{
    for (size_t n = 0; headers.p; n++) {
        struct str value, line = str_trim(str_cut(headers, '\n', &headers)),
                          name = str_cut(line, ':', &value);
        if (line.len == 0 || !value.p)
            continue;
        if (out->len > 0)
            buf_add_c(out, ", ");
        buf_add_str(out, name);
        buf_add_c(out, ": ");
        buf_add_str(out, has_open_value(name) ? str_trim(value) : STR("[redacted]"));
    }
}
