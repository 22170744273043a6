/* ezmlm-moderate: do with a post that waits what a moderator has answered.

   runs as   the list's owner, from the list's .qmail file for L-accept-... and L-reject-...
   reads     the answer on descriptor 0, SENDER, LOCAL, DEFAULT, the post in mod/pending
   changes   mod/pending, mod/accepted, mod/rejected; runs the command that sends the post, or mails it back
   exits     0 it is decided, 100 the address is not valid or it was decided otherwise, 111 later

   The post is on its way before it is marked, and marked before it goes: killed in between, it is sent once more.
*/

#include <signal.h>
#include <string.h>
#include <strings.h>

#include <skalibs/buffer.h>
#include <skalibs/sig.h>
#include <skalibs/strerr.h>

#include "base64.h"
#include "deciding.h"
#include "line_pieces.h"
#include "list_header.h"
#include "list_options.h"
#include "list_words.h"
#include "quoted_printable.h"
#include "text.h"

#define USAGE "ezmlm-moderate [-cCmMrR] [-t replyto] dir [command ...]"

enum { ANSWER_MAX = 1 << 20 };

static struct list list = LIST_ZERO;
static bool archives, not_archives, all_received, is_inline;
static char const *reply_to;

static struct list_option const options[] = {
  { 'c', OPTION_ON, &archives, 0 }, { 'C', OPTION_ON, &not_archives, 0 },
  { 'm', OPTION_OFF, &is_inline, 0 }, { 'M', OPTION_ON, &is_inline, 0 },
  { 'r', OPTION_ON, &all_received, 0 }, { 'R', OPTION_OFF, &all_received, 0 },
  { 't', OPTION_TEXT, &reply_to, 0 },
  { 0 }
};

/* ---- what the moderator says ---- */

static void read_body(stralloc *to, struct mail_header const *h)
{
  static struct line_pieces lines;
  struct line_piece piece;
  int r = 1;
  line_pieces_begin(&lines, &h->body_start, buffer_0);
  while (to->len < ANSWER_MAX && (r = line_pieces_next(&lines, &piece)) == 1) text_addb(to, piece.s, piece.len);
  if (r == -1) list_die_system(&list, "ERR_READ_INPUT", 0);
  text_z(to);
}

static void cut_white(stralloc *s)
{
  size_t n = 0;
  for (size_t i = 0; i < s->len; i++)
    if (!strchr(" \t\r\n", s->s[i]) || !s->s[i]) s->s[n++] = s->s[i];
  s->len = n;
}

static void decode(stralloc *body, struct field encoding)
{
  size_t decoded;
  if (encoding.len == 16 && !strncasecmp(encoding.s, "quoted-printable", 16)) body->len = quoted_printable_decode(body->s, body->len);
  if (encoding.len != 6 || strncasecmp(encoding.s, "base64", 6) != 0) return;
  cut_white(body);
  body->len -= body->len % 4;
  body->len = base64_decode(body->s, body->len, &decoded) ? decoded : 0;
}

static void read_comment(stralloc *to)
{
  static struct mail_header header = MAIL_HEADER_ZERO;
  stralloc body = STRALLOC_ZERO;
  list_header_read(&header, &list, buffer_0);
  read_body(&body, &header);
  decode(&body, list_header_value(&header, "content-transfer-encoding"));
  moderation_comment(to, (struct field){ body.s, body.len });
  stralloc_free(&body);
}

/* ---- what is done ---- */

static void accept_post(struct list_command const *c, char const *name, int message)
{
  deciding_run(&list, c, message);
  moderation_decided(&list, MOD_ACCEPTED, name);
}

static void reject_post(char const *name, int message)
{
  stralloc comment = STRALLOC_ZERO;
  read_comment(&comment);
  moderation_return(&list, message, &(struct moderation_return){ "mod-reject", reply_to, { comment.s, comment.len }, is_inline });
  moderation_decided(&list, MOD_REJECTED, name);
  stralloc_free(&comment);
}

/* Another moderator was faster. */
static int was_decided(char const *name, bool accepts)
{
  static struct { enum moderation_place place; char const *identifier; bool accepted; } const decisions[] = {
    { MOD_ACCEPTED, "ERR_MOD_ACCEPTED", true }, { MOD_REJECTED, "ERR_MOD_REJECTED", false }
  };
  for (size_t i = 0; i < sizeof decisions / sizeof *decisions; i++) {
    if (deciding_open(&list, decisions[i].place, name) == -1) continue;
    if (decisions[i].accepted != accepts) list_die(LIST_REFUSED, &list, decisions[i].identifier, 0, 0);
    list_inform(&list, decisions[i].identifier, 0);
    return 0;
  }
  list_die(LIST_REFUSED, &list, "ERR_MOD_TIMEOUT", 0, 0);
}

static void command_of(struct list_command *c, char const *const *words)
{
  char const *const otherwise[] = { "ezmlm-send", archives ? "-c" : "", not_archives ? "-C" : "", all_received ? "-r" : "", 0 };
  deciding_command(c, &list, words, otherwise);
}

int main(int argc, char const *const *argv)
{
  PROG = "ezmlm-moderate";
  struct moderation_action action;
  struct list_command command = { .count = 0 };
  int at = list_options(&list, argc, argv, options, LIST_NEEDED, USAGE);
  sig_altignore(SIGPIPE);
  bool accepts = deciding_read(&action, &list, "accept", "reject");
  command_of(&command, argv + at);
  list_lock("mod/lock");
  int message = deciding_open(&list, MOD_PENDING, action.name);
  if (message == -1) return was_decided(action.name, accepts);
  if (accepts) accept_post(&command, action.name, message);
  else reject_post(action.name, message);
  return 0;
}
