#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "home_place.h"
#include "home_swap.h"

enum kind { NOTHING, LINK, HOME_ITSELF };

static enum kind kind_of(struct home_end end)
{
  struct stat st;
  if (fstatat(end.parent, end.name, &st, AT_SYMLINK_NOFOLLOW) == 0) return S_ISLNK(st.st_mode) ? LINK : HOME_ITSELF;
  if (errno != ENOENT) home_trouble("look at ", end.name);
  return NOTHING;
}

/* What an earlier one left under the same name is a link, too. */
bool home_swap_begin(struct home_end to)
{
  home_swap_unlink(to);
  if (symlinkat("being-moved", to.parent, to.name) == 0) return true;
  if (errno != EEXIST) home_trouble("make the link ", to.name);
  return false;
}

/* Where a file system cannot do both at once there is a moment without a home. */
static bool exchange(struct home_end from, struct home_end to)
{
  if (renameat2(from.parent, from.name, to.parent, to.name, RENAME_EXCHANGE) == 0) return true;
  if (errno != EINVAL && errno != ENOSYS) return false;
  return unlinkat(to.parent, to.name, 0) == 0 && renameat(from.parent, from.name, to.parent, to.name) == 0;
}

/* A home that is not there will be made where it is looked for. */
static bool has_moved(struct home_end from, struct home_end to)
{
  switch (kind_of(to)) {
    case LINK: return kind_of(from) == NOTHING ? unlinkat(to.parent, to.name, 0) == 0 : exchange(from, to);
    case NOTHING: return kind_of(from) != HOME_ITSELF || renameat(from.parent, from.name, to.parent, to.name) == 0;
    default: return true;
  }
}

void home_swap_decided(struct home_end from, struct home_end to)
{
  if (!has_moved(from, to)) home_trouble("move the home of ", from.name);
}

void home_swap_unlink(struct home_end end)
{
  if (kind_of(end) == LINK && unlinkat(end.parent, end.name, 0) == -1) home_trouble("remove the link ", end.name);
}
