/* SPDX-License-Identifier: Apache-2.0
 *
 * wine_run: a program of tests/server/parse, run under Wine in a folder of its own. */
#ifndef CERTTRIAGE_TESTS_WINE_RUN_H
#define CERTTRIAGE_TESTS_WINE_RUN_H

#include <sys/wait.h>
#include <unistd.h>

enum { WINE_SKIPPED = 77 };

static inline int wine_wait(pid_t pid)
{
    int status = 0;

    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return 127;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 127;
}

/* folder/cases to folder/answers by program.c; the script's exit code. */
static inline int wine_run(const char *folder, const char *program)
{
    pid_t pid = fork();

    if (pid == 0) {
        (void)execlp("bash", "bash", CT_SOURCE_DIR "/tests/server/parse/wine_crypt.sh", CT_BUILD_DIR, folder,
                     program, (char *)NULL);
        _exit(127);
    }
    return wine_wait(pid);
}

static inline void wine_remove(const char *folder)
{
    pid_t pid = fork();

    if (pid == 0) {
        (void)execlp("rm", "rm", "-rf", "--", folder, (char *)NULL);
        _exit(127);
    }
    (void)wine_wait(pid);
}

#endif
