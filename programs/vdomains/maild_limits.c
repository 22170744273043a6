#include <string.h>

#include "maild_limits.h"
#include "text.h"
#include "vflags.h"

/* The bits of what is forbidden stand in a limit from a place on. */
static struct { char const *word, *option; enum vlimit which; unsigned shift; bool is_permission; } const words[MAILD_LIMITS] = {
  { "max_popaccounts",          "-P", VLIMIT_MAXPOPACCOUNTS,        0, false },
  { "max_aliases",              "-A", VLIMIT_MAXALIASES,            0, false },
  { "max_forwards",             "-F", VLIMIT_MAXFORWARDS,           0, false },
  { "max_autoresponders",       "-R", VLIMIT_MAXAUTORESPONDERS,     0, false },
  { "max_mailinglists",         "-L", VLIMIT_MAXMAILINGLISTS,       0, false },
  { "disk_quota",               "-Q", VLIMIT_QUOTA,                 0, false },
  { "max_msgcount",             "-M", VLIMIT_MAXMSGCOUNT,           0, false },
  { "default_quota",            "-q", VLIMIT_DEFAULT_QUOTA,         0, false },
  { "default_maxmsgcount",      "-m", VLIMIT_DEFAULT_MAXMSGCOUNT,   0, false },
  { "perm_account",             "-p", VLIMIT_PERM_ACCOUNT,          0, true },
  { "perm_alias",               "-a", VLIMIT_PERM_ALIAS,            0, true },
  { "perm_forward",             "-f", VLIMIT_PERM_FORWARD,          0, true },
  { "perm_autoresponder",       "-r", VLIMIT_PERM_AUTORESPONDER,    0, true },
  { "perm_maillist",            "-l", VLIMIT_PERM_MAILLIST,         0, true },
  { "perm_maillist_users",      "-u", VLIMIT_PERM_MAILLIST,         3, true },
  { "perm_maillist_moderators", "-o", VLIMIT_PERM_MAILLIST,         6, true },
  { "perm_quota",               "-x", VLIMIT_PERM_QUOTA,            0, true },
  { "perm_defaultquota",        "-z", VLIMIT_PERM_DEFAULTQUOTA,     0, true },
};

enum { ALL_DEEDS = 7 };     /* create 1, modify 2, delete 4 */

/* The letters of a digit. False for what is none. */
static bool permission_of(char to[MAILD_LIMIT_SIZE], char const *value)
{
  static char const letters[] = "cmd";
  if (*value < '0' || *value > '0' + ALL_DEEDS || value[1]) return false;
  for (int deed = 0; letters[deed]; deed++)
    if ((*value - '0') >> deed & 1) *to++ = letters[deed];
  *to = 0;
  return true;
}

static char const *take_flag(struct maild_limits *wish, char const *word, char const *value)
{
  uint32_t bit = vflags_of_word(word, strlen(word));
  size_t n = strlen(wish->flags);
  if (!bit) return "unknown option";
  wish->has_flags = true;
  for (struct vflag const *f = vflags; f->bit; f++)
    if (f->bit == bit && strcmp(value, "0") != 0 && n < MAILD_LIMIT_FLAGS && !strchr(wish->flags, f->domain_letter))
      wish->flags[n] = f->domain_letter;
  return 0;
}

char const *maild_limits_take(struct maild_limits *wish, char const *word, char const *value)
{
  size_t i = 0;
  while (i < MAILD_LIMITS && strcmp(words[i].word, word) != 0) i++;
  if (i == MAILD_LIMITS) return take_flag(wish, word, value);
  if (strlen(value) >= MAILD_LIMIT_SIZE) return "that is too long";
  if (!words[i].is_permission) stpcpy(wish->values[i], value);
  else if (!permission_of(wish->values[i], value)) return "what is forbidden is a number from 0 to 7";
  wish->has[i] = true;
  return 0;
}

size_t maild_limits_arguments(char const *to[MAILD_LIMITS_ARGUMENTS], struct maild_limits const *wish)
{
  size_t n = 0;
  for (size_t i = 0; i < MAILD_LIMITS; i++)
    if (wish->has[i]) to[n++] = words[i].option, to[n++] = wish->values[i];
  if (wish->has_flags) to[n++] = "-g", to[n++] = wish->flags;
  return n;
}

static void show(stralloc *to, char const *word, int64_t value)
{
  text_add(to, word);
  text_add(to, value < 0 ? " -" : " ");
  text_addu(to, value < 0 ? (uint64_t)-value : (uint64_t)value);
  text_addc(to, '\n');
}

void maild_limits_show(stralloc *to, struct vlimits const *limits)
{
  for (size_t i = 0; i < MAILD_LIMITS; i++) {
    int64_t value = limits->value[words[i].which];
    show(to, words[i].word, words[i].is_permission ? value >> words[i].shift & ALL_DEEDS : value);
  }
  for (struct vflag const *f = vflags; f->bit; f++)
    if (f->word) show(to, f->word, (limits->flags & f->bit) != 0);
}
