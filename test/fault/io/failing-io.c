/*
 * Loaded before libc (LD_PRELOAD): lets the Nth change to files under a folder fail, as SQLite's own tests do.
 * Steered by environment variables, read at every call so that the process under test can set them as it goes:
 *   FAIL_UNDER  folder; calls on other files pass untouched
 *   FAIL_RUN    a new value starts counting afresh
 *   FAIL_AT     the number of the call that fails, from 1; 0 or unset counts only
 *   FAIL_ERRNO  EIO (default) or ENOSPC
 *   FAIL_ON     1: every later call fails too, until FAIL_RUN changes
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static long count;
static char current_run[64];

static int under(const char *path) {
  const char *folder = getenv("FAIL_UNDER");
  return folder && *folder && strncmp(path, folder, strlen(folder)) == 0;
}

static int fd_under(int fd) {
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return 0;
  path[length] = 0;
  return under(path);
}

/* True when this call is the one to fail; errno is set. */
static int fails(void) {
  const char *run = getenv("FAIL_RUN"), *at = getenv("FAIL_AT"), *on = getenv("FAIL_ON"), *what = getenv("FAIL_ERRNO");
  if (!run) return 0;
  if (strncmp(run, current_run, sizeof current_run - 1) != 0) {
    strncpy(current_run, run, sizeof current_run - 1);
    count = 0;
  }
  count++;
  long n = at ? atol(at) : 0;
  if (n <= 0) return 0;
  if (count == n || (count > n && on && *on == '1')) {
    errno = what && strcmp(what, "ENOSPC") == 0 ? ENOSPC : EIO;
    return 1;
  }
  return 0;
}

#define REAL(name) static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *buf, size_t n) { REAL(write); if (fd > 2 && fd_under(fd) && fails()) return -1; return real(fd, buf, n); }
ssize_t pwrite(int fd, const void *buf, size_t n, off_t o) { REAL(pwrite); if (fd_under(fd) && fails()) return -1; return real(fd, buf, n, o); }
ssize_t pwrite64(int fd, const void *buf, size_t n, off64_t o) { REAL(pwrite64); if (fd_under(fd) && fails()) return -1; return real(fd, buf, n, o); }
int fsync(int fd) { REAL(fsync); if (fd_under(fd) && fails()) return -1; return real(fd); }
int fdatasync(int fd) { REAL(fdatasync); if (fd_under(fd) && fails()) return -1; return real(fd); }
int ftruncate(int fd, off_t n) { REAL(ftruncate); if (fd_under(fd) && fails()) return -1; return real(fd, n); }
int ftruncate64(int fd, off64_t n) { REAL(ftruncate64); if (fd_under(fd) && fails()) return -1; return real(fd, n); }
int rename(const char *a, const char *b) { REAL(rename); if (under(b) && fails()) return -1; return real(a, b); }
int unlink(const char *path) { REAL(unlink); if (under(path) && fails()) return -1; return real(path); }
