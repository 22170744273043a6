/* ezmlm-store: keep a post until a moderator, or its author, says that it may go to the list.

   runs as   the list's owner, from the list's .qmail file
   reads     the post on descriptor 0, the list's settings, SENDER
   changes   mod/pending or mod/unconfirmed gets the post; a mail with it is queued
   becomes   ezmlm-send, where the list asks nobody
   exits     0 it is kept and somebody asked, 100 it is refused, 111 later

   The post is on disk before the mail is queued, and gets its execute bit afterwards: what nobody was asked about, since we were
   killed in between, is not sent back to its author when it is old.
*/

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/buffer.h>
#include <skalibs/djbunix.h>
#include <skalibs/sig.h>
#include <skalibs/strerr.h>

#include "address.h"
#include "answer_limit.h"
#include "list_child.h"
#include "list_header.h"
#include "list_mail.h"
#include "list_options.h"
#include "list_sender.h"
#include "list_words.h"
#include "moderation.h"
#include "subscribers.h"
#include "text.h"

#define USAGE "ezmlm-store [-bBcCmMpPrRsSyY] dir"

enum { NAME_TRIES = 5, MODE_ASKED = 0700, QUESTION_WEIGHT = 5 /* with a post, as much as one hundred of them */ };

static struct list list = LIST_ZERO;
static struct mail_header header = MAIL_HEADER_ZERO;
static bool header_only, is_inline, only_moderators, own_approval, confirms;
static bool archives = false, not_archives = false, all_received = false;

static struct list_option const options[] = {
  { 'B', OPTION_ON, &header_only, 0 },         { 'b', OPTION_OFF, &header_only, 0 },
  { 'M', OPTION_ON, &is_inline, 0 },           { 'm', OPTION_OFF, &is_inline, 0 },
  { 'P', OPTION_ON, &only_moderators, "modpostonly" }, { 'p', OPTION_OFF, &only_moderators, 0 },
  { 's', OPTION_ON, &own_approval, 0 },        { 'S', OPTION_OFF, &own_approval, 0 },
  { 'y', OPTION_ON, &confirms, "confirmpost" },    { 'Y', OPTION_OFF, &confirms, 0 },
  { 'c', OPTION_ON, &archives, 0 }, { 'C', OPTION_ON, &not_archives, 0 },
  { 'r', OPTION_ON, &all_received, 0 }, { 'R', OPTION_OFF, &all_received, 0 },
  { 0 }
};

static _Noreturn void become_send(void)
{
  struct list_command c = { .count = 0 };
  list_command_add(&c, list_program("ezmlm-send"));
  if (archives) list_command_add(&c, "-c");
  if (not_archives) list_command_add(&c, "-C");
  if (all_received) list_command_add(&c, "-r");
  list_command_add(&c, list_here(&list));
  list_become(&list, &c);
}

/* ---- who sends, and who is asked ---- */

struct asked {
  stralloc sender;                      /* of the post */
  stralloc moderators;                  /* the table */
  bool is_moderator;                    /* the sender */
  char name[MOD_NAME_MAX];              /* of the file */
  int message;
  stralloc accept, reject;              /* addresses for answers */
};

static void read_sender(struct asked *a)
{
  char const *sender = getenv("SENDER");
  if (!sender) list_die(LIST_REFUSED, &list, "ERR_NOSENDER", 0, 0);
  if (list_sender_is_bounce(field_of(sender))) list_die(LIST_REFUSED, &list, "ERR_BOUNCE", 0, 0);
  list_sender_plain(&a->sender, field_of(sender));
  text_z(&a->sender);
}

/* Who is in the table may approve his own posts; with -s those of others go to the table mod. */
static void find_moderators(struct asked *a)
{
  stralloc found = STRALLOC_ZERO;
  if (!list_setting(&a->moderators, &list, "modpost", 0)) text_set(&a->moderators, "mod");
  struct subscribers *table = subscribers_open(&list, text_z(&a->moderators), 0);
  a->is_moderator = subscribers_have(table, (struct field){ a->sender.s, a->sender.len }, &found);
  subscribers_close(table);
  stralloc_free(&found);
  if (!a->is_moderator && only_moderators) list_die(LIST_REFUSED, &list, "ERR_NO_POST", 0, 0);
  if (!a->is_moderator && own_approval) text_set(&a->moderators, "mod"), text_z(&a->moderators);
}

static char const *mark(void)
{
  return confirms ? "confirm to" : "moderator for";
}

static enum moderation_place place(void)
{
  return confirms ? MOD_UNCONFIRMED : MOD_PENDING;
}

static void refuse_lists_and_loops(void)
{
  struct field value;
  if (mail_header_find(&value, &header, "mailing-list")) list_die(LIST_REFUSED, &list, "ERR_MAILING_LIST", 0, 0);
  if (list_header_marked(&header, &list, mark())) list_die(LIST_REFUSED, &list, "ERR_LOOPING", 0, 0);
}

/* ---- the file ---- */

static char path[MOD_PATH_MAX];

static _Noreturn void storing_failed(char const *identifier)
{
  int e = errno;
  unlink(path);
  errno = e;
  list_die_system(&list, identifier, path);
}

/* A name that no other post has: one process, one second. */
static void create(struct asked *a)
{
  for (int i = 0; i < NAME_TRIES; i++) {
    snprintf(a->name, sizeof a->name, "%llu.%ld", (unsigned long long)time(0), (long)getpid());
    moderation_path(path, place(), a->name);
    a->message = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (a->message != -1) return;
    if (errno != EEXIST) break;
    sleep(1);
  }
  list_die_system(&list, "ERR_CREATE", path);
}

static void write_all(int fd, char const *s, size_t len)
{
  if (allwrite(fd, s, len) < len) storing_failed("ERR_WRITE");
}

static void write_first_lines(struct asked const *a)
{
  stralloc lines = STRALLOC_ZERO;
  text_add(&lines, "Return-Path: <");
  list_sender_written(&lines, (struct field){ a->sender.s, a->sender.len });
  text_add(&lines, ">\nDelivered-To: ");
  text_add(&lines, mark());
  text_addc(&lines, ' ');
  text_addx(&lines, &list.local);
  text_addc(&lines, '@');
  text_addx(&lines, &list.host);
  text_addc(&lines, '\n');
  write_all(a->message, lines.s, lines.len);
  stralloc_free(&lines);
}

static void write_body(int fd)
{
  char block[8192];
  ssize_t r = 1;
  write_all(fd, "\n", 1);
  write_all(fd, header.body_start.s, header.body_start.len);
  while (r > 0) {
    size_t n = buffer_getnofill(buffer_0, block, sizeof block);
    write_all(fd, block, n);
    if (!n) r = buffer_fill(buffer_0);
  }
  if (r == -1) storing_failed("ERR_READ_INPUT");
}

static void sync_file(struct asked const *a)
{
  char directory[MOD_PATH_MAX];
  moderation_path(directory, place(), "");
  int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fsync(a->message) == -1 || fd == -1 || fsync(fd) == -1) storing_failed("ERR_SYNC");
  fd_close(fd);
}

static void store(struct asked *a)
{
  create(a);
  write_first_lines(a);
  write_all(a->message, header.text.s, header.text.len);
  write_body(a->message);
  sync_file(a);
}

/* ---- the question ---- */

static void answer_address(stralloc *to, char const *word, char const *name)
{
  char cookie[COOKIE_LENGTH];
  moderation_cookie(cookie, &list, name);
  text_addx(to, &list.local);
  text_add(to, word);
  text_add(to, name);
  text_addc(to, '.');
  text_addb(to, cookie, sizeof cookie);
  text_addc(to, '@');
  text_addx(to, &list.host);
  text_z(to);
}

/* By an answer to all, a moderator lets this author write from now on. */
static void put_allow(struct asked const *a)
{
  char cookie[COOKIE_LENGTH];
  stralloc to = STRALLOC_ZERO;
  struct field sender = { a->sender.s, a->sender.len }, when = { a->name, strcspn(a->name, ".") };
  size_t at = address_at(sender.s, sender.len);
  if (a->is_moderator || !list_flag(&list, "remote") || at == sender.len) return;
  cookie_make(cookie, cookie_key((struct field){ list.key.s, list.key.len }, "allow"), when, sender, 't');
  text_addx(&to, &list.local), text_add(&to, "-allow-tc.");
  text_addb(&to, when.s, when.len), text_add(&to, ".");
  text_addb(&to, cookie, sizeof cookie), text_add(&to, "-");
  text_addb(&to, sender.s, at), text_add(&to, "=");
  text_addb(&to, sender.s + at + 1, sender.len - at - 1);
  text_add(&to, "@"), text_addx(&to, &list.host);
  list_mail_address("Cc", (struct field){ to.s, to.len });
  stralloc_free(&to);
}

static void put_list_field(char const *name, char const *word, char const *end)
{
  list_mail_add(name);
  list_mail_addx(&list.local);
  list_mail_add(word);
  list_mail_addx(&list.host);
  list_mail_add(end);
}

static void put_who(struct asked const *a)
{
  if (confirms) put_list_field("From: ", "-owner@", "\n");
  else list_mail_address("From", (struct field){ a->reject.s, a->reject.len });
  list_mail_address("Reply-To", (struct field){ a->accept.s, a->accept.len });
  if (confirms) list_mail_address("To", (struct field){ a->sender.s, a->sender.len });
  else {
    put_allow(a);
    put_list_field("To: <", "-moderators@", ">\n");
  }
}

static void put_question(struct asked const *a)
{
  stralloc text = STRALLOC_ZERO, subject = STRALLOC_ZERO;
  char cookie[COOKIE_LENGTH];
  moderation_cookie(cookie, &list, a->name);
  struct list_tags tags = {
    .table = ".", .target = { a->accept.s, a->accept.len }, .confirm = { a->reject.s, a->reject.len },
    .cookie = { cookie, sizeof cookie }, .time = field_of(a->name), .action = field_of(confirms ? "confirm-" : "accept-")
  };
  list_text_needed(&text, &list, confirms ? "post-confirm" : "mod-request", &tags);
  list_say(&subject, &list, confirms ? "SUB_CONFIRM_POST" : "SUB_MODERATE", &tags);
  list_mail_open(&list);
  char const *boundary = list_mail_begin(&list, LIST_MAIL_NOTICE);
  put_who(a);
  list_mail_field(&list, "Subject", (struct field){ subject.s, subject.len });
  moderation_enclose(&list, boundary, &text, &(struct enclosure){ a->message, is_inline, header_only });
  stralloc_free(&text), stralloc_free(&subject);
}

static void put_recipient(void *to, struct field address)
{
  (void)to;
  list_mail_to(address);
}

static void put_envelope(struct asked const *a)
{
  stralloc sender = STRALLOC_ZERO;
  if (confirms) text_addx(&sender, &a->reject);
  else {
    text_addx(&sender, &list.local);
    text_add(&sender, "-return-@");
    text_addx(&sender, &list.host);
  }
  list_mail_sender((struct field){ sender.s, sender.len });
  stralloc_free(&sender);
  if (confirms || a->is_moderator) {
    list_mail_to((struct field){ a->sender.s, a->sender.len });
    return;
  }
  struct subscribers *table = subscribers_open(&list, a->moderators.s, 0);
  subscribers_each(table, (struct subscribers_range){ 0, SUBSCRIBERS_HASHES - 1 }, put_recipient, 0);
  subscribers_close(table);
}

/* An author is whoever a post says that it comes from, and gets all of it back. What must wait comes again from the queue. */
static void wait_for_turn(struct asked const *a)
{
  if (confirms) answer_limit_wait(&list, &(struct answer){ .address = { a->sender.s, a->sender.len }, .posts = ANSWER_POSTS * QUESTION_WEIGHT });
}

static void ask(struct asked *a)
{
  answer_address(&a->accept, confirms ? "-confirm-" : "-accept-", a->name);
  answer_address(&a->reject, confirms ? "-discard-" : "-reject-", a->name);
  put_question(a);
  put_envelope(a);
  if (!list_mail_queued()) {
    unlink(path);
    _exit(LIST_TROUBLE);
  }
  answer_limit_done();
  if (fchmod(a->message, MODE_ASKED) == -1 || fsync(a->message) == -1) list_warn_system(&list, "ERR_CHMOD", path);
}

int main(int argc, char const *const *argv)
{
  PROG = "ezmlm-store";
  static struct asked a = { .message = -1 };
  list_options(&list, argc, argv, options, LIST_NEEDED, USAGE);
  if (!confirms && !list_flag(&list, "modpost")) become_send();
  sig_altignore(SIGPIPE);
  read_sender(&a);
  if (!confirms) find_moderators(&a);
  list_header_read(&header, &list, buffer_0);
  refuse_lists_and_loops();
  wait_for_turn(&a);
  store(&a);
  ask(&a);
  return 0;
}
