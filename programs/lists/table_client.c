#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

#include "frames.h"
#include "list_child.h"
#include "list_file.h"
#include "list_words.h"
#include "monotonic.h"
#include "service.h"
#include "table_client.h"
#include "text.h"

enum { ANSWER_MS = 200000 };          /* longer than the helper takes for anything */

static struct {
  int fd;                             /* -1: there is none */
  struct list const *list;
  dev_t device;                       /* the directory it was started in */
  ino_t inode;
  stralloc given;                     /* with what it was opened */
  enum subdb_kind kind;
  struct frames in;
} helper = { .fd = -1, .given = STRALLOC_ZERO };

static _Noreturn void no_answer(struct list const *l, char const *why)
{
  list_die(LIST_TROUBLE, l, "ERR_SUBSCRIBERS", why, 0);
}

/* ---- where they are ---- */

static bool kind_of(enum subdb_kind *kind, char const *file, struct field text, stralloc *why)
{
  static struct subdb where;
  char const *fault;
  bool const is = subdb_parse(&where, &fault, file, text.s, text.len);
  *kind = where.kind;
  explicit_bzero(&where, sizeof where);
  why->len = 0;
  if (!is) text_add(why, file), text_add(why, ": "), text_add(why, fault), text_z(why);
  return is;
}

/* Of a list that has neither file in files. */
static bool kind_said(enum subdb_kind *kind, stralloc *text, stralloc *why)
{
  char const *file = "subdb";
  int r = list_file_read(text, file, LIST_FILE_MAX);
  if (r == 0) r = list_file_read(text, file = "sql", LIST_FILE_MAX);
  *kind = SUBDB_FILES;
  if (r == -1) text_set(why, file), text_add(why, ": "), text_add(why, strerror(errno)), text_z(why);
  return r == 0 || (r == 1 && kind_of(kind, file, (struct field){ text->s, text->len }, why));
}

bool table_kind_try(char const *given, enum subdb_kind *kind, stralloc *why)
{
  stralloc text = STRALLOC_ZERO;
  if (given && *given) return kind_of(kind, "-S", field_of(given), why);
  bool const is = given ? (*kind = SUBDB_FILES, true) : kind_said(kind, &text, why);
  if (text.len) explicit_bzero(text.s, text.len);
  stralloc_free(&text);
  return is;
}

enum subdb_kind table_kind_of(struct list const *l, char const *given)
{
  stralloc why = STRALLOC_ZERO;
  enum subdb_kind kind;
  if (!table_kind_try(given, &kind, &why)) no_answer(l, why.s);
  stralloc_free(&why);
  return kind;
}

/* ---- the helper ---- */

static char const *program_of(enum subdb_kind kind)
{
  static char const *const names[SUBDB_KINDS] = {
    [SUBDB_MYSQL] = "ezmlm-table-mysql", [SUBDB_PGSQL] = "ezmlm-table-pgsql", [SUBDB_SQLITE] = "ezmlm-table-sqlite"
  };
  return list_program(names[kind]);
}

static void be_helper(int fd, enum subdb_kind kind)
{
  char const *const argv[] = { program_of(kind), 0 };
  if (dup2(fd, 0) == -1 || dup2(fd, 1) == -1) _exit(LIST_TROUBLE);
  signal(SIGPIPE, SIG_DFL);
  execv(argv[0], (char *const *)argv);
  list_die_system(0, "ERR_EXECUTE", argv[0]);
}

static long unpack(void *frame, char const *s, size_t len)
{
  return table_frame_unpack(frame, s, len);
}

/* It ends when its socket does, and nobody waits for it. */
static void start(struct list const *l, enum subdb_kind kind)
{
  static char space[2 * TABLE_FRAME_MAX];
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == -1) list_die_system(l, "ERR_FORK", 0);
  pid_t const pid = fork();
  if (pid == -1) list_die_system(l, "ERR_FORK", 0);
  if (pid == 0) be_helper(ends[1], kind);
  fd_close(ends[1]);
  helper.fd = ends[0];
  helper.in = (struct frames){ .unpack = unpack, .bytes = space, .size = sizeof space };
}

static bool hear(struct table_frame *f)
{
  return frames_next(&helper.in, f, helper.fd, monotonic_ms() + ANSWER_MS);
}

/* What is asked, and how it ended, which is behind its rows. False: the helper has gone. */
static bool ask(struct table_frame *f, void (*put)(void *to, struct field text), void *to)
{
  char frame[TABLE_FRAME_MAX];
  size_t const len = table_frame_pack(frame, f);
  bool const sent = len && service_send(helper.fd, frame, len, monotonic_ms() + ANSWER_MS);
  explicit_bzero(frame, sizeof frame);
  if (!sent) return false;
  while (hear(f)) {
    if (f->word != TABLE_SAYS_ROW) return f->word > TABLE_SAYS_ROW;
    if (put) put(to, f->text);
  }
  return false;
}

/* In one piece, of no more than TABLE_TOGETHER. */
static bool send_all(struct table_frame const *questions, size_t count)
{
  static char frames[TABLE_TOGETHER * TABLE_FRAME_MAX];
  size_t len = 0;
  for (size_t i = 0; i < count; i++) {
    size_t const one = table_frame_pack(frames + len, questions + i);
    if (!one) return false;
    len += one;
  }
  return service_send(helper.fd, frames, len, monotonic_ms() + ANSWER_MS);
}

static void text_of_trouble(stralloc *why, bool answered, struct table_frame const *f)
{
  if (answered) text_setb(why, f->text.s, f->text.len);
  else text_set(why, "the helper of the database has gone");
  text_z(why);
}

/* A program may go from list to list. */
static bool is_open(struct stat const *here, enum subdb_kind kind, struct field given)
{
  return helper.fd != -1 && helper.device == here->st_dev && helper.inode == here->st_ino && helper.kind == kind
      && field_same(given, (struct field){ helper.given.s, helper.given.len });
}

bool table_client_try(struct list const *l, enum subdb_kind kind, char const *given, stralloc *why)
{
  struct field const text = given ? field_of(given) : (struct field){ "", 0 };
  struct table_frame f = { .word = TABLE_SAYS_OPEN, .text = text };
  struct stat here;
  if (stat(".", &here) == -1) list_die_system(l, "ERR_STAT", ".");
  helper.list = l;
  if (is_open(&here, kind, text)) return true;
  if (helper.fd != -1) fd_close(helper.fd);
  start(l, kind);
  helper.device = here.st_dev;
  helper.inode = here.st_ino;
  helper.kind = kind;
  text_setb(&helper.given, text.s, text.len);
  bool const answered = ask(&f, 0, 0);
  if (answered && f.word == TABLE_SAYS_DONE) return true;
  text_of_trouble(why, answered, &f);
  fd_close(helper.fd);
  helper.fd = -1;
  return false;
}

void table_client_open(struct list const *l, enum subdb_kind kind, char const *given)
{
  stralloc why = STRALLOC_ZERO;
  if (!table_client_try(l, kind, given, &why)) no_answer(l, why.s);
  stralloc_free(&why);
}

bool table_client_ask_try(struct table_frame *question, stralloc *why)
{
  bool const answered = ask(question, 0, 0);
  bool const is = answered && question->word != TABLE_SAYS_TROUBLE;
  if (!is) text_of_trouble(why, answered, question);
  return is;
}

enum table_word table_client_ask(struct table_frame *question, void (*put)(void *to, struct field text), void *to)
{
  stralloc why = STRALLOC_ZERO;
  bool const answered = ask(question, put, to);
  if (answered && question->word != TABLE_SAYS_TROUBLE) return question->word;
  text_of_trouble(&why, answered, question);
  no_answer(helper.list, why.s);
}

void table_client_ask_all(struct table_frame const *questions, size_t count, void (*told)(void *to, size_t at, struct table_frame const *), void *to)
{
  struct table_frame answer = { .word = TABLE_SAYS_TROUBLE, .text = field_of("") };
  stralloc why = STRALLOC_ZERO;
  bool answered = send_all(questions, count);
  for (size_t i = 0; i < count; i++) {
    answered = answered && hear(&answer) && answer.word >= TABLE_SAYS_DONE;
    if (!answered || answer.word == TABLE_SAYS_TROUBLE) {
      text_of_trouble(&why, answered, &answer);
      no_answer(helper.list, why.s);
    }
    told(to, i, &answer);
  }
}
