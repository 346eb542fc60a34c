/*
 * A library for LD_PRELOAD that lets writes and syncs of files fail on command.
 *
 * WARREN_FAULT_FOLDER   only files below this folder are concerned
 * WARREN_FAULT_CONTROL  a file of 64 octets that is shared with whoever gives the commands:
 *
 *   int32 armed     0: everything works
 *   int32 calls     1 writes, 2 syncs, 3 both
 *   int32 error     the errno of a failure
 *   int32 torn      1: a failing write puts half of its octets in the file first
 *   int32 skip      so many calls that match still work
 *   int32 times     so many calls fail after those; -1 for all
 *   int32 failed    how many have failed: written here
 *   int32 unused
 *   char  part[32]  the path has to contain this; empty: any path
 *
 * Calls go straight to the kernel, so nothing of the C library has to be looked up.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { WRITES = 1, SYNCS = 2 };

struct control {
  int32_t armed, calls, error, torn, skip, times, failed, unused;
  char part[32];
};

static struct control *control;
static const char *folder;

__attribute__((constructor)) static void attach(void) {
  const char *path = getenv("WARREN_FAULT_CONTROL");
  folder = getenv("WARREN_FAULT_FOLDER");
  if (path == NULL || folder == NULL) return;
  int fd = open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) return;
  void *shared = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (shared != MAP_FAILED) control = shared;
  close(fd);
}

/* Whether the file is one of those that fail. */
static int concerned(int fd) {
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return 0;
  path[length] = 0;
  char part[sizeof control->part + 1] = {0};
  memcpy(part, control->part, sizeof control->part);
  return strncmp(path, folder, strlen(folder)) == 0 && strstr(path, part) != NULL;
}

/* Whether this call is to fail. */
static int fails(int fd, int call) {
  if (control == NULL || !__atomic_load_n(&control->armed, __ATOMIC_ACQUIRE)) return 0;
  if (!(control->calls & call)) return 0;
  int before = errno;
  int hit = concerned(fd);
  errno = before;
  if (!hit) return 0;
  if (__atomic_fetch_sub(&control->skip, 1, __ATOMIC_SEQ_CST) > 0) return 0;
  if (control->times >= 0 && __atomic_fetch_sub(&control->times, 1, __ATOMIC_SEQ_CST) <= 0) {
    /* Not below zero, which would mean all. */
    __atomic_store_n(&control->times, 0, __ATOMIC_SEQ_CST);
    return 0;
  }
  __atomic_fetch_add(&control->failed, 1, __ATOMIC_SEQ_CST);
  errno = control->error;
  return 1;
}

ssize_t write(int fd, const void *octets, size_t count) {
  if (fails(fd, WRITES)) {
    int error = errno;
    if (control->torn) syscall(SYS_write, fd, octets, count / 2);
    errno = error;
    return -1;
  }
  return syscall(SYS_write, fd, octets, count);
}

ssize_t pwrite64(int fd, const void *octets, size_t count, off64_t at) {
  if (fails(fd, WRITES)) {
    int error = errno;
    if (control->torn) syscall(SYS_pwrite64, fd, octets, count / 2, at);
    errno = error;
    return -1;
  }
  return syscall(SYS_pwrite64, fd, octets, count, at);
}

ssize_t pwrite(int fd, const void *octets, size_t count, off_t at) {
  return pwrite64(fd, octets, count, at);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  return fails(fd, WRITES) ? -1 : syscall(SYS_writev, fd, parts, count);
}

int fsync(int fd) { return fails(fd, SYNCS) ? -1 : (int)syscall(SYS_fsync, fd); }

int fdatasync(int fd) { return fails(fd, SYNCS) ? -1 : (int)syscall(SYS_fdatasync, fd); }
