/* SPDX-License-Identifier: Apache-2.0
 *
 * wine_chain CASES > ANSWERS: what crypt32's own chain engine says. CASES holds, for each case, the time as
 * FILETIME, then certificates as place (1 leaf, 2 root, 3 other), length, DER; place 0 ends the case. Numbers
 * are 32 bits, little-endian, the time is 64. One line a case: dwErrorStatus of the chain, number of links.
 */
#define _WIN32_WINNT 0x0601
#include <windows.h>
#include <wincrypt.h>

#include <stdio.h>

static unsigned char der[65536];
static FILE *in;

static int read_all(void *p, size_t n)
{
    return fread(p, 1, n, in) == n;
}

static int read_case(HCERTSTORE root, HCERTSTORE other, PCCERT_CONTEXT *leaf)
{
    DWORD place, n;

    while (read_all(&place, 4) && place != 0) {
        if (!read_all(&n, 4) || n > sizeof der || !read_all(der, n))
            return 0;
        if (place == 1)
            *leaf = CertCreateCertificateContext(X509_ASN_ENCODING, der, n);
        else if (!CertAddEncodedCertificateToStore(place == 2 ? root : other, X509_ASN_ENCODING, der, n,
                                                   CERT_STORE_ADD_ALWAYS, NULL))
            return 0;
    }
    return *leaf != NULL;
}

static void judge(HCERTSTORE root, HCERTSTORE other, PCCERT_CONTEXT leaf, FILETIME *when)
{
    char usage[] = szOID_PKIX_KP_CLIENT_AUTH;
    LPSTR usages[] = {usage};
    CERT_CHAIN_ENGINE_CONFIG config = {.cbSize = sizeof config};
    CERT_CHAIN_PARA para = {.cbSize = sizeof para};
    PCCERT_CHAIN_CONTEXT chain;
    HCERTCHAINENGINE engine;

    config.hExclusiveRoot = root;
    para.RequestedUsage.dwType = USAGE_MATCH_TYPE_AND;
    para.RequestedUsage.Usage.cUsageIdentifier = 1;
    para.RequestedUsage.Usage.rgpszUsageIdentifier = usages;
    if (!CertCreateCertificateChainEngine(&config, &engine)) {
        printf("no engine %lu\n", GetLastError());
        return;
    }
    if (CertGetCertificateChain(engine, leaf, when, other, &para, CERT_CHAIN_CACHE_ONLY_URL_RETRIEVAL, NULL,
                                &chain)) {
        printf("%lx %lu\n", chain->TrustStatus.dwErrorStatus, chain->rgpChain[0]->cElement);
        CertFreeCertificateChain(chain);
    } else {
        printf("no chain %lu\n", GetLastError());
    }
    CertFreeCertificateChainEngine(engine);
}

int main(int argc, char **argv)
{
    FILETIME when;

    in = argc == 2 ? fopen(argv[1], "rb") : NULL;
    if (!in)
        return 2;
    while (read_all(&when, sizeof when)) {
        HCERTSTORE root = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, CERT_STORE_CREATE_NEW_FLAG, NULL);
        HCERTSTORE other = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, CERT_STORE_CREATE_NEW_FLAG, NULL);
        PCCERT_CONTEXT leaf = NULL;
        if (!read_case(root, other, &leaf))
            return 3;
        judge(root, other, leaf, &when);
        CertFreeCertificateContext(leaf);
        CertCloseStore(root, 0);
        CertCloseStore(other, 0);
    }
    return 0;
}
