#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "list_words.h"

/* The letters of ezmlm-make; a letter is asked by its first row, a flag by its own. */
static struct { char letter; char const *name; } const flags[] = {
  { 'a', "archived" }, { 'a', "indexed" }, { 'b', "modgetonly" }, { 'c', "ezmlmrc" }, { 'd', "digest" }, { 'd', "digested" },
  { 'f', "prefix" }, { 'g', "subgetonly" }, { 'h', "nosubconfirm" }, { 'i', "threaded" }, { 'j', "nounsubconfirm" },
  { 'k', "deny" }, { 'l', "modcanlist" }, { 'm', "modpost" }, { 'n', "modcanedit" }, { 'o', "modpostonly" }, { 'p', "public" },
  { 'q', "request" }, { 'r', "remote" }, { 's', "modsub" }, { 't', "addtrailer" }, { 'u', "subpostonly" }, { 'w', "nowarn" },
  { 'x', "mimeremove" }, { 'x', "msgsize" }, { 'y', "confirmpost" },
  { '0', "sublist" }, { '3', "fromheader" }, { '5', "owner" }, { '6', "subdb" }, { '7', "modpost" }, { '8', "modsub" },
  { '9', "remote" },
};

static bool is_there(struct list const *l, char const *name)
{
  struct stat st;
  if (stat(name, &st) == 0) return true;
  if (errno != ENOENT && errno != ENOTDIR) list_die_system(l, "ERR_STAT", name);
  return false;
}

/* DIR/flags speaks for DIR/config too, where there is one. */
static bool is_set(struct list const *l, char letter, char const *name)
{
  stralloc const *said = l->flags.len ? &l->flags : &l->config;
  for (size_t i = 0; i < said->len; i++) {
    if (said->s[i] == letter) return true;
    if (said->s[i] == toupper((unsigned char)letter)) return false;
  }
  return is_there(l, name);
}

bool list_flag(struct list const *l, char const *name)
{
  for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
    if (!strcmp(flags[i].name, name)) return is_set(l, flags[i].letter, name);
  return is_there(l, name);
}

bool list_letter(struct list const *l, char letter)
{
  letter = (char)tolower((unsigned char)letter);
  for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
    if (flags[i].letter == letter) return is_set(l, letter, flags[i].name);
  return true;
}
