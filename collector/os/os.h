/* SPDX-License-Identifier: Apache-2.0
 *
 * os: the collector's one surface to the machine that is looked at. Two backends, chosen by the build and at
 * run time: win32 (the machine itself) and image (a mounted Windows volume, or a folder laid out like one,
 * read on Linux). Outside of the backends there is no OS header and no #ifdef.
 *
 * Paths are Windows paths in UTF-8 ("C:\Windows\…"). Registry keys are written "HKLM\SOFTWARE\…" or
 * "HKU\<SID>\…" and mean the 64-bit view. Failures: -ERR_MISSING only where the documentation of the call
 * gives the code that meaning, -ERR_DENIED, -ERR_TIMEOUT, -ERR_UNSUPPORTED (this backend cannot know), else
 * -ERR_IO; e->os_code is the Windows code (or errno). Nothing is changed on the machine. */
#ifndef CERTTRIAGE_OS_H
#define CERTTRIAGE_OS_H

#include "buf.h"
#include "err.h"
#include "str.h"
#include "text.h"

struct os;

/* image_dir NULL: this machine (-ERR_UNSUPPORTED in a build without win32). */
int os_open(const char *image_dir, struct os **ret, struct err *e);
void os_close(struct os *os);
const char *os_backend(const struct os *os); /* "win32", "image" */

struct os_machine {
    struct str name, domain; /* live until os_close */
    int64_t now_ms; /* UTC: the collection time. An image: the newest time that its hives and logs carry, or
                       the one in machine.json */
    int64_t booted_ms; /* TIME_NONE not known */
    bool elevated;
};
int os_machine(struct os *os, struct os_machine *ret, struct err *e);

/* --- environment
 * ----------------------------------------------------------------------------------------------- */
/* Expands %SystemRoot%, %SystemDrive%, %ProgramData%, … of the machine; unknown variables stay. */
int os_expand(struct os *os, struct str text, struct buf *ret, struct err *e);

/* --- files
 * ------------------------------------------------------------------------------------------------------- */
struct os_file_info {
    int64_t size;
    int64_t modified_ms;
    bool is_dir;
};
struct os_file;
int os_stat(struct os *os, struct str path, struct os_file_info *ret, struct err *e);
/* Opens for reading, sharing everything (a log that is being written). */
int os_file_open(struct os *os, struct str path, struct os_file **ret, struct err *e);
void os_file_close(struct os_file *f);
/* At most room bytes from `offset`; 0 at the end. */
int64_t os_file_read(struct os_file *f, int64_t offset, void *data, size_t room, struct err *e);
/* Calls take for each entry but "." and ".."; a non-zero answer stops and is returned. */
typedef int (*os_dir_fn)(void *ctx, struct str name, const struct os_file_info *info);
int os_dir_list(struct os *os, struct str path, os_dir_fn take, void *ctx, struct err *e);
/* Owner, group and DACL of a file or folder as SDDL. */
int os_sddl(struct os *os, struct str path, struct buf *ret, struct err *e);

/* --- registry
 * ---------------------------------------------------------------------------------------------------- */
struct os_reg_visitor {
    void *ctx;
    /* Each key before its values; `key` is the full name as asked plus subkeys. A non-zero answer stops. */
    int (*key)(void *ctx, struct str key, int64_t modified_ms);
    /* type as Windows numbers it (REG_SZ 1, REG_BINARY 3, REG_DWORD 4, …); data as stored. */
    int (*value)(void *ctx, struct str name, uint32_t type, struct bytes data);
    /* A subkey that could not be opened: the walk goes on. */
    int (*failed)(void *ctx, struct str key, const struct err *why);
};
/* depth 0: the key's own values; 32 and more: all below. */
int os_reg_walk(struct os *os, struct str key, unsigned depth, const struct os_reg_visitor *v, struct err *e);
/* One value; strings as UTF-8 without the final NUL, DWORD as decimal text. */
int os_reg_text(struct os *os, struct str key, struct str name, struct buf *ret, struct err *e);

/* --- users
 * ------------------------------------------------------------------------------------------------------- */
/* SIDs of users whose hive is loaded (win32) or whose profile has an NTUSER.DAT (image): S-1-5-21-…, those of
 * application pools (S-1-5-82-…), and the one who runs us. */
typedef int (*os_user_fn)(void *ctx, struct str sid, struct str profile_path);
int os_users(struct os *os, os_user_fn take, void *ctx, struct err *e);
/* Account name to SID and its groups' SIDs (blank-separated; empty when not known). */
int os_account(struct os *os, struct str account, struct buf *ret_sid, struct buf *ret_groups, struct err *e);

/* The rights that the local policy assigns to any of these SIDs (blank-separated): names such as
 * SeServiceLogonRight, blank-separated, each once. image: -ERR_UNSUPPORTED. */
int os_account_rights(struct os *os, struct str sids, struct buf *ret, struct err *e);

/* --- certificate stores
 * -------------------------------------------------------------------------------------------- */
enum os_store_object { OS_CERTIFICATE, OS_CRL, OS_CTL };
struct os_property {
    uint32_t id;
    struct bytes data;
};
enum { OS_CERT_VALUES = 8 };
struct os_cert {
    enum os_store_object object; /* of a list only der and physical count */
    struct bytes der;
    const char *physical; /* "Registry", "AuthRoot", "GroupPolicy", "Enterprise" */
    uint32_t property_ids[64];
    size_t n_properties;
    struct str friendly_name;
    bool archived;
    struct bytes eku;                          /* property 9, p NULL when not set */
    struct os_property values[OS_CERT_VALUES]; /* those of property.def that are set */
    size_t n_values;
    bool has_key; /* property 2 */
    struct str container, provider;
    uint32_t provider_type, key_flags, key_spec;
};
typedef int (*os_cert_fn)(void *ctx, const struct os_cert *cert);
/* user empty: LocalMachine; else CurrentUser of that SID. Archived certificates, CRLs and CTLs are included.
 */
int os_store_walk(struct os *os, struct str user, struct str store, os_cert_fn take, void *ctx,
                  struct err *e);

/* --- chains: what the system makes of a certificate, from its stores and caches
 * ------------------- */
struct os_chain_element {
    struct bytes der;
    uint32_t error, info; /* CERT_TRUST_STATUS */
};
struct os_chain {
    uint32_t error, info;                    /* of the whole */
    const struct os_chain_element *elements; /* the leaf first */
    size_t n;
};
typedef int (*os_chain_fn)(void *ctx, const struct os_chain *chain);
/* ONLINE, which is for who asked for it: what certificates name (revocation lists, issuers) is fetched, 15
 * seconds at most, and Windows keeps it in its cache. */
enum os_revocation { OS_REVOCATION_NONE, OS_REVOCATION_CACHE, OS_REVOCATION_ONLINE };
/* user empty: as the machine, else as that SID, which must be who runs us (-ERR_UNSUPPORTED). No usage is
 * asked for. image: -ERR_UNSUPPORTED. */
int os_chain(struct os *os, struct str user, struct bytes der, enum os_revocation how, os_chain_fn take,
             void *ctx, struct err *e);

/* --- http.sys
 * ---------------------------------------------------------------------------------------------------- */
struct os_sslcert {
    const char *tree; /* "ip", "sni", "ccs" */
    struct str endpoint;
    struct bytes cert_hash;
    uint8_t app_id[16];                          /* GUID, little-endian layout */
    struct str store, ctl_identifier, ctl_store; /* p NULL: not set */
    uint32_t check_mode, freshness_time, url_retrieval_timeout, flags;
};
typedef int (*os_sslcert_fn)(void *ctx, const struct os_sslcert *record);
int os_http_sslcerts(struct os *os, os_sslcert_fn take, void *ctx,
                     struct err *e); /* image: -ERR_UNSUPPORTED */
/* The addresses that http.sys is limited to, blank-separated; empty: all. image: -ERR_UNSUPPORTED. */
int os_http_listen(struct os *os, struct buf *ret, struct err *e);

/* --- events
 * ------------------------------------------------------------------------------------------------------ */
/* Each event of a channel that fits an XPath query, newest first, as the XML that EvtRender writes, in UTF-8.
 * A non-zero answer of take stops and is returned. -ERR_MISSING: there is no such channel. image:
 * -ERR_UNSUPPORTED. */
typedef int (*os_event_fn)(void *ctx, struct str xml);
int os_events(struct os *os, const char *channel, const char *query, os_event_fn take, void *ctx,
              struct err *e);

/* --- the network
 * --------------------------------------------------------------------------------------------------- Only
 * for what somebody chose: nothing else in here connects to anything. image: -ERR_UNSUPPORTED, for a disk has
 * no network and what another machine is answered is no evidence. e->os_code is a Windows code
 * (WSAECONNREFUSED 10061, …). */
struct os_net;
struct os_net_ends {
    char address[64], local_address[64]; /* numeric, without brackets; "" not known */
    uint16_t local_port;
    const char *stage; /* "resolve", "connect": how far it came */
};
/* host: a name, or an address with or without brackets. *ret_ends is filled as far as it came. */
int os_net_connect(struct os *os, struct str host, uint16_t port, int timeout_ms, struct os_net **ret,
                   struct os_net_ends *ret_ends, struct err *e);
int os_net_send(struct os_net *n, const void *data, size_t len, int timeout_ms,
                struct err *e); /* all of it */
/* What there is, at most room bytes; waits for the first. 0: the other side closed. -ERR_TIMEOUT. */
int64_t os_net_recv(struct os_net *n, void *data, size_t room, int timeout_ms, struct err *e);
void os_net_close(struct os_net *n); /* NULL is welcome */

/* Schannel, the TLS of Windows, as a client without a certificate, over whatever io does. The server's
 * certificate is accepted whatever it is: this is a measurement. */
enum os_tls_blob {
    OS_TLS_ISSUER,      /* a name that the server's CertificateRequest lists, as received */
    OS_TLS_LATE_ISSUER, /* the same of a later handshake */
    OS_TLS_PEER         /* DER of the server's certificate, then the others that came with it */
};
struct os_tls_io {
    void *ctx;
    int (*send)(void *ctx, const void *data, size_t len, struct err *e);
    int64_t (*recv)(void *ctx, void *data, size_t room, struct err *e); /* 0: the other side closed */
    void (*blob)(void *ctx, enum os_tls_blob what, struct bytes b);
};
enum os_tls_asked { OS_TLS_ASKED_UNKNOWN = -1, OS_TLS_NOT_ASKED, OS_TLS_ASKED };
struct os_tls_report {
    bool begun;                                    /* a handshake was: what follows means something */
    uint32_t status;                               /* the last SECURITY_STATUS */
    char protocol[16];                             /* "TLS 1.2"; "" it did not come so far */
    char cipher[128];                              /* IANA's name; "" not known */
    enum os_tls_asked asked, asked_late;           /* for a certificate: SEC_I_INCOMPLETE_CREDENTIALS */
    bool has_issuers, has_late_issuers, has_peers; /* the lists were to be had, be they empty */
};
struct os_tls;
/* *ret is set, to be closed, and *report filled as far as it came, also when this fails. */
int os_tls_open(struct os *os, struct str server_name, const struct os_tls_io *io, struct os_tls **ret,
                struct os_tls_report *report, struct err *e);
/* Sends `request` and appends the answer until the server is done or `room` bytes are there. A second
 * handshake on the way is gone through, and told in *report. */
int os_tls_request(struct os_tls *t, struct str request, size_t room, struct buf *ret,
                   struct os_tls_report *report, struct err *e);
void os_tls_close(struct os_tls *t); /* NULL is welcome; sends nothing */

/* --- the machine that we run on
 * ------------------------------------------------------------------------------------ What the collector
 * needs for itself: its arguments, the bundle that it writes, hashes. No `struct os`: these always mean the
 * machine that the program runs on, also with the image backend, and paths are that machine's own (UTF-8; on
 * Windows relative ones, drive letters and \\?\ all work and go through the ...W functions). image/out.c and
 * win32/out.c. */

/* The program's arguments as UTF-8, NULL-terminated, valid until the program ends. Linux: argv itself.
 * Windows: from CommandLineToArgvW(GetCommandLineW()); the console's output is switched to UTF-8 by the same
 * call, and stderr gets a buffer: flush it after each line. */
int os_arguments(int argc, char **argv, int *ret_argc, char ***ret_argv, struct err *e);

/* A file that is being written. Unbuffered: what os_out_write took survives a kill of the process. */
struct os_out;
/* Creates the file, readable by its owner alone where the system knows that; others may read it while it is
 * open (FILE_SHARE_READ). replace: an existing file is emptied; else -ERR_CONFLICT when there is one. */
int os_out_open(const char *path, bool replace, struct os_out **ret, struct err *e);
/* All of it, at the current position, or a failure. */
int os_out_write(struct os_out *o, const void *data, size_t len, struct err *e);
/* The position of the next write, from the beginning of the file. */
int os_out_seek(struct os_out *o, int64_t offset, struct err *e);
int os_out_sync(struct os_out *o, struct err *e); /* onto the disk: fsync, FlushFileBuffers */
/* NULL is welcome; the handle is gone even when this fails. */
int os_out_close(struct os_out *o, struct err *e);
void os_out_remove(const char *path); /* best effort */
/* The path as libraries must be given it that open files themselves: on Windows absolute and behind \\?\,
 * else 260 characters are the most; on Linux as it is. */
int os_long_path(const char *path, struct buf *ret, struct err *e);

/* A file of ours that is read: the token, the finished bundle. Shares everything. */
struct os_in;
int os_in_open(const char *path, struct os_in **ret, int64_t *ret_size, struct err *e);
/* At most room bytes from `offset`; 0 at the end. */
int64_t os_in_read(struct os_in *in, int64_t offset, void *data, size_t room, struct err *e);
void os_in_close(struct os_in *in); /* NULL is welcome */

/* Hashes in pieces (BCrypt on Windows, libcrypto on Linux). */
enum os_hash_kind { OS_SHA1, OS_SHA256 };
enum { OS_SHA1_BYTES = 20, OS_SHA256_BYTES = 32 };
struct os_hash;
int os_hash_new(enum os_hash_kind kind, struct os_hash **ret, struct err *e);
int os_hash_add(struct os_hash *h, const void *data, size_t len, struct err *e);
/* Writes 20 or 32 bytes; the hash is then empty and may be used again. */
int os_hash_end(struct os_hash *h, uint8_t *ret, struct err *e);
void os_hash_free(struct os_hash *h); /* NULL is welcome */

int os_random(void *ret, size_t len, struct err *e); /* for identifiers: BCryptGenRandom, getrandom */
int64_t os_clock_ms(void);                           /* UTC of the machine that we run on */

/* The proxy that this machine uses for an https address, as "http://host:port", for libcurl; empty: none for
 * this one. -ERR_MISSING: nothing is set, or it is left to libcurl and its environment variables (Linux
 * always). Windows: the user's settings with their script, automatic detection and exceptions (this may ask
 * the network), else the machine's (netsh winhttp). Blocks. */
int os_proxy(const char *url, struct buf *ret, struct err *e);

#endif
