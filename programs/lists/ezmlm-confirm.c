/* ezmlm-confirm: do with a post what its author has answered when he was asked whether it is his.

   runs as   the list's owner, from the list's .qmail file for L-confirm-... and L-discard-...
   reads     SENDER, LOCAL, DEFAULT, the post in mod/unconfirmed
   changes   mod/unconfirmed; runs the command that sends or stores the post
   exits     0 it is done, 100 the address is not valid, 111 later
*/

#include <signal.h>

#include <skalibs/sig.h>
#include <skalibs/strerr.h>

#include "deciding.h"
#include "list_options.h"
#include "list_words.h"

#define USAGE "ezmlm-confirm [-cCmMrR] [-t x] dir [command ...]"

static struct list list = LIST_ZERO;
static bool archives, not_archives, all_received;

static struct list_option const options[] = {
  { 'c', OPTION_ON, &archives, 0 }, { 'C', OPTION_ON, &not_archives, 0 },
  { 'm', OPTION_IGNORED, 0, 0 }, { 'M', OPTION_IGNORED, 0, 0 },
  { 'r', OPTION_ON, &all_received, 0 }, { 'R', OPTION_OFF, &all_received, 0 },
  { 't', OPTION_TEXT, &(char const *){ 0 }, 0 },
  { 0 }
};

/* Without one: to the list, past this question; a moderator may be asked still. */
static void command_of(struct list_command *c, char const *const *words)
{
  char const *const otherwise[] = { "ezmlm-store", "-Y", archives ? "-c" : "", not_archives ? "-C" : "", all_received ? "-r" : "", 0 };
  deciding_command(c, &list, words, otherwise);
}

int main(int argc, char const *const *argv)
{
  PROG = "ezmlm-confirm";
  struct moderation_action action;
  struct list_command command = { .count = 0 };
  int at = list_options(&list, argc, argv, options, LIST_NEEDED, USAGE);
  sig_altignore(SIGPIPE);
  bool confirms = deciding_read(&action, &list, "confirm", "discard");
  command_of(&command, argv + at);
  list_lock("mod/confirmlock");
  int message = deciding_open(&list, MOD_UNCONFIRMED, action.name);
  if (message == -1) list_die(LIST_REFUSED, &list, "ERR_MOD_TIMEOUT", 0, 0);
  if (confirms) deciding_run(&list, &command, message);
  moderation_forget(&list, MOD_UNCONFIRMED, action.name);
  return 0;
}
