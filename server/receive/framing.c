/* SPDX-License-Identifier: Apache-2.0
 *
 * framing: what libmicrohttpd takes although two programs could read it in two ways (RFC 9112, 6.1, 6.3 and
 * 11.2, request smuggling), and the forms of an address. */
#include "request.h"

#include <string.h>

struct seen {
    unsigned lengths, encodings;
    bool is_chunked, has_blank; /* has_blank: a name with one, which others may read as without (5.1) */
};

static enum MHD_Result count_header(void *ctx, enum MHD_ValueKind kind, const char *name, const char *value)
{
    struct seen *seen = ctx;

    (void)kind;
    seen->has_blank |= strpbrk(name, " \t") != NULL;
    if (str_ieq(str_from(name), STR("Content-Length"))) {
        seen->lengths++;
    } else if (str_ieq(str_from(name), STR("Transfer-Encoding"))) {
        seen->encodings++;
        seen->is_chunked = str_ieq(str_trim(str_from(value)), STR("chunked"));
    }
    return MHD_YES;
}

int request_framing(struct request *r, struct err *e)
{
    struct seen seen = {0};

    (void)MHD_get_connection_values(r->connection, MHD_HEADER_KIND, count_header, &seen);
    if (!seen.has_blank && seen.lengths + seen.encodings <= 1 && (seen.encodings == 0 || seen.is_chunked))
        return 0;
    r->is_unclear = true;
    answer_header(r, MHD_HTTP_HEADER_CONNECTION, "close");
    if (seen.has_blank)
        return err_set(e, ERR_USAGE, "header: a name has a blank in it");
    return err_set(e, ERR_USAGE,
                   "body: its length must be said once, by Content-Length or by Transfer-Encoding: chunked");
}

/* RFC 9112, 3.2.2. */
const char *request_origin_form(const char *url)
{
    struct str s = str_from(url);
    const char *slash;

    if (!str_istarts(s, STR("http://")) && !str_istarts(s, STR("https://")))
        return url;
    slash = strchr(strstr(url, "://") + 3, '/');
    return slash ? slash : "/";
}

/* A text with a NUL would be read only up to it: it stays as it came, and names nothing. */
size_t request_unescape(void *ctx, struct MHD_Connection *connection, char *text)
{
    (void)ctx;
    (void)connection;
    return strstr(text, "%00") ? strlen(text) : MHD_http_unescape(text);
}
