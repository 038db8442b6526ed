/* Preloaded into a PostgreSQL: each flush to disk takes FLUSH_NS longer, as on a disk that is further away. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <time.h>

static int wait_after(int result) {
  int kept = errno;
  struct timespec left = {FLUSH_NS / 1000000000L, FLUSH_NS % 1000000000L};
  while (nanosleep(&left, &left) != 0 && errno == EINTR) {
  }
  errno = kept;
  return result;
}

int fsync(int fd) {
  static int (*next)(int);
  if (!next) next = dlsym(RTLD_NEXT, "fsync");
  return wait_after(next(fd));
}

int fdatasync(int fd) {
  static int (*next)(int);
  if (!next) next = dlsym(RTLD_NEXT, "fdatasync");
  return wait_after(next(fd));
}
