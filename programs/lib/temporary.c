#include <errno.h>
#include <stddef.h>

#include "temporary.h"

static int const soft[] = {
  EINTR, ENOMEM, ETXTBSY, EIO, ETIMEDOUT, EAGAIN, EDEADLK, EBUSY, ENFILE, EMFILE, EFBIG, ENOSPC,
  ENETDOWN, ENETUNREACH, ENETRESET, ECONNABORTED, ECONNRESET, ENOBUFS, ETOOMANYREFS, ECONNREFUSED,
  EHOSTDOWN, EHOSTUNREACH, EUSERS, EDQUOT, ESTALE, ENOLCK
};

bool temporary(int error)
{
  for (size_t i = 0; i < sizeof soft / sizeof *soft; i++)
    if (soft[i] == error) return true;
  return false;
}
