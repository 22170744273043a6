#include <fcntl.h>

#include <skalibs/strerr.h>

#include "home.h"
#include "lock.h"
#include "service.h"
#include "text.h"

int service_be_alone(char const *lock)
{
  int fd = open(lock, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd == -1) strerr_diefusys(111, "open ", HOME, "/", lock);
  if (!lock_try(fd)) strerr_dief(111, "another ", PROG, " is running");
  return fd;
}

void service_open(int listeners[], struct service const doors[], size_t count, int flags)
{
  for (size_t i = 0; i < count; i++) {
    listeners[i] = service_listen(doors + i, flags);
    if (listeners[i] == -1) strerr_diefusys(111, "listen on ", HOME, "/", doors[i].path);
  }
}

void service_announce(char const *what, size_t number, struct service const doors[], size_t count)
{
  stralloc line = STRALLOC_ZERO;
  if (number) {
    text_addu(&line, number);
    text_addc(&line, ' ');
  }
  text_add(&line, what);
  text_add(&line, number ? " listen on " : "listens on ");
  for (size_t i = 0; i < count; i++) {
    if (i) text_add(&line, " and ");
    text_add(&line, HOME "/");
    text_add(&line, doors[i].path);
  }
  strerr_warni(text_z(&line));
  stralloc_free(&line);
}

void service_close(int const listeners[], struct service const doors[], size_t count)
{
  for (size_t i = 0; i < count; i++) service_end(doors + i, listeners[i]);
}
