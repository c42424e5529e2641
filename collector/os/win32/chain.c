/* SPDX-License-Identifier: Apache-2.0
 *
 * Chains as the system builds them, from what it has; only with OS_REVOCATION_ONLINE anything is fetched.
 * Root certificates are never fetched: that would change the stores. */
#define CERT_CHAIN_PARA_HAS_EXTRA_FIELDS
#include "win32.h"

#include <stdlib.h>
#include <wincrypt.h>

enum { ELEMENTS_MAX = 32, FETCH_MS = 15000 };

static const DWORD FLAGS[] = {
    [OS_REVOCATION_NONE] = CERT_CHAIN_DISABLE_AUTH_ROOT_AUTO_UPDATE | CERT_CHAIN_CACHE_ONLY_URL_RETRIEVAL,
    [OS_REVOCATION_CACHE] = CERT_CHAIN_DISABLE_AUTH_ROOT_AUTO_UPDATE | CERT_CHAIN_CACHE_ONLY_URL_RETRIEVAL |
                            CERT_CHAIN_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT |
                            CERT_CHAIN_REVOCATION_CHECK_CACHE_ONLY,
    [OS_REVOCATION_ONLINE] = CERT_CHAIN_DISABLE_AUTH_ROOT_AUTO_UPDATE |
                             CERT_CHAIN_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT |
                             CERT_CHAIN_REVOCATION_ACCUMULATIVE_TIMEOUT,
};

static int give_chain(PCCERT_CHAIN_CONTEXT chain, os_chain_fn take, void *ctx)
{
    struct os_chain_element elements[ELEMENTS_MAX];
    const CERT_SIMPLE_CHAIN *simple = chain->cChain > 0 ? chain->rgpChain[0] : NULL;
    struct os_chain c = {chain->TrustStatus.dwErrorStatus, chain->TrustStatus.dwInfoStatus, elements, 0};

    for (DWORD i = 0; simple != NULL && i < simple->cElement && c.n < ELEMENTS_MAX; i++) {
        const CERT_CHAIN_ELEMENT *at = simple->rgpElement[i];
        elements[c.n++] =
            (struct os_chain_element){{at->pCertContext->pbCertEncoded, at->pCertContext->cbCertEncoded},
                                      at->TrustStatus.dwErrorStatus,
                                      at->TrustStatus.dwInfoStatus};
    }
    return take(ctx, &c);
}

int os_chain(struct os *os, struct str user, struct bytes der, enum os_revocation how, os_chain_fn take,
             void *ctx, struct err *e)
{
    CERT_CHAIN_PARA para = {.cbSize = sizeof para, .dwUrlRetrievalTimeout = FETCH_MS};
    PCCERT_CHAIN_CONTEXT chain = NULL;
    PCCERT_CONTEXT cert;
    int r;

    if (user.len > 0 && !str_ieq(user, buf_str(&os->own_sid)))
        return err_set(e, ERR_UNSUPPORTED,
                       "chains are built for the machine and for who runs this, not for others");
    cert = CertCreateCertificateContext(X509_ASN_ENCODING, der.p, (DWORD)der.len);
    if (cert == NULL)
        return err_windows(e, GetLastError(), 0, 0, "certificate");
    if (!CertGetCertificateChain(user.len > 0 ? HCCE_CURRENT_USER : HCCE_LOCAL_MACHINE, cert, NULL, NULL,
                                 &para, FLAGS[how], NULL, &chain)) {
        r = err_windows(e, GetLastError(), 0, 0, "chain");
    } else {
        r = give_chain(chain, take, ctx);
        CertFreeCertificateChain(chain);
    }
    (void)CertFreeCertificateContext(cert);
    return r;
}
