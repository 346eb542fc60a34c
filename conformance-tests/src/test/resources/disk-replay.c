/*
 * Builds what a power cut would have left on a disk that logged-disk.c has logged.
 *
 *   disk-replay BASE LOG        BASE is the disk as it was when the log began, and goes on with the cuts
 *
 * Commands come on standard input, one a line, and are answered by one line:
 *
 *   index                  how many entries the log has
 *   find TIME              the first entry at that time (ns) or later
 *   time I                 when entry I was made
 *   cut I HOW SEED IMAGE   makes the image as if the power had gone just before entry I; cuts must not go
 *                          back in time. The answer: how many volatile entries there were, and their octets
 *
 * What had been written when a flush began that had ended before I is there. Of the writes after that, the
 * volatile ones, HOW says what is:
 *
 *   none      nothing
 *   all       everything
 *   pages     each 4 KiB by the dice        sectors   each 512 B by the dice
 *   early     the first so many, and the next one torn
 *   late      the second half without the first
 *   journal   everything but one or both of the last two
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAGIC = 0x4b4c4250, WRITE = 1, FLUSH_BEGINS = 2, FLUSH_ENDED = 3 };
enum { PAGE = 4096, SECTOR = 512, LINE = 4096 };

struct record {
  uint32_t magic, type;
  uint64_t time, offset, length;
};

struct entry {
  uint32_t type;
  uint64_t time, offset, length;
  const char *octets;
};

static struct entry *entries;
static size_t count;

/* By entry: so many entries are certainly there when the power goes before it. */
static size_t *certain;

static int base;
static off_t size;

/* So many entries are in the base. */
static size_t applied;

static uint64_t dice;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

/* ---------------------------------------------------------------- the log */

static void *grown(void *array, size_t elements, size_t element) {
  void *larger = realloc(array, elements * element);
  if (larger == NULL) fail("memory");
  return larger;
}

static void read_log(const char *path) {
  struct stat state;
  int file = open(path, O_RDONLY);
  if (file < 0 || fstat(file, &state) != 0) fail(path);
  if (state.st_size == 0) return;
  const char *octets = mmap(NULL, state.st_size, PROT_READ, MAP_SHARED, file, 0);
  if (octets == MAP_FAILED) fail(path);
  const char *end = octets + state.st_size;
  size_t room = 0;
  while (octets + sizeof(struct record) <= end) {
    struct record record;
    memcpy(&record, octets, sizeof record);
    if (record.magic != MAGIC) {
      fprintf(stderr, "%s is not a log\n", path);
      exit(1);
    }
    octets += sizeof record;
    if (count == room) entries = grown(entries, room = room == 0 ? 1 << 16 : 2 * room, sizeof *entries);
    entries[count++] =
        (struct entry){record.type, record.time, record.offset, record.length, octets};
    octets += record.length;
  }
}

static void find_certain(void) {
  certain = grown(NULL, count + 1, sizeof *certain);
  size_t *begun = grown(NULL, count + 1, sizeof *begun);
  certain[0] = 0;
  for (size_t i = 0; i < count; i++) {
    const struct entry *entry = &entries[i];
    certain[i + 1] = certain[i];
    if (entry->type == FLUSH_BEGINS) begun[entry->offset] = i;
    if (entry->type == FLUSH_ENDED && begun[entry->offset] > certain[i]) {
      certain[i + 1] = begun[entry->offset];
    }
  }
  free(begun);
}

/* ---------------------------------------------------------------- dice */

static uint64_t thrown(void) {
  dice ^= dice << 13;
  dice ^= dice >> 7;
  dice ^= dice << 17;
  return dice;
}

static double share(void) { return (thrown() >> 11) / 9007199254740992.0; }

/* ---------------------------------------------------------------- images */

static void put(int file, const struct entry *entry, uint64_t from, uint64_t to) {
  ssize_t length = to - from;
  if (pwrite(file, entry->octets + from, length, entry->offset + from) != length) fail("write");
}

static void put_all(int file, const struct entry *entry) { put(file, entry, 0, entry->length); }

static void put_units(int file, const struct entry *entry, uint64_t unit, double chance) {
  for (uint64_t from = 0; from < entry->length; from += unit) {
    uint64_t to = from + unit < entry->length ? from + unit : entry->length;
    if (share() < chance) put(file, entry, from, to);
  }
}

/* Leaves holes where the base has them. */
static int copy_of_base(const char *path) {
  static char buffer[1 << 20];
  unlink(path);
  int file = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
  if (file < 0 || ftruncate(file, size) != 0) fail(path);
  off_t at = 0;
  while ((at = lseek(base, at, SEEK_DATA)) >= 0 && at < size) {
    off_t end = lseek(base, at, SEEK_HOLE);
    while (at < end) {
      size_t length = end - at < (off_t)sizeof buffer ? (size_t)(end - at) : sizeof buffer;
      ssize_t got = pread(base, buffer, length, at);
      if (got <= 0 || pwrite(file, buffer, got, at) != got) fail(path);
      at += got;
    }
  }
  return file;
}

/* One of the volatile writes: where it stands among so many. */
static void put_as(const char *how, int file, const struct entry *entry, size_t place, size_t among,
                   size_t kept, double chance) {
  if (strcmp(how, "all") == 0) {
    put_all(file, entry);
  } else if (strcmp(how, "pages") == 0) {
    put_units(file, entry, PAGE, chance);
  } else if (strcmp(how, "sectors") == 0) {
    put_units(file, entry, SECTOR, chance);
  } else if (strcmp(how, "early") == 0) {
    if (place < kept) put_all(file, entry);
    if (place == kept) put_units(file, entry, SECTOR, chance);
  } else if (strcmp(how, "late") == 0) {
    if (place >= among / 2) put_all(file, entry);
  } else if (strcmp(how, "journal") == 0) {
    if (place + 2 < among || share() < .5) put_all(file, entry);
  }
}

static void cut(size_t i, const char *how, uint64_t seed, const char *path) {
  size_t from = certain[i];
  if (from < applied) {
    printf("backwards\n");
    return;
  }
  for (; applied < from; applied++) {
    if (entries[applied].type == WRITE) put_all(base, &entries[applied]);
  }
  int file = copy_of_base(path);
  dice = seed * 0x9e3779b97f4a7c15 + i + 1;
  for (int turn = 0; turn < 8; turn++) thrown();
  double chance = .1 + .8 * share();
  size_t among = i - from, kept = thrown() % (among + 1);
  uint64_t octets = 0;
  for (size_t place = 0; place < among; place++) {
    const struct entry *entry = &entries[from + place];
    if (entry->type != WRITE) continue;
    octets += entry->length;
    put_as(how, file, entry, place, among, kept, chance);
  }
  close(file);
  printf("%zu %llu\n", among, (unsigned long long)octets);
}

int main(int number, char **arguments) {
  if (number != 3) {
    fprintf(stderr, "disk-replay BASE LOG\n");
    return 2;
  }
  struct stat state;
  base = open(arguments[1], O_RDWR);
  if (base < 0 || fstat(base, &state) != 0) fail(arguments[1]);
  size = state.st_size;
  read_log(arguments[2]);
  find_certain();
  setvbuf(stdout, NULL, _IOLBF, 0);
  char line[LINE], how[32], path[2048];
  while (fgets(line, sizeof line, stdin) != NULL) {
    size_t i;
    unsigned long long value;
    if (strncmp(line, "index", 5) == 0) {
      printf("%zu\n", count);
    } else if (sscanf(line, "find %llu", &value) == 1) {
      for (i = 0; i < count && entries[i].time < value;) i++;
      printf("%zu\n", i);
    } else if (sscanf(line, "time %zu", &i) == 1 && i < count) {
      printf("%llu\n", (unsigned long long)entries[i].time);
    } else if (sscanf(line, "cut %zu %31s %llu %2047s", &i, how, &value, path) == 4 && i <= count) {
      cut(i, how, value, path);
    } else {
      printf("what?\n");
    }
  }
  return 0;
}
