/* Lets the calls that open, read, write, synchronise, move and close files of one folder fail, for campaigns/faults.py.
 *
 * Preloaded (LD_PRELOAD) into a run of the command line. STANCE_FAULT_FOLDER is the folder; the STANCE_FAULT_AT-th call
 * fails with the error STANCE_FAULT_ERROR (0: the process kills itself there), and with STANCE_FAULT_LASTING all later
 * ones too, as on a full disk. STANCE_FAULT_LOG is where the number of calls is written at the end.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *folder;
static long at, seen;
static int error_number, lasting;

static long number(const char *name) {
    const char *value = getenv(name);
    return value ? atol(value) : 0;
}

__attribute__((constructor)) static void begin(void) {
    folder = getenv("STANCE_FAULT_FOLDER");
    at = number("STANCE_FAULT_AT");
    error_number = (int)number("STANCE_FAULT_ERROR");
    lasting = (int)number("STANCE_FAULT_LASTING");
}

__attribute__((destructor)) static void end(void) {
    const char *log = getenv("STANCE_FAULT_LOG");
    folder = NULL;
    FILE *file = log ? fopen(log, "w") : NULL;
    if (file) {
        fprintf(file, "%ld\n", seen);
        fclose(file);
    }
}

static int inside(const char *path) {
    return folder && strncmp(path, folder, strlen(folder)) == 0;
}

static int open_inside(int descriptor) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t size = folder ? readlink(link, path, sizeof path - 1) : -1;
    if (size < 0) return 0;
    path[size] = 0;
    return inside(path);
}

static int fails(void) {
    seen++;
    if (!at || seen < at || (seen > at && !lasting)) return 0;
    if (!error_number) kill(getpid(), SIGKILL);
    errno = error_number;
    return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define OPEN(name)                                                       \
    int name(const char *path, int flags, ...) {                         \
        va_list rest;                                                    \
        va_start(rest, flags);                                           \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
        va_end(rest);                                                    \
        return inside(path) && fails() ? -1 : REAL(name)(path, flags, mode); \
    }
OPEN(open)
OPEN(open64)

ssize_t read(int descriptor, void *to, size_t size) {
    return open_inside(descriptor) && fails() ? -1 : REAL(read)(descriptor, to, size);
}

/* A disk that fills up takes a part first: half of the bytes are written, and the next call fails. */
ssize_t write(int descriptor, const void *from, size_t size) {
    if (!open_inside(descriptor)) return REAL(write)(descriptor, from, size);
    if (lasting && seen + 1 == at && size > 1) {
        at++;
        seen++;
        return REAL(write)(descriptor, from, size / 2);
    }
    return fails() ? -1 : REAL(write)(descriptor, from, size);
}

int fsync(int descriptor) { return open_inside(descriptor) && fails() ? -1 : REAL(fsync)(descriptor); }

int rename(const char *from, const char *to) { return inside(to) && fails() ? -1 : REAL(rename)(from, to); }

int chmod(const char *path, mode_t mode) { return inside(path) && fails() ? -1 : REAL(chmod)(path, mode); }

/* As Linux does it: what was open is closed whatever close says. */
int close(int descriptor) {
    int failed = open_inside(descriptor) && fails(), number = errno, result = REAL(close)(descriptor);
    if (failed) errno = number;
    return failed ? -1 : result;
}
