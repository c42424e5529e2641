/* SPDX-License-Identifier: Apache-2.0 */
#include "iis_sites.h"

#include "iis_pools.h"

#include "buf.h"
#include "limits.h"

#define DEFAULT_LOG_DIRECTORY "%SystemDrive%\\inetpub\\logs\\LogFiles"
#define DEFAULT_FREB_DIRECTORY "%SystemDrive%\\inetpub\\logs\\FailedReqLogFiles"
#define DEFAULT_LOG_FIELDS                                                                                   \
    "Date, Time, ClientIP, UserName, ServerIP, Method, UriStem, UriQuery, TimeTaken, HttpStatus, "           \
    "Win32Status, ServerPort, UserAgent, HttpSubStatus, Referer"

struct reader {
    struct iis_tree *tree;
    const struct iis_environment *environment;
    const struct xml_element *sites; /* <sites>, which holds the defaults of all */
    /* Found once: a list of 20,000 sites is not walked for each of them. [0] of the site, [1] of all sites.
     */
    const struct xml_element *site_defaults, *application_defaults[2], *directory_defaults[2];
    struct iis_topology topology;
    struct iis_map pools;
};

static int out_of_memory(struct err *e)
{
    return err_set(e, ERR_NOMEM, "out of memory");
}

struct str iis_first_of(const char *attribute, const struct xml_element *const *elements, size_t n)
{
    struct str value = {NULL, 0};

    for (size_t i = 0; i < n && !value.p; i++)
        if (elements[i])
            value = xml_get(elements[i], attribute);
    return value;
}

static struct str or_default(struct str value, const char *otherwise)
{
    return value.p ? value : str_from(otherwise);
}

/* What is redacted is not known. */
static struct str unless_hidden(struct str value)
{
    return value.p && iis_is_hidden(value) ? (struct str){NULL, 0} : value;
}

static struct str value_of(const struct iis_environment *v, struct str name)
{
    if (str_ieq(name, STR("SystemDrive")))
        return v->system_drive;
    if (str_ieq(name, STR("SystemRoot")) || str_ieq(name, STR("windir")))
        return v->system_root;
    return str_ieq(name, STR("ProgramData")) ? v->program_data : (struct str){NULL, 0};
}

struct str iis_expand(struct arena *a, const struct iis_environment *environment, struct str value)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT(LIMIT_TEXT_BYTES);
    struct str rest = value, name, after;

    while (rest.p) {
        buf_add_str(&out, str_cut(rest, '%', &rest));
        if (!rest.p)
            break;
        name = str_cut(rest, '%', &after);
        struct str known = value_of(environment, name);
        if (after.p && known.len) {
            buf_add_str(&out, known);
            rest = after;
        } else {
            buf_add_char(&out, '%');
        }
    }
    return arena_keep(a, out.failed ? value : buf_str(&out));
}

static struct str lower_ip(struct str ip, struct arena *a)
{
    if (ip.len == 0 || str_eq(ip, STR("*")))
        return STR("0.0.0.0");
    char *p = arena_alloc(a, ip.len + 1);
    for (size_t i = 0; p && i < ip.len; i++)
        p[i] = (char)(ip.p[i] >= 'A' && ip.p[i] <= 'F' ? ip.p[i] + ('a' - 'A') : ip.p[i]);
    return (struct str){p, p ? ip.len : 0};
}

bool iis_binding_split(struct str information, struct iis_binding *ret, struct arena *a)
{
    struct str rest = information, ip;
    uint64_t port;

    if (information.len && information.p[0] == '[') {
        ip = str_cut(information, ']', &rest);
        if (!rest.p || rest.len == 0 || rest.p[0] != ':')
            return false;
        ip.len++; /* with the bracket that was cut at */
        rest = str_skip(rest, 1);
    } else {
        ip = str_cut(information, ':', &rest);
    }
    struct str number = str_cut(rest, ':', &rest);
    if (!str_to_u64(str_trim(number), 65535, &port))
        return false;
    ret->ip = lower_ip(str_trim(ip), a);
    ret->port = (int64_t)port;
    ret->host = rest.p ? str_trim(rest) : STR("");
    return ret->ip.p != NULL;
}

static bool is_http(struct str protocol)
{
    return str_ieq(protocol, STR("http")) || str_ieq(protocol, STR("https"));
}

static int read_bindings(struct reader *rd, const struct xml_element *site, struct iis_binding **ret,
                         struct err *e)
{
    const struct xml_element *list = xml_child(site, "bindings");
    uint64_t flags;

    for (const struct xml_element *c = xml_child(list, "binding"); c; c = xml_next(c, "binding")) {
        struct iis_binding *b = arena_alloc(rd->tree->arena, sizeof *b);
        if (!b)
            return out_of_memory(e);
        b->protocol = or_default(unless_hidden(xml_get(c, "protocol")), "");
        b->information = unless_hidden(xml_get(c, "bindingInformation"));
        b->port = -1;
        b->ssl_flags =
            str_to_u64(or_default(xml_get(c, "sslFlags"), "0"), UINT32_MAX, &flags) ? (int64_t)flags : -1;
        b->line = c->line;
        if (is_http(b->protocol))
            (void)iis_binding_split(b->information, b, rd->tree->arena); /* what is not so stays NULL */
        *ret = b;
        ret = &b->next;
    }
    return 0;
}

static int read_virtual_directory(struct reader *rd, const struct xml_element *element,
                                  const struct xml_element *const *defaults, size_t n,
                                  struct iis_application *application, struct iis_virtual_directory **ret,
                                  struct err *e)
{
    struct iis_virtual_directory *v = arena_alloc(rd->tree->arena, sizeof *v);
    struct str physical = unless_hidden(xml_get(element, "physicalPath"));

    if (!v)
        return out_of_memory(e);
    int r =
        iis_node_make(rd->tree, application->node, or_default(xml_get(element, "path"), "/"), &v->node, e);
    if (r < 0)
        return r;
    struct str allows = xml_get(element, "allowSubDirConfig");
    v->allows_subdir_config =
        iis_bool(allows.p ? allows : iis_first_of("allowSubDirConfig", defaults, n), true);
    v->physical_path = physical.p ? iis_expand(rd->tree->arena, rd->environment, physical) : physical;
    v->path = v->node->path;
    v->line = element->line;
    v->node->is_virtual_directory = v->node->is_listed = true;
    v->node->ignores_subdir_config = !v->allows_subdir_config;
    *ret = v;
    return 0;
}

static int read_virtual_directories(struct reader *rd, const struct xml_element *application,
                                    struct iis_application *ret, struct err *e)
{
    const struct xml_element *defaults[] = {xml_child(application, "virtualDirectoryDefaults"),
                                            rd->directory_defaults[0], rd->directory_defaults[1]};
    struct iis_virtual_directory **end = &ret->virtual_directories;
    int r = 0;

    for (const struct xml_element *c = xml_child(application, "virtualDirectory"); c && r >= 0;
         c = xml_next(c, "virtualDirectory")) {
        r = read_virtual_directory(rd, c, defaults, ARRAY_LEN(defaults), ret, end, e);
        if (r >= 0)
            end = &(*end)->next;
    }
    return r;
}

static int read_application(struct reader *rd, const struct xml_element *element, struct iis_node *site_node,
                            struct iis_application **ret, struct err *e)
{
    const struct xml_element *from[] = {element, rd->application_defaults[0], rd->application_defaults[1]};
    struct iis_application *app = arena_alloc(rd->tree->arena, sizeof *app);

    if (!app)
        return out_of_memory(e);
    int r = iis_node_make(rd->tree, site_node, or_default(xml_get(element, "path"), "/"), &app->node, e);
    if (r < 0)
        return r;
    app->path = app->node->path;
    app->pool =
        unless_hidden(or_default(iis_first_of("applicationPool", from, ARRAY_LEN(from)), "DefaultAppPool"));
    app->protocols =
        unless_hidden(or_default(iis_first_of("enabledProtocols", from, ARRAY_LEN(from)), "http"));
    app->line = element->line;
    app->node->is_application = app->node->is_listed = true;
    const struct iis_pool *pool = app->pool.p ? iis_map_get(&rd->pools, NULL, app->pool) : NULL;
    app->node->ignores_web_config = pool && !pool->is_override_enabled;
    *ret = app;
    return read_virtual_directories(rd, element, app, e);
}

static void read_logging(struct reader *rd, const struct xml_element *site, struct iis_site *ret)
{
    const struct xml_element *defaults = rd->site_defaults;
    const struct xml_element *log[] = {xml_child(site, "logFile"), xml_child(defaults, "logFile")};
    const struct xml_element *freb[] = {xml_child(site, "traceFailedRequestsLogging"),
                                        xml_child(defaults, "traceFailedRequestsLogging")};
    struct str directory =
        unless_hidden(or_default(iis_first_of("directory", log, 2), DEFAULT_LOG_DIRECTORY));
    struct str traces = unless_hidden(or_default(iis_first_of("directory", freb, 2), DEFAULT_FREB_DIRECTORY));

    ret->log_directory = directory.p ? iis_expand(rd->tree->arena, rd->environment, directory) : directory;
    ret->freb_directory = traces.p ? iis_expand(rd->tree->arena, rd->environment, traces) : traces;
    ret->log_format = unless_hidden(or_default(iis_first_of("logFormat", log, 2), "W3C"));
    ret->log_fields = unless_hidden(or_default(iis_first_of("logExtFileFlags", log, 2), DEFAULT_LOG_FIELDS));
    ret->freb_enabled = iis_bool(iis_first_of("enabled", freb, 2), false);
}

static int read_site(struct reader *rd, const struct xml_element *element, struct iis_site **ret,
                     struct err *e)
{
    const struct xml_element *start[] = {element, rd->site_defaults};
    struct iis_site *site = arena_alloc(rd->tree->arena, sizeof *site);
    uint64_t id;

    if (!site)
        return out_of_memory(e);
    site->name = or_default(xml_get(element, "name"), "");
    site->id = str_to_u64(xml_get(element, "id"), UINT32_MAX, &id) ? (int64_t)id : -1;
    site->auto_start = iis_bool(iis_first_of("serverAutoStart", start, 2), true);
    site->line = element->line;
    int r = iis_node_make(rd->tree, rd->tree->root, site->name, &site->node, e);
    if (r < 0)
        return r;
    site->node->is_site = site->node->depth == 1;
    site->node->is_listed = site->node->is_site;
    read_logging(rd, element, site);
    *ret = site;
    rd->application_defaults[0] = xml_child(element, "applicationDefaults");
    rd->directory_defaults[0] = xml_child(element, "virtualDirectoryDefaults");
    r = read_bindings(rd, element, &site->bindings, e);
    struct iis_application **end = &site->applications;
    for (const struct xml_element *c = xml_child(element, "application"); c && r >= 0;
         c = xml_next(c, "application")) {
        r = read_application(rd, c, site->node, end, e);
        if (r >= 0)
            end = &(*end)->next;
    }
    return r;
}

int iis_sites_read(struct iis_tree *t, const struct xml_element *config,
                   const struct iis_environment *environment, int64_t build, struct iis_topology *ret,
                   struct err *e)
{
    const struct xml_element *host = xml_child(config, "system.applicationHost");
    struct reader rd = {.tree = t, .environment = environment, .pools = IIS_MAP_INIT(t->arena, true)};
    int r = 0;

    rd.sites = xml_child(host, "sites");
    for (const struct xml_element *h = host; h && r >= 0; h = xml_next(h, "system.applicationHost"))
        r = iis_pools_read(t, xml_child(h, "applicationPools"), build, &rd.topology, &rd.pools, e);
    while (host && !rd.sites) {
        host = xml_next(host, "system.applicationHost");
        rd.sites = xml_child(host, "sites");
    }
    rd.site_defaults = xml_child(rd.sites, "siteDefaults");
    rd.application_defaults[1] = xml_child(rd.sites, "applicationDefaults");
    rd.directory_defaults[1] = xml_child(rd.sites, "virtualDirectoryDefaults");
    struct iis_site **end = &rd.topology.sites;
    for (const struct xml_element *c = xml_child(rd.sites, "site"); c && r >= 0; c = xml_next(c, "site")) {
        r = read_site(&rd, c, end, e);
        if (*end) {
            end = &(*end)->next;
            rd.topology.n_sites++;
        }
    }
    *ret = rd.topology;
    return r;
}
