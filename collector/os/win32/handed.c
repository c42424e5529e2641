/* SPDX-License-Identifier: Apache-2.0
 *
 * From a process to the one that goes on elevated: a section of memory that has no file. What starts a
 * program elevated passes no handles on, so it has a name: 16 random bytes, in the session that both run in.
 * Who takes it copies it first, since who made it may go on writing. */
#include "../process.h"
#include "win32.h"

#include <aclapi.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_BYTES = 16, NAME_CHARS = 2 * NAME_BYTES };

/* What lies in the section. */
struct handed_block {
    uint64_t len;
    uint8_t data[];
};

struct os_handed {
    HANDLE section;
};

static int wide_name(const char *name, struct buf *ret, struct err *e)
{
    CLEANUP(buf_done) struct buf path = BUF_INIT(256);

    buf_printf(&path, "Local\\certtriage-collect-%s", name);
    return wide_from(buf_str(&path), ret, e);
}

static int fill(HANDLE section, struct bytes data, struct err *e)
{
    struct handed_block *block = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);

    if (block == NULL)
        return err_windows(e, GetLastError(), 0, 0, "memory to hand over");
    block->len = data.len;
    memcpy(block->data, data.p, data.len);
    (void)UnmapViewOfFile(block);
    return 0;
}

static int make_section(const char *name, struct bytes data, struct os_handed *h, struct err *e)
{
    CLEANUP(local_done) PSECURITY_DESCRIPTOR descriptor = win32_private_descriptor();
    CLEANUP(buf_done) struct buf wide = WIDE_INIT;
    SECURITY_ATTRIBUTES attributes = {sizeof attributes, descriptor, FALSE};

    if (wide_name(name, &wide, e) != 0)
        return -e->code;
    if (descriptor == NULL)
        return err_windows(e, GetLastError(), 0, 0, "rights of the memory to hand over");
    h->section = CreateFileMappingW(INVALID_HANDLE_VALUE, &attributes, PAGE_READWRITE, 0,
                                    (DWORD)(sizeof(struct handed_block) + data.len), wide_p(&wide));
    /* Somebody's who guessed 16 random bytes is nobody's to write into. */
    if (h->section == NULL || GetLastError() == ERROR_ALREADY_EXISTS)
        return err_windows(e, GetLastError(), 0, 0, "memory to hand over");
    return fill(h->section, data, e);
}

int os_hand(struct bytes data, struct buf *ret_name, struct os_handed **ret, struct err *e)
{
    CLEANUP(buf_done) struct buf name = BUF_INIT(64);
    uint8_t random[NAME_BYTES];
    struct os_handed *h;

    if (data.len > UINT32_MAX - sizeof(struct handed_block))
        return err_set(e, ERR_LIMIT, "too much to hand over");
    if (os_random(random, sizeof random, e) != 0)
        return -e->code;
    text_hex(&name, random, sizeof random);
    h = calloc(1, sizeof *h);
    if (h == NULL)
        return err_set(e, ERR_NOMEM, "out of memory");
    if (make_section(buf_c(&name), data, h, e) != 0) {
        os_hand_free(h);
        return -e->code;
    }
    buf_add_str(ret_name, buf_str(&name));
    *ret = h;
    return buf_check(ret_name, "name", e);
}

void os_hand_free(struct os_handed *h)
{
    if (h == NULL)
        return;
    handle_done(&h->section);
    free(h);
}

/* --- the other side --- */

static bool is_name(const char *name)
{
    return strlen(name) == NAME_CHARS && strspn(name, "0123456789abcdef") == NAME_CHARS;
}

/* Only an administrator could have made it another's. */
static int check_owner(HANDLE section, struct str sid, struct err *e)
{
    CLEANUP(local_done) PSECURITY_DESCRIPTOR descriptor = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT(512);
    PSID owner = NULL;
    DWORD code = GetSecurityInfo(section, SE_KERNEL_OBJECT, OWNER_SECURITY_INFORMATION, &owner, NULL, NULL,
                                 NULL, &descriptor);

    if (code != 0)
        return err_windows(e, code, 0, 0, "whose it is");
    if (owner == NULL)
        return err_set(e, ERR_DENIED, "it belongs to nobody");
    if (sid_to_text(owner, &text, e) != 0)
        return -e->code;
    return str_ieq(buf_str(&text), sid) ? 0 : err_set(e, ERR_DENIED, "it belongs to %s", buf_c(&text));
}

static int copy_block(const struct handed_block *block, size_t room, struct buf *ret, struct err *e)
{
    MEMORY_BASIC_INFORMATION view;
    uint64_t len = *(const volatile uint64_t *)&block->len; /* read once */
    char *to;

    if (VirtualQuery(block, &view, sizeof view) == 0)
        return err_windows(e, GetLastError(), 0, 0, "its length");
    if (view.RegionSize < sizeof *block || len > view.RegionSize - sizeof *block || len > room)
        return err_set(e, ERR_FORMAT, "it is not as long as it says, or too long");
    to = buf_reserve(ret, (size_t)len);
    if (to == NULL)
        return buf_check(ret, "what was handed over", e);
    memcpy(to, block->data, (size_t)len);
    buf_wrote(ret, (size_t)len);
    return 0;
}

int os_handed(const char *name, struct str sid, size_t room, struct buf *ret, struct err *e)
{
    CLEANUP(handle_done) HANDLE section = NULL;
    CLEANUP(buf_done) struct buf wide = WIDE_INIT;
    const struct handed_block *block;
    int r;

    if (!is_name(name))
        return err_set(e, ERR_FORMAT, "%s: not such a name", name);
    if (wide_name(name, &wide, e) != 0)
        return -e->code;
    section = OpenFileMappingW(FILE_MAP_READ | READ_CONTROL, FALSE, wide_p(&wide));
    if (section == NULL)
        return err_windows(e, GetLastError(), ERROR_FILE_NOT_FOUND, 0, "%s", name);
    if (check_owner(section, sid, e) != 0)
        return -e->code;
    block = MapViewOfFile(section, FILE_MAP_READ, 0, 0, 0);
    if (block == NULL)
        return err_windows(e, GetLastError(), 0, 0, "%s", name);
    r = copy_block(block, room, ret, e);
    (void)UnmapViewOfFile(block);
    return r;
}
