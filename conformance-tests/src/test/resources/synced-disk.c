/*
 * A library for LD_PRELOAD that writes down what POSIX promises to be on disk: of a file what was in it
 * when a sync of it began that has ended, of a folder the names that were in it then. It also holds
 * syncs back on command.
 *
 * WARREN_DISK_FOLDER   only what lies below this folder is written down
 * WARREN_DISK_JOURNAL  where: lines, appended, also by several processes one after the other
 * WARREN_DISK_CONTROL  a file of two int32 that is shared with whoever gives the commands: not 0 holds
 *                      all syncs of files before they begin; how many are held: written here
 *
 * Lines, with a tab between the words, and a full stop as the last: a process may be killed in the middle
 * of one.
 *
 *   file PATH             a file that was not there
 *   folder PATH           a folder that was not there
 *   move PATH PATH        a rename
 *   link PATH PATH        a second name
 *   remove PATH           a name that is gone
 *   cut PATH SIZE         a file that was made shorter, or longer without content
 *   begin ID PATH         the sync of a folder begins
 *   end ID                and has ended
 *   sync PATH SIZE HEX    the sync of a file has ended: its size when it began, and all of its content
 *                         then if that is one page at most, - otherwise
 *
 * Whatever makes something safe is written down after it has happened, and what it makes safe is what
 * was there before it began: a process that is killed in between has promised nothing. Calls go
 * straight to the kernel, so nothing of the C library has to be looked up.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096, LINE = 2 * PATH_MAX + 2 * PAGE + 64 };

struct control {
  int32_t held, waiting;
};

static struct control *control;
static const char *folder;
static int journal = -1;
static int32_t last_sync;

__attribute__((constructor)) static void attach(void) {
  const char *lines = getenv("WARREN_DISK_JOURNAL");
  const char *commands = getenv("WARREN_DISK_CONTROL");
  folder = getenv("WARREN_DISK_FOLDER");
  if (lines == NULL || commands == NULL || folder == NULL) return;
  int fd = syscall(SYS_openat, AT_FDCWD, commands, O_RDWR | O_CLOEXEC, 0);
  if (fd < 0) return;
  void *shared = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  syscall(SYS_close, fd);
  if (shared == MAP_FAILED) return;
  control = shared;
  journal = syscall(SYS_openat, AT_FDCWD, lines, O_WRONLY | O_APPEND | O_CLOEXEC, 0);
  /* Ends what another process may have left. */
  if (journal >= 0 && syscall(SYS_write, journal, "\n", 1) != 1) abort();
}

/* One line. */
__attribute__((format(printf, 1, 2))) static void note(const char *format, ...) {
  static __thread char line[LINE];
  int before = errno;
  va_list words;
  va_start(words, format);
  int length = vsnprintf(line, sizeof line, format, words);
  va_end(words);
  if (length >= (int)sizeof line || syscall(SYS_write, journal, line, length) != length) abort();
  errno = before;
}

static int below(const char *path) {
  size_t length = strlen(folder);
  return strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == 0);
}

/* The path of an open file, if it is one of those that count. */
static int path_of(int fd, char *path) {
  int before = errno;
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  errno = before;
  if (length <= 0) return 0;
  path[length] = 0;
  return below(path);
}

/* The path of a name whose folder is there, whether the name is or not; if it is one that counts. */
static int path_at(int directory, const char *name, char *path) {
  if (journal < 0) return 0;
  int before = errno;
  char relative[2 * PATH_MAX], parent[PATH_MAX];
  if (name[0] == '/' || directory == AT_FDCWD) {
    snprintf(relative, sizeof relative, "%s%s", name[0] == '/' ? "" : "./", name);
  } else {
    snprintf(relative, sizeof relative, "/proc/self/fd/%d/%s", directory, name);
  }
  for (size_t end = strlen(relative); end > 1 && relative[end - 1] == '/';) relative[--end] = 0;
  char *base = strrchr(relative, '/');
  *base = 0;
  int found = realpath(base == relative ? "/" : relative, parent) != NULL
      && snprintf(path, PATH_MAX, "%s/%s", parent, base + 1) < PATH_MAX && below(path);
  errno = before;
  return found;
}

static int is_there(int directory, const char *name) {
  int before = errno;
  int there = syscall(SYS_faccessat, directory, name, F_OK) == 0;
  errno = before;
  return there;
}

/* ---------------------------------------------------------------- names */

static int opened(int directory, const char *name, int flags, mode_t mode) {
  char path[PATH_MAX];
  int counts = (flags & (O_CREAT | O_TRUNC)) != 0 && path_at(directory, name, path);
  int there = counts && is_there(directory, name);
  int fd = syscall(SYS_openat, directory, name, flags, mode);
  if (fd >= 0 && counts) {
    if (!there) note("file\t%s\t.\n", path);
    else if (flags & O_TRUNC) note("cut\t%s\t0\t.\n", path);
  }
  return fd;
}

#define OPENED(directory, name, flags)                     \
  va_list rest;                                            \
  va_start(rest, flags);                                   \
  mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0; \
  va_end(rest);                                            \
  return opened(directory, name, flags, mode)

int open(const char *name, int flags, ...) { OPENED(AT_FDCWD, name, flags); }
int open64(const char *name, int flags, ...) { OPENED(AT_FDCWD, name, flags); }
int openat(int directory, const char *name, int flags, ...) { OPENED(directory, name, flags); }
int openat64(int directory, const char *name, int flags, ...) { OPENED(directory, name, flags); }

int mkdir(const char *name, mode_t mode) {
  char path[PATH_MAX];
  int made = syscall(SYS_mkdirat, AT_FDCWD, name, mode);
  if (made == 0 && path_at(AT_FDCWD, name, path)) note("folder\t%s\t.\n", path);
  return made;
}

int renameat(int from, const char *old, int to, const char *new) {
  char before[PATH_MAX], after[PATH_MAX];
  int counts = path_at(from, old, before) && path_at(to, new, after);
  int moved = syscall(SYS_renameat2, from, old, to, new, 0);
  if (moved == 0 && counts) note("move\t%s\t%s\t.\n", before, after);
  return moved;
}

int rename(const char *old, const char *new) { return renameat(AT_FDCWD, old, AT_FDCWD, new); }

int link(const char *old, const char *new) {
  char first[PATH_MAX], second[PATH_MAX];
  int linked = syscall(SYS_linkat, AT_FDCWD, old, AT_FDCWD, new, 0);
  if (linked == 0 && path_at(AT_FDCWD, old, first) && path_at(AT_FDCWD, new, second)) {
    note("link\t%s\t%s\t.\n", first, second);
  }
  return linked;
}

int unlinkat(int directory, const char *name, int flags) {
  char path[PATH_MAX];
  int counts = path_at(directory, name, path);
  int gone = syscall(SYS_unlinkat, directory, name, flags);
  if (gone == 0 && counts) note("remove\t%s\t.\n", path);
  return gone;
}

int unlink(const char *name) { return unlinkat(AT_FDCWD, name, 0); }

int rmdir(const char *name) { return unlinkat(AT_FDCWD, name, AT_REMOVEDIR); }

int remove(const char *name) {
  int gone = unlink(name);
  return gone != 0 && errno == EISDIR ? rmdir(name) : gone;
}

/* ---------------------------------------------------------------- content */

int ftruncate(int fd, off_t size) {
  char path[PATH_MAX];
  int cut = syscall(SYS_ftruncate, fd, size);
  if (cut == 0 && journal >= 0 && path_of(fd, path)) note("cut\t%s\t%lld\t.\n", path, (long long)size);
  return cut;
}

int ftruncate64(int fd, off64_t size) { return ftruncate(fd, size); }

static void await_release(void) {
  if (!__atomic_load_n(&control->held, __ATOMIC_ACQUIRE)) return;
  __atomic_fetch_add(&control->waiting, 1, __ATOMIC_SEQ_CST);
  while (__atomic_load_n(&control->held, __ATOMIC_ACQUIRE)) {
    struct timespec moment = {0, 1000000};
    syscall(SYS_nanosleep, &moment, NULL);
  }
  __atomic_fetch_sub(&control->waiting, 1, __ATOMIC_SEQ_CST);
}

/* Its whole content in hexadecimal digits. */
static void small_content(int fd, size_t size, char *digits) {
  unsigned char octets[PAGE];
  /* The descriptor may be one for writing only. */
  char again[64];
  snprintf(again, sizeof again, "/proc/self/fd/%d", fd);
  int reading = syscall(SYS_openat, AT_FDCWD, again, O_RDONLY | O_CLOEXEC, 0);
  if (reading < 0 || syscall(SYS_pread64, reading, octets, size, 0) != (ssize_t)size) abort();
  syscall(SYS_close, reading);
  for (size_t i = 0; i < size; i++) snprintf(digits + 2 * i, 3, "%02x", octets[i]);
}

static int synced(int fd, long call) {
  char path[PATH_MAX], digits[2 * PAGE + 1] = "-";
  struct stat state;
  if (journal < 0 || !path_of(fd, path) || fstat(fd, &state) != 0) return syscall(call, fd);
  if (S_ISDIR(state.st_mode)) {
    int id = __atomic_add_fetch(&last_sync, 1, __ATOMIC_SEQ_CST);
    note("begin\t%d.%d\t%s\t.\n", (int)getpid(), id, path);
    int result = syscall(call, fd);
    if (result == 0) note("end\t%d.%d\t.\n", (int)getpid(), id);
    return result;
  }
  await_release();
  if (fstat(fd, &state) != 0) return -1;
  if (state.st_size > 0 && state.st_size <= PAGE) small_content(fd, state.st_size, digits);
  int result = syscall(call, fd);
  if (result == 0) note("sync\t%s\t%lld\t%s\t.\n", path, (long long)state.st_size, digits);
  return result;
}

int fsync(int fd) { return synced(fd, SYS_fsync); }

int fdatasync(int fd) { return synced(fd, SYS_fdatasync); }
