/* SPDX-License-Identifier: Apache-2.0
 *
 * wine_store CERTIFICATES > SAID: crypt32 puts certificates into stores, sets properties on them and writes
 * them in each form that Windows has; and says of each what it holds itself. CERTIFICATES: length (32 bits,
 * little-endian), DER, and so on. Written: store.sst, and for the n-th certificate element.n
 * (CertSerializeCertificateStoreElement) and registry.n (the value Blob of a store in the registry, which it
 * then reads back). Said, one line each: 'store|element|registry THUMBPRINT PROPERTY HEX', for property 2 its
 * parts.
 *
 * 'foreign' are the certificates of foreign.sst, which others wrote. Wine 8 reads no serialised store whose
 * certificates have properties (it wants the certificate before them), but it reads elements: the file is cut
 * into those, without the properties that it does not know. */
#define _WIN32_WINNT 0x0601
#include <windows.h>
#include <wincrypt.h>

#include <stdio.h>
#include <string.h>

#define STORE "CertTriageTest"
#define KEYS "Software\\Microsoft\\SystemCertificates\\" STORE "\\Certificates"

static unsigned char data[1 << 16];

static void print_hex(const void *p, DWORD n)
{
    for (DWORD i = 0; i < n; i++)
        printf("%02x", ((const unsigned char *)p)[i]);
}

static void print_wide(const WCHAR *s)
{
    print_hex(s, (DWORD)lstrlenW(s) * 2);
}

static int set_blob(PCCERT_CONTEXT c, DWORD id, const void *p, DWORD n)
{
    CRYPT_DATA_BLOB blob = {n, (BYTE *)p};

    return CertSetCertificateContextProperty(c, id, 0, &blob);
}

/* The n-th certificate gets the properties of the bits of n. Wine 8 has no CERT_ARCHIVED_PROP_ID, nor those
 * that Windows 8 and later brought. */
static int set_properties(PCCERT_CONTEXT c, int n)
{
    static const unsigned char client[] = {0x30, 0x0a, 0x06, 0x08, 0x2b, 6, 1, 5, 5, 7, 3, 2},
                               none[] = {0x30, 0}, hash[20] = {1, 2, 3};
    static WCHAR name[] = L"N\u00e4me \u20ac", text[] = L"a description", container[] = L"le-container",
                 cng[] = L"Microsoft Software Key Storage Provider",
                 csp[] = L"Microsoft RSA SChannel Cryptographic Provider";
    CRYPT_KEY_PROV_INFO key = {container, n & 8 ? csp : cng, n & 8 ? 12 : 0, CRYPT_MACHINE_KEYSET, 0,
                               NULL,      n & 8 ? 1 : 0};
    int good = 1;

    if (n & 1)
        good &= set_blob(c, CERT_FRIENDLY_NAME_PROP_ID, name, sizeof name);
    if (n & 2)
        good &= set_blob(c, CERT_ENHKEY_USAGE_PROP_ID, n & 1 ? client : none,
                         n & 1 ? sizeof client : sizeof none);
    if (n & 4)
        good &= set_blob(c, CERT_AUTO_ENROLL_PROP_ID, text, sizeof text) &&
                set_blob(c, CERT_DESCRIPTION_PROP_ID, text, sizeof text) &&
                set_blob(c, CERT_RENEWAL_PROP_ID, hash, sizeof hash);
    if (n & 5)
        good &= CertSetCertificateContextProperty(c, CERT_KEY_PROV_INFO_PROP_ID, 0, &key);
    return good;
}

static int write_file(const char *kind, int n, const void *p, DWORD len)
{
    char name[64];
    FILE *f;
    int good;

    (void)snprintf(name, sizeof name, "%s.%d", kind, n);
    f = fopen(name, "wb");
    good = f && fwrite(p, 1, len, f) == len;
    return f && fclose(f) == 0 && good;
}

static void say(const char *where, PCCERT_CONTEXT c)
{
    static unsigned char value[1 << 16];
    unsigned char sha1[20];
    DWORD n = sizeof sha1, id = 0;

    if (!CryptHashCertificate(0, CALG_SHA1, 0, c->pbCertEncoded, c->cbCertEncoded, sha1, &n))
        return;
    printf("%s ", where);
    print_hex(sha1, n);
    printf(" 32 ");
    print_hex(c->pbCertEncoded, c->cbCertEncoded);
    printf("\n");
    while ((id = CertEnumCertificateContextProperties(c, id)) != 0) {
        const CRYPT_KEY_PROV_INFO *key = (const void *)value;
        n = sizeof value;
        if (!CertGetCertificateContextProperty(c, id, value, &n))
            continue;
        printf("%s ", where);
        print_hex(sha1, sizeof sha1);
        printf(" %lu ", id);
        if (id == CERT_KEY_PROV_INFO_PROP_ID) {
            print_wide(key->pwszContainerName);
            printf(",");
            print_wide(key->pwszProvName);
            printf(",%lu,%lu,%lu", key->dwProvType, key->dwFlags, key->dwKeySpec);
        } else {
            print_hex(value, n);
        }
        printf("\n");
    }
}

static void say_store(const char *where, HCERTSTORE store)
{
    PCCERT_CONTEXT c = NULL;

    while ((c = CertEnumCertificatesInStore(store, c)) != NULL)
        say(where, c);
    CertCloseStore(store, 0);
}

static int is_known(DWORD id)
{
    static const DWORD known[] = {2, 9, 11, 13, 15, 20, 21, 22, 25, 26, 32, 64, 70};

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i] == id)
            return 1;
    return 0;
}

/* An element ends with its certificate, property 32. */
static int read_foreign(const char *name)
{
    enum { HEAD = 8, PROPERTY = 12, FILE_BYTES = 8 << 20 };
    static unsigned char file[FILE_BYTES], element[1 << 16];
    HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, CERT_STORE_CREATE_NEW_FLAG, NULL);
    FILE *f = fopen(name, "rb");
    DWORD n = f ? (DWORD)fread(file, 1, sizeof file, f) : 0, len = 0, id, size;

    for (DWORD at = HEAD; n - at >= PROPERTY; at += PROPERTY + size) {
        memcpy(&id, file + at, sizeof id);
        memcpy(&size, file + at + 8, sizeof size);
        if (id == 0)
            break;
        if (size > n - at - PROPERTY || size > sizeof element - PROPERTY - len)
            return 0;
        if (is_known(id)) {
            memcpy(element + len, file + at, PROPERTY + size);
            len += PROPERTY + size;
        }
        if (id != 32)
            continue;
        if (!CertAddSerializedElementToStore(store, element, len, CERT_STORE_ADD_ALWAYS, 0,
                                             CERT_STORE_CERTIFICATE_CONTEXT_FLAG, NULL, NULL))
            return 0;
        len = 0;
    }
    say_store("foreign", store);
    return f && fclose(f) == 0;
}

/* The values Blob below the registry store, in the order of their keys. */
static int write_registry(void)
{
    char name[64];
    HKEY keys, key;
    int n = 0;

    if (RegOpenKeyExA(HKEY_CURRENT_USER, KEYS, 0, KEY_READ, &keys))
        return 0;
    for (;; n++) {
        DWORD len = sizeof name, size = sizeof data;
        if (RegEnumKeyExA(keys, (DWORD)n, name, &len, NULL, NULL, NULL, NULL))
            break;
        if (RegOpenKeyExA(keys, name, 0, KEY_READ, &key) ||
            RegQueryValueExA(key, "Blob", NULL, NULL, data, &size) || !write_file("registry", n, data, size))
            return 0;
        printf("key %s\n", name);
        RegCloseKey(key);
    }
    RegCloseKey(keys);
    return n;
}

static int take(FILE *in, int n, HCERTSTORE memory, HCERTSTORE registry)
{
    PCCERT_CONTEXT c, kept = NULL;
    DWORD len;
    int good;

    if (fread(&len, 1, 4, in) != 4)
        return 0;
    if (len > sizeof data || fread(data, 1, len, in) != len)
        return -1;
    c = CertCreateCertificateContext(X509_ASN_ENCODING, data, len);
    good = c && set_properties(c, n) &&
           CertAddCertificateContextToStore(memory, c, CERT_STORE_ADD_ALWAYS, &kept) &&
           CertAddCertificateContextToStore(registry, c, CERT_STORE_ADD_REPLACE_EXISTING, NULL);
    good = good && CertSerializeCertificateStoreElement(kept, 0, NULL, &len) && len <= sizeof data &&
           CertSerializeCertificateStoreElement(kept, 0, data, &len) && write_file("element", n, data, len);
    if (good) {
        say("element", kept);
        say("store", kept);
    }
    CertFreeCertificateContext(kept);
    CertFreeCertificateContext(c);
    return good ? 1 : -1;
}

static HCERTSTORE open_registry(void)
{
    return CertOpenStore(CERT_STORE_PROV_SYSTEM_REGISTRY_A, 0, 0, CERT_SYSTEM_STORE_CURRENT_USER, STORE);
}

int main(int argc, char **argv)
{
    FILE *in = argc == 2 ? fopen(argv[1], "rb") : NULL;
    HCERTSTORE memory = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, CERT_STORE_CREATE_NEW_FLAG, NULL),
               registry = open_registry();
    char file[] = "store.sst";
    int n = 0, r = 1;

    if (!in || !memory || !registry)
        return 2;
    while ((r = take(in, n, memory, registry)) > 0)
        n++;
    if (r < 0)
        return 3;
    if (!CertSaveStore(memory, X509_ASN_ENCODING | PKCS_7_ASN_ENCODING, CERT_STORE_SAVE_AS_STORE,
                       CERT_STORE_SAVE_TO_FILENAME_A, file, 0))
        return 4;
    CertCloseStore(registry, 0);
    if (write_registry() != n)
        return 5;
    say_store("registry", open_registry());
    return read_foreign("foreign.sst") ? 0 : 6;
}
