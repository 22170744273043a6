/* ezmlm-checksub: refuse a message whose sender is in none of some tables of a mailing list.

   runs as   who owns the list
   reads     SENDER, files of the tables
   changes   nothing
   exits     0 he is in one, 100 he is not, and a text on descriptor 1 says so; with -n the other way round; 100 wrong use, 111 trouble
*/

#include <skalibs/buffer.h>
#include <skalibs/strerr.h>

#include "list_environment.h"
#include "list_options.h"
#include "list_words.h"
#include "membership.h"
#include "text.h"

#define USAGE "ezmlm-checksub [-m text] [-nN] dir [table ...]"

static void refuse(struct list const *l, char const *text, bool strangers)
{
  stralloc said = STRALLOC_ZERO;
  if (text) text_add(&said, text);
  else list_say(&said, l, strangers ? "TXT_REJECT_POSTS" : "TXT_ONLY_SUBSCRIBERS", 0);
  text_add(&said, "\n");
  buffer_putflush(buffer_1, said.s, said.len);
}

int main(int argc, char const *const *argv)
{
  struct list l = LIST_ZERO;
  stralloc sender = STRALLOC_ZERO;
  bool strangers = false;
  char const *text = 0;
  struct list_option const options[] = {
    { 'm', OPTION_TEXT, &text, 0 }, { 'n', OPTION_ON, &strangers, 0 }, { 'N', OPTION_OFF, &strangers, 0 }, { 0 }
  };
  PROG = "ezmlm-checksub";
  int const at = list_options(&l, argc, argv, options, LIST_NEEDED, USAGE);
  list_sender(&sender, &l);
  if (membership(&l, argc, argv, at, (struct field){ sender.s, sender.len }) != strangers) return 0;
  refuse(&l, text, strangers);
  return LIST_REFUSED;
}
