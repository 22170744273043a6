/* ezmlm-gate: send a post to the list at once, or keep it for a moderator: as commands decide, or whether its sender is in a table.

   runs as   the list's owner, from the list's .qmail file
   reads     SENDER, the file of commands; the post is on descriptor 0 for all that run
   changes   nothing itself
   exits     as ezmlm-send or ezmlm-store: 0, 100, 111
*/

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/strerr.h>

#include "list_child.h"
#include "list_options.h"
#include "list_sender.h"
#include "list_words.h"
#include "subscribers.h"
#include "text.h"

#define USAGE "ezmlm-gate [-cCmMpPrRsSyYQ] [-q file] [-0] dir [table ...]"

/* Letters that are passed on, each as it was given; rest: to ezmlm-send as well. */
struct passed { char const *option; bool to_send, given; };
static struct passed passed[] = {
  { "-c", true, false }, { "-C", true, false }, { "-r", true, false }, { "-R", true, false }, { "-m", false, false }, { "-M", false, false },
  { "-p", false, false }, { "-P", false, false }, { "-s", false, false }, { "-S", false, false }, { "-y", false, false }, { "-Y", false, false }
};
enum { PASSED = sizeof passed / sizeof *passed };

static struct list list = LIST_ZERO;
static char const *commands;
static bool only_shows;

static struct list_option const options[] = {
  { 'c', OPTION_ON, &passed[0].given, 0 }, { 'C', OPTION_ON, &passed[1].given, 0 },
  { 'r', OPTION_ON, &passed[2].given, 0 }, { 'R', OPTION_ON, &passed[3].given, 0 },
  { 'm', OPTION_ON, &passed[4].given, 0 }, { 'M', OPTION_ON, &passed[5].given, 0 },
  { 'p', OPTION_ON, &passed[6].given, 0 }, { 'P', OPTION_ON, &passed[7].given, 0 },
  { 's', OPTION_ON, &passed[8].given, 0 }, { 'S', OPTION_ON, &passed[9].given, 0 },
  { 'y', OPTION_ON, &passed[10].given, 0 }, { 'Y', OPTION_ON, &passed[11].given, 0 },
  { 'q', OPTION_TEXT, &commands, 0 }, { 'Q', OPTION_IGNORED, 0, 0 },
  { '0', OPTION_ON, &only_shows, 0 },
  { 0 }
};

enum decision { SEND, STORE, GO_ON };

/* ---- what commands say ---- */

static enum decision decision_of(int code)
{
  switch (code) {
    case 0: return GO_ON;
    case LIST_STOP: return SEND;
    case LIST_REFUSED: return STORE;
    case LIST_TROUBLE: list_die(LIST_TROUBLE, &list, "ERR_CHILD_TEMP", 0, 0);
    default: list_die(LIST_REFUSED, &list, "ERR_CHILD_FATAL", 0, 0);
  }
}

static void rewind_post(void)
{
  if (lseek(0, 0, SEEK_SET) == -1) list_die_system(&list, "ERR_SEEK_INPUT", 0);
}

static enum decision ask_commands(void)
{
  stralloc lines = STRALLOC_ZERO;
  enum decision d = GO_ON;
  if (!commands) return GO_ON;
  if (!list_settings(&lines, &list, commands, 0) || !lines.len) return commands = 0, GO_ON;
  for (size_t at = 0; at < lines.len && d == GO_ON; at += strlen(lines.s + at) + 1) {
    struct list_command c = { .count = 0 };
    char const *const line[] = { lines.s + at, 0 };
    list_command_given(&c, line);
    rewind_post();
    d = decision_of(list_run(&list, &c, 0));
  }
  rewind_post();
  stralloc_free(&lines);
  return d;
}

/* ---- what tables say ---- */

static enum decision ask_tables(char const *const *tables)
{
  stralloc sender = STRALLOC_ZERO, found = STRALLOC_ZERO;
  char const *given = getenv("SENDER");
  bool is_in = false;
  if (!*tables) return commands ? SEND : STORE;
  if (!given) list_die(LIST_REFUSED, &list, "ERR_NOSENDER", 0, 0);
  list_sender_plain(&sender, field_of(given));
  for (; *tables && !is_in; tables++) {
    struct subscribers *table = subscribers_open(&list, *tables, 0);
    is_in = subscribers_have(table, (struct field){ sender.s, sender.len }, &found);
    subscribers_close(table);
  }
  stralloc_free(&sender), stralloc_free(&found);
  return is_in ? SEND : STORE;
}

/* ---- the program ---- */

static void show(struct list_command const *c)
{
  stralloc line = STRALLOC_ZERO;
  for (unsigned i = 0; i < c->count; i++) {
    if (i) text_addc(&line, ' ');
    text_add(&line, c->words[i]);
  }
  strerr_warni(text_z(&line));
}

int main(int argc, char const *const *argv)
{
  PROG = "ezmlm-gate";
  struct list_command c = { .count = 0 };
  int at = list_options(&list, argc, argv, options, LIST_NEEDED, USAGE);
  enum decision d = ask_commands();
  if (d == GO_ON) d = ask_tables(argv + at);
  list_command_add(&c, list_program(d == SEND ? "ezmlm-send" : "ezmlm-store"));
  for (unsigned i = 0; i < PASSED; i++)
    if (passed[i].given && (passed[i].to_send || d == STORE)) list_command_add(&c, passed[i].option);
  list_command_add(&c, list_here(&list));
  if (only_shows) return show(&c), 0;
  return list_child_verdict(&list, list_run(&list, &c, 0));
}
