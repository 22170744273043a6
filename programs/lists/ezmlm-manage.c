/* ezmlm-manage: answer what is asked of a mailing list by mail: to be on it, to leave it, for help.

   runs as   who owns the list, from a .qmail file
   reads     DEFAULT, the request; SENDER; the request itself on descriptor 0
   changes   tables of subscribers and their Log, texts; confirms, answers, from; sends one reply through the queue
   exits     0, 100 for what cannot or may not be done, 111 trouble: then nothing was sent, and the request comes again
*/

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/strerr.h>

#include "answer_limit.h"
#include "list_environment.h"
#include "list_header.h"
#include "list_options.h"
#include "manage.h"
#include "manage_change.h"
#include "manage_edit.h"
#include "manage_show.h"
#include "subscribers.h"
#include "text.h"

enum { FROM_MAX = 1000 };             /* bytes of a field From that somebody subscribes with */

#define USAGE "ezmlm-manage [-aAbBcCdDeEfFlLmMnNqQsSuU] dir"

static struct manage m = { .list = LIST_ZERO, .header = MAIL_HEADER_ZERO, .bottom = true, .gets = true, .logs_from = true, .notifies = true,
                           .sub_confirmed = true, .unsub_confirmed = true };

static struct list_option const options[] = {
  { 'a', OPTION_ON, &m.loud, 0 }, { 'A', OPTION_OFF, &m.loud, 0 },
  { 'b', OPTION_ON, &m.bottom, 0 }, { 'B', OPTION_OFF, &m.bottom, "omitbottom" },
  { 'c', OPTION_ON, &m.gets, 0 }, { 'C', OPTION_OFF, &m.gets, 0 },
  { 'e', OPTION_ON, &m.edits, "modcanedit" }, { 'E', OPTION_OFF, &m.edits, 0 },
  { 'd', OPTION_ON, &m.edits, 0 }, { 'D', OPTION_OFF, &m.edits, 0 },
  { 'f', OPTION_ON, &m.logs_from, 0 }, { 'F', OPTION_OFF, &m.logs_from, 0 },
  { 'l', OPTION_ON, &m.lists, "modcanlist" }, { 'L', OPTION_OFF, &m.lists, 0 },
  { 'm', OPTION_ON, &m.unsub_moderated, 0 }, { 'M', OPTION_OFF, &m.unsub_moderated, 0 },
  { 'n', OPTION_ON, &m.notifies, 0 }, { 'N', OPTION_OFF, &m.notifies, 0 },
  { 'q', OPTION_COUNT_NONE, &m.owner, 0 }, { 'Q', OPTION_COUNT_UP, &m.owner, 0 },
  { 's', OPTION_ON, &m.sub_confirmed, 0 }, { 'S', OPTION_OFF, &m.sub_confirmed, "nosubconfirm" },
  { 'u', OPTION_ON, &m.unsub_confirmed, 0 }, { 'U', OPTION_OFF, &m.unsub_confirmed, "nounsubconfirm" },
  { 0 }
};

static struct field all_of(stralloc const *s)
{
  return (struct field){ s->s, s->len };
}

/* ---- what is asked, and by whom ---- */

static void read_request(void)
{
  if (!manage_request_scan(&m.request, field_of(list_default(&m.list))))
    list_die(LIST_REFUSED, &m.list, "ERR_BAD_REQUEST", 0, 0);
  if (m.request.target.s) manage_request_address(&m.target, m.request.target);
  else text_addx(&m.target, &m.sender);
}

/* Leading blanks gone, each line trimmed, joined by one blank; of a longer one the beginning: it is kept in files. */
static void unfold(stralloc *to, struct field value)
{
  bool blank = false;
  for (size_t i = 0; i < value.len && to->len < FROM_MAX; i++) {
    char const c = value.s[i];
    if (c == '\n' || c == '\r') {
      while (to->len && strchr(" \t", to->s[to->len - 1])) to->len--;
      blank = to->len;
    } else if (!((blank || !to->len) && (c == ' ' || c == '\t'))) {
      if (blank) text_add(to, " ");
      blank = false;
      text_addc(to, c ? c : '?');
    }
  }
}

static void read_header(void)
{
  struct field from;
  if (lseek(0, 0, SEEK_SET) == -1 && errno != ESPIPE) list_die_system(&m.list, "ERR_SEEK_INPUT", 0);
  list_header_read(&m.header, &m.list, buffer_0);
  if (mail_header_find(&from, &m.header, "from")) unfold(&m.from, from);
}

/* ---- what gets no answer ---- */

static void refuse_lists_and_loops(void)
{
  struct field list;
  if (mail_header_find(&list, &m.header, "mailing-list")) list_die(LIST_REFUSED, &m.list, "ERR_MAILING_LIST", 0, 0);
  if (list_header_marked(&m.header, &m.list, "responder for")) list_die(LIST_REFUSED, &m.list, "ERR_LOOPING", 0, 0);
}

/* ---- who may ---- */

/* The setting names the table of moderators; an empty one, as the template makes it, means mod. */
static bool read_table_name(char const *setting)
{
  stralloc lines = STRALLOC_ZERO;
  bool const is = list_settings(&lines, &m.list, setting, 0);
  if (is && !m.moderators.len) text_add(&m.moderators, lines.len ? lines.s : "mod");
  stralloc_free(&lines);
  return is;
}

static bool is_secret(enum manage_word word)
{
  return word == WORD_LIST || word == WORD_LISTN || word == WORD_GET || word == WORD_HELP || word == WORD_EDIT || word == WORD_LOG;
}

/* Who gets to see something secret has to be one; who has a say in deny, too. */
static void read_rights(void)
{
  stralloc found = STRALLOC_ZERO;
  m.has_modsub = read_table_name("modsub");
  m.has_remote = read_table_name("remote");
  text_z(&m.moderators);
  if (!m.has_modsub && !m.has_remote) return;
  struct subscribers *s = subscribers_open(&m.list, m.moderators.s, 0);
  bool const secret = is_secret(m.request.word), by_sender = !secret || !strcmp(m.request.table, "deny");
  m.is_moderator = (!by_sender || subscribers_have(s, all_of(&m.sender), &found)) && (!secret || subscribers_have(s, all_of(&m.target), &found));
  subscribers_close(s);
  stralloc_free(&found);
}

static void refuse_strangers(void)
{
  if (list_flag(&m.list, "public") || (m.is_moderator && m.has_remote) || m.request.word == WORD_HELP) return;
  list_die(LIST_REFUSED, &m.list, "ERR_NOT_PUBLIC", 0, 0);
}

/* ---- */

static void (*const does[])(struct manage *m) = {
  [WORD_SUBSCRIBE] = manage_subscribe, [WORD_UNSUBSCRIBE] = manage_unsubscribe, [WORD_CONFIRM] = manage_confirm,
  [WORD_QUERY] = manage_query, [WORD_INFO] = manage_info, [WORD_FAQ] = manage_faq,
  [WORD_HELP] = manage_help, [WORD_UNKNOWN] = manage_help,
  [WORD_LIST] = manage_list, [WORD_LISTN] = manage_list, [WORD_LOG] = manage_log, [WORD_GET] = manage_get,
  [WORD_EDIT] = manage_edit, [WORD_EDITED] = manage_edited,
};

/* What shows something to somebody; the rest has limits of its own (manage_change.c), or needs a cookie. */
static bool is_answer(enum manage_word word)
{
  return word != WORD_SUBSCRIBE && word != WORD_UNSUBSCRIBE && word != WORD_CONFIRM && word != WORD_EDITED;
}

/* Who asks again whether he is on the list may have done something about it. */
static void obey(void)
{
  struct answer answer = { .address = manage_answers(&m) };
  if (m.request.word != WORD_QUERY) answer.request = field_of(list_default(&m.list));
  bool const limited = is_answer(m.request.word);
  if (limited && !answer_limit_may(&m.list, &answer)) return;
  does[m.request.word](&m);
  if (limited) answer_limit_done();
}

int main(int argc, char const *const *argv)
{
  PROG = "ezmlm-manage";
  list_options(&m.list, argc, argv, options, LIST_NEEDED, USAGE);
  m.now = (uint64_t)time(0);
  list_sender_answerable(&m.sender, &m.list);
  read_request();
  read_header();
  refuse_lists_and_loops();
  read_rights();
  refuse_strangers();
  if (list_header_automatic(&m.header)) {
    list_inform(&m.list, "ERR_AUTOMATIC", 0);
    return 0;
  }
  obey();
  return 0;
}
