#include <strings.h>

#include <skalibs/strerr.h>

#include "control.h"
#include "new_hash.h"
#include "text.h"

enum { FORMS = 2 };

static char const *const words[FORMS] = { [HASH_YESCRYPT] = "yescrypt", [HASH_SCRAM] = "scram-sha-256" };

static enum hash_form form_read(void)
{
  static stralloc word = STRALLOC_ZERO;
  static struct control const controls[] = { { "passwordhash", CONTROL_LINE, &word, "yescrypt" }, { 0 } };
  control_load_or_die(controls);
  text_z(&word);
  for (int i = 0; i < FORMS; i++)
    if (!strcasecmp(word.s, words[i])) return (enum hash_form)i;
  strerr_dief(111, "control/passwordhash: line 1: ", word.s, ": write yescrypt or scram-sha-256");
}

enum hash_form new_hash_form(void)
{
  static bool is_known;
  static enum hash_form form;
  if (!is_known) form = form_read();
  is_known = true;
  return form;
}

bool new_hash_make(char hash[HASH_SIZE], char const *password, size_t len)
{
  return hash_make(hash, new_hash_form(), password, len);
}
