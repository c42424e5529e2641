/* SPDX-License-Identifier: Apache-2.0
 *
 * extract_events: what the files extract_events*.c share, nobody else's. Every file is read twice: first all
 * is counted, so that the second time the first and the last events of each kind can be kept, whatever order
 * they come in; memory is constant. */
#ifndef CERTTRIAGE_EXTRACT_EVENTS_H
#define CERTTRIAGE_EXTRACT_EVENTS_H

#include "event.h"
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
struct event_kind {
    uint32_t n_kept_max;
    int64_t count, seen;
};
struct event_counts {
    struct log_map kinds, hours;
    struct log_list kind_list, hour_list;
};
int event_counts_init(struct event_counts *c, struct arena *a);
/* Its kind's number; NOT_THERE: too many kinds. `is_first`: of the two times that it is read. */
uint32_t event_count(struct event_counts *c, struct arena *a, const struct event *event,
                     const struct event_facts *f, bool is_first);
struct event_kind *event_kind_at(struct event_counts *c, uint32_t kind);
void event_put_counts(struct event_counts *c, struct sink *sink);

/* extract_events_put.c: the rows of one event. */
void event_put(struct sink *sink, struct arena *a, struct str entry, const struct event *event,
               const struct event_facts *f);

/* extract_logs_minute.c: minutes with events that tell of a failure */
int event_minutes_init(struct extract_state *x);
void event_minute_note(struct extract_state *x, int64_t time_ms);

#endif
