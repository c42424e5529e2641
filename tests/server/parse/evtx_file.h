/* SPDX-License-Identifier: Apache-2.0
 *
 * evtx_file: makes .evtx files for tests: one template a chunk, records with its values, event data as a
 * nested fragment, as Windows writes them ([MS-EVEN6] 2.2.12). */
#ifndef CERTTRIAGE_TESTS_EVTX_FILE_H
#define CERTTRIAGE_TESTS_EVTX_FILE_H

#include "buf.h"
#include "compiler.h"

#include <string.h>

#define EVTX_TIME_2020 132223104000000000u /* 2020-01-01T00:00:00Z */

struct evtx_file {
    struct buf bytes;
    size_t chunk;                      /* where the current one begins */
    size_t template, strings_template; /* positions in the chunk; 0: none yet */
    size_t record;
    uint64_t number; /* of the last record */
};

UNUSED static void evtx_put(struct buf *b, uint64_t v, size_t n_bytes)
{
    for (size_t i = 0; i < n_bytes; i++)
        buf_add_char(b, (char)(v >> (8 * i)));
}

UNUSED static void evtx_patch(struct buf *b, size_t at, uint64_t v, size_t n_bytes)
{
    for (size_t i = 0; i < n_bytes; i++)
        b->p[at + i] = (char)(v >> (8 * i));
}

UNUSED static void evtx_zero(struct buf *b, size_t up_to)
{
    while (b->len < up_to)
        buf_add_char(b, 0);
}

UNUSED static void evtx_utf16(struct buf *b, const char *text)
{
    for (; *text; text++)
        evtx_put(b, (uint8_t)*text, 2);
}

/* Where it is used, as the first use of a name is. */
UNUSED static void evtx_name(struct evtx_file *f, const char *name)
{
    evtx_put(&f->bytes, f->bytes.len - f->chunk + 4, 4);
    evtx_put(&f->bytes, 0, 4);
    evtx_put(&f->bytes, 0, 2);
    evtx_put(&f->bytes, strlen(name), 2);
    evtx_utf16(&f->bytes, name);
    evtx_put(&f->bytes, 0, 2);
}

UNUSED static void evtx_element(struct evtx_file *f, const char *name, bool has_attributes,
                                bool has_dependency)
{
    evtx_put(&f->bytes, has_attributes ? 0x41 : 0x01, 1);
    if (has_dependency)
        evtx_put(&f->bytes, 0xffff, 2);
    evtx_put(&f->bytes, 0, 4);
    evtx_name(f, name);
    if (has_attributes)
        evtx_put(&f->bytes, 0, 4);
}

UNUSED static void evtx_attribute(struct evtx_file *f, const char *name)
{
    evtx_put(&f->bytes, 0x06, 1);
    evtx_name(f, name);
}

UNUSED static void evtx_text(struct evtx_file *f, const char *text)
{
    evtx_put(&f->bytes, 0x05, 1);
    evtx_put(&f->bytes, 0x01, 1);
    evtx_put(&f->bytes, strlen(text), 2);
    evtx_utf16(&f->bytes, text);
}

UNUSED static void evtx_hole(struct evtx_file *f, uint16_t index, uint8_t type)
{
    evtx_put(&f->bytes, 0x0d, 1);
    evtx_put(&f->bytes, index, 2);
    evtx_put(&f->bytes, type, 1);
}

UNUSED static void evtx_field(struct evtx_file *f, const char *name, const char *text)
{
    evtx_element(f, name, false, true);
    evtx_put(&f->bytes, 0x02, 1);
    evtx_text(f, text);
    evtx_put(&f->bytes, 0x04, 1);
}

UNUSED static void evtx_field_hole(struct evtx_file *f, const char *name, uint16_t index, uint8_t type)
{
    evtx_element(f, name, false, true);
    evtx_put(&f->bytes, 0x02, 1);
    evtx_hole(f, index, type);
    evtx_put(&f->bytes, 0x04, 1);
}

/* <Event><System>…</System>{4}</Event>: 0 EventID, 1 Level, 2 TimeCreated, 3 EventRecordID, 4 the data. */
/* With strings {4} is the text of <EventData><Data>, an array. */
UNUSED static void evtx_template(struct evtx_file *f, bool has_strings)
{
    size_t size_at, begin;

    *(has_strings ? &f->strings_template : &f->template) = f->bytes.len - f->chunk;
    evtx_put(&f->bytes, 0, 4);
    evtx_zero(&f->bytes, f->bytes.len + 16);
    size_at = f->bytes.len;
    evtx_put(&f->bytes, 0, 4);
    begin = f->bytes.len;
    evtx_put(&f->bytes, 0x0001010f, 4);
    evtx_element(f, "Event", false, true);
    evtx_put(&f->bytes, 0x02, 1);
    evtx_element(f, "System", false, true);
    evtx_put(&f->bytes, 0x02, 1);
    evtx_element(f, "Provider", true, true);
    evtx_attribute(f, "Name");
    evtx_text(f, "Schannel");
    evtx_put(&f->bytes, 0x03, 1);
    evtx_field_hole(f, "EventID", 0, 0x06);
    evtx_field_hole(f, "Level", 1, 0x04);
    evtx_element(f, "TimeCreated", true, true);
    evtx_attribute(f, "SystemTime");
    evtx_hole(f, 2, 0x11);
    evtx_put(&f->bytes, 0x03, 1);
    evtx_field_hole(f, "EventRecordID", 3, 0x0a);
    evtx_field(f, "Channel", "System");
    evtx_field(f, "Computer", "WEB01");
    evtx_put(&f->bytes, 0x04, 1);
    if (has_strings) {
        evtx_element(f, "EventData", false, true);
        evtx_put(&f->bytes, 0x02, 1);
        evtx_field_hole(f, "Data", 4, 0x01);
        evtx_put(&f->bytes, 0x04, 1);
    } else {
        evtx_hole(f, 4, 0x21);
    }
    evtx_put(&f->bytes, 0x04, 1);
    evtx_put(&f->bytes, 0x00, 1);
    evtx_patch(&f->bytes, size_at, f->bytes.len - begin, 4);
}

UNUSED static void evtx_file_begin(struct evtx_file *f)
{
    *f = (struct evtx_file){.bytes = BUF_INIT(64 << 20)};
    buf_add(&f->bytes, "ElfFile", 8);
    evtx_zero(&f->bytes, 4096);
}

UNUSED static void evtx_chunk_begin(struct evtx_file *f)
{
    f->chunk = f->bytes.len;
    f->template = f->strings_template = 0;
    buf_add(&f->bytes, "ElfChnk", 8);
    evtx_zero(&f->bytes, f->chunk + 512);
    evtx_patch(&f->bytes, f->chunk + 8, f->number + 1, 8);
}

/* The last record and where the free space begins; then to the chunk's full size. */
UNUSED static void evtx_chunk_end(struct evtx_file *f)
{
    evtx_patch(&f->bytes, f->chunk + 16, f->number, 8);
    evtx_patch(&f->bytes, f->chunk + 48, f->bytes.len - f->chunk, 4);
    evtx_zero(&f->bytes, f->chunk + 65536);
}

static const struct {
    uint16_t size;
    uint8_t type;
} evtx_holes[] = {{2, 0x06}, {1, 0x04}, {8, 0x11}, {8, 0x0a}};

/* Up to the values of the first four holes; *ret: where the size of the fifth is. */
UNUSED static void evtx_record_begin(struct evtx_file *f, uint16_t id, bool has_strings, uint8_t type,
                                     size_t *ret)
{
    size_t template = has_strings ? f->strings_template : f->template;

    f->record = f->bytes.len;
    f->number++;
    evtx_put(&f->bytes, 0x00002a2a, 4);
    evtx_put(&f->bytes, 0, 4);
    evtx_put(&f->bytes, f->number, 8);
    evtx_put(&f->bytes, EVTX_TIME_2020 + f->number * 10000000, 8);
    evtx_put(&f->bytes, 0x0001010f, 4);
    evtx_put(&f->bytes, 0x0c, 1);
    evtx_put(&f->bytes, 0x01, 1);
    evtx_put(&f->bytes, 0x12345678, 4);
    evtx_put(&f->bytes, template ? template : f->bytes.len - f->chunk + 4, 4);
    if (!template)
        evtx_template(f, has_strings);
    evtx_put(&f->bytes, 5, 4);
    for (size_t i = 0; i < ARRAY_LEN(evtx_holes); i++) {
        evtx_put(&f->bytes, evtx_holes[i].size, 2);
        evtx_put(&f->bytes, evtx_holes[i].type, 2);
    }
    *ret = f->bytes.len;
    evtx_put(&f->bytes, 0, 2);
    evtx_put(&f->bytes, type, 2);
    evtx_put(&f->bytes, id, 2);
    evtx_put(&f->bytes, 2, 1);
    evtx_put(&f->bytes, EVTX_TIME_2020 + f->number * 10000000, 8);
    evtx_put(&f->bytes, f->number, 8);
}

/* The record's length stands at both its ends. */
UNUSED static void evtx_record_end(struct evtx_file *f)
{
    evtx_put(&f->bytes, 0x00, 1);
    evtx_zero(&f->bytes, f->bytes.len + (f->chunk + 4 + 8 * 65536 - f->bytes.len) % 8);
    evtx_put(&f->bytes, f->bytes.len + 4 - f->record, 4);
    evtx_patch(&f->bytes, f->record + 4, f->bytes.len - f->record, 4);
}

/* One event of Schannel with <EventData><Data Name="name">value</Data></EventData>; a '"' in `name` becomes a
 * reference, as CAPI2's ETags are written. */
UNUSED static void evtx_record(struct evtx_file *f, uint16_t id, const char *name, const char *value)
{
    const char *quote = strchr(name, '"');
    size_t data_size_at, data_at;

    evtx_record_begin(f, id, false, 0x21, &data_size_at);
    data_at = f->bytes.len;
    evtx_put(&f->bytes, 0x0001010f, 4);
    evtx_element(f, "EventData", false, false);
    evtx_put(&f->bytes, 0x02, 1);
    evtx_element(f, "Data", true, false);
    evtx_attribute(f, "Name");
    if (quote) {
        char before[64] = {0};
        memcpy(before, name, (size_t)(quote - name));
        evtx_text(f, before);
        evtx_put(&f->bytes, 0x49, 1);
        evtx_name(f, "quot");
        evtx_text(f, quote + 1);
    } else {
        evtx_text(f, name);
    }
    evtx_put(&f->bytes, 0x02, 1);
    evtx_text(f, value);
    evtx_put(&f->bytes, 0x04, 1);
    evtx_put(&f->bytes, 0x04, 1);
    evtx_put(&f->bytes, 0x00, 1);
    evtx_patch(&f->bytes, data_size_at, f->bytes.len - data_at, 2);
    evtx_record_end(f);
}

/* One with strings without names, as providers of old write them. */
UNUSED static void evtx_record_strings(struct evtx_file *f, uint16_t id, const char *first,
                                       const char *second)
{
    size_t size_at;

    evtx_record_begin(f, id, true, 0x81, &size_at);
    evtx_utf16(&f->bytes, first);
    evtx_put(&f->bytes, 0, 2);
    evtx_utf16(&f->bytes, second);
    evtx_put(&f->bytes, 0, 2);
    evtx_patch(&f->bytes, size_at, (strlen(first) + strlen(second) + 2) * 2, 2);
    evtx_record_end(f);
}

#endif
