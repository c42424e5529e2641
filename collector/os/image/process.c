/* SPDX-License-Identifier: Apache-2.0 */
#include "../process.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

int os_beside(const char *file, struct buf *ret, struct err *e)
{
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof(path));

    if (n <= 0 || (size_t)n == sizeof(path))
        return err_set(e, ERR_IO, "/proc/self/exe: the program's own folder is not known");
    while (n > 0 && path[n - 1] != '/')
        n--;
    buf_add(ret, path, (size_t)n);
    buf_add_c(ret, file);
    return buf_check(ret, file, e);
}

void os_low_priority(void)
{
    enum { IDLE_CLASS = 3 << 13, OURSELVES = 1 }; /* ioprio_set(2) */

    (void)setpriority(PRIO_PROCESS, 0, 10);
    (void)syscall(SYS_ioprio_set, OURSELVES, 0, IDLE_CLASS);
}

bool os_is_terminal(void)
{
    return isatty(STDERR_FILENO) != 0;
}

bool os_has_own_console(void)
{
    return false;
}

bool os_ask(const char *question, struct buf *ret)
{
    char line[4096];

    (void)fputs(question, stderr);
    (void)fflush(stderr);
    if (fgets(line, sizeof(line), stdin) == NULL)
        return false;
    buf_add(ret, line, strcspn(line, "\r\n"));
    return true;
}

static volatile sig_atomic_t interrupted;

static void note_interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

void os_note_interrupt(bool on)
{
    struct sigaction action = {.sa_flags = SA_RESTART};

    action.sa_handler = SIG_DFL;
    if (on) {
        interrupted = 0;
        action.sa_handler = note_interrupt;
        action.sa_flags |= (int)SA_RESETHAND;
    }
    (void)sigaction(SIGINT, &action, NULL);
}

bool os_interrupted(void)
{
    return interrupted != 0;
}

struct os_peak os_peak(void)
{
    struct rusage usage = {0};

    return (struct os_peak){.held =
                                getrusage(RUSAGE_SELF, &usage) == 0 ? (int64_t)usage.ru_maxrss * 1024 : 0};
}

void os_own_sid(struct buf *ret)
{
    (void)ret;
}

int os_folder(struct buf *ret, struct err *e)
{
    char path[PATH_MAX];

    if (getcwd(path, sizeof(path)) == NULL)
        return err_set(e, ERR_IO, "the current folder: %s", strerror(errno));
    buf_add_c(ret, path);
    return buf_check(ret, "the current folder", e);
}

int os_enter_folder(const char *path, struct err *e)
{
    return chdir(path) == 0 ? 0 : err_set(e, ERR_IO, "%s: %s", path, strerror(errno));
}

int os_restart_elevated(const char *more, int *ret_code, struct err *e)
{
    (void)more, (void)ret_code;
    return err_set(e, ERR_UNSUPPORTED, "only Windows restarts a program as administrator");
}

int os_hand(struct bytes data, struct buf *ret_name, struct os_handed **ret, struct err *e)
{
    (void)data, (void)ret_name, (void)ret;
    return err_set(e, ERR_UNSUPPORTED, "only Windows restarts a program as administrator");
}

void os_hand_free(struct os_handed *h)
{
    (void)h;
}

int os_handed(const char *name, struct str sid, size_t room, struct buf *ret, struct err *e)
{
    (void)name, (void)sid, (void)room, (void)ret;
    return err_set(e, ERR_UNSUPPORTED, "only Windows restarts a program as administrator");
}

void os_end(int code)
{
    _exit(code); /* style: os_end is the one place that ends the program, see os.h */
}
