#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include <skalibs/buffer.h>
#include <skalibs/djbunix.h>

#include "archive.h"
#include "date.h"
#include "line_pieces.h"
#include "list_mail.h"
#include "log_pattern.h"
#include "manage_change.h"
#include "manage_show.h"
#include "number.h"
#include "subscribers.h"
#include "text.h"

static struct subscribers_range const all_files = { 0, SUBSCRIBERS_HASHES - 1 };

static struct field all_of(stralloc const *s)
{
  return (struct field){ s->s, s->len };
}

/* A file, line by line, however long they are. */
static void put_file(struct manage const *m, int fd, char const *name, void (*put)(struct manage const *m, struct line_piece const *piece))
{
  static struct line_pieces pieces;
  char space[BUFFER_INSIZE];
  buffer in;
  struct line_piece piece;
  int r;
  buffer_init(&in, &buffer_read, fd, space, sizeof space);
  line_pieces_begin(&pieces, 0, &in);
  while ((r = line_pieces_next(&pieces, &piece)) == 1) put(m, &piece);
  if (r == -1) list_die_system(&m->list, "ERR_READ", name);
}

/* ---- texts ---- */

static void show_text(struct manage *m, char const *text, char const *subject, struct field to)
{
  struct reply const r = reply_about(m, text, subject, to);
  reply_with(m, &r, text);
}

static bool is_for_sender(struct manage const *m)
{
  switch (m->request.word) {
    case WORD_HELP: return !m->is_moderator;
    case WORD_UNKNOWN: return true;
    case WORD_QUERY: return m->is_moderator;
    default: return false;
  }
}

struct field manage_answers(struct manage const *m)
{
  return all_of(is_for_sender(m) ? &m->sender : &m->target);
}

void manage_query(struct manage *m)
{
  stralloc found = STRALLOC_ZERO;
  manage_target_needed(m);
  struct subscribers *s = subscribers_open(&m->list, m->request.table, 0);
  bool const is = subscribers_have(s, all_of(&m->target), &found);
  subscribers_close(s);
  stralloc_free(&found);
  show_text(m, is ? "sub-nop" : "unsub-nop", "SUB_STATUS", manage_answers(m));
}

void manage_info(struct manage *m)
{
  manage_target_needed(m);
  show_text(m, "info", "SUB_INFO", manage_answers(m));
}

void manage_faq(struct manage *m)
{
  manage_target_needed(m);
  show_text(m, "faq", "SUB_FAQ", manage_answers(m));
}

void manage_help(struct manage *m)
{
  bool const moderator = m->is_moderator && m->request.word == WORD_HELP;
  struct reply r = moderator ? reply_about(m, "mod-help", "SUB_MOD_HELP", manage_answers(m))
                             : reply_about(m, "help", "SUB_HELP", manage_answers(m));
  r.from_return = true;
  reply_begin(m, &r);
  if (moderator) reply_text(m, &r, "mod-help");
  reply_text(m, &r, "help");
  reply_end(m, &r);
  list_mail_to(r.to);
  list_mail_close();
}

/* ---- what moderators may see ---- */

void manage_moderator_needed(struct manage const *m, bool available)
{
  if (!available) list_die(LIST_REFUSED, &m->list, "ERR_NOT_AVAILABLE", 0, 0);
  if (!m->is_moderator) list_die(LIST_REFUSED, &m->list, "ERR_NOT_ALLOWED", 0, 0);
}

static void put_address(void *to, struct field address)
{
  (void)to;
  list_mail_put(address.s, address.len);
  list_mail_add("\n");
}

void manage_list(struct manage *m)
{
  bool const count_only = m->request.word == WORD_LISTN;
  stralloc sum = STRALLOC_ZERO;
  manage_moderator_needed(m, m->lists && (m->has_modsub || m->has_remote));
  struct reply const r = reply_about(m, count_only ? "listn" : "list", "SUB_LIST", all_of(&m->target));
  struct subscribers *s = subscribers_open(&m->list, m->request.table, 0);
  reply_begin(m, &r);
  uint64_t const count = subscribers_each(s, all_files, count_only ? 0 : put_address, 0);
  text_add(&sum, "\n"), text_addu(&sum, count), text_add(&sum, " ");
  list_say(&sum, &m->list, "TXT_LISTMEMBERS", &r.tags);
  text_add(&sum, "\n");
  list_mail_addx(&sum);
  reply_end(m, &r);
  list_mail_to(r.to);
  list_mail_close();
  subscribers_close(s);
  stralloc_free(&sum);
}

/* "20 Nov 2025 20:00:00 -0000: 1763668800 +manual joe@example.org" */
static void put_log_line(struct field line)
{
  stralloc date = STRALLOC_ZERO;
  uint64_t when;
  if (number_scan(line.s, line.len, &when)) {
    while (!date_header(&date, (time_t)(when >> 40 ? 0 : when))) memory_gone();
    text_add(&date, ": ");
  }
  list_mail_addx(&date);
  list_mail_put(line.s, line.len);
  stralloc_free(&date);
}

static void put_matching(void *manage, struct field line)
{
  struct manage const *m = manage;
  if (log_pattern_in((struct field){ line.s, line.len - 1 }, m->request.argument)) put_log_line(line);
}

static void put_if_asked_for(struct manage const *m, struct line_piece const *piece)
{
  if (piece->begins && piece->ends) put_matching((void *)m, (struct field){ piece->s, piece->len });
}

static int open_log(struct manage const *m)
{
  stralloc path = STRALLOC_ZERO;
  text_add(&path, m->request.table), text_add(&path, *m->request.table ? "/Log" : "Log");
  int const fd = open(text_z(&path), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd == -1 && errno != ENOENT) list_die_system(&m->list, "ERR_OPEN", path.s);
  if (fd == -1) list_die_missing(&m->list, path.s);
  stralloc_free(&path);
  return fd;
}

/* Where subscribers are in a database their log is as well. */
void manage_log(struct manage *m)
{
  manage_moderator_needed(m, m->lists && m->has_remote);
  struct subscribers *s = subscribers_open(&m->list, m->request.table, 0);
  bool const elsewhere = subscribers_are_elsewhere(s);
  int const fd = elsewhere ? -1 : open_log(m);
  struct reply const r = reply_about(m, "log", m->request.argument.len ? "SUB_LOG_SEARCH" : "SUB_LOG", all_of(&m->target));
  reply_begin(m, &r);
  if (elsewhere) subscribers_log(s, put_matching, m);
  else put_file(m, fd, "Log", put_if_asked_for), fd_close(fd);
  reply_end(m, &r);
  list_mail_to(r.to);
  list_mail_close();
  subscribers_close(s);
}

/* ---- one post, for who has no ezmlm-get before us ---- */

/* Who gets the post has to be one who may, whoever it was that asked: senders are easily forged. */
static bool may_get(struct manage const *m)
{
  static char const *const tables[] = { ".", "digest", "allow" };
  stralloc found = STRALLOC_ZERO;
  bool is = !list_flag(&m->list, "subgetonly");
  if (list_flag(&m->list, "modgetonly")) return m->is_moderator;
  for (size_t i = 0; i < sizeof tables / sizeof *tables && !is; i++) {
    struct subscribers *s = subscribers_open(&m->list, tables[i], 0);
    is = subscribers_have(s, all_of(&m->target), &found);
    subscribers_close(s);
  }
  stralloc_free(&found);
  return is;
}

/* The post of that number, if it is complete; -1: there is none. */
static int open_post(struct manage const *m)
{
  char path[ARCHIVE_PATH_MAX];
  uint64_t number;
  struct stat st;
  if (!number_scan(m->request.argument.s, m->request.argument.len, &number)) return -1;
  archive_post(path, number);
  int const fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd == -1 && errno != ENOENT && errno != ENOTDIR) list_die_system(&m->list, "ERR_OPEN", path);
  if (fd == -1) return -1;
  if (fstat(fd, &st) == -1) list_die_system(&m->list, "ERR_STAT", path);
  if (S_ISREG(st.st_mode) && st.st_mode & S_IXUSR) return fd;
  fd_close(fd);
  return -1;
}

static void put_quoted(struct manage const *m, struct line_piece const *piece)
{
  (void)m;
  if (piece->begins) list_mail_add("> ");
  list_mail_put(piece->s, piece->len);
}

void manage_get(struct manage *m)
{
  if (!m->gets) list_die(LIST_REFUSED, &m->list, "ERR_NOT_AVAILABLE", 0, 0);
  if (!list_flag(&m->list, "archived")) list_die(LIST_REFUSED, &m->list, "ERR_NOT_ARCHIVED", 0, 0);
  if (!may_get(m)) list_die(LIST_REFUSED, &m->list, "ERR_NOT_ALLOWED", 0, 0);
  manage_target_needed(m);
  int const fd = open_post(m);
  struct reply const r = reply_about(m, fd == -1 ? "get-bad" : "get", "SUB_GET_MSG", all_of(&m->target));
  reply_begin(m, &r);
  if (fd == -1) reply_text(m, &r, "get-bad");
  else put_file(m, fd, "archive", put_quoted), fd_close(fd);
  reply_end(m, &r);
  list_mail_to(r.to);
  list_mail_close();
}
