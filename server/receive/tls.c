/* SPDX-License-Identifier: Apache-2.0 */
#include "tls.h"

#include "buf.h"
#include "compiler.h"

#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

enum { PEM_BYTES = 1 << 20, CHAIN = 16 };

/* PEM, parsed for each handshake: GnuTLS takes what it is given away with it (GNUTLS_CERT_RETR_DEINIT_ALL),
 * so nothing of an old certificate has to be kept. */
static struct {
    pthread_mutex_t lock;
    struct buf cert, key;
} current = {.lock = PTHREAD_MUTEX_INITIALIZER, .cert = {.cap = PEM_BYTES}, .key = {.cap = PEM_BYTES}};

static void close_fd(const int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

static int read_file(const char *path, struct buf *ret, struct err *e)
{
    CLEANUP(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n;

    if (fd < 0)
        return err_errno(e, "%s", path);
    do {
        char *to = buf_reserve(ret, 4096);
        n = to ? read(fd, to, 4096) : 0;
        if (n > 0)
            buf_wrote(ret, (size_t)n);
    } while (n > 0);
    return n < 0 ? err_errno(e, "%s", path) : buf_check(ret, path, e);
}

static gnutls_datum_t datum(const struct buf *b)
{
    return (gnutls_datum_t){.data = (unsigned char *)b->p, .size = (unsigned)b->len};
}

static void free_credentials(gnutls_certificate_credentials_t *c)
{
    if (*c)
        gnutls_certificate_free_credentials(*c);
}

/* GnuTLS compares the key with the certificate when both are set. */
static int check(const struct buf *cert, const struct buf *key, const char *path, struct err *e)
{
    CLEANUP(free_credentials) gnutls_certificate_credentials_t c = NULL;
    gnutls_datum_t cert_pem = datum(cert), key_pem = datum(key);
    int r = gnutls_certificate_allocate_credentials(&c);

    if (r == 0)
        r = gnutls_certificate_set_x509_key_mem(c, &cert_pem, &key_pem, GNUTLS_X509_FMT_PEM);
    return r < 0 ? err_set(e, ERR_FORMAT, "%s and its key: %s", path, gnutls_strerror(r)) : 0;
}

static void swap(struct buf *a, struct buf *b)
{
    struct buf old = *a;

    *a = *b;
    *b = old;
}

int tls_load(const char *cert_path, const char *key_path, struct err *e)
{
    CLEANUP(buf_done) struct buf cert = BUF_INIT(PEM_BYTES);
    CLEANUP(buf_done) struct buf key = BUF_INIT(PEM_BYTES);

    if (read_file(cert_path, &cert, e) < 0 || read_file(key_path, &key, e) < 0 ||
        check(&cert, &key, cert_path, e) < 0)
        return -e->code;
    (void)pthread_mutex_lock(&current.lock);
    swap(&current.cert, &cert);
    swap(&current.key, &key);
    (void)pthread_mutex_unlock(&current.lock);
    return 0;
}

static int make_key(gnutls_privkey_t *ret)
{
    gnutls_datum_t pem = datum(&current.key);
    int r = gnutls_privkey_init(ret);

    if (r == 0)
        r = gnutls_privkey_import_x509_raw(*ret, &pem, GNUTLS_X509_FMT_PEM, NULL, 0);
    if (r < 0 && *ret) {
        gnutls_privkey_deinit(*ret);
        *ret = NULL;
    }
    return r;
}

static int make_chain(gnutls_pcert_st **ret, unsigned *ret_n)
{
    gnutls_datum_t pem = datum(&current.cert);
    int r;

    *ret_n = CHAIN;
    *ret = gnutls_calloc(CHAIN, sizeof **ret);
    if (!*ret)
        return GNUTLS_E_MEMORY_ERROR;
    r = gnutls_pcert_list_import_x509_raw(*ret, ret_n, &pem, GNUTLS_X509_FMT_PEM, 0);
    if (r < 0) {
        gnutls_free(*ret);
        *ret = NULL;
    }
    return r;
}

int tls_retrieve(gnutls_session_t session, const struct gnutls_cert_retr_st *info, gnutls_pcert_st **certs,
                 unsigned int *certs_length, gnutls_ocsp_data_st **ocsp, unsigned int *ocsp_length,
                 gnutls_privkey_t *privkey, unsigned int *flags)
{
    int r;

    (void)session;
    (void)info;
    *ocsp = NULL;
    *ocsp_length = 0;
    *flags = GNUTLS_CERT_RETR_DEINIT_ALL;
    (void)pthread_mutex_lock(&current.lock);
    r = make_key(privkey);
    if (r == 0) {
        r = make_chain(certs, certs_length);
        if (r < 0)
            gnutls_privkey_deinit(*privkey);
    }
    (void)pthread_mutex_unlock(&current.lock);
    return r < 0 ? -1 : 0;
}
