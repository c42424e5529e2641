/* SPDX-License-Identifier: Apache-2.0
 *
 * TLS by Schannel, as a client without a certificate. Source of the order of calls: "Creating a Secure
 * Connection Using Schannel", InitializeSecurityContext (Schannel), "Renegotiating an Schannel Connection" on
 * learn.microsoft.com. */
#define SECURITY_WIN32
#define SCHANNEL_USE_BLACKLISTS /* SCH_CREDENTIALS */
#include "win32.h"

#include <subauth.h>

#include <schannel.h>
#include <security.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wincrypt.h>

enum { IN_BYTES = 1 << 18, PIECE = 16384 + 2048, ROUNDS_MAX = 64 };

static const DWORD WANTED = ISC_REQ_SEQUENCE_DETECT | ISC_REQ_REPLAY_DETECT | ISC_REQ_CONFIDENTIALITY |
                            ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_STREAM | ISC_REQ_MANUAL_CRED_VALIDATION |
                            ISC_REQ_EXTENDED_ERROR;

struct os_tls {
    struct os_tls_io io;
    struct buf name; /* UTF-16 */
    CredHandle credentials;
    CtxtHandle context;
    bool has_credentials, has_context, closed;
    struct buf in; /* received, not yet used */
};

/* --- credentials --- */

/* Windows 10 1809 and later need SCH_CREDENTIALS for TLS 1.3; older ones do not know it. Which versions are
 * offered is left to the machine. The shortest life: a session that is taken up again has no
 * CertificateRequest. */
static SECURITY_STATUS acquire(struct os_tls *t)
{
    static const DWORD FLAGS = SCH_CRED_NO_DEFAULT_CREDS | SCH_CRED_MANUAL_CRED_VALIDATION;
    SCH_CREDENTIALS newer = {.dwVersion = SCH_CREDENTIALS_VERSION, .dwSessionLifespan = 1, .dwFlags = FLAGS};
    SCHANNEL_CRED older = {.dwVersion = SCHANNEL_CRED_VERSION, .dwSessionLifespan = 1, .dwFlags = FLAGS};
    wchar_t provider[] = UNISP_NAME_W;
    SECURITY_STATUS s = AcquireCredentialsHandleW(NULL, provider, SECPKG_CRED_OUTBOUND, NULL, &newer, NULL,
                                                  NULL, &t->credentials, NULL);

    if (s != SEC_E_OK)
        s = AcquireCredentialsHandleW(NULL, provider, SECPKG_CRED_OUTBOUND, NULL, &older, NULL, NULL,
                                      &t->credentials, NULL);
    t->has_credentials = s == SEC_E_OK;
    return s;
}

/* --- bytes --- */

/* More bytes into t->in; 1: the other side closed. */
static int receive(struct os_tls *t, struct err *e)
{
    char *p = buf_reserve(&t->in, PIECE);
    int64_t n = p == NULL ? err_set(e, ERR_LIMIT, "TLS: more than %d bytes in one message", IN_BYTES)
                          : t->io.recv(t->io.ctx, p, PIECE, e);

    if (n > 0)
        buf_wrote(&t->in, (size_t)n);
    return n < 0 ? (int)n : n == 0;
}

/* Keeps the last `extra` bytes of what was received. */
static void keep_extra(struct os_tls *t, size_t extra)
{
    if (extra > t->in.len)
        extra = t->in.len;
    memmove(t->in.p, t->in.p + t->in.len - extra, extra);
    t->in.len = extra;
}

static int send_token(struct os_tls *t, SecBuffer *token, struct err *e)
{
    int r = 0;

    if (token->pvBuffer != NULL && token->cbBuffer > 0)
        r = t->io.send(t->io.ctx, token->pvBuffer, token->cbBuffer, e);
    if (token->pvBuffer != NULL)
        (void)FreeContextBuffer(token->pvBuffer);
    token->pvBuffer = NULL;
    return r;
}

/* --- handshake --- */

static void give_issuers(struct os_tls *t, bool late, struct os_tls_report *report)
{
    SecPkgContext_IssuerListInfoEx list = {0};

    if (QueryContextAttributesW(&t->context, SECPKG_ATTR_ISSUER_LIST_EX, &list) != SEC_E_OK)
        return;
    *(late ? &report->has_late_issuers : &report->has_issuers) = true;
    for (DWORD i = 0; list.aIssuers != NULL && i < list.cIssuers; i++)
        t->io.blob(t->io.ctx, late ? OS_TLS_LATE_ISSUER : OS_TLS_ISSUER,
                   (struct bytes){list.aIssuers[i].pbData, list.aIssuers[i].cbData});
    if (list.aIssuers != NULL)
        (void)FreeContextBuffer(list.aIssuers);
}

/* One call of InitializeSecurityContext with what was received, and its answer on its way. */
static SECURITY_STATUS step(struct os_tls *t, DWORD flags, int *ret_sent, struct err *e)
{
    SecBuffer in[2] = {{.BufferType = SECBUFFER_TOKEN, .pvBuffer = t->in.p, .cbBuffer = (ULONG)t->in.len},
                       {.BufferType = SECBUFFER_EMPTY}};
    SecBuffer out[1] = {{.BufferType = SECBUFFER_TOKEN}};
    SecBufferDesc in_list = {SECBUFFER_VERSION, 2, in}, out_list = {SECBUFFER_VERSION, 1, out};
    bool first = !t->has_context;
    DWORD got = 0;
    SECURITY_STATUS s = InitializeSecurityContextW(
        &t->credentials, first ? NULL : &t->context, (SEC_WCHAR *)(void *)t->name.p, flags, 0, 0,
        first ? NULL : &in_list, 0, &t->context, &out_list, &got, NULL);

    if (first && (s == SEC_E_OK || s == SEC_I_CONTINUE_NEEDED))
        t->has_context = true;
    *ret_sent = send_token(t, &out[0], e);
    if (first || s == SEC_E_INCOMPLETE_MESSAGE || s == SEC_I_INCOMPLETE_CREDENTIALS)
        return s; /* the bytes are used again */
    keep_extra(t, in[1].BufferType == SECBUFFER_EXTRA ? in[1].cbBuffer : 0);
    return s;
}

static int handshake_failed(SECURITY_STATUS s, struct err *e)
{
    return err_windows(e, (DWORD)s, 0, 0, "TLS handshake");
}

/* From where it stands to its end. The first call of a connection has nothing to read yet. */
static int handshake(struct os_tls *t, bool late, struct os_tls_report *report, struct err *e)
{
    DWORD flags = WANTED;
    SECURITY_STATUS s = SEC_E_OK;
    enum os_tls_asked *asked = late ? &report->asked_late : &report->asked;

    for (int round = 0; round < ROUNDS_MAX; round++) {
        int r = 0, sent = 0;

        /* A later handshake begins with what came behind the message that asked for it, be it nothing. */
        if (t->has_context && (!late || round > 0) && (t->in.len == 0 || s == SEC_E_INCOMPLETE_MESSAGE))
            r = receive(t, e);
        if (r > 0)
            return err_set(e, ERR_IO, "TLS handshake: the server closed the connection");
        if (r < 0)
            return r;
        s = step(t, flags, &sent, e);
        report->begun = true;
        report->status = (uint32_t)s;
        if (sent != 0)
            return sent;
        if (s == SEC_I_INCOMPLETE_CREDENTIALS) {
            if (flags != WANTED)
                return handshake_failed(s, e);
            *asked = OS_TLS_ASKED;
            give_issuers(t, late, report);
            flags |= ISC_REQ_USE_SUPPLIED_CREDS; /* go on, with none */
        } else if (s == SEC_E_OK) {
            if (*asked == OS_TLS_ASKED_UNKNOWN)
                *asked = OS_TLS_NOT_ASKED;
            return 0;
        } else if (s != SEC_I_CONTINUE_NEEDED && s != SEC_E_INCOMPLETE_MESSAGE) {
            return handshake_failed(s, e);
        }
    }
    return err_set(e, ERR_LIMIT, "TLS handshake: it does not end");
}

/* --- what came about --- */

static const char *protocol_name(DWORD protocol)
{
    switch (protocol) {
    case SP_PROT_SSL3_CLIENT:
        return "SSL 3.0";
    case SP_PROT_TLS1_CLIENT:
        return "TLS 1.0";
    case SP_PROT_TLS1_1_CLIENT:
        return "TLS 1.1";
    case SP_PROT_TLS1_2_CLIENT:
        return "TLS 1.2";
    case SP_PROT_TLS1_3_CLIENT:
        return "TLS 1.3";
    default:
        return "";
    }
}

static void report_connection(struct os_tls *t, struct os_tls_report *report)
{
    CLEANUP(buf_done) struct buf cipher = BUF_INIT(1024);
    SecPkgContext_ConnectionInfo info = {0};
    SecPkgContext_CipherInfo suite = {.dwVersion = SECPKGCONTEXT_CIPHERINFO_V1};

    if (QueryContextAttributesW(&t->context, SECPKG_ATTR_CONNECTION_INFO, &info) == SEC_E_OK)
        (void)snprintf(report->protocol, sizeof report->protocol, "%s", protocol_name(info.dwProtocol));
    if (QueryContextAttributesW(&t->context, SECPKG_ATTR_CIPHER_INFO, &suite) != SEC_E_OK)
        return;
    wide_to_utf8(&cipher, suite.szCipherSuite);
    (void)snprintf(report->cipher, sizeof report->cipher, "%s", buf_c(&cipher));
}

/* The server's certificate, then the others in the store that came with it. */
static void give_peers(struct os_tls *t, struct os_tls_report *report)
{
    PCCERT_CONTEXT own = NULL, other = NULL;

    if (QueryContextAttributesW(&t->context, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &own) != SEC_E_OK ||
        own == NULL)
        return;
    report->has_peers = true;
    t->io.blob(t->io.ctx, OS_TLS_PEER, (struct bytes){own->pbCertEncoded, own->cbCertEncoded});
    while (own->hCertStore != NULL && (other = CertEnumCertificatesInStore(own->hCertStore, other)) != NULL)
        if (other->cbCertEncoded != own->cbCertEncoded ||
            memcmp(other->pbCertEncoded, own->pbCertEncoded, own->cbCertEncoded) != 0)
            t->io.blob(t->io.ctx, OS_TLS_PEER, (struct bytes){other->pbCertEncoded, other->cbCertEncoded});
    (void)CertFreeCertificateContext(own);
}

int os_tls_open(struct os *os, struct str server_name, const struct os_tls_io *io, struct os_tls **ret,
                struct os_tls_report *report, struct err *e)
{
    struct os_tls *t = calloc(1, sizeof *t);
    SECURITY_STATUS s;
    int r;

    (void)os;
    *report = (struct os_tls_report){.asked = OS_TLS_ASKED_UNKNOWN, .asked_late = OS_TLS_ASKED_UNKNOWN};
    *ret = t;
    if (t == NULL)
        return err_set(e, ERR_NOMEM, "out of memory");
    t->io = *io;
    t->name = WIDE_INIT;
    t->in = BUF_INIT(IN_BYTES);
    if (wide_from(server_name, &t->name, e) != 0)
        return -e->code;
    s = acquire(t);
    if (s != SEC_E_OK)
        return err_windows(e, (DWORD)s, 0, 0, "Schannel's credentials");
    r = handshake(t, false, report, e);
    if (r == 0)
        report_connection(t, report);
    if (t->has_context)
        give_peers(t, report);
    return r;
}

/* --- one request --- */

static int send_request(struct os_tls *t, struct str request, struct err *e)
{
    CLEANUP(buf_done) struct buf message = BUF_INIT(1 << 17);
    SecPkgContext_StreamSizes sizes = {0};
    SECURITY_STATUS s = QueryContextAttributesW(&t->context, SECPKG_ATTR_STREAM_SIZES, &sizes);
    char *p;

    if (s != SEC_E_OK || request.len > sizes.cbMaximumMessage)
        return err_windows(e, (DWORD)s, 0, 0, "TLS request");
    p = buf_reserve(&message, sizes.cbHeader + request.len + sizes.cbTrailer);
    if (p == NULL)
        return err_set(e, ERR_NOMEM, "out of memory");
    memcpy(p + sizes.cbHeader, request.p, request.len);
    SecBuffer parts[4] = {{sizes.cbHeader, SECBUFFER_STREAM_HEADER, p},
                          {(ULONG)request.len, SECBUFFER_DATA, p + sizes.cbHeader},
                          {sizes.cbTrailer, SECBUFFER_STREAM_TRAILER, p + sizes.cbHeader + request.len},
                          {0, SECBUFFER_EMPTY, NULL}};
    SecBufferDesc list = {SECBUFFER_VERSION, 4, parts};

    s = EncryptMessage(&t->context, 0, &list, 0);
    if (s != SEC_E_OK)
        return err_windows(e, (DWORD)s, 0, 0, "TLS request");
    return t->io.send(t->io.ctx, p, parts[0].cbBuffer + parts[1].cbBuffer + parts[2].cbBuffer, e);
}

/* What was received, decrypted in its place; text behind *ret, and what was not used stays. */
static SECURITY_STATUS decrypt(struct os_tls *t, struct buf *ret)
{
    SecBuffer parts[4] = {{(ULONG)t->in.len, SECBUFFER_DATA, t->in.p},
                          {0, SECBUFFER_EMPTY, NULL},
                          {0, SECBUFFER_EMPTY, NULL},
                          {0, SECBUFFER_EMPTY, NULL}};
    SecBufferDesc list = {SECBUFFER_VERSION, 4, parts};
    SECURITY_STATUS s =
        t->in.len == 0 ? SEC_E_INCOMPLETE_MESSAGE : DecryptMessage(&t->context, &list, 0, NULL);
    size_t extra = 0;

    if (s == SEC_E_INCOMPLETE_MESSAGE)
        return s;
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        if (parts[i].BufferType == SECBUFFER_DATA && s == SEC_E_OK)
            buf_add(ret, parts[i].pvBuffer, parts[i].cbBuffer);
        if (parts[i].BufferType == SECBUFFER_EXTRA)
            extra = parts[i].cbBuffer;
    }
    keep_extra(t, extra);
    return s;
}

/* One step towards the answer; 1: that was all. */
static int read_answer(struct os_tls *t, struct buf *ret, struct os_tls_report *report, struct err *e)
{
    SECURITY_STATUS s = decrypt(t, ret);

    if (s == SEC_E_INCOMPLETE_MESSAGE)
        return receive(t, e);
    if (s == SEC_I_CONTEXT_EXPIRED)
        return 1;
    if (s == SEC_I_RENEGOTIATE) /* in TLS 1.3 a ticket, or the request after the handshake */
        return handshake(t, true, report, e);
    report->status = s == SEC_E_OK ? report->status : (uint32_t)s;
    return s == SEC_E_OK ? 0 : err_windows(e, (DWORD)s, 0, 0, "TLS answer");
}

int os_tls_request(struct os_tls *t, struct str request, size_t room, struct buf *ret,
                   struct os_tls_report *report, struct err *e)
{
    int r = send_request(t, request, e);

    while (r == 0 && ret->len < room && ret->failed == 0)
        r = read_answer(t, ret, report, e);
    return r > 0 ? 0 : r;
}

void os_tls_close(struct os_tls *t)
{
    if (t == NULL)
        return;
    if (t->has_context)
        (void)DeleteSecurityContext(&t->context);
    if (t->has_credentials)
        (void)FreeCredentialsHandle(&t->credentials);
    buf_done(&t->name);
    buf_done(&t->in);
    free(t);
}
