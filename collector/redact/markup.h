/* SPDX-License-Identifier: Apache-2.0
 *
 * markup: a cursor over XML text that keeps every byte in view, for redaction and for a quick look into a
 * configuration file. Not a parser of documents: no entities, no names spaces, no nesting (who needs nesting
 * keeps a stack). What is not well-formed ends it with MARKUP_BROKEN; nothing behind that point is looked at.
 */
#ifndef CERTTRIAGE_MARKUP_H
#define CERTTRIAGE_MARKUP_H

#include "buf.h"
#include "str.h"

enum markup_kind {
    MARKUP_START,
    MARKUP_EMPTY, /* <name …/> */
    MARKUP_CLOSE, /* </name> */
    MARKUP_TEXT,
    MARKUP_CDATA,
    MARKUP_COMMENT,
    MARKUP_PI, /* also the XML declaration: name "xml" */
    MARKUP_DOCTYPE,
    MARKUP_END,   /* nothing left */
    MARKUP_BROKEN /* raw: all the rest */
};

struct markup_token {
    enum markup_kind kind;
    struct str raw;   /* the whole token */
    struct str name;  /* element, or target of a PI */
    struct str inner; /* attributes with the blanks around them; text; the inside of CDATA, comment, PI */
};

struct markup {
    struct str rest;
};

struct markup_attribute {
    struct str before; /* blanks, name, '=' and the opening quote: everything up to the value */
    struct str name, value;
};

/* The text is UTF-8; views point into it. */
void markup_init(struct markup *x, struct str text);
enum markup_kind markup_next(struct markup *x, struct markup_token *ret);
/* The next attribute of a token's `inner`, which becomes what is left of it (the closing quote is left out of
 * both sides); false at the end. Never fails: markup_next has checked the form. */
bool markup_attribute_next(struct str *inner, struct markup_attribute *ret);
/* One attribute by name; false when it is not there. */
bool markup_attribute_find(struct str inner, struct str name, struct str *ret);
/* Appends with &lt; &gt; &amp; &quot; &apos; and character references resolved. */
void markup_unescape(struct buf *out, struct str escaped);

#endif
