/* SPDX-License-Identifier: Apache-2.0 */
#include "extract_registry.h"

#include <stdio.h>
#include <string.h>

#include "limits.h"
#include "windows.h"

enum {
    VALUE_BYTES = 4096,
    PROBLEMS = 20
}; /* longer values keep their row, with data NULL; told lines of one entry */

#define NT_VERSION "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"
#define TCPIP "HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters"

struct told {
    struct extract_state *x;
    struct str entry;
    int n;
};

static void tell(int64_t line, const char *what, void *ctx)
{
    struct told *t = ctx;

    if (t->n++ < PROBLEMS)
        sink_problem(t->x->sink, t->entry, line, "%s", what);
}

static int parse_entry(struct extract_state *x, const struct entry *entry, struct err *e)
{
    struct told t = {.x = x, .entry = entry->name};
    struct bytes file;
    int r = x->view->read(x->view->ctx, entry, x->arena, &file, e);

    if (r == 0)
        r = registry_parse(x->registry, file, entry->name, tell, &t, e);
    if (r == -ERR_NOMEM)
        return r;
    if (r)
        sink_problem(x->sink, entry->name, 0, "%s", e->text);
    if (t.n > PROBLEMS)
        sink_problem(x->sink, entry->name, 0, "%d more lines could not be read", t.n - PROBLEMS);
    return 0;
}

static const struct manifest_item *item_of(const struct extract_state *x, struct str entry)
{
    for (size_t i = 0; i < x->view->n_entries; i++)
        if (str_eq(x->view->entries[i].name, entry))
            return x->view->entries[i].item;
    return NULL;
}

bool extract_registry_is_known(const struct extract_state *x, struct str key, struct str root)
{
    const struct registry_key *proof = registry_proof(x->registry, key, root);
    const struct manifest_item *item = proof ? item_of(x, proof->entry) : NULL;

    return proof && (!item || item->outcome == OUTCOME_OK || item->outcome == OUTCOME_ABSENT);
}

/* --- registry_key, registry_value --- */

static void emit_value(struct sink *s, const struct registry_key *k, const struct registry_value *v)
{
    sink_begin(s, "registry_value");
    sink_text(s, "key", k->key);
    sink_text(s, "name", v->name);
    sink_c(s, "type", registry_type_name(v->type));
    if (v->has_number) {
        char decimal[24];
        (void)snprintf(decimal, sizeof(decimal), "%llu", (unsigned long long)v->number);
        sink_c(s, "data", decimal);
        sink_int(s, "number", (int64_t)v->number);
    } else if (v->text.p && v->text.len <= VALUE_BYTES) {
        sink_text(s, "data", v->text);
    } else if (!v->text.p && v->raw.len <= VALUE_BYTES) {
        sink_hex(s, "data", v->raw);
    }
    sink_text(s, "entry", v->entry);
    sink_int(s, "line", v->line);
    sink_end(s);
}

static void emit_key(struct sink *s, const struct registry_key *k)
{
    sink_begin(s, "registry_key");
    sink_text(s, "key", k->key);
    sink_time(s, "modified", k->modified_ms);
    sink_int(s, "absent", k->is_absent);
    sink_text(s, "entry", k->entry);
    sink_int(s, "line", k->line);
    sink_end(s);
    for (const struct registry_value *v = k->is_absent ? NULL : k->values; v; v = v->next)
        emit_value(s, k, v);
}

/* --- the machine --- */

static struct str text_of(const struct extract_state *x, const char *key, const char *name)
{
    const struct registry_value *v = registry_get(x->registry, key, name);

    return v && v->text.p ? v->text : (struct str){0};
}

static int64_t number_of(const struct extract_state *x, const char *key, const char *name)
{
    const struct registry_value *v = registry_get(x->registry, key, name);

    return v && v->has_number ? (int64_t)v->number : -1;
}

static void set_build(struct extract_state *x)
{
    struct str build = text_of(x, NT_VERSION, "CurrentBuildNumber");
    uint64_t n = 0;

    if (build.len == 0)
        build = text_of(x, NT_VERSION, "CurrentBuild");
    if (str_to_u64(str_trim(build), 1000000, &n))
        x->build = (int64_t)n;
    x->is_client_sku = windows_is_client(text_of(x, NT_VERSION, "InstallationType"));
}

static int set_guid(struct extract_state *x, struct err *e)
{
    struct str guid = str_trim(text_of(x, "HKLM\\SOFTWARE\\Microsoft\\Cryptography", "MachineGuid"));
    char *p;

    if (guid.len == 0 && x->view->manifest)
        guid = x->view->manifest->machine.guid;
    if (guid.len == 0 || guid.len > 64)
        return 0;
    p = arena_alloc(x->arena, guid.len + 1);
    if (!p)
        return err_set(e, ERR_NOMEM, "registry: out of memory");
    for (size_t i = 0; i < guid.len; i++)
        p[i] = (char)(guid.p[i] >= 'A' && guid.p[i] <= 'Z' ? guid.p[i] + 32 : guid.p[i]);
    x->machine_guid = (struct str){p, guid.len};
    return 0;
}

static void set_folders(struct extract_state *x)
{
    struct str root = text_of(x, NT_VERSION, "SystemRoot");
    const char *data = NULL;

    if (root.len > 2 && root.p[1] == ':')
        x->system_root = root;
    if (!x->system_root.len)
        x->system_root = STR("C:\\Windows");
    if (!x->system_drive.len)
        x->system_drive = (struct str){x->system_root.p, 2};
    if (!x->program_data.len) /* Windows' own default; a moved one shows in the paths that were collected */
        data = arena_printf(x->arena, "%.2s\\ProgramData", x->system_drive.p);
    if (data)
        x->program_data = str_from(data);
}

static bool has_entry(const struct extract_state *x, struct str prefix)
{
    for (size_t i = 0; i < x->view->n_entries; i++)
        if (str_istarts(x->view->entries[i].name, prefix))
            return true;
    return false;
}

/* Who the machine is, when no manifest says it. */
static void emit_identity(const struct extract_state *x)
{
    struct str name =
        text_of(x, "HKLM\\SYSTEM\\CurrentControlSet\\Control\\ComputerName\\ComputerName", "ComputerName");
    const struct registry_value *domain = registry_get(x->registry, TCPIP, "Domain");
    bool has_iis = has_entry(x, STR("iis/")) || has_entry(x, STR("logs/w3svc/")) ||
                   registry_get(x->registry, "HKLM\\SOFTWARE\\Microsoft\\InetStp", "MajorVersion");

    if (name.len == 0)
        name = text_of(x, TCPIP, "Hostname");
    if (name.len > 0)
        sink_text(x->sink, "name", name);
    if (domain && domain->text.p)
        sink_text(x->sink, "domain", domain->text);
    if (has_iis)
        sink_int(x->sink, "is_server", 1);
    if (has_entry(x, STR("registry/client-")) || has_entry(x, STR("certs/CurrentUser")))
        sink_int(x->sink, "is_client", 1);
}

static void emit_machine(const struct extract_state *x)
{
    struct str installation = text_of(x, NT_VERSION, "InstallationType");
    int64_t major = number_of(x, "HKLM\\SOFTWARE\\Microsoft\\InetStp", "MajorVersion");
    int64_t minor = number_of(x, "HKLM\\SOFTWARE\\Microsoft\\InetStp", "MinorVersion");
    char iis[48];

    sink_begin(x->sink, "machine");
    if (x->build > 0) {
        sink_int(x->sink, "build", x->build);
        sink_c(x->sink, "windows", windows_name(x->build, installation));
    }
    if (installation.len > 0)
        sink_text(x->sink, "installation", installation);
    if (major >= 0) {
        (void)snprintf(iis, sizeof(iis), "%lld.%lld", (long long)major, (long long)(minor >= 0 ? minor : 0));
        sink_c(x->sink, "iis_version", iis);
    }
    if (x->machine_guid.len > 0)
        sink_text(x->sink, "guid", x->machine_guid);
    if (!x->view->manifest)
        emit_identity(x);
    sink_end(x->sink);
}

static void emit_default(const struct extract_state *x, const char *name, int64_t value)
{
    sink_begin(x->sink, "windows_default");
    sink_c(x->sink, "name", name);
    sink_int(x->sink, "value", value);
    sink_end(x->sink);
}

/* What this Windows brings, from the one table of builds. */
static void emit_defaults(const struct extract_state *x)
{
    const struct windows_family *f = windows_of_build(x->build);

    if (!f)
        return;
    emit_default(x, "SNI", f->has_sni);
    emit_default(x, "HTTP/2", f->has_http2);
    emit_default(x, "binding sslFlags", f->binding_bits);
    emit_default(x, "netsh update", f->has_netsh_update);
    emit_default(x, "late request is reset", f->late_request == WINDOWS_LATE_RESET);
    emit_default(x, "late request ends in 500", f->late_request == WINDOWS_LATE_ERROR);
    emit_default(x, "binding CTL", f->has_binding_ctl);
    emit_default(x, "trust mode", f->has_trust_mode);
    emit_default(x, "Root refuses", f->refuses_for_root);
    emit_default(x, "unsent list is cut", f->cuts_unsent_list);
    emit_default(x, "SHA-512", f->has_sha512);
    emit_default(x, "WinHTTP TLS 1.2", f->has_winhttp_tls12);
    if (f->dhe_update)
        emit_default(x, "TLS_DHE from UBR", f->dhe_update);
    emit_default(x, "TLS 1.3", f->on_server[WINDOWS_TLS13] != 0);
    emit_default(x, "Kdc events anew", f->numbers_kdc_anew);
}

int extract_registry(struct extract_state *x, struct err *e)
{
    int r = registry_new(x->arena, &x->registry, e);

    for (size_t i = 0; r == 0 && i < x->view->n_entries; i++)
        if (str_iends(x->view->entries[i].name, STR(".reg")))
            r = parse_entry(x, &x->view->entries[i], e);
    if (r)
        return r;
    for (const struct registry_key *k = registry_first(x->registry); k; k = k->next)
        emit_key(x->sink, k);
    set_build(x);
    set_folders(x);
    r = set_guid(x, e);
    if (r)
        return r;
    emit_machine(x);
    emit_defaults(x);
    r = extract_registry_schannel(x, e);
    if (r == 0)
        r = extract_registry_client(x, e);
    if (r == 0)
        r = extract_registry_zones(x, e);
    if (r == 0)
        r = extract_registry_network(x, e);
    if (r == 0)
        r = extract_registry_browsers(x, e);
    if (r == 0)
        r = extract_registry_firefox(x, e);
    if (r == 0)
        r = extract_registry_orders(x, e);
    if (r == 0)
        r = extract_registry_bindings(x, e);
    return r ? r : sink_check(x->sink, e);
}
