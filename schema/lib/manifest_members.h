/* SPDX-License-Identifier: Apache-2.0
 *
 * The plain text members of the manifest's objects, for the reader and the writer: X(JSON name, member of the
 * struct). */
#ifndef CERTTRIAGE_MANIFEST_MEMBERS_H
#define CERTTRIAGE_MANIFEST_MEMBERS_H

#define COMPLAINT_TEXTS(X)                                                                                   \
    X("url", url)                                                                                            \
    X("when", when)                                                                                          \
    X("account", account)                                                                                    \
    X("thumbprint", thumbprint)                                                                              \
    X("seen", seen)

#define MACHINE_TEXTS(X)                                                                                     \
    X("name", name)                                                                                          \
    X("domain", domain)                                                                                      \
    X("guid", guid)                                                                                          \
    X("registryView", registry_view)

#define ITEM_TEXTS(X)                                                                                        \
    X("source", source)                                                                                      \
    X("entry", entry)                                                                                        \
    X("reason", reason)                                                                                      \
    X("cut", cut)                                                                                            \
    X("sha256", sha256)                                                                                      \
    X("site", site)                                                                                          \
    X("path", path)                                                                                          \
    X("location", location)                                                                                  \
    X("store", store)                                                                                        \
    X("user", user)                                                                                          \
    X("gathered", gathered)

/* One word a role: X(bit, word). */
#define ROLE_LIST(X)                                                                                         \
    X(ROLE_SERVER, "server")                                                                                 \
    X(ROLE_CLIENT, "client")                                                                                 \
    X(ROLE_PROXY, "proxy")                                                                                   \
    X(ROLE_DC, "dc")

/* A text member of a struct by its place, so that a table can stand for ten calls. */
struct text_member {
    const char *json_name;
    size_t offset;
};

#endif
