/* SPDX-License-Identifier: Apache-2.0
 *
 * extract_events: what the files extract_events*.c share, nobody else's. Every file is read twice: first all
 * is counted, so that the second time the first and the last events of each kind can be kept, whatever order
 * they come in; memory is constant. */
#ifndef CERTTRIAGE_EXTRACT_EVENTS_H
#define CERTTRIAGE_EXTRACT_EVENTS_H

#include "event.h"
#include "event_xml.h"
#include "evtx.h"
#include "extract.h"
#include "extract_logs.h"

enum event_area {
    AREA_SCHANNEL,
    AREA_CAPI2,
    AREA_HTTP,
    AREA_KDC,
    AREA_KERBEROS,
    AREA_NETLOGON,
    AREA_TIME,
    AREA_SECURITY,
    AREA_IIS,
    AREA_COUNT
};

enum { WORDS_BYTES = 512, CERT_SCRATCH_BYTES = 65536 };

/* What an event says, in the columns of table event. Views into the event, or into `words` and `thumbprint`.
 */
struct event_facts {
    const char *area;
    enum event_area kind;
    int64_t code, error, state;                                                             /* -1 none */
    struct str side, process, subject, issuer, serial, endpoint, target, account, protocol; /* p NULL none */
    struct str thumbprint, status;
    char thumbprint_text[41], words[WORDS_BYTES];
    struct bytes der; /* of the certificate that it is about; p NULL none */
};

/* extract_events_decode.c. false: an event of no concern. `scratch` holds CERT_SCRATCH_BYTES for the DER. */
bool event_decode(const struct event *event, uint8_t *scratch, struct event_facts *ret);
/* May this value be told? Where `ret` is cut it is without its query. */
bool event_may_tell(const struct event_facts *f, const struct event_item *item, struct str *ret);
/* "ErrorStatus@CERT_TRUST_…" items from `i` on that begin with prefix and have the value "true", appended to
 * words of `room` bytes; returns the view, p NULL: none. */
struct str event_words(const struct event *event, size_t from, size_t to, struct str prefix, char *words,
                       size_t room);
bool event_hex(struct str s, int64_t *ret); /* "800B0109", "0x8009030d": up to 32 bits */
/* "3BDA….cer" to 40 lower-case digits; p NULL: it is none. */
struct str event_thumbprint(struct str file_ref, char ret[41]);
bool event_failed(const struct event *event, const struct event_facts *f);

/* extract_events_count.c */
struct event_counts {
    struct log_map kinds, hours;
    struct log_list kind_list, hour_list;
};
int event_counts_init(struct event_counts *c, struct arena *a);
/* `ordinal`: its number among all events that are read. -ERR_NOMEM. */
int event_count(struct event_counts *c, struct arena *a, const struct event *event,
                const struct event_facts *f, uint32_t ordinal);
/* The numbers of those that are to be kept, ascending. -ERR_NOMEM. */
int event_kept(struct event_counts *c, struct arena *a, uint32_t **ret, size_t *ret_n);
void event_put_counts(struct event_counts *c, struct sink *sink);

/* extract_events_put.c: the rows of one event. */
void event_put(struct sink *sink, struct arena *a, struct str entry, const struct event *event,
               const struct event_facts *f);

/* extract_logs_minute.c: minutes with events that tell of a failure */
int event_minutes_init(struct extract_state *x);
void event_minute_note(struct extract_state *x, int64_t time_ms);

/* ---- the run (extract_events.c) ---- */

enum { EVENT_CHANNELS_MAX = 64, EVENT_CERTIFICATES_MAX = 200 };

struct event_channel {
    struct str name, computer;
    int64_t events, first, last;
};

struct event_file {
    uint32_t entry;
    bool is_evtx;
    int64_t n_bytes, n_events, n_cut, skipped, skipped_line;
    char skipped_what[160];
    int64_t first, last;
    uint32_t first_ordinal, last_ordinal;
    uint64_t from_record; /* evtx: chunks that end before it are left out */
    int64_t n_chunks, n_chunks_left;
    struct event_channel channels[EVENT_CHANNELS_MAX];
    size_t n_channels;
};

struct events {
    struct extract_state *x;
    struct event_counts counts;
    struct log_map known; /* events that were read, where the same log may have come twice */
    struct event_xml *xml;
    struct evtx_reader *reader;
    uint8_t *scratch;
    struct event_file *files;
    size_t n_files;
    struct event_file *file; /* the current one */
    bool is_first;
    uint32_t ordinal; /* of the current event, from 1; both times the same */
    uint32_t *kept;   /* the numbers of those that become rows */
    size_t n_kept, kept_at;
    int64_t n_rows_left_out;
    struct bytes *certificates;
    size_t n_certificates;
    struct evtx_damage damage;
    struct err *e;
};

/* extract_events_take.c: what is done with an event, the first time that it is read and the second. Every
 * event gets a number, broken ones of event XML as well; event XML is numbered before it is read. ctx: struct
 * events. */
bool events_number(void *ctx);
bool events_is_kept(void *ctx); /* numbers the next one: does it become rows? */
int events_count(const struct event *event, void *ctx);
int events_count_next(const struct event *event, void *ctx);
int events_put(const struct event *event, void *ctx);
int events_put_next(const struct event *event, void *ctx);
/* extract_events_read.c */
int events_read_file(struct events *s, struct event_file *f);

#endif
