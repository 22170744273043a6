#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/strerr.h>

#include "become.h"
#include "bytes.h"
#include "confine.h"
#include "connection.h"
#include "die.h"
#include "frames.h"
#include "monotonic.h"
#include "passwd.h"
#include "server_file.h"
#include "service.h"
#include "table_changes.h"
#include "table_helper.h"

enum {
  OUT_MAX = 1 << 16,
  QUESTION_SECONDS = 20,      /* whatever a library does: after these we end, and who asks knows that there is no answer */
  READER_SECONDS = 180        /* for who reads many rows to take those that are there */
};

/* ---- who asks ---- */

static long unpack(void *frame, char const *s, size_t len)
{
  return table_frame_unpack(frame, s, len);
}

static char space[2 * TABLE_FRAME_MAX];
static struct { struct frames in; stralloc out; } client = { .in = { .unpack = unpack, .bytes = space, .size = sizeof space } };

/* The next frame. False: he is gone, or asks what nobody understands. */
static bool take(struct table_frame *f)
{
  return frames_next(&client.in, f, 0, FRAMES_NO_DEADLINE);
}

static bool flush(void)
{
  alarm(READER_SECONDS);
  bool const done = service_send(1, client.out.s, client.out.len, monotonic_ms() + 1000 * (int64_t)READER_SECONDS);
  alarm(QUESTION_SECONDS);
  client.out.len = 0;
  return done;
}

static bool say(struct table_frame const *f)
{
  static char frame[TABLE_FRAME_MAX];
  size_t const len = table_frame_pack(frame, f);
  if (!len) return errno = EMSGSIZE, false;
  if (!bytes_addb(&client.out, frame, len)) return errno = ENOMEM, false;
  return client.out.len < OUT_MAX || flush();
}

static bool say_row(struct field text)
{
  if (say(&(struct table_frame){ .word = TABLE_SAYS_ROW, .text = text })) return true;
  if (errno == EMSGSIZE) sql_note("a row of the table is longer than 4096 bytes");
  return false;
}

/* With what was said about it, and else the errno's words; of several that were asked at once, each has the seconds of a question. False: he does not
   hear it. */
static bool say_end(enum sql_result r, uint32_t number)
{
  struct table_frame f = { .word = TABLE_SAYS_DONE, .number = number };
  char const *said = sql_said();
  if (r == SQL_UNFIT) f.word = TABLE_SAYS_UNFIT, f.text = field_of(said);
  if (r == SQL_TROUBLE) f.word = TABLE_SAYS_TROUBLE, f.number = (uint32_t)errno, f.text = field_of(*said ? said : strerror((int)f.number));
  alarm(QUESTION_SECONDS);
  return say(&f);
}

static bool end(enum sql_result r, uint32_t number)
{
  return say_end(r, number) && flush();
}

/* ---- whose it is ---- */

/* Root who asks about somebody's list asks as he: what the list's files say is his word, and what is written is his. */
static bool become_owner(void)
{
  struct passwd const *pw;
  struct stat here;
  if (geteuid() != 0) return true;
  if (stat(".", &here) == -1) return false;
  if (!here.st_uid) return true;
  enum passwd_result const r = passwd_find_uid(&pw, here.st_uid);
  return r != PASSWD_TROUBLE && become(here.st_uid, r == PASSWD_FOUND ? pw->pw_gid : here.st_gid);
}

/* ---- where it is ---- */

static struct table_sql const *table;
static struct sql const *sql;
static struct subdb where;
static struct server_line line;

static void note_fault(char const *file, char const *fault)
{
  char words[256];
  snprintf(words, sizeof words, "%s: %s", file, fault);
  sql_note(words);
  errno = EPROTO;
}

static bool read_file(struct server_file *text, char const *name, char const **fault)
{
  struct server_file_rule const rule = {
    geteuid(), getegid(), "its owner is neither root nor the list's", "its group is not that of the list's owner: chmod 600",
    "others than root and the list's owner may read or change it: chmod 600"
  };
  return server_file_read(text, fault, name, &rule);
}

/* What the file says, or, of -S, who asks. */
static bool find(struct field given)
{
  static struct server_file text;
  char const *fault, *file = "subdb";
  if (given.len) return subdb_parse(&where, &fault, file, given.s, given.len) || (note_fault("-S", fault), false);
  bool found = read_file(&text, file, &fault);
  if (!found && errno == ENOENT) found = read_file(&text, file = "sql", &fault);
  found = found && subdb_parse(&where, &fault, file, text.text, text.len);
  explicit_bzero(&text, sizeof text);
  if (!found) note_fault(file, fault);
  return found;
}

static bool connect_there(enum sql_purpose purpose)
{
  return sql->enter(&line, purpose);
}

/* Nothing else of the file system is written than the directory that a file of SQLite is in. */
static void confine_there(void)
{
  bool const is_file = where.kind == SUBDB_SQLITE;
  char place[SUBDB_LINE_MAX + 1] = ".";
  char const *slash = strrchr(where.database, '/');
  if (slash) memcpy(place, where.database, (size_t)(slash - where.database) + 1), place[slash - where.database + 1] = 0;
  struct confine_path const paths[] = { { "/", CONFINE_READ }, { is_file ? place : 0, CONFINE_READ | CONFINE_WRITE | CONFINE_CHANGE }, { 0 } };
  confine(&(struct confinement){ .paths = paths, .calls = is_file ? CONFINE_NO_SOCKETS : CONFINE_CALLS });
}

static bool open_there(struct field given)
{
  static struct connection_way way;
  if (!become_owner() || !find(given)) return false;
  if (where.kind != table->kind) return note_fault("subdb", "this is the helper of another database"), false;
  line = (struct server_line){ .host = where.host, .socket = where.socket, .port = where.port, .user = where.user,
                               .password = where.password, .database = where.database };
  way = (struct connection_way){ .sql = sql, .connect = connect_there, .is_silent = true };
  connection_use(&way);
  table_changes_in(table, where.table);
  confine_there();
  return true;
}

/* ---- the program ---- */

/* A copy, which stays while others are taken. */
static void keep(struct table_frame *to, struct table_frame const *f, char bytes[TABLE_FRAME_MAX])
{
  size_t const len = table_frame_pack(bytes, f);
  table_frame_unpack(to, bytes, len);
}

/* All changes that come together. */
static bool change(struct table_frame const *first)
{
  static char bytes[TABLE_TOGETHER][TABLE_FRAME_MAX];
  struct table_frame whats[TABLE_TOGETHER], next = *first;
  size_t const more = first->high;
  size_t count = 0;
  if (more >= TABLE_TOGETHER) return false;
  keep(whats, first, bytes[0]);
  while (++count <= more) {
    if (!take(&next) || next.word != whats->word || !field_same(next.table, whats->table)) return false;
    keep(whats + count, &next, bytes[count]);
  }
  enum sql_result const r = table_change(whats, count, say_end);
  return (r != SQL_TROUBLE || say_end(r, 0)) && flush();
}

static bool ask(struct table_frame const *question)
{
  uint32_t number = 0;
  enum sql_result const r = table_ask(question, say_row, &number);
  return end(r, number);
}

static bool do_it(struct table_frame const *what)
{
  return end(table_do(what), 0);
}

static bool (*const answers[TABLE_WORDS])(struct table_frame const *question) = {
  [TABLE_SAYS_FIND] = ask, [TABLE_SAYS_EACH] = ask, [TABLE_SAYS_COUNT] = ask, [TABLE_SAYS_LOG] = ask,
  [TABLE_SAYS_ADD] = change, [TABLE_SAYS_REMOVE] = change,
  [TABLE_SAYS_NOTE] = do_it, [TABLE_SAYS_BEGIN] = do_it, [TABLE_SAYS_COMMIT] = do_it, [TABLE_SAYS_MAKE] = do_it, [TABLE_SAYS_DROP] = do_it
};

static bool answer(struct table_frame const *question)
{
  sql_note("");
  return answers[question->word](question);
}

/* While nobody asks there is no hurry. */
static bool next(struct table_frame *question)
{
  alarm(0);
  if (!take(question) || !answers[question->word]) return false;
  alarm(QUESTION_SECONDS);
  return true;
}

int table_helper_main(int argc, char const *const *argv, struct table_sql const *table_, struct sql const *sql_)
{
  struct table_frame question;
  (void)argv;
  if (argc > 1) strerr_dieusage(100, PROG);
  table = table_;
  sql = sql_;
  clearenv();
  umask(077);
  if (!take(&question) || question.word != TABLE_SAYS_OPEN) strerr_dief(100, "I am started by programs of mailing lists");
  if (!open_there(question.text)) return end(SQL_TROUBLE, 0), 111;
  for (bool heard = end(SQL_DONE, 0); heard && next(&question);) heard = answer(&question);
  return 0;
}
