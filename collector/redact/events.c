/* SPDX-License-Identifier: Apache-2.0
 *
 * Windows events: what says which event it is, and the values that schema/lib/events.def lists. The rendered
 * message goes: it repeats values. */
#include "redact_policy.h"

#include <string.h>

enum { PATH_BYTES = 512 };

static const struct row {
    const char *name;
    enum keep keep;
} values[] = {
#define EVENT_VALUE(area, name, column) {name, KEEP_OF_##column},
#define KEEP_OF_SIDE KEEP_VALUE
#define KEEP_OF_CODE KEEP_VALUE
#define KEEP_OF_ERROR KEEP_VALUE
#define KEEP_OF_STATE KEEP_VALUE
#define KEEP_OF_PROCESS KEEP_VALUE
#define KEEP_OF_SUBJECT KEEP_VALUE
#define KEEP_OF_ISSUER KEEP_VALUE
#define KEEP_OF_SERIAL KEEP_VALUE
#define KEEP_OF_THUMBPRINT KEEP_VALUE
#define KEEP_OF_ENDPOINT KEEP_VALUE
#define KEEP_OF_TARGET KEEP_URL
#define KEEP_OF_ACCOUNT KEEP_VALUE
#define KEEP_OF_PROTOCOL KEEP_VALUE
#define KEEP_OF_CERTIFICATE KEEP_VALUE
#define KEEP_OF_PACKET KEEP_PACKET
#define KEEP_OF_CHAIN KEEP_VALUE
#define KEEP_OF_DATA KEEP_URL
#include "events.def"
#undef EVENT_VALUE
};

static enum keep lookup(struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(values); i++)
        if (str_eq(name, str_from(values[i].name)))
            return values[i].keep;
    return KEEP_NOT;
}

/* Position of the element below Event; path->n: there is none. */
static size_t part_at(const struct element_path *path)
{
    size_t i = 0;

    while (i < path->n && !str_eq(path->names[i], STR("Event")))
        i++;
    return i + 1 < path->n ? i + 1 : path->n;
}

static bool is_part(const struct element_path *path, const char *name)
{
    size_t at = part_at(path);

    return at < path->n && str_eq(path->names[at], str_from(name));
}

static size_t append(char *to, size_t len, struct str s)
{
    if (s.len >= PATH_BYTES - len)
        return PATH_BYTES;
    memcpy(to + len, s.p, s.len);
    return len + s.len;
}

/* "CertificateChain/ChainElement/Certificate@subjectName": below UserData and the element in it. */
static enum keep lookup_path(const struct element_path *path, struct str attribute)
{
    char name[PATH_BYTES];
    size_t len = 0;

    for (size_t i = part_at(path) + 2; i < path->n && len < PATH_BYTES; i++) {
        if (len > 0)
            len = append(name, len, STR("/"));
        len = len < PATH_BYTES ? append(name, len, path->names[i]) : len;
    }
    if (attribute.len > 0 && len < PATH_BYTES)
        len = append(name, len, STR("@"));
    if (attribute.len > 0 && len < PATH_BYTES)
        len = append(name, len, attribute);
    return len < PATH_BYTES ? lookup((struct str){name, len}) : KEEP_NOT;
}

static enum keep attribute(const struct element_path *path, struct str name)
{
    struct str element = element_up(path, 0);

    if (str_starts(name, STR("xmlns")) || is_part(path, "System"))
        return KEEP_VALUE;
    if (is_part(path, "EventData"))
        return str_eq(element, STR("Data")) && str_eq(name, STR("Name")) ? KEEP_VALUE : KEEP_NOT;
    if (path->n == 1 && str_eq(element, STR("Events")) && str_eq(name, STR("since")))
        return KEEP_VALUE; /* the collector's own: nothing older was asked for */
    if (!is_part(path, "UserData"))
        return KEEP_NOT;
    if (str_eq(element, STR("ErrorStatus")) && str_starts(name, STR("CERT_TRUST_")))
        return KEEP_VALUE;
    return lookup_path(path, name);
}

static enum keep text(const struct element_path *path)
{
    struct str element = element_up(path, 0);

    if (is_part(path, "System"))
        return KEEP_VALUE;
    if (is_part(path, "EventData"))
        return str_eq(element, STR("Data")) ? lookup(path->data_name) : lookup(element);
    return is_part(path, "UserData") ? lookup_path(path, (struct str){NULL, 0}) : KEEP_NOT;
}

const struct policy policy_events = {.attribute = attribute, .text = text};
