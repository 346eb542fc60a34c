/*
 * A FUSE folder with one file, "disk", every write and flush of which is logged in order and with its
 * time. A loop device over it, with direct I/O, is a disk with a volatile write cache: what the log has
 * up to a flush is on the platter after it, what comes later may be or not.
 *
 *   logged-disk MOUNTPOINT IMAGE LOG        IMAGE is there and has the disk's size
 *
 * A record of the log, in the machine's order of octets, times by CLOCK_MONOTONIC:
 *
 *   uint32 magic
 *   uint32 type      1 a write that has ended, 2 a flush begins, 3 a flush has ended
 *   uint64 time      in ns
 *   uint64 offset    in the disk; for a flush its number
 *   uint64 length    then so many octets, for a write
 */
#define FUSE_USE_VERSION 31
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { MAGIC = 0x4b4c4250, WRITE = 1, FLUSH_BEGINS = 2, FLUSH_ENDED = 3 };

struct record {
  uint32_t magic, type;
  uint64_t time, offset, length;
};

static int image, log_file;
static off_t size;

/* Requests come on several threads; the log is in one order. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void note(int type, uint64_t offset, size_t length, const void *octets) {
  struct record record = {MAGIC, type, now(), offset, length};
  struct iovec parts[2] = {{&record, sizeof record}, {(void *)octets, length}};
  if (writev(log_file, parts, length > 0 ? 2 : 1) != (ssize_t)(sizeof record + length)) {
    perror("logged-disk");
    abort();
  }
}

static int on_getattr(const char *path, struct stat *state, struct fuse_file_info *file) {
  (void)file;
  memset(state, 0, sizeof *state);
  if (strcmp(path, "/") == 0) {
    state->st_mode = S_IFDIR | 0755;
    state->st_nlink = 2;
    return 0;
  }
  if (strcmp(path, "/disk") != 0) return -ENOENT;
  state->st_mode = S_IFREG | 0600;
  state->st_nlink = 1;
  state->st_size = size;
  state->st_blocks = size / 512;
  return 0;
}

static int on_readdir(const char *path, void *buffer, fuse_fill_dir_t fill, off_t from,
                      struct fuse_file_info *file, enum fuse_readdir_flags flags) {
  (void)path, (void)from, (void)file, (void)flags;
  fill(buffer, ".", NULL, 0, 0);
  fill(buffer, "..", NULL, 0, 0);
  fill(buffer, "disk", NULL, 0, 0);
  return 0;
}

static int on_open(const char *path, struct fuse_file_info *file) {
  file->keep_cache = 1;
  return strcmp(path, "/disk") == 0 ? 0 : -ENOENT;
}

static int on_read(const char *path, char *octets, size_t count, off_t at,
                   struct fuse_file_info *file) {
  (void)path, (void)file;
  ssize_t got = pread(image, octets, count, at);
  return got < 0 ? -errno : (int)got;
}

static int on_write(const char *path, const char *octets, size_t count, off_t at,
                    struct fuse_file_info *file) {
  (void)path, (void)file;
  pthread_mutex_lock(&lock);
  int written = pwrite(image, octets, count, at) == (ssize_t)count;
  if (written) note(WRITE, at, count, octets);
  pthread_mutex_unlock(&lock);
  return written ? (int)count : -EIO;
}

static int on_fsync(const char *path, int data_only, struct fuse_file_info *file) {
  (void)path, (void)data_only, (void)file;
  static uint64_t last;
  pthread_mutex_lock(&lock);
  uint64_t number = ++last;
  note(FLUSH_BEGINS, number, 0, NULL);
  pthread_mutex_unlock(&lock);
  /* What others write now may overtake the flush. */
  pthread_mutex_lock(&lock);
  note(FLUSH_ENDED, number, 0, NULL);
  pthread_mutex_unlock(&lock);
  return 0;
}

static int on_truncate(const char *path, off_t length, struct fuse_file_info *file) {
  (void)path, (void)file;
  return length == size ? 0 : -EPERM;
}

static const struct fuse_operations operations = {
  .getattr = on_getattr,
  .readdir = on_readdir,
  .open = on_open,
  .read = on_read,
  .write = on_write,
  .fsync = on_fsync,
  .truncate = on_truncate,
};

int main(int count, char **arguments) {
  if (count != 4) {
    fprintf(stderr, "logged-disk MOUNTPOINT IMAGE LOG\n");
    return 2;
  }
  struct stat state;
  image = open(arguments[2], O_RDWR);
  log_file = open(arguments[3], O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
  if (image < 0 || log_file < 0 || fstat(image, &state) != 0) {
    perror("logged-disk");
    return 1;
  }
  size = state.st_size;
  char *fuse[] = {arguments[0], "-f", arguments[1], NULL};
  return fuse_main(3, fuse, &operations, NULL);
}
