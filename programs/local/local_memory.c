#include <sys/resource.h>

#include "local_limits.h"
#include "local_memory.h"

static struct rlimit as_found = { RLIM_INFINITY, RLIM_INFINITY };

void memory_limit(void)
{
  if (getrlimit(RLIMIT_DATA, &as_found) == -1 || as_found.rlim_cur <= LOCAL_MEMORY_MAX) return;
#ifndef __SANITIZE_ADDRESS__
  struct rlimit limit = { LOCAL_MEMORY_MAX, as_found.rlim_max };
  setrlimit(RLIMIT_DATA, &limit);
#endif
}

void memory_unlimit(void)
{
  setrlimit(RLIMIT_DATA, &as_found);
}
