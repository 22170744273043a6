#include <string.h>

#include "record_fit.h"

static struct { char const *words; enum vcode code; } const too_long[] = {
  { "name", VCODE_USER_TOO_LONG },
  { "password", VCODE_PASSWORD_TOO_LONG },
  { "comment", VCODE_COMMENT_TOO_LONG },
  { "directory", VCODE_DIR_TOO_LONG },
  { "quota", VCODE_QUOTA_TOO_LONG },
  { "clear password", VCODE_CLEAR_TOO_LONG },
};

enum vcode record_fit(struct vpasswd const *record)
{
  struct vpasswd named = *record;
  if (!named.name.len) named.name = (struct field){ "x", 1 };
  if (vpasswd_unfit(&named)) return VCODE_BAD_CHARACTER;
  char const *field = vpasswd_overlong(&named);
  for (size_t i = 0; field && i < sizeof too_long / sizeof *too_long; i++)
    if (strcmp(field, too_long[i].words) == 0) return too_long[i].code;
  return VCODE_OK;
}
