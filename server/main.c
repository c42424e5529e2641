/* SPDX-License-Identifier: Apache-2.0
 *
 * certtriage-server: receives bundles, extracts facts in a cage, runs rules over them, reports. */
#include "cage.h"
#include "commands.h"
#include "compiler.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct command *const commands[] = {
    &command_serve, &command_lint, &command_facts, &command_query,  &command_rules,   &command_reprocess,
    &command_token, &command_diff, &command_check, &command_backup, &command_restore,
};

static int help(FILE *to)
{
    fprintf(to, "certtriage-server %s: why does TLS client-certificate authentication fail on IIS?\n\n",
            CERTTRIAGE_VERSION);
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        fprintf(to, "  certtriage-server %s %s\n      %s\n", commands[i]->name, commands[i]->usage,
                commands[i]->about);
        if (to == stdout)
            options_help(commands[i]->options);
    }
    fprintf(to, "\nExit codes of lint: 0 nothing of severity error, 1 at least one, 2 it could not lint. "
                "Others: 0 done, 2 not.\n");
    return to == stdout ? 0 : 2;
}

static bool asks_for_help(const char *arg)
{
    return strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0;
}

static int help_of(const struct command *c)
{
    printf("usage: certtriage-server %s %s\n  %s\n", c->name, c->usage, c->about);
    options_help(c->options);
    return 0;
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        if (strcmp(name, commands[i]->name) == 0)
            return commands[i];
    return NULL;
}

static int run_command(const struct command *c, int argc, char **argv)
{
    struct options o = {0};
    struct err e = {0};
    int code;

    if (argc > 0 && asks_for_help(argv[0]))
        return help_of(c);
    if (options_parse(c->options, argc, argv, &o, &e) < 0 || options_settings(&o, &e) < 0 ||
        (!option(&o, "--settings") && options_check(&o, &e) < 0)) {
        json_decref(o.file);
        fprintf(stderr, "certtriage-server %s: %s\nusage: certtriage-server %s %s (--help says more)\n",
                c->name, e.text, c->name, c->usage);
        return 2;
    }
    code = c->run(&o);
    json_decref(o.file);
    return code;
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    const struct command *c;

    /* A reader that goes away is an error of write, not a signal. */
    (void)signal(SIGPIPE, SIG_IGN);
    if (strcmp(name, "worker") == 0)
        return cage_worker_main(argc, argv);
    if (asks_for_help(name) || strcmp(name, "help") == 0) {
        c = argc > 2 ? find_command(argv[2]) : NULL;
        return c ? help_of(c) : help(stdout);
    }
    if (strcmp(name, "--version") == 0)
        return puts("certtriage-server " CERTTRIAGE_VERSION) < 0 ? 2 : 0;
    c = find_command(name);
    if (c)
        return run_command(c, argc - 2, argv + 2);
    if (name[0])
        fprintf(stderr, "certtriage-server: %s: no such command\n", name);
    return help(stderr);
}
