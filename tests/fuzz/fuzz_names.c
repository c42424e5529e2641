/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_names: bytes as what one name or number is worked out of: a key's container and its file, a pool and
 * its SID, an encoded name, an address of a record, a build of Windows. */
#include <stdint.h>

#include "http_sys.h"
#include "iis_sid.h"
#include "keyfile.h"
#include "windows.h"
#include "x509.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = ARENA_INIT(16 << 20);
    const struct str text = {(const char *)data, size};
    char hash[KEYFILE_HASH_CHARS + 1], name[KEYFILE_NAME_CHARS];
    struct http_sys_binding binding = {.tree = "ip"};
    struct str rest, first = str_cut(text, '\n', &rest);

    (void)keyfile_provider_of(text, (int64_t)(size % 3));
    for (int is_cng = 0; is_cng < 2; is_cng++) {
        (void)keyfile_hash(is_cng, text, hash);
        (void)keyfile_name(is_cng, first, rest, name);
    }
    (void)iis_sid_of_pool(text, &a);
    (void)x509_name_text((struct bytes){data, size}, &a);
    (void)http_sys_endpoint(text, &binding);
    (void)windows_name((int64_t)size * 16, text);
    arena_done(&a);
    return 0;
}
