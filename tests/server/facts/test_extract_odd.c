/* SPDX-License-Identifier: Apache-2.0
 *
 * Odd certificates become facts with a note, and nothing of the rest is hidden: what OpenSSL refuses and
 * Windows reads, too. */
#include "iis_world.h"
#include "server/pki.h"

#include <openssl/pkcs7.h>

#include "registry.h"
#include "x509.h"

enum { RSA_BYTES = 256 };

static EVP_PKEY *rsa_key(void)
{
    return EVP_RSA_gen(2048);
}

/* --- bytes that no library writes --- */

static uint8_t *find(struct bytes der, const char *what, size_t len, int nth)
{
    for (size_t i = 0; i + len <= der.len; i++)
        if (memcmp(der.p + i, what, len) == 0 && nth-- == 0)
            return (uint8_t *)(uintptr_t)der.p + i;
    fail_msg("the bytes are not there");
    return NULL;
}

/* Signs the body anew; the signature of an RSA key is as long as before, and stands at the end. */
static void sign_again(struct bytes der, EVP_PKEY *key)
{
    const unsigned char *p = der.p;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    size_t len = RSA_BYTES;
    long n;
    int tag, class;

    assert_int_equal(ASN1_get_object(&p, &n, &tag, &class, (long)der.len) & 0x80, 0);
    const unsigned char *body = p;
    assert_int_equal(ASN1_get_object(&p, &n, &tag, &class, (long)der.len) & 0x80, 0);
    assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key), 1);
    assert_int_equal(EVP_DigestSign(ctx, (uint8_t *)(uintptr_t)der.p + der.len - RSA_BYTES, &len, body,
                                    (size_t)(p - body) + (size_t)n),
                     1);
    assert_int_equal(len, RSA_BYTES);
    EVP_MD_CTX_free(ctx);
}

/* The UTF8String 'Graph' of issuer and subject gets another tag or another letter. */
static void spoil_names(struct bytes der, uint8_t tag, uint8_t letter, int n)
{
    for (int i = 0; i < n; i++) {
        uint8_t *at = find(der, "\x0c\x05Graph", 7, 0);
        at[0] = tag;
        at[4] = letter;
    }
}

static struct x509 parse(struct bytes der, struct arena *a)
{
    struct err e = {0};
    struct x509 c = {0};

    if (x509_parse(der, a, &c, &e))
        fail_msg("%s", e.text);
    return c;
}

/* An authority whose name is spoilt, and what it signed: names, signature and thumbprint are those of the
 * original. */
static void a_spoilt_name_is_read_and_its_signatures_checked(void **state)
{
    static const struct {
        uint8_t tag, letter;
        const char *cn;
    } rows[] = {{0x0c, 0xff, "Gr\xc3\xbfph"},
                {0x1e, 'a', "Graph"},
                {0x1c, 'a', "Graph"},
                {0x04, 'a', "Graph"},
                {0x1a, 'a', "Graph"}};

    (void)state;
    pki_new_key = rsa_key;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena a = ARENA_INIT(1 << 22);
        struct pki ca = pki_make((struct pki_plan){.name = "Graph", .is_ca = true});
        struct pki leaf =
            pki_make((struct pki_plan){.name = "Ann", .issuer = &ca, .eku = "clientAuth", .san = "DNS:pc1"});
        struct bytes ca_der = pki_der(&ca), leaf_der = pki_der(&leaf);
        struct x509 x, y;
        spoil_names(ca_der, rows[i].tag, rows[i].letter, 2);
        spoil_names(leaf_der, rows[i].tag, rows[i].letter, 1);
        x = parse(ca_der, &a);
        assert_int_equal(x.self_signed, X509_NO); /* it was signed before it was spoilt */
        assert_non_null(strstr(x.note.p, "not what its type says"));
        x509_done(&x);
        sign_again(ca_der, ca.key);
        sign_again(leaf_der, ca.key);
        x = parse(ca_der, &a);
        y = parse(leaf_der, &a);
        assert_true(str_eq(x.subject_cn, str_from(rows[i].cn)));
        assert_true(x.is_ca && x.self_signed == X509_YES);
        assert_int_equal(x509_signed_by(&y, &x), X509_YES);
        assert_int_equal(x509_signed_by(&x, &y), X509_NO);
        assert_true(x509_is_issuer_name(&x, &y));
        assert_true(y.client_auth && y.names && str_eq(y.names->value, STR("pc1")));
        assert_non_null(find(ca_der, (const char *)x.subject_der.p, x.subject_der.len,
                             1)); /* twice, as it stands there */
        x509_done(&x);
        x509_done(&y);
        OPENSSL_free((void *)(uintptr_t)ca_der.p);
        OPENSSL_free((void *)(uintptr_t)leaf_der.p);
        pki_done(&leaf);
        pki_done(&ca);
        arena_done(&a);
    }
    pki_new_key = pki_ec_key;
}

static int count(const struct store_blob *b, void *ctx, struct err *e)
{
    struct arena a = ARENA_INIT(1 << 20);
    struct x509 c = {0};

    *(int *)ctx += x509_parse(b->certificate, &a, &c, e) == 0;
    x509_done(&c);
    arena_done(&a);
    return 0;
}

/* OpenSSL refuses the whole of a PKCS #7 file for one name. */
static void one_odd_certificate_does_not_hide_a_file_of_them(void **state)
{
    struct pki first = pki_make((struct pki_plan){.name = "Graph"}),
               second = pki_make((struct pki_plan){.name = "Ann"});
    PKCS7 *p7 = PKCS7_new();
    unsigned char *out = NULL;
    struct err e = {0};
    int n = 0, len;

    (void)state;
    assert_int_equal(PKCS7_set_type(p7, NID_pkcs7_signed), 1);
    assert_int_equal(PKCS7_content_new(p7, NID_pkcs7_data), 1);
    assert_int_equal(PKCS7_add_certificate(p7, first.x), 1);
    assert_int_equal(PKCS7_add_certificate(p7, second.x), 1);
    len = i2d_PKCS7(p7, &out);
    assert_true(len > 0);
    spoil_names((struct bytes){out, (size_t)len}, 0x0c, 0xff, 2);
    assert_int_equal(x509_read_file((struct bytes){out, (size_t)len}, count, &n, &e), 2);
    assert_int_equal(n, 2);
    OPENSSL_free(out);
    PKCS7_free(p7);
    pki_done(&first);
    pki_done(&second);
}

static void a_padded_serial_number_is_read(void **state)
{
    static const struct {
        long serial;
        const char *from;
        uint8_t first;
        const char *hex;
    } rows[] = {{0x0105, "\x02\x02\x01\x05", 0, "05"}, {0x4185, "\x02\x02\x41\x85", 0xff, "ff85"}};

    (void)state;
    pki_new_key = rsa_key;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena a = ARENA_INIT(1 << 22);
        struct pki p =
            pki_make((struct pki_plan){.name = "Ann", .serial = rows[i].serial, .eku = "clientAuth"});
        struct bytes der = pki_der(&p);
        struct buf hex = BUF_INIT(64);
        struct x509 c;
        find(der, rows[i].from, 4, 0)[2] = rows[i].first;
        sign_again(der, p.key);
        c = parse(der, &a);
        text_hex(&hex, c.serial.p, c.serial.len);
        assert_true(str_eq(buf_str(&hex), str_from(rows[i].hex)));
        assert_int_equal(c.self_signed, X509_YES);
        assert_non_null(strstr(c.note.p, "needless leading bytes"));
        assert_int_equal(strstr(c.note.p, "negative") != NULL, rows[i].first == 0xff);
        buf_done(&hex);
        x509_done(&c);
        OPENSSL_free((void *)(uintptr_t)der.p);
        pki_done(&p);
        arena_done(&a);
    }
    pki_new_key = pki_ec_key;
}

/* --- as facts, among others --- */

static void add_extension(X509 *x, const char *oid, bool critical, const char *bytes, int len)
{
    ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
    ASN1_OCTET_STRING *data = ASN1_OCTET_STRING_new();
    X509_EXTENSION *ext;

    assert_int_equal(ASN1_OCTET_STRING_set(data, (const unsigned char *)bytes, len), 1);
    ext = X509_EXTENSION_create_by_OBJ(NULL, object, critical, data);
    assert_int_equal(X509_add_ext(x, ext, -1), 1);
    X509_EXTENSION_free(ext);
    ASN1_OCTET_STRING_free(data);
    ASN1_OBJECT_free(object);
}

static void sign_pss(X509 *x, EVP_PKEY *key)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *pkey = NULL;

    assert_int_equal(EVP_DigestSignInit(ctx, &pkey, EVP_sha384(), NULL, key), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(pkey, RSA_PKCS1_PSS_PADDING), 1);
    assert_true(X509_sign_ctx(x, ctx) > 0);
    EVP_MD_CTX_free(ctx);
}

#define ROOM 16

struct odd {
    struct iis_world w;
    struct pki root, made[ROOM];
    struct bytes ders[ROOM];
    char names[ROOM][128];
    size_t n;
};

static void put(struct odd *o, struct pki p, const char *store)
{
    char hash[41];

    assert_true(o->n < ROOM);
    o->made[o->n] = p;
    o->ders[o->n] = pki_der(&p);
    pki_thumbprint(&p, hash);
    (void)snprintf(o->names[o->n], sizeof o->names[0], "certs/LocalMachine/%s/%s.cer", store, hash);
    world_add(&o->w, o->names[o->n], NULL, NULL, o->ders[o->n]);
    o->n++;
}

static struct pki plain(struct odd *o, const char *name, const char *eku)
{
    return pki_make((struct pki_plan){.name = name, .issuer = &o->root, .eku = eku, .san = "DNS:pc1"});
}

static struct pki signed_anew(struct odd *o, struct pki p)
{
    assert_true(X509_sign(p.x, o->root.key, EVP_sha256()) > 0);
    return p;
}

static void put_all(struct odd *o)
{
    struct pki p;

    put(o, plain(o, "plain", "clientAuth"), "My");
    p = plain(o, "negative", "clientAuth");
    ASN1_INTEGER_set(X509_get_serialNumber(p.x), -5);
    put(o, signed_anew(o, p), "My");
    p = plain(o, "critical", "clientAuth");
    add_extension(p.x, "1.2.3.4.5", true, "\x05\x00", 2);
    put(o, signed_anew(o, p), "My");
    p = plain(o, "pss", "clientAuth");
    sign_pss(p.x, o->root.key);
    put(o, p, "My");
    p = pki_make((struct pki_plan){.name = "ed25519",
                                   .issuer = &o->root,
                                   .key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"),
                                   .eku = "clientAuth",
                                   .san = "DNS:pc1"});
    EVP_PKEY_free(p.key); /* the plan's own */
    put(o, p, "My");
    p = plain(o, "no usage", NULL);
    add_extension(p.x, "2.5.29.37", false, "\x30\x00", 2);
    put(o, signed_anew(o, p), "My");
    p = plain(o, "broken usage", NULL);
    add_extension(p.x, "2.5.29.37", false, "\x30\x05\x04", 3);
    put(o, signed_anew(o, p), "My");
    p = plain(o, "Graph", "clientAuth");
    put(o, p, "My");
    spoil_names(o->ders[o->n - 1], 0x0c, 0xff, 1);
    sign_again(o->ders[o->n - 1], o->root.key);
}

static void each_is_a_fact_with_a_note(void **state)
{
    static struct odd o;

    (void)state;
    world_open(&o.w);
    pki_new_key = rsa_key;
    o.root = pki_make((struct pki_plan){.name = "Root", .is_ca = true});
    put(&o, (struct pki){.x = X509_dup(o.root.x), .key = o.root.key}, "Root");
    EVP_PKEY_up_ref(o.root.key);
    put_all(&o);
    assert_int_equal(registry_new(&o.w.arena, &o.w.state.registry, &o.w.e), 0);
    o.w.state.collected_ms = PKI_NOW * 1000LL;
    if (extract_certificates(&o.w.state, &o.w.e))
        fail_msg("%s", o.w.e.text);
    assert_string_equal(
        world_ask(&o.w, "SELECT subject_cn, coalesce(note, 'nothing'), coalesce(eku, 'none'), client_auth "
                        "FROM certificate WHERE is_ca = 0 ORDER BY rowid"),
        "plain|nothing|1.3.6.1.5.5.7.3.2|1\n"
        "negative|negative serial number|1.3.6.1.5.5.7.3.2|1\n"
        "critical|critical extension 1.2.3.4.5 that Windows does not know|1.3.6.1.5.5.7.3.2|1\n"
        "pss|RSASSA-PSS|1.3.6.1.5.5.7.3.2|1\n"
        "ed25519|an Edwards curve key (ED25519)|1.3.6.1.5.5.7.3.2|1\n"
        "no usage|an enhanced key usage without any usage||0\n"
        "broken usage|extension extendedKeyUsage does not decode||0\n"
        "Gr\xc3\xbfph|a text in a name is not what its type says|1.3.6.1.5.5.7.3.2|1");
    /* the rest of each is there: the name behind what is odd, the key, the chain */
    assert_string_equal(
        world_ask(&o.w, "SELECT count(*), min(value) FROM certificate_name WHERE kind = 'dns'"), "8|pc1");
    assert_string_equal(
        world_ask(
            &o.w,
            "SELECT count(*) FROM certificate WHERE key_algorithm IS NULL OR size IS NULL OR der IS NULL"),
        "0");
    assert_string_equal(
        world_ask(&o.w, "SELECT c.subject_cn, t.status FROM chain_status t JOIN certificate c ON "
                        "c.thumbprint = t.leaf WHERE t.path = 0 ORDER BY c.rowid"),
        "plain|CERT_TRUST_NO_ERROR\nnegative|CERT_TRUST_NO_ERROR\n"
        "critical|CERT_TRUST_HAS_NOT_SUPPORTED_CRITICAL_EXT\npss|CERT_TRUST_NO_ERROR\ned25519|CERT_TRUST_NO_"
        "ERROR\n"
        "no usage|CERT_TRUST_NO_ERROR\nbroken "
        "usage|CERT_TRUST_INVALID_EXTENSION\nGr\xc3\xbfph|CERT_TRUST_NO_ERROR");
    assert_string_equal(world_ask(&o.w, "SELECT key_algorithm, signature_algorithm, signature_hash FROM "
                                        "certificate WHERE subject_cn IN ('pss', 'ed25519') ORDER BY rowid"),
                        "RSA|rsassaPss|SHA384\nED25519|sha256WithRSAEncryption|SHA256");
    assert_string_equal(world_ask(&o.w, "SELECT count(*) FROM bundle_problem"), "0");
    pki_new_key = pki_ec_key;
    for (size_t i = 0; i < o.n; i++) {
        OPENSSL_free((void *)(uintptr_t)o.ders[i].p);
        pki_done(&o.made[i]);
    }
    pki_done(&o.root);
    world_close(&o.w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_spoilt_name_is_read_and_its_signatures_checked),
        cmocka_unit_test(one_odd_certificate_does_not_hide_a_file_of_them),
        cmocka_unit_test(a_padded_serial_number_is_read),
        cmocka_unit_test(each_is_a_fact_with_a_note),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
