/* SPDX-License-Identifier: Apache-2.0
 *
 * framing: what libmicrohttpd takes although two programs could read it in two ways (RFC 9112, 3.2, 6.1, 6.3
 * and 11.2, request smuggling), what it would refuse in its own words, and the forms of an address. */
#include "request.h"

#include <string.h>

/* Of what libmicrohttpd would take some four times as much (http.c, CONNECTION_BYTES). */
enum { HEADERS_BYTES = 16 * 1024, ARGUMENTS_BYTES = 8 * 1024 };

struct seen {
    unsigned lengths, encodings, hosts;
    size_t bytes;
    bool is_chunked, has_blank; /* has_blank: a name with one, which others may read as without (5.1) */
};

static enum MHD_Result count_header(void *ctx, enum MHD_ValueKind kind, const char *name, const char *value)
{
    struct seen *seen = ctx;

    seen->bytes += strlen(name) + (value ? strlen(value) : 0) + 4; /* ": " and the line's end */
    if (kind != MHD_HEADER_KIND)
        return MHD_YES;
    seen->has_blank |= strpbrk(name, " \t") != NULL;
    if (str_ieq(str_from(name), STR("Content-Length"))) {
        seen->lengths++;
    } else if (str_ieq(str_from(name), STR("Transfer-Encoding"))) {
        seen->encodings++;
        seen->is_chunked = str_ieq(str_trim(str_from(value)), STR("chunked"));
    } else if (str_ieq(str_from(name), STR("Host"))) {
        seen->hosts++;
    }
    return MHD_YES;
}

/* A body without a length is refused (RFC 9110, 15.5.12): libmicrohttpd answers faults in chunks in its own
 * words, one of them with a 500, and whoever has a file knows how long it is. */
static int judge_framing(const struct seen *seen, struct err *e)
{
    if (seen->has_blank)
        return err_set(e, ERR_USAGE, "header: a name has a blank in it");
    if (seen->lengths == 0 && seen->encodings == 1 && seen->is_chunked)
        return err_set(e, ERR_LENGTH, "body: say how long it is, by Content-Length");
    if (seen->lengths + seen->encodings > 1 || seen->encodings > 0)
        return err_set(e, ERR_USAGE, "body: its length must be said once, by Content-Length");
    return seen->bytes > HEADERS_BYTES
               ? err_set(e, ERR_HEADERS, "headers: more than %d KiB", HEADERS_BYTES / 1024)
               : 0;
}

static int judge_address(const struct request *r, const struct seen *seen, struct err *e)
{
    struct seen arguments = {0};

    (void)MHD_get_connection_values(r->connection, MHD_GET_ARGUMENT_KIND, count_header, &arguments);
    if (arguments.bytes > ARGUMENTS_BYTES)
        return err_set(e, ERR_URI, "address: more than %d KiB of arguments", ARGUMENTS_BYTES / 1024);
    if (seen->hosts > 1 || (seen->hosts == 0 && strcmp(r->version, MHD_HTTP_VERSION_1_0) != 0))
        return err_set(e, ERR_USAGE, "header: Host must be said, once");
    return 0;
}

int request_framing(struct request *r, struct err *e)
{
    struct seen seen = {0};

    (void)MHD_get_connection_values(r->connection, MHD_HEADER_KIND, count_header, &seen);
    if (judge_framing(&seen, e) < 0) {
        r->is_unclear = true;
        answer_header(r, MHD_HTTP_HEADER_CONNECTION, "close");
        return -e->code;
    }
    return judge_address(r, &seen, e);
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
