/* qlist: subscribe who writes to a list's second address to the list, which is a .qmail file of forwards; or unsubscribe him.

   runs as   whose .qmail files they are
   reads     the message on descriptor 0; NEWSENDER, SENDER, DTLINE; the list's file
   changes   the list's file, under a lock on the file that this program stands in; the queue
   exits     0 done, or nothing to do; 100 wrong use, a message or address of no use, or refused by the queue for good; 111 trouble
*/

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/djbunix.h>
#include <skalibs/sig.h>
#include <skalibs/strerr.h>

#include "addrlist.h"
#include "dir_file.h"
#include "line_message.h"
#include "lock.h"
#include "mail_header.h"
#include "mark.h"
#include "qlist_text.h"
#include "queue_client.h"
#include "replace.h"
#include "respond_judge.h"
#include "rewrite.h"
#include "text.h"

#define USAGE "qlist list@host list-request@host .qmail-list .qmail-list-request .qtemp-list owner [ moreinfo ]"

MARK("qlist");

enum { NEVER = 100, LATER = 111, REQUEST_MAX = 1 << 20, LIST_MAX = 1 << 27, LIST_MODE = 0500 };

static char const *list, *request, *file, *lock_file, *aside, *owner, *more;
static struct mail_header header = MAIL_HEADER_ZERO;
static stralloc body = STRALLOC_ZERO, address = STRALLOC_ZERO;

/* ---- the message ---- */

static void read_header(void)
{
  switch (mail_header_read(&header, buffer_0)) {
    case MAIL_HEADER_OK: return;
    case MAIL_HEADER_TOO_LONG: strerr_dief(NEVER, "the header has more than 1048576 bytes");
    default: strerr_diefusys(LATER, "read message");
  }
}

static void read_body(void)
{
  char block[4096];
  text_addx(&body, &header.body_start);
  for (ssize_t r; (r = buffer_get(buffer_0, block, sizeof block));) {
    if (r < 0 && errno == EPIPE) return;
    if (r < 0) strerr_diefusys(LATER, "read message");
    text_addb(&body, block, (size_t)r);
    if (body.len > REQUEST_MAX) strerr_dief(NEVER, "a message of more than 1048576 bytes is no request");
  }
}

static struct field value_of(char const *name)
{
  struct field value = { "", 0 };
  mail_header_find(&value, &header, name);
  return value;
}

/* Of bounces and of what robots send, nothing is taken for a wish of somebody. */
static bool is_of_a_person(char const *sender)
{
  char const *why;
  return *sender && strcmp(sender, "#@[]") != 0 && respond_judge_header(&why, &header) == RESPOND_ANSWER;
}

/* ---- whose ---- */

/* The first address of the field. */
static bool take_address(char const *name)
{
  static stralloc text = STRALLOC_ZERO;
  static struct addrlist addresses = ADDRLIST_ZERO;
  struct field value = value_of(name);
  text.len = address.len = 0;
  token_unfold(&text, value.s, value.len);
  text_room(&text, 1);
  if (addrlist_parse(&addresses, text.s, text.len) != ADDRLIST_OK) strerr_dief(NEVER, "unable to parse ", name);
  size_t count = addrlist_count(&addresses);
  if (!count) return false;
  rewrite_plain(&address, genalloc_s(struct token const, &addresses.tokens), *addrlist_span(&addresses, count - 1));
  return address.len;
}

static void choose_address(void)
{
  char const *sender = getenv("SENDER");
  if (!take_address("Reply-To") && !take_address("From")) text_set(&address, sender ? sender : line_variable("NEWSENDER"));
  struct field const a = { text_z(&address), address.len };
  if (!qlist_is_fit(a)) strerr_dief(NEVER, "that address cannot be on a list");
  if (!strcasecmp(a.s, list) || !strcasecmp(a.s, request)) strerr_dief(NEVER, "a list cannot be on itself");
}

/* ---- the list ---- */

static void begin_alone(void)
{
  int fd = open(lock_file, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd == -1 || !lock_wait(fd)) strerr_diefusys(LATER, "lock ", lock_file);
}

static void read_list(stralloc *to)
{
  int fd = open(file, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd == -1) strerr_diefusys(LATER, "open ", file);
  if (!dir_file_read_fd(to, fd, LIST_MAX)) strerr_diefusys(LATER, "read ", file);
  fd_close(fd);
}

/* Executable: qmail-local takes no files and programs from it. */
static void write_list(stralloc const *text)
{
  struct replacement r = REPLACEMENT_ZERO;
  if (!replace_begin(&r, file, aside, LIST_MODE) || !replace_write(&r, text->s, text->len) || !replace_commit(&r)) replace_die(&r);
}

/* Whether it was not so before. */
static bool change(bool shall_have)
{
  stralloc before = STRALLOC_ZERO, after = STRALLOC_ZERO;
  begin_alone();
  read_list(&before);
  bool is_new = qlist_edit(&after, (struct field){ before.s, before.len }, (struct field){ address.s, address.len }, shall_have);
  if (is_new) write_list(&after);
  stralloc_free(&before);
  stralloc_free(&after);
  return is_new;
}

/* ---- what is done ---- */

/* Whether its text can be read: a command in base64 is not seen. */
static bool is_readable(void)
{
  struct field encoding = field_trimmed(value_of("Content-Transfer-Encoding"));
  return encoding.len != strlen("base64") || strncasecmp(encoding.s, "base64", encoding.len) != 0;
}

/* What is told of it, behind the address. */
static char const *obey(void)
{
  struct field const text = { body.s, is_readable() ? body.len : 0 };
  enum qlist_wish wish = qlist_wish(text, value_of("Subject"));
  if (wish == QLIST_NOTHING && !is_readable()) return " is where it was: the message cannot be read. Please write plain text.";
  bool shall_have = wish != QLIST_UNSUBSCRIBE, is_new = change(shall_have);
  if (shall_have) return is_new ? " is on the list now." : " is on the list already.";
  return is_new ? " is no longer on the list." : " is not on the list.";
}

/* ---- the answer ---- */

static bool is_dropped(struct field name)
{
  static char const *const dropped[] = { "Content-Type", "Content-Transfer-Encoding", "Content-Length" };
  for (size_t i = 0; i < sizeof dropped / sizeof *dropped; i++)
    if (name.len == strlen(dropped[i]) && !strncasecmp(name.s, dropped[i], name.len)) return true;
  return false;
}

static void put_message(struct queue_client *q, bool whole)
{
  queue_client_puts(q, line_variable("DTLINE"));
  for (size_t i = 0; i < mail_header_count(&header); i++) {
    struct mail_header_field const *f = mail_header_field(&header, i);
    if (whole || !is_dropped(mail_header_name(&header, f))) queue_client_put(q, header.text.s + f->begin, f->end - f->begin);
  }
  queue_client_puts(q, "\n");
  queue_client_put(q, body.s, body.len);
  if (body.len && body.s[body.len - 1] != '\n') queue_client_puts(q, "\n");
}

static void put_help(struct queue_client *q, char const *done)
{
  char const *const words[] = {
    "\n----- The list ", list, " answers (qlist)\n\n", address.s, done, "\n\nTo be on the list, write to ", request,
    "\nwith a line of text that begins with \"subscribe\"; to leave it, with one that begins\nwith \"unsubscribe\". "
    "The address that counts is that of Reply-To, or else that of From.\n", *more ? "\n" : "", more, *more ? "\n" : ""
  };
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) queue_client_puts(q, words[i]);
}

static void tell(char const *done)
{
  static struct queue_client q;
  char const *sender = line_variable("NEWSENDER");
  if (!queue_client_open(&q)) strerr_diefusys(LATER, "fork");
  put_message(&q, !done);
  if (done) put_help(&q, done);
  queue_client_from(&q, sender, strlen(sender));
  queue_client_to(&q, owner, strlen(owner));
  if (done) queue_client_to(&q, address.s, address.len);
  char const *verdict = queue_client_close(&q);
  if (*verdict) strerr_dief(queue_client_end(verdict), verdict + 1);
}

static void read_arguments(int argc, char const *const *argv)
{
  if (argc < 7 || argc > 8) strerr_dieusage(NEVER, USAGE);
  list = argv[1];
  request = argv[2];
  file = argv[3];
  lock_file = argv[4];
  aside = argv[5];
  owner = argv[6];
  more = argc == 8 ? argv[7] : "";
}

int main(int argc, char const *const *argv)
{
  PROG = "qlist";
  read_arguments(argc, argv);
  char const *sender = line_variable("NEWSENDER");
  line_variable("DTLINE");
  sig_altignore(SIGPIPE);
  read_header();
  read_body();
  if (!is_of_a_person(sender)) {
    tell(0);
    return 0;
  }
  choose_address();
  tell(obey());
  return 0;
}
