/* SPDX-License-Identifier: Apache-2.0
 *
 * xml: a configuration file's bytes to a tree of elements with attributes and positions (Expat). Character
 * data, comments and processing instructions are dropped: configuration has its values in attributes. Nothing
 * outside of the bytes is ever read (no external entities); nesting, size and amplification are capped. Pure;
 * no globals. */
#ifndef CERTTRIAGE_XML_H
#define CERTTRIAGE_XML_H

#include "arena.h"
#include "err.h"

struct xml_attribute {
    struct str name, value;
};

struct xml_element {
    struct str name;
    uint32_t line, col; /* of its '<', from 1, in characters of the decoded text; 0 not known */
    struct xml_element *parent, *child, *next;
    const struct str *entry; /* xml_replace: the file that it came from; NULL: the one that was read */
    size_t n_attributes;
    struct xml_attribute attributes[];
};

struct xml_position {
    uint32_t line, col;
};

/* UTF-8 and UTF-16, with and without byte order mark, whatever the XML declaration says of them (Windows
 * tools rewrite the text and leave the declaration); other single-byte encodings by their declaration. The
 * tree lives in `a`. -ERR_FORMAT: not well-formed, *ret_where says where. -ERR_LIMIT: nested too deep,
 * amplifying, or `a` is full. -ERR_NOMEM. */
int xml_read(struct bytes file, struct arena *a, struct xml_element **ret, struct xml_position *ret_where,
             struct err *e);

/* Puts `by`, the root of another file's tree, where `element` stands (not the root); *entry, which must
 * outlive the tree, names that file. */
void xml_replace(struct xml_element *element, struct xml_element *by, const struct str *entry);

/* The attribute's value; p == NULL when the element does not carry it. Names compare exactly, as in IIS. */
struct str xml_get(const struct xml_element *element, const char *attribute);
/* First child of that name (NULL: of any), and the next sibling of that name. NULL when there is none. */
const struct xml_element *xml_child(const struct xml_element *element, const char *name);
const struct xml_element *xml_next(const struct xml_element *element, const char *name);
/* First child of that name, NULL: none. */
const struct xml_element *xml_find(const struct xml_element *element, struct str name);
bool xml_is(const struct xml_element *element, const char *name);

#endif
