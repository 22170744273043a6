/* The machine's clock as a test wants it: off by the seconds that stand in the file WALL_CLOCK, which may change at any
   time. The clocks that nobody can set stay as they are. */

#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static long off(void)
{
  char text[32] = "";
  char const *path = getenv("WALL_CLOCK");
  int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (fd == -1) return 0;
  if (read(fd, text, sizeof text - 1) == -1) text[0] = 0;
  close(fd);
  return strtol(text, 0, 10);
}

int clock_gettime(clockid_t clock, struct timespec *t)
{
  static int (*real)(clockid_t, struct timespec *);
  if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
  int r = real(clock, t);
  if (r == 0 && clock == CLOCK_REALTIME) t->tv_sec += off();
  return r;
}

time_t time(time_t *to)
{
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  if (to) *to = t.tv_sec;
  return t.tv_sec;
}
